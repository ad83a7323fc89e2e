# Functions of plain numbers, against formulas and exact densities.

test_that("scaled logits and shifted logarithms are inverse to each other", {
  expect_equal(logit_scaled(5, 0, 10), 0)
  expect_equal(inv_logit_scaled(logit_scaled(c(1, 9.5), -2, 10), -2, 10), c(1, 9.5))
  expect_equal(logm1(expp1(2.5)), 2.5)
  expect_equal(logm1(9, base = 2), 3)
})

test_that("posterior_table() counts values by column", {
  draws <- cbind(a = c(0, 1, 1, 2), b = c(2, 2, 2, NA))
  expect_warning(out <- posterior_table(draws), "left out", class = "skein_warning")
  expect_identical(dimnames(out), list(c("a", "b"), c("P(Y = 0)", "P(Y = 1)", "P(Y = 2)")))
  expect_equal(unname(out), rbind(c(0.25, 0.5, 0.25), c(0, 0, 1)))
  expect_equal(unname(posterior_table(matrix(1:2, 2), levels = 1:3)), matrix(c(0.5, 0.5, 0), 1))
  expect_equal(dim(posterior_table(matrix(1, 3))), c(1, 1))
})

test_that("density_ratio() finds the ratio of normal densities", {
  grid <- stats::qnorm(seq(0.5, 9999.5) / 10000)
  expect_equal(density_ratio(grid, 2 * grid, point = c(0, 1)), stats::dnorm(c(0, 1)) / stats::dnorm(c(0, 1), 0, 2),
    tolerance = 0.03)
  expect_equal(density_ratio(grid, point = 0.5), stats::dnorm(0.5), tolerance = 0.03)
  expect_equal(density_ratio(grid, point = 50), 0)
})

test_that("rows2labels() writes rows out", {
  x <- data.frame(zAge = c(0.512, -1), Trt = factor(c("a", "b")))
  expect_identical(rows2labels(x), c("zAge = 0.51 & Trt = a", "zAge = -1 & Trt = b"))
  expect_identical(rows2labels(x, digits = 0, sep = ", ", incl_vars = FALSE), c("1, a", "-1, b"))
})
