# Functions of plain numbers that brms exports: links, tables of draws, density ratios, labels of rows.

#' Links on a range, and logarithms off 1
#'
#' `logit_scaled()` is the logit of `x` on the range from `lb` to `ub`, `inv_logit_scaled()` its inverse; `logm1()` is
#' `log(x - 1)`, `expp1()` its inverse.
#'
#' @param x Numbers.
#' @param lb,ub Ends of the range.
#' @param base Base of the logarithm.
#' @return Numbers.
#' @examples
#' inv_logit_scaled(logit_scaled(5, 0, 10), 0, 10)
#' @export
logit_scaled <- function(x, lb = 0, ub = 1) stats::qlogis((x - lb) / (ub - lb))

#' @rdname logit_scaled
#' @export
inv_logit_scaled <- function(x, lb = 0, ub = 1) stats::plogis(x) * (ub - lb) + lb

#' @rdname logit_scaled
#' @export
logm1 <- function(x, base = exp(1)) log(x - 1, base = base)

#' @rdname logit_scaled
#' @export
expp1 <- function(x) exp(x) + 1

#' Shares of the values of discrete draws
#'
#' @param x A matrix of draws x rows, as [posterior_predict()][predictions-skein] gives for discrete responses.
#' @param levels The values to count, by default all that occur.
#' @return A matrix with a row for each column of `x` and a column for each value: the share of draws that have it.
#' @examples
#' posterior_table(matrix(c(0, 1, 1, 2, 2, 2), 3))
#' @export
posterior_table <- function(x, levels = NULL) {
  labels <- attr(x, "levels")
  x <- as.matrix(x)
  if (anyNA(x)) skein_warn("Missing values are left out of {.fn posterior_table}.")
  if (is.null(levels)) levels <- sort(unique(as.vector(x)))
  if (length(labels) != length(levels)) labels <- levels
  counts <- vapply(levels, function(level) colSums(x == level, na.rm = TRUE), numeric(ncol(x)))
  counts <- matrix(counts, ncol(x), dimnames = list(colnames(x), paste0("P(Y = ", labels, ")")))
  counts / rowSums(counts)
}

#' Ratio of densities at a point
#'
#' Kernel densities of draws, as in Savage-Dickey ratios: that of `x` at `point`, divided by that of `y` if given.
#'
#' @param x,y Draws.
#' @param point Where to compare, one or more numbers.
#' @param n Number of points at which the densities are computed.
#' @param ... Arguments of [stats::density()].
#' @return A number for each point.
#' @examples
#' density_ratio(rnorm(1000), rnorm(1000, 0, 2), point = 0)
#' @export
density_ratio <- function(x, y = NULL, point = 0, n = 4096, ...) {
  given <- list(...)
  given <- given[names(given) %in% names(formals(utils::getS3method("density", "default")))]
  at <- function(x, point) {
    # The density reaches at least a quarter of a standard deviation beyond a point outside the draws.
    margin <- stats::sd(x) / 4
    from <- if (point < min(x)) point - margin else min(x)
    to <- if (point > max(x)) point + margin else max(x)
    density <- do.call(stats::density, c(list(x, from = from, to = to, n = n), given))
    max(0, stats::spline(density$x, density$y, xout = point)$y)
  }
  values <- function(x) vapply(point, function(p) at(as.numeric(x), p), 0)
  if (is.null(y)) values(x) else values(x) / values(y)
}

#' Labels of rows
#'
#' @param x A data frame.
#' @param digits Digits to which numbers are rounded.
#' @param sep What stands between the variables of a row.
#' @param incl_vars Show the names of the variables?
#' @param ... Ignored.
#' @return A string for each row, such as `"zAge = 0.5 & Trt = 1"`.
#' @examples
#' rows2labels(data.frame(zAge = 0.5, Trt = factor(1)))
#' @export
rows2labels <- function(x, digits = 2, sep = " & ", incl_vars = TRUE, ...) {
  check_flag(incl_vars, "incl_vars")
  x <- as.data.frame(x)
  parts <- lapply(names(x), function(name) {
    values <- x[[name]]
    if (is.numeric(values)) values <- round(values, digits)
    if (incl_vars) paste0(name, " = ", values) else as.character(values)
  })
  do.call(paste, c(parts, list(sep = sep)))
}
