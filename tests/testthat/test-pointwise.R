# log_lik(): the rows' sum is the likelihood part of the log density that is sampled from, whatever the model.

row_data <- withr::with_seed(4, data.frame(
  y = round(stats::rnorm(60, 1, 2), 2), x = stats::rnorm(60), g = rep(1:12, 5), by = rep(c("u", "v"), each = 30),
  se = stats::runif(60, 0.1, 1), w = stats::runif(60), cen = sample(c("none", "left", "right"), 60, TRUE),
  count = stats::rpois(60, 4), n = stats::runif(60, 0.5, 2)
))
row_data$by <- ifelse(row_data$g %% 2, "u", "v")

# The fit with the draws that belong to the columns of u.
at_positions <- function(fit, u) {
  names <- setdiff(variables(fit), "lp__")
  values <- rbind(density_draws(density_of(fit), u), 0)
  fit$fit$draws <- array(t(values), c(ncol(u), 1, nrow(values)), list(NULL, NULL, c(names, "lp__")))
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(1, ncol(u), 0)
  fit
}

# The log density with and without the likelihood, and the sum over rows.
expect_rows_sum <- function(formula, family = gaussian(), prior = set_prior("normal(0, 1)", class = "b")) {
  fit <- brm(formula, row_data, family, prior = prior, chains = 0)
  without <- brm(formula, row_data, family, prior = prior, chains = 0, sample_prior = "only")
  u <- withr::with_seed(5, matrix(stats::runif(2 * get_num_upars(fit), -0.4, 0.4), ncol = 2))
  rows <- log_lik(at_positions(fit, u))
  expect_identical(dim(rows), c(2L, 60L))
  likelihood <- apply(u, 2, function(position) log_prob(fit, position) - log_prob(without, position))
  expect_equal(rowSums(rows), likelihood, tolerance = 1e-11)
}

test_that("rows sum to the likelihood for distributional models and addition terms", {
  both <- c(set_prior("normal(0, 1)", class = "b"), set_prior("normal(0, 1)", class = "b", dpar = "sigma"))
  expect_rows_sum(bf(y ~ x + (1 + x | i | g), sigma ~ x + (1 | i | g)), prior = both)
  expect_rows_sum(bf(y | weights(w) ~ x + (1 + x | gr(g, by = by)), nu = 4), student())
  expect_rows_sum(y | cens(cen) + weights(w) ~ x)
  expect_rows_sum(y | trunc(lb = -9) + weights(w) ~ x)
  expect_rows_sum(y | cens(cen) + trunc(lb = -9, ub = 12) + weights(w) ~ x)
  expect_rows_sum(count | cens(cen) + trunc(lb = 0) + weights(w) ~ x, negbinomial())
  expect_rows_sum(
    bf(count ~ x, zi ~ x), zero_inflated_poisson(),
    c(set_prior("normal(0, 1)", class = "b"), set_prior("normal(0, 1)", class = "b", dpar = "zi"))
  )
  expect_rows_sum(y | se(se) ~ x)
  expect_rows_sum(bf(y | se(se, sigma = TRUE) + trunc(lb = -9) ~ x, sigma ~ x), prior = both)
  expect_rows_sum(count | rate(n) ~ x, negbinomial())
  expect_rows_sum(count | trunc(ub = 30) ~ x, brmsfamily("poisson", "softplus"))
})

test_that("rows stand in the order of the data", {
  fit <- brm(y ~ x + (1 | g), row_data, chains = 0)
  u <- withr::with_seed(6, stats::runif(get_num_upars(fit), -1, 1))
  pars <- constrain_pars(fit, u)
  mu <- as.numeric(pars$Intercept) + as.numeric(pars$b) * (row_data$x - mean(row_data$x)) + as.numeric(pars$sd_1) * as.vector(pars$z_1)[row_data$g]
  expected <- stats::dnorm(row_data$y, mu, as.numeric(pars$sigma), log = TRUE)
  expect_equal(as.vector(log_lik(at_positions(fit, matrix(u)))), expected, tolerance = 1e-12)
})
