# Censored and truncated rows, denominators and known errors, put into the rows that C++ takes.

rows_with <- function(fit, kind, fields) {
  quantity <- quantity_of(fit, kind)
  options <- check_prediction_arguments(fit, list())
  options$seed <- 1
  prediction <- build_prediction(fit, NULL, NULL, quantity, options)
  prediction$parts$rated <- !is.null(fields$rate)
  block <- prediction$block
  prediction$block <- function(from, to) {
    out <- block(from, to)
    out$response <- as.double(fit$data$y)
    out[names(fields)] <- fields
    out
  }
  run_prediction(prediction, quantity, options)
}

bounds_fit <- function(family, y, n_draws = 6) {
  fit <- brm(y ~ x, data.frame(y = y, x = seq(-1, 1, length.out = length(y))), family = family, chains = 0)
  draws <- array(0, c(n_draws / 2, 2, length(variables(fit))), list(NULL, NULL, variables(fit)))
  withr::with_seed(8, draws[] <- stats::rnorm(length(draws), 0.7, 0.4))
  for (name in intersect(c("sigma", "shape", "nu"), variables(fit))) draws[, , name] <- exp(draws[, , name])
  fit$fit$draws <- draws
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(2, n_draws / 2, 0)
  fit
}

test_that("censored rows count what is known of them", {
  fit <- bounds_fit(gaussian(), c(0.2, 1, -0.4, 2))
  fields <- list(censored = c(-1, 0, 1, 2), response_upper = c(0, 0, 0, 2.5))
  sigma <- as.matrix(fit)[, "sigma"]
  eta <- posterior_linpred(fit)
  by_hand <- cbind(
    stats::pnorm(0.2, eta[, 1], sigma, log.p = TRUE), stats::dnorm(1, eta[, 2], sigma, log = TRUE),
    stats::pnorm(-0.4, eta[, 3], sigma, FALSE, TRUE),
    log(stats::pnorm(2.5, eta[, 4], sigma) - stats::pnorm(2, eta[, 4], sigma))
  )
  expect_equal(rows_with(fit, "log_density", fields), unname(by_hand), tolerance = 1e-12)
})

test_that("truncated densities are divided by the probability of the bounds, which count themselves", {
  fit <- bounds_fit(poisson(), c(1, 2, 4, 3))
  mu <- posterior_epred(fit)
  fields <- list(truncation_lower = c(1, -Inf, 2, 0), truncation_upper = c(Inf, 3, 5, 8))
  p <- function(q, i) stats::ppois(q, mu[, i])
  mass <- cbind(1 - p(0, 1), p(3, 2), p(5, 3) - p(1, 3), p(8, 4))
  expect_equal(rows_with(fit, "log_density", fields), log_lik(fit) - log(mass), tolerance = 1e-11)
})

test_that("expected values within bounds are those of quadrature and sums", {
  lower <- c(-Inf, 0.5, 0.5, 40)
  upper <- c(1, Inf, 2, Inf)
  fields <- list(truncation_lower = lower, truncation_upper = upper)
  fit <- bounds_fit(gaussian(), c(0, 1, 1, 50))
  mu <- posterior_epred(fit)
  sigma <- as.matrix(fit)[, "sigma"]
  a <- (rep(lower, each = 6) - mu) / sigma
  b <- (rep(upper, each = 6) - mu) / sigma
  mass <- ifelse(a > 5, stats::pnorm(a, lower.tail = FALSE) - stats::pnorm(b, lower.tail = FALSE),
    stats::pnorm(b) - stats::pnorm(a))
  by_hand <- mu + sigma * (stats::dnorm(a) - stats::dnorm(b)) / mass
  out <- rows_with(fit, "expected", fields)
  expect_equal(out[, 1:3], by_hand[, 1:3], tolerance = 1e-9)
  fine <- is.finite(by_hand[, 4])
  expect_equal(out[fine, 4], by_hand[fine, 4], tolerance = 1e-9)

  fit <- bounds_fit(poisson(), c(1, 2, 3, 3))
  mu <- posterior_epred(fit)
  fields <- list(truncation_lower = c(1, -Inf, 2, 30), truncation_upper = c(Inf, 3, 5, Inf))
  by_hand <- vapply(1:4, function(i) vapply(mu[, i], function(m) {
    k <- seq(max(0, fields$truncation_lower[i]), min(400, fields$truncation_upper[i]))
    d <- stats::dpois(k, m, log = TRUE)
    sum(k * exp(d - max(d))) / sum(exp(d - max(d)))
  }, 0), numeric(6))
  expect_equal(rows_with(fit, "expected", fields), by_hand, tolerance = 1e-9)
})

test_that("random responses keep within bounds", {
  fit <- bounds_fit(poisson(), c(1, 2, 3, 3))
  fields <- list(truncation_lower = c(1, -Inf, 2, 30), truncation_upper = c(Inf, 1, 3, 32))
  out <- rows_with(fit, "random", fields)
  expect_true(all(t(out) >= fields$truncation_lower & t(out) <= fields$truncation_upper))
})

test_that("a denominator multiplies the mean and the shape, known errors join sigma", {
  d <- c(0.5, 1, 2, 3)
  fit <- bounds_fit(negbinomial(), c(1, 0, 4, 3))
  mu <- sweep(posterior_epred(fit), 2, d, "*")
  shape <- outer(as.matrix(fit)[, "shape"], d)
  expect_equal(rows_with(fit, "expected", list(rate = d)), mu, tolerance = 1e-13)
  by_hand <- stats::dnbinom(rep(fit$data$y, each = 6), mu = mu, size = shape, log = TRUE)
  expect_equal(as.vector(rows_with(fit, "log_density", list(rate = d))), by_hand, tolerance = 1e-11)
  fit <- bounds_fit(brmsfamily("poisson", "softplus"), c(1, 0, 4, 3))
  by_hand <- stats::dpois(rep(fit$data$y, each = 6), sweep(posterior_epred(fit), 2, d, "*"), log = TRUE)
  expect_equal(as.vector(rows_with(fit, "log_density", list(rate = d))), by_hand, tolerance = 1e-11)
  fit <- bounds_fit(gaussian(), c(1, 0, 4, 3))
  sigma <- sqrt(outer(as.matrix(fit)[, "sigma"]^2, d^2, "+"))
  by_hand <- stats::dnorm(rep(fit$data$y, each = 6), posterior_linpred(fit), sigma, log = TRUE)
  out <- rows_with(fit, "log_density", list(se = d, se_sigma = TRUE))
  expect_equal(as.vector(out), by_hand, tolerance = 1e-12)
  by_hand <- stats::dnorm(rep(fit$data$y, each = 6), posterior_linpred(fit), rep(d, each = 6), log = TRUE)
  expect_equal(as.vector(rows_with(fit, "log_density", list(se = d))), by_hand, tolerance = 1e-12)
})
