# Leave-one-out cross-validation of some rows, for data of many.

#' Leave-one-out cross-validation by subsampling
#'
#' For large data: the exact importance sampling estimate for some rows only, completed by an approximation that is
#' cheap for all, through [loo::loo_subsample()].
#'
#' @param x A `skeinfit`.
#' @param ... More fits; arguments of [loo::loo_subsample()], such as `observations`, `estimator`, `loo_approximation`
#'   or `r_eff` (by default 1); and of [log_lik()][predictions-skein].
#' @param compare Compare several fits?
#' @param resp Name of the response.
#' @param model_names Names of the fits.
#' @return An object of class `psis_loo_ss`, for several fits a list of class `loolist`.
#' @references Magnusson, Andersen, Jonasson and Vehtari (2020). Leave-one-out cross-validation for Bayesian model
#'   comparison in large data. *AISTATS*.
#' @method loo_subsample skeinfit
#' @export
loo_subsample.skeinfit <- function(x, ..., compare = TRUE, resp = NULL, model_names = NULL) {
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  one <- function(fit, name) {
    out <- subsampled_loo(fit, c(arguments$others, list(resp = resp)))
    structure(out, yhash = response_hash(fit, arguments$others$newdata))
  }
  criteria_of_fits("loo_subsample", arguments, one, compare, TRUE)
}

subsampled_loo <- function(fit, given) {
  if (!is.null(given$loo_approximation_draws)) {
    skein_stop("{.arg loo_approximation_draws} is not supported: use {.arg ndraws}.")
  }
  of_loo <- setdiff(names(formals(utils::getS3method("loo_subsample", "function", envir = asNamespace("loo")))), "...")
  for_log_lik <- given[setdiff(names(given), setdiff(of_loo, "cores"))]
  log_lik <- do.call(
    log_lik.skeinfit, c(list(fit, pointwise = TRUE, add_point_estimate = TRUE), for_log_lik)
  )
  arguments <- list(log_lik, data = attr(log_lik, "data"), draws = attr(log_lik, "draws"))
  # The efficiencies of all rows would cost what the subsample is to save.
  if (!"r_eff" %in% names(given)) arguments$r_eff <- rep(1, nrow(arguments$data))
  do.call(loo::loo_subsample, c(arguments, given[names(given) %in% of_loo]))
}

# What loo calls `draws`: log_lik(pointwise = TRUE) keeps them itself, so that their numbers stand for them, and the
# number 0 for the point estimate.
row_draws <- function(ids) structure(ids, class = "skein_row_draws")

#' @rawNamespace S3method(loo::.ndraws, skein_row_draws)
.ndraws.skein_row_draws <- function(x) length(x)

#' @rawNamespace S3method(loo::.thin_draws, skein_row_draws)
.thin_draws.skein_row_draws <- function(draws, loo_approximation_draws) draws

#' @rawNamespace S3method(loo::.compute_point_estimate, skein_row_draws)
.compute_point_estimate.skein_row_draws <- function(draws) row_draws(0L)
