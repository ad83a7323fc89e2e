# Diagnostics of short chains may differ in the last digits between versions of posterior.
with_diagnostics <- function(rows) {
  rows$Rhat <- c(1, 0.998, 1.012)[seq_len(nrow(rows))]
  rows$Bulk_ESS <- c(1414.4, 105, 97)[seq_len(nrow(rows))]
  rows$Tail_ESS <- c(121, 78, 71)[seq_len(nrow(rows))]
  rows
}

test_that("summary() prints in brms's layout", {
  summary <- summary(mock_fit())
  summary$fixed <- with_diagnostics(summary$fixed)
  summary$spec_pars <- with_diagnostics(summary$spec_pars)
  summary$random$g <- with_diagnostics(summary$random$g)
  text <- utils::capture.output(print(summary))
  expect_identical(text, c(
    " Family: gaussian ",
    "  Links: mu = identity ",
    "Formula: y ~ x + (1 + x | g) ",
    "   Data: mock_data (Number of observations: 6) ",
    "  Draws: 2 chains, each with iter = 100; warmup = 50; thin = 1;",
    "         total post-warmup draws = 100",
    "",
    "Multilevel Hyperparameters:",
    "~g (Number of levels: 3) ",
    "                 Estimate Est.Error l-95% CI u-95% CI Rhat Bulk_ESS Tail_ESS",
    "sd(Intercept)        0.70      0.10     0.47     0.88 1.00     1414      121",
    "sd(x)                0.31      0.10     0.10     0.47 1.00      105       78",
    "cor(Intercept,x)     0.20      0.12    -0.01     0.43 1.01       97       71",
    "",
    "Regression Coefficients:",
    "          Estimate Est.Error l-95% CI u-95% CI Rhat Bulk_ESS Tail_ESS",
    "Intercept     2.01      0.09     1.83     2.18 1.00     1414      121",
    "x            -1.00      0.10    -1.16    -0.79 1.00      105       78",
    "",
    "Further Distributional Parameters:",
    "      Estimate Est.Error l-95% CI u-95% CI Rhat Bulk_ESS Tail_ESS",
    "sigma     1.50      0.10     1.28     1.66 1.00     1414      121",
    "",
    "Draws were sampled using sampling(NUTS). For each parameter, Bulk_ESS",
    "and Tail_ESS are effective sample size measures, and Rhat is the potential",
    "scale reduction factor on split chains (at convergence, Rhat = 1)."
  ))
})

test_that("its options change the table", {
  fit <- mock_fit()
  summary <- summary(fit, prob = 0.9, robust = TRUE, mc_se = TRUE, priors = TRUE)
  columns <- c("Estimate", "MCSE", "Est.Error", "l-90% CI", "u-90% CI", "Rhat", "Bulk_ESS", "Tail_ESS")
  expect_named(summary$fixed, columns)
  draws <- as.matrix(fit, variable = "b_x")
  expect_equal(summary$fixed["x", "Estimate"], stats::median(draws))
  expect_equal(summary$fixed["x", "Est.Error"], stats::mad(draws))
  expect_equal(unlist(summary$fixed["x", 4:5], use.names = FALSE), unname(stats::quantile(draws, c(0.05, 0.95))))
  text <- utils::capture.output(print(summary, digits = 3, short = TRUE))
  expect_identical(text[5:9], c("", "Priors:", "b ~ normal(0, 1)", "<lower=0> sigma ~ student_t(3, 0, 2.5)", ""))
  expect_match(grep("^sigma", text, value = TRUE)[1], "^sigma +1\\.4")
  expect_false(any(grepl("Draws", text)))
})

test_that("a summary holds what posterior computes", {
  fit <- mock_fit()
  reference <- posterior::summarise_draws(as_draws(fit, c("b_Intercept", "sd_g__x", "sigma")))
  summary <- summary(fit)
  rows <- rbind(summary$fixed["Intercept", ], summary$random$g["sd(x)", ], summary$spec_pars)
  expect_equal(rows$Estimate, as.numeric(reference$mean))
  expect_equal(rows$Rhat, as.numeric(reference$rhat))
  expect_equal(rows$Bulk_ESS, as.numeric(reference$ess_bulk))
  expect_equal(rows$Tail_ESS, as.numeric(reference$ess_tail))
})

