# Predictions against transcriptions in R, for the families and terms at hand.

rows <- withr::with_seed(2, data.frame(
  y = c(0, 1, 0, 2, 5, 1, 3, 0, 2), x = round(stats::rnorm(9), 2), f = factor(rep(c("u", "v", "w"), 3)),
  g = rep(c("a", "b", "new york"), each = 3), n = 6, o = seq(-1, 1, 0.25)
))

eta_by_hand <- function(fit, data) {
  d <- as.matrix(fit)
  out <- d[, c("b_Intercept", "b_x", "b_fv", "b_fw")] %*% t(stats::model.matrix(~ x + f, data))
  level <- gsub(" ", ".", data$g)
  out <- out + d[, paste0("r_g[", level, ",Intercept]")]
  out <- out + sweep(d[, paste0("r_g[", level, ",x]")], 2, data$x, "*")
  unname(sweep(out, 2, data$o, "+"))
}

test_that("linear predictors, expected values and log densities are those of a transcription", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  eta <- eta_by_hand(fit, rows)
  expect_equal(posterior_linpred(fit), eta, tolerance = 1e-13)
  expect_equal(posterior_linpred(fit, transform = TRUE), exp(eta), tolerance = 1e-13)
  expect_equal(posterior_epred(fit), exp(eta), tolerance = 1e-13)
  expect_equal(posterior_epred(fit, dpar = "mu"), exp(eta), tolerance = 1e-13)
  by_hand <- matrix(stats::dpois(rep(rows$y, each = 12), exp(eta), log = TRUE), 12)
  expect_equal(log_lik(fit), by_hand, tolerance = 1e-12)
  no_offset <- sweep(eta, 2, rows$o)
  expect_equal(posterior_linpred(fit, offset = FALSE), no_offset, tolerance = 1e-13)
})

test_that("each family's values are those of R's functions", {
  data <- transform(rows, y01 = as.numeric(y > 1), real = y - 1.7)
  check <- function(left, family, expected, density) {
    formula <- stats::as.formula(paste(left, "~ x + f + (1 + x | g) + offset(o)"))
    fit <- made_up_fit(formula, data, family)
    d <- as.matrix(fit)
    eta <- eta_by_hand(fit, data)
    expect_equal(posterior_epred(fit), expected(eta), tolerance = 1e-12, info = family$family)
    y <- rep(fit$data[[1]], each = 12)
    expect_equal(as.vector(log_lik(fit)), as.vector(density(y, eta, d)), tolerance = 1e-11, info = family$family)
  }
  check("real", gaussian(), identity, function(y, eta, d) stats::dnorm(y, eta, d[, "sigma"], log = TRUE))
  check("real", student(), identity, function(y, eta, d) {
    stats::dt((y - eta) / d[, "sigma"], d[, "nu"], log = TRUE) - log(d[, "sigma"])
  })
  check("y", negbinomial(), exp, function(y, eta, d) {
    stats::dnbinom(y, mu = exp(eta), size = d[, "shape"], log = TRUE)
  })
  check("y01", bernoulli(), stats::plogis, function(y, eta, d) stats::dbinom(y, 1, stats::plogis(eta), log = TRUE))
  check("y | trials(n)", binomial("probit"), function(eta) 6 * stats::pnorm(eta), function(y, eta, d) {
    stats::dbinom(y, 6, stats::pnorm(eta), log = TRUE)
  })
})

test_that("log_lik sums to the likelihood part of log_prob, weights included", {
  fit <- suppressWarnings(brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0))
  withr::with_seed(4, u <- stats::rnorm(get_num_upars(fit), 0, 0.5))
  prior_only <- suppressWarnings(
    brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0, sample_prior = "only",
      prior = prior(normal(0, 1), class = b))
  )
  whole <- suppressWarnings(
    brm(y | weights(n) ~ x + (1 | g), rows, family = poisson(), chains = 0, prior = prior(normal(0, 1), class = b))
  )
  difference <- log_prob(whole, u) - log_prob(prior_only, u)
  names <- setdiff(variables(whole), "lp__")
  values <- density_draws(density_of(whole), matrix(u))[, 1]
  whole$fit$draws <- array(c(values, 0), c(1, 1, length(names) + 1), list(NULL, NULL, c(names, "lp__")))
  expect_equal(sum(log_lik(whole)), difference, tolerance = 1e-12)
})

test_that("random responses belong to seed, draw and row, whatever the threads", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, negbinomial())
  set.seed(11)
  all <- posterior_predict(fit)
  for (cores in c(2, 8)) {
    set.seed(11)
    expect_identical(posterior_predict(fit, cores = cores), all)
  }
  set.seed(11)
  expect_identical(posterior_predict(fit, draw_ids = c(7, 2, 7)), all[c(2, 7), ])
  set.seed(11)
  expect_identical(posterior_predict(fit, newdata = rows[1:4, ]), all[, 1:4])
  expect_false(identical(posterior_predict(fit), all))
})

