# Fits of several parameters: draws, summaries, effects, initial values, priors and update().

dpars_fit_data <- function(n = 60) {
  withr::with_seed(8, data.frame(
    y = rnorm(n), x = rnorm(n), z = runif(n), g = rep(1:6, length.out = n),
    by = ifelse(rep(1:6, length.out = n) > 3, "late", "early")
  ))
}

dpars_sampled <- local({
  fit <- NULL
  function() {
    if (is.null(fit)) {
      formula <- bf(y ~ x + (1 | i | g) + (0 + z | gr(g, by = by)), sigma ~ z + (1 + x | i | g), nu = 5)
      fit <<- suppressWarnings(brm(
        formula, dpars_fit_data(), student(), chains = 2, iter = 60, seed = 3, refresh = 0,
        save_pars = save_pars(all = TRUE)
      ))
    }
    fit
  }
})

test_that("draws of effects and correlations follow from those of sd, z and L", {
  fit <- dpars_sampled()
  draws <- as.matrix(fit)
  one <- draws[17, ]
  cholesky <- matrix(one[grep("^L_1\\[", names(one))], 3)
  z <- matrix(one[grep("^z_1\\[", names(one))], 3)
  sd <- one[c("sd_g__Intercept", "sd_g__sigma_Intercept", "sd_g__sigma_x")]
  r <- t(diag(sd) %*% cholesky %*% z)
  expect_equal(unname(one[paste0("r_g[", 1:6, ",Intercept]")]), r[, 1])
  expect_equal(unname(one[paste0("r_g__sigma[", 1:6, ",x]")]), r[, 3])
  correlation <- tcrossprod(cholesky)
  expect_equal(one[["cor_g__Intercept__sigma_x"]], correlation[1, 3])
  expect_equal(one[["cor_g__sigma_Intercept__sigma_x"]], correlation[2, 3])
  by <- rep(c("sd_g__z:byearly", "sd_g__z:bylate"), each = 3)
  expect_equal(unname(one[paste0("r_g[", 1:6, ",z]")]), unname(one[by] * one[paste0("z_2[1,", 1:6, "]")]))
  data <- dpars_fit_data()
  expect_equal(one[["b_sigma_Intercept"]], one[["Intercept_sigma"]] - one[["b_sigma_z"]] * mean(data$z))
  expect_identical(unique(draws[, "nu"]), 5)
})

test_that("summary() prints formulas, links and rows of all parameters", {
  fit <- dpars_sampled()
  printed <- capture.output(suppressWarnings(print(fit)))
  expect_identical(printed[1:5], c(
    " Family: student ", "  Links: mu = identity; sigma = log ",
    "Formula: y ~ x + (1 | i | g) + (0 + z | gr(g, by = by)) ", "         sigma ~ z + (1 + x | i | g) ",
    "         nu = 5 "
  ))
  out <- suppressWarnings(summary(fit))
  expect_identical(rownames(out$fixed), c("Intercept", "sigma_Intercept", "x", "sigma_z"))
  expect_identical(rownames(out$random$g), c(
    "sd(Intercept)", "sd(sigma_Intercept)", "sd(sigma_x)", "sd(z:byearly)", "sd(z:bylate)",
    "cor(Intercept,sigma_Intercept)", "cor(Intercept,sigma_x)", "cor(sigma_Intercept,sigma_x)"
  ))
  expect_identical(rownames(out$spec_pars), "nu")
  expect_equal(unlist(out$spec_pars[c("Estimate", "Est.Error", "Rhat")], use.names = FALSE), c(5, 0, NA))
})

