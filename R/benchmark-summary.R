# Summaries of benchmarks: slowdown by chunks and speedup by cores; what to do is said by benchmark-advice.R.

#' Summaries of benchmarks
#'
#' @param object What [benchmark_threading()] or [benchmark_reference()] has returned.
#' @param reference What [benchmark_reference()] has returned for the same model, or `NULL`. The recommendation rests on
#'   the plain loop that the study itself has timed in turns with its runs: a reference of another call met another
#'   moment of the machine. If they differ by more than 10 % the recommendation says so.
#' @param ... Unused.
#'
#' @return A data frame of class `summary.skeinbenchmark`, in the order of `grainsize`, `iter`, `cores`, with columns
#'   `grainsize`, `iter`, `cores`, `num_leapfrog`, `runtime` (seconds of one run, the median),
#'   `runtime_single` (that with one core and the same grainsize and iterations; `NA` where it was not measured),
#'   `chunks` (tasks that the rows are really cut into: chunks are made of whole tiles of some 256 rows, and of at least
#'   N / 256 rows, so that fine grainsizes may come to the same), `slowdown` (runtime over that with the fewest chunks,
#'   the same cores and iterations), `speedup` (`runtime_single / runtime`) and `us_per_leapfrog` (microseconds of one
#'   leapfrog step). For references: `iter`, `num_leapfrog`, `runtime`, `us_per_leapfrog`. Attribute `recommendation`
#'   says in words, by the runs with the most iterations, whether chunks cost and threads pay, and which
#'   [threading()] to use. It compares the fastest runs of the same turn, and gives the median of these ratios over the
#'   turns with its 95 % interval (from the binomial distribution); so it may differ a little from the columns, which
#'   are ratios of medians. For speedups it also says what the machine gave to as many independent runs at once.
#'
#' @examples
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' scaling <- benchmark_threading(fit, cores = 1:2, grainsize = 59, iter = 10)
#' summary(scaling, reference = benchmark_reference(fit, iter = 10))
#' @export
summary.skeinbenchmark <- function(object, reference = NULL, ...) {
  stop_unused(...)
  check_benchmark(object)
  out <- benchmark_table(object)
  reference <- reference_table(reference)
  advice <- c(
    doubtful_spread(attr(object, "spread")),
    if (!is_reference(object)) recommend_threads(object, out, reference)
  )
  class <- c("summary.skeinbenchmark", "data.frame")
  structure(out, class = class, study = attr(object, "study"), recommendation = as.character(advice))
}

is_reference <- function(x) !"cores" %in% names(x)

usable_of <- function(x) attr(x, "study")$machine$usable

# Scripts may have changed columns: what is needed must still be there.
check_benchmark <- function(x) {
  needed <- c("iter", "num_leapfrog", "runtime", if (!is_reference(x)) "grainsize")
  missing <- setdiff(needed, names(x))
  if (length(missing) || is.null(attr(x, "study"))) {
    lacks <- if (length(missing)) paste0(": it lacks ", paste(missing, collapse = ", ")) else ""
    skein_stop(c(
      "This is not the whole result of a benchmark{lacks}.", i = "Give what {.fn benchmark_threading} has returned."
    ))
  }
}

# NULL, or the reference as a data frame with numeric iter and us_per_leapfrog.
reference_table <- function(reference) {
  if (is.null(reference)) {
    return(NULL)
  }
  if (!is.data.frame(reference) || !all(c("iter", "num_leapfrog", "runtime") %in% names(reference))) {
    skein_stop("{.arg reference} must be made by {.fn benchmark_reference}, not {describe_value(reference)}.")
  }
  out <- data.frame(
    iter = as.double(as.character(reference$iter)), num_leapfrog = reference$num_leapfrog, runtime = reference$runtime
  )
  out$us_per_leapfrog <- 1e6 * out$runtime / out$num_leapfrog
  out
}

benchmark_table <- function(x) {
  if (is_reference(x)) {
    return(reference_table(x))
  }
  out <- data.frame(
    grainsize = x$grainsize, iter = x$iter, cores = x$cores, num_leapfrog = x$num_leapfrog, runtime = x$runtime
  )
  out$runtime_single <- matching_runtime(out, out$cores == 1, c("grainsize", "iter"))
  out$chunks <- attr(x, "study")$chunks
  fewest <- out$chunks == stats::ave(out$chunks, paste(out$iter, out$cores), FUN = min)
  out$slowdown <- out$runtime / matching_runtime(out, fewest, c("cores", "iter"))
  out$speedup <- out$runtime_single / out$runtime
  out$us_per_leapfrog <- 1e6 * out$runtime / out$num_leapfrog
  out <- out[order(out$grainsize, out$iter, out$cores), ]
  rownames(out) <- NULL
  out
}

# For each row the runtime of the first of `rows` that has the same values of `keys`, or NA.
matching_runtime <- function(table, rows, keys) {
  key <- do.call(paste, table[keys])
  table$runtime[rows][match(key, key[rows])]
}

count_of <- function(n, what) paste0(n, " ", what, if (n != 1) "s")

#' @export
print.summary.skeinbenchmark <- function(x, digits = 3, ...) {
  study <- attr(x, "study")
  shown <- as.data.frame(unclass(x), stringsAsFactors = FALSE)
  for (name in setdiff(names(shown), c("grainsize", "iter", "cores", "num_leapfrog", "chunks"))) {
    shown[[name]] <- signif(shown[[name]], digits)
  }
  if (!is.null(study)) cat("Runs of one chain, ", study_text(study), ":\n", sep = "")
  beyond <- if (!is.null(study) && !is.null(shown$cores)) shown$cores > study$machine$usable else FALSE
  if (any(beyond)) shown$cores <- paste0(shown$cores, ifelse(beyond, "*", " "))
  # Ten columns that wrap are hard to read.
  before <- options(width = max(110, getOption("width")))
  on.exit(options(before))
  print(shown, row.names = FALSE, ...)
  if (any(beyond)) cat("* more than the machine gives\n")
  advice <- attr(x, "recommendation")
  if (length(advice)) cat("\n", paste0(strwrap(advice, 80, exdent = 2), "\n"), sep = "")
  invisible(x)
}
