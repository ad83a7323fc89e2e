# Predicted probabilities of a zero (zi, hu) next to 0 and 1: log densities and gradients keep all digits where the
# probability itself no longer differs from 1.

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