test_that("summaries are those of the draws, and need no matrix", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  epred <- posterior_epred(fit)
  for (robust in c(FALSE, TRUE)) {
    probs <- c(0, 0.1, 0.5, 0.975, 1)
    by_hand <- posterior_summary(epred, probs = probs, robust = robust)
    expect_equal(fitted(fit, probs = probs, robust = robust), by_hand, tolerance = 1e-13)
    expect_equal(fitted(fit, probs = probs, robust = robust, cores = 3), by_hand, tolerance = 1e-13)
  }
  expect_identical(fitted(fit, summary = FALSE), epred)
  expect_equal(fitted(fit, scale = "linear")[, "Estimate"], colMeans(posterior_linpred(fit)))
  expect_equal(colnames(fitted(fit)), c("Estimate", "Est.Error", "Q2.5", "Q97.5"))
  set.seed(1)
  random <- posterior_predict(fit)
  set.seed(1)
  expect_equal(predict(fit), posterior_summary(random))
  set.seed(1)
  expect_equal(unname(predictive_interval(fit, prob = 0.5)), unname(posterior_summary(random, c(0.25, 0.75))[, 3:4]))
  expect_equal(residuals(fit, method = "posterior_epred"), posterior_summary(sweep(-epred, 2, rows$y, "+")))
  linear <- residuals(fit, method = "posterior_linpred", summary = FALSE)
  expect_equal(linear, sweep(-posterior_linpred(fit), 2, rows$y, "+"))
  set.seed(1)
  expect_equal(residuals(fit), posterior_summary(sweep(-random, 2, rows$y, "+")))
  set.seed(1)
  expect_equal(predictive_error(fit), sweep(-random, 2, rows$y, "+"))
})

test_that("a summary of many rows goes through in blocks", {
  fit <- made_up_fit(y ~ x + f + (1 + x | g) + offset(o), rows, poisson())
  many <- rows[rep(1:9, 100), ]
  quantity <- quantity_of(fit, "expected")
  options <- check_prediction_arguments(fit, list())
  options$seed <- 0
  summary <- list(robust = FALSE, probs = 0.5)
  prediction <- build_prediction(fit, many, NULL, quantity, options)
  in_blocks <- run_prediction(prediction, quantity, options, summary, block_values = 1)
  expect_identical(in_blocks, run_prediction(prediction, quantity, options, summary))
  expect_equal(in_blocks[1:9, ], unname(fitted(fit, probs = 0.5)))
})

test_that("log_lik by row is the column of the matrix", {
  fit <- made_up_fit(y ~ x + (1 | g), rows, poisson())
  by_row <- log_lik(fit, pointwise = TRUE)
  rows_of <- attr(by_row, "data")
  expect_identical(by_row(rows_of[4, , drop = FALSE], attr(by_row, "draws")), log_lik(fit)[, 4])
})

# Two predictors that share a term, and a by-variable.
several_data <- withr::with_seed(6, data.frame(
  y = stats::rnorm(12), x = stats::rnorm(12), z = stats::rnorm(12), g = rep(letters[1:4], each = 3),
  h = rep(c("p", "q"), each = 6)
))

test_that("predicted parameters follow their own predictors, group-level terms shared or not", {
  fit <- made_up_fit(bf(y ~ x + (1 + x | i | g), sigma ~ z + (1 | i | g)), several_data)
  d <- as.matrix(fit)
  g <- several_data$g
  mu <- d[, c("b_Intercept", "b_x")] %*% t(cbind(1, several_data$x)) + d[, paste0("r_g[", g, ",Intercept]")] +
    sweep(d[, paste0("r_g[", g, ",x]")], 2, several_data$x, "*")
  log_sigma <- d[, c("b_sigma_Intercept", "b_sigma_z")] %*% t(cbind(1, several_data$z)) +
    d[, paste0("r_g__sigma[", g, ",Intercept]")]
  expect_equal(posterior_epred(fit), unname(mu), tolerance = 1e-13)
  expect_equal(posterior_linpred(fit, dpar = "sigma"), unname(log_sigma), tolerance = 1e-13)
  expect_equal(posterior_epred(fit, dpar = "sigma"), unname(exp(log_sigma)), tolerance = 1e-13)
  by_hand <- stats::dnorm(rep(several_data$y, each = 12), mu, exp(log_sigma), log = TRUE)
  expect_equal(as.vector(log_lik(fit)), as.vector(by_hand), tolerance = 1e-12)
  without <- posterior_linpred(fit, dpar = "sigma", re_formula = NA)
  expect_equal(without + d[, paste0("r_g__sigma[", g, ",Intercept]")], unname(log_sigma), ignore_attr = TRUE)
  # A prediction of one parameter needs that parameter's columns only.
  new <- several_data[c("z", "g")]
  expect_equal(posterior_linpred(fit, newdata = new, dpar = "sigma"), unname(log_sigma))
})

