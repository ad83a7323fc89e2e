# Bad input stops before sampling, with a message that names the culprit and what would be right.

bad_data <- data.frame(
  y = c(1.1, 2, 3, 4, 2, 1), x = c(0.1, -1, 2, 0.5, 1, 0), g = rep(c("a", "b"), 3),
  count = c(0, 1, 2, 3, -1, 2), half = c(0, 1, 2.5, 3, 1, 2), success = c(1, 2, 3, 4, 5, 6), size = 5,
  infinite = c(1, 2, Inf, 1, 1, 1), missing = c(1, NA, 2, 3, 4, 5), none = NA_real_, negative = c(1, 1, 1, -1, 1, 1)
)

# Puts a function that fails in the sampler's place until the calling test ends.
local_no_sampler <- function(envir = parent.frame()) {
  namespace <- asNamespace("skein")
  original <- get("sample_run", namespace)
  replace_with <- function(value) {
    unlockBinding("sample_run", namespace)
    assign("sample_run", value, namespace)
    lockBinding("sample_run", namespace)
  }
  replace_with(function(...) stop("the sampler was reached"))
  withr::defer(replace_with(original), envir)
}

# Each of `parts` must be in the message of the skein_error that `call` raises without sampling.
expect_refused <- function(call, ...) {
  expression <- substitute(call)
  error <- expect_error(call, class = "skein_error")
  for (part in c(...)) expect_match(conditionMessage(error), part, fixed = TRUE, info = deparse(expression)[1])
}

fit_bad <- function(formula, ..., data = bad_data) brm(formula, data, ..., refresh = 0)

test_that("unknown columns are named, with the nearest one", {
  local_no_sampler()
  expect_refused(fit_bad(y ~ xx), "\"xx\"", "data", "Did you mean \"x\"")
  expect_refused(fit_bad(yy ~ x), "\"yy\"", "Did you mean \"y\"")
  expect_refused(fit_bad(y ~ x + (1 | gg)), "\"gg\"", "Did you mean \"g\"")
  expect_refused(fit_bad(y ~ x + (xx | g)), "\"xx\"", "Did you mean \"x\"")
  expect_refused(fit_bad(success | trials(sizes) ~ x, binomial()), "\"sizes\"", "Did you mean \"size\"")
  expect_refused(fit_bad(y | weights(weight) ~ x), "\"weight\"", "data")
  expect_refused(fit_bad(y ~ x + offset(off)), "\"off\"", "data")
})

test_that("rows with NA are dropped with a warning, as in brms", {
  expect_warning(
    fit <- fit_bad(y ~ missing, chains = 0), "Rows containing NAs were excluded.*1 of 6.*\"missing\"",
    class = "skein_warning"
  )
  expect_identical(nobs(fit), 5L)
  expect_refused(fit_bad(y ~ none), "All rows", "\"none\"")
})

test_that("responses outside the family's support are named with their row", {
  local_no_sampler()
  expect_refused(fit_bad(count ~ x, poisson()), "`count`", "whole number of at least 0", "-1 in row 5")
  expect_refused(fit_bad(count ~ x, negbinomial()), "`count`", "whole number of at least 0", "-1 in row 5")
  expect_refused(fit_bad(half ~ x, poisson()), "`half`", "whole number", "2.5 in row 3")
  expect_refused(fit_bad(success | trials(size) ~ x, binomial()), "`success`", "6 in row 6", "trials, 5")
  expect_refused(fit_bad(success ~ x, binomial()), "trials", "bernoulli")
  expect_refused(fit_bad(success ~ x, bernoulli()), "bernoulli", "two different values", "`success`")
  expect_refused(fit_bad(infinite ~ x), "`infinite`", "finite", "Inf in row 3")
  expect_refused(fit_bad(g ~ x), "`g`", "numbers")
})

test_that("data without rows or that are no data are named", {
  local_no_sampler()
  expect_refused(fit_bad(y ~ x, data = bad_data[0, ]), "data", "no rows")
  expect_refused(fit_bad(y ~ x, data = NULL), "data", "must be given")
  expect_refused(fit_bad(y ~ x, data = "bad_data"), "data", "data frame", "\"bad_data\"")
  expect_refused(brm(y ~ x), "data", "must be given")
})

test_that("predictors that are not finite are named with their row", {
  local_no_sampler()
  expect_refused(fit_bad(y ~ infinite), "`infinite`", "finite", "Inf in row 3")
  expect_refused(suppressWarnings(fit_bad(y ~ log(x))), "`log(x)`", "finite", "NaN in row 2")
  expect_refused(fit_bad(y ~ x + (infinite | g)), "`infinite`", "finite", "row 3")
  expect_refused(fit_bad(y ~ x + offset(infinite)), "`infinite`", "offset", "finite", "row 3")
})

