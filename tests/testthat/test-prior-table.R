# Priors in the parameter table: lookup, bounds, constants, normalisation, and what is refused.

prior_data <- function() {
  withr::with_seed(1, data.frame(
    y = stats::rnorm(40, 10, 8), x = stats::rnorm(40), z = stats::rnorm(40), g = rep(1:8, 5), h = rep(1:5, each = 8)
  ))
}

filled_table <- function(prior, formula = y ~ x + z + (x | g) + (1 | h), sample_prior = "no", family = gaussian()) {
  model <- prior_model(formula, prior_data(), family, TRUE)
  table <- set_priors(model$table, prior, model$frame, sample_prior)
  rownames(table) <- table$name
  table
}

block_prior <- function(table, name) table[name, "prior"][[1]]

test_that("defaults fill every block", {
  table <- filled_table(NULL)
  expect_identical(nrow(block_prior(table, "b")), 0L)
  sd <- block_prior(table, "sd_1")
  expect_identical(sd$distribution, "student_t")
  expect_identical(sd$elements, list(1:2))
  expect_equal(sd$normalizer, 2 * log(2), tolerance = 1e-15)
  expect_identical(block_prior(table, "L_1")[c("distribution", "arguments")]$arguments, list(1))
  expect_identical(block_prior(table, "Intercept")$normalizer, 0)
  expect_identical(table["sd_1", "transform"], "lower")
  expect_identical(nrow(block_prior(table, "z_1")), 0L)
  expect_s3_class(attr(table, "priors_in_force"), "skeinprior")
})

test_that("the most specific prior holds: coefficient, group, class", {
  table <- filled_table(c(
    prior(normal(0, 1), class = b), prior(cauchy(0, 2), class = b, coef = z), prior(exponential(1), class = sd),
    prior(gamma(2, 1), class = sd, group = g), prior(lognormal(0, 1), class = sd, group = g, coef = x),
    prior(lkj(3), class = cor), prior(lkj(4), class = cor, group = g)
  ))
  b <- block_prior(table, "b")
  expect_identical(b$distribution, c("normal", "cauchy"))
  expect_identical(b$elements, list(1L, 2L))
  sd <- block_prior(table, "sd_1")
  expect_identical(sd$distribution, c("gamma", "lognormal"))
  expect_identical(sd$normalizer, c(0, 0))
  expect_identical(block_prior(table, "sd_2")$distribution, "exponential")
  expect_identical(block_prior(table, "L_1")$arguments, list(4))
  expect_identical(block_prior(filled_table(set_prior("", class = "sd", group = "h")), "sd_2")$distribution,
    "student_t")
  expect_identical(nrow(block_prior(filled_table(set_prior("", class = "sd")), "sd_2")), 0L)
})

test_that("bounds set transforms and divide by the mass within", {
  table <- filled_table(c(
    prior(normal(0, 1), class = b, lb = 0), prior(normal(1, 2), class = Intercept, lb = -1, ub = 2 * 2),
    prior(student_t(3, 0, 1), class = sd, ub = 5), prior(exponential(1), class = sigma, lb = 0.5)
  ))
  expect_identical(table[c("b", "Intercept", "sd_1", "sigma"), "transform"],
    c("lower", "interval", "interval", "lower"))
  expect_identical(table["Intercept", "upper"], 4)
  expect_identical(unlist(table["sd_1", c("lower", "upper")], use.names = FALSE), c(0, 5))
  expect_equal(block_prior(table, "b")$normalizer, -2 * log(0.5), tolerance = 1e-15)
  mass <- stats::pnorm(4, 1, 2) - stats::pnorm(-1, 1, 2)
  expect_equal(block_prior(table, "Intercept")$normalizer, -log(mass), tolerance = 1e-14)
  expect_equal(block_prior(table, "sd_1")$normalizer, -2 * log(stats::pt(5, 3) - 0.5), tolerance = 1e-14)
  expect_equal(block_prior(table, "sigma")$normalizer, 0.5, tolerance = 1e-15)
  upper <- filled_table(prior(normal(0, 1), class = b, ub = 1))
  expect_identical(upper["b", "transform"], "upper")
  expect_equal(block_prior(upper, "b")$normalizer, -2 * stats::pnorm(1, log.p = TRUE), tolerance = 1e-15)
  group <- filled_table(prior(student_t(3, 0, 1), class = sd, group = g, ub = 5))
  expect_identical(group[c("sd_1", "sd_2"), "upper"], c(5, Inf))
  expect_identical(group["sd_1", "lower"], 0)
  nu <- filled_table(prior(gamma(2, 0.1), class = nu, lb = 2), y ~ x, family = student())
  expect_identical(nu["nu", "lower"], 2)
  log_mass <- stats::pgamma(2, 2, 0.1, lower.tail = FALSE, log.p = TRUE)
  expect_equal(block_prior(nu, "nu")$normalizer, -log_mass, tolerance = 1e-15)
})

