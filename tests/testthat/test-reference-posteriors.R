# Posterior means and standard deviations equal those of posteriordb's reference draws, within Monte Carlo errors.

# fixtures/posteriordb/NAME.json: formula, family, prior (R code), data, reference (mean, sd, draws by brms's names).
read_posterior_references <- function() {
  files <- list.files(test_path("fixtures", "posteriordb"), full.names = TRUE)
  references <- lapply(files, jsonlite::read_json, simplifyVector = TRUE)
  names(references) <- sub("\\.json$", "", basename(files))
  references
}

# Without centring (kilpisjarvi) trees are deeper than 10.
fit_posterior_reference <- function(reference) {
  brm(
    stats::as.formula(reference$formula), as.data.frame(reference$data), reference$family,
    prior = eval(str2lang(reference$prior)), chains = 2, iter = 2000, seed = 20, refresh = 0, max_treedepth = 12
  )
}

# (ours - reference) / standard error of that difference, for the means and standard deviations of all variables.
# The reference's own draws are close to independent, its marginals close to normal: its errors are sd / sqrt(n) and
# sd / sqrt(2 n).
z_scores <- function(draws, reference) {
  unlist(lapply(names(reference), function(variable) {
    x <- posterior::extract_variable_matrix(draws, variable)
    expected <- reference[[variable]]
    reference_error <- expected$sd / sqrt(expected$draws * c(1, 2))
    own_error <- c(posterior::mcse_mean(x), posterior::mcse_sd(x))
    z <- (c(mean(x), stats::sd(x)) - c(expected$mean, expected$sd)) / sqrt(own_error^2 + reference_error^2)
    stats::setNames(z, paste(c("mean", "sd"), variable))
  }))
}

test_that("means and standard deviations are within 5 Monte Carlo errors", {
  # 106 comparisons: one correct sampler in some 16,000 would have one |z| beyond 5 by chance.
  references <- read_posterior_references()
  expect_length(references, 9)
  n <- 0L
  for (name in names(references)) {
    fit <- fit_posterior_reference(references[[name]])
    z <- z_scores(posterior::as_draws_array(fit), references[[name]]$reference)
    worst <- which.max(abs(z))
    expect_lte(abs(z[[worst]]), 5, label = paste0(name, ": |z| of the ", names(z)[worst]))
    expect_lt(max(posterior::rhat(posterior::extract_variable_matrix(fit, "sigma"))), 1.02)
    n <- n + length(z)
  }
  expect_identical(n, 106L)
})
