# Gradients of log densities against finite differences.

#' Check a gradient
#'
#' Compares the gradient of a log density with central finite differences (Richardson's extrapolation of steps h and
#' h / 2) coordinate by coordinate.
#'
#' @param density A log density: what [density_r()], [density_function()] or [density_cpp()] returns, or a fit.
#' @param position Unconstrained position; default: that of the initial values.
#' @param tolerance Largest error, relative to the larger of 1, the derivative and the log density's own scale.
#' @return Invisibly, a data frame with columns `coordinate`, `gradient`, `difference` and `error`; stops with an error
#'   of class `skein_gradient_error` that names the coordinate where the two disagree.
#' @examples
#' d <- density_r(function(x) -x^4, init = list(x = 2))
#' check_gradient(d)
#' @export
check_gradient <- function(density, position = NULL, tolerance = 1e-5) {
  density <- as_skeindensity(density)
  check_number(tolerance, "tolerance", lower = 0)
  if (is.null(position)) {
    position <- if (is.null(density$init)) rep(0.1, density$dimension) else density$unconstrain(density$init)
  }
  position <- check_unconstrained(position, density)
  handle <- density_handle(density)
  at <- density_evaluate(handle, matrix(position))
  names <- if (is.null(density$parts)) paste0("coordinate ", seq_along(position)) else coordinate_names(density)
  stop_not_finite(at, names)
  difference <- finite_differences(handle, position)
  gradient <- as.vector(at$gradient)
  scale <- pmax(1, abs(gradient), 1e-4 * abs(at$log_density))
  error <- abs(gradient - difference) / scale
  result <- data.frame(coordinate = names, gradient = gradient, difference = difference, error = error)
  worst <- which.max(replace(error, is.na(error), Inf))
  if (!isTRUE(error[worst] <= tolerance)) {
    skein_stop(c(
      "The gradient is wrong for {.val {names[worst]}}.",
      x = "It is {format(gradient[worst], digits = 8)}, but finite differences give {format(difference[worst], digits = 8)}."
    ), class = "skein_gradient_error")
  }
  invisible(result)
}

stop_not_finite <- function(at, names) {
  if (!is.finite(at$log_density)) {
    skein_stop("The log density is {at$log_density} at this position: start where it is finite.")
  }
  bad <- names[!is.finite(at$gradient)]
  if (length(bad)) {
    skein_stop("The gradient is not finite for {.val {bad}}.", class = "skein_gradient_error")
  }
}

finite_differences <- function(handle, position) {
  vapply(seq_along(position), function(k) {
    h <- 1e-3 * max(1, abs(position[k]))
    steps <- c(h, -h, h / 2, -h / 2)
    points <- matrix(position, length(position), 4)
    points[k, ] <- points[k, ] + steps
    value <- density_evaluate(handle, points)$log_density
    wide <- (value[1] - value[2]) / (2 * h)
    narrow <- (value[3] - value[4]) / h
    (4 * narrow - wide) / 3
  }, 1)
}
