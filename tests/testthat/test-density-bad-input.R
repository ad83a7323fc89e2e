# Log densities that cannot be: each stops before sampling with a clear error that names what is wrong.

expect_refused <- function(expression, pattern, class = "skein_error") {
  error <- expect_error(expression, class = class)
  expect_match(conditionMessage(error), pattern, perl = TRUE)
}

y <- c(1, 2, 4)

test_that("a branch on a parameter stops, with the call and its place", {
  f <- function(loc) {
    a <- loc * 2
    if (loc > 0) a <- a + 1
    a
  }
  expect_refused(density_r(f, init = list(loc = 1)),
    "(?s)if \\(loc > 0\\).*statement 2.*depends on a parameter's value")
  expect_refused(density_r(function(x) { while (x > 1) x <- x / 2; x }, init = list(x = 3)),
    "while.*\n.*depends on a parameter")
  expect_refused(density_r(function(x) if (x > 1 && TRUE) x else 1, init = list(x = 3)), "depends on a parameter")
  expect_refused(density_r(function(x) if (isTRUE(x > 1)) x else 1, init = list(x = 3)),
    "isTRUE.*depends on a parameter")
  expect_refused(density_r(function(x) { s <- 0; for (v in x) s <- s + v; s }, init = list(x = 1:3)), "seq_along")
  expect_refused(density_r(function(x, k) sum(y[k] * x), init = list(x = 1, k = 2)), "Index by data")
  expect_refused(density_r(function(x, k) sum(x[k]), init = list(x = 1:3, k = 2)), "Index by data")
})

test_that("what cannot be recorded is named with its call", {
  expect_refused(density_r(function(x) besselI(x, 1), init = list(x = 1)),
    "(?s)besselI\\(x, 1\\).*statement 1.*density_function")
  expect_refused(density_r(function(x) {
    z <- x + 1
    sum(round(z))
  }, init = list(x = 1)), "(?s)round.*statement 2")
  expect_refused(density_r(function(x) max(x, 0), init = list(x = 1)), "max")
  expect_refused(density_r(function(x) x %% 2, init = list(x = 1)), "%%.*no derivative")
  expect_refused(density_r(function(x) qnorm(x), init = list(x = 0.5)), "qnorm")
  expect_refused(density_r(function(x) undefined_function(x), init = list(x = 0.5)), "undefined_function")
  expect_refused(density_r(function(x) paste(x), init = list(x = 0.5)), ".")
  expect_refused(density_r(function(x) x + "a", init = list(x = 0.5)), "must be numbers")
  expect_refused(density_r(function(x) sum(x + 1:2), init = list(x = 1:3)), "3 and 2 elements")
  expect_refused(density_r(function(x) sum(matrix(1:6, 2) %*% x), init = list(x = 1:2)), "do not conform")
  expect_refused(density_r(function(x) x["a"], init = list(x = c(a = 1, b = 2))), "by number")
  expect_refused(density_r(function(x) solve(diag(2) * x, 1:2), init = list(x = 1)), "solve.*must be data")
  expect_refused(density_r(function(x) x[5], init = list(x = 1:2)), "beyond the end")
  expect_refused(density_r(function(x) dpois(x, 2, log = TRUE), init = list(x = 1)), "dpois.*data")
  expect_refused(density_r(function(x) sum(dpois(c(1, 2.5), x, log = TRUE)), init = list(x = 1)), "whole numbers")
  expect_refused(density_r(function(x) sum(dbinom(3, 2, x, log = TRUE)), init = list(x = 0.5)), "exceed")
  expect_refused(density_r(function(x) sum(dgamma(c(-1, 2), x, log = TRUE)), init = list(x = 1)), "greater than 0")
  expect_refused(density_r(function(x) dt(1, x, 2, log = TRUE), init = list(x = 3)), "ncp")
})

test_that("the place has a line where the function keeps its source", {
  old <- options(keep.source = TRUE)
  on.exit(options(old))
  f <- eval(parse(text = "function(x) {\n  a <- x\n  besselJ(a, 1)\n}", keep.source = TRUE))
  expect_refused(density_r(f, init = list(x = 1)), "statement 2 of the function, line 3")
})

