# Models of several parameters: what the formula language makes of them, down to the density, against R's own formulas.

dpar_data <- function(n = 60) {
  withr::with_seed(8, data.frame(
    y = rnorm(n), x = rnorm(n), z = runif(n), g = rep(1:6, length.out = n), h = rep(c("u", "v w"), each = n / 2),
    by = ifelse(rep(1:6, length.out = n) > 3, "late", "early on"), count = rpois(n, 3), s = runif(n) + 0.1,
    pop = runif(n) + 1
  ))
}

dpar_fit <- function(formula, ..., data = dpar_data()) brm(formula, data, ..., chains = 0)

# A point of the fit with all its named blocks.
dpar_point <- function(fit, seed = 1) {
  u <- withr::with_seed(seed, rnorm(get_num_upars(fit), 0, 0.5))
  list(u = u, p = lapply(constrain_pars(fit, u), function(x) if (length(x) == 1) as.vector(x) else x))
}

# log density without Jacobians, which R's formulas lack too; and the gradient by central differences.
expect_density <- function(fit, log_density, seed = 1) {
  point <- dpar_point(fit, seed)
  expect_equal(log_prob(fit, point$u, adjust_transform = FALSE), log_density(point$p), tolerance = 1e-10)
  slopes <- vapply(seq_along(point$u), function(i) {
    h <- replace(numeric(length(point$u)), i, 1e-5)
    (log_prob(fit, point$u + h) - log_prob(fit, point$u - h)) / 2e-5
  }, 0)
  expect_equal(as.vector(grad_log_prob(fit, point$u)), slopes, tolerance = 1e-6)
}

half_t <- function(x) sum(dt(x / 2.5, 3, log = TRUE) - log(2.5) + log(2))
student_prior <- function(x, location = 0, scale = 2.5) sum(dt((x - location) / scale, 3, log = TRUE) - log(scale))
lkj_1 <- function(cholesky) {
  # The log density of an LKJ(1) Cholesky factor with its constant (Stan reference manual).
  k <- nrow(cholesky)
  if (k == 2) return(log(1 / 2))
  constant <- sum(vapply(seq_len(k - 1), function(i) {
    i / 2 * log(pi) + lgamma(1 + (k - 1 - i) / 2) - lgamma(1 + (k - 1) / 2)
  }, 0))
  -constant + sum((k - seq_len(k)[-1]) * log(diag(cholesky)[-1]))
}

test_that("predicted, fixed and plain parameters stand in the reference layout", {
  names <- function(...) dpar_fit(...)$params$name
  expect_identical(
    names(bf(y ~ x + (1 | g), nu ~ z + (1 | h)), student()),
    c("b", "Intercept", "sigma", "b_nu", "Intercept_nu", "sd_1", "z_1", "sd_2", "z_2")
  )
  expect_identical(names(bf(y ~ x, sigma ~ 0 + z)), c("b", "Intercept", "b_sigma"))
  fit <- dpar_fit(bf(y ~ x, nu = 4), student())
  expect_identical(get_num_upars(fit), 3L)
  expect_identical(constrain_pars(fit, c(0, 0, 0))$nu, 4)
  expect_equal(unconstrain_pars(fit, list(b = 1, Intercept = 2, sigma = 1)), c(1, 2, 0))
})

