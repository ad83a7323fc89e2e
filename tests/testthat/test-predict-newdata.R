# New data: bases and levels of the data fitted, group-level terms in and out, new levels, and what must be refused.

newdata_fit <- function(...) {
  withr::local_seed(5)
  data <- data.frame(
    y = stats::rpois(12, 2), x = seq(0.5, 6, 0.5), f = factor(rep(c("u", "v", "w"), 4)), g = rep(1:4, each = 3),
    h = rep(c("p", "q"), 6)
  )
  fit <- brm(y ~ poly(x, 2) + f + (1 + x | g) + (1 | h), data, family = poisson(), chains = 0)
  names <- variables(fit)
  draws <- array(stats::rnorm(40 * length(names), 0, 0.3), c(20, 2, length(names)), list(NULL, NULL, names))
  draws[, , grep("^sd_", names)] <- abs(draws[, , grep("^sd_", names)])
  fit$fit$draws <- draws
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(2, 20, 0)
  fit
}

test_that("rows of the data give the same values as new data", {
  fit <- newdata_fit()
  some <- fit$data[c(8, 3), ]
  expect_equal(posterior_epred(fit, newdata = some), posterior_epred(fit)[, c(8, 3)])
  as_text <- transform(some, f = as.character(f), g = as.character(g))
  expect_equal(posterior_epred(fit, newdata = as_text), posterior_epred(fit)[, c(8, 3)])
  expect_equal(posterior_epred(fit, newdata = as.list(some)), posterior_epred(fit)[, c(8, 3)])
})

test_that("re_formula keeps terms and coefficients", {
  fit <- newdata_fit()
  d <- as.matrix(fit)
  none <- posterior_linpred(fit, re_formula = NA)
  expect_equal(posterior_linpred(fit, re_formula = ~0), none)
  intercept <- d[, paste0("r_g[", fit$data$g, ",Intercept]")]
  slope <- sweep(d[, paste0("r_g[", fit$data$g, ",x]")], 2, fit$data$x, "*")
  h <- d[, paste0("r_h[", fit$data$h, ",Intercept]")]
  expect_equal(posterior_linpred(fit) - none, unname(intercept + slope + h))
  expect_equal(posterior_linpred(fit, re_formula = ~ (1 | g)) - none, unname(intercept))
  expect_equal(posterior_linpred(fit, re_formula = ~ (0 + x | g) + (1 | h)) - none, unname(slope + h))
  expect_equal(posterior_linpred(fit, re.form = NA), none)
  # Columns of terms left out are not needed.
  expect_equal(posterior_linpred(fit, newdata = fit$data[c("x", "f")], re_formula = NA), none)
})

test_that("new levels need to be allowed, and are drawn from the others", {
  fit <- newdata_fit()
  new <- data.frame(x = 1, f = "u", g = c(9, 2, NA, 9), h = "p")
  expect_error(posterior_epred(fit, newdata = new), "9.*grouping factor.*g.*allow_new_levels",
    class = "skein_new_levels")
  for (method in c("uncertainty", "gaussian", "old_levels")) {
    out <- posterior_linpred(fit, newdata = new, allow_new_levels = TRUE, sample_new_levels = method)
    expect_equal(out[, 2], posterior_linpred(fit, newdata = new[2, ])[, 1])
    expect_identical(out[, 1], out[, 4])
    # Two new levels may stand for the same old one.
    if (method != "old_levels") expect_false(identical(out[, 1], out[, 3]))
  }
  d <- as.matrix(fit)
  rest <- posterior_linpred(fit, newdata = new[1, ], re_formula = ~ (1 | h))[, 1]
  of_levels <- vapply(1:4, function(g) unname(d[, paste0("r_g[", g, ",Intercept]")] + d[, paste0("r_g[", g, ",x]")]),
    numeric(40))
  draws <- posterior_linpred(fit, newdata = new[1, ], allow_new_levels = TRUE)[, 1] - rest
  expect_true(all(apply(abs(of_levels - draws), 1, min) < 1e-12))
  old <- posterior_linpred(fit, newdata = new[1, ], allow_new_levels = TRUE, sample_new_levels = "old_levels")
  old <- old[, 1] - rest
  expect_lt(min(apply(abs(of_levels - old), 2, max)), 1e-12)
})

