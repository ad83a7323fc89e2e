# Log densities as objects: constraints, draws, R functions and C++.

test_that("constraints keep parameters within, with their Jacobians", {
  f <- function(a, b, s, o, m) {
    sum(dnorm(a, 1, 2, log = TRUE)) + sum(dbeta((b + 1) / 3, 2, 3, log = TRUE)) + sum(c(1, 2, 3) * log(s)) +
      sum(dnorm(o, log = TRUE)) + sum(dnorm(m, 3, 1, log = TRUE))
  }
  d <- density_r(f,
    init = list(a = c(1, 2), b = 0.3, s = c(0.2, 0.5, 0.3, 0.1)[1:3] / 1, o = c(-1, 0, 2), m = matrix(1:4 / 5, 2)),
    constraints = list(
      a = constraint(lower = c(0, -Inf), upper = c(Inf, 5)), b = constraint(lower = -1, upper = 2),
      s = constraint("simplex"), o = constraint("ordered"), m = constraint(lower = 0, upper = c(1, 1, Inf, 1))
    )
  )
  expect_identical(d$dimension, 2 + 1 + 2 + 3 + 4)
  expect_identical(d$draw_names,
    c("a[1]", "a[2]", "b", "s[1]", "s[2]", "s[3]", "o[1]", "o[2]", "o[3]", "m[1,1]", "m[2,1]", "m[1,2]", "m[2,2]"))
  check_gradient(d)
  u <- sin(1:12)
  values <- d$constrain(u)
  expect_equal(d$unconstrain(values), u)
  expect_gt(values$a[1], 0)
  expect_lt(values$a[2], 5)
  expect_equal(sum(values$s), 1)
  expect_true(all(values$s > 0) && all(diff(values$o) > 0) && values$b > -1 && values$b < 2)
  expect_identical(dim(values$m), c(2L, 2L))
  # The Jacobian determinant by finite differences; a simplex has one element fewer.
  free <- c(1:5, 7:13)
  jacobian <- vapply(1:12, function(k) {
    step <- replace(numeric(12), k, 1e-6)
    (unlist(d$constrain(u + step)) - unlist(d$constrain(u - step)))[free] / 2e-6
  }, numeric(12))
  expect_equal(log_prob(d, u), do.call(f, values) + determinant(jacobian)$modulus[1], tolerance = 1e-7)
})

test_that("parts of a simplex keep their precision when they are small", {
  d <- density_r(function(s) sum(2 * log(s)), init = list(s = rep(0.25, 4)),
    constraints = list(s = constraint("simplex")))
  expect_equal(d$unconstrain(list(s = rep(0.25, 4))), c(0, 0, 0))
  s <- d$constrain(c(-60, 2, 40))$s
  expect_equal(log(s[1]), -60 - log(3), tolerance = 1e-12)
  expect_equal(log_prob(d, c(0, 0, 0)), 8 * log(0.25) + log(1 / 4^4))
})

test_that("the shapes given by dims are those of init", {
  f <- function(p) sum(p$x^2) + sum(p$m %*% p$x) + p$a
  d <- density_r(f, dims = list(a = 1, x = 3, m = c(2, 3)))
  expect_identical(d$parameters, list(a = 1L, x = 3L, m = c(2L, 3L)))
  expect_identical(dim(d$constrain(1:10)$m), c(2L, 3L))
  expect_equal(log_prob(d, 1:10), f(list(a = 1, x = 2:4, m = matrix(5:10, 2))))
})

test_that("sums over data become sufficient statistics, exactly", {
  y <- 1000 + sin(1:500)
  f <- function(m, s) sum(dnorm(y, m, s, log = TRUE))
  limits <- list(s = constraint(lower = 0))
  reduced <- density_r(f, init = list(m = 1000, s = 1), constraints = limits)
  plain <- density_r(f, init = list(m = 1000, s = 1), constraints = limits, reduce = FALSE)
  expect_output(print(reduced), "1 sum over 500 rows")
  expect_output(print(plain), "500 rows in tiles")
  for (u in list(c(1000, 0), c(990, 1), c(1000.1, -1))) {
    a <- log_prob(reduced, u, gradient = TRUE)
    b <- log_prob(plain, u, gradient = TRUE)
    expect_equal(a, b, tolerance = 1e-12)
  }
  w <- rep_len(1:3, 500)
  weighted <- density_r(function(m, s) sum(w * dnorm(y, m, exp(s), log = TRUE)), init = list(m = 1, s = 1))
  expect_equal(log_prob(weighted, c(999, 0.3)), sum(w * dnorm(y, 999, exp(0.3), log = TRUE)), tolerance = 1e-12)
  expect_output(print(weighted), "1 sum")
})

test_that("a point has the same bits alone, among others, and at any grainsize", {
  y <- c(28, 8, -3, 7, -1, 1, 18, 12)
  s <- c(15, 10, 16, 11, 9, 11, 10, 18)
  lanes <- density_r(function(mu, tau, z) {
    sum(dnorm(y, mu + tau * z, s, log = TRUE)) + sum(dnorm(z, log = TRUE)) + dcauchy(tau, 0, 5, log = TRUE) +
      lgamma(tau) + dt(mu, tau, log = TRUE) + pnorm(mu, log.p = TRUE) + sum(dgamma(tau, 2, tau, log = TRUE))
  }, init = list(mu = 1, tau = 2, z = rep(0.1, 8)), constraints = list(tau = constraint(lower = 0)))
  # Among the neighbours are points so far out that functions take their rare branches, and NaN.
  points <- cbind(sin(outer(1:10, 1:10)), 10 * cos(outer(1:10, 1:6)), 800, -800, NaN, Inf, c(0, -30, rep(0, 8)))
  together <- density_evaluate(lanes$handle, points)
  alone <- lapply(seq_len(ncol(points)), function(k) density_evaluate(lanes$handle, points[, k, drop = FALSE]))
  expect_identical(together$log_density, vapply(alone, `[[`, 1, "log_density"))
  finite <- which(is.finite(together$log_density))
  expect_gt(length(finite), 12)
  expect_identical(together$gradient[, finite], vapply(alone[finite], `[[`, numeric(10), "gradient"))

  x <- sin(1:5000)
  g <- 1 + (1:5000 * 7) %% 40
  rows <- density_r(function(a, b, z) sum(dpois(g, exp(a + b * x + z[g]), log = TRUE)) + log(sum(exp(b * x))),
    init = list(a = 1, b = 1, z = rep(0, 40)))
  point <- matrix(sin(1:42))
  expected <- density_evaluate(rows$handle, point)
  for (grainsize in c(1, 100, 1e6)) expect_identical(density_evaluate(rows$handle, point, grainsize), expected)
})

