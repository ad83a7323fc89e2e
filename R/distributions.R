# Distribution functions of the families, by brms's names: what all of them share, and the continuous ones.

#' Distributions of continuous responses
#'
#' Density, distribution function, quantile function and random numbers of the families of [brm()] that base R lacks, in
#' the parameters of \pkg{brms}: Student's t by location and scale; the skew normal by mean and standard deviation (or
#' by `xi` and `omega`, location and scale); the exponentially modified Gaussian by the mean of the whole; the
#' log-normal shifted to the right; the inverse Gaussian by mean and shape; and the hurdle distributions, which are 0
#' with probability `hu`.
#'
#' @param x,q Where.
#' @param p Probabilities.
#' @param n How many; if there are several numbers, as many as there are of them.
#' @param df,mu,sigma,alpha,xi,omega,beta,meanlog,sdlog,shift,shape Parameters. `beta` is the mean of the
#'   exponential part.
#' @param log,log.p Logarithms of densities and probabilities?
#' @param lower.tail Probabilities of `q` or less (`TRUE`), or of more than `q`?
#' @param tol Ignored: quantiles are found to the accuracy of the distribution function.
#' @return Numbers, as many as the longest argument has.
#' @examples
#' pexgaussian(1, mu = 1, sigma = 0.5, beta = 0.5)
#' qstudent_t(0.975, df = 3)
#' @name continuous-distributions
NULL

# Arguments of a distribution function, recycled to the length of the longest.
recycled <- function(...) {
  given <- list(...)
  given <- given[!vapply(given, is.null, NA)]
  lengths <- lengths(given)
  n <- if (any(lengths == 0)) 0 else max(lengths)
  lapply(given, function(x) rep_len(as.double(x), n))
}

check_positive <- function(...) {
  given <- list(...)
  for (name in names(given)) {
    if (any(given[[name]] <= 0, na.rm = TRUE)) skein_stop("{.arg {name}} must be greater than 0.")
  }
}

check_probability <- function(...) {
  given <- list(...)
  for (name in names(given)) {
    if (any(given[[name]] < 0 | given[[name]] > 1, na.rm = TRUE)) skein_stop("{.arg {name}} must lie between 0 and 1.")
  }
}

# P(Y <= q) or P(Y > q) by the C++ family. values: recycled q, mu, dpars by name, and trials where the family has them.
tail_probability <- function(family, values, lower.tail, log.p) {
  dpars <- family_info(family)$dpars
  n <- length(values$q)
  complete <- stats::complete.cases(as.data.frame(values)) & is.finite(values$q)
  columns <- matrix(unlist(values[dpars]), n)[complete, , drop = FALSE]
  trials <- if (is.null(values$trials)) rep(0, n) else values$trials
  both <- family_tails(family, values$q[complete], values$mu[complete], columns, trials[complete])
  out <- rep(NA_real_, n)
  out[complete] <- both[, if (lower.tail) 1 else 2]
  # Outside the real line.
  at_end <- !is.na(values$q) & is.infinite(values$q)
  out[at_end] <- ifelse((values$q[at_end] > 0) == lower.tail, 0, -Inf)
  if (log.p) out else exp(out)
}

# Probabilities as they are given to a quantile function -> P(Y <= q).
lower_probability <- function(p, lower.tail, log.p) {
  if (log.p) p <- exp(p)
  check_probability(p = p)
  if (lower.tail) p else 1 - p
}

# q with cdf(q, i) = p[i], of continuous distributions on (lower, Inf). cdf(q, i, lower.tail): the i-th distribution's.
continuous_quantile <- function(p, cdf, center, spread, lower = -Inf) {
  vapply(seq_along(p), function(i) {
    if (is.na(p[i]) || is.na(center[i]) || is.na(spread[i])) {
      return(NA_real_)
    }
    if (p[i] %in% 0:1) {
      return(if (p[i] == 0) lower else Inf)
    }
    # Of the two tails the smaller, which does not round to 1.
    upper_tail <- p[i] > 0.5
    target <- if (upper_tail) log1p(-p[i]) else log(p[i])
    distance <- function(q) {
      value <- cdf(q, i, !upper_tail)
      if (upper_tail) target - value else value - target
    }
    ends <- center[i] + c(-1, 1) * spread[i]
    while (ends[1] > lower && distance(max(ends[1], lower)) > 0) ends[1] <- center[i] - 2 * (center[i] - ends[1])
    while (distance(ends[2]) < 0) ends[2] <- center[i] + 2 * (ends[2] - center[i])
    # The logarithm is -Inf at the end of the support.
    from <- max(ends[1], lower + spread[i] * 1e-12)
    if (distance(from) > 0) {
      return(from)
    }
    stats::uniroot(distance, c(from, ends[2]), f.lower = max(distance(from), -1e3), tol = spread[i] * 1e-10)$root
  }, 0)
}

