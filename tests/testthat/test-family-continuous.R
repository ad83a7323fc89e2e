# Continuous families: log densities, expected values and tails against R's functions or formulas written out here.

continuous_rows <- withr::with_seed(5, data.frame(
  pos = c(0.02, 0.4, 1.1, 3, 0.9, 25, 0.3, 1.7), p = c(0.001, 0.2, 0.35, 0.8, 0.5, 0.97, 0.6, 0.1),
  real = c(-3, 0.2, 1.4, 8, -0.6, 0.1, 2.5, -1.1), x = round(stats::rnorm(8), 2), z = round(stats::rnorm(8), 2)
))
continuous_rows$zero <- ifelse(seq_len(8) %% 3 == 0, 0, continuous_rows$pos)

dlog_inverse_gaussian <- function(y, mu, shape) {
  ifelse(mu > 0, 0.5 * log(shape / (2 * pi * y^3)) - shape * (y - mu)^2 / (2 * mu^2 * y), -Inf)
}

# By mean and standard deviation.
dlog_skew_normal <- function(y, mu, sigma, alpha) {
  delta <- alpha / sqrt(1 + alpha^2)
  omega <- sigma / sqrt(1 - 2 * delta^2 / pi)
  z <- (y - mu + omega * delta * sqrt(2 / pi)) / omega
  log(2) - log(omega) + stats::dnorm(z, log = TRUE) + stats::pnorm(alpha * z, log.p = TRUE)
}

# A normal plus an exponential variable, both parts' means together mu.
dlog_exgaussian <- function(y, mu, sigma, beta) {
  d <- y - mu + beta
  -log(beta) + sigma^2 / (2 * beta^2) - d / beta + stats::pnorm(d / sigma - sigma / beta, log.p = TRUE)
}

dlog_hurdle <- function(y, positive, hu) ifelse(y == 0, log(hu), log1p(-hu) + positive)

# response; family; links; log density and expected value by natural-scale mu and parameters; the predicted parameter.
continuous_families <- list(
  lognormal = list(
    y = "pos", dpar = "sigma",
    density = function(y, mu, d) stats::dlnorm(y, mu, d$sigma, log = TRUE),
    expected = function(mu, d) exp(mu + d$sigma^2 / 2)
  ),
  shifted_lognormal = list(
    y = "pos", dpar = "sigma",
    density = function(y, mu, d) ifelse(y > d$ndt, stats::dlnorm(y - d$ndt, mu, d$sigma, log = TRUE), -Inf),
    expected = function(mu, d) exp(mu + d$sigma^2 / 2) + d$ndt
  ),
  gamma = list(
    y = "pos", dpar = "shape",
    density = function(y, mu, d) stats::dgamma(y, d$shape, d$shape / mu, log = TRUE), expected = function(mu, d) mu
  ),
  exponential = list(
    y = "pos", density = function(y, mu, d) stats::dexp(y, 1 / mu, log = TRUE), expected = function(mu, d) mu
  ),
  weibull = list(
    y = "pos", dpar = "shape",
    density = function(y, mu, d) stats::dweibull(y, d$shape, mu / gamma(1 + 1 / d$shape), log = TRUE),
    expected = function(mu, d) mu
  ),
  beta = list(
    y = "p", dpar = "phi",
    density = function(y, mu, d) stats::dbeta(y, mu * d$phi, (1 - mu) * d$phi, log = TRUE),
    expected = function(mu, d) mu
  ),
  inverse.gaussian = list(
    y = "pos", dpar = "shape",
    density = function(y, mu, d) dlog_inverse_gaussian(y, mu, d$shape), expected = function(mu, d) mu
  ),
  skew_normal = list(
    y = "real", dpar = "alpha",
    density = function(y, mu, d) dlog_skew_normal(y, mu, d$sigma, d$alpha), expected = function(mu, d) mu
  ),
  exgaussian = list(
    y = "real", dpar = "beta",
    density = function(y, mu, d) dlog_exgaussian(y, mu, d$sigma, d$beta), expected = function(mu, d) mu
  ),
  hurdle_lognormal = list(
    y = "zero", dpar = "hu",
    density = function(y, mu, d) dlog_hurdle(y, stats::dlnorm(y, mu, d$sigma, log = TRUE), d$hu),
    expected = function(mu, d) exp(mu + d$sigma^2 / 2) * (1 - d$hu)
  ),
  hurdle_gamma = list(
    y = "zero", dpar = "hu",
    density = function(y, mu, d) dlog_hurdle(y, stats::dgamma(y, d$shape, d$shape / mu, log = TRUE), d$hu),
    expected = function(mu, d) mu * (1 - d$hu)
  )
)

