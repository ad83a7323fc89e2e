# Simulation-based calibration of every family: as sbc.R, with one predictor and all parameters of the family unknown.
# Data are drawn by R's own generators from the families' definitions, not by skein's.
# `Rscript tests/sbc/families.R full` prints all statistics and draws the figure; the package's tests run it small.

# Priors of distributional parameters: set_prior()'s text and a function that draws from it.
sbc_dpar_priors <- list(
  sigma = list(text = "gamma(6, 6)", draw = function() stats::rgamma(1, 6, 6)),
  # nu is bounded below by 1.
  nu = list(text = "gamma(4, 0.4)",
    draw = function() sbc_until(function() stats::rgamma(1, 4, 0.4), function(x) x > 1)),
  shape = list(text = "gamma(6, 3)", draw = function() stats::rgamma(1, 6, 3)),
  phi = list(text = "gamma(20, 2)", draw = function() stats::rgamma(1, 20, 2)),
  beta = list(text = "gamma(6, 6)", draw = function() stats::rgamma(1, 6, 6)),
  alpha = list(text = "normal(0, 3)", draw = function() stats::rnorm(1, 0, 3)),
  ndt = list(text = "gamma(4, 8)", draw = function() stats::rgamma(1, 4, 8)),
  zi = list(text = "beta(2, 4)", draw = function() stats::rbeta(1, 2, 4)),
  hu = list(text = "beta(2, 4)", draw = function() stats::rbeta(1, 2, 4))
)

sbc_until <- function(draw, accept) {
  repeat {
    x <- draw()
    if (accept(x)) return(x)
  }
}

# Counts above 0, one for each mean.
sbc_positive_counts <- function(mu, draw) {
  vapply(mu, function(m) sbc_until(function() draw(m), function(y) y > 0), 0)
}

# Inverse Gaussian by Michael, Schucany and Haas (1976).
sbc_inverse_gaussian <- function(mu, shape) {
  v <- stats::rnorm(length(mu))^2
  x <- mu + mu^2 * v / (2 * shape) - mu / (2 * shape) * sqrt(4 * mu * shape * v + mu^2 * v^2)
  ifelse(stats::runif(length(mu)) <= mu / (mu + x), x, mu^2 / x)
}

# A skew normal variable of mean mu and standard deviation sigma, from two normal ones (Azzalini, 1985).
sbc_skew_normal <- function(mu, sigma, alpha) {
  n <- length(mu)
  delta <- alpha / sqrt(1 + alpha^2)
  omega <- sigma / sqrt(1 - 2 / pi * delta^2)
  z <- delta * abs(stats::rnorm(n)) + sqrt(1 - delta^2) * stats::rnorm(n)
  mu - omega * delta * sqrt(2 / pi) + omega * z
}

# For each family: link of mu, its inverse, and the response given means mu and parameters p.
sbc_families <- list(
  gaussian = list("identity", function(mu, p) stats::rnorm(length(mu), mu, p$sigma)),
  student = list("identity", function(mu, p) mu + p$sigma * stats::rt(length(mu), p$nu)),
  skew_normal = list("identity", function(mu, p) sbc_skew_normal(mu, p$sigma, p$alpha)),
  exgaussian = list("identity", function(mu, p) {
    stats::rnorm(length(mu), mu - p$beta, p$sigma) + stats::rexp(length(mu), 1 / p$beta)
  }),
  lognormal = list("identity", function(mu, p) stats::rlnorm(length(mu), mu, p$sigma)),
  shifted_lognormal = list("identity", function(mu, p) p$ndt + stats::rlnorm(length(mu), mu, p$sigma)),
  gamma = list("log", function(mu, p) stats::rgamma(length(mu), p$shape, p$shape / mu)),
  exponential = list("log", function(mu, p) stats::rexp(length(mu), 1 / mu)),
  weibull = list("log", function(mu, p) stats::rweibull(length(mu), p$shape, mu / gamma(1 + 1 / p$shape))),
  inverse.gaussian = list("log", function(mu, p) sbc_inverse_gaussian(mu, p$shape)),
  beta = list("logit", function(mu, p) stats::rbeta(length(mu), mu * p$phi, (1 - mu) * p$phi)),
  hurdle_lognormal = list("identity", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$hu, 0, stats::rlnorm(length(mu), mu, p$sigma))
  }),
  hurdle_gamma = list("log", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$hu, 0, stats::rgamma(length(mu), p$shape, p$shape / mu))
  }),
  poisson = list("log", function(mu, p) stats::rpois(length(mu), mu)),
  negbinomial = list("log", function(mu, p) stats::rnbinom(length(mu), size = p$shape, mu = mu)),
  geometric = list("log", function(mu, p) stats::rnbinom(length(mu), size = 1, mu = mu)),
  bernoulli = list("logit", function(mu, p) stats::rbinom(length(mu), 1, mu)),
  binomial = list("logit", function(mu, p) stats::rbinom(length(mu), 10, mu)),
  beta_binomial = list("logit", function(mu, p) {
    stats::rbinom(length(mu), 10, stats::rbeta(length(mu), mu * p$phi, (1 - mu) * p$phi))
  }),
  zero_inflated_poisson = list("log", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$zi, 0, stats::rpois(length(mu), mu))
  }),
  zero_inflated_negbinomial = list("log", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$zi, 0, stats::rnbinom(length(mu), size = p$shape, mu = mu))
  }),
  zero_inflated_binomial = list("logit", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$zi, 0, stats::rbinom(length(mu), 10, mu))
  }),
  hurdle_poisson = list("log", function(mu, p) {
    ifelse(stats::runif(length(mu)) < p$hu, 0, sbc_positive_counts(mu, function(m) stats::rpois(1, m)))
  }),
  hurdle_negbinomial = list("log", function(mu, p) {
    draw <- function(m) stats::rnbinom(1, size = p$shape, mu = m)
    ifelse(stats::runif(length(mu)) < p$hu, 0, sbc_positive_counts(mu, draw))
  })
)

