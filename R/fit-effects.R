# Coefficients of a fit: fixef(), ranef(), coef(), VarCorr(), vcov(), ngrps(), posterior_interval().

#' Population-level effects
#'
#' @param object A `skeinfit`.
#' @param summary Estimates (`TRUE`) or all draws?
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param probs Probabilities of the quantiles.
#' @param pars Names of coefficients to keep, or `NULL` for all.
#' @param ... Unused.
#' @return With `summary`, a matrix of coefficients x (Estimate, Est.Error, quantiles), else draws x coefficients.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' fixef(fit)
#' ranef(fit)$patient[1:3, , "Intercept"]
#' VarCorr(fit)
#' }
#' @method fixef skeinfit
#' @export
fixef.skeinfit <- function(object, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), pars = NULL, ...) {
  stop_unused(...)
  check_flag(summary, "summary")
  draws <- fixed_draws(object, pars)
  if (summary) posterior_summary.default(draws, probs = probs, robust = robust) else draws
}

# draws x coefficients, named without the prefix b_.
fixed_draws <- function(object, pars = NULL) {
  check_has_draws(object)
  names <- sub("^b_", "", grep("^b_", stored_variables(object), value = TRUE))
  if (length(names) == 0) skein_stop("The model has no population-level effects.")
  if (!is.null(pars)) {
    check_names_known(pars, names, "coefficient")
    names <- pars
  }
  draws <- as.matrix.skeinfit(object, variable = paste0("b_", names))
  colnames(draws) <- names
  draws
}

#' Covariance matrix of population-level effects
#'
#' @inheritParams fixef.skeinfit
#' @param correlation Correlations instead of covariances?
#' @return A matrix of coefficients x coefficients, over the draws.
#' @method vcov skeinfit
#' @export
vcov.skeinfit <- function(object, correlation = FALSE, pars = NULL, ...) {
  stop_unused(...)
  check_flag(correlation, "correlation")
  draws <- fixed_draws(object, pars)
  if (correlation) stats::cor(draws) else stats::cov(draws)
}

#' Group-level effects
#'
#' `ranef()` gives the deviations of each level from the population, `coef()` the sum of both.
#'
#' @inheritParams fixef.skeinfit
#' @param groups Names of grouping factors to keep, or `NULL` for all.
#' @return A list with one array per grouping factor: with `summary` levels x (Estimate, Est.Error, quantiles) x
#'   coefficients, else draws x levels x coefficients.
#' @method ranef skeinfit
#' @export
ranef.skeinfit <- function(object, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), pars = NULL,
                           groups = NULL, ...) {
  stop_unused(...)
  check_flag(summary, "summary")
  check_has_draws(object)
  by_group <- split_by_group(group_terms(object))
  if (length(by_group) == 0) skein_stop("The model does not contain group-level effects.")
  if (!is.null(groups)) {
    check_names_known(groups, names(by_group), "grouping factor")
    by_group <- by_group[groups]
  }
  out <- lapply(by_group, function(terms) group_draws(object, terms, pars))
  out <- out[!vapply(out, is.null, logical(1))]
  if (summary) lapply(out, posterior_summary.default, probs = probs, robust = robust) else out
}

# draws x levels x coefficients of one grouping factor, or NULL if pars keeps none.
group_draws <- function(object, terms, pars) {
  coefs <- group_coefs(terms)
  variables <- do.call(cbind, lapply(terms, function(term) term$effects))
  if (!is.null(pars)) {
    variables <- variables[, coefs %in% pars, drop = FALSE]
    coefs <- coefs[coefs %in% pars]
  }
  if (length(coefs) == 0) {
    return(NULL)
  }
  if (!all(variables %in% stored_variables(object))) {
    skein_stop(c(
      "The group-level effects of {.val {terms[[1]]$group}} were not saved.",
      i = "Fit the model with {.code save_pars = save_pars(group = TRUE)}."
    ))
  }
  levels <- terms[[1]]$levels
  draws <- as.matrix.skeinfit(object, variable = as.vector(variables))
  array(draws, c(nrow(draws), length(levels), length(coefs)), dimnames = list(NULL, levels, coefs))
}

#' @rdname ranef.skeinfit
#' @method coef skeinfit
#' @export
coef.skeinfit <- function(object, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), ...) {
  stop_unused(...)
  check_flag(summary, "summary")
  if (length(group_terms(object)) == 0) {
    skein_stop("No group-level effects detected. Call method 'fixef' to access population-level effects.")
  }
  has_fixed <- any(grepl("^b_", stored_variables(object)))
  fixed <- if (has_fixed) fixed_draws(object) else matrix(0, ndraws.skeinfit(object), 0)
  out <- lapply(ranef.skeinfit(object, summary = FALSE), add_fixed, fixed = fixed)
  if (summary) lapply(out, posterior_summary.default, probs = probs, robust = robust) else out
}

