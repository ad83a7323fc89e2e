test_that("names of rstan and cmdstanr mean the same settings, in control and at top level", {
  expect_identical(merge_control(list(step_size = 0.1)), list(stepsize = 0.1))
  expect_identical(merge_control(NULL, list(window = 30)), list(adapt_window = 30))
  merged <- merge_control(list(adapt_delta = 0.9), list(max_treedepth = 12))
  expect_identical(merged[c("adapt_delta", "max_treedepth")], list(adapt_delta = 0.9, max_treedepth = 12))
  expect_identical(merge_control(list(adapt_delta = 0.9), list(adapt_delta = 0.9)), list(adapt_delta = 0.9))
  expect_identical(merge_control(list(adapt_delta = NULL)), list())
})

test_that("unknown, doubled and unnamed entries are errors that name them", {
  expect_error(merge_control(list(adapt_dleta = 0.9)), "adapt_delta", class = "skein_error")
  expect_error(merge_control(list(stepsize = 1, step_size = 1)), "stepsize", class = "skein_error")
  expect_error(merge_control(list(stepsize = 1), list(step_size = 2)), "twice", class = "skein_error")
  expect_error(merge_control(list(0.9)), "name", class = "skein_error")
  expect_error(merge_control("adapt_delta"), "list", class = "skein_error")
})

test_that("defaults are the core's, and given settings replace them", {
  settings <- sampler_settings(list(adapt_delta = 0.95), 2)
  defaults <- sampler_defaults()
  expect_identical(settings$adapt_delta, 0.95)
  same <- setdiff(control_names, c("adapt_delta", "inv_metric"))
  expect_equal(settings[same], defaults[same])
  expect_null(settings$inv_metric)
  expect_setequal(names(settings), control_names)
})

test_that("impossible settings are errors that name them", {
  bad <- list(
    list(adapt_delta = 0), list(adapt_delta = 1), list(adapt_delta = "a"), list(adapt_gamma = 0),
    list(adapt_kappa = -1), list(adapt_t0 = NA), list(adapt_init_buffer = -1), list(adapt_term_buffer = 1.5),
    list(adapt_window = 0), list(max_treedepth = 0), list(max_treedepth = 2.5), list(stepsize = 0),
    list(stepsize = c(1, 1, 1)),
    list(stepsize_jitter = 1.1), list(metric = "diag"), list(adapt_engaged = NA), list(inv_metric = c(1, 0)),
    list(inv_metric = "a"), list(inv_metric = matrix(1, 2, 3)), list(inv_metric = matrix(c(1, 2, 2, 1), 2)),
    list(inv_metric = list(1, 1, 1))
  )
  for (given in bad) {
    name <- if (names(given) == "stepsize") "step_size" else names(given)
    expect_error(sampler_settings(given, 2), name, class = "skein_error")
  }
  expect_error(sampler_settings(list(metric = "diage"), 2), "diag_e", class = "skein_error")
})

test_that("an inverse metric goes to every chain and brings its kind of metric", {
  settings <- sampler_settings(list(inv_metric = c(1, 2)), 2)
  expect_identical(settings$inv_metric, list(c(1, 2), c(1, 2)))
  expect_identical(settings$metric, "diag_e")
  dense <- sampler_settings(list(inv_metric = list(diag(2), 2 * diag(2))), 2)
  expect_identical(dense$inv_metric[[2]], 2 * diag(2))
  expect_identical(dense$metric, "dense_e")
  expect_error(sampler_settings(list(inv_metric = c(1, 2), metric = "dense_e"), 1), "dense_e", class = "skein_error")
  expect_error(sampler_settings(list(inv_metric = c(1, 2), metric = "unit_e"), 1), "unit_e", class = "skein_error")
  expect_error(sampler_settings(list(inv_metric = list(1, diag(2))), 2), "mixes", class = "skein_error")
  expect_error(check_metric_length(list(c(1, 2)), 3), "length 2.*3 unconstrained", class = "skein_error")
})
