# Probabilities next to 0 and 1: log densities and gradients keep all digits where the probability itself no longer
# differs from 1, be it that of a zero (zi, hu) or that of a success.

# Log density of a response at all other predictors 0: of the counted part for zero-inflated families, given that it is
# positive for hurdle families.
counted_log_density <- function(family, y) {
  negbinomial <- function(y) stats::dnbinom(y, size = 1, mu = 1)
  switch(family,
    zero_inflated_poisson = stats::dpois(y, 1, log = TRUE),
    zero_inflated_negbinomial = log(negbinomial(y)),
    zero_inflated_binomial = stats::dbinom(y, 7, 0.5, log = TRUE),
    hurdle_poisson = stats::dpois(y, 1, log = TRUE) - log(-expm1(-1)),
    hurdle_negbinomial = log(negbinomial(y) / (1 - negbinomial(0))),
    hurdle_gamma = stats::dgamma(y, 1, 1, log = TRUE),
    hurdle_lognormal = stats::dlnorm(y, log = TRUE)
  )
}

# One response whose probability of a zero has the predictor `eta`, with one draw at which all other predictors are 0.
zero_fit <- function(family, y, eta, link) {
  dpar <- if (grepl("hurdle", family)) "hu" else "zi"
  response <- if (family == "zero_inflated_binomial") "y | trials(n)" else "y"
  formula <- bf(stats::as.formula(paste(response, "~ 1")), stats::as.formula(paste(dpar, "~ 1 + offset(eta)")))
  link <- stats::setNames(list(family, link), c("family", paste0("link_", dpar)))
  flat <- set_prior("", class = "Intercept", dpar = dpar)
  fit <- suppressWarnings(
    brm(formula, data.frame(y = y, n = 7, eta = eta), do.call(brmsfamily, link), chains = 0, prior = flat)
  )
  u <- rep(0, get_num_upars(fit))
  names <- setdiff(variables(fit), "lp__")
  values <- c(density_draws(density_of(fit), matrix(u))[, 1], 0)
  fit$fit$draws <- array(values, c(1, 1, length(values)), list(NULL, NULL, c(names, "lp__")))
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(1, 1, 0)
  place <- match(paste0("Intercept_", dpar), names(constrain_pars(fit, u)))
  list(density = log_lik(fit)[1], slope = as.vector(grad_log_prob(fit, u))[place])
}

# log_p, log_q: of the probability of a zero and of its complement; d_log_p, d_log_q: by the predictor.
expected_terms <- function(family, y, log_p, log_q, d_log_p, d_log_q) {
  if (grepl("hurdle", family) && y == 0) {
    return(c(log_p, d_log_p))
  }
  f <- counted_log_density(family, y)
  if (y > 0) {
    return(c(log_q + f, d_log_q))
  }
  value <- if (log_p > log_q) log1p(exp(log_q) * expm1(f)) else log_q + f + log1p(exp(log_p - log_q - f))
  c(value, -expm1(f) * d_log_p * exp(log_p - value))
}

expect_digits <- function(value, expected, info) {
  expect_lt(abs(value - expected), 2e-13 * abs(expected), label = paste(info, value, "for", expected))
}

test_that("logit probabilities of a zero keep their digits from -40 to 40", {
  families <- c(
    "zero_inflated_poisson", "zero_inflated_negbinomial", "zero_inflated_binomial", "hurdle_poisson",
    "hurdle_negbinomial", "hurdle_gamma", "hurdle_lognormal"
  )
  for (family in families) {
    for (y in 0:1) {
      for (eta in c(-40, -36.5, -5, 0.3, 5, 20, 36.5, 40)) {
        fit <- zero_fit(family, y, eta, "logit")
        expected <- expected_terms(
          family, y, stats::plogis(eta, log.p = TRUE), stats::plogis(-eta, log.p = TRUE), stats::plogis(-eta),
          -stats::plogis(eta)
        )
        expect_digits(fit$density, expected[1], paste(family, y, eta))
        expect_digits(fit$slope, expected[2], paste(family, y, eta, "slope"))
      }
    }
  }
})

# One response with mu's predictor `eta`: its log density and the derivative by the predictor.
success_terms <- function(family, y, eta, prior = NULL) {
  formula <- if (family == "bernoulli") y ~ 1 + offset(eta) else y | trials(n) ~ 1 + offset(eta)
  prior <- c(set_prior("", class = "Intercept"), prior)
  fit <- suppressWarnings(brm(formula, data.frame(y = y, n = 7, eta = eta), brmsfamily(family), chains = 0, prior = prior))
  u <- rep(0, get_num_upars(fit))
  c(log_prob(fit, u), as.vector(grad_log_prob(fit, u))[match("Intercept", names(constrain_pars(fit, u)))])
}

test_that("successes of logit probability keep their digits from -40 to 40", {
  for (eta in c(-40, -36.5, -5, 0.3, 5, 20, 36.5, 40)) {
    log_p <- stats::plogis(eta, log.p = TRUE)
    log_q <- stats::plogis(-eta, log.p = TRUE)
    p <- exp(log_p)
    q <- exp(log_q)
    for (y in 0:1) {
      terms <- success_terms("bernoulli", y, eta)
      expect_digits(terms[1], if (y == 1) log_p else log_q, paste("bernoulli", y, eta))
      expect_digits(terms[2], if (y == 1) q else -p, paste("bernoulli", y, eta, "slope"))
    }
    for (y in c(0, 2, 7)) {
      terms <- success_terms("binomial", y, eta)
      expect_digits(terms[1], lchoose(7, y) + y * log_p + (7 - y) * log_q, paste("binomial", y, eta))
      # Where y q and (7 - y) p nearly cancel is no place for relative digits: none of these is near it.
      expect_digits(terms[2], y * q - (7 - y) * p, paste("binomial", y, eta, "slope"))
      # By rising factorials of a = 1.5 p and b = 1.5 q.
      terms <- success_terms("beta_binomial", y, eta, set_prior("constant(1.5)", class = "phi"))
      up <- 1.5 * p + (seq_len(y) - 1)
      down <- 1.5 * q + (seq_len(7 - y) - 1)
      expected <- lchoose(7, y) + sum(log(up)) + sum(log(down)) - sum(log(1.5 + 0:6))
      expect_lt(abs(terms[1] - expected), 1e-14 * (abs(expected) + 10), label = paste("beta_binomial", y, eta))
      expect_digits(terms[2], 1.5 * p * q * (sum(1 / up) - sum(1 / down)), paste("beta_binomial", y, eta, "slope"))
    }
  }
})
