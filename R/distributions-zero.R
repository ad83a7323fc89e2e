# Distributions with probability of their own at 0, and the beta-binomial, by brms's names.

#' Distributions of counts, and of responses with zeros
#'
#' Density, distribution function, quantile function and random numbers in the parameters of \pkg{brms}. Zero-inflated
#' distributions are 0 with probability `zi` besides the zeros of the distribution itself; hurdle distributions are 0
#' with probability `hu` and follow the distribution without its zeros otherwise.
#'
#' @inheritParams continuous-distributions
#' @param lambda,mu,shape,size,prob,phi,scale,sigma,zi,hu Parameters: mean (`lambda`, `mu`), shape of the negative
#'   binomial and gamma distributions, number of trials, probability, precision of the beta distribution, scale of the
#'   gamma distribution; `mu` and `sigma` of the log-normal on the log scale; probabilities of zeros.
#' @return Numbers, as many as the longest argument has.
#' @examples
#' dhurdle_poisson(0:3, lambda = 2, hu = 0.3)
#' qzero_inflated_poisson(0.5, lambda = 2, zi = 0.3)
#' @name zero-distributions
NULL

# log f(x) of the distribution itself and log f(0) -> the zero-inflated one's.
inflated_density <- function(x, log_f, log_f0, zi, log) {
  check_probability(zi = zi)
  log_or_not(ifelse(x == 0, log(zi + (1 - zi) * exp(log_f0)), log1p(-zi) + log_f), log)
}

# log_f0 is -Inf for continuous distributions.
hurdle_density <- function(x, log_f, log_f0, hu, log) {
  check_probability(hu = hu)
  out <- ifelse(x == 0, log(hu), log1p(-hu) + log_f - log(-expm1(log_f0)))
  log_or_not(ifelse(x < 0, -Inf, out), log)
}

# quantile(p): that of the distribution itself.
inflated_quantile <- function(p, zi, quantile) {
  check_probability(zi = zi)
  quantile(pmax(0, (p - zi) / (1 - zi)))
}

hurdle_quantile <- function(p, hu, f0, quantile) {
  check_probability(hu = hu)
  # Probabilities that rounding puts next to a jump belong to it.
  above <- p > hu * (1 + 64 * .Machine$double.eps)
  ifelse(above, quantile(pmin(1, f0 + (1 - f0) * pmax(0, p - hu) / (1 - hu))), 0)
}

#' @rdname zero-distributions
#' @export
dbeta_binomial <- function(x, size, mu, phi, log = FALSE) {
  check_positive(phi = phi)
  check_probability(mu = mu)
  v <- recycled(x = x, size = size, mu = mu, phi = phi)
  inside <- v$x >= 0 & v$x <= v$size & v$x == floor(v$x)
  at <- ifelse(inside, v$x, 0)
  a <- v$mu * v$phi
  b <- (1 - v$mu) * v$phi
  out <- lchoose(v$size, at) + lbeta(at + a, v$size - at + b) - lbeta(a, b)
  log_or_not(ifelse(inside, out, -Inf), log)
}

