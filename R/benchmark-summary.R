# Summaries of benchmarks: slowdown by chunks, speedup by cores, and what to do, in words.

#' Summaries of benchmarks
#'
#' @param object What [benchmark_threading()] or [benchmark_reference()] has returned.
#' @param reference What [benchmark_reference()] has returned for the same model, with which the recommendation
#'   compares; or `NULL`.
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
#'   [threading()] to use.
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
    if (!is_reference(object)) recommend_threads(out, reference, usable_of(object))
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
  fewest <- out$chunks == stats::ave(out$chunks, out$iter, out$cores, FUN = min)
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

# Sentences, from the runs with the most iterations.
recommend_threads <- function(table, reference, usable) {
  iter <- max(table$iter)
  longest <- table[table$iter == iter, ]
  nearest <- which.min(abs(reference$iter - iter))
  plain <- if (!is.null(reference)) reference$us_per_leapfrog[nearest]
  c(
    doubtful_length(table),
    say_chunks(longest),
    say_reference(longest, plain),
    say_cores(longest, plain, usable)
  )
}

percent <- function(ratio) paste0(formatC(100 * abs(ratio - 1), digits = 1, format = "f"), "%")

signed_percent <- function(ratio) paste0(if (ratio < 0.9995) "-" else "+", percent(ratio))

# Quartiles of a quiet machine's times lie within a few per cent.
doubtful_spread <- function(spread) {
  ratio <- stats::median(spread$upper / spread$lower)
  if (ratio < 1.25) {
    return(NULL)
  }
  paste0(
    "The machine was busy: quartiles of the same run are ", percent(ratio),
    " apart. Whatever follows from these times is better measured again."
  )
}

# Runs are long enough when twice as many iterations cost as much per step.
doubtful_length <- function(table) {
  if (length(unique(table$iter)) < 2) {
    return(NULL)
  }
  by_iter <- stats::aggregate(us_per_leapfrog ~ iter, table, stats::median)
  by_iter <- by_iter[order(-by_iter$iter), ]
  ratio <- by_iter$us_per_leapfrog[2] / by_iter$us_per_leapfrog[1]
  if (abs(log(ratio)) < log(1.1)) {
    return(NULL)
  }
  paste0(
    "Runs of ", by_iter$iter[2], " and of ", by_iter$iter[1], " iterations differ by ", percent(ratio),
    " per leapfrog step: the times are not to be trusted yet. Measure longer runs, on a quiet machine."
  )
}

say_chunks <- function(table) {
  fewest_cores <- table[table$cores == min(table$cores), ]
  if (length(unique(fewest_cores$chunks)) < 2) {
    return(NULL)
  }
  most <- fewest_cores[which.max(fewest_cores$chunks), ]
  cost <- if (most$slowdown < 1.02) "costs next to nothing" else "costs"
  paste0(
    "Cutting the rows into ", most$chunks, " chunks instead of ", min(fewest_cores$chunks), " ", cost, " (",
    signed_percent(most$slowdown), " per leapfrog step on ", count_of(most$cores, "core"), ")."
  )
}

say_reference <- function(table, plain) {
  single <- table$us_per_leapfrog[table$cores == 1]
  if (is.null(plain) || length(single) == 0) {
    return(NULL)
  }
  ratio <- min(single) / plain
  paste0(
    "Threads switched on, one core takes ", signif(min(single), 3), " us per leapfrog step; the plain loop takes ",
    signif(plain, 3), " us (", signed_percent(ratio), ")."
  )
}

# The fewest cores that come within 5 % of the fastest, if they gain 10 % at least over one thread or the plain loop.
say_cores <- function(table, plain, usable) {
  table <- table[table$cores <= usable, ]
  best <- do.call(rbind, lapply(split(table, table$cores), function(x) x[which.min(x$runtime), ]))
  single <- c(plain, best$us_per_leapfrog[best$cores == 1])
  if (NROW(best) < 2 || length(single) == 0) {
    return(NULL)
  }
  chosen <- best[which(best$runtime <= 1.05 * min(best$runtime))[1], ]
  speedup <- min(single) / chosen$us_per_leapfrog
  if (chosen$cores == 1 || speedup < 1.1) {
    return(paste0(
      "Threads do not pay for this model here: leave them off and give cores to chains (cores = chains)."
    ))
  }
  c(
    paste0(
      "Use threads = ", say_threading(chosen, table), ": ", signif(speedup, 3), " times as fast as one core, ",
      round(100 * speedup / chosen$cores), "% of what ", chosen$cores, " cores could give."
    ),
    if (speedup < 0.75 * chosen$cores) {
      "As long as chains are waiting for cores, give cores to chains first: those lose nothing."
    }
  )
}

# Grainsize is named only where it matters by more than 5 %.
say_threading <- function(chosen, table) {
  same <- table$runtime[table$cores == chosen$cores]
  if (max(same) <= 1.05 * min(same)) {
    return(paste0("threading(", chosen$cores, ")"))
  }
  paste0("threading(", chosen$cores, ", grainsize = ", format(chosen$grainsize, scientific = FALSE), ")")
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
