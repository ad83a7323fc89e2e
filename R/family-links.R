# Link functions and their inverses in R, under brms's names; and which of them a kind of parameter may have.

# Each entry: link (mean -> predictor) and inverse (predictor -> mean). Written for the tails: log1p, expm1, and the
# upper tail of a distribution function where that is the accurate one.
link_functions <- list(
  identity = list(link = function(mu) mu, inverse = function(eta) eta),
  log = list(link = function(mu) log(mu), inverse = function(eta) exp(eta)),
  inverse = list(link = function(mu) 1 / mu, inverse = function(eta) 1 / eta),
  sqrt = list(link = function(mu) sqrt(mu), inverse = function(eta) eta^2),
  logit = list(link = function(mu) stats::qlogis(mu), inverse = function(eta) stats::plogis(eta)),
  probit = list(link = function(mu) stats::qnorm(mu), inverse = function(eta) stats::pnorm(eta)),
  # Stan's Phi_approx: logit^-1(0.07056 x^3 + 1.5976 x) (Bowling et al., 2009); the link is probit's, as in brms.
  probit_approx = list(
    link = function(mu) stats::qnorm(mu), inverse = function(eta) stats::plogis(0.07056 * eta^3 + 1.5976 * eta)
  ),
  cloglog = list(link = function(mu) log(-log1p(-mu)), inverse = function(eta) -expm1(-exp(eta))),
  cauchit = list(link = function(mu) stats::qcauchy(mu), inverse = function(eta) stats::pcauchy(eta)),
  softplus = list(link = function(mu) mu + log(-expm1(-mu)), inverse = function(eta) log1p_exp(eta)),
  squareplus = list(link = function(mu) (mu^2 - 1) / mu, inverse = function(eta) (eta + sqrt(eta^2 + 4)) / 2),
  # softit: softplus scaled into (0, 1), y / (1 + y) with y = log(1 + exp(x)).
  softit = list(
    link = function(mu) { odds <- mu / (1 - mu); odds + log(-expm1(-odds)) },
    inverse = function(eta) { y <- log1p_exp(eta); y / (1 + y) }
  ),
  logm1 = list(link = function(mu) log(mu - 1), inverse = function(eta) exp(eta) + 1),
  log1p = list(link = function(mu) log1p(mu), inverse = function(eta) expm1(eta)),
  "1/mu^2" = list(link = function(mu) 1 / mu^2, inverse = function(eta) 1 / sqrt(eta))
)

log1p_exp <- function(x) ifelse(x > 0, x + log1p(exp(-abs(x))), log1p(exp(pmin(x, 0))))

# Sets of links, the default first (brms's families).
links_unit <- c("logit", "probit", "probit_approx", "cloglog", "cauchit", "softit")
links_any_real <- c("identity", "log", "inverse", "softplus", "squareplus")
links_real <- c(links_any_real, links_unit)
links_count <- c("log", "identity", "sqrt", "softplus", "squareplus")
links_probability <- c(links_unit, "identity", "log")
links_positive <- c("log", "identity", "inverse", "softplus", "squareplus")
links_inverse_square <- c("1/mu^2", "inverse", "identity", "log", "softplus", "squareplus")
links_log_scale <- c("identity", "inverse")

link_function <- function(name) link_functions[[check_one_of(name, names(link_functions), "link")]]$link

inverse_link <- function(name) link_functions[[check_one_of(name, names(link_functions), "link")]]$inverse
