# Stan's own log densities and gradients stand in test-reference-density.R.
data <- data.frame(y = c(1.5, 2, 0.3, 2.2, 1.9, 3), x = c(0, 1, 2, 0, 1, 2), g = rep(c("a", "b"), 3))

test_that("log_prob() is the density that one writes down", {
  fit <- brm(y ~ x, data, prior = prior(normal(0, 1), class = b), chains = 0)
  u <- c(0.3, 1.8, -0.2)
  b <- u[1]
  sigma <- exp(u[3])
  location <- round(stats::median(data$y), 1)
  by_hand <- sum(stats::dnorm(data$y, u[2] + b * (data$x - mean(data$x)), sigma, log = TRUE)) +
    stats::dnorm(b, log = TRUE) + stats::dt((u[2] - location) / 2.5, 3, log = TRUE) - log(2.5) +
    stats::dt(sigma / 2.5, 3, log = TRUE) - log(2.5) + log(2)
  expect_equal(log_prob(fit, u), by_hand + u[3])
  expect_equal(log_prob(fit, u, adjust_transform = FALSE), by_hand)
  expect_equal(log_prob(fit$fit, u), by_hand + u[3])
})

test_that("gradients are those of differences, and come with the log density", {
  fit <- brm(y ~ x + (1 + x | g), data, chains = 0)
  u <- 0.3 * cos(seq_len(get_num_upars(fit)))
  for (adjust in c(TRUE, FALSE)) {
    gradient <- grad_log_prob(fit, u, adjust_transform = adjust)
    differences <- vapply(seq_along(u), function(i) {
      h <- replace(numeric(length(u)), i, 1e-5)
      (log_prob(fit, u + h, adjust) - log_prob(fit, u - h, adjust)) / 2e-5
    }, numeric(1))
    expect_equal(as.vector(gradient), differences, tolerance = 1e-7)
    expect_identical(attr(gradient, "log_prob"), log_prob(fit, u, adjust))
    with_gradient <- log_prob(fit, u, adjust, gradient = TRUE)
    expect_identical(attr(with_gradient, "gradient"), as.vector(gradient))
  }
})

test_that("constrain_pars() has Stan's names and shapes, and unconstrain_pars() is its inverse", {
  fit <- brm(y ~ x + (1 + x | g) + (1 + x || g:x), data, chains = 0)
  u <- 0.3 * sin(seq_len(get_num_upars(fit)))
  pars <- constrain_pars(fit, u)
  expect_named(pars, c("b", "Intercept", "sigma", "sd_1", "z_1", "L_1", "sd_2", "z_2"))
  expect_identical(dim(pars$b), 1L)
  expect_null(dim(pars$sigma))
  expect_identical(dim(pars$z_1), c(2L, 2L))
  expect_identical(dim(pars$z_2), c(2L, 6L))
  # matrix[M, N] is unconstrained column by column, array[M] vector[N] row by row.
  expect_identical(as.vector(pars$z_1), u[6:9])
  expect_identical(as.vector(t(pars$z_2)), u[13:24])
  expect_equal(rowSums(pars$L_1^2), c(1, 1))
  expect_equal(unconstrain_pars(fit, pars), u)
  expect_equal(unconstrain_pars(fit$fit, constrain_pars(fit$fit, u)), u)
})

test_that("constants are reported but not asked for", {
  fit <- brm(y ~ x + (1 | g), data, prior = prior(constant(0.7), class = sd), chains = 0)
  u <- 0.2 * seq_len(get_num_upars(fit))
  pars <- constrain_pars(fit, u)
  expect_equal(as.vector(pars$sd_1), 0.7)
  expect_equal(unconstrain_pars(fit, pars[names(pars) != "sd_1"]), u)
  expect_equal(unconstrain_pars(fit, replace(pars, "sd_1", 3)), u)
})

test_that("wrong lengths and names stop", {
  fit <- brm(y ~ x, data, chains = 0)
  expect_error(log_prob(fit, c(1, 2)), "2 elements.*3 unconstrained", class = "skein_error")
  expect_error(grad_log_prob(fit, c(1, 2, NA)), "missing", class = "skein_error")
  expect_error(constrain_pars(fit, "a"), class = "skein_error")
  expect_error(unconstrain_pars(fit, list(b = 1, Intercept = 1)), "sigma", class = "skein_error")
  expect_error(unconstrain_pars(fit, list(b = 1:2, Intercept = 1, sigma = 1)), "b", class = "skein_error")
  expect_error(log_prob(3, 1), "fit", class = "skein_error")
})

test_that("a fit from a file or made by empty = TRUE builds its density when it is needed", {
  fit <- brm(y ~ x + (1 | g), data, chains = 0)
  u <- rep(0.1, get_num_upars(fit))
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(fit, file)
  read <- readRDS(file)
  expect_error(log_prob(read$fit, u), "whole fit", class = "skein_error")
  expect_identical(log_prob(read, u), log_prob(fit, u))
  expect_identical(log_prob(read$fit, u), log_prob(fit, u))
  empty <- brm(y ~ x + (1 | g), data, empty = TRUE)
  expect_null(empty$fit$handle$pointer)
  expect_identical(log_prob(empty, u), log_prob(fit, u))
})

test_that("a saved fit holds its data once, and no closures over them", {
  n <- 20000
  withr::local_seed(1)
  big <- data.frame(y = stats::rnorm(n), x = stats::rnorm(n))
  fit <- brm(y ~ x, big, chains = 0)
  size <- length(serialize(fit, NULL))
  expect_lt(size, 1.5 * length(serialize(big, NULL)))
})

test_that("benchmark_gradient() gives a row for each combination", {
  fit <- brm(y ~ x, data, chains = 0)
  out <- benchmark_gradient(fit, threads = c(0, 1), grainsize = c(0, 10), times = 3)
  expect_named(out, c("threads", "grainsize", "median_us", "ns_per_row", "speedup", "allowed", "efficiency"))
  expect_identical(out$threads, c(0, 1, 0, 1))
  expect_identical(out$grainsize, c(0, 0, 10, 10))
  expect_true(all(out$median_us > 0))
  expect_equal(out$ns_per_row, 1000 * out$median_us / 6)
  expect_identical(nrow(benchmark_gradient(fit, times = 1)), 1L)
  for (bad in list(-1, 1.5, "a", NA, numeric(0))) {
    expect_error(benchmark_gradient(fit, threads = bad), "threads", class = "skein_error")
  }
  expect_error(benchmark_gradient(3), "fit", class = "skein_error")
})
