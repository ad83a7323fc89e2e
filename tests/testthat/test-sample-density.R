# sample_density(): the seed's example, schedules, inits, targets, what comes out, and what is refused.

seed_density <- function(n = 1000) {
  withr::local_seed(20210407)
  observed <- stats::rnorm(n, 10, 20)
  list(
    observed = observed,
    f = function(loc, log_scale) log_scale + sum(dnorm(observed, loc, exp(log_scale), log = TRUE)),
    init = list(loc = 1, log_scale = 1)
  )
}

quick <- function(..., refresh = 0, seed = 1) sample_density(..., refresh = refresh, seed = seed)

test_that("schedules and cores give identical draws, and the exact posterior", {
  d <- seed_density()
  slow_nuts <- nuts(step_size = 1e-3, inverse_metric = c(0.5, 0.01), adapt = FALSE)
  density <- density_r(d$f, init = d$init)
  first <- quick(density, slow_nuts, chains = 4, draws = 2000)
  for (schedule in c("lockstep", "parallel", "async")) {
    for (cores in 1:2) {
      run <- quick(density, slow_nuts, chains = 4, draws = 2000, schedule = schedule, cores = cores)
      expect_identical(run$draws, first$draws)
      expect_identical(run$diagnostics, first$diagnostics)
      expect_identical(run$positions, first$positions)
    }
  }
  # The posterior of loc and log_scale by integration on a grid around the mode.
  n <- length(d$observed)
  centre <- c(mean(d$observed), log(stats::sd(d$observed)))
  grid <- expand.grid(loc = centre[1] + seq(-5, 5, length.out = 401), s = centre[2] + seq(-0.2, 0.2, length.out = 401))
  ss <- sum((d$observed - centre[1])^2) + n * (grid$loc - centre[1])^2
  log_p <- grid$s - n * grid$s - ss / (2 * exp(2 * grid$s))
  weight <- exp(log_p - max(log_p))
  exact <- c(loc = sum(weight * grid$loc), log_scale = sum(weight * grid$s)) / sum(weight)
  after <- first$draws[201:2000, , ]
  for (v in names(exact)) {
    x <- matrix(unclass(after)[, , v], 1800)
    expect_lt(abs(mean(x) - exact[[v]]), 5 * posterior::mcse_mean(x))
  }
})

test_that("many short chains converge, with nested R-hat to say so", {
  d <- seed_density(200)
  for (kernel in list(chees_hmc(), meads())) {
    many <- quick(d$f, kernel, chains = 64, warmup = 300, draws = 10, thin = 4, init = d$init, cores = 2)
    expect_identical(dim(many$draws), c(10L, 64L, 3L))
    table <- summary(many)
    expect_true(all(table$rhat_nested < 1.05))
    expect_equal(table$mean[1], mean(d$observed), tolerance = 0.2)
    expect_identical(quick(d$f, kernel, chains = 64, warmup = 300, draws = 10, thin = 4, init = d$init)$draws,
      many$draws)
  }
})

test_that("draws are those of posterior, in place and complete", {
  d <- seed_density(50)
  run <- quick(d$f, chains = 3, draws = 30, warmup = 60, thin = 2, init = d$init, save_warmup = TRUE)
  expect_identical(posterior::variables(run), c("loc", "log_scale", "lp__"))
  expect_identical(c(posterior::niterations(run), posterior::nchains(run)), c(30L, 3L))
  expect_s3_class(posterior::as_draws_df(run), "draws_df")
  expect_identical(posterior::as_draws_array(run), run$draws)
  expect_identical(dim(run$warmup_draws), c(30L, 3L, 3L))
  expect_identical(dim(posterior::as_draws_array(run, inc_warmup = TRUE))[1], 60L)
  expect_identical(dim(run$diagnostics), c(120L, 3L, 6L))
  expect_false(anyNA(run$draws))
  at <- unlist(unclass(run$draws)[17, 2, c("loc", "log_scale")])
  expect_equal(unclass(run$draws)[17, 2, "lp__"][[1]], log_prob(run$density, at))
})