test_that("results that are no log density", {
  expect_refused(density_r(function(x) dnorm(y, x, 1, log = TRUE), init = list(x = 1)), "one number, not 3")
  expect_refused(density_r(function(x) 3, init = list(x = 1)), "does not depend")
  expect_refused(density_r(function(x) NULL, init = list(x = 1)), "does not depend")
  expect_refused(density_r(function(x, z) x, init = list(x = 1, z = 2)), "does not depend on \"z\"")
  expect_refused(density_r(function(x) x + runif(1), init = list(x = 1)), "differ")
})

test_that("missing data", {
  expect_refused(density_r(function(x) sum(dnorm(c(1, NA), x, 1, log = TRUE)), init = list(x = 1)),
    "(?s)dnorm.*missing values")
  expect_refused(density_r(function(x) sum((c(1, NaN) - x)^2), init = list(x = 1)), "missing values")
  d <- density_r(function(x) sum(ifelse(c(FALSE, TRUE), c(NA, 2), x)), init = list(x = 1))
  expect_equal(log_prob(d, 3), 5)
})

test_that("parameters and initial values that do not match", {
  f <- function(loc, s, n = 3) loc * n + s
  expect_refused(density_r(f, init = list(loc = 1, scale = 1)), "scale.*no such argument")
  expect_refused(density_r(f, init = list(loc = 1)), "s.*neither an initial value nor a default")
  expect_refused(density_r(f), "init")
  expect_refused(density_r(f, init = list(1, 2)), "name for every")
  expect_refused(density_r(f, init = list(loc = "a", s = 1)), "numbers")
  expect_refused(density_r(f, init = list(loc = 1, s = NA_real_)), "missing")
  expect_refused(density_r(f, init = list(loc = 1, s = Inf)), "finite")
  expect_refused(density_r(f, data = list(m = 3), init = list(loc = 1, s = 1)), "no argument")
  expect_refused(density_r(f, data = list(3), init = list(loc = 1, s = 1)), "name for every")
  expect_refused(density_r(f, dims = list(loc = 0, s = 1)), "at least 1")
  expect_refused(density_r(3, init = list(x = 1)), "function")
  expect_refused(density_r(exp, init = list(x = 1)), "primitive")
  expect_refused(as_skeindensity(f), "init")
  expect_refused(as_skeindensity("a"), "function")
  d <- density_r(f, init = list(loc = 1, s = 1))
  expect_refused(log_prob(d, 1), "2 numbers")
  expect_refused(d$unconstrain(list(loc = 1)), "lacks")
  expect_refused(d$unconstrain(list(loc = 1, s = 1:2)), "1 number")
})

test_that("constraints", {
  f <- function(x) sum(dnorm(x, log = TRUE))
  one <- function(limit, x = c(0.2, 0.8)) density_r(f, init = list(x = x), constraints = list(x = limit))
  expect_refused(one(constraint(lower = 0), c(-1, 2)), "between its bounds")
  expect_refused(one(constraint("simplex"), c(0.2, 0.9)), "sum to 1")
  expect_refused(one(constraint("ordered"), c(2, 1)), "increase")
  expect_refused(one(constraint("simplex"), 1), "at least 2")
  expect_refused(one(constraint(lower = c(0, 0, 0))), "3 elements")
  expect_refused(one("positive"), "constraint")
  expect_refused(constraint(lower = 2, upper = 1), "below")
  expect_refused(constraint("simplex", lower = 0), "no bounds")
  expect_refused(constraint("positive"), "one of")
  expect_refused(constraint(lower = NA), "missing")
  expect_refused(density_r(f, init = list(x = 1), constraints = list(z = constraint())), "z")
})

test_that("wrong gradients name the coordinate", {
  f <- function(x, z) -sum(x^2) - z^4
  wrong <- function(x, z) list(x = -2 * x * c(1, 1.01), z = -4 * z^3)
  expect_refused(density_function(f, wrong, list(x = c(1, 2), z = 1)), "x\\[2\\]", "skein_gradient_error")
  expect_refused(density_function(f, function(x, z) 1, list(x = c(1, 2), z = 1)), "3 numbers")
  expect_refused(density_function(f, init = list(x = 1)), "gradient")
  expect_refused(density_function(function(x) NaN, function(x) 1, list(x = 1)), "NaN at this position")
  expect_refused(density_function(f, function(x, z) c(NaN, 1, 1), list(x = c(1, 2), z = 1)),
    "not finite for \"x\\[1\\]\"", "skein_gradient_error")
})
