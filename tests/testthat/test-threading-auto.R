test_that("threads follow from the time of a gradient and the cores of a chain", {
  expect_identical(choose_threads(4, 2000, 16), list(threads = NULL, grainsize = NULL, us = 4))
  expect_identical(choose_threads(16, 1e4, 2)$threads, 2)
  expect_identical(choose_threads(16, 1e4, 16)$threads, 3)
  expect_identical(choose_threads(2000, 1e6, 16)$threads, 16)
  expect_null(choose_threads(2000, 1e6, 1)$threads)
})

test_that("tasks take as long whatever a row costs, and leave one for each thread", {
  expect_identical(choose_threads(15, 1e4, 2)$grainsize, 500)
  expect_identical(choose_threads(150, 1e4, 2)$grainsize, 50)
  expect_identical(choose_threads(1e5, 100, 8)$grainsize, 1)
  expect_lte(choose_threads(10, 6, 2)$grainsize, 3)
})

resolved <- function(threads, us, chains = 4, cores = 1, quiet = TRUE) {
  run <- list(threads = validate_threads(threads), chains = chains, cores = cores)
  resolve_threads(run, NULL, 1e4, quiet, time_gradient = function(density) us)$threads
}

test_that("only \"auto\" is resolved, and a given grainsize stays", {
  expect_identical(resolved(3, 1000), threading(3))
  expect_identical(resolved(NULL, 1000), threading())
  expect_identical(resolved("auto", 3), threading())
  expect_identical(resolved(threading("auto", grainsize = 77), 1e6)$grainsize, 77)
  expect_null(resolved("auto", 1e6, cores = 4096, chains = 4096)$threads)
  expect_identical(resolved("auto", 1e6)$threads, if (usable_cores() > 1) usable_cores())
  expect_message(resolved("auto", 1, quiet = FALSE), "no threads", class = "skein_auto")
})

test_that("brm() and update() choose anew, and draws do not depend on it", {
  fit <- function(...) {
    suppressWarnings(brm(count ~ zAge + (1 | patient), epilepsy, poisson(),
      chains = 1, iter = 40, seed = 2, refresh = 0, ...
    ))
  }
  auto <- fit(threads = "auto")
  expect_identical(auto$threads, threading("auto"))
  expect_true(is.numeric(auto$fit$settings$threads))
  expect_identical(auto$fit$draws, fit()$fit$draws)
  again <- suppressWarnings(update(auto, seed = 2, refresh = 0))
  expect_identical(again$threads, threading("auto"))
  expect_identical(again$fit$draws, auto$fit$draws)
  expect_output(print(threading("auto")), "chosen by skein")
  expect_error(validate_threads("all"), "auto", class = "skein_error")
  expect_identical(nrow(benchmark_gradient(auto, times = 1)), 1L)
})

test_that("more threads than cores are told once", {
  before <- told$oversubscribed
  withr::defer(told$oversubscribed <- before)
  withr::local_envvar("_R_CHECK_LIMIT_CORES_" = NA)
  told$oversubscribed <- NULL
  run <- list(cores = 2, chains = 4, threads = threading(3))
  expect_false(tell_oversubscribed(run, quiet = TRUE, usable = 2))
  expect_false(tell_oversubscribed(run, quiet = FALSE, usable = 6))
  expect_message(tell_oversubscribed(run, quiet = FALSE, usable = 5), "2 chains x 3 threads are more than the 5 cores",
    class = "skein_oversubscribed"
  )
  expect_no_message(tell_oversubscribed(run, quiet = FALSE, usable = 5))
})
