# What scripts for brms call besides models and methods.

test_that("classes are told, of both packages", {
  fit <- mock_fit()
  expect_true(is.brmsfit(fit) && is.brmsfit(structure(list(), class = "brmsfit")))
  expect_false(is.brmsfit(1) || is.brmsfit_multiple(fit) || is.mvbrmsformula(bf(y ~ x)))
  fit$rhats <- data.frame(a = 1)
  expect_true(is.brmsfit_multiple(fit) && is.brmsformula(bf(y ~ x)) && is.brmsprior(prior(normal(0, 1))))
  expect_identical(restructure(fit), fit)
  expect_identical(recompile_model(fit), fit)
  expect_error(add_rstan_model(1), "fit", class = "skein_error")
  expect_error(expose_functions(fit), "no Stan functions", class = "skein_error")
})

test_that("addition terms are updated by function", {
  expect_equal(update_adterms(y ~ x, ~ trials(n)), y | trials(n) ~ x)
  expect_equal(update_adterms(y | trials(n) ~ x, ~ weights(w)), y | trials(n) + weights(w) ~ x)
  expect_equal(update_adterms(y | trials(n) + se(s) ~ x, ~ trials(10)), y | se(s) + trials(10) ~ x)
  expect_equal(update_adterms(y | trials(n) ~ x, ~ weights(w), action = "replace"), y | weights(w) ~ x)
  expect_error(update_adterms(~ x, ~ weights(w)), "response", class = "skein_error")
  expect_error(update_adterms(y ~ x, ~ w), "addition term", class = "skein_error")
})

test_that("do_call() calls by name", {
  expect_identical(do_call("sum", list(1, 2)), 3)
  expect_identical(do_call("sd", list(x = c(1, 3)), pkg = "stats"), stats::sd(c(1, 3)))
  here <- 5
  expect_identical(do_call(function(a, b = 1) a + b, list(here, b = 2)), 7)
  expect_identical(do_call(rbind, list()), NULL)
})

test_that("older names, OpenCL and themes work", {
  fit <- mock_fit()
  expect_warning(out <- pp_expect(fit), class = "skein_deprecated")
  expect_identical(out, posterior_epred(fit))
  expect_identical(logLik(fit), log_lik(fit))
  suppressWarnings(add_ic(fit) <- "waic")
  expect_named(fit$criteria, "waic")
  expect_message(suppressWarnings(brm(count ~ 1, epilepsy, poisson(), opencl = opencl(c(0, 0)), chains = 0)), "opencl")
  expect_error(opencl(1), "ids", class = "skein_error")
  expect_s3_class(theme_black(), "theme")
  expect_s3_class(theme_default(), "theme")
  for (name in c("stanvar", "conditional_smooths", "pp_mixture", "cor_ar", "mvbind")) {
    expect_error(get(name)(1), name, class = "skein_not_yet")
  }
})
