# Traced operations: values against R's own, gradients against finite differences, each in lanes, in whole vectors and
# in tiles of rows.

# The log density of f(x), a vector function, summed with fixed weights so that every element counts differently.
expect_traced <- function(f, x, tolerance = 1e-6, label = deparse1(body(f))) {
  weights <- cos(seq_len(length(f(x))))
  d <- density_r(function(x) sum(weights * f(x)), init = list(x = x))
  expect_equal(log_prob(d, as.vector(x)), sum(weights * f(x)), tolerance = 1e-9, label = label)
  expect_lt(max(check_gradient(d, tolerance = 1)$error), tolerance)
}

elementwise <- list(
  exp = exp, log = log, log1p = log1p, expm1 = expm1, sqrt = sqrt, sin = sin, cos = cos, tan = tan, tanh = tanh,
  atan = atan, abs = abs, plogis = plogis, pnorm = pnorm, lgamma = lgamma, gamma = gamma, digamma = digamma,
  sinh = sinh, cosh = cosh, log2 = log2, log10 = log10, lfactorial = lfactorial,
  square = function(x) x^2, cube = function(x) x^3, root = function(x) x^0.5, power = function(x) x^2.7,
  negative_power = function(x) x^-3, exponent = function(x) 1.7^x, both = function(x) x^x,
  reciprocal = function(x) 1 / x, product = function(x) 3 * x, difference = function(x) 2 - x, minus = function(x) -x,
  quotient = function(x) x / (1 + x), log_tail = function(x) pnorm(-x, log.p = TRUE),
  log_logistic = function(x) plogis(x, log.p = TRUE), upper = function(x) plogis(x, lower.tail = FALSE),
  scaled = function(x) pnorm(x, 0.3, 2), lbeta = function(x) lbeta(x, 2.5), beta = function(x) beta(x, x + 1),
  lchoose = function(x) lchoose(x + 9.5, 3), based = function(x) log(x, 3), logit = function(x) qlogis(x / (1 + x)),
  smooth_join = function(x) ifelse(x > 1, x^2, 2 * x - 1), log1m_exp = function(x) log1p(-exp(-x))
)

test_that("elementwise functions and their gradients are right in every layout", {
  set.seed(1)
  for (name in names(elementwise)) {
    f <- elementwise[[name]]
    for (n in c(1, 5, 100, 700)) {
      x <- 0.2 + 1.1 * seq_len(n) / n
      w <- 1 + seq_len(n) / n
      d <- density_r(function(x) sum(w * f(x)), init = list(x = x))
      expect_equal(log_prob(d, x), sum(w * f(x)), tolerance = 1e-10, label = paste(name, n))
      if (n < 700) expect_lt(max(check_gradient(d, tolerance = 1)$error), 2e-7, label = paste(name, n))
    }
  }
})

test_that("rows give the gradients of short vectors", {
  x <- 0.2 + 0.8 * seq_len(300) / 300
  # Differences across a join are not the derivative.
  for (name in setdiff(names(elementwise), "smooth_join")) {
    f <- elementwise[[name]]
    g <- c(3, 1, 2, 5, 4)[rep_len(1:5, 300)]
    long <- density_r(function(a, s) sum((f(a[g] * x + 0.1)) * x * s),
      init = list(a = c(0.3, 0.5, 0.7, 0.9, 1.1), s = 1))
    expect_lt(max(check_gradient(long, tolerance = 1)$error), 2e-7, label = name)
    expect_equal(log_prob(long, c(0.3, 0.5, 0.7, 0.9, 1.1, 1)), sum(f(c(0.3, 0.5, 0.7, 0.9, 1.1)[g] * x + 0.1) * x),
      tolerance = 1e-10, label = name)
  }
})

test_that("sine and cosine hold over a wide range", {
  x <- c(-1e5, -300.7, -2, -1e-8, 0, 0.5, 3, 10, 1234.5, 9e5)
  d <- density_r(function(x) sum(2^(1:10) * sin(x)) + sum(cos(x)), init = list(x = x))
  expect_equal(log_prob(d, x), sum(2^(1:10) * sin(x)) + sum(cos(x)), tolerance = 1e-13)
})

