# Leave-one-out predictions by Pareto-smoothed importance sampling.

#' Leave-one-out predictions
#'
#' Expectations over the posterior without each row's own response, by Pareto-smoothed importance sampling:
#' `loo_predict()` of random responses, `loo_linpred()` of linear predictors,
#' `loo_predictive_interval()` intervals of random responses.
#'
#' @param object A `skeinfit`.
#' @param type `"mean"`, `"var"` or `"quantile"`.
#' @param probs Probabilities of the quantiles.
#' @param prob Probability of the central intervals.
#' @param psis_object Weights by [loo::psis()]; computed if `NULL`.
#' @param resp Name of the response.
#' @param ... Arguments of [posterior_predict()][predictions-skein] and kin, and of [log_lik()][predictions-skein].
#' @return A vector with one value per row; for several quantiles a matrix of quantiles x rows; for intervals rows x the two
#'   ends.
#' @name loo-predictions
NULL

loo_expectations <- function(object, draws, type, probs, psis_object, given) {
  type <- check_one_of(type[1], c("mean", "var", "quantile"), "type")
  log_lik <- do.call(log_lik.skeinfit, c(list(object), given))
  if (is.null(psis_object)) psis_object <- psis_of(object, log_lik, given)
  if (type == "quantile") check_probs(probs)
  arguments <- list(x = draws, psis = psis_object, log_lik = log_lik, type = type)
  if (type == "quantile") arguments$probs <- probs
  do.call(loo_expectation, arguments)
}

#' @rdname loo-predictions
#' @method loo_predict skeinfit
#' @export
loo_predict.skeinfit <- function(object, type = c("mean", "var", "quantile"), probs = 0.5, psis_object = NULL,
                                 resp = NULL, ...) {
  draws <- posterior_predict.skeinfit(object, resp = resp, ...)
  loo_expectations(object, draws, type, probs, psis_object, list(...))
}

#' @rdname loo-predictions
#' @method loo_linpred skeinfit
#' @export
loo_linpred.skeinfit <- function(object, type = c("mean", "var", "quantile"), probs = 0.5, psis_object = NULL,
                                 resp = NULL, ...) {
  draws <- posterior_linpred.skeinfit(object, resp = resp, ...)
  loo_expectations(object, draws, type, probs, psis_object, list(...))
}

#' @rdname loo-predictions
#' @method loo_predictive_interval skeinfit
#' @export
loo_predictive_interval.skeinfit <- function(object, prob = 0.9, psis_object = NULL, ...) {
  tails <- (1 + c(-1, 1) * check_number(prob, "prob", 0, 1)) / 2
  out <- t(loo_predict.skeinfit(object, type = "quantile", probs = tails, psis_object = psis_object, ...))
  dimnames(out) <- list(NULL, paste0(100 * tails, "%"))
  out
}
