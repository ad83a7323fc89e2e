# Every distribution: the density sums or integrates to the distribution function, quantiles invert it, random numbers
# follow.

distributions <- list(
  student_t = list(list(df = 4, mu = 1, sigma = 2), list(df = 1.5)),
  skew_normal = list(list(mu = 1, sigma = 2, alpha = 3), list(xi = -1, omega = 0.5, alpha = -4), list()),
  exgaussian = list(list(mu = 1, sigma = 0.5, beta = 0.7), list(mu = 0, sigma = 2, beta = 0.4)),
  shifted_lnorm = list(list(meanlog = 0.3, sdlog = 0.6, shift = 0.5)),
  inv_gaussian = list(list(mu = 1.5, shape = 2), list(mu = 0.5, shape = 8)),
  hurdle_gamma = list(list(shape = 2, scale = 0.7, hu = 0.3)),
  hurdle_lognormal = list(list(mu = 0.2, sigma = 0.7, hu = 0.2)),
  beta_binomial = list(list(size = 12, mu = 0.3, phi = 4), list(size = 5, mu = 0.6, phi = 0.7)),
  zero_inflated_poisson = list(list(lambda = 2.5, zi = 0.3)),
  zero_inflated_negbinomial = list(list(mu = 2.5, shape = 1.3, zi = 0.2)),
  zero_inflated_binomial = list(list(size = 9, prob = 0.4, zi = 0.25)),
  hurdle_poisson = list(list(lambda = 1.7, hu = 0.4)),
  hurdle_negbinomial = list(list(mu = 1.7, shape = 0.8, hu = 0.4))
)

is_discrete <- function(name) grepl("poisson|binomial", name)

# d, p, q or r of the distribution at its parameters.
distribution <- function(letter, name, parameters) {
  f <- get(paste0(letter, name), envir = asNamespace("skein"))
  function(x, ...) do.call(f, c(list(x), parameters, list(...)))
}

for (name in names(distributions)) {
  for (k in seq_along(distributions[[name]])) {
    parameters <- distributions[[name]][[k]]
    d <- distribution("d", name, parameters)
    p <- distribution("p", name, parameters)
    q <- distribution("q", name, parameters)

    test_that(paste(name, k, "has a density that makes up its distribution function"), {
      if (is_discrete(name)) {
        y <- 0:8
        expect_equal(p(y), cumsum(d(y)), tolerance = 1e-10)
        expect_equal(p(c(-1, 2.5)), c(0, p(2)))
        expect_equal(suppressWarnings(d(c(-1, 3.5))), c(0, 0))
      } else {
        y <- q(c(0.45, 0.6, 0.9, 0.99))
        step <- mapply(function(a, b) stats::integrate(d, a, b, rel.tol = 1e-10)$value, y[-4], y[-1])
        expect_equal(diff(p(y)), step, tolerance = 1e-7)
      }
      expect_equal(d(1, log = TRUE), log(d(1)))
      expect_equal(p(1, lower.tail = FALSE), 1 - p(1))
      expect_equal(p(1, log.p = TRUE), log(p(1)))
      expect_equal(p(c(-Inf, Inf, NA)), c(0, 1, NA))
      expect_identical(d(numeric(0)), numeric(0))
    })

    test_that(paste(name, k, "has quantiles that invert its distribution function"), {
      if (is_discrete(name)) {
        y <- 0:5
        expect_equal(q(p(y)), y)
        expect_equal(q(p(y) - 1e-6), y)
        expect_equal(q(1e-9), 0)
      } else {
        probabilities <- c(0.41, 0.5, 0.9, 0.999, 1 - 1e-9)
        expect_equal(p(q(probabilities)), probabilities, tolerance = 1e-8)
        expect_equal(q(1e-7, lower.tail = FALSE), q(1 - 1e-7), tolerance = 1e-6)
      }
      expect_equal(q(log(0.7), log.p = TRUE), q(0.7))
      expect_equal(q(0.3, lower.tail = FALSE), q(0.7))
      # These two are base R's, which gives NaN.
      if (!name %in% c("student_t", "shifted_lnorm")) expect_error(q(1.5), "between 0 and 1", class = "skein_error")
    })

    # brms has no random numbers of zero-inflated distributions.
    if (startsWith(name, "zero_inflated")) next

    test_that(paste(name, k, "has random numbers of its distribution"), {
      draws <- withr::with_seed(1, distribution("r", name, parameters)(4000))
      at <- if (is_discrete(name)) 0:4 else q(c(0.45, 0.6, 0.8, 0.95))
      share <- vapply(at, function(y) mean(draws <= y), 0)
      expect_lt(max(abs(share - p(at)) / sqrt(p(at) * (1 - p(at)) / 4000)), 4.5)
      expect_length(distribution("r", name, parameters)(1:3), 3)
    })
  }
}

test_that("parameters are recycled and checked", {
  expect_equal(dexgaussian(1:2, 1, c(1, 2), 1), c(dexgaussian(1, 1, 1, 1), dexgaussian(2, 1, 2, 1)))
  expect_equal(pskew_normal(1, alpha = c(0, 2)), c(stats::pnorm(1), pskew_normal(1, alpha = 2)))
  expect_equal(dskew_normal(0.3, xi = 0.2, omega = 2, alpha = 1), 2 / 2 * stats::dnorm(0.05) * stats::pnorm(0.05))
  expect_error(dexgaussian(1, 1, -1, 1), "sigma", class = "skein_error")
  expect_error(phurdle_poisson(1, 1, 1.5), "hu", class = "skein_error")
  expect_error(dskew_normal(1, xi = 1), "together", class = "skein_error")
  expect_equal(pstudent_t(2, 3, 1, 2), stats::pt(0.5, 3))
})
