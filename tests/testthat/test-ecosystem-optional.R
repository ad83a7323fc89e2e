# Packages that DESCRIPTION only enhances, on fits, where they are installed: most of them are on CRAN only. Each test
# fails if the interface between the two breaks; inst/run-tests.R lets only this file skip tests.

optional_data <- withr::with_seed(2, {
  data <- data.frame(x = stats::rnorm(40), f = factor(rep(c("a", "b"), 20)), g = rep(letters[1:8], 5))
  transform(data, y = 1 + 0.5 * x + (f == "b") + stats::rnorm(40, 0, 0.5))
})

optional_fits <- new.env()
optional_fit <- function() {
  if (is.null(optional_fits$one)) {
    optional_fits$one <- suppressWarnings(brm(
      bf(y ~ x + f + (1 | g), sigma ~ x), optional_data, prior = prior(normal(0, 2), class = b), chains = 2, iter = 400,
      thin = 2, seed = 1, refresh = 0
    ))
  }
  optional_fits$one
}

test_that("tidybayes gives tidy draws of parameters, levels and diagnostics", {
  skip_if_not_installed("tidybayes")
  fit <- optional_fit()
  draws <- tidybayes::tidy_draws(fit)
  expect_identical(nrow(draws), 200L)
  expect_equal(draws$b_x, as.vector(as.matrix(fit, variable = "b_x")))
  stepsize <- subset(nuts_params(fit), Parameter == "stepsize__")
  expect_setequal(draws$stepsize__, stepsize$Value)
  energy <- fit$fit$sampler_params[201:400, 2, "energy__"]
  expect_equal(draws$energy__[101:200], energy[seq(1, 200, 2)], ignore_attr = TRUE)
  levels <- tidybayes::spread_draws(fit, r_g[g, term])
  expect_setequal(levels$g, letters[1:8])
  expect_equal(subset(levels, g == "c")$r_g, as.vector(as.matrix(fit, variable = "r_g[c,Intercept]")))
})

test_that("tidybayes predicts rows, single parameters and residuals", {
  skip_if_not_installed("tidybayes")
  fit <- optional_fit()
  new <- optional_data[1:3, ]
  epred <- tidybayes::add_epred_draws(new, fit, re_formula = NA, dpar = c(scale = "sigma"))
  expect_equal(subset(epred, .row == 2)$.epred, posterior_epred(fit, newdata = new[2, ], re_formula = NA)[, 1])
  expect_equal(subset(epred, .row == 3)$scale, posterior_epred(fit, newdata = new[3, ], dpar = "sigma")[, 1])
  some <- tidybayes::add_linpred_draws(new, fit, ndraws = 20, dpar = TRUE, seed = 1)
  expect_identical(some$mu, some$.linpred)
  rvars <- tidybayes::add_epred_rvars(new, fit, dpar = "sigma")
  expect_equal(mean(rvars$sigma), colMeans(posterior_epred(fit, newdata = new, dpar = "sigma")))
  rows <- tidybayes::add_predicted_draws(new, fit, seed = 5, ndraws = 10)
  expect_identical(rows, tidybayes::add_predicted_draws(new, fit, seed = 5, ndraws = 10))
  residual <- tidybayes::add_residual_draws(new, fit, method = "posterior_epred")
  expect_equal(subset(residual, .row == 1)$.residual, new$y[1] - posterior_epred(fit, newdata = new[1, ])[, 1])
})

test_that("priorsense scales prior and likelihood by powers", {
  skip_if_not_installed("priorsense")
  fit <- optional_fit()
  data <- priorsense::create_priorsense_data(fit)
  expect_equal(as.vector(data$log_prior), as.vector(as.matrix(fit, variable = "lprior")))
  expect_equal(matrix(data$log_lik, 200), log_lik(fit), ignore_attr = TRUE)
  expect_identical(posterior::nchains(data$log_lik), 2L)
  scaled <- suppressWarnings(priorsense::powerscale(fit, alpha = 1.2, component = "likelihood"))
  weights <- exp(0.2 * rowSums(log_lik(fit)))
  # Importance weights are smoothed, in their tail only.
  expected <- stats::weighted.mean(as.matrix(fit)[, "b_x"], weights)
  ours <- stats::weighted.mean(scaled$b_x, stats::weights(scaled, log = FALSE))
  expect_equal(ours, expected, tolerance = 0.02)
  table <- suppressWarnings(priorsense::powerscale_sensitivity(fit, variable = c("b_x", "b_fb")))
  expect_identical(table$variable, c("b_x", "b_fb"))
  expect_true(all(table$likelihood > table$prior))
})

test_that("marginaleffects gives slopes, comparisons and predictions", {
  skip_if_not_installed("marginaleffects")
  skip_if_not_installed("collapse")
  if (!exists("%||%", baseenv())) {
    # marginaleffects 1.0.0 uses this function of R 4.4.
    attach(list(`%||%` = function(x, y) if (is.null(x)) y else x), name = "null_default")
    withr::defer(detach("null_default", character.only = TRUE))
  }
  fit <- optional_fit()
  draws <- as.matrix(fit)
  slopes <- marginaleffects::avg_slopes(fit, variables = "x")
  expect_equal(slopes$estimate, stats::median(draws[, "b_x"]), tolerance = 1e-3)
  expect_equal(slopes$conf.low, unname(stats::quantile(draws[, "b_x"], 0.025)), tolerance = 0.05)
  difference <- marginaleffects::avg_comparisons(fit, variables = "f")
  expect_equal(difference$estimate, stats::median(draws[, "b_fb"]), tolerance = 1e-6)
  by_row <- marginaleffects::predictions(fit, newdata = optional_data[1:4, ])
  expect_equal(by_row$estimate, apply(posterior_epred(fit, newdata = optional_data[1:4, ]), 2, stats::median))
  expect_equal(dim(marginaleffects::get_draws(by_row, "DxP")), c(200, 4))
  link <- marginaleffects::predictions(fit, newdata = optional_data[1:2, ], type = "link")
  expect_equal(link$estimate, apply(posterior_linpred(fit, newdata = optional_data[1:2, ]), 2, stats::median))
})

test_that("draws go to coda", {
  skip_if_not_installed("coda")
  fit <- mock_fit(thin = 2)
  expect_warning(out <- coda::as.mcmc(fit), class = "skein_deprecated")
  expect_s3_class(out, "mcmc.list")
  expect_equal(coda::niter(out), 25)
  expect_identical(stats::time(out[[1]])[1:2], c(52, 54))
  expect_equal(out[[2]][, "b_x"], as.array(fit)[, 2, "b_x"], ignore_attr = TRUE)
  together <- suppressWarnings(as.mcmc(fit, pars = "^b_", combine_chains = TRUE))
  expect_equal(dim(together), c(50, 2))
  expect_error(suppressWarnings(as.mcmc(fit, inc_warmup = TRUE)), "thin", class = "skein_error")
})

test_that("fits go to shinystan", {
  skip_if_not_installed("shinystan")
  fit <- mock_fit(thin = 2)
  object <- suppressMessages(shinystan_object(fit))
  expect_s4_class(object, "shinystan")
  expect_equal(object@posterior_sample[, 2, "b_x"], as.array(fit)[, 2, "b_x"], ignore_attr = TRUE)
  expect_equal(nrow(object@sampler_params[[1]]), 25)
})
