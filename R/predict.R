# Predictions: linear predictors, expected values, random responses and log densities, draws x rows.

#' Predictions of a fit
#'
#' `posterior_linpred()` gives linear predictors, `posterior_epred()` expected values of the response,
#' `posterior_predict()` random responses, and `log_lik()` the log density of each observed response, for each draw and
#' each row of the data. Rows are computed in C++, in threads if `cores` asks for them; results do not depend on the
#' number of threads.
#'
#' Further arguments, in `...`, are those of brms's `prepare_predictions()`:
#'
#' * `allow_new_levels` (`FALSE`): may `newdata` have levels of grouping factors that the model does not know? A missing
#'   level is a new one.
#' * `sample_new_levels`: where effects of new levels come from. `"uncertainty"` (the default): for each draw, those of
#'   a level drawn at random; `"gaussian"`: from the normal distribution of the effects; `"old_levels"`: one level,
#'   drawn at random, stands in for all draws. They use R's generator.
#' * `cores`: number of threads, by default the option `mc.cores`, else 1.
#' * `offset` (`TRUE`): include offsets?
#' * `nsamples`, `subset`: older names of `ndraws` and `draw_ids`.
#' * `point_estimate`: `"mean"` or `"median"`, to predict from this summary of the parameters' draws instead of from the
#'   draws; `ndraws_point_estimate` (1): how many times.
#'
#' A random response takes its random numbers from a stream of its own, keyed by draw and row and by one number from R's
#' generator for the whole call: with the same seed, a draw's response of a row is the same whatever other draws and
#' rows are computed with it, and for any number of threads.
#'
#' The rows of `log_lik()` sum to the log likelihood that was sampled from. Where `weights()`, `cens()` and `trunc()`
#' come together, that is brms's Stan model's, in which weights leave the truncation alone.
#'
#' `NA` in a factor of `newdata` sets all columns of the factor to 0, which with sum contrasts is the grand mean.
#'
#' @param object A `skeinfit` with draws.
#' @param transform For `posterior_linpred()`, give the parameter itself, after the inverse link? For
#'   `posterior_predict()` deprecated: a function of the predictions.
#' @param newdata A data frame with the columns that the prediction needs, or `NULL` for the data of the fit. Columns of
#'   terms that `re_formula` leaves out are not needed, nor is the response, except for `log_lik()`.
#' @param re_formula Group-level terms to include: `NULL` for all, `NA` for none, or a formula of some, as in
#'   `~ (1 | g)`.
#' @param re.form Another name of `re_formula`.
#' @param resp Name of the response; there is one only.
#' @param dpar Name of a parameter of the family, such as `"sigma"`, to predict instead of the response. Its linear
#'   predictor is on the link scale; a parameter that the model does not predict has the same draws in all rows.
#' @param nlpar Not available yet: `NULL`.
#' @param incl_thres Ignored: the families have no thresholds.
#' @param negative_rt Ignored: for families that skein does not have yet.
#' @param ndraws Number of draws to use, chosen at random, or `NULL` for all.
#' @param draw_ids Numbers of the draws to use; has precedence over `ndraws`.
#' @param sort Ignored: for time series, which skein does not have yet.
#' @param ntrys Ignored: random responses of truncated models are exact and within the bounds.
#' @param cores Number of threads.
#' @param ... Further arguments, see Details; for `posterior_interval()` and others, as described there.
#' @return A matrix of draws x rows.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + Trt + (1 | patient), epilepsy, poisson(),
#'   chains = 1, iter = 200, refresh = 0
#' )
#' new <- data.frame(zAge = 0, Trt = factor(0:1), patient = "new")
#' colMeans(posterior_epred(fit, newdata = new, allow_new_levels = TRUE))
#' posterior_epred(fit, newdata = new, re_formula = NA, ndraws = 3)
#' }
#' @name predictions-skein
NULL

# The quantity that C++ computes, as prediction_rows() reads it.
quantity_of <- function(object, kind, dpar = NULL, residual = FALSE) {
  number <- if (is.null(dpar)) 0L else dpar_number(object, dpar)
  list(kind = kind, dpar = number, residual = residual)
}

# All predictions pass through here. given: arguments named as in prediction_defaults. summary: NULL or list(robust,
# probs). Returns draws x rows, or rows x statistics.
compute_prediction <- function(object, quantity, newdata, re_formula, given, summary = NULL) {
  check_has_draws(object)
  options <- check_prediction_arguments(object, given)
  if (!is.null(options$point_estimate)) {
    object <- point_fit(object, options$point_estimate, options$ndraws_point_estimate)
    options$draw_ids <- NULL
  }
  if (!is.null(options$re.form)) re_formula <- options$re.form
  options$seed <- if (quantity$kind == "random") stream_seed() else 0
  prediction <- build_prediction(object, newdata, re_formula, quantity, options)
  run_prediction(prediction, quantity, options, summary)
}

