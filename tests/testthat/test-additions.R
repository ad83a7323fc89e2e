# Addition terms: codes of censoring, bounds of truncation, and densities against R's distribution functions.

addition_data <- function(n = 40) {
  withr::with_seed(12, data.frame(
    y = rnorm(n), x = rnorm(n), upper = 5, count = rpois(n, 4), pos = rexp(n) + 0.1,
    code = rep(c("left", "none", "right", "interval"), length.out = n), g = rep(1:5, length.out = n)
  ))
}

frame_of_addition <- function(formula, data, family = gaussian()) build_frame(parse_formula(formula, family), data)

test_that("censoring is read in all of its spellings", {
  n <- c(-1, 0, 1, 2, 0)
  spellings <- list(
    n, as.integer(n), factor(c("left", "none", "right", "interval", "none")),
    c("left", "none", "right", "interval", "none"), c("l", "n", "ri", "int", "non"), as.character(n), factor(n)
  )
  for (spelling in spellings) expect_identical(censoring_codes(spelling), n)
  expect_identical(censoring_codes(c(TRUE, FALSE)), c(1, 0))
  expect_identical(censoring_codes(c("middle", "", "lefty")), rep(NA_real_, 3))
  expect_identical(censoring_codes(c(3, 0.5)), rep(NA_real_, 2))
})

test_that("censoring, its upper ends and truncation become columns of the frame", {
  data <- addition_data()
  frame <- frame_of_addition(y | cens(code, y2 = upper) ~ x, data)
  expect_identical(frame$censored, rep(c(-1L, 0L, 1L, 2L), 10))
  expect_identical(frame$response_upper, ifelse(data$code == "interval", 5, 0))
  expect_identical(frame_of_addition(y | cens("right") ~ x, data)$censored, rep(1L, 40))
  expect_identical(frame_of_addition(y | resp_cens(x > 0) ~ 1, data)$censored, as.integer(data$x > 0))
  frame <- frame_of_addition(y | trunc(lb = -upper, ub = 6) ~ x, data)
  expect_identical(frame$truncation_lower, rep(-5, 40))
  expect_identical(frame$truncation_upper, rep(6, 40))
  expect_identical(frame_of_addition(y | trunc(ub = 6) ~ x, data)$truncation_lower, rep(-Inf, 40))
  light <- light_frame(frame)
  expect_false(any(addition_columns %in% names(light)))
})

test_that("faults of censoring and truncation name the row", {
  data <- addition_data()
  expect_error(frame_of_addition(y | cens(code) ~ x, data), "needs `y2`", class = "skein_error")
  expect_error(frame_of_addition(y | cens(code, y) ~ x, data), "in row 4, not below the upper end",
    class = "skein_error")
  data$code[3] <- "centre"
  expect_error(frame_of_addition(y | cens(code, upper) ~ x, data), "must be left.*is centre in row 3",
    class = "skein_error")
  data$code <- 0
  data$code[7] <- 3
  expect_error(frame_of_addition(y | cens(code) ~ x, data), "is 3 in row 7", class = "skein_error")
  data$code[7] <- 1
  expect_error(frame_of_addition(y | trunc(lb = 0) ~ x, data), "outside its truncation bounds", class = "skein_error")
  expect_error(frame_of_addition(y | trunc(lb = 9, ub = 8) ~ x, data), "no response lies between",
    class = "skein_error")
  expect_error(frame_of_addition(y | trunc(ub = code > "a") ~ x, data), "must be numeric", class = "skein_error")
  expect_error(parse_formula(y | trunc() ~ x), "needs a bound", class = "skein_error")
  expect_error(parse_formula(y | cens() ~ x), "needs a column", class = "skein_error")
  expect_error(parse_formula(y | cens(a, b, d) ~ x), "does not take", class = "skein_error")
  expect_error(parse_formula(b | cens(a) ~ x, bernoulli()), "not supported by family", class = "skein_error")
  expect_error(parse_formula(y | se(a, sigma = 2) ~ x), "sigma.*TRUE or FALSE", class = "skein_error")
})

test_that("censored and truncated rows have the densities of R's distribution functions", {
  data <- addition_data()
  one <- set_prior("normal(0, 1)", class = "Intercept") + set_prior("constant(1.5)", class = "sigma")
  density_of_rows <- function(formula, family = gaussian(), prior = one) {
    fit <- brm(formula, data, family, prior, chains = 0)
    log_prob(fit, 0.3) - dnorm(0.3, log = TRUE)
  }
  by_code <- function(left, none, right, interval) {
    sum(ifelse(data$code == "left", left,
      ifelse(data$code == "none", none, ifelse(data$code == "right", right, interval))))
  }
  p <- function(q, ...) pnorm(q, 0.3, 1.5, ...)
  expected <- by_code(
    p(data$y, log.p = TRUE), dnorm(data$y, 0.3, 1.5, log = TRUE), p(data$y, lower.tail = FALSE, log.p = TRUE),
    log(p(5) - p(data$y))
  )
  expect_equal(density_of_rows(y | cens(code, upper) ~ 1), expected, tolerance = 1e-10)
  w <- seq(0.5, 2, length.out = 40)
  data$w <- w
  expected <- sum(w * (dnorm(data$y, 0.3, 1.5, log = TRUE) - log(p(4) - p(-3))))
  expect_equal(density_of_rows(y | trunc(-3, 4) + weights(w) ~ 1), expected, tolerance = 1e-10)
  # Beside cens(), brms's models leave the truncation of all rows unweighted.
  data$none <- ifelse(data$code == "interval", "none", data$code)
  responses <- ifelse(
    data$none == "left", p(data$y, log.p = TRUE),
    ifelse(data$none == "none", dnorm(data$y, 0.3, 1.5, log = TRUE), p(data$y, lower.tail = FALSE, log.p = TRUE))
  )
  expected <- sum(w * responses) - 40 * log(p(4) - p(-3))
  expect_equal(density_of_rows(y | cens(none) + trunc(-3, 4) + weights(w) ~ 1), expected, tolerance = 1e-10)
  data$none <- "none"
  expected <- sum(w * dnorm(data$y, 0.3, 1.5, log = TRUE)) - 40 * log(p(4) - p(-3))
  expect_equal(density_of_rows(y | cens(none) + trunc(-3, 4) + weights(w) ~ 1), expected, tolerance = 1e-10)
  # Counts: P(Y <= y) for left, P(Y > y) for right; the lower bound itself can be seen.
  mean <- exp(0.3)
  expected <- by_code(
    ppois(data$count, mean, log.p = TRUE), dpois(data$count, mean, log = TRUE),
    ppois(data$count, mean, lower.tail = FALSE, log.p = TRUE),
    log(ppois(data$count + 2, mean) - ppois(data$count, mean))
  )
  prior <- set_prior("normal(0, 1)", class = "Intercept")
  expect_equal(density_of_rows(count | cens(code, count + 2) ~ 1, poisson(), prior), expected, tolerance = 1e-9)
  least <- min(data$count)
  expected <- sum(dpois(data$count, mean, log = TRUE)) - 40 * log(ppois(20, mean) - ppois(least - 1, mean))
  data$least <- least
  expect_equal(density_of_rows(count | trunc(least, 20) ~ 1, poisson(), prior), expected, tolerance = 1e-9)
})
