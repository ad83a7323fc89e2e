# What a fit was made of: its data, formula, family, and the counts of its draws.

#' Parts of a fit
#'
#' @param object,x,formula A `skeinfit`.
#' @param resp The response's name, or `NULL`.
#' @param ... Unused.
#' @return `nobs()`: number of observations used. `formula()` and `getCall()`: the model's formula, `family()`: its
#'   family, `model.frame()`: the columns of the data it uses, rows with missing values dropped. `variables()`: names
#'   of the stored draws, `nvariables()` their number; `niterations()`, `nchains()`, `ndraws()`: draws kept after
#'   warm-up in each chain, chains, and draws in all chains.
#' @name parts-skein
NULL

#' @rdname parts-skein
#' @method nobs skeinfit
#' @export
nobs.skeinfit <- function(object, resp = NULL, ...) {
  stop_unused(...)
  check_response_name(object, resp)
  as.integer(object$frame$n_rows)
}

#' @rdname parts-skein
#' @method formula skeinfit
#' @export
formula.skeinfit <- function(x, ...) x$formula

#' @rdname parts-skein
#' @method getCall skeinfit
#' @export
getCall.skeinfit <- function(x, ...) x$formula

#' @rdname parts-skein
#' @method family skeinfit
#' @export
family.skeinfit <- function(object, resp = NULL, ...) {
  check_response_name(object, resp)
  object$family
}

#' @rdname parts-skein
#' @method model.frame skeinfit
#' @export
model.frame.skeinfit <- function(formula, ...) formula$data

#' @rdname parts-skein
#' @method variables skeinfit
#' @export
variables.skeinfit <- function(x, ...) stored_variables(x)

#' @rdname parts-skein
#' @method nvariables skeinfit
#' @export
nvariables.skeinfit <- function(x, ...) length(stored_variables(x))

#' @rdname parts-skein
#' @method niterations skeinfit
#' @export
niterations.skeinfit <- function(x) if (has_draws(x)) dim(x$fit$draws)[1] else 0L

#' @rdname parts-skein
#' @method nchains skeinfit
#' @export
nchains.skeinfit <- function(x) if (has_draws(x)) dim(x$fit$draws)[2] else 0L

#' @rdname parts-skein
#' @method ndraws skeinfit
#' @export
ndraws.skeinfit <- function(x) niterations.skeinfit(x) * nchains.skeinfit(x)