test_that("constants fix whole blocks or single elements", {
  table <- filled_table(c(
    prior(constant(1), class = sd, group = h), prior(constant(2 / 4), class = b, coef = z),
    prior(constant(3), class = sigma)
  ))
  expect_identical(table["sd_2", "constant"][[1]], 1)
  expect_identical(table["b", "constant"][[1]], c(NA, 0.5))
  expect_identical(table["sigma", "constant"][[1]], 3)
  expect_identical(nrow(block_prior(table, "sd_2")), 0L)
  expect_identical(table["sd_1", "constant"][[1]], numeric(0))
  expect_error(filled_table(prior(constant(-1), class = sigma)), "out of the bounds", class = "skein_error")
  expect_error(filled_table(prior(constant(0.5), class = cor)), "constant()", fixed = TRUE, class = "skein_not_yet")
})

test_that("priors that match nothing are named, with what is near", {
  near <- "b_xx ~ normal\\(0, 1\\).*Did you mean \"x\""
  expect_error(filled_table(prior(normal(0, 1), class = b, coef = xx)), near, class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = sdd)), "sdd.*Did you mean \"sd\"", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = sd, group = k)), "sd_k", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = b, nlpar = a)), "b_a", class = "skein_error")
  expect_error(filled_table(prior(gamma(2, 1), class = shape)), "default_prior()", fixed = TRUE, class = "skein_error")
  both <- prior(normal(0, 1), coef = q) + prior(normal(0, 2), coef = r)
  expect_error(filled_table(both), "b_q ~ normal\\(0, 1\\).*b_r ~ normal\\(0, 2\\)", class = "skein_error")
})

test_that("contradictions are errors that name the prior", {
  twice <- prior(normal(0, 1)) + prior(normal(0, 2))
  expect_error(filled_table(twice), "Duplicated.*b ~ normal\\(0, 2\\)", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), lb = 2, ub = 1)), "<lower=2,upper=1> b", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), lb = Inf)), "lower=|b ~", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = sd, ub = -1)), "below its upper", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = sigma, lb = -1)), "cannot be negative", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), lb = a)), "a", class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), lb = "1 +")), "1 +", fixed = TRUE, class = "skein_error")
  expect_error(filled_table(prior(normal(0, 1), class = cor)), "lkj", class = "skein_error")
  expect_error(filled_table(prior(lkj(1), class = b)), "correlations", class = "skein_error")
  expect_error(filled_table(prior(lkj(1), class = cor, lb = 0)), "no bounds", class = "skein_error")
  expect_error(filled_table(prior(uniform(0, 1), class = sd, lb = 2, ub = 3)), "no mass", class = "skein_error")
  expect_error(filled_table(prior(normal(0, -1), class = b)), "must be positive", class = "skein_error")
})

test_that("priors on half a line warn for parameters without that bound, unused ones warn too", {
  expect_warning(filled_table(prior(gamma(1, 1), class = b)), "no lower bound", class = "skein_warning")
  expect_warning(filled_table(prior(uniform(-1, 1), class = b, lb = -1)), "no upper bound", class = "skein_warning")
  expect_silent(filled_table(prior(gamma(1, 1), class = sd)))
  expect_silent(filled_table(prior(uniform(-1, 1), class = b, lb = -1, ub = 1)))
  own <- prior(normal(0, 1), coef = x) + prior(normal(0, 1), coef = z)
  expect_warning(filled_table(own + prior(normal(0, 3))), "not used", class = "skein_warning")
})

test_that("sampling from the priors only needs proper ones", {
  expect_error(filled_table(NULL, sample_prior = "only"), "b_x.*b_z", class = "skein_error")
  expect_silent(filled_table(prior(normal(0, 1)), sample_prior = "only"))
  expect_silent(filled_table(prior(constant(0), coef = x) + prior(normal(0, 1), coef = z), sample_prior = "only"))
  flat_sigma <- prior(normal(0, 1)) + set_prior("", class = "sigma")
  expect_error(filled_table(flat_sigma, sample_prior = "only"), "sigma", class = "skein_error")
})

test_that("edited default priors and brms's objects go in as they are", {
  priors <- default_prior(y ~ x + z + (x | g) + (1 | h), prior_data())
  expect_equal(filled_table(priors)$prior, filled_table(NULL)$prior)
  priors$prior[priors$class == "b" & priors$coef == "x"] <- "normal(0, 7)"
  expect_identical(block_prior(filled_table(priors), "b")$arguments, list(c(0, 7)))
  theirs <- as.data.frame(prior(normal(0, 7), coef = x))
  theirs$tag <- NULL
  class(theirs) <- c("brmsprior", "data.frame")
  expect_identical(block_prior(filled_table(theirs), "b")$arguments, list(c(0, 7)))
})

test_that("validate_prior() shows all priors, with their source", {
  priors <- validate_prior(prior(normal(0, 1), class = b, lb = 0), y ~ x + (x | g), prior_data())
  expect_identical(priors$source[priors$class == "b"], c("user", "default"))
  expect_identical(priors$lb[priors$class == "b"], c("0", ""))
  expect_identical(priors$prior[priors$class == "L"], c("lkj_corr_cholesky(1)", ""))
  expect_output(print(priors), "(vectorized)", fixed = TRUE)
  expect_error(validate_prior(NULL, y ~ x, prior_data(), sample_prior = "only"), "b_x", class = "skein_error")
})
