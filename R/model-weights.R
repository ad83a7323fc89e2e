# Several models as one: their weights, and predictions and draws averaged by them.

#' Weights of models
#'
#' `loo_model_weights()` weights models by stacking or pseudo-BMA with the Bayesian bootstrap (Yao et al., 2018),
#' through [loo::loo_model_weights()]; `model_weights()` does so too, or takes Akaike weights of a criterion, or
#' posterior probabilities of the models.
#'
#' @param x A `skeinfit`; for `model_weights()` a `brmsfit` is handed on to \pkg{brms}.
#' @param ... More fits; arguments of [log_lik()][predictions-skein], and of [loo::loo_model_weights()] such as
#'   `method`; for `model_weights()` those of the function that `weights` names.
#' @param weights `"stacking"` (the default), `"pseudobma"`, `"loo"`, `"waic"` or `"kfold"` for Akaike weights of that
#'   criterion, or `"bma"` for posterior probabilities by [post_prob()]. `"loo2"` and `"marglik"` are older names of
#'   `"stacking"` and `"bma"`.
#' @param model_names Names of the fits, by default as they are written in the call.
#' @return Weights of the models, which sum to 1, with the models' names. `loo_model_weights()`: of \pkg{loo}'s class
#'   for printing.
#' @references Yao, Vehtari, Simpson and Gelman (2018). Using stacking to average Bayesian predictive distributions.
#'   *Bayesian Analysis* 13, 917-1007. \doi{10.1214/17-BA1091}
#' @examples
#' \donttest{
#' fit1 <- brm(mpg ~ wt, mtcars, chains = 1, iter = 400, refresh = 0)
#' fit2 <- brm(mpg ~ 1, mtcars, chains = 1, iter = 400, refresh = 0)
#' loo_model_weights(fit1, fit2)
#' pp_average(fit1, fit2, weights = c(0.9, 0.1))
#' }
#' @name model-weights
NULL

#' @rdname model-weights
#' @method loo_model_weights skeinfit
#' @export
loo_model_weights.skeinfit <- function(x, ..., model_names = NULL) {
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  weigh_by_loo(arguments$fits, arguments$others)
}

weigh_by_loo <- function(fits, given) {
  check_same_response(fits)
  of_loo <- c("method", "optim_method", "optim_control", "BB", "BB_n", "alpha", "cores", "r_eff_list")
  for_log_lik <- given[!names(given) %in% setdiff(of_loo, "cores")]
  log_lik <- lapply(unname(fits), function(fit) do.call(log_lik.skeinfit, c(list(fit), for_log_lik)))
  arguments <- c(list(log_lik), given[names(given) %in% of_loo])
  if (is.null(arguments$r_eff_list)) {
    arguments$r_eff_list <- Map(
      function(fit, values) relative_efficiency(values, chain_of_draws(fit, for_log_lik)), unname(fits), log_lik
    )
  }
  out <- do.call(loo::loo_model_weights, arguments)
  names(out) <- names(fits)
  out
}

check_same_response <- function(fits) {
  hashes <- vapply(fits, response_hash, "")
  if (length(unique(hashes)) > 1) skein_stop("Models can be averaged only if they predict the same responses.")
}

#' @rdname model-weights
#' @export
model_weights <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("model_weights", x, ...))
  }
  UseMethod("model_weights")
}

#' @rdname model-weights
#' @export
model_weights.skeinfit <- function(x, ..., weights = "stacking", model_names = NULL) {
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  weigh_models(arguments$fits, weights, c(arguments$others, list(use_stored = arguments$use_stored)))
}

