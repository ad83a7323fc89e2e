# Weights of models against package loo and formulas, and averages made with them.

weights_data <- withr::with_seed(1, data.frame(y = stats::rnorm(30), x = stats::rnorm(30)))

weights_fit <- function(formula, scale = 0.2) {
  fit <- made_up_fit(formula, weights_data, n_draws = 200)
  fit$fit$draws[] <- fit$fit$draws * scale
  fit$fit$draws[, , "sigma"] <- 1 + fit$fit$draws[, , "sigma"]
  fit
}

one <- weights_fit(y ~ x)
two <- weights_fit(y ~ 1, 0.5)

test_that("loo_model_weights() is loo's of the log-likelihoods", {
  r_eff <- lapply(list(one, two), function(fit) loo::relative_eff(exp(log_lik(fit)), chain_id = rep(1:2, each = 100)))
  by_loo <- function(method) {
    set.seed(1)
    suppressWarnings(loo::loo_model_weights(lapply(list(one, two), log_lik), method = method, r_eff_list = r_eff))
  }
  ours <- suppressWarnings(loo_model_weights(one, two))
  expect_s3_class(ours, "stacking_weights")
  expect_named(ours, c("one", "two"))
  expect_equal(as.vector(ours), as.vector(by_loo("stacking")))
  set.seed(1)
  pseudo <- suppressWarnings(loo_model_weights(one, two, method = "pseudobma"))
  expect_equal(as.vector(pseudo), as.vector(by_loo("pseudobma")))
  expect_named(suppressWarnings(loo_model_weights(one, two, model_names = c("a", "b"))), c("a", "b"))
  expect_equal(suppressWarnings(model_weights(one, two)), c(one = ours[[1]], two = ours[[2]]))
  expect_equal(suppressWarnings(loo_model_weights(one, two, newdata = weights_data[1:10, ])) |> sum(), 1)
})

test_that("Akaike weights fall with half the criterion", {
  ic <- c(suppressWarnings(waic(one))$estimates["waic", 1], suppressWarnings(waic(two))$estimates["waic", 1])
  expected <- exp(-(ic - min(ic)) / 2)
  ours <- model_weights(one, two, weights = "waic")
  expect_equal(unname(ours), unname(expected / sum(expected)))
  expect_named(ours, c("one", "two"))
  expect_warning(out <- model_weights(one, two, weights = "loo2"), "stacking", class = "skein_warning")
  expect_error(model_weights(one, two, weights = "aic"), "weights", class = "skein_error")
})

test_that("pp_average() takes draws of each model by its weight", {
  set.seed(1)
  out <- pp_average(one, two, weights = c(3, 1), method = "posterior_epred", summary = FALSE, ndraws = 50)
  expect_equal(dim(out), c(50, 30))
  # 37.5 and 12.5: the first of equal remainders gets the draw that is left.
  expect_equal(attr(out, "ndraws"), c(one = 38, two = 12))
  expect_equal(attr(out, "weights"), c(one = 0.75, two = 0.25))
  values <- posterior_epred(two)
  expect_true(all(out[39:50, 1] %in% values[, 1]))
  table <- pp_average(one, two, weights = c(1, 0), method = "posterior_epred", probs = 0.5)
  expect_equal(table[, 1:3], fitted(one, probs = 0.5)[, 1:3], ignore_attr = TRUE)
  new <- pp_average(one, two, weights = c(1, 1), newdata = weights_data[1:3, ], seed = 5)
  expect_identical(new, pp_average(one, two, weights = c(1, 1), newdata = weights_data[1:3, ], seed = 5))
  expect_error(pp_average(one, two, weights = 1), "2 numbers", class = "skein_error")
  expect_error(pp_average(one, two, draw_ids = 1), "draw_ids", class = "skein_error")
  expect_error(pp_average(one, two, method = "loo"), "method", class = "skein_error")
  other <- made_up_fit(x ~ 1, weights_data)
  expect_error(pp_average(one, other, weights = c(1, 1)), "same responses", class = "skein_error")
  stacked <- suppressWarnings(pp_average(one, two, ndraws = 10, control = list(newdata = weights_data[1:20, ])))
  expect_equal(sum(attr(stacked, "weights")), 1)
})

test_that("posterior_average() takes draws of the variables that all models have, or fills in", {
  out <- posterior_average(one, two, weights = c(1, 1), ndraws = 20, seed = 1)
  expect_s3_class(out, "data.frame")
  expect_setequal(names(out), c("b_Intercept", "sigma", "lprior", "Intercept"))
  expect_identical(nrow(out), 20L)
  expect_true(all(out$sigma[1:10] %in% as.matrix(one)[, "sigma"]))
  expect_true(all(out$sigma[11:20] %in% as.matrix(two)[, "sigma"]))
  filled <- posterior_average(one, two, variable = "b_x", weights = c(1, 1), ndraws = 20, missing = 0)
  expect_true(all(filled$b_x[11:20] == 0) && all(filled$b_x[1:10] != 0))
  unknown <- posterior_average(one, two, variable = "b_x", weights = c(0, 1), missing = list(b_x = NA))
  expect_identical(unknown$b_x[1], NA_real_)
  expect_error(posterior_average(one, two, variable = "b_x", weights = c(1, 1)), "missing", class = "skein_error")
  expect_error(posterior_average(one, two, variable = "z", weights = c(1, 1), missing = 0), "None",
    class = "skein_error")
  expect_error(
    posterior_average(one, two, variable = "b_x", weights = c(1, 1), missing = list(b_z = 1)), "no value",
    class = "skein_error"
  )
})

test_that("draws are shared out by the largest remainders", {
  expect_equal(share_draws(c(0.5, 0.3, 0.2), 10), c(5, 3, 2))
  expect_equal(share_draws(c(0.55, 0.25, 0.2), 10), c(6, 2, 2))
  expect_equal(sum(share_draws(rep(1 / 7, 7), 1000)), 1000)
})
