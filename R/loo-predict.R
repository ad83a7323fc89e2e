# Leave-one-out predictions by Pareto-smoothed importance sampling.

#' Leave-one-out predictions
#'
#' Expectations over the posterior without each row's own response, by Pareto-smoothed importance sampling:
#' `loo_predict()` of random responses, `loo_epred()` of expected values, `loo_linpred()` of linear predictors,
#' `loo_predictive_interval()` intervals of random responses.
#'
#' @param object A `skeinfit`; for `loo_epred()` other objects go to \pkg{brms}'s or \pkg{rstantools}'s function.
#' @param type `"mean"`, `"var"` or `"quantile"`.
#' @param probs Probabilities of the quantiles.
#' @param prob Probability of the central intervals.
#' @param psis_object Weights by [loo::psis()]; if `NULL`, those that `loo(object, save_psis = TRUE)` finds.
#' @param resp Name of the response.
#' @param ... Arguments of [posterior_predict()][predictions-skein] and kin, of [log_lik()][predictions-skein], and of
#'   [loo()][loo.skeinfit], such as `moment_match`.
#' @return A matrix with a row for each row of the data and a column for each statistic: `mean`, `var`, or quantiles
#'   such as `q50`.
#' @name loo-predictions
NULL

loo_expectations <- function(object, predict, type, probs, psis_object, resp, given) {
  type <- check_one_of(type[1], c("mean", "var", "quantile"), "type")
  if (type == "quantile") check_probs(probs)
  is_loo <- names(given) %in% c("moment_match", "moment_match_args", "reloo", "reloo_args", "k_threshold", "is_method")
  if (is.null(psis_object)) {
    skein_inform("Running PSIS to compute weights")
    psis_object <- do.call(loo.skeinfit, c(list(object, resp = resp, save_psis = TRUE), given))$psis_object
  }
  draws <- do.call(predict, c(list(object, resp = resp), given[!is_loo]))
  arguments <- list(draws, psis_object, type = type)
  if (type == "quantile") arguments$probs <- probs
  # Without log ratios loo looks at the weights' own Pareto k.
  values <- quietly(do.call(loo::E_loo, arguments))$value
  out <- if (is.matrix(values)) t(values) else matrix(values)
  colnames(out) <- if (type == "quantile") paste0("q", probs * 100) else type
  out
}

#' @rdname loo-predictions
#' @method loo_predict skeinfit
#' @export
loo_predict.skeinfit <- function(object, type = c("mean", "var", "quantile"), probs = 0.5, psis_object = NULL,
                                 resp = NULL, ...) {
  loo_expectations(object, posterior_predict.skeinfit, type, probs, psis_object, resp, list(...))
}

#' @rdname loo-predictions
#' @export
loo_epred <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("loo_epred", object, ...))
  }
  UseMethod("loo_epred")
}

#' @rdname loo-predictions
#' @export
loo_epred.default <- function(object, ...) {
  if (!"loo_epred" %in% getNamespaceExports("rstantools")) {
    skein_stop("{.fn loo_epred} takes fits of {.fn brm}, not {describe_value(object)}.")
  }
  getExportedValue("rstantools", "loo_epred")(object, ...)
}

#' @rdname loo-predictions
#' @export
loo_epred.skeinfit <- function(object, type = c("mean", "var", "quantile"), probs = 0.5, psis_object = NULL,
                               resp = NULL, ...) {
  loo_expectations(object, posterior_epred.skeinfit, type, probs, psis_object, resp, list(...))
}

#' @rdname loo-predictions
#' @method loo_linpred skeinfit
#' @export
loo_linpred.skeinfit <- function(object, type = c("mean", "var", "quantile"), probs = 0.5, psis_object = NULL,
                                 resp = NULL, ...) {
  loo_expectations(object, posterior_linpred.skeinfit, type, probs, psis_object, resp, list(...))
}

#' @rdname loo-predictions
#' @method loo_predictive_interval skeinfit
#' @export
loo_predictive_interval.skeinfit <- function(object, prob = 0.9, psis_object = NULL, ...) {
  tails <- (1 + c(-1, 1) * check_number(prob, "prob", 0, 1)) / 2
  loo_predict.skeinfit(object, type = "quantile", probs = tails, psis_object = psis_object, ...)
}