test_that("coefficients of one ID correlate across parameters", {
  data <- dpar_data()
  fit <- dpar_fit(bf(y ~ x + (1 + z | i | g), sigma ~ z + (1 + x | i | g) + (1 | h), nu = 4), student())
  expect_density(fit, function(p) {
    r <- t(diag(as.vector(p$sd_1)) %*% p$L_1 %*% p$z_1)
    r_h <- as.vector(p$sd_2) * as.vector(p$z_2)
    centred <- function(x) x - mean(x)
    mu <- p$Intercept + p$b * centred(data$x) + r[data$g, 1] + r[data$g, 2] * data$z
    sigma <- exp(p$Intercept_sigma + p$b_sigma * centred(data$z) + r[data$g, 3] + r[data$g, 4] * data$x +
      r_h[as.integer(factor(data$h))])
    sum(dt((data$y - mu) / sigma, 4, log = TRUE) - log(sigma)) +
      student_prior(p$Intercept, round(median(data$y), 1)) + student_prior(p$Intercept_sigma) +
      half_t(c(p$sd_1, p$sd_2)) + lkj_1(p$L_1) + sum(dnorm(c(p$z_1, p$z_2), log = TRUE))
  })
  expect_identical(grep("^cor_", variables(fit), value = TRUE), paste0("cor_g__", c(
    "Intercept__z", "Intercept__sigma_Intercept", "z__sigma_Intercept", "Intercept__sigma_x", "z__sigma_x",
    "sigma_Intercept__sigma_x"
  )))
  expect_identical(variables(fit)[1:10], c(
    "b_Intercept", "b_sigma_Intercept", "b_x", "b_sigma_z", "sd_g__Intercept", "sd_g__z", "sd_g__sigma_Intercept",
    "sd_g__sigma_x", "sd_h__sigma_Intercept", "cor_g__Intercept__z"
  ))
  expect_identical(unique(sub("\\[.*,", "[,", grep("^r_", variables(fit), value = TRUE))), c(
    "r_g[,Intercept]", "r_g[,z]", "r_g__sigma[,Intercept]", "r_g__sigma[,x]", "r_h__sigma[,Intercept]"
  ))
  expect_identical(setdiff(variables(fit), grep("^(b|sd|cor|r)_", variables(fit), value = TRUE)), c(
    "nu", "Intercept", "Intercept_sigma", "lprior", "lp__"
  ))
})

test_that("terms are numbered by parameters as written, then by groups", {
  fit <- dpar_fit(bf(y ~ (1 | i | h), nu ~ (1 | g) + (1 | i | h), sigma ~ (1 | i | h)), student())
  expect_identical(vapply(fit$frame$groups, `[[`, "", "group"), c("h", "g"))
  expect_identical(fit$frame$groups[[1]]$labels, c("Intercept", "nu_Intercept", "sigma_Intercept"))
  expect_identical(fit$params$name[1:3], c("Intercept", "Intercept_sigma", "Intercept_nu"))
  expect_true(is.finite(log_prob(fit, numeric(get_num_upars(fit)))))
})

test_that("with gr(by = ) each by-level has standard deviations and correlations of its own", {
  data <- dpar_data()
  fit <- dpar_fit(y ~ x + (1 + z | gr(g, by = by)) + (1 | gr(h, by = h)))
  expect_identical(fit$params$name, c("b", "Intercept", "sigma", "sd_1", "z_1", "L_1[1]", "L_1[2]", "sd_2", "z_2"))
  expect_density(fit, function(p) {
    by <- c(1, 1, 1, 2, 2, 2)
    r <- t(vapply(1:6, function(level) {
      as.vector(diag(p$sd_1[, by[level]]) %*% p$L_1[by[level], , ] %*% p$z_1[, level])
    }, numeric(2)))
    r_h <- as.vector(p$sd_2) * as.vector(p$z_2)
    mu <- p$Intercept + p$b * (data$x - mean(data$x)) + r[data$g, 1] + r[data$g, 2] * data$z +
      r_h[as.integer(factor(data$h))]
    # As in brms, half-t priors of a matrix are normalised once for each coefficient, not for each by-level.
    sum(dnorm(data$y, mu, p$sigma, log = TRUE)) + student_prior(p$Intercept, round(median(data$y), 1)) +
      half_t(p$sigma) + half_t(c(p$sd_1, p$sd_2)) - 3 * log(2) + lkj_1(p$L_1[1, , ]) + lkj_1(p$L_1[2, , ]) +
      sum(dnorm(c(p$z_1, p$z_2), log = TRUE))
  })
  point <- dpar_point(fit)
  expect_identical(dim(point$p$L_1), c(2L, 2L, 2L))
  expect_equal(unconstrain_pars(fit, point$p), point$u)
  values <- init_values(point$p["L_1"], 1, block_layout(fit$params), init_model(fit))
  expect_equal(as.vector(aperm(point$p$L_1, c(2, 3, 1))), values[!is.na(values)])
  expect_identical(variables(fit)[3:10], c(
    "sd_g__Intercept:byearlyon", "sd_g__z:byearlyon", "sd_g__Intercept:bylate", "sd_g__z:bylate",
    "sd_h__Intercept:hu", "sd_h__Intercept:hvw", "cor_g__Intercept:byearlyon__z:byearlyon",
    "cor_g__Intercept:bylate__z:bylate"
  ))
})