test_that("effects come with the names of their parameters", {
  fit <- dpars_sampled()
  draws <- as.matrix(fit)
  expect_identical(rownames(fixef(fit)), c("Intercept", "sigma_Intercept", "x", "sigma_z"))
  effects <- ranef(fit, summary = FALSE)$g
  expect_identical(dimnames(effects)[[3]], c("Intercept", "sigma_Intercept", "sigma_x", "z"))
  expect_equal(unname(effects[, 4, "sigma_x"]), unname(draws[, "r_g__sigma[4,x]"]))
  both <- coef(fit, summary = FALSE)$g
  expect_identical(dimnames(both)[[3]], c("Intercept", "sigma_Intercept", "sigma_x", "z", "x", "sigma_z"))
  expect_equal(unname(both[, 2, "sigma_Intercept"]),
    unname(draws[, "b_sigma_Intercept"] + draws[, "r_g__sigma[2,Intercept]"]))
  expect_equal(unname(both[, 2, "sigma_z"]), unname(draws[, "b_sigma_z"]))
  covariance <- VarCorr(fit, summary = FALSE)
  expect_named(covariance, "g")
  expect_identical(colnames(covariance$g$sd)[3:5], c("sigma_x", "z:byearly", "z:bylate"))
  expect_equal(unname(covariance$g$cor[, "Intercept", "sigma_x"]), unname(draws[, "cor_g__Intercept__sigma_x"]))
  expect_equal(unname(covariance$g$cor[, "Intercept", "z:bylate"]), rep(0, nrow(draws)))
})

test_that("initial values take blocks and draw names of all parameters", {
  fit <- dpars_sampled()
  density <- density_of(fit)
  draw <- as.matrix(fit)[9, ]
  run <- list(chains = 1, first_chain = 1, init_radius = 2)
  model <- init_model(fit)
  target <- init_positions(as.list(draw[grep("^(b|sd|cor|r)_|^Intercept", names(draw))]), run, density, model)$positions
  expect_false(anyNA(target))
  values <- constrain_pars(fit, as.vector(target))
  expect_equal(as.vector(values$b_sigma), draw[["b_sigma_z"]])
  expect_equal(values$Intercept_sigma, draw[["Intercept_sigma"]])
  expect_equal(as.vector(values$z_1), unname(draw[grep("^z_1\\[", names(draw))]))
  expect_equal(as.vector(values$z_2), unname(draw[grep("^z_2\\[", names(draw))]))
  expect_equal(as.vector(values$L_1), unname(draw[grep("^L_1\\[", names(draw))]))
  given <- list(b_sigma = 0.3, b_sigma_Intercept = 1, sd_2 = c(1, 2), "L_1" = values$L_1)
  values <- init_values(given, 1, block_layout(fit$params), model)
  layout <- block_layout(fit$params)
  expect_equal(values[layout$first[layout$name == "Intercept_sigma"]], 1 + 0.3 * mean(dpars_fit_data()$z))
  expect_warning(init_values(list(Intercept_sgma = 1), 1, layout, model), "Intercept_sigma", class = "skein_warning")
})

test_that("priors name parameters by dpar, class and coef", {
  data <- dpars_fit_data()
  formula <- bf(y ~ x + (1 | i | g), sigma ~ z + (1 | i | g))
  priors <- prior(normal(0, 1), class = b, dpar = sigma) + prior(normal(0, 3), class = Intercept, dpar = sigma) +
    prior(normal(0, 2), class = sd, dpar = sigma, group = g) + prior(exponential(2), class = nu)
  fit <- brm(formula, data, student(), priors, chains = 0)
  prior_of <- function(name) fit$params$prior[[match(name, fit$params$name)]]
  expect_identical(prior_of("b_sigma")$arguments, list(c(0, 1)))
  expect_identical(nrow(prior_of("b")), 0L)
  expect_identical(prior_of("Intercept_sigma")$arguments, list(c(0, 3)))
  expect_identical(prior_of("nu")$distribution, "exponential")
  expect_identical(prior_of("sd_1")$elements, list(1L, 2L))
  expect_identical(prior_of("sd_1")$arguments, list(c(3, 0, 2.5), c(0, 2)))
  names <- names(prior_draw_list(fit$params))
  expect_identical(names, c(
    "prior_Intercept", "prior_b_sigma", "prior_Intercept_sigma", "prior_nu", "prior_sd_g__Intercept",
    "prior_sd_g__sigma_Intercept", "prior_cor_g"
  ))
  expect_error(brm(formula, data, prior = prior(normal(0, 1), class = sigma), chains = 0), "do not correspond")
  expect_error(brm(formula, data, prior = prior(normal(0, 1), class = b, dpar = nu), chains = 0), "do not correspond")
  # Priors of mu's coefficients hold for other parameters of the same term only if those have none of their own.
  fit <- brm(formula, data, prior = prior(normal(0, 2), class = sd, group = g), chains = 0)
  expect_identical(prior_of("sd_1")$arguments, list(c(0, 2)))
})

