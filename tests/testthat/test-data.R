test_that("the data sets have brms's columns", {
  expect_identical(dim(epilepsy), c(236L, 9L))
  expect_named(epilepsy, c("Age", "Base", "Trt", "patient", "visit", "count", "obs", "zAge", "zBase"))
  expect_named(Filter(is.factor, epilepsy), c("Trt", "patient", "visit", "obs"))
  expect_identical(dim(kidney), c(76L, 7L))
  expect_named(kidney, c("time", "censored", "patient", "recur", "age", "sex", "disease"))
  expect_identical(levels(kidney$disease), c("other", "GN", "AN", "PKD"))
  expect_identical(dim(inhaler), c(572L, 5L))
  expect_named(inhaler, c("subject", "rating", "treat", "period", "carry"))
  expect_identical(dim(loss), c(55L, 4L))
  expect_named(loss, c("AY", "dev", "cum", "premium"))
})

test_that("the values are those published", {
  expect_equal(c(mean(epilepsy$zAge), stats::sd(epilepsy$zBase)), c(0, 1))
  expect_identical(as.vector(table(kidney$patient)), rep(2L, 38))
  expect_identical(c(sum(kidney$time), sum(kidney$censored)), c(7724, 18))
  expect_identical(c(sum(inhaler$rating), sum(inhaler$carry)), c(819, 2))
  expect_equal(loss$cum[loss$AY == 1991][c(1, 10)], c(357.848, 3901.463))
})

test_that("epilepsy is MASS's epil by period and subject", {
  skip_if_not_installed("MASS")
  epil <- MASS::epil[order(MASS::epil$period, MASS::epil$subject), ]
  expect_equal(epilepsy$count, epil$y)
  expect_equal(as.vector(epilepsy$patient), as.character(epil$subject))
  expect_equal(epilepsy$Trt == "1", epil$trt == "progabide")
  expect_equal(epilepsy$zAge, as.vector(scale(epil$age)))
})
