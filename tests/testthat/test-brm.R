# End to end: short fits on small data.
quick <- function(..., chains = 2, iter = 200, refresh = 0, seed = 1) {
  suppressWarnings(brm(..., chains = chains, iter = iter, refresh = refresh, seed = seed))
}

draws_of <- function(fit) fit$fit$draws

test_that("the epilepsy model is fitted with brms's names and sensible estimates", {
  fit <- brm(count ~ zAge + zBase * Trt + (1 | patient),
    data = epilepsy, family = poisson(), chains = 2, iter = 1000, seed = 1, refresh = 0
  )
  expect_s3_class(fit, "skeinfit")
  expect_identical(dim(draws_of(fit)), c(500L, 2L, 68L))
  expect_false(anyNA(draws_of(fit)))
  # brms's printed estimates: 2 digits, from some 700 effective draws of their own.
  reference <- c(b_Intercept = 1.77, b_zBase = 0.71, sd_patient__Intercept = 0.58)
  for (name in names(reference)) {
    draws <- draws_of(fit)[, , name]
    error <- sqrt(posterior::mcse_mean(draws)^2 + stats::var(as.vector(draws)) / 700)
    expect_lt(abs(mean(draws) - reference[[name]]), 0.005 + 4 * error)
  }
  expect_identical(dim(get_elapsed_time(fit)), c(2L, 2L))
  expect_identical(nrow(nuts_params(fit, inc_warmup = TRUE)), 1000L * 2L * 6L)
})

test_that("lp__ and lprior are the density's own at each draw", {
  fit <- quick(count ~ zAge + (1 | patient), data = epilepsy, family = poisson(), save_pars = save_pars(all = TRUE))
  draws <- draws_of(fit)
  last <- fit$fit$positions$last_draw
  for (chain in 1:2) {
    expect_equal(log_prob(fit, last[, chain]), draws[[100, chain, "lp__"]])
    expect_equal(constrain_pars(fit, last[, chain])$z_1[1, 2], draws[[100, chain, "z_1[1,2]"]])
    first <- constrain_pars(fit, fit$fit$positions$first_draw[, chain])
    expect_equal(as.vector(first$b), as.vector(draws[1, chain, "b_zAge"]))
  }
})

test_that("draws depend on seed and chain, not on cores, threads, grainsize or the number of chains", {
  f <- function(...) quick(count ~ zAge + (1 | patient), data = epilepsy, family = poisson(), iter = 60, ...)
  one <- f()
  expect_identical(draws_of(f()), draws_of(one))
  for (threads in list(1, 2, threading(2, grainsize = 10))) {
    for (cores in 1:2) expect_identical(draws_of(f(threads = threads, cores = cores)), draws_of(one))
  }
  more <- f(chains = 3)
  expect_identical(draws_of(more)[, 1:2, ], draws_of(one)[, , ])
  expect_identical(as.vector(draws_of(f(chains = 1, chain_id = 2))), as.vector(draws_of(one)[, 2, ]))
  expect_false(identical(draws_of(f(seed = 2)), draws_of(one)))
})

test_that("seed = NA takes one number from R's generator, and a seed takes none", {
  f <- function(...) brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 20, refresh = 0, ...)
  withr::local_seed(7)
  a <- f()
  after <- .Random.seed
  set.seed(7)
  sample.int(.Machine$integer.max, 1)
  expect_identical(.Random.seed, after)
  set.seed(7)
  b <- f()
  expect_identical(draws_of(a), draws_of(b))
  expect_identical(get_seed(a), get_seed(b))
  before <- .Random.seed
  f(seed = 3)
  f(seed = 3, sample_prior = "yes", prior = prior(normal(0, 1)))
  expect_identical(.Random.seed, before)
})

test_that("thin, warmup and save_warmup cut the draws as in Stan", {
  f <- function(...) quick(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 50, ...)
  all <- f(warmup = 20, save_warmup = TRUE)
  thinned <- f(warmup = 20, thin = 7, save_warmup = TRUE)
  expect_identical(dim(all$fit$warmup_draws)[1], 20L)
  expect_identical(dim(thinned$fit$draws)[1], 5L)
  expect_identical(draws_of(thinned)[, 1, ], draws_of(all)[seq(1, 30, 7), 1, ])
  expect_identical(thinned$fit$warmup_draws[, 1, ], all$fit$warmup_draws[seq(1, 20, 7), 1, ])
  expect_null(f(warmup = 20)$fit$warmup_draws)
  expect_identical(dim(as_draws_array(thinned, inc_warmup = TRUE))[1], 8L)
})

test_that("without adaptation, step size and metric are those given, as the threading vignette runs it", {
  fit <- quick(count ~ zAge, epilepsy, poisson())
  skip_if_not_installed("abind")
  first_draw <- lapply(extract_arrays(fit$fit), abind::asub, idx = 1, dim = 1, drop = FALSE)
  winfo_step <- fit$fit$step_size
  winfo_metric <- fit$fit$inverse_metric
  bench <- update(fit,
    warmup = 0, iter = 20, chains = 1, seed = 1234, init = list(first_draw), refresh = 0,
    save_warmup = TRUE, threads = threading(2, grainsize = 50, static = TRUE), inv_metric = winfo_metric[[1]],
    step_size = winfo_step[1], adapt_engaged = FALSE
  )
  expect_identical(dim(draws_of(bench))[1], 20L)
  expect_identical(bench$fit$step_size, winfo_step[1])
  expect_equal(bench$fit$inverse_metric, winfo_metric[1])
  expect_equal(unique(as.vector(bench$fit$sampler_params[, , "stepsize__"])), winfo_step[1])
  expect_identical(sum(nuts_params(bench, inc_warmup = TRUE)$Parameter == "n_leapfrog__"), 20L)
})

