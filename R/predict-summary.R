# Predictions summed up row by row, without holding the draws of all rows: fitted(), predict(), residuals() and kin.

#' Expected values, predictions and residuals, row by row
#'
#' `fitted()` sums up what [posterior_epred()][predictions-skein] (or, with `scale = "linear"`,
#' [posterior_linpred()][predictions-skein]) gives, `predict()` what [posterior_predict()][predictions-skein] gives.
#' `residuals()` are observed responses less random responses, or less expected values with
#' `method = "posterior_epred"`; `predictive_error()` gives their draws, `predictive_interval()` central
#' intervals of random responses. Summaries are computed row by row, so that a million rows need no more memory than
#' their results.
#'
#' @inheritParams predictions-skein
#' @param scale `"response"` for expected values, `"linear"` for linear predictors.
#' @param summary Sum up the draws of each row (`TRUE`) or return them?
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param probs Probabilities of the quantiles.
#' @param transform Deprecated: a function of the predictions.
#' @param method `"posterior_predict"`, `"posterior_epred"` or `"posterior_linpred"`.
#' @param type `"ordinary"`, or `"pearson"` for residuals divided by the standard deviation of the predicted responses
#'   of their row.
#' @param prob Probability of the central intervals.
#' @return With `summary`, a matrix of rows x (Estimate, Est.Error, quantiles), else of draws x rows.
#'   `predictive_interval()`: rows x the two ends.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' head(fitted(fit))
#' head(predict(fit, probs = c(0.1, 0.9), robust = TRUE))
#' head(residuals(fit))
#' }
#' @name predicted-rows
NULL

# draws x rows, or with `summary` rows x statistics with brms's column names.
summarised_prediction <- function(object, quantity, newdata, re_formula, given, choices) {
  check_flag(choices$summary, "summary")
  if (!choices$summary) {
    return(compute_prediction(object, quantity, newdata, re_formula, given))
  }
  check_flag(choices$robust, "robust")
  check_probs(choices$probs)
  summary <- list(robust = choices$robust, probs = as.double(choices$probs))
  out <- compute_prediction(object, quantity, newdata, re_formula, given, summary)
  dimnames(out) <- list(NULL, c("Estimate", "Est.Error", quantile_names(choices$probs)))
  out
}

#' @rdname predicted-rows
#' @method fitted skeinfit
#' @export
fitted.skeinfit <- function(object, newdata = NULL, re_formula = NULL, scale = c("response", "linear"), resp = NULL,
                            dpar = NULL, nlpar = NULL, ndraws = NULL, draw_ids = NULL, sort = FALSE, summary = TRUE,
                            robust = FALSE, probs = c(0.025, 0.975), ...) {
  scale <- check_one_of(scale[1], c("response", "linear"), "scale")
  quantity <- if (scale == "linear") quantity_of(object, "linear", dpar) else expected_quantity(object, dpar)
  given <- list(resp = resp, nlpar = nlpar, ndraws = ndraws, draw_ids = draw_ids, sort = sort, ...)
  choices <- list(summary = summary, robust = robust, probs = probs)
  summarised_prediction(object, quantity, newdata, re_formula, given, choices)
}

#' @rdname predicted-rows
#' @method predict skeinfit
#' @export
predict.skeinfit <- function(object, newdata = NULL, re_formula = NULL, transform = NULL, resp = NULL,
                             negative_rt = FALSE, ndraws = NULL, draw_ids = NULL, sort = FALSE, ntrys = 5,
                             cores = NULL, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), ...) {
  given <- list(
    resp = resp, negative_rt = negative_rt, ndraws = ndraws, draw_ids = draw_ids, sort = sort, ntrys = ntrys,
    cores = cores, ...
  )
  choices <- list(summary = summary && is.null(transform), robust = robust, probs = probs)
  out <- summarised_prediction(object, quantity_of(object, "random"), newdata, re_formula, given, choices)
  if (is.null(transform)) {
    return(out)
  }
  out <- transformed(out, transform)
  if (summary) posterior_summary.default(out, probs = probs, robust = robust) else out
}

#' @rdname predicted-rows
#' @method residuals skeinfit
#' @export
residuals.skeinfit <- function(object, newdata = NULL, re_formula = NULL, method = "posterior_predict",
                               type = c("ordinary", "pearson"), resp = NULL, ndraws = NULL, draw_ids = NULL,
                               sort = FALSE, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), ...) {
  # fitted and predict are brms's older names of the methods.
  method <- c(fitted = "posterior_epred", predict = "posterior_predict")[method] %|na|% method
  method <- check_one_of(method, c("posterior_predict", "posterior_epred", "posterior_linpred"), "method")
  type <- check_one_of(type[1], c("ordinary", "pearson"), "type")
  kind <- c(posterior_predict = "random", posterior_epred = "expected", posterior_linpred = "linear")[[method]]
  check_has_draws(object)
  if (type == "pearson" && is.null(draw_ids) && !is.null(ndraws)) {
    # The same draws for residuals and for the standard deviations.
    draw_ids <- chosen_draws(object, list(ndraws = ndraws))
  }
  given <- list(resp = resp, ndraws = ndraws, draw_ids = draw_ids, sort = sort, ...)
  choices <- list(summary = summary, robust = robust, probs = probs)
  quantity <- quantity_of(object, kind, residual = TRUE)
  out <- summarised_prediction(object, quantity, newdata, re_formula, given, choices)
  if (type == "ordinary") {
    return(out)
  }
  spread <- compute_prediction(
    object, quantity_of(object, "random"), newdata, re_formula, given, list(robust = FALSE, probs = numeric(0))
  )[, 2]
  if (summary) out / spread else sweep(out, 2, spread, "/")
}

`%|na|%` <- function(x, default) if (length(x) == 1 && is.na(x)) default else unname(x)

#' @rdname predicted-rows
#' @method predictive_error skeinfit
#' @export
predictive_error.skeinfit <- function(object, newdata = NULL, re_formula = NULL, re.form = NULL,
                                      method = "posterior_predict", resp = NULL, ndraws = NULL, draw_ids = NULL,
                                      sort = FALSE, ...) {
  if (!is.null(re.form)) re_formula <- re.form
  residuals.skeinfit(
    object, newdata = newdata, re_formula = re_formula, method = method, resp = resp, ndraws = ndraws,
    draw_ids = draw_ids, sort = sort, summary = FALSE, ...
  )
}

#' @rdname predicted-rows
#' @method predictive_interval skeinfit
#' @export
predictive_interval.skeinfit <- function(object, prob = 0.9, ...) {
  prob <- check_number(prob, "prob", 0, 1)
  tails <- (1 + c(-1, 1) * prob) / 2
  out <- predict.skeinfit(object, ..., probs = tails)[, 3:4, drop = FALSE]
  dimnames(out) <- list(NULL, paste0(100 * tails, "%"))
  out
}
