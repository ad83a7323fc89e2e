# Traced log densities against R's, with all arguments parameters where they can be.

cases <- list(
  dnorm = list(x = c(-1, 0.5, 2), mean = 0.3, sd = 1.4),
  dt = list(x = c(-1, 0.5, 2), df = 4.5),
  dcauchy = list(x = c(-1, 0.5, 2), location = 0.3, scale = 1.4),
  dlogis = list(x = c(-1, 0.5, 2), location = 0.3, scale = 1.4),
  dpois = list(x = c(0, 3, 7), lambda = 2.3),
  dbinom = list(x = c(0, 3, 7), size = 7, prob = 0.3),
  dnbinom = list(x = c(0, 3, 7), size = 2.5, prob = 0.3),
  dgamma = list(x = c(0.2, 1, 3), shape = 2.2, rate = 1.3),
  dbeta = list(x = c(0.1, 0.5, 0.9), shape1 = 2.2, shape2 = 0.8),
  dexp = list(x = c(0.2, 1, 3), rate = 1.3),
  dlnorm = list(x = c(0.2, 1, 3), meanlog = 0.3, sdlog = 1.4),
  dweibull = list(x = c(0.2, 1, 3), shape = 1.7, scale = 1.3),
  dunif = list(x = c(0.2, 1, 3), min = -1, max = 4)
)
discrete <- c("dpois", "dbinom", "dnbinom")

r_density <- function(name, arguments) do.call(get(name, asNamespace("stats")), c(arguments, log = TRUE))

# function(traced arguments) sum(name(...)), with the other arguments as numbers.
call_of <- function(name, arguments, traced) {
  formals <- stats::setNames(rep(list(quote(expr = )), length(traced)), traced)
  call <- as.call(c(as.name(name), stats::setNames(lapply(names(arguments), function(a) {
    if (a %in% traced) as.name(a) else arguments[[a]]
  }), names(arguments)), list(log = TRUE)))
  as.function(c(formals, call("sum", call)))
}

test_that("every density equals R's, its gradient finite differences, for short and long data, reduced or not", {
  for (name in names(cases)) {
    for (n in c(3, 150)) {
      arguments <- cases[[name]]
      arguments$x <- rep_len(arguments$x, n)
      traceable <- setdiff(names(arguments), c(if (name %in% discrete) "x", if (name == "dbinom") "size"))
      for (traced in list(traceable, setdiff(traceable, "x"), setdiff(traceable, "x")[1])) {
        if (name == "dunif" && !"x" %in% traced) next
        f <- call_of(name, arguments, traced)
        for (reduce in c(TRUE, FALSE)) {
          d <- density_r(f, init = arguments[traced], reduce = reduce)
          label <- paste(name, n, paste(traced, collapse = " "), reduce)
          expect_equal(log_prob(d, unlist(arguments[traced])), sum(r_density(name, arguments)), tolerance = 1e-12,
            label = label)
          if (name != "dunif") expect_lt(max(check_gradient(d, tolerance = 1)$error), 1e-7, label = label)
        }
      }
    }
  }
})

