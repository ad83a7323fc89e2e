# Convergence of many short chains.

#' Nested R-hat
#'
#' Compares superchains instead of chains: groups of chains that began at one point. With many chains of few draws each,
#' chains differ because each is short; superchains differ only as long as they remember where they began.
#'
#' With \eqn{\bar\theta_{mk}} the mean of chain m in superchain k, \eqn{B} the variance of the K superchains' means and
#' \eqn{W} the mean over superchains of (variance of their chains' means + mean variance within their chains), it is
#' \eqn{\sqrt{1 + B / W}}.
#'
#' @param x A matrix of draws, iterations x chains, or what [sample_density()] returns.
#' @param superchain_ids The superchain of each chain; all must have equally many chains.
#' @param ... Unused.
#' @return One number for a matrix; for many variables a named vector.
#' @references Margossian, Hoffman, Sountsov, Riou-Durand, Vehtari and Gelman (2024). Nested R-hat: Assessing the
#'   Convergence of Markov Chain Monte Carlo When Running Many Short Chains. *Bayesian Analysis*.
#' @examples
#' rhat_nested(matrix(rnorm(320), 5, 64), rep(1:16, each = 4))
#' @export
rhat_nested <- function(x, superchain_ids, ...) UseMethod("rhat_nested")

#' @export
rhat_nested.default <- function(x, superchain_ids, ...) {
  x <- as.matrix(x)
  if (length(superchain_ids) != ncol(x)) {
    skein_stop("{.arg superchain_ids} must have one element per chain ({ncol(x)}), not {length(superchain_ids)}.")
  }
  sizes <- table(superchain_ids)
  if (length(sizes) < 2 || any(sizes != sizes[1])) {
    skein_stop("{.arg superchain_ids} must name at least two superchains of equally many chains.")
  }
  if (anyNA(x) || any(is.infinite(x)) || all(x == x[1])) {
    return(NA_real_)
  }
  means <- colMeans(x)
  groups <- split(seq_along(superchain_ids), superchain_ids)
  of_superchains <- vapply(groups, function(k) mean(means[k]), 0)
  between_chains <- if (sizes[1] > 1) mean(vapply(groups, function(k) stats::var(means[k]), 0)) else 0
  within_chains <- if (nrow(x) > 1) mean(colSums((x - rep(means, each = nrow(x)))^2) / (nrow(x) - 1)) else 0
  within <- between_chains + within_chains
  if (within == 0) {
    return(NA_real_)
  }
  sqrt(1 + stats::var(of_superchains) / within)
}