test_that("the result says what it cost", {
  d <- seed_density(50)
  run <- quick(d$f, nuts(step_size = 0.05, adapt = FALSE), chains = 6, draws = 40, init = d$init, cores = 2,
    schedule = "async")
  cost <- run$cost
  expect_equal(sum(cost$workers$gradients), cost$gradients)
  expect_gte(cost$gradients, sum(run$diagnostics[, , "n_leapfrog__"]) + 6)
  expect_identical(dim(cost$chains), c(6L, 2L))
  expect_true(all(rowSums(cost$chains) == 40))
  expect_true(cost$lanes_filled > 0 && cost$lanes_filled <= 1 && cost$waiting >= 0 && cost$waiting < 1)
  expect_output(print(run), "Schedule async on 2 cores")
})

test_that("chains begin where they are told", {
  f <- function(x, m) sum(dnorm(x, log = TRUE)) + sum(dnorm(m, log = TRUE))
  still <- hmc(steps = 1, step_size = 1e-12, adapt = FALSE)
  shapes <- list(x = 0, m = matrix(0, 2, 2))
  begin <- function(init, chains = 3) {
    run <- quick(density_r(f, init = shapes), still, chains = chains, draws = 1, init = init)
    round(unclass(run$draws)[1, , "x"], 6)
  }
  one <- function(x) list(x = x, m = matrix(x, 2, 2))
  expect_identical(unname(begin(one(2))), c(2, 2, 2))
  expect_identical(unname(begin(list(one(1), one(2), one(3)))), c(1, 2, 3))
  expect_identical(unname(begin(function(chain) one(chain / 2))), c(0.5, 1, 1.5))
  expect_identical(unname(begin(per_chain(x = 4:6, m = array(0, c(3, 2, 2))))), c(4, 5, 6))
  earlier <- quick(density_r(f, init = shapes), chains = 3, draws = 5, warmup = 20)
  last <- round(unclass(earlier$draws)[5, , "x"], 6)
  expect_identical(unname(begin(earlier)), unname(last))
  expect_identical(unname(begin(posterior::as_draws_matrix(earlier$draws), 1)), unname(last[3]))
  expect_identical(values_of_draws(posterior::as_draws_df(earlier))$m, values_of_draws(earlier)$m)
  more <- posterior::mutate_variables(posterior::as_draws_array(earlier$draws), other = 2 * x)
  expect_identical(begin(more, 1), begin(earlier$draws, 1))
  # A bare function finds its parameters' shapes in draws.
  for (init in list(earlier, posterior::as_draws_df(earlier$draws))) {
    run <- expect_silent(quick(f, still, chains = 3, draws = 1, init = init))
    expect_identical(posterior::variables(run$draws), posterior::variables(earlier$draws))
  }
  radius <- begin(0.001)
  expect_true(all(abs(radius) <= 0.001) && length(unique(radius)) > 1)
  matrix_init <- per_chain(x = 1:2, m = array(1:8, c(2, 2, 2)))
  expect_identical(chain_values(matrix_init, 2)$m, array(c(2L, 4L, 6L, 8L), c(2, 2)))
})

test_that("superchains begin together", {
  f <- function(x) dnorm(x, log = TRUE)
  run <- quick(density_r(f, dims = list(x = 1)), hmc(steps = 1, step_size = 1e-12, adapt = FALSE), chains = 8,
    draws = 2, superchains = 4)
  x <- round(unclass(run$draws)[1, , "x"], 6)
  expect_identical(length(unique(x)), 4L)
  expect_true(all(x[c(1, 3, 5, 7)] == x[c(2, 4, 6, 8)]))
  expect_gt(rhat_nested(run)[["x"]], 1e3)
})

test_that("nested R-hat is its formula", {
  withr::local_seed(1)
  x <- matrix(rnorm(60, rep(c(0, 0, 1, 1), each = 15)), 5)
  ids <- rep(1:4, each = 3)
  means <- colMeans(x)
  superchain <- tapply(means, ids, mean)
  within <- mean(tapply(means, ids, stats::var) + tapply(apply(x, 2, stats::var), ids, mean))
  expect_equal(rhat_nested(x, ids), sqrt(1 + stats::var(as.vector(superchain)) / within))
  if (exists("rhat_nested", asNamespace("posterior"), inherits = FALSE)) {
    expect_equal(rhat_nested(x, ids), posterior::rhat_nested(x, superchain_ids = ids))
  }
  expect_error(rhat_nested(x, 1:3), "12", class = "skein_error")
  expect_error(rhat_nested(x, rep(1:2, c(5, 7))), "equally many", class = "skein_error")
})

