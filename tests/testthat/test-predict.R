# Predictions against transcriptions in R, for the families and terms at hand.

rows <- withr::with_seed(2, data.frame(
  y = c(0, 1, 0, 2, 5, 1, 3, 0, 2), x = round(stats::rnorm(9), 2), f = factor(rep(c("u", "v", "w"), 3)),
  g = rep(c("a", "b", "new york"), each = 3), n = 6, o = seq(-1, 1, 0.25)
))

eta_by_hand <- function(fit, data) {
  d <- as.matrix(fit)
  out <- d[, c("b_Intercept", "b_x", "b_fv", "b_fw")] %*% t(stats::model.matrix(~ x + f, data))
  level <- gsub(" ", ".", data$g)
  out <- out + d[, paste0("r_g[", level, ",Intercept]")]
  out <- out + sweep(d[, paste0("r_g[", level, ",x]")], 2, data$x, "*")
  unname(sweep(out, 2, data$o, "+"))
}

test_that("linear predictors, expected values and log densities are those of a transcription", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  eta <- eta_by_hand(fit, rows)
  expect_equal(posterior_linpred(fit), eta, tolerance = 1e-13)
  expect_equal(posterior_linpred(fit, transform = TRUE), exp(eta), tolerance = 1e-13)
  expect_equal(posterior_epred(fit), exp(eta), tolerance = 1e-13)
  expect_equal(posterior_epred(fit, dpar = "mu"), exp(eta), tolerance = 1e-13)
  by_hand <- matrix(stats::dpois(rep(rows$y, each = 12), exp(eta), log = TRUE), 12)
  expect_equal(log_lik(fit), by_hand, tolerance = 1e-12)
  no_offset <- sweep(eta, 2, rows$o)
  expect_equal(posterior_linpred(fit, offset = FALSE), no_offset, tolerance = 1e-13)
})

test_that("each family's values are those of R's functions", {
  data <- transform(rows, y01 = as.numeric(y > 1), real = y - 1.7)
  check <- function(left, family, expected, density) {
    formula <- stats::as.formula(paste(left, "~ x + f + (1 + x | g) + offset(o)"))
    fit <- made_up_fit(formula, data, family)
    d <- as.matrix(fit)
    eta <- eta_by_hand(fit, data)
    expect_equal(posterior_epred(fit), expected(eta), tolerance = 1e-12, info = family$family)
    y <- rep(fit$data[[1]], each = 12)
    expect_equal(as.vector(log_lik(fit)), as.vector(density(y, eta, d)), tolerance = 1e-11, info = family$family)
  }
  check("real", gaussian(), identity, function(y, eta, d) stats::dnorm(y, eta, d[, "sigma"], log = TRUE))
  check("real", student(), identity, function(y, eta, d) {
    stats::dt((y - eta) / d[, "sigma"], d[, "nu"], log = TRUE) - log(d[, "sigma"])
  })
  check("y", negbinomial(), exp, function(y, eta, d) {
    stats::dnbinom(y, mu = exp(eta), size = d[, "shape"], log = TRUE)
  })
  check("y01", bernoulli(), stats::plogis, function(y, eta, d) stats::dbinom(y, 1, stats::plogis(eta), log = TRUE))
  check("y | trials(n)", binomial("probit"), function(eta) 6 * stats::pnorm(eta), function(y, eta, d) {
    stats::dbinom(y, 6, stats::pnorm(eta), log = TRUE)
  })
})

test_that("log_lik sums to the likelihood part of log_prob, weights included", {
  fit <- suppressWarnings(brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0))
  withr::with_seed(4, u <- stats::rnorm(get_num_upars(fit), 0, 0.5))
  prior_only <- suppressWarnings(
    brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0, sample_prior = "only",
      prior = prior(normal(0, 1), class = b))
  )
  whole <- suppressWarnings(
    brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0, prior = prior(normal(0, 1), class = b))
  )
  difference <- log_prob(whole, u) - log_prob(prior_only, u)
  names <- setdiff(variables(whole), "lp__")
  values <- density_draws(density_of(whole), matrix(u))[, 1]
  whole$fit$draws <- array(c(values, 0), c(1, 1, length(names) + 1), list(NULL, NULL, c(names, "lp__")))
  expect_equal(sum(log_lik(whole)), difference, tolerance = 1e-12)
})

test_that("random responses belong to seed, draw and row, whatever the threads", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, negbinomial())
  set.seed(11)
  all <- posterior_predict(fit)
  for (cores in c(2, 8)) {
    set.seed(11)
    expect_identical(posterior_predict(fit, cores = cores), all)
  }
  set.seed(11)
  expect_identical(posterior_predict(fit, draw_ids = c(7, 2)), all[c(7, 2), ])
  set.seed(11)
  expect_identical(posterior_predict(fit, newdata = rows[1:4, ]), all[, 1:4])
  expect_false(identical(posterior_predict(fit), all))
})

test_that("summaries are those of the draws, and need no matrix", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  epred <- posterior_epred(fit)
  for (robust in c(FALSE, TRUE)) {
    probs <- c(0, 0.1, 0.5, 0.975, 1)
    by_hand <- posterior_summary(epred, probs = probs, robust = robust)
    expect_equal(fitted(fit, probs = probs, robust = robust), by_hand, tolerance = 1e-13)
    expect_equal(fitted(fit, probs = probs, robust = robust, cores = 3), by_hand, tolerance = 1e-13)
  }
  expect_identical(fitted(fit, summary = FALSE), epred)
  expect_equal(fitted(fit, scale = "linear")[, "Estimate"], colMeans(posterior_linpred(fit)))
  expect_equal(colnames(fitted(fit)), c("Estimate", "Est.Error", "Q2.5", "Q97.5"))
  set.seed(1)
  random <- posterior_predict(fit)
  set.seed(1)
  expect_equal(predict(fit), posterior_summary(random))
  set.seed(1)
  expect_equal(unname(predictive_interval(fit, prob = 0.5)), unname(posterior_summary(random, c(0.25, 0.75))[, 3:4]))
  expect_equal(residuals(fit), posterior_summary(sweep(-epred, 2, rows$y, "+")))
  set.seed(1)
  expect_equal(predictive_error(fit), sweep(-random, 2, rows$y, "+"))
})

test_that("a summary of many rows goes through in blocks", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  many <- rows[rep(1:9, 100), ]
  quantity <- quantity_of(fit, "expected")
  options <- check_prediction_arguments(fit, list())
  options$seed <- 0
  summary <- list(robust = FALSE, probs = 0.5)
  prediction <- build_prediction(fit, many, NULL, quantity, options)
  in_blocks <- run_prediction(prediction, quantity, options, summary, block_values = 1)
  expect_identical(in_blocks, run_prediction(prediction, quantity, options, summary))
  expect_equal(in_blocks[1:9, ], unname(fitted(fit, probs = 0.5)))
})

test_that("log_lik by row is the column of the matrix", {
  fit <- made_up_fit(y ~ x + (1 | g), rows, poisson())
  by_row <- log_lik(fit, pointwise = TRUE)
  rows_of <- attr(by_row, "data")
  expect_identical(by_row(rows_of[4, , drop = FALSE], attr(by_row, "draws")), log_lik(fit)[, 4])
})