test_that("gaussian new levels have the covariance of the draws", {
  fit <- newdata_fit()
  fit$fit$draws[, , "sd_g__Intercept"] <- 2
  fit$fit$draws[, , "sd_g__x"] <- 0.5
  fit$fit$draws[, , "cor_g__Intercept__x"] <- -0.6
  set.seed(1)
  new <- data.frame(x = rep(c(0, 1), each = 500), f = "u", g = 100 + rep(1:500, 2), h = "p")
  linear <- function(re) {
    posterior_linpred(fit, newdata = new, re_formula = re, allow_new_levels = TRUE, sample_new_levels = "gaussian")
  }
  effects <- linear(~ (1 + x | g)) - linear(NA)
  intercept <- effects[, 1:500]
  slope <- effects[, 501:1000] - intercept
  n <- length(intercept)
  expect_lt(abs(stats::sd(intercept) - 2), 5 * 2 / sqrt(2 * n))
  expect_lt(abs(stats::sd(slope) - 0.5), 5 * 0.5 / sqrt(2 * n))
  expect_lt(abs(stats::cor(as.vector(intercept), as.vector(slope)) + 0.6), 5 * (1 - 0.36) / sqrt(n))
})

test_that("a missing factor sets its columns to 0", {
  fit <- newdata_fit()
  new <- data.frame(x = c(1, 1), f = c(NA, "u"), g = 1, h = "q")
  out <- posterior_linpred(fit, newdata = new)
  expect_equal(out[, 1], out[, 2])
})

test_that("bad new data are refused with the name of the column", {
  fit <- newdata_fit()
  expect_skein <- function(code, pattern) expect_error(code, pattern, class = "skein_error")
  row <- fit$data[1, ]
  expect_skein(fitted(fit, newdata = row[c("f", "g", "h")]), "needs.*\"x\".*newdata")
  expect_skein(fitted(fit, newdata = row[0, ]), "no rows")
  expect_skein(fitted(fit, newdata = transform(row, f = "z")), "factor.*f.*no level.*z")
  expect_skein(fitted(fit, newdata = transform(row, x = "1")), "x.*numbers")
  expect_skein(fitted(fit, newdata = transform(row, x = Inf)), "x.*finite|computed")
  expect_skein(residuals(fit, newdata = row[-1]), "needs.*\"y\"")
  expect_skein(log_lik(fit, newdata = transform(row, y = -1)), "y.*at least 0")
  expect_skein(fitted(fit, newdata = 3), "newdata.*data frame")
  expect_skein(fitted(fit, re_formula = ~ (1 | k)), "re_formula.*k")
  expect_skein(fitted(fit, re_formula = ~ (f | g)), "re_formula.*f.*does not vary")
  expect_skein(fitted(fit, re_formula = ~x), "re_formula.*group-level")
  expect_skein(fitted(fit, dpar = "sigma"), "no distributional parameter.*sigma")
  expect_skein(fitted(fit, ndraws = 100), "at most 40")
  expect_skein(fitted(fit, draw_ids = 0), "draw_ids.*1 to 40")
  expect_skein(fitted(fit, sample_new_levels = "old"), "sample_new_levels")
  expect_skein(fitted(fit, alow_new_levels = TRUE), "allow_new_levels")
  expect_skein(fitted(fit, resp = "z"), "no response")
  expect_skein(fitted(fit, probs = 2), "probs")
  expect_skein(posterior_epred(brm(y ~ x, fit$data, chains = 0)), "does not contain posterior draws")
})
