# R-hat and effective draws of few long chains and of many short ones.

autoregressive <- function(n, chains, phi) {
  x <- matrix(stats::rnorm(n * chains), n)
  for (i in seq_len(n)[-1]) x[i, ] <- phi * x[i - 1, ] + sqrt(1 - phi^2) * x[i, ]
  x
}

test_that("effective draws of many short chains are those of autoregressive chains", {
  withr::local_seed(1)
  for (phi in c(0, 0.5, 0.95)) {
    x <- autoregressive(10, 1000, phi)
    lag <- 1:9
    expected <- 10 * 1000 / (1 + 2 * sum((1 - lag / 10) * phi^lag))
    # A variance of 1000 means has a relative error of 4.5 %.
    expect_equal(effective_bulk(x), expected, tolerance = 0.15)
    expect_equal(effective_bulk(exp(3 * x)), effective_bulk(x))
    expect_gt(effective_tail(x), 0.8 * expected)
  }
  expect_equal(effective_bulk(matrix(stats::rnorm(500), 1)), 500, tolerance = 1e-2)
})

test_that("few long chains are posterior's", {
  withr::local_seed(2)
  x <- autoregressive(100, 4, 0.5)
  expect_identical(effective_bulk(x), posterior::ess_bulk(x))
  expect_identical(effective_tail(x), posterior::ess_tail(x))
  expect_identical(r_hat(x), posterior::rhat(x))
})

test_that("what does not vary has no effective draws", {
  for (x in list(matrix(1, 2, 5), matrix(c(NA, 1:9), 2), matrix(c(Inf, 1:9), 2))) {
    expect_identical(c(effective_bulk(x), effective_tail(x)), c(NA_real_, NA_real_))
  }
  # Chains that stand still count as one draw each.
  expect_equal(effective_bulk(matrix(rep(1:40, each = 5), 5)), 40, tolerance = 0.03)
})

test_that("targets are first looked at after 50 draws, thinned or not", {
  rule <- stop_rule(until(ess = 10), warmup = 100, thin = 5)
  expect_identical(rule(0, NULL, 0), 350)
})

test_that("brm() with many chains compares superchains", {
  fit <- brm(count ~ zAge, epilepsy, poisson(),
    algorithm = chees_hmc(), chains = 64, iter = 215, warmup = 200, seed = 1, refresh = 0
  )
  x <- matrix(fit$fit$draws[, , "b_zAge"], 15)
  superchains <- rep(1:16, each = 4)
  expect_identical(rhat(fit)[["b_zAge"]], rhat_nested(x, superchains))
  expect_identical(summary(fit)$fixed["zAge", "Rhat"], rhat_nested(x, superchains))
  expect_identical(summary(fit)$fixed["zAge", "Bulk_ESS"], effective_bulk(x))
  expect_output(print(fit), "on 16 superchains")
  expect_lt(max(rhat(fit)), 1.1)
  both <- combine_models(fit, update(fit, seed = 2, refresh = 0))
  expect_output(print(both), "on 32 superchains")
})
