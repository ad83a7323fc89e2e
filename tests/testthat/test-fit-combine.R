# combine_models() and brm_multiple(): chains side by side, and refusals of fits that do not belong together.

small_fit <- function(seed, data = epilepsy, formula = count ~ zAge) {
  brm(formula, data, poisson(), chains = 2, iter = 60, refresh = 0, seed = seed, silent = 2)
}

test_that("combined fits hold the chains of all", {
  a <- suppressWarnings(small_fit(1))
  b <- suppressWarnings(small_fit(2))
  both <- combine_models(a, b)
  expect_identical(nchains(both), 4L)
  expect_identical(unname(as.array(both)[, 3:4, ]), unname(as.array(b)))
  expect_identical(unname(as.array(both)[, 1:2, ]), unname(as.array(a)))
  expect_identical(nrow(nuts_params(both)), 2L * nrow(nuts_params(a)))
  expect_identical(dim(both$fit$positions$last_draw), c(get_num_upars(a), 4L))
  expect_output(suppressWarnings(print(both)), "Draws: 4 chains")
  expect_identical(combine_models(mlist = list(a, b)), both)
  expect_equal(log_prob(both, both$fit$positions$last_draw[, 4]), log_prob(b, b$fit$positions$last_draw[, 2]))
})

test_that("fits of different models or data are not combined", {
  a <- suppressWarnings(small_fit(1))
  expect_error(combine_models(a, suppressWarnings(small_fit(1, formula = count ~ 1))), "formula", class = "skein_error")
  other <- suppressWarnings(small_fit(1, data = epilepsy[1:100, ]))
  expect_error(combine_models(a, other), "other data", class = "skein_error")
  expect_identical(nchains(combine_models(a, other, check_data = FALSE)), 4L)
  expect_error(combine_models(a, 1), "skeinfit", class = "skein_error")
  expect_error(combine_models(), "skeinfit", class = "skein_error")
})

test_that("one model is fitted to several data sets", {
  sets <- list(epilepsy, epilepsy[1:100, ])
  many <- suppressWarnings(brm_multiple(count ~ zAge, sets, poisson(),
    chains = 2, iter = 60, refresh = 0, seed = 3, silent = 2
  ))
  expect_identical(nchains(many), 4L)
  expect_identical(dim(many$rhats), c(2L, nvariables(many)))
  second <- suppressWarnings(small_fit(4, data = sets[[2]]))
  expect_identical(unname(as.array(many)[, 3:4, ]), unname(as.array(second)))
  apart <- suppressWarnings(brm_multiple(count ~ zAge, sets, poisson(),
    chains = 1, iter = 60, refresh = 0, seed = 3, silent = 2, combine = FALSE
  ))
  expect_length(apart, 2)
  expect_error(brm_multiple(count ~ zAge, epilepsy, poisson()), "list of data frames", class = "skein_error")
})

test_that("older names warn and do what the new ones do", {
  fit <- mock_fit()
  expect_warning(n <- nsamples(fit), "deprecated", class = "skein_deprecated")
  expect_identical(n, ndraws(fit))
  expect_warning(names <- parnames(fit), "variables")
  expect_identical(names, variables(fit))
  expect_warning(draws <- posterior_samples(fit, "^b_", add_chain = TRUE), "as_draws_df")
  expect_named(draws, c("b_Intercept", "b_x", "chain", "iter"))
  expect_identical(draws$chain, rep(c(1, 2), each = 50))
  expect_warning(exact <- posterior_samples(fit, "sigma", fixed = TRUE, as.matrix = TRUE, subset = 3:4))
  expect_equal(exact, as.matrix(fit, variable = "sigma", draw = 3:4), ignore_attr = TRUE)
})

test_that("confint gives quantiles", {
  fit <- mock_fit()
  expect_equal(
    unname(confint(fit, level = 0.9)["x", ]), unname(quantile(as.matrix(fit)[, "b_x"], c(0.05, 0.95)))
  )
  expect_identical(colnames(confint(fit, "sigma")), c("2.5 %", "97.5 %"))
})
