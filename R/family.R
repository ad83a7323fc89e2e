# Response families: their registry, the class skeinfamily, and parse_family(), which reads whatever names a family.

# One line per family; each entry is made in the file of that family by new_family_info().
family_registry <- function() {
  list(
    gaussian = family_info_gaussian(),
    student = family_info_student(),
    poisson = family_info_poisson(),
    negbinomial = family_info_negbinomial(),
    bernoulli = family_info_bernoulli(),
    binomial = family_info_binomial(),
    geometric = family_info_geometric(),
    beta_binomial = family_info_beta_binomial(),
    zero_inflated_poisson = family_info_zero_inflated_poisson(),
    zero_inflated_negbinomial = family_info_zero_inflated_negbinomial(),
    zero_inflated_binomial = family_info_zero_inflated_binomial(),
    hurdle_poisson = family_info_hurdle_poisson(),
    hurdle_negbinomial = family_info_hurdle_negbinomial(),
    lognormal = family_info_lognormal(),
    shifted_lognormal = family_info_shifted_lognormal(),
    gamma = family_info_gamma(),
    exponential = family_info_exponential(),
    weibull = family_info_weibull(),
    beta = family_info_beta(),
    inverse.gaussian = family_info_inverse_gaussian(),
    skew_normal = family_info_skew_normal(),
    exgaussian = family_info_exgaussian(),
    hurdle_lognormal = family_info_hurdle_lognormal(),
    hurdle_gamma = family_info_hurdle_gamma()
  )
}

# links: links of mu, the default first; dpars: parameters beyond mu, in the order of the C++ registry; has_trials;
# read_response(y, name, rows): y as doubles (or list(values, levels)), or an error that names the column and the row;
# additions: the addition terms it takes besides weights(), subset() and trials(); log_scale: is mu the location of
# log(y)? (default priors look at log(y) then); dpar_priors: default priors of parameters on their own scale, where they
# are not those of dpar_registry.
new_family_info <- function(name, links, dpars = character(0), has_trials = FALSE, read_response,
                            additions = c("cens", "trunc"), log_scale = FALSE, dpar_priors = list()) {
  list(
    name = name, links = links, dpars = dpars, has_trials = has_trials, read_response = read_response,
    additions = additions, log_scale = log_scale, dpar_priors = dpar_priors
  )
}

links_positive_dpar <- c("log", "identity", "softplus", "squareplus")
links_probability_dpar <- c("logit", "identity")

# bounds: while the parameter is not predicted ("min_Y": the smallest response); links: those that a predicted one may
# have, the default first; prior: brms's default on the parameter's own scale; intercept_prior: that of its Intercept on
# any other link. NULL: prior-default.R looks at the data.
dpar_entry <- function(lower, upper, links, prior, intercept_prior) {
  list(lower = lower, upper = upper, links = links, prior = prior, intercept_prior = intercept_prior)
}

# Parameters beyond mu.
dpar_registry <- list(
  sigma = dpar_entry(0, Inf, links_positive_dpar, NULL, NULL),
  shape = dpar_entry(0, Inf, links_positive_dpar, "gamma(0.01, 0.01)", "student_t(3, 0, 2.5)"),
  nu = dpar_entry(1, Inf, c("logm1", "identity"), "gamma(2, 0.1)", "normal(2.7, 0.8)"),
  phi = dpar_entry(0, Inf, links_positive_dpar, "gamma(0.01, 0.01)", "student_t(3, 0, 2.5)"),
  beta = dpar_entry(0, Inf, links_positive_dpar, "gamma(1, 0.1)", "normal(1.7, 1.3)"),
  zi = dpar_entry(0, 1, links_probability_dpar, "beta(1, 1)", "logistic(0, 1)"),
  hu = dpar_entry(0, 1, links_probability_dpar, "beta(1, 1)", "logistic(0, 1)"),
  ndt = dpar_entry(0, "min_Y", links_positive_dpar, "uniform(0, min_Y)", ""),
  alpha = dpar_entry(-Inf, Inf, c("identity", "log", "softplus", "squareplus"), "normal(0, 4)", "normal(0, 4)")
)

