# Marginal likelihoods by package bridgesampling.

#' Marginal likelihood, Bayes factors and posterior probabilities of models
#'
#' By bridge sampling (Meng and Wong, 1996) through package \pkg{bridgesampling}, on the unconstrained parameters. The
#' fit must hold its group-level effects; standardised effects are worked out from them, so that `save_pars(all = TRUE)`
#' is not needed.
#'
#' @param samples,x,x1,x2 Fits of class `skeinfit`; other objects are handed on to \pkg{bridgesampling}.
#' @param log The logarithm of the Bayes factor?
#' @param prior_prob Prior probabilities of the models, by default equal ones.
#' @param model_names Names of the models.
#' @param ... For `bridge_sampler()`, arguments of \pkg{bridgesampling}'s function, such as `repetitions` or `silent`
#'   (`recompile` is ignored); for the others also more fits.
#' @return What \pkg{bridgesampling}'s functions of the names return.
#' @examplesIf requireNamespace("bridgesampling", quietly = TRUE)
#' \donttest{
#' fit <- brm(mpg ~ wt, mtcars, prior = prior(normal(0, 5), class = b),
#'   chains = 1, iter = 500, refresh = 0
#' )
#' bridge_sampler(fit, silent = TRUE)
#' }
#' @export
bridge_sampler <- function(samples, ...) bridgesampling_generic("bridge_sampler")(samples, ...)

#' @rdname bridge_sampler
#' @export
bayes_factor <- function(x1, x2, log = FALSE, ...) {
  # The method names the models as the caller wrote them.
  call <- match.call()
  call[[1]] <- bridgesampling_generic("bayes_factor")
  eval(call, parent.frame())
}

#' @rdname bridge_sampler
#' @export
post_prob <- function(x, ..., prior_prob = NULL, model_names = NULL) {
  call <- match.call()
  call[[1]] <- bridgesampling_generic("post_prob")
  eval(call, parent.frame())
}

bridgesampling_generic <- function(name) {
  if (!nzchar(system.file(package = "bridgesampling"))) {
    skein_stop("{.fn {name}} needs package {.pkg bridgesampling}, which is not installed.")
  }
  getExportedValue("bridgesampling", name)
}

#' @rawNamespace S3method(bridgesampling::bridge_sampler, skeinfit)
bridge_sampler.skeinfit <- function(samples, recompile = FALSE, ...) {
  stored <- samples$criteria$marglik
  if (!is.null(stored) && ...length() == 0) {
    return(stored)
  }
  draws <- t(unconstrained_draws(samples))
  names <- paste0("u", seq_len(ncol(draws)))
  colnames(draws) <- names
  density <- density_of(samples)
  log_posterior <- function(samples.row, data) {
    density_log_prob(density, matrix(as.double(samples.row)), gradient = FALSE, jacobian = TRUE)$log_prob
  }
  infinite <- stats::setNames(rep(Inf, length(names)), names)
  bridgesampling_generic("bridge_sampler")(
    draws, log_posterior = log_posterior, data = NULL, lb = -infinite, ub = infinite, ...
  )
}

#' @rawNamespace S3method(bridgesampling::bayes_factor, skeinfit)
bayes_factor.skeinfit <- function(x1, x2, log = FALSE, ...) {
  bridges <- lapply(list(x1, x2), function(fit) {
    if (inherits(fit, "skeinfit")) bridge_sampler.skeinfit(fit, ...) else fit
  })
  out <- bridgesampling_generic("bayes_factor")(bridges[[1]], bridges[[2]], log = log)
  structure(out, model_names = unname(fit_names(list(substitute(x1), substitute(x2)), NULL)))
}

#' @rawNamespace S3method(bridgesampling::post_prob, skeinfit)
post_prob.skeinfit <- function(x, ..., prior_prob = NULL, model_names = NULL) {
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  bridges <- lapply(arguments$fits, function(fit) do.call(bridge_sampler.skeinfit, c(list(fit), arguments$others)))
  do.call(bridgesampling_generic("post_prob"), c(
    unname(bridges), list(prior_prob = prior_prob, model_names = names(arguments$fits))
  ))
}
