# Moment matching: importance weights improved by shifting and scaling the draws, for rows where plain weights fail.

#' Moment matching for leave-one-out cross-validation
#'
#' For rows whose Pareto k is above the threshold, moves the draws on the unconstrained scale towards the posterior
#' without the row, until their importance weights can be trusted (Paananen et al., 2021), by
#' [loo::loo_moment_match()]. Draws and log densities come from the model's own transforms, so that the standardised
#' group-level effects need not be saved; the group-level effects must be.
#'
#' @param x A `skeinfit`.
#' @param loo The object that [loo()][loo.skeinfit] returned for it; by default the stored one, see [add_criterion()].
#' @param k_threshold The threshold of Pareto k.
#' @param newdata The data that `loo` is of, or `NULL` for those of the fit.
#' @param resp Name of the response.
#' @param check Stop if `loo` is of other responses?
#' @param recompile Ignored: there is no model to compile.
#' @param ... Arguments of [loo::loo_moment_match()], such as `max_iters`, `split`, `cov` or `cores`, and of
#'   [log_lik()][predictions-skein].
#' @return `loo` with the estimates of those rows replaced.
#' @references Paananen, Piironen, Bürkner and Vehtari (2021). Implicitly adaptive importance sampling. *Statistics and
#'   Computing* 31, 16. \doi{10.1007/s11222-020-09982-2}
#' @method loo_moment_match skeinfit
#' @export
loo_moment_match.skeinfit <- function(x, loo = NULL, k_threshold = 0.7, newdata = NULL, resp = NULL, check = TRUE,
                                      recompile = FALSE, ...) {
  check_has_draws(x)
  check_flag(check, "check")
  check_response_name(x, resp)
  loo <- loo_of_rows(x, loo, newdata, check)
  given <- list(...)
  if (!is.null(given$ndraws) || !is.null(given$draw_ids) || dim(loo)[1] != ndraws.skeinfit(x)) {
    skein_stop("Moment matching needs {.arg loo} of all draws.")
  }
  data <- if (is.null(newdata)) x$data else newdata
  # chosen: loo's own arguments are given by name; the rest are of log_lik().
  of_loo <- intersect(names(given), c("max_iters", "split", "cov", "cores"))
  for_log_lik <- given[setdiff(names(given), of_loo)]
  density <- density_of(x)
  row_of <- function(fit, i) {
    row <- data[i, , drop = FALSE]
    as.vector(do.call(log_lik.skeinfit, c(list(fit, newdata = row), for_log_lik)))
  }
  do.call(loo::loo_moment_match.default, c(
    list(
      x = x, loo = loo, post_draws = function(x, ...) t(unconstrained_draws(x)),
      log_lik_i = function(x, i, ...) row_of(x, i),
      # The draws asked for above are unconstrained ones already.
      unconstrain_pars = function(x, pars, ...) pars,
      log_prob_upars = function(x, upars, ...) log_prob_at(density, upars),
      log_lik_i_upars = function(x, upars, i, ...) row_of(fit_at(x, t(upars)), i), k_threshold = k_threshold
    ),
    given[of_loo]
  ))
}

# loo's generic goes by its first argument, which may be either: a result of loo() first, the fit second. The same
# method serves brms's fits.
#' @rdname loo_moment_match.skeinfit
#' @param fit A `skeinfit`, where `x` is the object of [loo()][loo.skeinfit].
#' @method loo_moment_match loo
#' @export
loo_moment_match.loo <- function(x, fit, ...) loo::loo_moment_match(fit, loo = x, ...)

# The given or stored result of loo(), checked to be of the rows' responses.
loo_of_rows <- function(x, loo, newdata, check) {
  if (is.null(loo)) loo <- x$criteria$loo
  if (is.null(loo)) {
    skein_stop(c(
      "No {.arg loo} was given and the fit holds none.",
      i = "Give what {.fn loo} returns, or store it by {.code add_criterion(fit, \"loo\")}."
    ))
  }
  if (!inherits(loo, "loo")) skein_stop("{.arg loo} must be of class {.cls loo}, not {describe_value(loo)}.")
  n <- if (is.null(newdata)) nobs.skeinfit(x) else nrow(newdata)
  if (nrow(loo$pointwise) != n) skein_stop("{.arg loo} is of {nrow(loo$pointwise)} observations, the data have {n}.")
  if (check && !identical(attr(loo, "yhash"), response_hash(x, newdata))) {
    skein_stop(c(
      "{.arg loo} was computed from other responses than those of the fit.",
      i = "Use {.code check = FALSE} if you know that it was not."
    ))
  }
  loo
}

# The log density, Jacobian included, at the rows of upars.
log_prob_at <- function(density, upars) {
  density_log_prob(density, t(upars), gradient = FALSE, jacobian = TRUE)$log_prob
}

# The fit with one chain of draws at the columns of `positions`, points on the unconstrained scale.
fit_at <- function(x, positions) with_draws(x, t(density_draws(density_of(x), positions)))

# The fit with one chain of the draws given: draws x variables, in the order of the stored ones. Draws from priors,
# which no likelihood depends on, may be missing at the end.
with_draws <- function(x, draws) {
  names <- stored_variables(x)[seq_len(ncol(draws))]
  x$fit$draws <- array(draws, c(nrow(draws), 1, ncol(draws)), list(NULL, NULL, names))
  x$fit$settings[c("chains", "iter", "warmup", "thin")] <- list(1, nrow(draws), 0, 1)
  x$criteria <- NULL
  x
}