#' @rdname zero-distributions
#' @export
pbeta_binomial <- function(q, size, mu, phi, lower.tail = TRUE, log.p = FALSE) {
  check_positive(phi = phi)
  check_probability(mu = mu)
  tail_probability("beta_binomial", recycled(q = q, mu = mu, phi = phi, trials = size), lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qbeta_binomial <- function(p, size, mu, phi, lower.tail = TRUE, log.p = FALSE) {
  v <- recycled(p = lower_probability(p, lower.tail, log.p), size = size, mu = mu, phi = phi)
  vapply(seq_along(v$p), function(i) {
    if (anyNA(c(v$p[i], v$size[i], v$mu[i], v$phi[i]))) {
      return(NA_real_)
    }
    below <- cumsum(dbeta_binomial(seq(0, v$size[i]), v$size[i], v$mu[i], v$phi[i]))
    # As base R's quantiles of counts: a probability that only rounding puts above p is reached.
    min(sum(below < v$p[i] * (1 - 64 * .Machine$double.eps)), v$size[i])
  }, 0)
}

#' @rdname zero-distributions
#' @export
rbeta_binomial <- function(n, size, mu, phi) {
  check_positive(phi = phi)
  check_probability(mu = mu)
  n <- n_random(n)
  stats::rbinom(n, size, stats::rbeta(n, mu * phi, (1 - mu) * phi))
}

#' @rdname zero-distributions
#' @export
dzero_inflated_poisson <- function(x, lambda, zi, log = FALSE) {
  inflated_density(x, stats::dpois(x, lambda, log = TRUE), -lambda, zi, log)
}

#' @rdname zero-distributions
#' @export
pzero_inflated_poisson <- function(q, lambda, zi, lower.tail = TRUE, log.p = FALSE) {
  check_probability(zi = zi)
  tail_probability("zero_inflated_poisson", recycled(q = q, mu = lambda, zi = zi), lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qzero_inflated_poisson <- function(p, lambda, zi, lower.tail = TRUE, log.p = FALSE) {
  inflated_quantile(lower_probability(p, lower.tail, log.p), zi, function(p) stats::qpois(p, lambda))
}

#' @rdname zero-distributions
#' @export
dzero_inflated_negbinomial <- function(x, mu, shape, zi, log = FALSE) {
  log_f <- stats::dnbinom(x, size = shape, mu = mu, log = TRUE)
  inflated_density(x, log_f, stats::dnbinom(0, size = shape, mu = mu, log = TRUE), zi, log)
}

#' @rdname zero-distributions
#' @export
pzero_inflated_negbinomial <- function(q, mu, shape, zi, lower.tail = TRUE, log.p = FALSE) {
  check_probability(zi = zi)
  values <- recycled(q = q, mu = mu, shape = shape, zi = zi)
  tail_probability("zero_inflated_negbinomial", values, lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qzero_inflated_negbinomial <- function(p, mu, shape, zi, lower.tail = TRUE, log.p = FALSE) {
  quantile <- function(p) stats::qnbinom(p, size = shape, mu = mu)
  inflated_quantile(lower_probability(p, lower.tail, log.p), zi, quantile)
}

#' @rdname zero-distributions
#' @export
dzero_inflated_binomial <- function(x, size, prob, zi, log = FALSE) {
  log_f <- stats::dbinom(x, size, prob, log = TRUE)
  inflated_density(x, log_f, stats::dbinom(0, size, prob, log = TRUE), zi, log)
}

#' @rdname zero-distributions
#' @export
pzero_inflated_binomial <- function(q, size, prob, zi, lower.tail = TRUE, log.p = FALSE) {
  check_probability(zi = zi, prob = prob)
  values <- recycled(q = q, mu = prob, zi = zi, trials = size)
  tail_probability("zero_inflated_binomial", values, lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qzero_inflated_binomial <- function(p, size, prob, zi, lower.tail = TRUE, log.p = FALSE) {
  inflated_quantile(lower_probability(p, lower.tail, log.p), zi, function(p) stats::qbinom(p, size, prob))
}

#' @rdname zero-distributions
#' @export
dhurdle_poisson <- function(x, lambda, hu, log = FALSE) {
  hurdle_density(x, stats::dpois(x, lambda, log = TRUE), -lambda, hu, log)
}

#' @rdname zero-distributions
#' @export
phurdle_poisson <- function(q, lambda, hu, lower.tail = TRUE, log.p = FALSE) {
  check_probability(hu = hu)
  tail_probability("hurdle_poisson", recycled(q = q, mu = lambda, hu = hu), lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qhurdle_poisson <- function(p, lambda, hu, lower.tail = TRUE, log.p = FALSE) {
  quantile <- function(p) stats::qpois(p, lambda)
  hurdle_quantile(lower_probability(p, lower.tail, log.p), hu, exp(-lambda), quantile)
}

#' @rdname zero-distributions
#' @export
rhurdle_poisson <- function(n, lambda, hu) qhurdle_poisson(stats::runif(n_random(n)), lambda, hu)

#' @rdname zero-distributions
#' @export
dhurdle_negbinomial <- function(x, mu, shape, hu, log = FALSE) {
  log_f <- stats::dnbinom(x, size = shape, mu = mu, log = TRUE)
  hurdle_density(x, log_f, stats::dnbinom(0, size = shape, mu = mu, log = TRUE), hu, log)
}

#' @rdname zero-distributions
#' @export
phurdle_negbinomial <- function(q, mu, shape, hu, lower.tail = TRUE, log.p = FALSE) {
  check_probability(hu = hu)
  tail_probability("hurdle_negbinomial", recycled(q = q, mu = mu, shape = shape, hu = hu), lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qhurdle_negbinomial <- function(p, mu, shape, hu, lower.tail = TRUE, log.p = FALSE) {
  quantile <- function(p) stats::qnbinom(p, size = shape, mu = mu)
  f0 <- stats::dnbinom(0, size = shape, mu = mu)
  hurdle_quantile(lower_probability(p, lower.tail, log.p), hu, f0, quantile)
}

#' @rdname zero-distributions
#' @export
rhurdle_negbinomial <- function(n, mu, shape, hu) qhurdle_negbinomial(stats::runif(n_random(n)), mu, shape, hu)

#' @rdname zero-distributions
#' @export
dhurdle_gamma <- function(x, shape, scale, hu, log = FALSE) {
  hurdle_density(x, stats::dgamma(x, shape, scale = scale, log = TRUE), -Inf, hu, log)
}

#' @rdname zero-distributions
#' @export
phurdle_gamma <- function(q, shape, scale, hu, lower.tail = TRUE, log.p = FALSE) {
  check_probability(hu = hu)
  values <- recycled(q = q, mu = shape * scale, shape = shape, hu = hu)
  tail_probability("hurdle_gamma", values, lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qhurdle_gamma <- function(p, shape, scale, hu, lower.tail = TRUE, log.p = FALSE) {
  quantile <- function(p) stats::qgamma(p, shape, scale = scale)
  hurdle_quantile(lower_probability(p, lower.tail, log.p), hu, 0, quantile)
}

#' @rdname zero-distributions
#' @export
rhurdle_gamma <- function(n, shape, scale, hu) {
  check_probability(hu = hu)
  n <- n_random(n)
  stats::rbinom(n, 1, 1 - hu) * stats::rgamma(n, shape, scale = scale)
}

#' @rdname zero-distributions
#' @export
dhurdle_lognormal <- function(x, mu, sigma, hu, log = FALSE) {
  hurdle_density(x, stats::dlnorm(x, mu, sigma, log = TRUE), -Inf, hu, log)
}

#' @rdname zero-distributions
#' @export
phurdle_lognormal <- function(q, mu, sigma, hu, lower.tail = TRUE, log.p = FALSE) {
  check_probability(hu = hu)
  tail_probability("hurdle_lognormal", recycled(q = q, mu = mu, sigma = sigma, hu = hu), lower.tail, log.p)
}

#' @rdname zero-distributions
#' @export
qhurdle_lognormal <- function(p, mu, sigma, hu, lower.tail = TRUE, log.p = FALSE) {
  quantile <- function(p) stats::qlnorm(p, mu, sigma)
  hurdle_quantile(lower_probability(p, lower.tail, log.p), hu, 0, quantile)
}

#' @rdname zero-distributions
#' @export
rhurdle_lognormal <- function(n, mu, sigma, hu) {
  check_probability(hu = hu)
  n <- n_random(n)
  stats::rbinom(n, 1, 1 - hu) * stats::rlnorm(n, mu, sigma)
}
