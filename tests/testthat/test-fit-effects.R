test_that("fixef() gives estimates or draws", {
  fit <- mock_fit()
  expect_identical(dimnames(fixef(fit)), list(c("Intercept", "x"), c("Estimate", "Est.Error", "Q2.5", "Q97.5")))
  expect_equal(fixef(fit)["x", "Estimate"], mean(as.matrix(fit, variable = "b_x")))
  draws <- fixef(fit, summary = FALSE, pars = "x")
  expect_identical(dim(draws), c(100L, 1L))
  expect_equal(draws[, "x"], as.matrix(fit, variable = "b_x")[, 1])
  expect_identical(colnames(fixef(fit, probs = 0.5, robust = TRUE)), c("Estimate", "Est.Error", "Q50"))
  expect_error(fixef(fit, pars = "z"), "z", class = "skein_error")
})

test_that("ranef() and coef() are levels x statistics x coefficients", {
  fit <- mock_fit()
  effects <- ranef(fit)$g
  expect_identical(dimnames(effects), list(
    c("a", "b", "new york"), c("Estimate", "Est.Error", "Q2.5", "Q97.5"), c("Intercept", "x")
  ))
  expect_equal(effects["new york", "Estimate", "x"], mean(as.matrix(fit, variable = "r_g[new.york,x]")))
  draws <- ranef(fit, summary = FALSE, groups = "g", pars = "x")$g
  expect_identical(dim(draws), c(100L, 3L, 1L))
  expect_equal(draws[, "b", "x"], unname(as.matrix(fit, variable = "r_g[b,x]")[, 1]))
  sums <- coef(fit, summary = FALSE)$g
  expect_equal(sums[, "b", "x"], unname(draws[, "b", "x"] + as.matrix(fit, variable = "b_x")[, 1]))
  expect_equal(coef(fit)$g[, , "Intercept"], posterior_summary(sums[, , "Intercept"]))
  expect_error(ranef(fit, groups = "h"), "h", class = "skein_error")
})

test_that("coef() repeats coefficients that do not vary and keeps those without a population effect", {
  effects <- array(1:4, c(2, 2, 1), list(NULL, c("a", "b"), "z"))
  fixed <- cbind(Intercept = c(10, 20))
  out <- add_fixed(effects, fixed)
  expect_identical(dimnames(out)[[3]], c("z", "Intercept"))
  expect_equal(unname(out[, , "z"]), matrix(c(1, 2, 3, 4), 2))
  expect_equal(unname(out[, "b", "Intercept"]), c(10, 20))
})

test_that("VarCorr() gives sd, cor and cov of each group, and the residuals' sd", {
  fit <- mock_fit()
  out <- VarCorr(fit)
  expect_named(out, c("g", "residual__"))
  expect_named(out$g, c("sd", "cor", "cov"))
  expect_identical(dim(out$g$cov), c(2L, 4L, 2L))
  expect_equal(out$g$cor["x", "Estimate", "Intercept"], mean(as.matrix(fit, variable = "cor_g__Intercept__x")))
  expect_equal(out$g$cor["x", , "x"], c(Estimate = 1, Est.Error = 0, Q2.5 = 1, Q97.5 = 1))
  draws <- VarCorr(fit, summary = FALSE)
  expect_identical(dim(draws$g$cor), c(100L, 2L, 2L))
  expect_equal(draws$g$cov[, 1, 1], unname(draws$g$sd[, 1]^2))
  expect_equal(
    draws$g$cov[, 1, 2], unname(draws$g$cor[, 1, 2] * draws$g$sd[, 1] * draws$g$sd[, 2])
  )
  expect_equal(out$residual__$sd[[1, "Estimate"]], mean(as.matrix(fit, variable = "sigma")))
})

test_that("vcov(), ngrps(), nobs() and the other parts", {
  fit <- mock_fit()
  expect_equal(vcov(fit), stats::cov(fixef(fit, summary = FALSE)))
  expect_equal(vcov(fit, correlation = TRUE)["x", "x"], 1)
  expect_identical(ngrps(fit), list(g = 3L))
  expect_identical(nobs(fit), 6L)
  expect_identical(family(fit)$family, "gaussian")
  expect_s3_class(formula(fit), "skeinformula")
  expect_named(model.frame(fit), c("y", "x", "g"))
  expect_identical(c(niterations(fit), nchains(fit), ndraws(fit), nvariables(fit)), c(50L, 2L, 100L, 15L))
  expect_identical(variables(fit), names(mock_centers))
  interval <- posterior_interval(as.matrix(fit, variable = "b_x"), prob = 0.5)
  expect_equal(posterior_interval(fit, prob = 0.5, variable = "b_x"), interval)
})

test_that("effects that were not saved, and models without groups, are named", {
  fit <- mock_fit()
  kept <- !grepl("^r_", variables(fit))
  fit$fit$draws <- fit$fit$draws[, , kept, drop = FALSE]
  expect_error(ranef(fit), "not saved", class = "skein_error")
  fit$frame$groups <- list()
  expect_error(ranef(fit), "does not contain group-level effects", class = "skein_error")
  expect_error(coef(fit), "fixef", class = "skein_error")
  expect_identical(length(ngrps(fit)), 0L)
  expect_named(VarCorr(fit), "residual__")
})

test_that("two terms of one group stand together", {
  terms <- parse_formula(y ~ x + (1 | g) + (0 + x | g) + (1 | h))
  data <- data.frame(y = c(0.5, 1, 2, 4), x = c(1, 2, 4, 3), g = c("a", "b", "a", "b"), h = c(1, 1, 2, 2))
  frame <- build_frame(terms, data)
  fit <- list(frame = frame, params = build_params(frame))
  by_group <- split_by_group(group_terms(fit))
  expect_named(by_group, c("g", "h"))
  expect_identical(group_hyperparameters(by_group$g), c("sd(Intercept)" = "sd_g__Intercept", "sd(x)" = "sd_g__x"))
  expect_null(group_correlations(by_group$g))
})