test_that("unknown families and links are named with what there is", {
  local_no_sampler()
  expect_refused(fit_bad(count ~ x, "poison"), "\"poison\"", "Did you mean \"poisson\"")
  expect_refused(fit_bad(y ~ x, 3), "family", "poisson()", "3")
  expect_refused(fit_bad(y ~ x, poisson("logit")), "\"logit\"", "poisson", "log")
  expect_refused(fit_bad(y ~ x, brmsfamily("gaussian", "cube")), "\"cube\"", "gaussian", "identity")
  expect_refused(fit_bad(y ~ x, "wiener"), "skein does not have wiener() yet")
})

test_that("formulas of parameters that are not there, and values out of their bounds, are named", {
  local_no_sampler()
  expect_refused(fit_bad(bf(y ~ x, zi ~ g)), "gaussian", "\"zi\"", "sigma")
  expect_refused(fit_bad(bf(y ~ x, sigma ~ xx)), "\"xx\"", "Did you mean \"x\"")
  expect_refused(fit_bad(bf(y ~ x, nu = 0.5), student()), "\"nu\"", "0.5", "at least 1")
  expect_refused(fit_bad(bf(count ~ x, zi = 2), zero_inflated_poisson()), "\"zi\"", "between 0 and 1")
  expect_refused(fit_bad(bf(y ~ (1 | i | g), sigma ~ (1 | i | count))), "\"i\"", "\"g\"", "\"count\"")
  expect_refused(fit_bad(y ~ (1 | gr(count, by = g))), "\"2\"", "several levels of `g`")
})

test_that("censoring, truncation, errors and denominators that cannot be are named with their row", {
  local_no_sampler()
  expect_refused(fit_bad(y | cens(success) ~ x), "`success`", "left, none, right or interval", "3 in row 3")
  expect_refused(fit_bad(y | cens(2) ~ x), "y2")
  expect_refused(fit_bad(y | cens(2, half) ~ x), "`y` is 1.1 in row 1", "upper end of its interval, 0")
  expect_refused(fit_bad(y | trunc(ub = 3) ~ x), "`y` is 4 in row 4", "bounds -Inf and 3")
  expect_refused(fit_bad(y | trunc(lb = size, ub = half) ~ x), "5 and 0 in row 1", "no response lies between")
  expect_refused(fit_bad(y | se(negative) ~ x), "`negative`", "standard error", "-1 in row 4")
  expect_refused(fit_bad(success | rate(half) ~ x, poisson()), "`half`", "denominator", "0 in row 1")
  expect_refused(fit_bad(y | subset(x > 5) ~ x), "`x > 5`", "no row")
})

test_that("unknown classes, distributions and parameters of priors are named", {
  local_no_sampler()
  refuse_prior <- function(prior, ...) expect_refused(fit_bad(y ~ x + (1 | g), prior = prior), ...)
  refuse_prior(prior(normal(0, 1), class = bb), "bb ~ normal(0, 1)", "Did you mean \"b\"", "default_prior()")
  refuse_prior(prior(gamma(2, 1), class = shape), "shape ~ gamma(2, 1)", "default_prior()")
  refuse_prior(prior(norml(0, 1), class = b), "\"norml\"", "Did you mean \"normal\"")
  refuse_prior(prior(normal(0), class = b), "normal(0)", "normal(location, scale)")
  refuse_prior(prior(normal(0, -1), class = b), "normal(0, -1)", "scale", "positive")
  refuse_prior(prior(normal(0, width), class = b), "`width`", "set_prior(sprintf(")
  refuse_prior(prior(normal(0, 1), class = b, coef = xx), "b_xx", "Did you mean \"x\"")
  refuse_prior(prior(normal(0, 1), class = sd, group = h), "sd_h", "default_prior()")
  refuse_prior("normal(0, 1)", "prior()", "normal(0, 1)")
  refuse_prior(prior(normal(0, 1), b) + prior(normal(0, 2), b), "Duplicated", "b ~ normal(0, 2)")
})

test_that("bounds that contradict are named", {
  local_no_sampler()
  refuse_prior <- function(prior, ...) expect_refused(fit_bad(y ~ x, prior = prior), ...)
  refuse_prior(prior(normal(0, 1), class = b, lb = 2, ub = 1), "<lower=2,upper=1> b", "below its upper bound")
  refuse_prior(prior(normal(0, 1), class = sigma, lb = -1), "<lower=-1> sigma", "cannot be negative")
  refuse_prior(prior(uniform(0, 1), class = b, lb = 2, ub = 3), "uniform(0, 1)", "no mass", "2 and 3")
  refuse_prior(prior(constant(-1), class = sigma), "constant(-1)", "\"sigma\"", "0 and Inf")
  expect_refused(prior(normal(0, 1), class = b, coef = x, lb = 0), "`lb`", "`coef`", "whole class")
})

