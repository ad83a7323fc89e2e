# R-hat and effective draws of one variable, from few long chains or from many short ones. x: iterations x chains.

# superchains: the superchain of each chain, or NULL for the R-hat of package posterior.
r_hat <- function(x, superchains = NULL) {
  if (is.null(superchains)) posterior::rhat(x) else rhat_nested(x, superchains)
}

# Autocorrelations take long chains: of chains of ten draws or fewer posterior sees none, and says half the number of
# draws whatever they are. Chains are independent, though, so that where they outnumber their draws the spread of their
# means tells it all: the number of independent draws whose mean would be as good, with a relative error of
# sqrt(2 / chains).
effective_bulk <- function(x) {
  if (few_chains(x)) posterior::ess_bulk(x) else effective_by_chains(normal_scores(x))
}

# The smaller of those for the quantiles of 5 and 95 %, as in posterior.
effective_tail <- function(x) {
  if (few_chains(x)) {
    return(posterior::ess_tail(x))
  }
  tails <- stats::quantile(x, c(0.05, 0.95), names = FALSE, na.rm = TRUE)
  min(effective_by_chains(1 * (x <= tails[1])), effective_by_chains(1 * (x <= tails[2])))
}

few_chains <- function(x) ncol(x) <= nrow(x)

effective_by_chains <- function(x) {
  if (!all(is.finite(x)) || all(x == x[1])) {
    return(NA_real_)
  }
  means <- colMeans(x)
  ncol(x) * stats::var(as.vector(x)) / stats::var(means)
}

# Blom's scores of the ranks, which no heavy tail upsets.
normal_scores <- function(x) {
  if (!all(is.finite(x))) {
    return(x)
  }
  matrix(stats::qnorm((rank(x) - 3 / 8) / (length(x) + 1 / 4)), nrow(x))
}
