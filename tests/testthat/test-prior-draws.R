# Draws from the priors: brms's names, the right distributions, reproducible without touching R's generator.

draws_table <- function(prior = NULL, formula = y ~ x + z + (x | g) + (1 | h)) {
  data <- data.frame(y = c(1:19, 30), x = sin(1:20), z = cos(1:20), g = rep(1:5, 4), h = rep(1:4, each = 5))
  model <- prior_model(formula, data, gaussian(), TRUE)
  set_priors(model$table, prior, model$frame)
}

test_that("names are brms's", {
  variables <- function(...) dimnames(draw_priors(draws_table(...), 2, 1, 1))$variable
  expect_identical(
    variables(prior(normal(0, 1))),
    c("prior_b", "prior_Intercept", "prior_sigma", "prior_sd_g", "prior_cor_g", "prior_sd_h")
  )
  by_coef <- prior(normal(0, 1), coef = x) + prior(exponential(1), class = sd, group = g, coef = x) +
    prior(constant(1), class = sd, group = h)
  expect_identical(
    variables(by_coef),
    c("prior_b_x", "prior_Intercept", "prior_sigma", "prior_sd_g__Intercept", "prior_sd_g__x", "prior_cor_g")
  )
  expect_identical(variables(NULL), c("prior_Intercept", "prior_sigma", "prior_sd_g", "prior_cor_g", "prior_sd_h"))
  twice <- variables(NULL, y ~ (1 | g) + (0 + x | g))
  expect_identical(twice, c("prior_Intercept", "prior_sigma", "prior_sd_g"))
})

test_that("draws have their prior's distribution within the bounds", {
  n <- 20000
  table <- draws_table(c(
    prior(normal(1, 2), class = b, lb = 0, ub = 3), prior(gamma(2, 1), class = sd, ub = 4), prior(lkj(2), class = cor)
  ))
  draws <- draw_priors(table, n, 1, 20)[, 1, ]
  distance <- function(x, cdf) max(abs(cdf(sort(x)) - (seq_along(x) - 0.5) / length(x)))
  # Kolmogorov's statistic exceeds 1.95 / sqrt(n) once in 1000 samples; the seed is fixed.
  limit <- 1.95 / sqrt(n)
  mass <- function(x) (stats::pnorm(x, 1, 2) - stats::pnorm(0, 1, 2)) / diff(stats::pnorm(c(0, 3), 1, 2))
  expect_lt(distance(draws[, "prior_b"], mass), limit)
  expect_lt(distance(draws[, "prior_sd_g"], function(x) stats::pgamma(x, 2, 1) / stats::pgamma(4, 2, 1)), limit)
  # With two coefficients lkj(2) has density proportional to 1 - r^2.
  expect_lt(distance(draws[, "prior_cor_g"], function(r) 0.75 * (r - r^3 / 3) + 0.5), limit)
  scale <- table$prior[[match("sigma", table$name)]]$arguments[[1]][3]
  expect_lt(distance(draws[, "prior_sigma"], function(x) 2 * stats::pt(x / scale, 3) - 1), limit)
  expect_lt(max(abs(stats::cor(draws[, c("prior_b", "prior_sd_g", "prior_cor_g")])[upper.tri(diag(3))])), 5 / sqrt(n))
})

test_that("a chain depends on the seed and its number only, and R's generator stays", {
  table <- draws_table(prior(normal(0, 1)))
  withr::local_seed(3)
  before <- .Random.seed
  four <- draw_priors(table, 10, 4, 7)
  expect_identical(.Random.seed, before)
  expect_identical(dim(four), c(10L, 4L, 6L))
  expect_identical(draw_priors(table, 10, 2, 7), four[, 1:2, ])
  expect_false(isTRUE(all.equal(four[, 1, ], four[, 2, ])))
  expect_false(isTRUE(all.equal(draw_priors(table, 10, 1, 8), four[, 1, , drop = FALSE])))
  expect_identical(dim(draw_priors(table, 10, 1, 3e9)), c(10L, 1L, 6L))
})