test_that("sums, products and moving elements are right", {
  x <- c(0.5, 1.5, -2, 0.7, 3, 1.1)
  for (f in list(
    function(x) mean(x), function(x) prod(x), function(x) cumsum(x), function(x) rev(x)[2:4], function(x) rep(x, 2),
    function(x) x[c(TRUE, FALSE)], function(x) x[-1] * x[1], function(x) c(x[3], 2, x, 1:3),
    function(x) sum(x, 2, x[1]),
    function(x) rep(x, times = c(1, 2, 1, 3, 0, 1)), function(x) rep_len(x, 8), function(x) outer(x, 1:3),
    function(x) {
      y <- numeric(4)
      y[2:3] <- x[1:2] * x[3]
      y[[1]] <- x[4]
      y + 1
    },
    function(x) {
      x[x0 > 1] <- 0
      x
    },
    function(x) {
      m <- matrix(x, 2)
      m[1, ] <- m[2, ] * 2
      m[, 2] %*% m
    },
    function(x) matrix(x, 2, byrow = TRUE) %*% x[1:3], function(x) crossprod(matrix(x, 3)),
    function(x) tcrossprod(matrix(x, 3)), function(x) t(matrix(x, 2)) %*% cbind(c(1, 2), x[1:2]),
    function(x) design %*% x, function(x) crossprod(design, x[1:5]), function(x) rowSums(matrix(x, 2)),
    function(x) colSums(rbind(x, x^2)), function(x) diag(x) %*% x, function(x) diag(matrix(x[1:4], 2)),
    function(x) sapply(1:3, function(i) x[i] * x[i + 1]), function(x) Reduce(`+`, lapply(1:6, function(i) x[i]^i)),
    function(x) unlist(list(x[1], x[2:3] * 2)), function(x) ifelse(x0 > 1, x, x^2),
    function(x) vapply(1:2, function(i) x[i], 1),
    function(x) {
      total <- 0
      for (i in seq_along(x)) total <- total + i * x[i] * x[7 - i]
      total
    },
    function(x) diff(x), function(x) diff(x, 2), function(x) var(x) * sd(x), function(x) pmax(x, 0.9, rev(x)),
    function(x) pmin(1, x), function(x) solve(matrix(c(2, 1, 0, 3), 2), x[1:2]),
    function(x) solve(matrix(c(2, 1, 0, 3), 2), matrix(x, 2)),
    function(x) {
      names(x) <- letters[1:6]
      x[2]
    },
    function(x) prod(x[1:3] * c(0, 1, 2)), function(x) array(x, c(1, 2, 3))[1, 2, ], function(x) x %*% x
  )) {
    x0 <- x
    design <- matrix(sin(1:30), 5)
    environment(f) <- environment()
    expect_traced(f, x)
  }
})

test_that("the same at lengths that do not fit whole vectors and beyond lanes", {
  x <- sin(1:103)
  design <- matrix(cos(1:721), 7)
  other <- matrix(cos(1:(90 * 103) / 7), 90)
  for (f in list(
    function(x) cumsum(x), function(x) rev(x), function(x) c(x, 1, x[1]), function(x) design %*% x,
    function(x) other %*% x,
    function(x) prod(x[1:20] * 3), function(x) mean(x^2) * x, function(x) x[1] * x + x[103],
    function(x) cumsum(exp(x))^0.5, function(x) exp(x) / sum(exp(x)), function(x) log(sum(exp(x - x[1]))) * x
  )) {
    environment(f) <- environment()
    expect_traced(f, x)
  }
})

test_that("a user's own functions are recorded too, by whatever name R's functions are called", {
  helper <- function(y, m) kernel(y - m)
  kernel <- function(z) if (length(z) > 1) sum(stats::dnorm(z, 0, 2, log = TRUE)) else fact(3) * z
  fact <- function(k) if (k > 1) k * fact(k - 1) else 1
  d <- density_r(function(m) helper(c(1, 2, 4), m) + helper(m, 2), init = list(m = 0.5))
  expect_equal(log_prob(d, 0.3), sum(dnorm(c(1, 2, 4), 0.3, 2, log = TRUE)) + 6 * (0.3 - 2))
})

test_that("a user's variables and functions keep their values when named like R's functions", {
  make <- function(sd, c, beta) function(x) sum(dnorm(x, beta, sd, log = TRUE)) + sum(c(x, 1)) * c
  f <- make(3, 2, -1)
  x <- c(0.5, 2)
  expect_equal(log_prob(density_r(f, init = list(x = x)), x), f(x), tolerance = 1e-12)

  var <- function(x) 7 * sum(x)
  g <- function(x, scale = sd) dnorm(x[1], 0, scale, log = TRUE) - var(x)^2 - sd * x[2]^2
  sd <- 0.5
  expect_equal(log_prob(density_r(g, init = list(x = x)), x), g(x), tolerance = 1e-12)
})

test_that("a function may take one list, and data by name", {
  d <- density_r(function(p, y) sum(dnorm(y, p$mu, exp(p[["s"]]), log = TRUE)), data = list(y = 1:5),
    init = list(mu = 0, s = 0))
  expect_equal(log_prob(d, c(1, 0.5)), sum(dnorm(1:5, 1, exp(0.5), log = TRUE)))
})

test_that("defaults are data, also those named like what they hold", {
  observed <- c(1, 3)
  shifted <- observed + 1
  d <- density_r(function(loc, observed = observed, y = shifted) sum(dnorm(c(observed, y), loc, 1, log = TRUE)),
    init = list(loc = 0))
  expect_equal(log_prob(d, 2), sum(dnorm(c(1, 3, 2, 4), 2, 1, log = TRUE)))
})

test_that("init with defaults keeps parameters before data", {
  d <- density_r(function(loc = 3, s = 1) dnorm(loc, 0, s, log = TRUE), init = list(loc = 1))
  expect_equal(log_prob(d, 0.5), dnorm(0.5, log = TRUE))
})