family_info <- function(family) {
  family_registry()[[if (is.list(family)) family$family else family]]
}

# Families of brms that are not here yet, by their names in brms, with the functions that make them.
later_families <- c(
  asym_laplace = "asym_laplace", gen_extreme_value = "gen_extreme_value", frechet = "frechet", xbeta = "xbeta",
  cumulative = "cumulative", sratio = "sratio", cratio = "cratio", acat = "acat",
  hurdle_cumulative = "hurdle_cumulative", categorical = "categorical", multinomial = "multinomial",
  dirichlet = "dirichlet", dirichlet_multinomial = "dirichlet_multinomial", logistic_normal = "logistic_normal",
  zero_inflated_beta_binomial = "zero_inflated_beta_binomial", zero_inflated_beta = "zero_inflated_beta",
  zero_one_inflated_beta = "zero_one_inflated_beta", zero_inflated_asym_laplace = "zero_inflated_asym_laplace",
  von_mises = "von_mises", wiener = "wiener", cox = "cox", custom = "custom_family", mixture = "mixture",
  negbinomial2 = "negbinomial2", discrete_weibull = "discrete_weibull", com_poisson = "com_poisson",
  dirichlet2 = "dirichlet2"
)

# family: a skeinfamily, a family of stats or brms, a function that makes one, a name, or c(name, link).
parse_family <- function(family) {
  if (is.function(family)) family <- family()
  if (inherits(family, "skeinfamily")) {
    return(family)
  }
  if (inherits(family, "mixfamily")) stop_not_yet("mixture()")
  if (is.list(family) && is.character(family$family)) {
    links <- family[grepl("^link_", names(family))]
    return(new_family(family$family, family$link, links))
  }
  if (is.character(family) && length(family) %in% 1:2 && !anyNA(family)) {
    return(new_family(family[1], if (length(family) == 2) family[2]))
  }
  skein_stop("{.arg family} must be a family such as {.fn poisson} or its name, not {describe_value(family)}.")
}

# dpar_links: list(link_sigma = "log", ...); those that the family does not have are of no concern.
# The class also inherits stats's family, so that family(fit)$linkfun and the like work.
new_family <- function(name, link = NULL, dpar_links = list()) {
  name <- tolower(name)
  if (name %in% names(later_families)) stop_not_yet(paste0(later_families[[name]], "()"))
  info <- family_registry()[[name]]
  if (is.null(info)) stop_with_suggestion("Unknown family {.val {name}}.", name, names(family_registry()))
  link <- if (is.null(link)) info$links[1] else check_link(link, info$links, name)
  out <- list(family = name, link = link, linkfun = link_function(link), linkinv = inverse_link(link))
  out$dpars <- c("mu", info$dpars)
  for (dpar in info$dpars) {
    field <- paste0("link_", dpar)
    allowed <- dpar_registry[[dpar]]$links
    given <- dpar_links[[field]]
    out[[field]] <- if (is.null(given)) allowed[1] else check_link(given, allowed, paste(dpar, "of family", name))
  }
  structure(out, class = c("skeinfamily", "family"))
}

check_link <- function(link, allowed, of) {
  if (!is.character(link) || length(link) != 1 || !link %in% allowed) {
    shown <- if (is.character(link) && length(link) == 1) link else describe_value(link)
    stop_with_suggestion("{.val {shown}} is not a link that {of} can have.", shown, allowed)
  }
  link
}

# Link arguments may be bare names, as in bernoulli(probit): a name of a link is taken as such, anything else is
# evaluated where the user wrote it.
quoted_link <- function(expression, envir) {
  if (is.name(expression) && as.character(expression) %in% names(link_functions)) {
    return(as.character(expression))
  }
  eval(expression, envir)
}

