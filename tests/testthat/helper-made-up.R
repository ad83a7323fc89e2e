# made_up_fit(): a model without sampling whose stored variables get seeded draws, so that what follows sampling is
# tested against transcriptions. Two chains.
made_up_fit <- function(formula, data, family = stats::gaussian(), n_draws = 12, ...) {
  fit <- suppressWarnings(brm(formula, data, family = family, chains = 0, ...))
  names <- variables(fit)
  withr::with_seed(3, {
    draws <- array(stats::rnorm(n_draws * length(names), 0, 0.4), c(n_draws / 2, 2, length(names)))
  })
  positive <- grep("^(sd_|sigma$|shape$|phi$|beta$|hu$|zi$|ndt$|nu$)", names)
  draws[, , positive] <- exp(draws[, , positive])
  draws[, , names == "nu"] <- 3 + draws[, , names == "nu"]
  correlations <- grep("^cor_", names)
  draws[, , correlations] <- tanh(draws[, , correlations])
  unit <- names %in% c("hu", "zi")
  draws[, , unit] <- draws[, , unit] / (1 + draws[, , unit])
  dimnames(draws) <- list(NULL, NULL, names)
  fit$fit$draws <- draws
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(2, n_draws / 2, 0)
  fit
}
