# brm(future = TRUE) gives the draws of a local run, chain by chain.

test_that("chains on future's workers draw what local chains draw", {
  withr::defer(future::plan("sequential"))
  fit_it <- function(...) {
    suppressWarnings(brm(count ~ zAge + (1 | patient), epilepsy, poisson(),
      chains = 3, iter = 60, refresh = 0, seed = 4, sample_prior = "yes",
      prior = prior(normal(0, 1), class = b), ...
    ))
  }
  local <- fit_it()
  future::plan("sequential")
  one <- fit_it(future = TRUE)
  future::plan("multisession", workers = 2)
  two <- fit_it(future = TRUE, threads = threading(1))
  for (fit in list(one, two)) {
    expect_identical(fit$fit$draws, local$fit$draws)
    expect_identical(fit$fit$sampler_params, local$fit$sampler_params)
    expect_identical(fit$fit$positions, local$fit$positions)
    expect_identical(fit$fit$inverse_metric, local$fit$inverse_metric)
    expect_identical(dimnames(fit$fit$elapsed), dimnames(local$fit$elapsed))
    expect_equal(fit$fit$cost$gradients, local$fit$cost$gradients)
  }
  expect_equal(log_prob(two, two$fit$positions$last_draw[, 3]), log_prob(local, local$fit$positions$last_draw[, 3]))
})

test_that("settings and starts of each chain go with it", {
  metric <- lapply(1:2, function(chain) rep(0.1 * chain, 2))
  fit_it <- function(future) {
    suppressWarnings(brm(count ~ zAge, epilepsy, poisson(),
      chains = 2, iter = 20, warmup = 0, refresh = 0, seed = 4, step_size = c(0.1, 0.2), inv_metric = metric,
      init = list(list(Intercept = 1), list(Intercept = 2)), future = future
    ))
  }
  expect_identical(fit_it(TRUE)$fit$draws, fit_it(FALSE)$fit$draws)
})

test_that("a chain that cannot start is told, and future must be TRUE or FALSE", {
  expect_error(brm(count ~ zAge, epilepsy, poisson(), chains = 1, future = 2), "future", class = "skein_error")
})