weigh_models <- function(fits, weights, given) {
  weights <- weights_method(weights)
  given <- Filter(Negate(is.null), given)
  out <- if (weights %in% c("stacking", "pseudobma")) {
    weigh_by_loo(fits, c(list(method = weights), given))
  } else if (weights == "bma") {
    do.call(post_prob.skeinfit, c(unname(fits), given, list(model_names = names(fits))))
  } else {
    criterion <- switch(weights, loo = loo.skeinfit, waic = waic.skeinfit, kfold = kfold.skeinfit)
    ic <- vapply(names(fits), function(name) {
      # The third row is the criterion on the deviance scale.
      quietly(do.call(criterion, c(list(fits[[name]]), given, list(model_names = name))))$estimates[3, 1]
    }, 0)
    exp(-(ic - min(ic)) / 2)
  }
  stats::setNames(as.numeric(out) / sum(out), names(fits))
}

weights_method <- function(weights) {
  check_string(weights, "weights")
  weights <- tolower(weights)
  new <- c(loo2 = "stacking", marglik = "bma")
  if (weights %in% names(new)) {
    skein_warn("The weights {.val {weights}} are deprecated: use {.val {new[[weights]]}}.")
    weights <- new[[weights]]
  }
  check_one_of(weights, c("loo", "waic", "kfold", "stacking", "pseudobma", "bma"), "weights")
}

# weights: numbers, or how to find them, with further arguments in `control`. Sum to 1, with the fits' names.
checked_weights <- function(weights, fits, control) {
  if (!is.list(control)) skein_stop("{.arg control} must be a list, not {describe_value(control)}.")
  if (!is.numeric(weights)) {
    return(weigh_models(fits, weights, control))
  }
  fine <- length(weights) == length(fits) && all(is.finite(weights)) && all(weights >= 0) && sum(weights) > 0
  if (!fine) {
    skein_stop("{.arg weights} must be a method's name or {length(fits)} numbers of at least 0, one for each model.")
  }
  stats::setNames(weights / sum(weights), names(fits))
}

# Draws of each model, n in all: whole parts of weights * n, the rest to the largest remainders.
share_draws <- function(weights, n) {
  exact <- weights * n
  out <- floor(exact)
  missing <- round(n - sum(out))
  if (missing > 0) {
    largest <- order(exact - out, decreasing = TRUE)[seq_len(missing)]
    out[largest] <- out[largest] + 1
  }
  out
}

#' Averages over models
#'
#' `pp_average()` draws predictions from each model in proportion to its weight and sums them up; `posterior_average()`
#' draws parameters.
#'
#' @param x A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param ... More fits; for `pp_average()` arguments of the predictions, such as `newdata`.
#' @param weights Weights of the models, or how to find them, see [model_weights()].
#' @param method `"posterior_predict"`, `"posterior_epred"`, `"posterior_linpred"` or `"predictive_error"`.
#' @param ndraws Number of draws in all, by default that of the first model.
#' @param nsamples,pars Older names of `ndraws` and `variable`.
#' @param summary Sum up the draws of each row?
#' @param probs Probabilities of the quantiles.
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param model_names Names of the fits.
#' @param control A list of arguments of [model_weights()].
#' @param seed A seed for R's generator, or `NULL`.
#' @param variable Names of variables, by default all that all models have (with `missing`, all that any has), but
#'   `lp__`.
#' @param missing A number or `NA` for variables that a model lacks, or a named list of such values.
#' @return `pp_average()`: a matrix of rows x (Estimate, Est.Error, quantiles), or without `summary` of draws x rows.
#'   `posterior_average()`: a data frame of draws x variables. Both with attributes `weights` and `ndraws`, by model.
#' @export
pp_average <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("pp_average", x, ...))
  }
  UseMethod("pp_average")
}

