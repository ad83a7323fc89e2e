test_that("threading() keeps its arguments and refuses impossible ones in brms's words", {
  x <- threading(2, grainsize = 100, static = TRUE)
  expect_s3_class(x, "skeinthreads")
  expect_identical(unclass(x), list(threads = 2, grainsize = 100, static = TRUE, force = FALSE))
  expect_null(threading()$threads)
  for (bad in list(0, -1, 1.5, "2", NA, c(1, 2), Inf)) {
    expect_error(threading(bad), "Number of threads needs to be positive.", class = "skein_error")
    expect_error(threading(1, bad), "The grainsize needs to be positive.", class = "skein_error")
  }
  expect_error(threading(1, static = NA), "static", class = "skein_error")
  expect_output(print(threading(2)), "Threads per chain: 2")
})

test_that("brm() takes threads as NULL, a number, and made by either package", {
  brms_threads <- structure(list(threads = 2, grainsize = 50, static = TRUE, force = FALSE), class = "brmsthreads")
  expect_identical(validate_threads(NULL), threading())
  expect_identical(validate_threads(3), threading(3))
  expect_identical(validate_threads(threading(2)), threading(2))
  expect_identical(validate_threads(brms_threads), threading(2, 50, TRUE))
  expect_error(validate_threads("two"), "threading()", fixed = TRUE, class = "skein_error")
  expect_error(validate_threads(TRUE), class = "skein_error")
})

test_that("never more than min(cores, chains) chains run, and no thread where none is asked for", {
  withr::local_envvar("_R_CHECK_LIMIT_CORES_" = NA)
  expect_identical(thread_budget(4, 2, threading()), list(cores = 2, threads = 0, grainsize = 0))
  expect_identical(thread_budget(1, 4, threading(3, 10)), list(cores = 1, threads = 3, grainsize = 10))
})

test_that("R CMD check's limit of two cores holds", {
  for (limit in c("TRUE", "warn", "true")) {
    withr::local_envvar("_R_CHECK_LIMIT_CORES_" = limit)
    expect_identical(thread_budget(4, 4, threading(4)), list(cores = 2, threads = 1, grainsize = 0))
    expect_identical(thread_budget(1, 4, threading(4)), list(cores = 1, threads = 2, grainsize = 0))
    expect_identical(thread_budget(1, 4, threading()), list(cores = 1, threads = 0, grainsize = 0))
  }
  withr::local_envvar("_R_CHECK_LIMIT_CORES_" = "false")
  expect_identical(thread_budget(4, 4, threading(4))$threads, 4)
})