n_random <- function(n) if (length(n) > 1) length(n) else check_whole_number(n, "n", min = 0)

log_or_not <- function(out, log) if (log) out else exp(out)

#' @rdname continuous-distributions
#' @export
dstudent_t <- function(x, df, mu = 0, sigma = 1, log = FALSE) {
  check_positive(sigma = sigma)
  log_or_not(stats::dt((x - mu) / sigma, df, log = TRUE) - log(sigma), log)
}

#' @rdname continuous-distributions
#' @export
pstudent_t <- function(q, df, mu = 0, sigma = 1, lower.tail = TRUE, log.p = FALSE) {
  check_positive(sigma = sigma)
  stats::pt((q - mu) / sigma, df, lower.tail = lower.tail, log.p = log.p)
}

#' @rdname continuous-distributions
#' @export
qstudent_t <- function(p, df, mu = 0, sigma = 1, lower.tail = TRUE, log.p = FALSE) {
  check_positive(sigma = sigma)
  mu + sigma * stats::qt(p, df, lower.tail = lower.tail, log.p = log.p)
}

#' @rdname continuous-distributions
#' @export
rstudent_t <- function(n, df, mu = 0, sigma = 1) {
  check_positive(sigma = sigma)
  mu + sigma * stats::rt(n_random(n), df)
}

# Recycled values with location xi and scale omega, mean mu and standard deviation sigma.
skew_normal_values <- function(at, mu, sigma, alpha, xi, omega) {
  if (is.null(xi) != is.null(omega)) skein_stop("{.arg xi} and {.arg omega} must be given together.")
  share <- function(alpha) alpha / sqrt(1 + alpha^2) * sqrt(2 / pi)
  if (is.null(xi)) {
    check_positive(sigma = sigma)
    values <- recycled(q = at, mu = mu, sigma = sigma, alpha = alpha)
    values$omega <- values$sigma / sqrt(1 - share(values$alpha)^2)
    values$xi <- values$mu - values$omega * share(values$alpha)
    return(values)
  }
  check_positive(omega = omega)
  values <- recycled(q = at, xi = xi, omega = omega, alpha = alpha)
  values$mu <- values$xi + values$omega * share(values$alpha)
  values$sigma <- values$omega * sqrt(1 - share(values$alpha)^2)
  values
}

#' @rdname continuous-distributions
#' @export
dskew_normal <- function(x, mu = 0, sigma = 1, alpha = 0, xi = NULL, omega = NULL, log = FALSE) {
  v <- skew_normal_values(x, mu, sigma, alpha, xi, omega)
  z <- (v$q - v$xi) / v$omega
  log_or_not(log(2) - log(v$omega) + stats::dnorm(z, log = TRUE) + stats::pnorm(v$alpha * z, log.p = TRUE), log)
}

#' @rdname continuous-distributions
#' @export
pskew_normal <- function(q, mu = 0, sigma = 1, alpha = 0, xi = NULL, omega = NULL, lower.tail = TRUE,
                         log.p = FALSE) {
  values <- skew_normal_values(q, mu, sigma, alpha, xi, omega)
  tail_probability("skew_normal", values[c("q", "mu", "sigma", "alpha")], lower.tail, log.p)
}

#' @rdname continuous-distributions
#' @export
qskew_normal <- function(p, mu = 0, sigma = 1, alpha = 0, xi = NULL, omega = NULL, lower.tail = TRUE, log.p = FALSE,
                         tol = 1e-8) {
  v <- skew_normal_values(lower_probability(p, lower.tail, log.p), mu, sigma, alpha, xi, omega)
  cdf <- function(q, i, lower) pskew_normal(q, v$mu[i], v$sigma[i], v$alpha[i], lower.tail = lower, log.p = TRUE)
  continuous_quantile(v$q, cdf, v$mu, v$sigma)
}

#' @rdname continuous-distributions
#' @export
rskew_normal <- function(n, mu = 0, sigma = 1, alpha = 0, xi = NULL, omega = NULL) {
  n <- n_random(n)
  v <- skew_normal_values(rep(0, n), mu, sigma, alpha, xi, omega)
  delta <- v$alpha / sqrt(1 + v$alpha^2)
  half <- abs(stats::rnorm(n))
  (v$xi + v$omega * (delta * half + sqrt(1 - delta^2) * stats::rnorm(n)))[seq_len(n)]
}