test_that("targets stop a run early, at reproducible places", {
  d <- seed_density(100)
  run <- quick(d$f, draws = 5000, warmup = 200, init = d$init, until = until(ess = 300, rhat = 1.05))
  n <- dim(run$draws)[1]
  expect_lt(n, 2000)
  expect_true(all(summary(run)$ess_bulk >= 300))
  whole <- quick(d$f, draws = n, warmup = 200, init = d$init, schedule = "parallel")
  expect_identical(run$draws, whole$draws)
  timed <- quick(d$f, nuts(step_size = 1e-4, adapt = FALSE), draws = 1e6, init = d$init, until = until(seconds = 0.2))
  expect_lt(dim(timed$draws)[1], 1e6)
  expect_false(anyNA(timed$draws))
})

test_that("densities of R functions run on the main thread with the same interface", {
  d <- density_function(function(x) -sum(x^2) / 2, function(x) -x, init = list(x = c(0, 0)))
  run <- quick(d, chains = 4, draws = 50, warmup = 50, cores = 2)
  expect_identical(nrow(run$cost$workers), 1L)
  expect_identical(run$draws, quick(d, chains = 4, draws = 50, warmup = 50, schedule = "lockstep")$draws)
})

# What a script prints that samples the density which `lines` make and is interrupted after two seconds.
interrupted_script <- function(lines, step_size, arguments = "") {
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")"), "library(skein)", lines,
    "me <- Sys.getpid()", "system(paste0('(sleep 2; kill -INT ', me, ') &'))",
    paste0("k <- nuts(step_size = ", step_size, ", adapt = FALSE)"),
    "caught <- tryCatch(sample_density(d, k, chains = 8, draws = 1e6, refresh = 0",
    paste0(arguments, "), skein_interrupted = identity, error = function(e) list(), interrupt = function(e) list())"),
    "d <- caught$samples$draws",
    "cat(inherits(caught, 'skein_interrupted'), dim(d)[2], dim(d)[1] > 5, anyNA(d), '\\n')"
  ))
  utils::tail(system2(file.path(R.home("bin"), "Rscript"), script, stdout = TRUE, stderr = TRUE), 1)
}

test_that("an interrupt keeps complete draws of all chains", {
  skip_on_os("windows")
  skip_on_cran()
  traced <- "d <- density_r(function(x) sum(dnorm(x, log = TRUE)), init = list(x = c(0, 0)))"
  expect_identical(interrupted_script(traced, 1e-3), "TRUE 8 TRUE FALSE ")
  # R's own functions, interrupted while they run: the evaluation goes to its end, and so does the look for interrupts.
  on_main_thread <- c(
    "f <- function(x) { for (i in 1:200) sqrt(i); -sum(x^2) / 2 }",
    "d <- density_function(f, function(x) -x, init = list(x = c(0, 0)))"
  )
  expect_identical(interrupted_script(on_main_thread, 0.5), "TRUE 8 TRUE FALSE ")
  expect_identical(interrupted_script(on_main_thread, 0.5, ", schedule = 'lockstep', cores = 2"), "TRUE 8 TRUE FALSE ")
})

