# Default priors: brms's to the digit, in brms's order.

# The models of the reference densities: data and what a user types.
prior_data <- function() {
  sets <- new.env()
  sets$sim <- utils::read.csv(test_path("fixtures", "sim.csv"))
  sets$toy <- simulate_toy_poisson()
  sets$epilepsy <- epilepsy
  sets$kidney <- kidney
  for (name in c("sleepstudy", "Penicillin", "cbpp", "grouseticks")) {
    utils::data(list = name, package = "lme4", envir = sets)
  }
  sets
}

reference_models <- list(
  toy_poisson = quote(validate_prior(
    prior(normal(0, 1), class = b) + prior(constant(1), class = sd, group = g), y ~ 1 + x1 + x2 + (1 | g), toy,
    poisson()
  )),
  epilepsy_poisson = quote(validate_prior(NULL, count ~ zAge + zBase * Trt + (1 | patient), epilepsy, poisson())),
  epilepsy_nested_offset = quote(validate_prior(
    NULL, count ~ zBase * Trt + offset(log(zAge + 5)) + (1 | patient) + (1 | obs), epilepsy, poisson()
  )),
  gaussian_fixed = quote(validate_prior(NULL, y ~ x * z, sim)),
  gaussian_no_intercept = quote(validate_prior(NULL, y ~ 0 + x + z, sim)),
  gaussian_intercept_coef = quote(validate_prior(NULL, y ~ 0 + Intercept + x, sim)),
  sleepstudy_correlated = quote(validate_prior(NULL, Reaction ~ Days + (Days | Subject), sleepstudy)),
  sleepstudy_uncorrelated = quote(validate_prior(NULL, Reaction ~ Days + (Days || Subject), sleepstudy)),
  penicillin_crossed = quote(validate_prior(NULL, diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin)),
  cbpp_binomial = quote(validate_prior(NULL, incidence | trials(size) ~ period + (1 | herd), cbpp, binomial())),
  bernoulli_logit = quote(validate_prior(NULL, b ~ x + (1 | g), sim, bernoulli())),
  bernoulli_probit = quote(validate_prior(NULL, b ~ x, sim, bernoulli("probit"))),
  student_robust = quote(validate_prior(NULL, y ~ x + (1 | g), sim, student())),
  negbinomial = quote(validate_prior(NULL, cnt ~ x + (1 | g), sim, negbinomial())),
  zero_inflated_poisson = quote(validate_prior(NULL, zc ~ x + (1 | g), sim, zero_inflated_poisson())),
  weights = quote(validate_prior(NULL, y | weights(w) ~ x, sim)),
  priors_mixed = quote(validate_prior(
    c(
      prior(student_t(3, 0, 2), class = b), prior(normal(0, 1), class = b, coef = z), prior(exponential(1), class = sd),
      prior(lkj(2), class = cor), prior(cauchy(0, 1), class = sigma), prior(normal(0, 5), class = Intercept)
    ),
    y ~ x + z + (x | g), sim
  )),
  grouseticks_three_groupings = quote(validate_prior(
    NULL, TICKS ~ YEAR + scale(HEIGHT) + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION), grouseticks, poisson()
  )),
  gamma_log = quote(validate_prior(NULL, pos ~ x + z, sim, Gamma(link = "log"))),
  lognormal = quote(validate_prior(NULL, pos ~ x + (1 | g), sim, lognormal())),
  beta = quote(validate_prior(NULL, p ~ x, sim, Beta())),
  distributional = quote(validate_prior(NULL, bf(y ~ x + (1 | g), sigma ~ z), sim)),
  censored = quote(validate_prior(NULL, y | cens(cen) ~ x, sim)),
  kidney_survival = quote(validate_prior(
    NULL, time | cens(censored) ~ age * sex + disease + (1 + age | patient), kidney, lognormal()
  ))
)

test_that("priors in force are brms's in all reference models", {
  file <- test_path("fixtures", "priors_in_force.tsv")
  references <- utils::read.delim(file, colClasses = "character", na.strings = "none")
  expect_setequal(names(reference_models), references$model)
  sets <- prior_data()
  parent.env(sets) <- environment()
  for (model in names(reference_models)) {
    expected <- references[references$model == model, -1]
    rownames(expected) <- NULL
    priors <- eval(reference_models[[model]], sets)
    expect_identical(as.data.frame(priors)[names(expected)], expected, info = model)
  }
})