test_that("default priors of predicted parameters are brms's", {
  data <- dpars_fit_data()
  data$count <- rpois(60, 2)
  intercept <- function(formula, family = gaussian()) {
    rows <- default_prior(formula, data, family)
    rows$prior[rows$class == "Intercept" & rows$dpar != ""]
  }
  expect_identical(intercept(bf(y ~ x, sigma ~ z)), "student_t(3, 0, 2.5)")
  expect_identical(intercept(bf(y ~ x, nu ~ z), student()), "normal(2.7, 0.8)")
  expect_identical(intercept(bf(y ~ x, nu ~ z), student(link_nu = "identity")), "gamma(2, 0.1)")
  expect_identical(intercept(bf(count ~ x, shape ~ z), negbinomial()), "student_t(3, 0, 2.5)")
  expect_identical(intercept(bf(count ~ x, shape ~ z), negbinomial(link_shape = "identity")), "inv_gamma(0.4, 0.3)")
  data$y <- 100 * data$y
  scale <- round(mad(data$y), 1)
  expect_identical(intercept(bf(y ~ x, sigma ~ z)), "student_t(3, 0, 2.5)")
  family <- brmsfamily("gaussian", link_sigma = "identity")
  expect_identical(intercept(bf(y ~ x, sigma ~ z), family), sprintf("student_t(3, 0, %s)", scale))
  rows <- default_prior(bf(y ~ x + (1 | g), sigma ~ z + (1 | g), nu ~ 1), data, student())
  expect_identical(rows$dpar, rep(c("", "nu", "sigma"), c(6, 1, 6)))
  expect_identical(rows$class[8:13], c("b", "b", "Intercept", "sd", "sd", "sd"))
  expect_identical(rows$prior[11], sprintf("student_t(3, 0, %s)", scale))
})

test_that("links of unpredicted parameters do not matter, those of predicted ones do", {
  data <- dpars_fit_data()
  one <- brm(y ~ x, data, brmsfamily("gaussian", link_sigma = "softplus"), chains = 0)
  other <- brm(y ~ x, data, chains = 0)
  u <- c(0.3, 0.1, -0.2)
  expect_identical(log_prob(one, u), log_prob(other, u))
  expect_identical(summary(one)$links, c(mu = "identity"))
  for (link in dpar_registry$sigma$links) {
    fit <- brm(bf(y ~ 1, sigma ~ z), data, brmsfamily("gaussian", link_sigma = link), chains = 0, prior = c(
      set_prior("normal(0, 1)", class = "Intercept"), set_prior("normal(0, 1)", class = "Intercept", dpar = "sigma")
    ))
    sigma <- inverse_link(link)(2 + 0.5 * (data$z - mean(data$z)))
    expected <- sum(dnorm(data$y, 0.1, sigma, log = TRUE)) + sum(dnorm(c(0.1, 2), log = TRUE))
    expect_equal(log_prob(fit, c(0.1, 0.5, 2)), expected, tolerance = 1e-10, info = link)
    expect_identical(summary(fit)$links, c(mu = "identity", sigma = link))
  }
})

test_that("update() keeps formulas of parameters unless new ones are given", {
  fit <- brm(bf(y ~ x, sigma ~ z, nu = 4), dpars_fit_data(), student(), chains = 0)
  lines <- function(...) format_formula_lines(update(fit, ..., chains = 0)$formula)
  expect_identical(lines(formula. = ~ . - x), c("y ~ 1", "sigma ~ z", "nu = 4"))
  expect_identical(lines(formula. = bf(~., sigma ~ x)), c("y ~ x", "sigma ~ x", "nu = 4"))
  expect_identical(lines(formula. = bf(~., nu ~ x)), c("y ~ x", "sigma ~ z", "nu ~ x"))
  expect_error(lines(formula. = bf(~., nu ~ w)), "New variables", class = "skein_error")
})
