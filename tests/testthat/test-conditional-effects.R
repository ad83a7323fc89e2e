# conditional_effects(): grids, estimates against direct predictions, and plots by their layers.

sampled <- function() {
  suppressWarnings(brm(count ~ zAge + zBase * Trt + (1 | patient), epilepsy, poisson(),
    chains = 1, iter = 200, refresh = 0, seed = 1, silent = 2
  ))
}

test_that("effects are the terms of one or two predictors, each over its range", {
  fit <- sampled()
  out <- conditional_effects(fit)
  expect_named(out, c("zAge", "zBase", "Trt", "zBase:Trt"))
  expect_named(out$Trt, c(
    "Trt", "count", "zAge", "zBase", "patient", "cond__", "effect1__", "estimate__", "se__", "lower__", "upper__"
  ))
  expect_identical(dim(out$zAge)[1], 100L)
  expect_equal(range(out$zAge$zAge), range(epilepsy$zAge))
  expect_equal(unique(out$zAge$zBase), mean(epilepsy$zBase))
  expect_identical(as.character(unique(out$zAge$Trt)), "0")
  expect_identical(nrow(out[["zBase:Trt"]]), 200L)
  expect_identical(levels(out[["zBase:Trt"]]$effect2__), c("0", "1"))
})

test_that("estimates are those of the draws themselves", {
  fit <- sampled()
  draws <- as.matrix(fit)
  row <- conditional_effects(fit, "zBase", conditions = data.frame(zAge = 0.5, Trt = "1"))$zBase[7, ]
  x <- row$zBase
  mu <- exp(draws[, "b_Intercept"] + 0.5 * draws[, "b_zAge"] + x * draws[, "b_zBase"] + draws[, "b_Trt1"] +
    x * draws[, "b_zBase:Trt1"])
  expect_equal(c(row$estimate__, row$se__), c(median(mu), mad(mu)))
  expect_equal(c(row$lower__, row$upper__), unname(quantile(mu, c(0.025, 0.975))))
  plain <- conditional_effects(fit, "zBase",
    conditions = data.frame(zAge = 0.5, Trt = "1"), robust = FALSE, prob = 0.5, method = "posterior_linpred",
    transform = function(x) 2 * x
  )$zBase[7, ]
  expect_equal(c(plain$estimate__, plain$se__), c(mean(2 * log(mu)), sd(2 * log(mu))))
  expect_equal(plain$lower__, unname(quantile(2 * log(mu), 0.25)))
})

test_that("numeric pairs show the second at three values, at chosen ones, or as a surface", {
  fit <- sampled()
  pair <- conditional_effects(fit, "zBase:zAge", resolution = 10)[[1]]
  expect_identical(nrow(pair), 30L)
  m <- mean(epilepsy$zAge)
  expect_equal(sort(unique(pair$zAge)), m + c(-1, 0, 1) * sd(epilepsy$zAge))
  expect_identical(levels(pair$effect2__), c("1", "0", "-1"))
  chosen <- conditional_effects(fit, "zBase:zAge", int_conditions = list(zAge = function(x) range(x)))[[1]]
  expect_equal(unique(chosen$zAge), range(epilepsy$zAge))
  surface <- conditional_effects(fit, "zBase:zAge", surface = TRUE, resolution = 6)[[1]]
  expect_identical(nrow(surface), 36L)
  near <- conditional_effects(fit, "zBase:zAge", surface = TRUE, resolution = 6, too_far = 0.1)[[1]]
  expect_lt(nrow(near), 36)
})

test_that("conditions make panels with their labels and points", {
  fit <- sampled()
  conditions <- make_conditions(fit, c("Trt", "zAge"))
  expect_identical(nrow(conditions), 6L)
  expect_match(conditions$cond__[1], "^Trt = 0 & zAge = -1$")
  out <- conditional_effects(fit, "zBase", conditions = conditions)
  expect_identical(nlevels(out$zBase$cond__), 6L)
  points <- attr(out$zBase, "points")
  expect_true(all(points$Trt[points$cond__ == conditions$cond__[1]] == "0"))
  expect_identical(nrow(points), 3L * nrow(epilepsy))
  selected <- attr(conditional_effects(fit, "zBase", conditions = conditions, select_points = 0.1)$zBase, "points")
  expect_lt(nrow(selected), nrow(points))
  layers <- ggplot2::layer_data(plot(out, plot = FALSE, points = TRUE)[[1]], 1)
  expect_identical(nrow(layers), nrow(points))
  expect_identical(nlevels(layers$PANEL), 6L)
})

test_that("lines carry the estimates, spaghetti one line a draw, levels points and bars", {
  fit <- sampled()
  out <- conditional_effects(fit, c("zAge", "Trt"), spaghetti = TRUE, ndraws = 7, resolution = 5)
  plots <- plot(out, plot = FALSE)
  lines <- ggplot2::layer_data(plots$zAge, 1)
  expect_identical(length(unique(lines$group)), 7L)
  expect_equal(sort(ggplot2::layer_data(plots$zAge, 2)$y), sort(out$zAge$estimate__))
  bars <- ggplot2::layer_data(plots$Trt, 2)
  expect_equal(bars$ymin, out$Trt$lower__)
  pair <- plot(conditional_effects(fit, "zBase:zAge", surface = TRUE, resolution = 8), plot = FALSE, stype = "raster")
  expect_identical(nrow(ggplot2::layer_data(pair[[1]], 1)), 64L)
})

test_that("slips are named", {
  fit <- sampled()
  expect_error(conditional_effects(fit, "zbase"), "zBase", class = "skein_error")
  expect_error(conditional_effects(fit, "zBase:zAge:Trt"), "one predictor or two", class = "skein_error")
  expect_error(conditional_effects(fit, conditions = data.frame(foo = 1)), "foo", class = "skein_error")
  expect_error(conditional_effects(fit, conditions = data.frame(zAge = "a")), "zAge", class = "skein_error")
  expect_error(conditional_effects(fit, method = "epred2"), "method", class = "skein_error")
  expect_error(conditional_effects(fit, spaghetti = TRUE, surface = TRUE), "combined", class = "skein_error")
  expect_error(conditional_effects(fit, "zAge", int_conditions = list(3)), "int_conditions", class = "skein_error")
})