test_that("default_prior() lists what can be set, in one order for all locales", {
  priors <- default_prior(count ~ zAge + zBase * Trt + (1 + zAge | patient) + (1 | visit), epilepsy, poisson())
  expect_s3_class(priors, "skeinprior")
  expect_identical(priors$class, rep(c("b", "cor", "Intercept", "sd"), c(5, 2, 1, 6)))
  expect_identical(priors$coef[1:5], c("", "Trt1", "zAge", "zBase", "zBase:Trt1"))
  expect_identical(priors$group[9:14], c("", rep(c("patient", "visit"), c(3, 2))))
  expect_identical(priors$prior[c(1, 6, 8, 9)], c("", "lkj(1)", "student_t(3, 1.4, 2.5)", "student_t(3, 0, 2.5)"))
  expect_identical(unique(priors$source), "default")
  expect_identical(priors$lb[priors$class == "sd"], c("0", rep("", 5)))
  expect_identical(
    get_prior(count ~ zAge, data = epilepsy, family = poisson()), default_prior(count ~ zAge, epilepsy, poisson())
  )
  mixed <- prior_rows(coef = c("b", "A", "x_2", "x1", "a"))
  withr::with_collate("C", expect_identical(order_priors(mixed, "coef")$coef, c("A", "a", "b", "x_2", "x1")))
})

test_that("location and scale follow the response on the link's scale", {
  data <- data.frame(y = c(0, 2, 8, 40, 100), x = 1:5, o = c(0.1, 0.2, 0.3, 0.4, 0.6), g = c(1, 1, 2, 2, 3))
  in_class <- function(priors, class) priors$prior[priors$class == class & !nzchar(priors$coef) & !nzchar(priors$group)]
  identity <- default_prior(y ~ x + (1 | g), data)
  expect_identical(in_class(identity, "Intercept"), "student_t(3, 8, 11.9)")
  expect_identical(in_class(identity, "sd"), "student_t(3, 0, 11.9)")
  expect_identical(in_class(identity, "sigma"), "student_t(3, 0, 11.9)")
  # log(0.1) stands for log(0); sigma is on the response's own scale.
  logs <- default_prior(y ~ x + offset(o) + (1 | g), data, gaussian("log"))
  location <- round(stats::median(log(c(0.1, 2, 8, 40, 100))), 1) - mean(data$o)
  expect_identical(in_class(logs, "Intercept"), sprintf("student_t(3, %s, 2.5)", as.character(location)))
  expect_identical(in_class(logs, "sd"), "student_t(3, 0, 2.5)")
  expect_identical(in_class(logs, "sigma"), "student_t(3, 0, 11.9)")
  roots <- default_prior(y ~ x, data, brmsfamily("poisson", "sqrt"))
  expect_identical(in_class(roots, "Intercept"), "student_t(3, 2.8, 4.2)")
  other <- default_prior(y ~ x + offset(o), data, brmsfamily("poisson", "softplus"))
  expect_identical(in_class(other, "Intercept"), "student_t(3, 0, 2.5)")
})

test_that("logical and factor responses are not looked at", {
  data <- data.frame(y = rep(c(TRUE, TRUE, FALSE), 4), x = 1:12)
  data$number <- as.numeric(data$y)
  intercept <- function(formula) {
    priors <- default_prior(formula, data, bernoulli("identity"))
    priors$prior[priors$class == "Intercept"]
  }
  expect_identical(intercept(y ~ x), "student_t(3, 0, 2.5)")
  expect_identical(intercept(number ~ x), "student_t(3, 1, 2.5)")
})

test_that("distributional parameters have brms's defaults and bounds", {
  data <- data.frame(y = c(1, 2, 3, 5), x = 1:4)
  priors <- default_prior(y ~ x, data, student())
  expect_identical(priors$prior[priors$class == "nu"], "gamma(2, 0.1)")
  expect_identical(priors$lb[priors$class %in% c("nu", "sigma")], c("1", "0"))
  priors <- default_prior(y ~ x, data, negbinomial())
  expect_identical(priors$prior[priors$class == "shape"], "inv_gamma(0.4, 0.3)")
  uncentred <- default_prior(bf(y ~ x, center = FALSE), data)
  expect_identical(uncentred$coef[uncentred$class == "b"], c("", "Intercept", "x"))
  expect_false("Intercept" %in% uncentred$class)
})

