# Every family of the registry: log densities that sum to one, whose mean is the expected value, and random responses
# that follow them. A new family is tested by being registered.

# Responses at which a density is summed, with the weights of the sum: an atom or a count weighs 1.
response_grid <- function(family) {
  real <- list(y = seq(-150, 150, 0.01), weight = 0.01)
  u <- seq(-40, 8, 0.005)
  positive <- list(y = exp(u), weight = 0.005 * exp(u))
  v <- seq(-40, 40, 0.01)
  unit <- list(y = stats::plogis(v), weight = 0.01 * stats::dlogis(v))
  unit <- list(y = unit$y[unit$y < 1], weight = unit$weight[unit$y < 1])
  with_zero <- list(y = c(0, positive$y), weight = c(1, positive$weight))
  if (family %in% c("gaussian", "student", "skew_normal", "exgaussian")) {
    return(real)
  }
  if (family == "beta") {
    return(unit)
  }
  if (family %in% c("hurdle_gamma", "hurdle_lognormal")) {
    return(with_zero)
  }
  if (grepl("binomial$", family) && !grepl("neg", family)) {
    return(list(y = 0:7, weight = rep(1, 8)))
  }
  if (family == "bernoulli") {
    return(list(y = 0:1, weight = c(1, 1)))
  }
  if (grepl("poisson|negbinomial|geometric", family)) {
    return(list(y = 0:2000, weight = rep(1, 2001)))
  }
  positive
}

family_fit <- function(family) {
  data <- data.frame(y = rep(c(0.2, 0.4, 0.6, 0.8), 2), n = 7)
  count <- grepl("poisson|binomial|bernoulli|geometric", family)
  if (count) data$y <- rep(0:1, 4)
  formula <- if (family_info(family)$has_trials) y | trials(n) ~ 1 else y ~ 1
  fit <- made_up_fit(formula, data, brmsfamily(family), n_draws = 4)
  names <- variables(fit)
  # Predictors at which every link is defined and the moments exist.
  fit$fit$draws[, , "b_Intercept"] <- 0.4 + 0.3 * abs(fit$fit$draws[, , "b_Intercept"])
  if ("nu" %in% names) fit$fit$draws[, , "nu"] <- 8 + fit$fit$draws[, , "nu"]
  if ("shape" %in% names) fit$fit$draws[, , "shape"] <- 2 + fit$fit$draws[, , "shape"]
  if ("sigma" %in% names) fit$fit$draws[, , "sigma"] <- pmin(fit$fit$draws[, , "sigma"], 0.8)
  if ("ndt" %in% names) fit$fit$draws[, , "ndt"] <- 0.1
  fit
}

test_that("log densities of each family sum to one, and their mean is the expected value", {
  for (family in names(family_registry())) {
    fit <- family_fit(family)
    grid <- response_grid(family)
    density <- exp(log_lik(fit, newdata = data.frame(y = grid$y, n = 7)))
    weight <- rep_len(grid$weight, length(grid$y))
    expect_equal(as.vector(density %*% weight), rep(1, 4), tolerance = 1e-5, info = family)
    expected <- posterior_epred(fit, newdata = data.frame(y = grid$y[1], n = 7))[, 1]
    expect_equal(as.vector(density %*% (weight * grid$y)), expected, tolerance = 1e-4, info = family)
  }
})

test_that("random responses of each family follow its density", {
  n <- 4000
  for (family in names(family_registry())) {
    fit <- family_fit(family)
    grid <- response_grid(family)
    density <- exp(log_lik(fit, newdata = data.frame(y = grid$y, n = 7)))
    below <- t(apply(density * rep(rep_len(grid$weight, length(grid$y)), each = 4), 1, cumsum))
    set.seed(21)
    random <- posterior_predict(fit, newdata = data.frame(n = rep(7, n)))
    for (draw in 1:4) {
      for (probability in c(0.1, 0.5, 0.9)) {
        at <- which(below[draw, ] >= probability)[1]
        share <- mean(random[draw, ] <= grid$y[at])
        expect_lt(abs(share - below[draw, at]), 5 * sqrt(0.25 / n) + 1e-4)
      }
    }
  }
})
