# Simulation-based calibration of brm(): truths from the prior, data from the truths, and the truths' ranks among the
# posterior draws, which are uniform if sampler and density are right (Talts et al., 2018, arXiv:1804.06788).
# `Rscript tests/sbc/sbc.R full` prints all statistics; the package's tests run it small.

# Rows of the fixed design; few groups of few rows leave the standard deviations uncertain, so that a wrong prior or
# Jacobian moves them. The mean of x is not 0, so that centring matters.
sbc_design <- function() {
  data.frame(x = rep(c(-0.3, 0.2, 0.5, 0.7, 1.1, 1.4), 4), g = rep(letters[1:4], each = 6))
}

# Priors of all models: sd and sigma are gamma(3, 2), shape and rate.
sbc_prior <- function(family, sd = "gamma(3, 2)") {
  prior <- skein::set_prior("normal(0, 1)", class = "b") + skein::set_prior("normal(0, 1)", class = "Intercept") +
    skein::set_prior(sd, class = "sd")
  if (family == "gaussian") {
    prior <- prior + skein::set_prior("gamma(3, 2)", class = "sigma") + skein::set_prior("lkj(2)", class = "cor")
  }
  prior
}

sbc_formula <- function(family) if (family == "gaussian") y ~ x + (1 + x | g) else y ~ x + (1 | g)

# One truth (named as the draws) and data that follow from it, by R's generator.
sbc_simulate <- function(family) {
  data <- sbc_design()
  groups <- unique(data$g)
  slopes <- family == "gaussian"
  b <- stats::rnorm(1)
  intercept <- stats::rnorm(1) - mean(data$x) * b
  sd <- stats::rgamma(1 + slopes, 3, 2)
  effects <- matrix(stats::rnorm(4 * length(sd)), 4)
  truth <- c(b_Intercept = intercept, b_x = b, sd_g__Intercept = sd[1])
  if (slopes) {
    # For two coefficients LKJ(2) is a beta(2, 2) on (-1, 1).
    cor <- 2 * stats::rbeta(1, 2, 2) - 1
    effects[, 2] <- cor * effects[, 1] + sqrt(1 - cor^2) * effects[, 2]
    sigma <- stats::rgamma(1, 3, 2)
    truth <- c(truth, sd_g__x = sd[2], cor_g__Intercept__x = cor, sigma = sigma)
  }
  effects <- effects %*% diag(sd, length(sd))
  truth["r_g[a,Intercept]"] <- effects[1, 1]
  group <- match(data$g, groups)
  eta <- intercept + b * data$x + effects[group, 1] + if (slopes) effects[group, 2] * data$x else 0
  data$y <- switch(family,
    gaussian = stats::rnorm(nrow(data), eta, sigma),
    poisson = stats::rpois(nrow(data), exp(eta)),
    bernoulli = stats::rbinom(nrow(data), 1, stats::plogis(eta))
  )
  list(truth = truth, data = data)
}

# Ranks (0 to the number of draws) of one truth. Thinning leaves draws that are close to independent, as the ranks'
# distribution asks for.
sbc_one <- function(family, simulated, seed, prior) {
  # A single divergent transition among 630 does not move a rank.
  fit <- suppressWarnings(classes = "skein_divergent", skein::brm(
    sbc_formula(family), simulated$data, family,
    prior = prior, chains = 1, iter = 940, warmup = 310, thin = 10, seed = seed, refresh = 0, adapt_delta = 0.95,
    max_treedepth = 12
  ))
  draws <- posterior::as_draws_matrix(fit)
  vapply(names(simulated$truth), function(name) sum(draws[, name] < simulated$truth[[name]]), 0)
}

# A matrix simulations x variables of ranks among 63 draws. `sd` is the prior of sd in the fits; the truths' is always
# gamma(3, 2).
sbc_ranks <- function(family, n, seed = 1, sd = "gamma(3, 2)", cores = 1) {
  simulated <- withr::with_seed(seed, lapply(seq_len(n), function(i) sbc_simulate(family)))
  prior <- sbc_prior(family, sd)
  rank_one <- function(i) sbc_one(family, simulated[[i]], seed = i, prior = prior)
  ranks <- if (cores > 1) parallel::mclapply(seq_len(n), rank_one, mc.cores = cores) else lapply(seq_len(n), rank_one)
  do.call(rbind, ranks)
}

# z scores of the ranks' mean (biased draws) and of their spread about the middle (draws too wide or too narrow), each
# standard normal if the ranks are uniform on 0 to n_draws. A matrix statistics x variables.
sbc_z <- function(ranks, n_draws = 63) {
  u <- (ranks + 0.5) / (n_draws + 1)
  spread <- (1 - 1 / (n_draws + 1)^2) / 12
  rbind(
    mean = (colMeans(u) - 0.5) / sqrt(spread / nrow(u)),
    # Var (u - 1/2)^2 of a uniform u is 1 / 180.
    spread = (colMeans((u - 0.5)^2) - spread) / sqrt(1 / 180 / nrow(u))
  )
}

# p value of a chi-squared test over 16 bins of equal size, for each variable.
sbc_p <- function(ranks, n_draws = 63) {
  apply(ranks, 2, function(rank) {
    counts <- tabulate(floor(rank / (n_draws + 1) * 16) + 1, 16)
    suppressWarnings(stats::chisq.test(counts)$p.value)
  })
}

if (sys.nframe() == 0L) {
  full <- identical(commandArgs(TRUE), "full")
  n <- if (full) 2000 else 100
  for (family in c("gaussian", "poisson", "bernoulli")) {
    ranks <- sbc_ranks(family, n, cores = if (full) max(1L, parallel::detectCores(), na.rm = TRUE) else 1)
    cat("\n", family, ": ", nrow(ranks), " simulations\n", sep = "")
    print(round(rbind(sbc_z(ranks), `chi-squared p` = sbc_p(ranks)), 3))
  }
}