test_that("brm() takes kernels and targets", {
  fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(),
    algorithm = chees_hmc(), chains = 64, iter = 250, warmup = 200, seed = 1, refresh = 0
  )
  expect_identical(dim(fit$fit$draws)[1:2], c(50L, 64L))
  expect_output(print(fit), "sampling\\(ChEES-HMC\\)")
  reference <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), seed = 1, refresh = 0, iter = 1000)
  for (name in c("b_Intercept", "b_zAge", "sd_patient__Intercept")) {
    # Chains are independent: the spread of their means is the error, however short they are.
    chain_means <- colMeans(fit$fit$draws[, , name])
    error <- sqrt(var(chain_means) / 64 + posterior::mcse_mean(reference$fit$draws[, , name])^2)
    expect_lt(abs(mean(chain_means) - mean(reference$fit$draws[, , name])), 5 * error, label = name)
  }
  short <- brm(count ~ zAge, epilepsy, poisson(), seed = 1, refresh = 0, iter = 6000, warmup = 300,
    until = until(ess = 200))
  n <- dim(short$fit$draws)[1]
  expect_lt(n, 2000)
  whole <- brm(count ~ zAge, epilepsy, poisson(), seed = 1, refresh = 0, iter = 300 + n, warmup = 300)
  expect_identical(unname(short$fit$draws), unname(whole$fit$draws))
  same <- brm(count ~ zAge, epilepsy, poisson(), seed = 1, refresh = 0, iter = 300 + n, warmup = 300,
    algorithm = nuts())
  expect_identical(same$fit$draws, whole$fit$draws)
})

test_that("a fit's density is sampled as brm() does", {
  fit <- brm(count ~ zAge, epilepsy, poisson(), chains = 2, iter = 300, seed = 3, refresh = 0)
  run <- quick(fit, chains = 2, draws = 150, warmup = 150, seed = 3)
  expect_equal(unname(unclass(run$draws)[, , "b_zAge"]), unname(fit$fit$draws[, , "b_zAge"]))
})

test_that("future's workers draw what a local run draws", {
  skip_if_not_installed("future")
  skip_on_cran()
  d <- seed_density(40)
  local <- quick(d$f, chains = 5, draws = 20, warmup = 50, init = d$init)
  old <- future::plan(future::multisession, workers = 2)
  withr::defer(future::plan(old))
  remote <- quick(d$f, chains = 5, draws = 20, warmup = 50, init = d$init, future = TRUE)
  expect_identical(remote$draws, local$draws)
  expect_identical(remote$diagnostics, local$diagnostics)
  expect_error(quick(d$f, chees_hmc(), chains = 16, init = d$init, future = TRUE), "learn from each other",
    class = "skein_error")
})

test_that("what cannot be sampled is refused before sampling", {
  f <- function(x) dnorm(x, log = TRUE)
  x0 <- list(x = 0)
  bad <- function(pattern, ...) expect_error(quick(...), pattern, class = "skein_error")
  bad("`?chains`? must be one whole number of at least 1, not 0", f, chains = 0, init = x0)
  bad("draws", f, draws = 0, init = x0)
  bad("draws", f, draws = 2.5, init = x0)
  bad("warmup", f, warmup = -1, init = x0)
  bad("schedule.*lockstep", f, schedule = "lock", init = x0)
  bad("cores", f, cores = 0, init = x0)
  bad("needs `?init`?", f)
  bad("parentheses", f, nuts, init = x0)
  bad("kernel", f, "nuts", init = x0)
  bad("step_size", f, nuts(step_size = c(1, 2)), chains = 3, init = x0)
  bad("`inverse_metric` has length 2", f, nuts(inverse_metric = c(1, 2)), init = x0)
  bad("Unknown parameter", f, nuts(inverse_metric = c(y = 1)), init = x0)
  bad("must divide", f, chains = 6, superchains = 4, init = x0)
  bad("at least 8 chains", f, meads(), chains = 4, init = x0)
  bad("at least 2", f, chees_hmc(), chains = 1, init = x0)
  bad("until", f, until = 5, init = x0)
  bad("values for 2 chains", density_r(f, init = x0), chains = 3, init = list(x0, x0))
  bad("lacks the parameter", density_r(f, init = x0), init = list())
  bad("cannot start", density_r(function(x) log(x) + dnorm(x, log = TRUE), init = list(x = 1)), init = list(x = -1))
  expect_error(until(), "at least one", class = "skein_error")
  expect_error(until(rhat = 0.5), "rhat", class = "skein_error")
  expect_error(per_chain(a = 1:2, b = 1:3), "3 chains", class = "skein_error")
  expect_error(brm(count ~ 1, epilepsy, poisson(), algorithm = nuts, chains = 0), "parentheses", class = "skein_error")
  expect_error(
    brm(count ~ 1, epilepsy, poisson(), algorithm = nuts(), adapt_delta = 0.9, chains = 0), "kernel",
    class = "skein_error"
  )
})