test_that("known standard errors stand for sigma or beside it", {
  data <- dpar_data()
  prior_of_mean <- function(p) student_prior(p$Intercept, round(median(data$y), 1))
  mu <- function(p) p$Intercept + p$b * (data$x - mean(data$x))
  fit <- dpar_fit(y | se(s) ~ x)
  expect_identical(variables(fit), c("b_Intercept", "b_x", "sigma", "Intercept", "lprior", "lp__"))
  expect_density(fit, function(p) sum(dnorm(data$y, mu(p), data$s, log = TRUE)) + prior_of_mean(p))
  fit <- dpar_fit(y | se(s, sigma = TRUE) ~ x)
  expect_density(fit, function(p) {
    sum(dnorm(data$y, mu(p), sqrt(data$s^2 + p$sigma^2), log = TRUE)) + prior_of_mean(p) + half_t(p$sigma)
  })
  fit <- dpar_fit(bf(y | se(s, sigma = TRUE) ~ x, sigma ~ z))
  expect_density(fit, function(p) {
    sigma <- exp(p$Intercept_sigma + p$b_sigma * (data$z - mean(data$z)))
    sum(dnorm(data$y, mu(p), sqrt(data$s^2 + sigma^2), log = TRUE)) + prior_of_mean(p) +
      student_prior(p$Intercept_sigma)
  })
  expect_error(dpar_fit(bf(y | se(s) ~ x, sigma ~ z)), "neither predicted nor fixed", class = "skein_error")
  expect_error(dpar_fit(y | se(x) ~ 1), "must be a finite number of at least 0", class = "skein_error")
})

test_that("denominators multiply means, and the shape of negbinomial", {
  data <- dpar_data()
  eta <- function(p) p$Intercept + p$b * (data$x - mean(data$x))
  prior_of_mean <- function(p) student_prior(p$Intercept,
    round(median(log(ifelse(data$count == 0, 0.1, data$count))), 1))
  fit <- dpar_fit(count | rate(pop) ~ x, poisson())
  expect_density(fit, function(p) sum(dpois(data$count, exp(eta(p)) * data$pop, log = TRUE)) + prior_of_mean(p))
  fit <- dpar_fit(count | rate(pop) ~ x, negbinomial())
  expect_density(fit, function(p) {
    likelihood <- dnbinom(data$count, size = p$shape * data$pop, mu = exp(eta(p)) * data$pop, log = TRUE)
    prior <- 0.4 * log(0.3) - lgamma(0.4) - 1.4 * log(p$shape) - 0.3 / p$shape
    sum(likelihood) + prior_of_mean(p) + prior
  })
  expect_error(dpar_fit(y | rate(pop) ~ x), "not supported by family", class = "skein_error")
  expect_error(dpar_fit(count | rate(0) ~ x, poisson()), "greater than 0", class = "skein_error")
})

test_that("subset() leaves rows out", {
  data <- dpar_data()
  fit <- dpar_fit(y | subset(x > 0) ~ z + (1 | g))
  other <- dpar_fit(y ~ z + (1 | g), data = data[data$x > 0, ])
  u <- dpar_point(fit)$u
  expect_equal(log_prob(fit, u), log_prob(other, u))
  expect_identical(nobs(fit), sum(data$x > 0))
  expect_error(dpar_fit(y | subset(x > 99) ~ z), "no row", class = "skein_error")
  expect_error(dpar_fit(y | subset(h) ~ z), "TRUE or FALSE", class = "skein_error")
})

