# Draws from the priors themselves, beside those of the posterior: sample_prior = "yes".

# table: as set_priors() returns it. Returns an array iterations x chains x variables with brms's names (prior_b_x,
# prior_sd_g, ...) in the table's order: each from its prior within the parameter's bounds, by the inverse distribution
# function; prior_cor_g is one correlation of a matrix from the LKJ prior. A chain's draws depend on the seed and
# its number alone, and R's own random numbers stay where they were.
draw_priors <- function(table, iterations, chains, seed) {
  priors <- prior_draw_list(table)
  names <- names(priors)
  draws <- array(0, c(iterations, chains, length(priors)), dimnames = list(NULL, NULL, variable = names))
  uniforms <- with_pinned_seed(seed %% .Machine$integer.max, stats::runif(iterations * chains * length(priors)))
  dim(uniforms) <- c(iterations, length(priors), chains)
  for (chain in seq_len(chains)) {
    for (k in seq_along(priors)) draws[, chain, k] <- prior_at(priors[[k]], uniforms[, k, chain])
  }
  draws
}

# One entry per variable: distribution, arguments, lower, upper, dimension (of a correlation matrix). Two terms of one
# group share the priors of its class, and so the name: they are drawn once.
prior_draw_list <- function(table) {
  entries <- list()
  for (i in seq_len(nrow(table))) {
    densities <- table$prior[[i]]
    for (k in seq_len(NROW(densities))) {
      entry <- list(
        distribution = densities$distribution[k], arguments = densities$arguments[[k]],
        lower = table$lower[i], upper = table$upper[i], dimension = round(sqrt(table$size[i]))
      )
      names <- densities$draw_names[[k]]
      entries <- c(entries, stats::setNames(rep(list(entry), length(names)), names))
    }
  }
  entries[!duplicated(names(entries))]
}

# Each correlation under LKJ(eta) of K dimensions is 2 Beta(a, a) - 1 with a = eta + (K - 2) / 2 (Lewandowski,
# Kurowicka and Joe, 2009).
prior_at <- function(entry, u) {
  if (entry$distribution == "lkj") {
    a <- entry$arguments + (entry$dimension - 2) / 2
    return(2 * stats::qbeta(u, a, a) - 1)
  }
  prior_quantile(entry, u, entry$lower, entry$upper)
}