test_that("fits have prior_summary()", {
  fit <- structure(list(prior = prior_rows(c("normal(0, 1)", ""), class = "b", coef = c("", "x"))), class = "skeinfit")
  expect_identical(nrow(prior_summary(fit)), 2L)
  expect_identical(prior_summary(fit, all = FALSE)$prior, "normal(0, 1)")
  expect_error(default_prior(fit), "prior_summary", class = "skein_error")
})

test_that("default priors of all further parameters are brms's, predicted or not", {
  sim <- utils::read.csv(test_path("fixtures", "sim.csv"))
  sim$tot <- 10
  # Prior of the parameter itself, and of its Intercept where it is predicted.
  expected <- list(
    list("pos", Gamma(link = "log"), "shape", "gamma(0.01, 0.01)", "student_t(3, 0, 2.5)"),
    list("cnt", negbinomial(), "shape", "inv_gamma(0.4, 0.3)", "student_t(3, 0, 2.5)"),
    list("zc", zero_inflated_negbinomial(), "shape", "inv_gamma(0.4, 0.3)", "student_t(3, 0, 2.5)"),
    list("zc", hurdle_negbinomial(), "shape", "inv_gamma(0.4, 0.3)", "student_t(3, 0, 2.5)"),
    list("y", student(), "nu", "gamma(2, 0.1)", "normal(2.7, 0.8)"),
    list("p", Beta(), "phi", "gamma(0.01, 0.01)", "student_t(3, 0, 2.5)"),
    list("y", exgaussian(), "beta", "gamma(1, 0.1)", "normal(1.7, 1.3)"),
    list("zc", zero_inflated_poisson(), "zi", "beta(1, 1)", "logistic(0, 1)"),
    list("zc", hurdle_poisson(), "hu", "beta(1, 1)", "logistic(0, 1)"),
    list("pos", shifted_lognormal(), "ndt", "uniform(0, min_Y)", ""),
    list("y", skew_normal(), "alpha", "normal(0, 4)", "normal(0, 4)")
  )
  for (one in expected) {
    names(one) <- c("response", "family", "dpar", "plain", "predicted")
    plain <- default_prior(as.formula(paste(one$response, "~ x")), sim, one$family)
    expect_identical(plain$prior[plain$class == one$dpar], one$plain, info = one$family$family)
    formula <- bf(as.formula(paste(one$response, "~ x")), as.formula(paste(one$dpar, "~ z")))
    rows <- default_prior(formula, sim, one$family)
    expect_identical(rows$prior[rows$class == "Intercept" & rows$dpar == one$dpar], one$predicted)
    expect_false(one$dpar %in% rows$class)
  }
  rows <- default_prior(pos ~ x, sim, shifted_lognormal())
  expect_identical(unlist(rows[rows$class == "ndt", c("lb", "ub")], use.names = FALSE), c("0", "min_Y"))
  fit <- brm(pos ~ x, sim, shifted_lognormal(), chains = 0)
  expect_identical(fit$params$upper[fit$params$name == "ndt"], min(sim$pos))
  expect_identical(fit$params$prior[[match("ndt", fit$params$name)]]$arguments, list(c(0, min(sim$pos))))
  # The log scale of the response counts for lognormal families, whatever the link of mu.
  rows <- default_prior(pos ~ x, sim, lognormal())
  location <- round(median(log(sim$pos)), 1)
  expect_identical(rows$prior[rows$class == "Intercept"], sprintf("student_t(3, %s, 2.5)", location))
})

test_that("bounds of parameters between 0 and 1 stay there", {
  sim <- utils::read.csv(test_path("fixtures", "sim.csv"))
  build <- function(prior) brm(zc ~ x, sim, zero_inflated_poisson(), prior, chains = 0)
  fit <- build(prior(beta(2, 3), class = zi, ub = 0.5))
  expect_identical(unlist(fit$params[fit$params$name == "zi", c("lower", "upper")], use.names = FALSE), c(0, 0.5))
  expect_error(build(prior(beta(2, 3), class = zi, ub = 2)), "cannot be more than 1", class = "skein_error")
  expect_error(build(prior(beta(2, 3), class = zi, lb = -1)), "cannot be negative", class = "skein_error")
})
