# Packages insight and parameters: the draws of parameters, formulas and what kind of model it is.

# Variables by the effects asked for.
effects_variables <- function(object, effects) {
  effects <- effects[1]
  parts <- summary_parts(object)
  fixed <- c(unname(parts$fixed))
  random <- unlist(lapply(parts$random, unname), use.names = FALSE)
  switch(check_one_of(effects, c("fixed", "random", "all"), "effects"),
    fixed = c(fixed, unname(parts$spec_pars)), random = random, all = c(fixed, unname(parts$spec_pars), random)
  )
}

#' Support for packages insight and parameters
#'
#' [insight::get_parameters()], `find_parameters()`, `find_formula()`, `find_response()`, `get_data()`, `model_info()`
#' and [parameters::model_parameters()] take fits.
#' @name easystats-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(insight::get_parameters, skeinfit)
get_parameters.skeinfit <- function(x, effects = "fixed", component = "all", parameters = NULL, ...) {
  variables <- effects_variables(x, effects)
  if (component[1] == "conditional") variables <- setdiff(variables, x$family$dpars)
  if (!is.null(parameters)) variables <- grep(parameters, variables, value = TRUE)
  as.data.frame(x, variable = variables)
}

#' @rawNamespace S3method(insight::find_parameters, skeinfit)
find_parameters.skeinfit <- function(x, effects = "all", component = "all", flatten = FALSE, parameters = NULL, ...) {
  parts <- summary_parts(x)
  out <- list(
    conditional = unname(parts$fixed), random = unlist(lapply(parts$random, unname), use.names = FALSE),
    sigma = unname(parts$spec_pars)
  )
  if (effects[1] == "fixed") out$random <- NULL
  if (effects[1] == "random") out <- out["random"]
  out <- Filter(length, out)
  if (flatten) unlist(out, use.names = FALSE) else out
}

#' @rawNamespace S3method(insight::find_formula, skeinfit)
find_formula.skeinfit <- function(x, verbose = TRUE, ...) {
  dpar <- x$terms$dpars$mu
  fixed <- stats::as.formula(call("~", x$terms$response$expression, dpar$population[[2]]), env = globalenv())
  random <- lapply(dpar$groups, function(group) {
    factor <- Reduce(function(a, b) call(":", a, b), lapply(group$variables, as.name))
    stats::as.formula(call("~", call("|", group$formula[[2]], factor)), env = globalenv())
  })
  out <- list(conditional = fixed)
  if (length(random)) out$random <- if (length(random) == 1) random[[1]] else random
  structure(out, class = c("insight_formula", "list"))
}

#' @rawNamespace S3method(insight::get_data, skeinfit)
get_data.skeinfit <- function(x, ...) x$data

#' @rawNamespace S3method(insight::model_info, skeinfit)
model_info.skeinfit <- function(x, verbose = TRUE, ...) {
  family <- x$family$family
  probability <- family %in% c("bernoulli", "binomial", "beta_binomial", "zero_inflated_binomial")
  count <- grepl("poisson|negbinomial|geometric", family)
  list(
    is_bayesian = TRUE, is_mixed = length(x$frame$groups) > 0, is_multivariate = FALSE,
    is_linear = family == "gaussian",
    is_binomial = probability, is_bernoulli = family == "bernoulli", is_logit = x$family$link == "logit",
    is_probit = x$family$link == "probit", is_count = count, is_poisson = grepl("poisson", family),
    is_negbin = grepl("negbinomial", family), is_zero_inflated = grepl("zero_inflated", family),
    is_hurdle = grepl("hurdle", family), is_censored = !is.null(x$terms$additions$cens),
    is_truncated = !is.null(x$terms$additions$trunc), is_meta = !is.null(x$terms$additions$se),
    link_function = x$family$link, family = family, n_obs = nobs.skeinfit(x)
  )
}

#' @rawNamespace S3method(insight::link_inverse, skeinfit)
link_inverse.skeinfit <- function(x, ...) inverse_link(x$family$link)

#' @rawNamespace S3method(insight::link_function, skeinfit)
link_function.skeinfit <- function(x, ...) link_functions[[x$family$link]]$link

#' @rawNamespace S3method(parameters::model_parameters, skeinfit)
model_parameters.skeinfit <- function(model, centrality = "median", dispersion = FALSE, ci = 0.95, ci_method = "eti",
                                      effects = "fixed", ...) {
  draws <- get_parameters.skeinfit(model, effects = effects)
  out <- getExportedValue("bayestestR", "describe_posterior")(
    draws, centrality = centrality, dispersion = dispersion, ci = ci, ci_method = ci_method, ...
  )
  chains <- select_draws(model, names(draws))
  convergence <- vapply(names(draws), function(name) {
    x <- matrix(chains[, , name], dim(chains)[1], dim(chains)[2])
    quietly(c(Rhat = r_hat(x, superchains_of(model$fit$settings)), ESS = effective_bulk(x)))
  }, numeric(2))
  out[c("Rhat", "ESS")] <- t(convergence)[match(out$Parameter, names(draws)), , drop = FALSE]
  out
}
