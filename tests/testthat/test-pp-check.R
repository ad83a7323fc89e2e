# Posterior predictive checks: what bayesplot's functions are given.

check_fit <- function() {
  data <- data.frame(y = rep(c(1, 2, 0, 4), 5), x = seq(-1, 2, length.out = 20), g = rep(c("a", "b"), 10))
  made_up_fit(y ~ x, data, poisson(), n_draws = 40)
}

test_that("plots are of the response and of random responses", {
  fit <- check_fit()
  expect_message(plot <- pp_check(fit), "10 posterior draws")
  expect_s3_class(plot, "ggplot")
  expect_identical(length(unique(plot$data$rep_id[!plot$data$is_y])), 10L)
  expect_silent(plot <- pp_check(fit, ndraws = 4))
  expect_identical(sum(!plot$data$is_y), 80L)
  set.seed(1)
  plot <- pp_check(fit, type = "intervals", prob = 0.5)
  expect_identical(nrow(plot$data), 20L)
  grouped <- pp_check(fit, type = "stat_grouped", group = "g", newdata = transform(fit$data, g = rep(c("a", "b"), 10)))
  expect_s3_class(grouped, "ggplot")
  expect_s3_class(suppressWarnings(pp_check(fit, type = "loo_intervals")), "ggplot")
  expect_s3_class(pp_check(fit, type = "intervals", x = "x"), "ggplot")
  expect_s3_class(pp_check(fit, prefix = "ppd", ndraws = 3), "ggplot")
})

test_that("bad types and columns are named", {
  fit <- check_fit()
  expect_error(pp_check(fit, type = "dense_overlay"), "dens_overlay", class = "skein_error")
  expect_error(pp_check(fit, type = "stat_grouped"), "group.*required", class = "skein_error")
  expect_error(pp_check(fit, type = "stat_grouped", group = "w"), "w", class = "skein_error")
  expect_error(pp_check(fit, prefix = "pp"), "prefix", class = "skein_error")
})
