# The sampler's diagnostics of a fit: nuts_params(), log_posterior(), rhat(), neff_ratio(), control_params().

#' Diagnostics of a fit
#'
#' `nuts_params()` and `log_posterior()` give what the plots of \pkg{bayesplot} expect, `rhat()` and `neff_ratio()` the
#' diagnostics of \pkg{posterior} for each variable.
#'
#' @param object,x A `skeinfit`.
#' @param pars For `nuts_params()` names among `accept_stat__`, `stepsize__`, `treedepth__`, `n_leapfrog__`,
#'   `divergent__` and `energy__`; for `rhat()` and `neff_ratio()` names of variables; `NULL` for all.
#' @param inc_warmup Put the warm-up iterations in front? They are always there for `nuts_params()`; for
#'   `log_posterior()` if the model was fitted with `save_warmup = TRUE`.
#' @param ... Unused.
#' @return `nuts_params()`: a data frame with columns Chain, Iteration, Parameter and Value, `log_posterior()`: with
#'   columns Chain, Iteration and Value. Iterations are those kept after thinning, counted from 1. `rhat()`: Rhat (rank
#'   normalised, split; nested as in [summary()][summary.skeinfit]) by variable. `neff_ratio()`: the smaller of bulk and
#'   tail effective sample size over the number of draws. Both are `NA` for variables that do not vary.
#' @name diagnostics-skein
NULL

#' @rdname diagnostics-skein
#' @method nuts_params skeinfit
#' @export
nuts_params.skeinfit <- function(object, pars = NULL, inc_warmup = FALSE, ...) {
  stop_unused(...)
  check_flag(inc_warmup, "inc_warmup")
  values <- sampler_array(object, inc_warmup)
  names <- dimnames(values)[[3]]
  if (!is.null(pars)) {
    check_names_known(pars, names, "sampler parameter")
    names <- pars
  }
  # Rows by chain, then parameter, then iteration, as bayesplot gives them for a stanfit.
  values <- aperm(values[, , names, drop = FALSE], c(1, 3, 2))
  data.frame(
    Chain = rep(seq_len(dim(values)[3]), each = prod(dim(values)[1:2])),
    Iteration = rep(seq_len(dim(values)[1]), prod(dim(values)[2:3])),
    Parameter = factor(rep(rep(names, each = dim(values)[1]), dim(values)[3]), names),
    Value = as.vector(values)
  )
}

#' @rdname diagnostics-skein
#' @method log_posterior skeinfit
#' @export
log_posterior.skeinfit <- function(object, inc_warmup = FALSE, ...) {
  stop_unused(...)
  values <- select_draws(object, "lp__", inc_warmup = inc_warmup)
  data.frame(
    Chain = rep(seq_len(dim(values)[2]), each = dim(values)[1]),
    Iteration = rep(seq_len(dim(values)[1]), dim(values)[2]),
    Value = as.vector(values)
  )
}

#' @rdname diagnostics-skein
#' @method rhat skeinfit
#' @export
#' @rawNamespace S3method(bayesplot::rhat, skeinfit)
rhat.skeinfit <- function(x, pars = NULL, ...) {
  stop_unused(...)
  superchains <- superchains_of(x$fit$settings)
  each_variable(x, pars, function(draws) r_hat(draws, superchains))
}

#' @rdname diagnostics-skein
#' @method neff_ratio skeinfit
#' @export
neff_ratio.skeinfit <- function(object, pars = NULL, ...) {
  stop_unused(...)
  each_variable(object, pars, function(draws) {
    min(effective_bulk(draws), effective_tail(draws)) / length(draws)
  })
}

# A number per variable, from its iterations x chains matrix.
each_variable <- function(object, pars, statistic) {
  draws <- select_draws(object, pars)
  names <- dimnames(draws)[[3]]
  values <- vapply(seq_along(names), function(k) {
    quietly(statistic(matrix(draws[, , k], dim(draws)[1], dim(draws)[2])))
  }, numeric(1))
  stats::setNames(values, names)
}

# iterations x chains x 6. The fit keeps every iteration, warm-up included; draws and their diagnostics are every
# thin-th of each phase, beginning with its first.
sampler_array <- function(object, inc_warmup = FALSE) {
  check_has_draws(object)
  values <- object$fit$sampler_params
  settings <- object$fit$settings
  kept <- sampled_iterations(object)
  kept <- kept[seq(1, length(kept), by = settings$thin)]
  if (inc_warmup && settings$warmup > 0) kept <- c(seq(1, settings$warmup, by = settings$thin), kept)
  values[kept, , , drop = FALSE]
}

# All transitions after warm-up, thinned away or not.
sampler_values <- function(object, name) {
  object$fit$sampler_params[sampled_iterations(object), , name]
}

sampled_iterations <- function(object) {
  n_iterations <- dim(object$fit$sampler_params)[1]
  seq_len(n_iterations)[seq_len(n_iterations) > object$fit$settings$warmup]
}

#' Settings of the sampler
#'
#' @param x A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param pars Names of settings, or `NULL` for all.
#' @param ... Unused.
#' @return A named list of the settings in force, under rstan's names: `adapt_delta`, `max_treedepth`, `metric`, ...
#' @export
control_params <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("control_params", x, ...))
  }
  UseMethod("control_params")
}

#' @rdname control_params
#' @export
#' @rawNamespace S3method(brms::control_params, skeinfit)
control_params.skeinfit <- function(x, pars = NULL, ...) {
  stop_unused(...)
  settings <- x$fit$settings
  out <- settings[intersect(setdiff(control_names, "inv_metric"), names(settings))]
  if (is.null(pars)) {
    return(out)
  }
  check_names_known(pars, names(out), "setting")
  out[pars]
}