test_that("new levels of terms that span parameters are drawn together", {
  fit <- made_up_fit(bf(y ~ x + (1 | i | g), sigma ~ z + (1 | i | g)), several_data, n_draws = 400)
  fit$fit$draws[, , "cor_g__Intercept__sigma_Intercept"] <- 0.9
  fit$fit$draws[, , c("sd_g__Intercept", "sd_g__sigma_Intercept")] <- 1
  new <- data.frame(x = 0, z = 0, g = paste0("new", 1:30))
  effects <- function(dpar) {
    set.seed(1)
    all <- posterior_linpred(fit, newdata = new, dpar = dpar, allow_new_levels = TRUE, sample_new_levels = "gaussian")
    all - posterior_linpred(fit, newdata = new, dpar = dpar, re_formula = NA)
  }
  expect_lt(abs(stats::cor(as.vector(effects("mu")), as.vector(effects("sigma"))) - 0.9), 0.02)
  together <- posterior_linpred(fit, newdata = new, allow_new_levels = TRUE)
  expect_identical(dim(together), c(400L, 30L))
})

test_that("new levels come from their own level of a by-variable", {
  fit <- made_up_fit(y ~ x + (1 | gr(g, by = h)), several_data, n_draws = 40)
  fit$fit$draws[, , "r_g[a,Intercept]"] <- 1
  fit$fit$draws[, , "r_g[b,Intercept]"] <- 2
  fit$fit$draws[, , "r_g[c,Intercept]"] <- 3
  fit$fit$draws[, , "r_g[d,Intercept]"] <- 4
  fit$fit$draws[, , "sd_g__Intercept:hp"] <- 1e-8
  fit$fit$draws[, , "sd_g__Intercept:hq"] <- 1
  new <- data.frame(x = 0, g = c("new", "newer"), h = c("p", "q"))
  effects <- function(method) {
    out <- posterior_linpred(fit, newdata = new, allow_new_levels = TRUE, sample_new_levels = method)
    round(out - posterior_linpred(fit, newdata = new, re_formula = NA), 6)
  }
  set.seed(1)
  uncertain <- effects("uncertainty")
  expect_setequal(uncertain[, 1], c(1, 2))
  expect_setequal(uncertain[, 2], c(3, 4))
  gaussian <- effects("gaussian")
  expect_true(all(gaussian[, 1] == 0))
  expect_gt(stats::sd(gaussian[, 2]), 0.5)
  expect_error(
    posterior_linpred(fit, newdata = transform(new, h = "r"), allow_new_levels = TRUE), "level of `h`",
    class = "skein_error"
  )
})

test_that("fixed parameters and addition terms reach the values", {
  fit <- made_up_fit(bf(y ~ x, nu = 4), several_data, student())
  if ("nu" %in% variables(fit)) fit$fit$draws[, , "nu"] <- 4
  d <- as.matrix(fit)
  mu <- posterior_linpred(fit)
  by_hand <- stats::dt((rep(several_data$y, each = 12) - mu) / d[, "sigma"], 4, log = TRUE) - log(d[, "sigma"])
  expect_equal(as.vector(log_lik(fit)), as.vector(by_hand), tolerance = 1e-12)
  counts <- transform(several_data, y = rep(0:3, 3), n = rep(1:3, 4))
  fit <- made_up_fit(y | rate(n) ~ x, counts, poisson())
  expect_equal(posterior_epred(fit), sweep(exp(posterior_linpred(fit)), 2, counts$n, "*"))
  new <- data.frame(x = 0)
  expect_error(posterior_epred(fit, newdata = new), "n", class = "skein_error")
  expect_identical(ncol(posterior_linpred(fit, newdata = new)), 1L)
  fit <- made_up_fit(y | trunc(lb = 0, ub = 3) ~ x, counts, poisson())
  expect_true(all(posterior_predict(fit) <= 3))
  expect_equal(log_lik(fit) + stats::ppois(3, exp(posterior_linpred(fit)), log.p = TRUE),
    matrix(stats::dpois(rep(counts$y, each = 12), exp(posterior_linpred(fit)), log = TRUE), 12), tolerance = 1e-11)
  censored <- transform(several_data, c = rep(c("none", "right", "left"), 4))
  fit <- made_up_fit(y | cens(c) ~ x, censored)
  expect_identical(dim(log_lik(fit)), c(12L, 12L))
  expect_identical(ncol(predict(fit, newdata = data.frame(x = 1:2), summary = FALSE)), 2L)
})