test_that("counts of chains, iterations, cores and threads must be positive whole numbers", {
  local_no_sampler()
  for (name in c("chains", "iter", "thin", "cores", "threads")) {
    for (value in list(-1, 0, 1.5, NA, "two")) {
      if (name == "chains" && identical(value, 0)) next
      arguments <- c(list(y ~ x, bad_data), stats::setNames(list(value), name))
      expect_refused(do.call(brm, arguments), name, if (is.character(value)) value else format(value))
    }
  }
  for (value in list(-1, 0, 1.5, NA, "two")) {
    expect_refused(fit_bad(y ~ x, threads = threading(2, grainsize = value)), "grainsize", "whole number")
  }
  for (name in c("chains", "iter", "thin", "cores")) {
    expect_refused(do.call(brm, c(list(y ~ x, bad_data), stats::setNames(list(3e9), name))), name, "at most 2147483647")
  }
  expect_refused(fit_bad(y ~ x, threads = 3e9), "threads", "3e+09")
  expect_refused(fit_bad(y ~ x, iter = 100, warmup = 100), "`warmup` (100)", "less than `iter`")
})

test_that("unknown and impossible entries of control are named", {
  local_no_sampler()
  refuse_control <- function(control, ...) expect_refused(fit_bad(y ~ x, control = control), ...)
  refuse_control(list(adapt_dleta = 0.9), "\"adapt_dleta\"", "Did you mean \"adapt_delta\"")
  refuse_control(list(max_tree_depth = 0.9), "\"max_tree_depth\"", "Did you mean \"max_treedepth\"")
  refuse_control(list(adapt_delta = 1.5), "adapt_delta", "between 0 and 1", "1.5")
  refuse_control(list(max_treedepth = 0), "max_treedepth", "at least 1")
  refuse_control(list(max_treedepth = 31), "max_treedepth", "at most 30")
  refuse_control(list(metric = "full"), "metric", "\"diag_e\"", "\"full\"")
  refuse_control(list(stepsize = -0.1), "step_size", "positive", "-0.1")
  refuse_control(0.9, "control", "named list")
  refuse_control(list(0.9), "control", "adapt_delta = 0.95")
  expect_refused(fit_bad(y ~ x, adapt_delat = 0.9), "\"adapt_delat\"", "Did you mean \"adapt_delta\"")
  expect_refused(fit_bad(y ~ x, refresh = "no"), "refresh", "whole number")
})

test_that("initial values out of bounds or of the wrong length are named", {
  local_no_sampler()
  refuse_init <- function(init, ...) expect_refused(fit_bad(y ~ x, init = init, chains = 1), ...)
  refuse_init(list(list(sigma = -1)), "\"sigma\"", "-1", "greater than 0")
  refuse_init(list(list(Intercept = Inf)), "\"Intercept\"", "not finite")
  refuse_init(list(list(b = c(1, 2))), "\"b\"", "2 elements", "1 is needed")
  refuse_init(list(list(b = 1), list(b = 2)), "2 lists", "1 chain")
  refuse_init("zero", "random", "zero")
  refuse_init(-1, "init", "at least 0")
})

test_that("a metric of the wrong length or kind is named", {
  local_no_sampler()
  expect_refused(fit_bad(y ~ x, inv_metric = c(1, 1)), "length 2", "3 unconstrained parameters")
  expect_refused(fit_bad(y ~ x, inv_metric = diag(2)), "length 2", "3 unconstrained parameters")
  expect_refused(fit_bad(y ~ x, inv_metric = c(1, 1, -1)), "inv_metric", "positive", "element 3")
  expect_refused(fit_bad(y ~ x, inv_metric = list(1:3, 1:3), chains = 3), "2 elements", "3 chains")
  expect_refused(fit_bad(y ~ x, step_size = c(0.1, 0.1), chains = 3), "step_size", "3", "2")
})

test_that("negative weights are named with their row", {
  local_no_sampler()
  expect_refused(fit_bad(y | weights(negative) ~ x), "`negative`", "at least 0", "-1 in row 4")
  expect_refused(fit_bad(y | weights(infinite) ~ x), "`infinite`", "finite", "Inf in row 3")
})

test_that("a file that cannot be written is found before sampling", {
  local_no_sampler()
  directory <- withr::local_tempdir()
  expect_refused(fit_bad(y ~ x, file = file.path(directory, "missing", "fit")), "missing", "does not exist")
  dir.create(file.path(directory, "taken.rds"))
  expect_refused(
    fit_bad(y ~ x, file = file.path(directory, "taken"), file_refit = "always"), "taken.rds", "cannot be written"
  )
  expect_refused(fit_bad(y ~ x, file = 3), "file", "string")
})

test_that("a density that is finite at no random start stops and names the parameters at fault", {
  # exp(1e200 b) overflows unless b is 0.
  huge <- transform(bad_data, x = x * 1e200, count = abs(count))
  error <- expect_error(
    brm(count ~ x, huge, poisson(), chains = 1, iter = 10, refresh = 0, seed = 1), class = "skein_error"
  )
  expect_match(conditionMessage(error), "b_x", fixed = TRUE)
  expect_match(conditionMessage(error), "init", fixed = TRUE)
})