# Effects of the levels plus those of the population; coefficients without effects by level follow at the end.
add_fixed <- function(effects, fixed) {
  varying <- dimnames(effects)[[3]]
  rest <- setdiff(colnames(fixed), varying)
  sizes <- c(dim(effects)[1:2], length(varying) + length(rest))
  out <- array(0, sizes, dimnames = list(NULL, dimnames(effects)[[2]], c(varying, rest)))
  out[, , seq_along(varying)] <- effects
  for (coef in colnames(fixed)) out[, , coef] <- out[, , coef] + fixed[, coef]
  out
}

#' Standard deviations, correlations and covariances of group-level effects
#'
#' @inheritParams fixef.skeinfit
#' @param x A `skeinfit`.
#' @param sigma Ignored; in the generic.
#' @return A list with, for each grouping factor, a list of `sd` (coefficients x (Estimate, Est.Error, quantiles)) and,
#'   where coefficients are correlated, `cor` and `cov` (coefficients x statistics x coefficients). Without `summary`,
#'   draws come first: draws x coefficients and draws x coefficients x coefficients. Element `residual__` holds `sigma`,
#'   in families that have one.
#' @method VarCorr skeinfit
#' @export
VarCorr.skeinfit <- function(x, sigma = 1, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), ...) {
  stop_unused(...)
  check_flag(summary, "summary")
  check_has_draws(x)
  out <- lapply(split_by_group(group_terms(x)), function(terms) group_covariance(x, terms))
  # As in brms, not where se() stands for sigma.
  has_sigma <- "sigma" %in% stored_variables(x)
  if (has_sigma && (is.null(x$terms$additions$se) || x$terms$se_sigma)) {
    draws <- as.matrix.skeinfit(x, variable = "sigma")
    colnames(draws) <- ""
    out$residual__ <- list(sd = draws)
  }
  if (length(out) == 0 && !has_sigma) skein_stop("The model contains neither group-level effects nor a residual standard deviation.")
  if (!summary) {
    return(out)
  }
  lapply(out, function(parts) lapply(parts, posterior_summary.default, probs = probs, robust = robust))
}

# Draws of sd and, where any coefficients are correlated, cor and cov; pairs without a correlation have 0.
group_covariance <- function(object, terms) {
  coefs <- group_sd_labels(terms)
  sd <- as.matrix.skeinfit(object, variable = unlist(lapply(terms, function(term) term$sd)))
  colnames(sd) <- coefs
  pairs <- group_correlations(terms)
  if (is.null(pairs)) {
    return(list(sd = sd))
  }
  n <- length(coefs)
  cor <- array(diag(n)[rep(seq_len(n^2), each = nrow(sd))], c(nrow(sd), n, n), dimnames = list(NULL, coefs, coefs))
  draws <- as.matrix.skeinfit(object, variable = pairs$variable)
  for (k in seq_len(nrow(pairs))) {
    cor[, pairs$first[k], pairs$second[k]] <- draws[, k]
    cor[, pairs$second[k], pairs$first[k]] <- draws[, k]
  }
  cov <- cor
  for (i in seq_len(n)) for (j in seq_len(n)) cov[, i, j] <- cor[, i, j] * sd[, i] * sd[, j]
  list(sd = sd, cor = cor, cov = cov)
}

#' Number of levels of the grouping factors
#'
#' @param object A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param ... Unused.
#' @return A list with one number per grouping factor.
#' @export
ngrps <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("ngrps", object, ...))
  }
  UseMethod("ngrps")
}

#' @rdname ngrps
#' @export
#' @rawNamespace S3method(brms::ngrps, skeinfit)
ngrps.skeinfit <- function(object, ...) {
  lapply(split_by_group(group_terms(object)), function(terms) length(terms[[1]]$levels))
}

#' Posterior intervals
#'
#' @param object A `skeinfit`.
#' @param prob Probability of the central intervals.
#' @param variable,regex As for [as_draws()][as_draws.skeinfit].
#' @param pars Deprecated: use `variable`.
#' @param ... Unused.
#' @return A matrix of variables x the two ends.
#' @method posterior_interval skeinfit
#' @export
posterior_interval.skeinfit <- function(object, pars = NA, variable = NULL, prob = 0.95, regex = FALSE, ...) {
  stop_unused(...)
  prob <- check_number(prob, "prob", 0, 1)
  draws <- as.matrix(object, pars = pars, variable = variable, regex = regex)
  rstantools::posterior_interval(draws, prob = prob)
}

#' Intervals of parameters
#'
#' @param object A `skeinfit`.
#' @param parm Names of variables, or `NULL` for the population-level effects.
#' @param level Probability of the central intervals.
#' @param ... Unused.
#' @return A matrix of variables x lower and upper bound.
#' @method confint skeinfit
#' @export
confint.skeinfit <- function(object, parm = NULL, level = 0.95, ...) {
  stop_unused(...)
  check_number(level, "level", lower = 0, upper = 1)
  probs <- (1 + c(-1, 1) * level) / 2
  draws <- if (is.null(parm)) fixed_draws(object) else as.matrix.skeinfit(object, variable = parm)
  out <- summarise_columns(draws, probs, robust = FALSE)[, 3:4, drop = FALSE]
  colnames(out) <- paste(format(100 * probs, trim = TRUE), "%")
  out
}