test_that("a trace of other data is another density", {
  make <- function(y) density_r(function(m) sum(dnorm(y, m, 1, log = TRUE)), init = list(m = 0))
  a <- make(1:3)
  b <- make(4:6)
  expect_equal(log_prob(a, 2), sum(dnorm(1:3, 2, 1, log = TRUE)))
  expect_equal(log_prob(b, 2), sum(dnorm(4:6, 2, 1, log = TRUE)))
})

test_that("a density that was in a file is built anew", {
  y <- c(1, 2)
  d <- density_r(function(m) sum(dnorm(y, m, 1, log = TRUE)), init = list(m = 0))
  file <- withr::local_tempfile()
  saveRDS(d, file)
  again <- readRDS(file)
  expect_identical(log_prob(again, 1), log_prob(d, 1))
  expect_identical(log_prob(as_skeindensity(again), 1), log_prob(d, 1))
})

test_that("fits are densities", {
  fit <- brm(y ~ x, data.frame(y = c(1, 3, 2, 5), x = 1:4), chains = 0)
  d <- as_skeindensity(fit)
  u <- c(0.5, 1, -0.3)
  expect_identical(log_prob(d, u), as.vector(log_prob(fit, u)))
  check_gradient(d, u)
})

test_that("R functions with a gradient work on constrained parameters", {
  f <- function(s, x) {
    if (s > 100) stop("far")
    dexp(s, 2, log = TRUE) + sum(dnorm(x, 0, s, log = TRUE))
  }
  gradient <- function(s, x) list(s = -2 + sum(x^2 / s^3 - 1 / s), x = -x / s^2)
  limits <- list(s = constraint(lower = 0))
  d <- density_function(f, gradient, list(s = 1.5, x = c(1, -2)), constraints = limits)
  traced <- density_r(function(s, x) dexp(s, 2, log = TRUE) + sum(dnorm(x, 0, s, log = TRUE)), init = d$init,
    constraints = limits)
  expect_true(d$main_thread)
  expect_false(traced$main_thread)
  expect_true(density_facts(d$handle)$main_thread_only)
  u <- c(0.3, 1, 2)
  expect_equal(log_prob(d, u, gradient = TRUE), log_prob(traced, u, gradient = TRUE))
  expect_equal(d$constrain(u), traced$constrain(u))
  expect_equal(d$unconstrain(d$constrain(u)), u)
  expect_error(log_prob(d, c(10, 1, 1)), "far")
  expect_false(is.finite(log_prob(density_function(function(x) -1 / max(x, 0), function(x) 1 / x^2, list(x = 1)), -1)))
  expect_output(print(d), "R functions")
})

test_that("a user's C++ struct is a density", {
  skip_on_cran()
  include <- system.file("include", package = "skein")
  withr::local_envvar(USE_CXX17 = "yes", PKG_CPPFLAGS = paste0("-I", shQuote(include)))
  code <- '
    // [[Rcpp::plugins(cpp17)]]
    #include <Rcpp.h>
    #include <skein/user_density.hpp>
    struct Banana {
      double curvature;
      std::size_t dimension() const { return 2; }
      double log_density_gradient(const double* q, double* gradient) const {
        if (q[0] > 50) throw std::domain_error("outside");
        const double rest = q[1] - curvature * q[0] * q[0];
        gradient[0] = -q[0] + 2 * curvature * q[0] * rest;
        gradient[1] = -rest;
        return -0.5 * (q[0] * q[0] + rest * rest);
      }
    };
    // [[Rcpp::export]]
    SEXP banana(double curvature) { return Rcpp::XPtr<skein::Density>(skein::make_density(Banana{curvature})); }
  '
  d <- density_cpp(code, init = list(x = 1, y = 0), data = list(curvature = 0.3))
  traced <- density_r(function(x, y) -0.5 * (x^2 + (y - 0.3 * x^2)^2), init = list(x = 1, y = 0))
  u <- c(0.4, -0.7)
  expect_equal(log_prob(d, u, gradient = TRUE), log_prob(traced, u, gradient = TRUE))
  expect_identical(log_prob(d, c(60, 0)), -Inf)
  expect_identical(d$constrain(u), list(x = 0.4, y = -0.7))
  expect_error(density_cpp(d$handle, init = list(x = 1)), "2 dimensions", class = "skein_error")
  wrong <- sub("gradient[1] = -rest", "gradient[1] = rest", code, fixed = TRUE)
  error <- expect_error(density_cpp(wrong, list(x = 1, y = 0), list(curvature = 0.3)), class = "skein_gradient_error")
  expect_match(conditionMessage(error), "\"y\"")
  expect_error(density_cpp("missing.cpp", list(x = 1)), "no file", class = "skein_error")
})