sbc_family_inverse <- function(link) switch(link, identity = identity, log = exp, logit = stats::plogis)

sbc_family_dpars <- function(family) setdiff(skein::brmsfamily(family)$dpars, "mu")

sbc_family_has_trials <- function(family) grepl("binomial", family) && !grepl("negbinomial", family)

sbc_family_prior <- function(family) {
  out <- skein::set_prior("normal(0, 0.5)", class = "b") + skein::set_prior("normal(0.5, 0.5)", class = "Intercept")
  for (dpar in sbc_family_dpars(family)) out <- out + skein::set_prior(sbc_dpar_priors[[dpar]]$text, class = dpar)
  out
}

# One truth (named as the draws) and data that follow from it.
sbc_family_simulate <- function(family) {
  x <- rep(c(-0.3, 0.2, 0.5, 0.7, 1.1, 1.4), 5)
  b <- stats::rnorm(1, 0, 0.5)
  intercept <- stats::rnorm(1, 0.5, 0.5) - mean(x) * b
  dpars <- sbc_family_dpars(family)
  p <- stats::setNames(lapply(dpars, function(dpar) sbc_dpar_priors[[dpar]]$draw()), dpars)
  mu <- sbc_family_inverse(sbc_families[[family]][[1]])(intercept + b * x)
  data <- data.frame(x = x, y = sbc_families[[family]][[2]](mu, p), size = 10)
  list(truth = c(b_Intercept = intercept, b_x = b, unlist(p)), data = data)
}

sbc_family_one <- function(family, simulated, seed) {
  formula <- if (sbc_family_has_trials(family)) y | trials(size) ~ x else y ~ x
  # A single divergent transition among 630 does not move a rank.
  fit <- suppressWarnings(classes = "skein_divergent", skein::brm(
    formula, simulated$data, skein::brmsfamily(family, link = sbc_families[[family]][[1]]),
    prior = sbc_family_prior(family), chains = 1, iter = 940, warmup = 310, thin = 10, seed = seed, refresh = 0,
    adapt_delta = 0.95
  ))
  draws <- posterior::as_draws_matrix(fit)
  vapply(names(simulated$truth), function(name) sum(draws[, name] < simulated$truth[[name]]), 0)
}

# A matrix simulations x variables of ranks among 63 draws.
sbc_family_ranks <- function(family, n, seed = 1, cores = 1) {
  simulated <- withr::with_seed(seed, lapply(seq_len(n), function(i) sbc_family_simulate(family)))
  rank_one <- function(i) sbc_family_one(family, simulated[[i]], seed = i)
  ranks <- if (cores > 1) parallel::mclapply(seq_len(n), rank_one, mc.cores = cores) else lapply(seq_len(n), rank_one)
  do.call(rbind, ranks)
}

# Histograms of the ranks of all variables, with the band that 99 % of uniform bins stay in.
sbc_figure <- function(ranks) {
  rows <- do.call(rbind, lapply(names(ranks), function(family) {
    one <- ranks[[family]]
    data.frame(family = family, variable = rep(colnames(one), each = nrow(one)), rank = as.vector(one))
  }))
  n <- nrow(ranks[[1]])
  band <- stats::qbinom(c(0.005, 0.995), n, 1 / 16)
  ggplot2::ggplot(rows, ggplot2::aes(rank)) +
    ggplot2::annotate("rect", xmin = -Inf, xmax = Inf, ymin = band[1], ymax = band[2], fill = "grey85") +
    ggplot2::geom_histogram(breaks = seq(-0.5, 63.5, 4), fill = "steelblue") +
    ggplot2::facet_wrap(~ family + variable, ncol = 9) +
    ggplot2::labs(x = "rank of the truth among 63 draws", y = NULL) +
    ggplot2::theme_minimal(base_size = 8)
}

if (sys.nframe() == 0L) {
  sys.source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "sbc.R"),
    globalenv())
  arguments <- commandArgs(TRUE)
  full <- "full" %in% arguments
  cores <- if (full) max(1L, parallel::detectCores(), na.rm = TRUE) else 1
  all_ranks <- list()
  for (family in names(sbc_families)) {
    all_ranks[[family]] <- sbc_family_ranks(family, if (full) 1000 else 50, cores = cores)
    cat("\n", family, ": ", nrow(all_ranks[[family]]), " simulations\n", sep = "")
    print(round(rbind(sbc_z(all_ranks[[family]]), `chi-squared p` = sbc_p(all_ranks[[family]])), 3))
  }
  figure <- setdiff(arguments, "full")
  if (length(figure)) ggplot2::ggsave(figure[1], sbc_figure(all_ranks), width = 14, height = 14)
}
