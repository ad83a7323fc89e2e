# The distributions that priors may have: arguments, support, masses, quantiles; and the reader of a prior's text.

# One entry: names of the arguments, which of them must be positive, the support that bounds are compared with (brms's;
# a uniform counts as unbounded), cdf(q, arguments, lower, log) and quantile(p, arguments, lower), p being a log.
distribution_entry <- function(arguments, positive, support, cdf, quantile) {
  list(arguments = arguments, positive = positive, support = support, cdf = cdf, quantile = quantile)
}

location_scale <- function(p, q) {
  distribution_entry(
    c("location", "scale"), "scale", c(-Inf, Inf),
    function(x, a, lower, log) p(x, a[1], a[2], lower.tail = lower, log.p = log),
    function(x, a, lower) q(x, a[1], a[2], lower.tail = lower, log.p = TRUE)
  )
}

positive_support <- function(arguments, positive, p, q) {
  distribution_entry(
    arguments, positive, c(0, Inf),
    function(x, a, lower, log) p(x, a, lower, log),
    function(x, a, lower) q(x, a, lower)
  )
}

# Laplace: half exp(-|z|) in the nearer tail, so the log is exact there; the other tail by log1p.
double_exponential_cdf <- function(x, location, scale, lower.tail, log.p) {
  z <- (x - location) / scale
  if (!lower.tail) z <- -z
  log_tail <- ifelse(z < 0, z - log(2), log1p(-exp(-abs(z)) / 2))
  if (log.p) log_tail else exp(log_tail)
}

double_exponential_quantile <- function(p, location, scale, lower.tail, log.p) {
  z <- ifelse(p < -log(2), p + log(2), -log(2) - log(-expm1(p)))
  location + scale * (if (lower.tail) z else -z)
}

# Draws and masses of each prior; the densities themselves are C++ (prior/registry.hpp), under the same names.
prior_distributions <- function() {
  list(
    normal = location_scale(stats::pnorm, stats::qnorm),
    cauchy = location_scale(stats::pcauchy, stats::qcauchy),
    logistic = location_scale(stats::plogis, stats::qlogis),
    double_exponential = location_scale(double_exponential_cdf, double_exponential_quantile),
    student_t = distribution_entry(
      c("df", "location", "scale"), c("df", "scale"), c(-Inf, Inf),
      function(x, a, lower, log) stats::pt((x - a[2]) / a[3], a[1], lower.tail = lower, log.p = log),
      function(x, a, lower) a[2] + a[3] * stats::qt(x, a[1], lower.tail = lower, log.p = TRUE)
    ),
    uniform = distribution_entry(
      c("lower", "upper"), character(0), c(-Inf, Inf),
      function(x, a, lower, log) stats::punif(x, a[1], a[2], lower.tail = lower, log.p = log),
      function(x, a, lower) stats::qunif(x, a[1], a[2], lower.tail = lower, log.p = TRUE)
    ),
    beta = distribution_entry(
      c("shape1", "shape2"), c("shape1", "shape2"), c(0, 1),
      function(x, a, lower, log) stats::pbeta(x, a[1], a[2], lower.tail = lower, log.p = log),
      function(x, a, lower) stats::qbeta(x, a[1], a[2], lower.tail = lower, log.p = TRUE)
    ),
    exponential = positive_support(
      "rate", "rate",
      function(x, a, lower, log) stats::pexp(x, a, lower.tail = lower, log.p = log),
      function(x, a, lower) stats::qexp(x, a, lower.tail = lower, log.p = TRUE)
    ),
    gamma = positive_support(
      c("shape", "rate"), c("shape", "rate"),
      function(x, a, lower, log) stats::pgamma(x, a[1], rate = a[2], lower.tail = lower, log.p = log),
      function(x, a, lower) stats::qgamma(x, a[1], rate = a[2], lower.tail = lower, log.p = TRUE)
    ),
    inv_gamma = positive_support(
      c("shape", "scale"), c("shape", "scale"),
      function(x, a, lower, log) stats::pgamma(1 / pmax(x, 0), a[1], rate = a[2], lower.tail = !lower, log.p = log),
      function(x, a, lower) 1 / stats::qgamma(x, a[1], rate = a[2], lower.tail = !lower, log.p = TRUE)
    ),
    lognormal = positive_support(
      c("meanlog", "sdlog"), "sdlog",
      function(x, a, lower, log) stats::plnorm(x, a[1], a[2], lower.tail = lower, log.p = log),
      function(x, a, lower) stats::qlnorm(x, a[1], a[2], lower.tail = lower, log.p = TRUE)
    ),
    lkj = distribution_entry("eta", "eta", c(-Inf, Inf), NULL, NULL)
  )
}