#' @rdname pp_average
#' @export
pp_average.skeinfit <- function(x, ..., weights = "stacking", method = "posterior_predict", ndraws = NULL,
                                nsamples = NULL, summary = TRUE, probs = c(0.025, 0.975), robust = FALSE,
                                model_names = NULL, control = list(), seed = NULL) {
  if (!is.null(seed)) set.seed(seed)
  check_flag(summary, "summary")
  predict <- prediction_method(method)
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  if (any(c("draw_ids", "subset") %in% names(arguments$others))) {
    skein_stop("{.fn pp_average} chooses the draws: it does not take {.arg draw_ids}.")
  }
  check_same_response(arguments$fits)
  plan <- averaging_plan(arguments$fits, weights, control, if (is.null(ndraws)) nsamples else ndraws)
  out <- do.call(rbind, lapply(names(plan$fits), function(name) {
    if (plan$ndraws[[name]] == 0) {
      return(NULL)
    }
    do.call(predict, c(list(plan$fits[[name]], ndraws = plan$ndraws[[name]]), arguments$others))
  }))
  if (summary) out <- posterior_summary.default(out, probs = probs, robust = robust)
  structure(out, weights = plan$weights, ndraws = plan$ndraws)
}

averaging_plan <- function(fits, weights, control, ndraws) {
  for (fit in fits) check_has_draws(fit)
  ndraws <- if (is.null(ndraws)) ndraws.skeinfit(fits[[1]]) else check_whole_number(ndraws, "ndraws")
  weights <- checked_weights(weights, fits, control)
  list(fits = fits, weights = weights, ndraws = share_draws(weights, ndraws))
}

#' @rdname pp_average
#' @export
posterior_average <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("posterior_average", x, ...))
  }
  UseMethod("posterior_average")
}

#' @rdname pp_average
#' @export
posterior_average.skeinfit <- function(x, ..., variable = NULL, pars = NULL, weights = "stacking", ndraws = NULL,
                                       nsamples = NULL, missing = NULL, model_names = NULL, control = list(),
                                       seed = NULL) {
  if (!is.null(seed)) set.seed(seed)
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  if (length(arguments$others)) skein_stop("Unused argument {.arg {names(arguments$others)[1]}}.")
  fits <- arguments$fits
  variable <- averaged_variables(fits, if (is.null(variable)) pars else variable, missing)
  missing <- missing_values(fits, variable, missing)
  plan <- averaging_plan(fits, weights, control, if (is.null(ndraws)) nsamples else ndraws)
  out <- do.call(rbind, lapply(names(fits), function(name) {
    fit <- fits[[name]]
    n <- plan$ndraws[[name]]
    draw <- sort(sample.int(ndraws.skeinfit(fit), n, replace = n > ndraws.skeinfit(fit)))
    found <- intersect(variable, stored_variables(fit))
    values <- matrix(NA_real_, n, length(variable), dimnames = list(NULL, variable))
    values[, found] <- as.matrix.skeinfit(fit, variable = found)[draw, ]
    for (name in setdiff(variable, found)) values[, name] <- missing[[name]]
    values
  }))
  structure(as.data.frame(out, optional = TRUE), weights = plan$weights, ndraws = plan$ndraws)
}

averaged_variables <- function(fits, variable, missing) {
  names <- lapply(fits, stored_variables)
  known <- Reduce(if (is.null(missing)) intersect else union, names)
  if (is.null(variable)) {
    return(setdiff(known, "lp__"))
  }
  unknown <- setdiff(variable, known)
  if (length(unknown) && is.null(missing)) {
    skein_stop(c(
      "Not all of the models have {.val {unknown}}.", i = "Give by {.arg missing} what stands for them in the others."
    ))
  }
  if (length(unknown)) skein_stop("None of the models has {.val {unknown}}.")
  variable
}

# A named list: what stands for each variable that some fit lacks.
missing_values <- function(fits, variable, missing) {
  lacking <- unique(unlist(lapply(fits, function(fit) setdiff(variable, stored_variables(fit)))))
  if (!is.list(missing)) missing <- stats::setNames(rep(list(missing), length(lacking)), lacking)
  without <- setdiff(lacking, names(missing))
  if (length(without)) skein_stop("{.arg missing} has no value for {.val {without}}.")
  for (name in lacking) {
    value <- missing[[name]]
    if (length(value) != 1 || !(is.numeric(value) || is.na(value))) {
      skein_stop("{.arg missing} must be a number or NA for {.val {name}}, not {describe_value(value)}.")
    }
  }
  missing
}
