test_that("every format of posterior is there", {
  fit <- mock_fit()
  expect_s3_class(as_draws(fit), "draws_list")
  expect_s3_class(as_draws_list(fit), "draws_list")
  expect_s3_class(as_draws_array(fit), "draws_array")
  expect_s3_class(as_draws_matrix(fit), "draws_matrix")
  expect_s3_class(as_draws_df(fit), "draws_df")
  expect_s3_class(as_draws_rvars(fit), "draws_rvars")
  expect_identical(variables(as_draws(fit)), variables(fit))
  expect_identical(posterior::ndraws(as_draws_df(fit)), 100L)
  expect_equal(as_draws_df(fit)$b_x, as.vector(fit$fit$draws[, , "b_x"]))
})

test_that("variables are chosen by name, stem or pattern, in the order asked for", {
  fit <- mock_fit()
  expect_identical(variables(as_draws_array(fit, c("sigma", "b_x"))), c("sigma", "b_x"))
  expect_length(variables(as_draws_array(fit, "r_g")), 6)
  expect_identical(variables(as_draws_array(fit, c("^b_", "lp__"), regex = TRUE)), c("b_Intercept", "b_x", "lp__"))
  expect_error(as_draws(fit, "b_z"), "b_z", class = "skein_error")
  expect_error(as_draws(fit, "^zz", regex = TRUE), class = "skein_error")
  expect_error(as_draws(fit, 3), class = "skein_error")
  expect_error(as_draws(fit, variables = "b_x"), "variables", class = "skein_error")
})

test_that("warm-up draws come first, if they were saved", {
  fit <- mock_fit(save_warmup = TRUE)
  draws <- as_draws_array(fit, "b_x", inc_warmup = TRUE)
  expect_identical(dim(draws), c(100L, 2L, 1L))
  expect_true(all(draws[1:50, , ] > 2))
  expect_equal(as.vector(draws[51:100, , ]), as.vector(fit$fit$draws[, , "b_x"]))
  expect_error(as_draws(mock_fit(), inc_warmup = TRUE), "save_warmup", class = "skein_error")
  expect_identical(dim(log_posterior(fit, inc_warmup = TRUE)), c(200L, 3L))
})

test_that("plain matrices, arrays and data frames", {
  fit <- mock_fit()
  expect_identical(dim(as.array(fit)), c(50L, 2L, 15L))
  expect_identical(dimnames(as.matrix(fit, variable = "b_x", draw = 3:4)), list(draw = c("3", "4"), variable = "b_x"))
  expect_equal(as.matrix(fit)[[51, "b_x"]], fit$fit$draws[[1, 2, "b_x"]])
  expect_named(as.data.frame(fit), variables(fit))
  expect_error(as.matrix(fit, draw = 101), "100", class = "skein_error")
})

test_that("prior draws lose their prefix", {
  fit <- mock_fit()
  expect_identical(prior_draws(fit), data.frame())
  dimnames(fit$fit$draws)[[3]][1] <- "prior_b"
  expect_equal(prior_draws(fit), data.frame(b = as.vector(fit$fit$draws[, , 1])))
  expect_error(prior_draws(fit, "sd"), "sd", class = "skein_error")
  fit$sample_prior <- "only"
  expect_named(prior_draws(fit), variables(fit))
})

test_that("nuts_params() and log_posterior() are bayesplot's data frames", {
  fit <- mock_fit(n_divergent = 2)
  params <- nuts_params(fit)
  expect_named(params, c("Chain", "Iteration", "Parameter", "Value"))
  expect_identical(nrow(params), 600L)
  expect_identical(sum(subset(params, Parameter == "divergent__")$Value), 2)
  energy <- subset(params, Parameter == "energy__" & Chain == 2)$Value
  expect_identical(energy, fit$fit$sampler_params[51:100, 2, "energy__"])
  with_warmup <- nuts_params(fit, pars = "divergent__", inc_warmup = TRUE)
  expect_identical(c(nrow(with_warmup), sum(with_warmup$Value)), c(200, 4))
  expect_error(nuts_params(fit, pars = "divergent"), "divergent__", class = "skein_error")
  expect_equal(log_posterior(fit)$Value, as.vector(fit$fit$draws[, , "lp__"]))
})

test_that("diagnostics are thinned like the draws, divergences are all counted", {
  fit <- mock_fit(thin = 5, n_divergent = 3)
  params <- nuts_params(fit, pars = "energy__")
  expect_identical(params$Value, as.vector(fit$fit$sampler_params[seq(51, 100, 5), , "energy__"]))
  expect_identical(nrow(nuts_params(fit, pars = "energy__", inc_warmup = TRUE)), 40L)
  expect_identical(nrow(log_posterior(fit)), 20L)
  expect_warning(warn_of_convergence(fit, 1), "3 divergent", class = "skein_divergent")
})

test_that("rhat() and neff_ratio() are posterior's", {
  fit <- mock_fit(constant = TRUE)
  draws <- fit$fit$draws[, , "b_x"]
  expect_equal(rhat(fit, pars = "b_x"), c(b_x = posterior::rhat(draws)))
  expect_identical(bayesplot::rhat(fit), rhat(fit))
  expect_equal(neff_ratio(fit)[["b_x"]], min(posterior::ess_bulk(draws), posterior::ess_tail(draws)) / 100)
  expect_true(is.na(rhat(fit)[["sigma"]]) && is.na(neff_ratio(fit)[["sigma"]]))
  expect_identical(names(rhat(fit)), variables(fit))
})

test_that("control_params() gives the settings", {
  expect_identical(control_params(mock_fit(), "adapt_delta"), list(adapt_delta = 0.8))
  expect_named(control_params(mock_fit()), c("adapt_engaged", "adapt_delta", "max_treedepth", "metric"))
  expect_error(control_params(mock_fit(), "adapt"), class = "skein_error")
})

test_that("brms's older names of variables and draws are taken", {
  fit <- mock_fit()
  expect_warning(out <- as.matrix(fit, "^b_"), "variable", class = "skein_deprecated")
  expect_identical(out, as.matrix(fit, variable = c("b_Intercept", "b_x")))
  quiet <- function(code) suppressWarnings(code, classes = "skein_deprecated")
  expect_identical(quiet(as.matrix(fit, pars = "b_x", fixed = TRUE)), as.matrix(fit, variable = "b_x"))
  expect_identical(as.matrix(fit, subset = 3:4), as.matrix(fit, draw = 3:4))
  expect_identical(quiet(as.data.frame(fit, pars = "sigma", subset = 2)), as.data.frame(fit, variable = "sigma", draw = 2))
  expect_identical(quiet(posterior_summary(fit, "sigma")), posterior_summary(fit, variable = "sigma"))
  expect_identical(quiet(posterior_interval(fit, "sigma")), posterior_interval(fit, variable = "sigma"))
  some <- as.array(fit, variable = "b_x", draw = c(1, 51))
  expect_equal(as.vector(some), as.array(fit)[1, 1:2, "b_x"], ignore_attr = TRUE)
  expect_length(quiet(plot(fit, "^b_", plot = FALSE)), 1)
  expect_identical(nobs(fit, resp = "y"), 6L)
  expect_error(family(fit, resp = "z"), "resp", class = "skein_error")
})