test_that("all three metrics run", {
  for (metric in c("unit_e", "diag_e", "dense_e")) {
    fit <- quick(count ~ zAge, epilepsy, poisson(), chains = 1, control = list(metric = metric))
    expect_false(anyNA(draws_of(fit)))
    expect_match(get_adaptation_info(fit)[[1]], "^# Step size = ")
    size <- length(fit$fit$inverse_metric[[1]])
    if (metric != "unit_e") expect_identical(size, if (metric == "dense_e") 4L else 2L)
  }
})

test_that("inits start the chains where they say", {
  fit <- quick(count ~ zAge, epilepsy, poisson(), chains = 1)
  start <- list(list(b_zAge = 0.3, b_Intercept = 2))
  suppressWarnings(stay <- update(fit, init = start, warmup = 0, iter = 1, step_size = 1e-9, adapt_engaged = FALSE))
  expect_equal(draws_of(stay)[[1, 1, "b_zAge"]], 0.3, tolerance = 1e-5)
  expect_equal(draws_of(stay)[[1, 1, "b_Intercept"]], 2, tolerance = 1e-5)
})

test_that("a metric of the wrong length and a density that is nowhere finite stop before sampling", {
  expect_error(
    quick(count ~ zAge, epilepsy, poisson(), inv_metric = c(1, 1, 1)),
    "length 3.*2 unconstrained", class = "skein_error"
  )
  data <- data.frame(y = c(1, 2, 3), x = c(1, 1e308, -1e308))
  expect_error(brm(y ~ x, data, poisson(), refresh = 0), "b_x", class = "skein_failed_start")
})

test_that("sample_prior adds draws of the priors, or samples them alone", {
  f <- function(...) {
    quick(count ~ zAge + (1 | patient), epilepsy, poisson(), prior = prior(normal(0, 0.1), class = b), ...)
  }
  yes <- f(sample_prior = "yes")
  expect_true(all(c("prior_b", "prior_Intercept", "prior_sd_patient") %in% variables(yes)))
  expect_identical(draws_of(yes)[, , "b_zAge"], draws_of(f())[, , "b_zAge"])
  only <- f(sample_prior = "only", iter = 1000)
  expect_equal(stats::sd(draws_of(only)[, , "b_zAge"]), 0.1, tolerance = 0.2)
  expect_error(brm(count ~ zAge, epilepsy, poisson(), sample_prior = "only"), "b_zAge", class = "skein_error")
})

test_that("fit = samples the model of an earlier fit again", {
  fit <- quick(count ~ zAge, epilepsy, poisson())
  again <- quick(fit = fit)
  expect_identical(draws_of(again), draws_of(fit))
  expect_identical(again$data_name, "epilepsy")
})

test_that("chains = 0 and empty = TRUE hold no draws", {
  for (fit in list(brm(count ~ zAge, epilepsy, chains = 0), brm(count ~ zAge, epilepsy, empty = TRUE))) {
    expect_identical(ndraws(fit), 0L)
    expect_output(print(fit), "does not contain posterior draws")
    expect_true("b_zAge" %in% dimnames(draws_of(fit))[[3]])
  }
})

test_that("progress is told in lines, with refresh as their distance", {
  lines <- capture.output(
    invisible(brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 100, refresh = 50, seed = 1)),
    type = "message"
  )
  expect_match(lines, "Chain 1 Iteration: 100 / 100 [100%]  (Sampling)", fixed = TRUE, all = FALSE)
  expect_silent(brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 100, refresh = 0, seed = 1))
})

test_that("a fit survives a file and goes on from there", {
  fit <- quick(count ~ zAge, epilepsy, poisson())
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(fit, file)
  expect_identical(draws_of(update(readRDS(file), seed = 1)), draws_of(fit))
})

test_that("forks sample as their parent does", {
  skip_on_os("windows")
  f <- function(i) draws_of(quick(count ~ zAge + (1 | patient), epilepsy, poisson(), iter = 50, threads = 2, cores = 2))
  before <- f()
  forked <- parallel::mclapply(1:2, f, mc.cores = 2)
  expect_identical(forked, list(before, before))
  expect_identical(f(), before)
})

test_that("wrong data and formulas stop before sampling", {
  d <- data.frame(y = c(1, 2, 3), x = c(1, 2, 4))
  expect_error(brm(y ~ nope, d), "nope", class = "skein_error")
  expect_error(brm(y ~ x, d[0, ]), "rows", class = "skein_error")
  expect_error(brm(y ~ x, transform(d, x = c(1, Inf, 2))), "x", class = "skein_error")
  expect_error(brm(y ~ x, transform(d, y = -y), poisson()), "y", class = "skein_error")
  expect_error(brm(y ~ x), "data", class = "skein_error")
  expect_error(brm(data = d), "formula", class = "skein_error")
  expect_error(brm(y ~ x, d, "gausian"), "gaussian", class = "skein_error")
  expect_error(brm(y ~ s(x), d), "s()", fixed = TRUE, class = "skein_not_yet")
})