# Calls body(name, entry, link) for every family and link. Linear predictors of made-up draws are of either sign, which
# not all links of positive means allow.
for_each_continuous <- function(body) {
  for (name in names(continuous_families)) {
    for (link in family_info(name)$links) body(name, continuous_families[[name]], link)
  }
}

draws_of_dpars <- function(fit, family) {
  draws <- as.matrix(fit)
  sapply(family_info(family)$dpars, function(dpar) {
    if (dpar %in% colnames(draws)) draws[, dpar] else posterior_linpred(fit, dpar = dpar, transform = TRUE)
  }, simplify = FALSE)
}

expect_continuous <- function(formula, name, entry, link) {
  info <- paste(name, link)
  fit <- made_up_fit(formula, continuous_rows, brmsfamily(name, link))
  mu <- posterior_linpred(fit, transform = TRUE)
  eta <- posterior_linpred(fit)
  expect_equal(mu, suppressWarnings(inverse_link(link)(eta)), tolerance = 1e-12, info = info)
  d <- draws_of_dpars(fit, name)
  y <- rep(continuous_rows[[entry$y]], each = nrow(mu))
  expected <- suppressWarnings(entry$density(y, mu, d))
  possible <- is.finite(expected)
  expect_gt(sum(possible), 20, label = info)
  expect_equal(log_lik(fit)[possible], expected[possible], tolerance = 1e-11, info = info)
  valid <- is.finite(mu)
  expect_equal(posterior_epred(fit)[valid], entry$expected(mu, d)[valid], tolerance = 1e-11, info = info)
}

test_that("log densities and expected values are those of R's functions, for every link", {
  for_each_continuous(function(name, entry, link) {
    expect_continuous(stats::as.formula(paste(entry$y, "~ x")), name, entry, link)
  })
})

test_that("parameters may be predicted", {
  for (name in names(continuous_families)) {
    entry <- continuous_families[[name]]
    if (is.null(entry$dpar)) next
    formula <- bf(stats::as.formula(paste(entry$y, "~ x")), stats::as.formula(paste(entry$dpar, "~ z")))
    expect_continuous(formula, name, entry, family_info(name)$links[1])
  }
})

test_that("gradients are differences of the log density", {
  for (name in names(continuous_families)) {
    entry <- continuous_families[[name]]
    link <- if ("log" %in% family_info(name)$links) "log" else "identity"
    if (name == "beta") link <- "logit"
    formulas <- list(stats::as.formula(paste(entry$y, "~ x")))
    if (!is.null(entry$dpar)) formulas[[2]] <- bf(formulas[[1]], stats::as.formula(paste(entry$dpar, "~ z")))
    for (formula in formulas) {
      fit <- suppressWarnings(brm(formula, continuous_rows, family = brmsfamily(name, link), chains = 0))
      u <- withr::with_seed(6, stats::rnorm(get_num_upars(fit), 0, 0.3))
      slope <- vapply(seq_along(u), function(i) {
        step <- function(h) log_prob(fit, replace(u, i, u[i] + h))
        (4 * (step(5e-4) - step(-5e-4)) / 1e-3 - (step(1e-3) - step(-1e-3)) / 2e-3) / 3
      }, 0)
      expect_equal(as.vector(grad_log_prob(fit, u)), slope, tolerance = 1e-7, info = name)
    }
  }
})

test_that("responses outside the support are refused", {
  bad <- transform(continuous_rows, pos = replace(pos, 3, 0), p = replace(p, 2, 1), zero = replace(zero, 4, -1))
  for (name in setdiff(names(continuous_families), c("skew_normal", "exgaussian"))) {
    formula <- stats::as.formula(paste(continuous_families[[name]]$y, "~ x"))
    expect_error(brm(formula, bad, family = name, chains = 0), "row [234]", class = "skein_error", info = name)
  }
})