test_that("parameters that vary by row go through the same kernels", {
  n <- 200
  x <- sin(1:n)
  y <- rep_len(c(0, 1, 3, 2, 8), n)
  w <- rep_len(c(0.5, 2, 1), n)
  densities <- list(
    function(a, b) sum(dpois(y, exp(a + b * x), log = TRUE)),
    function(a, b) sum(dpois(y, 1 + a^2 + b^2 * x^2, log = TRUE)),
    function(a, b) sum(w * dpois(y, exp(a + b * x), log = TRUE)),
    function(a, b) sum(dbinom(y, 10, plogis(a + b * x), log = TRUE)),
    function(a, b) sum(dbinom(y, 8 + y, pnorm(a + b * x), log = TRUE)),
    function(a, b) sum(dnbinom(y, size = exp(b), mu = exp(a + b * x), log = TRUE)),
    function(a, b) sum(dnbinom(y, size = exp(b * x), mu = exp(a), log = TRUE)),
    function(a, b) sum(dnbinom(y, size = 2 + b, mu = 3 + a * x, log = TRUE)),
    function(a, b) sum(dnorm(y, a + b * x, exp(b), log = TRUE)),
    function(a, b) sum(dnorm(y, a, exp(b * x), log = TRUE) * w),
    function(a, b) sum(dnorm(a + b * x, y, 2, log = TRUE)),
    function(a, b) log(sum(dnorm(y, a + b * x, 2))),
    function(a, b) -2 * sum(dnorm(y, a + b * x, 2, log = TRUE))^2 / n,
    function(a, b) sum(dt((y - a - b * x) / exp(b), 4, log = TRUE) - b),
    function(a, b) sum(dgamma(y + 1, exp(a), exp(a - b * x), log = TRUE)),
    function(a, b) sum(dgamma(y + 1, exp(a), scale = exp(b * x), log = TRUE)),
    function(a, b) sum(dweibull(y + 1, exp(a), exp(b * x), log = TRUE)),
    function(a, b) sum(dbeta((y + 1) / 10, exp(a), exp(b * x), log = TRUE)),
    function(a, b) sum(dlnorm(y + 1, a + b * x, 0.5, log = TRUE))
  )
  for (f in densities) {
    environment(f) <- environment()
    for (reduce in c(TRUE, FALSE)) {
      d <- density_r(f, init = list(a = 0.3, b = 0.2), reduce = reduce)
      expect_equal(log_prob(d, c(0.4, -0.1)), f(0.4, -0.1), tolerance = 1e-11, label = deparse1(body(f)))
      expect_lt(max(check_gradient(d, c(0.4, -0.1), tolerance = 1)$error), 1e-7, label = deparse1(body(f)))
    }
  }
})

test_that("densities of parameters are -Inf or NaN outside their support", {
  outside <- function(f, x) {
    d <- density_r(f, init = list(x = 0.5))
    expect_false(is.finite(log_prob(d, x)) && log_prob(d, x) > -Inf)
  }
  outside(function(x) dexp(x, log = TRUE), -1)
  outside(function(x) dgamma(x, 2, log = TRUE), -1)
  outside(function(x) dbeta(x, 2, 3, log = TRUE), 1.5)
  outside(function(x) dunif(x, log = TRUE) + x, 1.5)
  outside(function(x) dlnorm(x, log = TRUE), -1)
  outside(function(x) dweibull(x, 2, log = TRUE), -1)
  outside(function(x) dnorm(1, 0, x, log = TRUE), -1)
  outside(function(x) dpois(0, x, log = TRUE), -1)
})

test_that("densities without log = TRUE are the exponentials", {
  d <- density_r(function(x) log(0.3 * dnorm(x) + 0.7 * dnorm(x, 3)), init = list(x = 1))
  expect_equal(log_prob(d, 2), log(0.3 * dnorm(2) + 0.7 * dnorm(2, 3)))
})

test_that("brm()'s kernels give the same log density and gradient", {
  set.seed(1)
  n <- 300
  data <- data.frame(x = rnorm(n), g = rep(1:20, each = 15))
  data$y <- rpois(n, exp(0.3 + 0.2 * data$x))
  fit <- brm(y ~ x + (1 | g), data, poisson(), chains = 0,
    prior = c(prior(normal(0, 2), class = "b"), prior(normal(0, 3), class = "Intercept"),
      prior(exponential(1), class = "sd")))
  centred <- data$x - mean(data$x)
  traced <- density_r(function(b, Intercept, sd_1, z_1) {
    sum(dpois(data$y, exp(Intercept + b * centred + (sd_1 * z_1)[data$g]), log = TRUE)) + dnorm(b, 0, 2, log = TRUE) +
      dnorm(Intercept, 0, 3, log = TRUE) + dexp(sd_1, 1, log = TRUE) + sum(dnorm(z_1, log = TRUE))
  }, init = list(b = 0.1, Intercept = 0.2, sd_1 = 0.5, z_1 = rep(0.1, 20)),
  constraints = list(sd_1 = constraint(lower = 0)))
  for (k in 1:3) {
    u <- rnorm(23) / 2
    expected <- log_prob(fit, u, gradient = TRUE)
    found <- log_prob(traced, u, gradient = TRUE)
    expect_equal(as.vector(found), as.vector(expected), tolerance = 1e-10)
    expect_equal(attr(found, "gradient"), attr(expected, "gradient"), tolerance = 1e-10)
  }
})
