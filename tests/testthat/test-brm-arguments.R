plan_of <- function(..., dots = list(), given = character(0)) {
  arguments <- brm_defaults()
  given_values <- list(...)
  arguments[names(given_values)] <- given_values
  model <- list(formula = y ~ x, data = data.frame(y = 1, x = 1), data_name = "d")
  check_brm_arguments(c(arguments, model), dots, given)
}

test_that("brm() has brms's arguments in brms's order", {
  expect_identical(names(formals(brm)), c(
    "formula", "data", "family", "prior", "autocor", "data2", "cov_ranef", "sample_prior", "sparse", "knots",
    "drop_unused_levels", "stanvars", "stan_funs", "fit", "save_pars", "save_ranef", "save_mevars", "save_all_pars",
    "init", "inits", "chains", "iter", "warmup", "thin", "cores", "threads", "opencl", "normalize", "control",
    "algorithm", "backend", "future", "silent", "seed", "save_model", "stan_model_args", "file", "file_compress",
    "file_refit", "empty", "rename", "..."
  ))
})

test_that("chains, iter, warmup, thin and cores must be whole numbers in range", {
  for (name in c("chains", "iter", "warmup", "thin", "cores")) {
    for (bad in list(-1, 1.5, "2", NA, c(1, 2), NULL, Inf)) {
      given <- stats::setNames(list(bad), name)
      expect_error(do.call(plan_of, given), name, class = "skein_error")
    }
  }
  for (name in c("iter", "thin", "cores")) {
    expect_error(do.call(plan_of, stats::setNames(list(0), name)), name, class = "skein_error")
  }
  expect_error(plan_of(iter = 100, warmup = 100), "warmup.*iter", class = "skein_error")
  expect_error(brm(y ~ x, data.frame(y = 1, x = 1), iter = "many"), "iter", class = "skein_error")
  expect_identical(plan_of(iter = 10, warmup = 0)$run$settings$adapt_engaged, FALSE)
})

test_that("what skein does not have is refused by name", {
  refused <- list(
    autocor = ~ 1, data2 = list(a = 1), cov_ranef = list(1), sparse = TRUE, knots = list(1), stanvars = "x",
    stan_funs = "f", algorithm = "meanfield", backend = "mock"
  )
  for (name in names(refused)) {
    expect_error(do.call(plan_of, refused[name]), name, class = "skein_not_yet")
  }
  expect_error(plan_of(dots = list(test_grad = TRUE)), "test_grad", class = "skein_not_yet")
  expect_silent(plan_of(data2 = list(), sparse = FALSE, stanvars = NULL, dots = list(refresh = 0)))
})

test_that("unknown arguments are errors with a suggestion", {
  expect_error(plan_of(dots = list(refesh = 0)), "refresh", class = "skein_error")
  expect_error(plan_of(dots = list(adapt_dleta = 0.9)), "adapt_delta", class = "skein_error")
  expect_error(plan_of(dots = list(iter_warmup = 10)), "warmup", class = "skein_error")
  expect_error(plan_of(dots = list(parallel_chains = 10)), "cores", class = "skein_error")
  expect_error(plan_of(dots = list(0)), "name", class = "skein_error")
  expect_error(plan_of(algorithm = "samplin"), "sampling", class = "skein_error")
  expect_error(plan_of(backend = "stan"), "rstan", class = "skein_error")
  expect_error(plan_of(sample_prior = "maybe"), "sample_prior", class = "skein_error")
  expect_error(plan_of(silent = 3), "silent", class = "skein_error")
  expect_error(plan_of(fit = 3), "fit", class = "skein_error")
})

test_that("arguments for Stan's tools are ignored with one message", {
  message <- expect_message(
    plan_of(
      backend = "cmdstanr", normalize = FALSE, opencl = 1, stan_model_args = list(a = 1), save_model = "m",
      dots = list(sig_figs = 9), given = "backend"
    ),
    class = "skein_ignored"
  )
  for (name in c("backend", "normalize", "opencl", "stan_model_args", "save_model", "sig_figs")) {
    expect_match(conditionMessage(message), name, fixed = TRUE)
  }
  expect_silent(plan_of(normalize = FALSE, silent = 2))
  expect_silent(plan_of(normalize = FALSE, dots = list(refresh = 0)))
  expect_silent(plan_of())
})

test_that("reports are ten a chain, none in knitr or with refresh = 0", {
  expect_identical(plan_of(iter = 500, warmup = 100)$run$refresh, 50)
  expect_identical(plan_of(iter = 5, warmup = 1)$run$refresh, 1)
  expect_identical(plan_of(dots = list(refresh = -1))$run$refresh, 0)
  expect_error(plan_of(dots = list(refresh = 1.5)), "refresh", class = "skein_error")
  withr::local_options(knitr.in.progress = TRUE)
  expect_identical(plan_of(dots = list(refresh = 10))$run$refresh, 0)
  expect_true(plan_of()$quiet)
})

test_that("deprecated arguments still work, with a warning", {
  expect_warning(plan <- plan_of(inits = "0"), "init", class = "skein_warning")
  expect_identical(plan$run$init, "0")
  expect_warning(plan <- plan_of(save_all_pars = TRUE), "save_pars", class = "skein_warning")
  expect_true(plan$save_pars$all)
  expect_warning(plan <- plan_of(save_ranef = FALSE), "group", class = "skein_warning")
  expect_false(plan$save_pars$group)
})

test_that("options set defaults", {
  withr::local_options(
    brms.iter = 100, mc.cores = 3, brms.threads = 2, brms.file_refit = "always", brms.silent = 2,
    brms.save_pars = save_pars(all = TRUE), brms.algorithm = "sampling", brms.backend = "cmdstanr"
  )
  plan <- plan_of()
  expect_identical(plan$run[c("iter", "warmup", "cores")], list(iter = 100, warmup = 50, cores = 3))
  expect_identical(plan$run$threads, threading(2))
  expect_identical(plan$file_refit, "always")
  expect_identical(plan$silent, 2L)
  expect_true(plan$save_pars$all)
})

test_that("seed, chain_id and init_r are checked", {
  expect_identical(plan_of(seed = 5)$run$seed, 5)
  expect_true(is.na(plan_of(seed = NA)$run$seed))
  for (bad in list(-1, 1.5, "a", c(1, 2))) expect_error(plan_of(seed = bad), "seed", class = "skein_error")
  expect_identical(plan_of(dots = list(chain_id = 3:6))$run$first_chain, 3)
  expect_error(plan_of(dots = list(chain_id = c(1, 3))), "chain_id", class = "skein_error")
  expect_error(plan_of(dots = list(init_r = -1)), "init_r", class = "skein_error")
  expect_identical(plan_of()$run$init_radius, as.double(sampler_defaults()$init_radius))
})

test_that("save_pars() takes logicals and names", {
  expect_identical(save_pars(group = "g")$group, "g")
  expect_error(save_pars(all = "yes"), "all", class = "skein_error")
  expect_error(plan_of(save_pars = TRUE), "save_pars", class = "skein_error")
})