# One number from R's generator, 53 bits of which two parts are whole numbers of 26 and 27 bits.
stream_seed <- function() {
  parts <- floor(stats::runif(2) * c(2^26, 2^27))
  parts[1] * 2^27 + parts[2]
}

#' @rdname predictions-skein
#' @method posterior_linpred skeinfit
#' @export
posterior_linpred.skeinfit <- function(object, transform = FALSE, newdata = NULL, re_formula = NULL, re.form = NULL,
                                       resp = NULL, dpar = NULL, nlpar = NULL, incl_thres = NULL, ndraws = NULL,
                                       draw_ids = NULL, sort = FALSE, ...) {
  check_flag(transform, "transform")
  quantity <- quantity_of(object, if (transform) "parameter" else "linear", dpar)
  given <- list(re.form = re.form, resp = resp, nlpar = nlpar, ndraws = ndraws, draw_ids = draw_ids, sort = sort, ...)
  compute_prediction(object, quantity, newdata, re_formula, given)
}

#' @rdname predictions-skein
#' @method posterior_epred skeinfit
#' @export
posterior_epred.skeinfit <- function(object, newdata = NULL, re_formula = NULL, re.form = NULL, resp = NULL,
                                     dpar = NULL, nlpar = NULL, ndraws = NULL, draw_ids = NULL, sort = FALSE, ...) {
  quantity <- expected_quantity(object, dpar)
  given <- list(re.form = re.form, resp = resp, nlpar = nlpar, ndraws = ndraws, draw_ids = draw_ids, sort = sort, ...)
  compute_prediction(object, quantity, newdata, re_formula, given)
}

expected_quantity <- function(object, dpar) {
  if (is.null(dpar)) quantity_of(object, "expected") else quantity_of(object, "parameter", dpar)
}

#' @rdname predictions-skein
#' @method posterior_predict skeinfit
#' @export
posterior_predict.skeinfit <- function(object, newdata = NULL, re_formula = NULL, re.form = NULL, transform = NULL,
                                       resp = NULL, negative_rt = FALSE, ndraws = NULL, draw_ids = NULL, sort = FALSE,
                                       ntrys = 5, cores = NULL, ...) {
  given <- list(
    re.form = re.form, resp = resp, negative_rt = negative_rt, ndraws = ndraws, draw_ids = draw_ids, sort = sort,
    ntrys = ntrys, cores = cores, ...
  )
  out <- compute_prediction(object, quantity_of(object, "random"), newdata, re_formula, given)
  if (is.null(transform)) out else transformed(out, transform)
}

transformed <- function(draws, transform) {
  skein_warn("Argument {.arg transform} is deprecated: apply the function to the result.")
  match.fun(transform)(draws)
}

#' @rdname predictions-skein
#' @param pointwise Return a function of one row instead, as [loo::loo()] and [loo::waic()] take it?
#' @param combine Ignored: there is one response only.
#' @param add_point_estimate For [loo_subsample.skeinfit()]: should the function know the log density at the posterior
#'   medians as well?
#' @method log_lik skeinfit
#' @export
log_lik.skeinfit <- function(object, newdata = NULL, re_formula = NULL, resp = NULL, ndraws = NULL, draw_ids = NULL,
                             pointwise = FALSE, combine = TRUE, add_point_estimate = FALSE, cores = NULL, ...) {
  check_flag(pointwise, "pointwise")
  given <- list(resp = resp, ndraws = ndraws, draw_ids = draw_ids, cores = cores, ...)
  quantity <- quantity_of(object, "log_density")
  if (!pointwise) {
    return(compute_prediction(object, quantity, newdata, re_formula, given))
  }
  whole <- one_row_log_lik(object, quantity, newdata, re_formula, given)
  if (!isTRUE(add_point_estimate)) {
    return(whole)
  }
  at_point <- one_row_log_lik(point_fit(object, given$point_estimate), quantity, newdata, re_formula,
    point_options(given))
  # 0 stands for the point estimate, see row_draws().
  llfun <- function(data_i, draws) if (identical(as.integer(draws), 0L)) at_point(data_i) else whole(data_i)
  attributes(llfun) <- attributes(whole)
  llfun
}

# loo's calling convention: a function of one row of `data` at a time, here its number, and of `draws`, which it has.
one_row_log_lik <- function(object, quantity, newdata, re_formula, given) {
  check_has_draws(object)
  options <- check_prediction_arguments(object, given)
  options$seed <- 0
  prediction <- build_prediction(object, newdata, re_formula, quantity, options)
  n_rows <- prediction$n_rows
  block <- prediction$block
  prediction$n_rows <- 1
  one_row <- function(data_i, draws) {
    prediction$block <- function(from, to) {
      rows <- block(data_i$row, data_i$row)
      rows$first <- 1
      rows
    }
    run_prediction(prediction, quantity, options)[, 1]
  }
  structure(one_row, data = data.frame(row = seq_len(n_rows)), draws = row_draws(prediction$parts$draw_ids))
}
