# Response families: their registry, the class skeinfamily, and parse_family(), which reads whatever names a family.

# One line per family; each entry is made in the file of that family by new_family_info().
family_registry <- function() {
  list(
    gaussian = family_info_gaussian(),
    student = family_info_student(),
    poisson = family_info_poisson(),
    negbinomial = family_info_negbinomial(),
    bernoulli = family_info_bernoulli(),
    binomial = family_info_binomial()
  )
}

# links: links of mu, the default first; dpars: parameters beyond mu, in the order of the C++ registry; has_trials;
# read_response(y, name, rows): y as doubles (or list(values, levels)), or an error that names the column and the row.
new_family_info <- function(name, links, dpars = character(0), has_trials = FALSE, read_response) {
  list(name = name, links = links, dpars = dpars, has_trials = has_trials, read_response = read_response)
}

# Parameters beyond mu: bounds while they are not predicted, and the links that a predicted one may have.
dpar_registry <- list(
  sigma = list(lower = 0, upper = Inf, links = c("log", "identity", "softplus", "squareplus")),
  shape = list(lower = 0, upper = Inf, links = c("log", "identity", "softplus", "squareplus")),
  nu = list(lower = 1, upper = Inf, links = c("logm1", "identity"))
)

family_info <- function(family) {
  family_registry()[[if (is.list(family)) family$family else family]]
}

# Families of brms that are not here yet, by their names in brms, with the functions that make them.
later_families <- c(
  skew_normal = "skew_normal", exgaussian = "exgaussian", asym_laplace = "asym_laplace",
  gen_extreme_value = "gen_extreme_value", lognormal = "lognormal", shifted_lognormal = "shifted_lognormal",
  gamma = "Gamma", weibull = "weibull", exponential = "exponential", frechet = "frechet",
  inverse.gaussian = "inverse.gaussian", geometric = "geometric", beta_binomial = "beta_binomial", beta = "Beta",
  xbeta = "xbeta", cumulative = "cumulative", sratio = "sratio", cratio = "cratio", acat = "acat",
  hurdle_cumulative = "hurdle_cumulative", categorical = "categorical", multinomial = "multinomial",
  dirichlet = "dirichlet", dirichlet_multinomial = "dirichlet_multinomial", logistic_normal = "logistic_normal",
  hurdle_poisson = "hurdle_poisson", hurdle_negbinomial = "hurdle_negbinomial", hurdle_gamma = "hurdle_gamma",
  hurdle_lognormal = "hurdle_lognormal", zero_inflated_poisson = "zero_inflated_poisson",
  zero_inflated_negbinomial = "zero_inflated_negbinomial", zero_inflated_binomial = "zero_inflated_binomial",
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
#' Families come from stats ([gaussian()], [poisson()], [binomial()]) or from these functions. Links are those of brms.
#'
#' `gaussian` and `student` take the links identity, log, inverse, softplus, squareplus, logit, probit, probit_approx,
#' cloglog, cauchit and softit; `poisson` and `negbinomial` log, identity, sqrt, softplus and squareplus; `bernoulli`
#' and `binomial` logit, probit, probit_approx, cloglog, cauchit, softit, identity and log. stats's functions know only
#' some of these: `brmsfamily("gaussian", "softplus")` knows all.
#'
#' All families are parameterised by their mean `mu` (the location for `student`): `negbinomial` has variance
#' `mu + mu^2 / shape`; `student` has scale `sigma` and `nu` degrees of freedom.
#'
#' @param family Name of a family.
#' @param link Link of the mean, as a string or bare name.
#' @param link_sigma,link_shape,link_nu Links of the further parameters, for models that predict them.
#' @param ... Links of parameters of families that skein does not have yet.
#' @return An object of class `skeinfamily`: a list with `family`, `link`, `linkfun`, `linkinv`, `dpars` and the links
#'   of further parameters. Unknown families or links are errors of class `skein_error`.
#' @examples
#' student()
#' bernoulli("probit")
#' brmsfamily("poisson", link = "softplus")
#' @export
brmsfamily <- function(family, link = NULL, link_sigma = "log", link_shape = "log", link_nu = "logm1", ...) {
  check_string(family, "family")
  link <- quoted_link(substitute(link), parent.frame())
  new_family(family, link, list(link_sigma = link_sigma, link_shape = link_shape, link_nu = link_nu))
}

#' @export
print.skeinfamily <- function(x, ...) {
  cat("\nFamily:", x$family, "\nLink function:", x$link, "\n\n")
  invisible(x)
}
