# Draws are the same bits for any threads, grainsize, cores and load; they depend on seed and chain alone.

draws_of <- function(fit) unclass(posterior::as_draws_array(fit))

# 10,000 rows, 1000 groups by which the rows are sorted.
toy_fit <- function(...) {
  brm(y ~ 1 + x1 + x2 + (1 | g), simulate_toy_poisson(), poisson(),
    prior = prior(normal(0, 1), class = b) + prior(constant(1), class = sd, group = g),
    chains = 2, iter = 40, seed = 3, refresh = 0, ...
  )
}

# Two crossed groupings, one with more levels than a tile's own sums take, and correlated slopes.
crossed_fit <- function(...) {
  data <- withr::with_seed(1, data.frame(
    x = stats::rnorm(3000), g = sample.int(20, 3000, TRUE), h = sample.int(400, 3000, TRUE), y = stats::rnorm(3000)
  ))
  brm(y ~ x + (1 + x | g) + (1 | h), data, chains = 2, iter = 40, seed = 3, refresh = 0, ...)
}

# identical() by itself: a comparison element by element of some 10^5 numbers tells nobody anything.
expect_same_draws <- function(reference, threads, cores) {
  fit <- suppressWarnings(brm(
    fit = reference, threads = threads, cores = cores, chains = 2, iter = 40, seed = 3, refresh = 0
  ))
  info <- paste("draws of threads", format(threads$threads), "grainsize", format(threads$grainsize), "cores", cores)
  expect_true(identical(draws_of(fit), draws_of(reference)), info = info)
  expect_true(identical(nuts_params(fit), nuts_params(reference)), info = info)
}

test_that("threads, grainsize and cores change no bit of the draws", {
  for (reference in suppressWarnings(list(toy_fit(), crossed_fit()))) {
    for (grainsize in list(NULL, 1, 625, nobs(reference))) {
      for (threads in c(1, 2, 4)) {
        for (cores in 1:2) expect_same_draws(reference, threading(threads, grainsize), cores)
      }
    }
    expect_same_draws(reference, threading(), 2)
  }
})

test_that("a busy machine changes no bit of the draws", {
  skip_on_os("windows")
  reference <- suppressWarnings(toy_fit())
  busy <- lapply(1:3, function(i) parallel::mcparallel(repeat NULL, silent = TRUE))
  withr::defer({
    for (job in busy) tools::pskill(job$pid, tools::SIGKILL)
    suppressWarnings(parallel::mccollect(busy))
  })
  for (threads in c(1, 2, 4)) expect_same_draws(reference, threading(threads), cores = 2)
})

test_that("draws follow from the seed", {
  fit <- function(seed) {
    draws_of(suppressWarnings(brm(count ~ zAge + (1 | patient), epilepsy, poisson(),
      chains = 1, iter = 40, seed = seed, refresh = 0
    )))
  }
  expect_identical(fit(5), fit(5))
  expect_false(any(fit(5)[, , "b_zAge"] == fit(6)[, , "b_zAge"]))
  withr::local_seed(8)
  first <- fit(NA)
  expect_false(identical(fit(NA), first))
  withr::local_seed(8)
  expect_identical(fit(NA), first)
})

test_that("a given seed leaves R's generator alone", {
  withr::local_seed(4)
  before <- .Random.seed
  suppressWarnings(crossed_fit(threads = 2, cores = 2))
  expect_identical(.Random.seed, before)
})

test_that("a chain is the same whatever other chains there are", {
  fit <- function(chains, ...) {
    draws_of(suppressWarnings(brm(count ~ zAge + (1 | patient), epilepsy, poisson(),
      chains = chains, iter = 60, seed = 5, refresh = 0, ...
    )))
  }
  four <- fit(4, cores = 2)
  expect_identical(fit(1)[, 1, ], four[, 1, ])
  expect_identical(fit(2, chain_id = 3:4)[, 2, ], four[, 4, ])
  expect_false(any(four[, 1, "lp__"] == four[, 2, "lp__"]))
})

test_that("forks work before, after and with fits", {
  skip_on_os("windows")
  squares <- function() parallel::mclapply(1:4, function(i) i^2, mc.cores = 2)
  fit <- function(i) draws_of(suppressWarnings(crossed_fit(threads = 2, cores = 2)))
  expect_identical(squares(), list(1, 4, 9, 16))
  reference <- fit()
  expect_identical(squares(), list(1, 4, 9, 16))
  expect_identical(parallel::mclapply(1:2, fit, mc.cores = 2), list(reference, reference))
  expect_identical(fit(), reference)
})
