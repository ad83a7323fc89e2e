# The reader of a prior's text, and masses and quantiles of the distributions.

test_that("text is read as a distribution and numbers", {
  cases <- list(
    "normal(2.5 * 3, sqrt(4))" = list("normal", c(7.5, 2)),
    "student_t(3,0,-(-2.5))" = list("student_t", c(3, 0, 2.5)),
    "normal(-pi, exp(0) + 2^2)" = list("normal", c(-pi, 5)),
    "normal(pi(), 1e-3)" = list("normal", c(pi, 1e-3)),
    "std_normal()" = list("normal", c(0, 1)),
    "lkj_corr_cholesky(2)" = list("lkj", 2),
    "lkj_corr(2)" = list("lkj", 2),
    "constant(1, broadcast = TRUE)" = list("constant", 1),
    "constant(-1)" = list("constant", -1),
    "  gamma ( 2 , 0.1 ) " = list("gamma", c(2, 0.1)),
    " " = list("flat", numeric(0))
  )
  for (text in names(cases)) {
    expected <- stats::setNames(cases[[text]], c("distribution", "arguments"))
    expect_equal(read_prior(text), expected, info = text)
  }
})

test_that("what cannot be read is an error that names the prior", {
  errors <- c(
    "normal(0 1)" = "cannot be read", "normal" = "cannot be read", "normal(0,1,)" = "cannot be read",
    "normal(0, 1); y" = "cannot be read", "1" = "cannot be read",
    "normal(0)" = "needs 2", "constant()" = "needs 1", "lkj(1, 2)" = "needs 1",
    "normal(0, -1)" = "must be positive", "normal(0, 0)" = "must be positive", "gamma(0, 1)" = "must be positive",
    "uniform(2, 1)" = "below", "normal(0, 1 / 0)" = "not a finite number",
    "normal(0, log(-1))" = "not a finite number", "normal(0, system('date'))" = "not arithmetic",
    "normal(0, TRUE)" = "not arithmetic", "foo(1)" = "unknown distribution"
  )
  for (text in names(errors)) {
    message <- expect_error(read_prior(text), errors[[text]], class = "skein_error", info = text)$message
    expect_match(message, text, fixed = TRUE)
  }
  expect_error(read_prior("normal(0, s)"), "set_prior(sprintf(", fixed = TRUE, class = "skein_error")
  expect_error(read_prior("norml(0, 1)"), "Did you mean \"normal\"", class = "skein_error")
  expect_error(read_prior("weibull(1, 2)"), "does not have weibull() priors yet", fixed = TRUE, class = "skein_not_yet")
  expect_error(read_prior("horseshoe(1)"), "does not have horseshoe() yet", fixed = TRUE, class = "skein_not_yet")
  expect_error(read_prior("constant(1, broadcast = FALSE)"), "broadcast", class = "skein_not_yet")
})

# Densities written out from the textbook, in Stan's parameterisation.
densities <- list(
  normal = function(x, a) exp(-((x - a[1]) / a[2])^2 / 2) / (a[2] * sqrt(2 * pi)),
  cauchy = function(x, a) 1 / (pi * a[2] * (1 + ((x - a[1]) / a[2])^2)),
  logistic = function(x, a) exp(-abs(x - a[1]) / a[2]) / (a[2] * (1 + exp(-abs(x - a[1]) / a[2]))^2),
  double_exponential = function(x, a) exp(-abs(x - a[1]) / a[2]) / (2 * a[2]),
  student_t = function(x, a) {
    constant <- gamma((a[1] + 1) / 2) / gamma(a[1] / 2) / (sqrt(a[1] * pi) * a[3])
    constant * (1 + ((x - a[2]) / a[3])^2 / a[1])^(-(a[1] + 1) / 2)
  },
  uniform = function(x, a) (x >= a[1] & x <= a[2]) / (a[2] - a[1]),
  beta = function(x, a) gamma(a[1] + a[2]) / gamma(a[1]) / gamma(a[2]) * x^(a[1] - 1) * (1 - x)^(a[2] - 1),
  exponential = function(x, a) a * exp(-a * x),
  gamma = function(x, a) a[2]^a[1] / gamma(a[1]) * x^(a[1] - 1) * exp(-a[2] * x),
  inv_gamma = function(x, a) a[2]^a[1] / gamma(a[1]) * x^(-a[1] - 1) * exp(-a[2] / x),
  lognormal = function(x, a) exp(-((log(x) - a[1]) / a[2])^2 / 2) / (x * a[2] * sqrt(2 * pi))
)
arguments <- list(
  normal = c(0.3, 1.5), cauchy = c(0.3, 1.5), logistic = c(0.3, 1.5), double_exponential = c(0.3, 1.5),
  student_t = c(3, 0.3, 1.5), uniform = c(-1, 2), beta = c(2, 3), exponential = 0.7, gamma = c(2, 0.7),
  inv_gamma = c(2, 0.7), lognormal = c(0.3, 0.8)
)