test_that("constant parameters have neither Rhat nor ESS and count for nothing", {
  fit <- mock_fit(constant = TRUE)
  expect_silent(summary <- summary(fit))
  expect_true(all(is.na(summary$spec_pars["sigma", c("Rhat", "Bulk_ESS", "Tail_ESS")])))
  text <- utils::capture.output(print(summary))
  expect_identical(text[22], "sigma     1.50      0.00     1.50     1.50   NA       NA       NA")
})

test_that("divergences and chains that disagree warn", {
  fit <- mock_fit(n_divergent = 3)
  expect_warning(summary(fit), "There were 3 divergent transitions .* above 0.8", class = "skein_divergent")
  fit <- mock_fit()
  fit$fit$draws[, 1, "b_x"] <- fit$fit$draws[, 1, "b_x"] + 1
  expect_warning(summary(fit), "has not converged", class = "skein_not_converged")
  # r_ variables are not shown, so they do not count.
  fit <- mock_fit()
  fit$fit$draws[, 1, "r_g[a,x]"] <- 9
  expect_silent(summary(fit))
})

test_that("a fit without draws says so", {
  fit <- mock_fit()
  fit$fit$draws <- fit$fit$draws[0, 0, , drop = FALSE]
  text <- utils::capture.output(print(fit))
  expect_identical(text[4:6], c(
    "   Data: mock_data (Number of observations: 6) ", "", "The model does not contain posterior draws."
  ))
  expect_error(fixef(fit), "does not contain posterior draws", class = "skein_no_draws")
  expect_error(nuts_params(fit), class = "skein_no_draws")
})

test_that("bad arguments of summary() stop", {
  fit <- mock_fit()
  expect_error(summary(fit, prob = 95), "prob", class = "skein_error")
  expect_error(summary(fit, robust = NA), "robust", class = "skein_error")
  expect_error(summary(fit, probs = 0.9), "probs", class = "skein_error")
})

test_that("posterior_summary() takes fits, vectors, matrices and arrays", {
  fit <- mock_fit()
  out <- posterior_summary(fit, variable = "b_x", probs = c(0.1, 0.9))
  expect_identical(dimnames(out), list("b_x", c("Estimate", "Est.Error", "Q10", "Q90")))
  draws <- array(stats::rnorm(24), c(4, 3, 2), list(NULL, c("a", "b", "c"), NULL))
  out <- posterior_summary(draws, robust = TRUE)
  expect_identical(dim(out), c(3L, 4L, 2L))
  expect_equal(out["b", "Estimate", 2], stats::median(draws[, "b", 2]))
  expect_equal(posterior_summary(draws[, , 2], robust = TRUE), out[, , 2])
  expect_equal(posterior_summary(c(1, 2, 3))[1, ], c(Estimate = 2, Est.Error = 1, Q2.5 = 1.05, Q97.5 = 2.95))
  expect_error(posterior_summary("a"), class = "skein_error")
  expect_error(posterior_summary(1:3, probs = 95), "probs", class = "skein_error")
})

test_that("brm(chains = 0) gives a fit that prints without draws and knows its variables", {
  fit <- brm(y ~ x + (1 | g), data.frame(y = c(1, 2, 4, 3), x = 1:4, g = c(1, 1, 2, 2)), chains = 0)
  expect_output(print(fit), "The model does not contain posterior draws.", fixed = TRUE)
  expect_identical(ndraws(fit), 0L)
  expect_setequal(
    variables(fit),
    c("b_Intercept", "b_x", "sd_g__Intercept", "sigma", "Intercept", "lprior", "lp__",
      paste0("r_g[", 1:2, ",Intercept]"))
  )
})