#' @rdname continuous-distributions
#' @export
dexgaussian <- function(x, mu, sigma, beta, log = FALSE) {
  check_positive(sigma = sigma, beta = beta)
  # An exponential of mean beta added to a normal of mean mu - beta.
  from_normal <- x - (mu - beta)
  out <- -log(beta) - from_normal / beta + sigma^2 / (2 * beta^2) +
    stats::pnorm(from_normal / sigma - sigma / beta, log.p = TRUE)
  log_or_not(out, log)
}

#' @rdname continuous-distributions
#' @export
pexgaussian <- function(q, mu, sigma, beta, lower.tail = TRUE, log.p = FALSE) {
  check_positive(sigma = sigma, beta = beta)
  tail_probability("exgaussian", recycled(q = q, mu = mu, sigma = sigma, beta = beta), lower.tail, log.p)
}

#' @rdname continuous-distributions
#' @export
qexgaussian <- function(p, mu, sigma, beta, lower.tail = TRUE, log.p = FALSE, tol = 1e-8) {
  v <- recycled(p = lower_probability(p, lower.tail, log.p), mu = mu, sigma = sigma, beta = beta)
  cdf <- function(q, i, lower) pexgaussian(q, v$mu[i], v$sigma[i], v$beta[i], lower, log.p = TRUE)
  continuous_quantile(v$p, cdf, v$mu, sqrt(v$sigma^2 + v$beta^2))
}

#' @rdname continuous-distributions
#' @export
rexgaussian <- function(n, mu, sigma, beta) {
  check_positive(sigma = sigma, beta = beta)
  n <- n_random(n)
  stats::rnorm(n, mu - beta, sigma) + stats::rexp(n, 1 / beta)
}

#' @rdname continuous-distributions
#' @export
dshifted_lnorm <- function(x, meanlog = 0, sdlog = 1, shift = 0, log = FALSE) {
  stats::dlnorm(x - shift, meanlog, sdlog, log = log)
}

#' @rdname continuous-distributions
#' @export
pshifted_lnorm <- function(q, meanlog = 0, sdlog = 1, shift = 0, lower.tail = TRUE, log.p = FALSE) {
  stats::plnorm(q - shift, meanlog, sdlog, lower.tail = lower.tail, log.p = log.p)
}

#' @rdname continuous-distributions
#' @export
qshifted_lnorm <- function(p, meanlog = 0, sdlog = 1, shift = 0, lower.tail = TRUE, log.p = FALSE) {
  shift + stats::qlnorm(p, meanlog, sdlog, lower.tail = lower.tail, log.p = log.p)
}

#' @rdname continuous-distributions
#' @export
rshifted_lnorm <- function(n, meanlog = 0, sdlog = 1, shift = 0) shift + stats::rlnorm(n_random(n), meanlog, sdlog)

#' @rdname continuous-distributions
#' @export
dinv_gaussian <- function(x, mu = 1, shape = 1, log = FALSE) {
  check_positive(mu = mu, shape = shape)
  v <- recycled(x = x, mu = mu, shape = shape)
  inside <- v$x > 0
  at <- ifelse(inside, v$x, 1)
  out <- 0.5 * log(v$shape / (2 * pi * at^3)) - v$shape * (at - v$mu)^2 / (2 * v$mu^2 * at)
  log_or_not(ifelse(inside, out, -Inf), log)
}

#' @rdname continuous-distributions
#' @export
pinv_gaussian <- function(q, mu = 1, shape = 1, lower.tail = TRUE, log.p = FALSE) {
  check_positive(mu = mu, shape = shape)
  tail_probability("inverse.gaussian", recycled(q = q, mu = mu, shape = shape), lower.tail, log.p)
}

#' @rdname continuous-distributions
#' @export
qinv_gaussian <- function(p, mu = 1, shape = 1, lower.tail = TRUE, log.p = FALSE, tol = 1e-8) {
  v <- recycled(p = lower_probability(p, lower.tail, log.p), mu = mu, shape = shape)
  cdf <- function(q, i, lower) pinv_gaussian(q, v$mu[i], v$shape[i], lower, log.p = TRUE)
  continuous_quantile(v$p, cdf, v$mu, sqrt(v$mu^3 / v$shape), lower = 0)
}

#' @rdname continuous-distributions
#' @export
rinv_gaussian <- function(n, mu = 1, shape = 1) {
  check_positive(mu = mu, shape = shape)
  n <- n_random(n)
  # The roots of a quadratic in a squared normal, in fixed shares (Michael, Schucany and Haas, 1976).
  chi <- stats::rnorm(n)^2
  root <- mu + mu^2 * chi / (2 * shape) - mu / (2 * shape) * sqrt(4 * mu * shape * chi + mu^2 * chi^2)
  ifelse(stats::runif(n) * (mu + root) <= mu, root, mu^2 / root)
}