# Stan's and brms's other priors: known, so that they are refused as missing and not as a slip of the pen.
other_prior_names <- c(
  "chi_square", "inv_chi_square", "scaled_inv_chi_square", "weibull", "frechet", "rayleigh", "loglogistic", "pareto",
  "pareto_type_2", "gumbel", "skew_normal", "exp_mod_normal", "skew_double_exponential", "beta_proportion",
  "von_mises", "wiener", "dirichlet", "multi_normal", "multi_normal_prec", "multi_normal_cholesky", "multi_student_t",
  "wishart", "inv_wishart", "horseshoe", "R2D2", "lasso"
)

# Text of a prior -> list(distribution, arguments), with distribution "flat" for "" and "constant" for fixed values.
read_prior <- function(text) {
  if (!nzchar(trimws(text))) {
    return(list(distribution = "flat", arguments = numeric(0)))
  }
  call <- tryCatch(parse(text = text, keep.source = FALSE), error = function(e) NULL)
  complete <- length(call) == 1 && is.call(call[[1]]) && is.name(call[[1]][[1]]) &&
    !any(vapply(as.list(call[[1]]), identical, logical(1), quote(expr = )))
  if (!complete) {
    skein_stop(c(
      "The prior {.val {text}} cannot be read.",
      i = "A prior is one distribution and its arguments, such as normal(0, 1)."
    ))
  }
  call <- call[[1]]
  name <- as.character(call[[1]])
  if (name == "constant") call <- drop_broadcast(call, text)
  if (name == "std_normal" && length(call) == 1) {
    return(list(distribution = "normal", arguments = c(0, 1)))
  }
  if (name %in% c("lkj_corr", "lkj_corr_cholesky")) name <- "lkj"
  arguments <- vapply(as.list(call)[-1], prior_number, numeric(1), text = text, USE.NAMES = FALSE)
  check_prior_arguments(name, arguments, text)
  list(distribution = name, arguments = arguments)
}

drop_broadcast <- function(call, text) {
  at <- which(names(call) == "broadcast")
  if (!length(at) && length(call) == 3 && is.logical(call[[3]])) at <- 3
  if (!length(at)) {
    return(call)
  }
  if (!isTRUE(call[[at]])) stop_not_yet(sprintf("constant(broadcast = FALSE), as in the prior \"%s\",", text))
  call[-at]
}

check_prior_arguments <- function(name, arguments, text) {
  if (name == "constant") {
    entry <- list(arguments = "value", positive = character(0))
  } else {
    check_prior_name(name, text)
    entry <- prior_distributions()[[name]]
  }
  if (length(arguments) != length(entry$arguments)) {
    usage <- sprintf("%s(%s)", name, paste(entry$arguments, collapse = ", "))
    n <- length(entry$arguments)
    skein_stop("The prior {.val {text}} has {length(arguments)} argument{?s} where {usage} needs {n}.")
  }
  wrong <- entry$arguments[entry$arguments %in% entry$positive & !(arguments > 0)]
  if (length(wrong)) {
    value <- arguments[match(wrong[1], entry$arguments)]
    skein_stop("The {wrong[1]} of the prior {.val {text}} must be positive, not {value}.")
  }
  if (name == "uniform" && arguments[1] >= arguments[2]) {
    skein_stop("The lower end of the prior {.val {text}} must be below its upper end.")
  }
}

check_prior_name <- function(name, text) {
  known <- names(prior_distributions())
  if (name %in% known) {
    return(invisible(name))
  }
  if (name %in% c("horseshoe", "R2D2", "lasso")) stop_not_yet(paste0(name, "()"))
  if (name %in% other_prior_names) stop_not_yet(paste0(name, "() priors"))
  stop_with_suggestion(
    "The prior {.val {text}} has an unknown distribution {.val {name}}.", name, c(known, "std_normal", "constant")
  )
}

