# Other packages on fits: one test each, that fails if the interface between the two breaks.

ecosystem_data <- withr::with_seed(1, {
  data <- data.frame(x = stats::rnorm(40), f = factor(rep(c("a", "b"), 20)), g = rep(letters[1:8], 5))
  transform(data, y = 1 + 0.5 * x + (f == "b") + stats::rnorm(8, 0, 0.4)[match(g, letters)] + stats::rnorm(40, 0, 0.5))
})

fits <- new.env()
ecosystem_fit <- function() {
  if (is.null(fits$one)) {
    fits$one <- suppressWarnings(brm(
      y ~ x + f + (1 | g), ecosystem_data, prior = prior(normal(0, 2), class = b), chains = 2, iter = 600, seed = 1,
      refresh = 0
    ))
  }
  fits$one
}

test_that("posterior and bayesplot take draws and diagnostics", {
  fit <- ecosystem_fit()
  table <- posterior::summarise_draws(fit)
  expect_true(all(c("b_x", "sigma", "lp__") %in% table$variable))
  expect_equal(posterior::ndraws(posterior::as_draws_df(fit)), 600)
  expect_equal(mean(posterior::as_draws_rvars(fit)$b_x), mean(as.matrix(fit, variable = "b_x")))
  expect_s3_class(bayesplot::mcmc_trace(as.array(fit), pars = "b_x"), "ggplot")
  expect_s3_class(bayesplot::mcmc_nuts_energy(bayesplot::nuts_params(fit)), "ggplot")
})

test_that("loo takes fits", {
  out <- suppressWarnings(loo::loo(ecosystem_fit()))
  expect_s3_class(out, "psis_loo")
  expect_equal(dim(out), c(600, 40))
})

test_that("leave-one-out predictions are loo's expectations", {
  fit <- ecosystem_fit()
  expect_message(epred <- suppressWarnings(loo_epred(fit)), "PSIS")
  weights <- suppressWarnings(loo(fit, save_psis = TRUE))$psis_object
  by_loo <- function(type, ...) suppressWarnings(loo::E_loo(posterior_epred(fit), weights, type = type, ...))$value
  expect_equal(epred, matrix(by_loo("mean"), dimnames = list(NULL, "mean")))
  expect_equal(loo_epred(fit, "var", psis_object = weights), matrix(by_loo("var"), dimnames = list(NULL, "var")))
  two <- loo_epred(fit, "quantile", probs = c(0.1, 0.5), psis_object = weights)
  expect_equal(two, t(by_loo("quantile", probs = c(0.1, 0.5))), ignore_attr = TRUE)
  expect_identical(colnames(two), c("q10", "q50"))
  expect_identical(loo_linpred(fit, psis_object = weights), epred)
  interval <- loo_predictive_interval(fit, prob = 0.8, psis_object = weights)
  expect_identical(dimnames(interval), list(NULL, c("q10", "q90")))
  expect_true(all(interval[, 1] < interval[, 2]))
  expect_error(loo_epred(1), "fits", class = "skein_error")
  expect_equal(suppressWarnings(psis(fit))$log_weights, weights$log_weights)
})

test_that("bridgesampling gives the marginal likelihood of a model where it is known", {
  skip_if_not_installed("bridgesampling")
  # y ~ normal(mu, 1) with mu ~ normal(0, 2): the responses are jointly normal.
  data <- data.frame(y = c(0.3, 1.2, -0.4, 0.9, 1.5))
  fit <- suppressWarnings(brm(
    bf(y ~ 1, center = FALSE), data, prior = prior(normal(0, 2), class = b) + prior(constant(1), class = sigma),
    chains = 2,
    iter = 2000, seed = 2, refresh = 0
  ))
  covariance <- diag(5) + 4
  exact <- -0.5 * (5 * log(2 * pi) + determinant(covariance)$modulus + sum(data$y * solve(covariance, data$y)))
  set.seed(1)
  bridge <- bridgesampling::bridge_sampler(fit, silent = TRUE)
  expect_lt(abs(bridge$logml - exact), 0.01)
  expect_s3_class(bayes_factor(fit, fit, silent = TRUE), "bf_bridge")
  again <- fit
  expect_identical(attr(bayes_factor(fit, again, silent = TRUE), "model_names"), c("fit", "again"))
  probabilities <- post_prob(fit, again, silent = TRUE)
  expect_named(probabilities, c("fit", "again"))
  expect_equal(unname(probabilities), c(0.5, 0.5), tolerance = 0.05)
  weights <- model_weights(fit, again, weights = "bma", silent = TRUE)
  expect_named(weights, c("fit", "again"))
})