test_that("every distribution is covered here", {
  expect_setequal(names(densities), setdiff(names(prior_distributions()), "lkj"))
})

test_that("masses are integrals of the density", {
  for (name in names(densities)) {
    prior <- list(distribution = name, arguments = arguments[[name]])
    density <- function(x) densities[[name]](x, prior$arguments)
    entry <- prior_distributions()[[name]]
    support <- if (name == "uniform") prior$arguments else entry$support
    for (bounds in list(c(0.2, 0.6), c(0.5, 0.9), c(0.2, Inf), c(-Inf, 0.4))) {
      inner <- c(max(bounds[1], support[1]), min(bounds[2], support[2]))
      mass <- stats::integrate(density, inner[1], inner[2], rel.tol = 1e-9, subdivisions = 1000)$value
      expect_equal(exp(prior_log_mass(prior, bounds[1], bounds[2])), mass, tolerance = 1e-7, info = name)
    }
  }
})

test_that("masses keep their digits far out", {
  normal <- list(distribution = "normal", arguments = c(0, 1))
  expect_equal(prior_log_mass(normal, 30, Inf), stats::pnorm(-30, log.p = TRUE), tolerance = 1e-14)
  expect_equal(prior_log_mass(normal, 30, 31), prior_log_mass(normal, -31, -30), tolerance = 1e-14)
  expect_true(is.finite(prior_log_mass(normal, 30, 31)))
  expect_equal(prior_log_mass(normal, -1e-3, 1e-3), log(2e-3 * stats::dnorm(0)), tolerance = 1e-6)
  laplace <- list(distribution = "double_exponential", arguments = c(0, 2))
  expect_equal(prior_log_mass(laplace, 200, Inf), -100 - log(2), tolerance = 1e-14)
  expect_equal(prior_log_mass(laplace, -Inf, -200), -100 - log(2), tolerance = 1e-14)
  half_t <- list(distribution = "student_t", arguments = c(3, 0, 2.5))
  expect_identical(prior_log_mass(half_t, 0, Inf), -log(2))
  expect_identical(prior_log_mass(list(distribution = "uniform", arguments = c(0, 1)), 2, 3), -Inf)
})

test_that("quantiles invert the truncated distribution function", {
  u <- c(0.001, 0.2, 0.5, 0.8, 0.999)
  for (name in names(densities)) {
    prior <- list(distribution = name, arguments = arguments[[name]])
    for (bounds in list(c(-Inf, Inf), c(0.2, 0.6), c(0.4, 0.95), c(0.3, Inf), c(-Inf, 0.5))) {
      x <- prior_quantile(prior, u, bounds[1], bounds[2])
      expect_true(all(x >= bounds[1] & x <= bounds[2] & diff(c(-Inf, x)) > 0), info = name)
      whole <- prior_log_mass(prior, bounds[1], bounds[2])
      back <- vapply(x, function(q) exp(prior_log_mass(prior, bounds[1], q) - whole), numeric(1))
      expect_equal(back, u, tolerance = 1e-8, info = name)
    }
  }
  far <- prior_quantile(list(distribution = "normal", arguments = c(0, 1)), u, 30, Inf)
  log_tail <- function(x) stats::pnorm(x, lower.tail = FALSE, log.p = TRUE)
  expect_equal(log_tail(far) - log_tail(30), log(1 - u), tolerance = 1e-8)
})