# Functions of numbers that Stan has too; everything else in a prior's arguments is refused.
prior_arithmetic <- list(
  "(" = function(x) x, "+" = `+`, "-" = `-`, "*" = `*`, "/" = `/`, "^" = `^`, pow = `^`, sqrt = sqrt,
  square = function(x) x^2, inv = function(x) 1 / x, exp = exp, expm1 = expm1, log = log, log1p = log1p, log2 = log2,
  log10 = log10, abs = abs, fabs = abs, fmin = min, fmax = max, pi = function() pi, e = function() exp(1)
)

# One argument's expression -> a finite number.
prior_number <- function(expression, text) {
  value <- prior_value(expression, text)
  if (!is.numeric(value) || length(value) != 1 || !is.finite(value)) {
    skein_stop("{.code {deparse_prior_argument(expression)}} in the prior {.val {text}} is not a finite number.")
  }
  as.double(value)
}

prior_value <- function(expression, text) {
  if (is.numeric(expression)) {
    return(expression)
  }
  if (is.name(expression)) {
    name <- as.character(expression)
    if (name == "pi") {
      return(pi)
    }
    skein_stop(c(
      "The prior {.val {text}} needs numbers, and {.code {name}} is a name.",
      i = "To paste in a value, use {.code set_prior(sprintf(\"...(%s)\", {name}))}."
    ))
  }
  fun <- if (is.call(expression) && is.name(expression[[1]])) as.character(expression[[1]])
  if (is.null(fun) || !fun %in% names(prior_arithmetic)) {
    skein_stop(c(
      "{.code {deparse_prior_argument(expression)}} in the prior {.val {text}} is not arithmetic on numbers.",
      i = "Usable are + - * / ^ and functions such as sqrt(), exp() and log()."
    ))
  }
  values <- lapply(as.list(expression)[-1], prior_value, text = text)
  tryCatch(
    suppressWarnings(do.call(prior_arithmetic[[fun]], values)),
    error = function(e) {
      skein_stop("{.code {deparse_prior_argument(expression)}} in the prior {.val {text}} is not valid arithmetic.")
    }
  )
}

# log P(lower < X < upper). Where both bounds cut, both are measured from the tail that is nearer to them, so that
# the difference does not cancel far out.
prior_log_mass <- function(prior, lower, upper) {
  cdf <- prior_distributions()[[prior$distribution]]$cdf
  a <- prior$arguments
  if (upper == Inf) {
    return(cdf(lower, a, FALSE, TRUE))
  }
  if (lower == -Inf) {
    return(cdf(upper, a, TRUE, TRUE))
  }
  in_upper_tail <- cdf(lower, a, TRUE, FALSE) > 0.5
  far <- if (in_upper_tail) cdf(lower, a, FALSE, TRUE) else cdf(upper, a, TRUE, TRUE)
  near <- if (in_upper_tail) cdf(upper, a, FALSE, TRUE) else cdf(lower, a, TRUE, TRUE)
  if (near >= far) -Inf else far + log(-expm1(near - far))
}

# Values of the prior within (lower, upper) at probabilities u of the truncated distribution, by its inverse cdf,
# from the upper tail where the lower bound lies there.
prior_quantile <- function(prior, u, lower, upper) {
  entry <- prior_distributions()[[prior$distribution]]
  a <- prior$arguments
  in_upper_tail <- lower > -Inf && entry$cdf(lower, a, TRUE, FALSE) > 0.5
  far <- if (in_upper_tail) entry$cdf(lower, a, FALSE, TRUE) else entry$cdf(upper, a, TRUE, TRUE)
  near <- if (in_upper_tail) entry$cdf(upper, a, FALSE, TRUE) else entry$cdf(lower, a, TRUE, TRUE)
  if (in_upper_tail) u <- 1 - u
  log_p <- far + log(u + (1 - u) * exp(near - far))
  pmin(pmax(entry$quantile(log_p, a, !in_upper_tail), lower), upper)
}
