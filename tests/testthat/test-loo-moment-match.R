# Moment matching and subsampling: against exact leave-one-out densities of jointly normal models and transcriptions.

# Responses with the mean 0 and this covariance: log p(y_i | y_-i).
exact_loo <- function(y, covariance) {
  precision <- solve(covariance)
  mean <- y - as.vector(precision %*% y) / diag(precision)
  stats::dnorm(y, mean, 1 / sqrt(diag(precision)), log = TRUE)
}

outlier_data <- withr::with_seed(3, data.frame(y = c(stats::rnorm(14), 7), g = letters[1:15]))
matching <- new.env()

matching_fit <- function() {
  if (is.null(matching$one)) {
    matching$one <- suppressWarnings(brm(
      bf(y ~ 1 + (1 | g), center = FALSE), outlier_data, chains = 2, iter = 3000, seed = 1, refresh = 0,
      prior = prior(normal(0, 2), class = b) + prior(constant(1), class = sigma) + prior(constant(1.5), class = sd)
    ))
  }
  matching$one
}

test_that("moment matching finds the exact densities where plain weights fail", {
  fit <- matching_fit()
  plain <- suppressWarnings(loo(fit, save_psis = TRUE))
  bad <- which(plain$diagnostics$pareto_k > 0.7)
  expect_true(15 %in% bad)
  exact <- exact_loo(outlier_data$y, diag(15) * (1 + 1.5^2) + 4)
  matched <- suppressWarnings(loo_moment_match(fit, loo = plain))
  expect_lt(max(matched$diagnostics$pareto_k), 0.7)
  # Seeds 1 to 4 give differences up to 0.1, and in the outlier's row up to 0.5, where plain weights are 2 or more off.
  off <- abs(matched$pointwise[, "elpd_loo"] - exact)
  expect_lt(max(off[setdiff(bad, 15)]), 0.2)
  expect_lt(off[15], 0.8)
  expect_gt(abs(plain$pointwise[15, "elpd_loo"] - exact[15]), 1.5)
  expect_identical(matched$pointwise[-bad, ], plain$pointwise[-bad, ])
  expect_identical(suppressWarnings(loo_moment_match(plain, fit))$pointwise, matched$pointwise)
  expect_identical(suppressWarnings(loo(fit, moment_match = TRUE))$pointwise, matched$pointwise)
})

test_that("moment matching says what it needs", {
  fit <- matching_fit()
  expect_error(loo_moment_match(fit), "No `loo`|No .*loo", class = "skein_error")
  expect_error(loo_moment_match(fit, loo = 1), "class", class = "skein_error")
  some <- suppressWarnings(loo(fit, ndraws = 100))
  expect_error(loo_moment_match(fit, loo = some), "all draws", class = "skein_error")
  other <- suppressWarnings(loo(fit))
  attr(other, "yhash") <- "x"
  expect_error(loo_moment_match(fit, loo = other), "other responses", class = "skein_error")
  other$pointwise <- other$pointwise[1:3, ]
  expect_error(loo_moment_match(fit, loo = other), "3 observations", class = "skein_error")
})

test_that("loo() advises on rows whose weights fail", {
  fit <- matching_fit()
  expect_warning(loo(fit), "moment_match = TRUE", class = "skein_pareto_k")
  out <- suppressWarnings(loo(fit))
  out$diagnostics$pareto_k[] <- c(rep(0.9, 3), rep(0.1, 12))
  expect_warning(advise_on_pareto_k(out, 0.7, TRUE, "m"), "3 observations.*reloo = TRUE", class = "skein_pareto_k")
  out$diagnostics$pareto_k[] <- 0.9
  expect_warning(advise_on_pareto_k(out, 0.7, TRUE, "m"), "kfold", class = "skein_pareto_k")
  out$diagnostics$pareto_k[] <- 0.6
  expect_silent(advise_on_pareto_k(out, 0.7, TRUE, "m"))
  # 1 - 1 / log10(100) = 0.5.
  attr(out, "dims")[1] <- 100L
  expect_warning(advise_on_pareto_k(out, 0.7, TRUE, "m"), "pareto_k > 0.5.*more iterations", class = "skein_pareto_k")
})

test_that("loo_subsample() takes some rows exactly and the others at the posterior medians", {
  fit <- matching_fit()
  plain <- suppressWarnings(loo(fit, pointwise = TRUE))
  set.seed(1)
  out <- suppressWarnings(loo_subsample(fit, observations = 8, r_eff = rep(1, 15)))
  expect_s3_class(out, "psis_loo_ss")
  rows <- out$pointwise[, "idx"]
  expect_length(rows, 8)
  weights <- suppressWarnings(loo::loo(log_lik(fit), r_eff = rep(1, 15)))
  expect_equal(unname(out$pointwise[, "elpd_loo"]), unname(weights$pointwise[rows, "elpd_loo"]))
  medians <- apply(as.matrix(fit), 2, stats::median)
  mean <- medians[["b_Intercept"]] + medians[paste0("r_g[", outlier_data$g, ",Intercept]")]
  expected <- stats::dnorm(outlier_data$y, mean, 1, log = TRUE)
  expect_equal(out$loo_subsampling$elpd_loo_approx, expected, tolerance = 1e-10)
  expect_error(loo_subsample(fit, loo_approximation_draws = 5), "loo_approximation_draws", class = "skein_error")
  both <- suppressWarnings(loo_subsample(fit, fit, observations = 8, model_names = c("a", "b"), compare = FALSE))
  expect_named(both$loos, c("a", "b"))
  stored <- suppressWarnings(add_criterion(fit, "loo_subsample", observations = 8))
  expect_s3_class(stored$criteria$loo_subsample, "psis_loo_ss")
  expect_equal(plain$estimates, suppressWarnings(loo(fit))$estimates)
})

test_that("predictions at a point estimate are those of the parameters' mean or median", {
  fit <- matching_fit()
  draws <- as.matrix(fit)[, c("b_Intercept", "r_g[b,Intercept]")]
  out <- posterior_linpred(fit, newdata = outlier_data[2, ], point_estimate = "mean", ndraws_point_estimate = 2)
  expect_equal(as.vector(out), rep(sum(colMeans(draws)), 2))
  out <- posterior_linpred(fit, newdata = outlier_data[2, ], point_estimate = "median")
  expect_equal(as.vector(out), sum(apply(draws, 2, stats::median)))
  expect_error(posterior_linpred(fit, point_estimate = "mode"), "point_estimate", class = "skein_error")
})

test_that("draws and densities at unconstrained points are those of the draws", {
  fit <- suppressWarnings(brm(y ~ 1 + (1 | g), outlier_data, chains = 1, iter = 40, seed = 1, refresh = 0))
  points <- unconstrained_draws(fit)
  draws <- as.matrix(fit)
  expect_equal(log_prob_at(density_of(fit), t(points)), unname(draws[, "lp__"]), tolerance = 1e-10)
  same <- setdiff(colnames(draws), "lp__")
  expect_equal(as.matrix(fit_at(fit, points))[, same], draws[, same], tolerance = 1e-10)
  expect_equal(log_lik(fit_at(fit, points[, 3:4])), log_lik(fit, draw_ids = 3:4), tolerance = 1e-10)
})
