test_that("rstan's own functions work on a fit and its sampling object", {
  skip_if_not_installed("rstan")
  fit <- mock_sampled_fit()
  expect_identical(rstan::get_elapsed_time(fit$fit), get_elapsed_time(fit))
  expect_identical(rstan::get_adaptation_info(fit), get_adaptation_info(fit))
  expect_identical(rstan::get_sampler_params(fit$fit, inc_warmup = FALSE), get_sampler_params(fit, FALSE))
  draws <- rstan::extract(fit$fit)
  expect_identical(draws$b_x, extract_arrays(fit$fit)$b_x)
  expect_identical(names(rstan::extract(fit, pars = "r_g")), "r_g")
  u <- rep(0.1, get_num_upars(fit))
  expect_identical(rstan::log_prob(fit$fit, u), log_prob(fit, u))
  expect_equal(rstan::unconstrain_pars(fit$fit, rstan::constrain_pars(fit$fit, u)), u)
  expect_identical(rstan::get_num_upars(fit), length(u))
})

test_that("the text of the adaptation is read as scripts do", {
  fit <- mock_sampled_fit()
  adapt <- lapply(get_adaptation_info(fit$fit), strsplit, split = "\\n")
  step_size <- lapply(adapt, function(a) as.numeric(strsplit(a[[1]][[1]], " = ")[[1]][2]))
  inverse_metric <- lapply(adapt, function(a) as.numeric(strsplit(sub("^# ", "", a[[1]][[3]]), ", ")[[1]]))
  expect_identical(step_size, as.list(fit$fit$step_size))
  expect_identical(inverse_metric, fit$fit$inverse_metric)
  expect_match(adaptation_text(1, diag(2)), "# Elements of inverse mass matrix:\n# 1, 0\n# 0, 1\n", fixed = TRUE)
  expect_identical(adaptation_text(0.5, NULL), "# Step size = 0.5\n")
})

test_that("draws come as arrays with brms's names, in the order they were drawn", {
  fit <- mock_sampled_fit()
  arrays <- extract_arrays(fit$fit)
  expect_identical(dim(arrays$b_x), 20L)
  expect_identical(dim(arrays$r_g), c(20L, 2L, 2L))
  expect_identical(as.vector(arrays$b_x), as.vector(fit$fit$draws[, , "b_x"]))
  expect_identical(arrays$r_g[13, 2, 1], fit$fit$draws[3, 2, "r_g[b,Intercept]"][[1]])
  expect_identical(dim(extract_arrays(fit$fit, permuted = FALSE)), dim(fit$fit$draws))
  expect_false("b_x" %in% names(extract_arrays(fit$fit, "b_x", include = FALSE)))
  expect_error(extract_arrays(fit$fit, "b_y"), "b_x", class = "skein_error")
})

test_that("a fit without draws has none of it", {
  fit <- brm(y ~ 1, data.frame(y = 1:4), chains = 0)
  for (f in list(get_elapsed_time, get_adaptation_info, get_sampler_params)) {
    expect_error(f(fit), class = "skein_no_draws")
  }
})
