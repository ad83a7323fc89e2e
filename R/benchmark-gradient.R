# How long one gradient takes: benchmark_gradient().

#' Time one gradient
#'
#' Measures one evaluation of a fit's log density with its gradient, for combinations of threads and grainsizes.
#'
#' @param fit A fit of [brm()]; `brm(..., chains = 0)` is enough.
#' @param threads Numbers of threads; 0 is the plain loop, without any machinery for threads. `NULL` takes the fit's
#'   own.
#' @param grainsize Rows that one task takes at least; 0 lets skein choose. `NULL` takes the fit's own.
#' @param times Number of measurements, of which the median is reported; each is long enough for the clock, and
#'   those of different combinations take turns.
#'
#' @return A data frame with one row per combination, in the order of [expand.grid()]: `threads`, `grainsize`,
#'   `median_us` (microseconds of one gradient), `ns_per_row` (nanoseconds per row of the data), `speedup` (how many
#'   times as fast as the plain loop), `allowed` (what this machine gave to as many plain loops at once, each in its own
#'   thread and with nothing shared: how many times as fast as one they were together) and `efficiency`
#'   (`speedup / allowed`). All three are medians of ratios of the same turn. The gradient is taken at the first draw of
#'   the first chain, or at a point near 0 of a fit without draws.
#'
#' @examples
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 0)
#' benchmark_gradient(fit, threads = c(0, 1, 2), times = 5)
#' @export
benchmark_gradient <- function(fit, threads = NULL, grainsize = NULL, times = 100) {
  if (!inherits(fit, "skeinfit")) {
    skein_stop("{.arg fit} must be a fit of skein's {.fn brm}, not {describe_value(fit)}.")
  }
  threads <- check_counts(if (is.null(threads)) or_zero(fit$threads$threads) else threads, "threads")
  grainsize <- check_counts(if (is.null(grainsize)) or_zero(fit$threads$grainsize) else grainsize, "grainsize")
  times <- check_whole_number(times, "times")
  density <- density_of(fit)
  position <- benchmark_position(fit, density)
  grid <- expand.grid(threads = threads, grainsize = grainsize, KEEP.OUT.ATTRS = FALSE)
  cases <- gradient_cases(grid)
  rounds <- min(times, benchmark_rounds)
  measured <- lapply(seq_len(rounds), function(round) {
    lapply(seq_len(nrow(cases)), function(i) {
      time_gradient_case(density, position, cases[i, ], ceiling(times / rounds), benchmark_min_seconds / rounds)
    })
  })
  cbind(grid, summarise_gradients(measured, cases, grid, fit$frame$n_rows))
}

# The plain loop, as many of them at once as threads, and the grid's; each once.
gradient_cases <- function(grid) {
  several <- unique(grid$threads[grid$threads > 1])
  unique(rbind(
    data.frame(threads = 0, grainsize = 0, copies = 1),
    if (length(several)) data.frame(threads = 0, grainsize = 0, copies = several),
    threaded_cases(grid)
  ))
}

# The plain loop knows no grainsize.
threaded_cases <- function(grid) {
  data.frame(threads = grid$threads, grainsize = ifelse(grid$threads == 0, 0, grid$grainsize), copies = 1)
}

# Microseconds of one gradient in each of `times` measurements; of copies, those of all by their number.
time_gradient_case <- function(density, position, case, times, seconds) {
  us <- benchmark_gradient_run(density, position, case$threads, case$copies, case$grainsize, times, seconds)
  if (length(us) == 0) skein_stop("The system does not give the {case$copies} threads that were to run at once.")
  us / case$copies
}

# measured[[round]][[case]]: microseconds. One row for each of the grid's.
summarise_gradients <- function(measured, cases, grid, n_rows) {
  key <- function(x) paste(x$threads, x$grainsize, x$copies)
  own <- match(key(threaded_cases(grid)), key(cases))
  limit <- match(key(data.frame(threads = 0, grainsize = 0, copies = pmax(1, grid$threads))), key(cases))
  over_rounds <- function(i, f) vapply(measured, function(round) f(round[[i]]), 0)
  ratio <- function(i, j) {
    fastest <- lapply(c(i, j), over_rounds, fastest_of_turn)
    paired_ratio(fastest[[1]], fastest[[2]])[["ratio"]]
  }
  us <- vapply(own, function(i) stats::median(over_rounds(i, stats::median)), 0)
  data.frame(
    median_us = us, ns_per_row = 1000 * us / n_rows, speedup = mapply(ratio, 1, own), allowed = mapply(ratio, 1, limit),
    efficiency = mapply(ratio, limit, own)
  )
}

# All measurements of one case together take at least this long, so that no single one drowns in the clock's grain.
# They come in many short rounds over all cases, so that a change of the machine's pace meets all of them.
benchmark_min_seconds <- 0.2
benchmark_rounds <- 20

or_zero <- function(x) if (is.numeric(x)) x else 0

check_counts <- function(x, name) {
  fine <- is.numeric(x) && length(x) > 0 && all(is.finite(x)) && all(x >= 0) && all(x == floor(x))
  if (!fine) skein_stop("{.arg {name}} must be whole numbers of at least 0, not {describe_value(x)}.")
  as.double(x)
}

benchmark_position <- function(fit, density) {
  first <- fit$fit$positions$first_draw
  if (NCOL(first) > 0 && !is.null(first)) {
    return(first[, 1])
  }
  position_near_0(density_dimension(density))
}

# Not 0 itself, where standardised effects would all be equal.
position_near_0 <- function(dimension) 0.1 * cos(seq_len(dimension))