test_that("faults of parameters' formulas are named", {
  expect_error(parse_formula(bf(y ~ x, zi ~ z)), "no parameter \"zi\"", class = "skein_error")
  expect_error(parse_formula(bf(y ~ x, sigm ~ z)), "Did you mean \"sigma\"", class = "skein_error")
  expect_error(parse_formula(bf(y ~ x, sigma = -1)), "at least 0", class = "skein_error")
  expect_error(parse_formula(bf(y ~ x, mu = 2)), "cannot be fixed", class = "skein_error")
  expect_error(bf(y ~ x, ~z), "does not say which parameter", class = "skein_error")
  expect_error(bf(y ~ x, 4), "without the name", class = "skein_error")
  expect_error(bf(y ~ x, sigma = 1:2), "one number", class = "skein_error")
  expect_error(bf(y ~ x, sigma_1 ~ z), "underscores", class = "skein_error")
  expect_error(dpar_fit(bf(y ~ (1 | i | g), sigma ~ (1 | i | h))), "same grouping factor", class = "skein_error")
  expect_error(dpar_fit(y ~ (1 | gr(h, by = g))), "belongs to several levels", class = "skein_error")
  expect_error(parse_formula(y ~ (1 || i | g)), "holds another|no name", class = "skein_error")
  expect_message(formula <- bf(bf(y ~ x, sigma ~ z), sigma ~ x), "Replacing initial definitions")
  expect_identical(format_formula(formula$pforms$sigma), "sigma ~ x")
})

test_that("bf() and lf() take formulas, values and lists of them", {
  formula <- bf(y ~ x, sigma = ~z, flist = list(nu = 4))
  expect_identical(format_formula_lines(formula), c("y ~ x", "sigma ~ z", "nu = 4"))
  expect_output(print(formula), "y ~ x \nsigma ~ z \nnu = 4", fixed = TRUE)
  formula <- bf(y ~ x) + lf(shape + hu ~ z, cmc = FALSE, center = FALSE)
  expect_named(formula$pforms, c("shape", "hu"))
  expect_false(attr(formula$pforms$hu, "center") || attr(formula$pforms$hu, "cmc"))
  expect_identical(dpar_fit(bf(y ~ x) + lf(sigma ~ z, center = FALSE))$params$name, c("b", "Intercept", "b_sigma"))
  expect_error(lf(sigma ~ z, decomp = "QR"), "yet", class = "skein_not_yet")
  expect_error(lf(sigma ~ z, resp = "y"), "yet", class = "skein_not_yet")
  expect_error(bf(y ~ x) + structure(list(sigma ~ z), resp = "y"), "yet", class = "skein_not_yet")
  expect_error(bf(y ~ x, structure(sigma ~ z, sparse = TRUE)), "yet", class = "skein_not_yet")
  terms <- parse_formula(bf(y ~ ., sigma ~ . - y), data = data.frame(y = 1, x = 1))
  expect_identical(format_formula(terms$dpars$sigma$population), "~1 + x")
})

test_that("a formula of mu stands for the main formula's right side", {
  data <- data.frame(y = c(1, 3, 2, 4), x = 1:4, z = c(0, 1, 0, 1))
  expect_warning(terms <- parse_formula(bf(y ~ x, mu ~ z), data = data), "takes the place of", class = "skein_warning")
  expect_equal(terms, parse_formula(y ~ z, data = data), ignore_attr = TRUE)
  expect_silent(parse_formula(bf(y ~ 1) + lf(mu ~ z, center = FALSE)))
  expect_false(parse_formula(bf(y ~ 1) + lf(mu ~ z, center = FALSE))$dpars$mu$center)
  variables <- variables(suppressWarnings(brm(bf(y ~ x, mu ~ 0 + z, sigma ~ x), data, chains = 0)))
  expect_setequal(grep("^b_", variables, value = TRUE), c("b_z", "b_sigma_Intercept", "b_sigma_x"))
})