test_that("unconstrained draws have the draws' own log densities", {
  fit <- ecosystem_fit()
  u <- unconstrained_draws(fit)
  lp <- as.matrix(fit, variable = "lp__")[c(1, 300, 600)]
  expect_equal(vapply(c(1, 300, 600), function(s) log_prob(fit, u[, s]), 0), lp, tolerance = 1e-8)
  correlated <- suppressWarnings(brm(
    bf(y ~ x + (1 + x | i | g), sigma ~ f + (1 | i | g)), ecosystem_data, chains = 1, iter = 60, seed = 1, refresh = 0
  ))
  u <- unconstrained_draws(correlated)
  lp <- as.matrix(correlated, variable = "lp__")[c(1, 30)]
  expect_equal(vapply(c(1, 30), function(s) log_prob(correlated, u[, s]), 0), lp, tolerance = 1e-8)
})

test_that("emmeans averages over draws", {
  skip_if_not_installed("emmeans")
  fit <- ecosystem_fit()
  means <- as.data.frame(suppressMessages(emmeans::emmeans(fit, ~f)))
  d <- as.matrix(fit)
  x <- mean(ecosystem_data$x)
  by_hand <- c(median(d[, "b_Intercept"] + d[, "b_x"] * x), median(d[, "b_Intercept"] + d[, "b_x"] * x + d[, "b_fb"]))
  expect_equal(means$emmean, by_hand, tolerance = 1e-6)
  contrasts <- as.data.frame(emmeans::contrast(suppressMessages(emmeans::emmeans(fit, ~f)), "pairwise"))
  expect_equal(contrasts$estimate, -median(d[, "b_fb"]), tolerance = 1e-6)
  epred <- as.data.frame(suppressMessages(emmeans::emmeans(fit, ~f, epred = TRUE)))
  expect_equal(epred$emmean, by_hand, tolerance = 1e-6)
  count <- made_up_fit(y ~ f, data.frame(y = rep(1:4, 5), f = factor(rep(c("a", "b"), 10))), poisson(), n_draws = 100)
  response <- as.data.frame(suppressMessages(emmeans::emmeans(count, ~f, type = "response")))
  intercept <- as.matrix(count, variable = "b_Intercept")
  expect_equal(response[[2]][1], median(exp(intercept)), tolerance = 1e-6)
})

test_that("insight and parameters read fits", {
  skip_if_not_installed("insight")
  fit <- ecosystem_fit()
  expect_named(insight::get_parameters(fit), c("b_Intercept", "b_x", "b_fb", "sigma"))
  expect_identical(insight::find_parameters(fit)$random, "sd_g__Intercept")
  expect_identical(deparse(insight::find_formula(fit)$conditional), "y ~ 1 + x + f")
  expect_identical(insight::find_response(fit), "y")
  expect_identical(nrow(insight::get_data(fit)), 40L)
  expect_true(insight::model_info(fit)$is_mixed)
  skip_if_not_installed("parameters")
  skip_if_not_installed("bayestestR")
  table <- parameters::model_parameters(fit)
  expect_equal(table$Median[table$Parameter == "b_x"], median(as.matrix(fit, variable = "b_x")))
  expect_true(all(table$Rhat < 1.1))
})

test_that("broom.mixed's tidy() and glance() have its columns", {
  skip_if_not_installed("broom.mixed")
  fit <- ecosystem_fit()
  table <- as.data.frame(broom.mixed::tidy(fit))
  expect_identical(table$term, c("(Intercept)", "x", "fb", "sd__(Intercept)", "sd__Observation"))
  expect_identical(table$effect, rep(c("fixed", "ran_pars"), c(3, 2)))
  expect_identical(table$group, c(NA, NA, NA, "g", "Residual"))
  expect_equal(unname(as.matrix(table[1:3, c("estimate", "std.error", "conf.low", "conf.high")])), unname(fixef(fit)))
  expect_identical(nrow(as.data.frame(broom.mixed::tidy(fit, effects = "fixed"))), 3L)
  one <- as.data.frame(broom.mixed::glance(fit))
  expect_identical(one$nobs, 40L)
  expect_equal(broom.mixed::augment(fit)$.fitted, fitted(fit)[, "Estimate"])
})

test_that("projpred projects onto submodels", {
  skip_if_not_installed("projpred")
  data <- ecosystem_data
  fit <- suppressWarnings(brm(y ~ x + f, data, chains = 2, iter = 400, seed = 3, refresh = 0))
  reference <- projpred::get_refmodel(fit)
  expect_s3_class(reference, "refmodel")
  projection <- suppressWarnings(projpred::project(reference, solution_terms = c("x", "f"), ndraws = 20, seed = 1))
  estimates <- colMeans(as.matrix(projection))
  expect_lt(max(abs(estimates[1:3] - fixef(fit)[, "Estimate"])), 0.1)
})
