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
#'   `median_us` (microseconds of one gradient) and `ns_per_row` (nanoseconds per row of the data). The gradient is
#'   taken at the first draw of the first chain, or at a point near 0 of a fit without draws.
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
  cases <- expand.grid(threads = threads, grainsize = grainsize, KEEP.OUT.ATTRS = FALSE)
  rounds <- min(times, benchmark_rounds)
  measured <- vapply(seq_len(rounds), function(round) {
    as.double(mapply(function(threads, grainsize) {
      seconds <- benchmark_min_seconds / rounds
      benchmark_gradient_run(density, position, threads, grainsize, ceiling(times / rounds), seconds)
    }, cases$threads, cases$grainsize))
  }, numeric(nrow(cases)))
  cases$median_us <- apply(matrix(measured, nrow(cases)), 1, stats::median)
  cases$ns_per_row <- 1000 * cases$median_us / fit$frame$n_rows
  cases
}

# All measurements of one case together take at least this long, so that no single one drowns in the clock's grain.
# They come in rounds over all cases, so that a change of the machine's pace meets all of them.
benchmark_min_seconds <- 0.2
benchmark_rounds <- 5

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
