base_fit <- function(...) {
  data <- data.frame(y = c(1, 3, 2, 5, 4), x = 1:5, z = c(0, 1, 0, 1, 1), g = rep(c("a", "b"), length.out = 5))
  priors <- prior(normal(0, 1), class = b) + prior(exponential(1), class = sigma)
  brm(y ~ x + (1 | g), data, prior = priors, chains = 0, ...)
}

updated_plan <- function(object, ..., formula = NULL, newdata = NULL) {
  update_plan(object, list(formula = formula, newdata = newdata, data_name = "d2"), list(...))
}

user_rows <- function(fit) {
  rows <- fit$prior[fit$prior$source == "user", ]
  sort(paste(rows$class, rows$prior))
}

test_that("what is not given stays", {
  fit <- base_fit(iter = 400, warmup = 100, thin = 2, threads = threading(2), init = 0, silent = 2, refresh = 7,
    step_size = 0.1, control = list(adapt_delta = 0.9), save_warmup = TRUE, cores = 2, seed = 5)
  run <- updated_plan(fit)$run
  expect_identical(run[c("chains", "iter", "warmup", "thin")], list(chains = 0, iter = 400, warmup = 100, thin = 2))
  expect_identical(run$threads, threading(2))
  expect_identical(run$init, 0)
  expect_identical(run$settings[c("stepsize", "adapt_delta")], list(stepsize = 0.1, adapt_delta = 0.9))
  expect_identical(run$refresh, 7)
  expect_true(run$save_warmup)
  expect_identical(updated_plan(fit)$silent, 2L)
  # Not remembered.
  expect_identical(run$cores, 1)
  expect_true(is.na(run$seed))
  expect_null(updated_plan(base_fit(file = withr::local_tempfile()))$file)
})

test_that("warmup is remembered only if no iter is given", {
  fit <- base_fit(iter = 400, warmup = 100)
  expect_identical(updated_plan(fit, iter = 500)$run$warmup, 250)
  expect_identical(updated_plan(fit, chains = 1)$run$warmup, 100)
  expect_identical(updated_plan(fit, iter = 500, warmup = 20)$run$warmup, 20)
  expect_error(updated_plan(fit, iter = "a"), "iter", class = "skein_error")
})

test_that("settings given anew replace those remembered, under any of their names", {
  fit <- base_fit(step_size = 0.1, control = list(metric = "diag_e", adapt_delta = 0.9))
  expect_identical(updated_plan(fit, control = list(stepsize = 0.2))$run$settings$stepsize, 0.2)
  expect_identical(updated_plan(fit, step_size = NULL)$run$settings$stepsize, sampler_defaults()$stepsize)
  expect_identical(updated_plan(fit, control = list(metric = "unit_e"))$run$settings$adapt_delta, 0.9)
  twice <- update(fit, adapt_delta = 0.95)
  expect_identical(updated_plan(twice)$run$settings$adapt_delta, 0.95)
  expect_error(updated_plan(fit, adapt_dleta = 1), "adapt_delta", class = "skein_error")
})

test_that("values per chain are cut to the chains that are left", {
  fit <- base_fit()
  lists <- list(list(b = 1), list(b = 2), list(b = 3))
  fit$arguments$init <- lists
  fit$arguments$settings <- list(stepsize = c(0.1, 0.2, 0.3), inv_metric = list(1, 2, 3))
  fit$arguments$chains <- 3
  plan <- updated_plan(fit, chains = 2)
  expect_identical(plan$run$init, lists[1:2])
  expect_identical(plan$run$settings$stepsize, c(0.1, 0.2))
  expect_identical(plan$run$settings$inv_metric, list(1, 2))
  expect_identical(first_chains(list(b = 1, Intercept = 2, sigma = 3), 1), list(b = 1, Intercept = 2, sigma = 3))
})

test_that("threads = NULL turns threading off, and init = NULL makes starts random", {
  fit <- base_fit(threads = 2, init = 0)
  expect_identical(updated_plan(fit)$run$threads, threading(2))
  expect_identical(updated_plan(fit, threads = NULL)$run$threads, threading())
  expect_null(updated_plan(fit, init = NULL)$run$init)
})

test_that("priors are merged by class, coef and group", {
  fit <- base_fit()
  expect_identical(user_rows(fit), c("b normal(0, 1)", "sigma exponential(1)"))
  fit <- update(fit, prior = prior(normal(0, 5), class = b))
  expect_identical(user_rows(fit), c("b normal(0, 5)", "sigma exponential(1)"))
  suppressWarnings(fit <- update(fit, prior = prior(normal(0, 2), class = b, coef = x)))
  expect_identical(user_rows(fit), c("b normal(0, 2)", "b normal(0, 5)", "sigma exponential(1)"))
  # Priors of terms that the formula loses go with them; new ones must fit.
  fit <- update(fit, formula. = ~ . - x)
  expect_identical(user_rows(fit), "sigma exponential(1)")
  expect_error(update(fit, prior = prior(normal(0, 1), class = b, coef = x)), "correspond", class = "skein_error")
})

test_that("the formula is merged, or replaced by a bf()", {
  fit <- base_fit()
  text <- function(fit) format_formula(fit$formula$formula)
  expect_error(update(fit, . ~ . + z), "z.*newdata", class = "skein_error")
  data <- data.frame(y = c(1, 3, 2, 5, 4), x = 1:5, z = c(0, 1, 0, 1, 1), g = "a")
  suppressWarnings(wider <- update(fit, . ~ . + z, newdata = data))
  expect_identical(text(wider), "y ~ x + (1 | g) + z")
  expect_identical(wider$data_name, "data")
  expect_identical(text(update(fit, . ~ . - (1 | g))), "y ~ x")
  expect_identical(text(update(fit, bf(y ~ x))), "y ~ x")
  expect_identical(text(update(fit, log(.) ~ .)), "log(y) ~ x + (1 | g)")
  expect_identical(update(fit, family = student())$family$family, "student")
})

test_that("functions of the user that the formula calls come along", {
  double <- function(x) 2 * x
  data <- data.frame(y = c(1, 3, 2, 5), x = 1:4)
  fit <- brm(y ~ double(x), data, chains = 0)
  half <- function(x) x / 2
  fit <- update(fit, ~ . + half(x^2))
  expect_identical(fit$frame$predictors$mu$coefs, c("doublex", "halfxE2"))
})

test_that("the density is used again unless the model changes", {
  fit <- base_fit()
  pointer <- function(fit) fit$fit$handle$pointer
  expect_identical(pointer(update(fit, iter = 100, threads = 2)), pointer(fit))
  expect_identical(pointer(brm(fit = fit, chains = 0)), pointer(fit))
  expect_false(identical(pointer(update(fit, sample_prior = "yes")), pointer(fit)))
  expect_false(identical(pointer(update(fit, newdata = fit$data)), pointer(fit)))
})

test_that("data, fit and arguments without names are errors; recompile is ignored", {
  fit <- base_fit()
  expect_error(update(fit, data = fit$data), "newdata", class = "skein_error")
  expect_error(update(fit, fit = fit), "fit", class = "skein_error")
  expect_error(update(fit, ~., fit$data, NULL, 5), "names", class = "skein_error")
  expect_message(update(fit, recompile = TRUE), "recompile", class = "skein_ignored")
})
