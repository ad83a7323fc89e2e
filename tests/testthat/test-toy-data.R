test_that("the toy data begin with the rows of the vignette", {
  shown <- utils::read.table(header = TRUE, text = "
    g    x1     x2     x3     theta  eta    mu     y
    382  0.496  0.623  0.069 -0.262  0.510  0.248  0
    578 -0.748 -0.300 -0.768 -0.903 -0.032 -0.934  0
    772 -1.124 -0.161 -0.882 -1.047 -0.551 -1.598  1
    774  0.992 -0.593  1.007  1.578 -0.045  1.533  2
    729  0.641 -1.563 -0.491 -0.291 -1.460 -1.751  0
    897 -0.085 -0.531 -0.978 -1.296 -0.929 -2.226  0
    110 -0.772  1.364 -0.629 -1.351  0.124 -1.227  0
    248 -1.441  0.699  1.284  2.072 -1.020  1.053  1
    754 -1.320  0.837 -0.137 -0.237  1.452  1.215  3
    682 -1.345 -2.673 -1.628 -1.146 -0.388 -1.534  0")
  fake <- simulate_toy_poisson()
  expect_identical(dim(fake), c(10000L, 8L))
  expect_equal(round(utils::head(fake, 10), 3), shown, tolerance = 1e-9)
})

test_that("the toy data follow from N and seed alone", {
  fake <- simulate_toy_poisson(N = 200, seed = 3)
  expect_identical(simulate_toy_poisson(N = 200, seed = 3), fake)
  expect_false(identical(simulate_toy_poisson(N = 200, seed = 4), fake))
  withr::with_seed(1, .rng_kind = "Wichmann-Hill", expect_identical(simulate_toy_poisson(N = 200, seed = 3), fake))
  expect_identical(range(fake$g) %in% 1:20, c(TRUE, TRUE))
})

test_that("the generator is left as it was found", {
  withr::local_preserve_seed()
  withr::local_seed(1, .rng_kind = "Wichmann-Hill")
  before <- get(".Random.seed", globalenv())
  simulate_toy_poisson(N = 100)
  expect_identical(get(".Random.seed", globalenv()), before)
  rm(".Random.seed", envir = globalenv())
  simulate_toy_poisson(N = 100)
  expect_false(exists(".Random.seed", globalenv(), inherits = FALSE))
})

test_that("bad sizes stop", {
  expect_error(simulate_toy_poisson(N = 5), "N", class = "skein_error")
  expect_error(simulate_toy_poisson(N = 100.5), class = "skein_error")
  expect_error(simulate_toy_poisson(seed = "a"), class = "skein_error")
})