#' Response families
#'
#' Families come from stats ([gaussian()], [poisson()], [binomial()], [Gamma()], [inverse.gaussian()]) or from these
#' functions. Links are those of brms.
#'
#' `gaussian`, `student` and `skew_normal` take the links identity, log, inverse, softplus, squareplus, logit, probit,
#' probit_approx, cloglog, cauchit and softit, `exgaussian` the first five of them; `lognormal`, `shifted_lognormal` and
#' `hurdle_lognormal` identity and inverse; `gamma`, `exponential`, `weibull` and `hurdle_gamma` log, identity, inverse,
#' softplus and squareplus; `inverse.gaussian` 1/mu^2, inverse, identity, log, softplus and squareplus; `poisson`,
#' `negbinomial`, `geometric` and the zero-inflated and hurdle families made of the first two log, identity, sqrt,
#' softplus and squareplus; `bernoulli`, `binomial`, `zero_inflated_binomial` and `beta` logit, probit, probit_approx,
#' cloglog, cauchit, softit, identity and log, `beta_binomial` all of these but log. stats's functions know only some of
#' these: `brmsfamily("gaussian", "softplus")` knows all.
#'
#' All families are parameterised by their mean `mu` (the location for `student`, the mean of the logarithm for the
#' lognormal families): `gamma` has variance `mu^2 / shape`, `inverse.gaussian` `mu^3 / shape`, `weibull` the scale
#' `mu / gamma(1 + 1 / shape)`, `beta` the shapes `mu * phi` and `(1 - mu) * phi`; `skew_normal` has standard deviation
#' `sigma` and skewness parameter `alpha`; `exgaussian` is a normal variable of standard deviation `sigma` plus an
#' exponential one of mean `beta`; `shifted_lognormal` is lognormal from `ndt` on. `negbinomial` has variance
#' `mu + mu^2 / shape` and `geometric` is its case of `shape = 1`; `student` has scale `sigma` and `nu` degrees of
#' freedom; `beta_binomial` draws the probability of its trials from a beta distribution with parameters `mu * phi` and
#' `(1 - mu) * phi`. Zero-inflated families give a zero with probability `zi` and else a response with mean `mu`, which
#' may be zero as well; hurdle families give a zero with probability `hu` and else such a response given that it is not
#' zero; in `hurdle_gamma` and `hurdle_lognormal`, `mu` is that of the positive responses.
#'
#' Parameters beyond `mu` live on their own scale unless a formula predicts them, as in `bf(y ~ x, sigma ~ z)`; only
#' then their links matter: log, identity, softplus or squareplus for `sigma`, `shape`, `phi`, `beta` and `ndt`; logit
#' or identity for `zi` and `hu`; logm1 or identity for `nu`; identity, log, softplus or squareplus for `alpha`.
#'
#' @param family Name of a family.
#' @param link Link of the mean, as a string or bare name.
#' @param link_sigma,link_shape,link_nu,link_phi,link_beta,link_zi,link_hu,link_ndt,link_alpha Links of the further
#'   parameters, for models that predict them.
#' @param ... Links of parameters of families that skein does not have yet.
#' @return An object of class `skeinfamily`: a list with `family`, `link`, `linkfun`, `linkinv`, `dpars` and the links
#'   of further parameters. Unknown families or links are errors of class `skein_error`.
#' @examples
#' student()
#' bernoulli("probit")
#' brmsfamily("poisson", link = "softplus")
#' @export
brmsfamily <- function(family, link = NULL, link_sigma = "log", link_shape = "log", link_nu = "logm1",
                       link_phi = "log", link_beta = "log", link_zi = "logit", link_hu = "logit", link_ndt = "log",
                       link_alpha = "identity", ...) {
  check_string(family, "family")
  link <- quoted_link(substitute(link), parent.frame())
  links <- list(
    link_sigma = link_sigma, link_shape = link_shape, link_nu = link_nu, link_phi = link_phi, link_beta = link_beta,
    link_zi = link_zi, link_hu = link_hu, link_ndt = link_ndt, link_alpha = link_alpha
  )
  new_family(family, link, links)
}

#' @export
print.skeinfamily <- function(x, ...) {
  cat("\nFamily:", x$family, "\nLink function:", x$link, "\n\n")
  invisible(x)
}
