# The log density of a fit on the unconstrained scale, its gradient, and the transforms, as in rstan.

#' Log density and transforms of a fit
#'
#' The posterior log density of a fit as a function of its unconstrained parameters, and the maps between unconstrained
#' and constrained parameters. Order and transforms are those of the Stan program that \pkg{brms} would write for the
#' model (log for a lower bound, logit for an interval, canonical partial correlations for Cholesky factors of
#' correlation matrices), whatever the sampler works on internally. Parameters fixed by a `constant()` prior are no part
#' of the unconstrained vector.
#'
#' @param object A fit of [brm()], or its element `fit`. `brm(..., chains = 0)` gives one without sampling. A fit read
#'   from a file builds its density anew; its element `fit` alone cannot do that before the fit has.
#' @param upars Numeric vector of `get_num_upars(object)` unconstrained parameters.
#' @param adjust_transform Add the log Jacobian determinants of the transforms? `lp__` of the draws includes them.
#' @param gradient Also return the gradient, as attribute `"gradient"`?
#' @param pars Named list with all parameters, shaped as `constrain_pars()` returns them.
#' @param ... Unused.
#'
#' @return `log_prob()`: the log density with all its constants, `-Inf` or `NaN` where it is not finite.
#'   `grad_log_prob()`: its gradient by `upars`, with the log density as attribute `"log_prob"`. `constrain_pars()`: a
#'   named list, one element for each parameter block: `b`, `Intercept`, `sigma`, `sd_1` (vectors and numbers), `z_1`
#'   (coefficients x levels), `L_1` (lower Cholesky factor). `unconstrain_pars()`: the unconstrained vector.
#'   `get_num_upars()`: its length.
#'
#' @examples
#' d <- data.frame(y = c(1, 3, 2, 5), x = 1:4)
#' fit <- brm(y ~ x, d, chains = 0)
#' u <- unconstrain_pars(fit, list(b = 1, Intercept = 3, sigma = 0.5))
#' log_prob(fit, u)
#' grad_log_prob(fit, u)
#' constrain_pars(fit, u)
#' @name log_prob
NULL

#' @rdname log_prob
#' @export
log_prob <- function(object, ...) UseMethod("log_prob")

#' @rdname log_prob
#' @export
grad_log_prob <- function(object, ...) UseMethod("grad_log_prob")

#' @rdname log_prob
#' @export
constrain_pars <- function(object, ...) UseMethod("constrain_pars")

#' @rdname log_prob
#' @export
unconstrain_pars <- function(object, ...) UseMethod("unconstrain_pars")

#' @rdname log_prob
#' @export
get_num_upars <- function(object, ...) UseMethod("get_num_upars")

#' @rdname log_prob
#' @export
log_prob.skeinfit <- function(object, upars, adjust_transform = TRUE, gradient = FALSE, ...) {
  check_flag(adjust_transform, "adjust_transform")
  check_flag(gradient, "gradient")
  result <- evaluate_density(object, upars, gradient, adjust_transform)
  if (!gradient) {
    return(result$log_prob)
  }
  structure(result$log_prob, gradient = as.vector(result$gradient))
}

#' @rdname log_prob
#' @export
grad_log_prob.skeinfit <- function(object, upars, adjust_transform = TRUE, ...) {
  check_flag(adjust_transform, "adjust_transform")
  result <- evaluate_density(object, upars, TRUE, adjust_transform)
  structure(as.vector(result$gradient), log_prob = result$log_prob)
}

#' @rdname log_prob
#' @export
constrain_pars.skeinfit <- function(object, upars, ...) {
  density <- density_of(object)
  values <- density_constrain(density, check_upars(upars, density))
  layout <- block_layout(sampling_of(object)$params)
  blocks <- lapply(seq_along(layout$name), function(k) {
    block_from_storage(values[block_positions(layout[k, ])], layout[k, ])
  })
  names(blocks) <- layout$name
  join_arrays(blocks)
}

#' @rdname log_prob
#' @export
unconstrain_pars.skeinfit <- function(object, pars, ...) {
  if (!is.list(pars)) skein_stop("{.arg pars} must be a named list, not {describe_value(pars)}.")
  density <- density_of(object)
  params <- sampling_of(object)$params
  layout <- block_layout(params)
  values <- constant_values(params)
  pars <- split_arrays(pars, layout)
  for (k in seq_along(layout$name)) {
    name <- layout$name[k]
    at <- block_positions(layout[k, ])
    if (is.null(pars[[name]])) {
      if (anyNA(values[at])) skein_stop("{.arg pars} lacks the parameter {.val {name}}.")
      next
    }
    given <- pars[[name]]
    if (!is.numeric(given) || length(given) != layout$size[k]) {
      skein_stop("{.arg pars}: {.val {name}} must have {layout$size[k]} number{?s}, not {length(given)}.")
    }
    stored <- block_to_storage(given, layout[k, ])
    free <- is.na(values[at])
    values[at][free] <- stored[free]
  }
  density_unconstrain(density, values)
}

#' @rdname log_prob
#' @export
get_num_upars.skeinfit <- function(object, ...) as.integer(density_dimension(density_of(object)))

#' @export
log_prob.skeinsampling <- log_prob.skeinfit

#' @export
grad_log_prob.skeinsampling <- grad_log_prob.skeinfit

#' @export
constrain_pars.skeinsampling <- constrain_pars.skeinfit

#' @export
unconstrain_pars.skeinsampling <- unconstrain_pars.skeinfit

#' @export
get_num_upars.skeinsampling <- get_num_upars.skeinfit

# rstan's own objects, when skein's functions stand in front of rstan's.
#' @export
log_prob.default <- function(object, ...) call_rstan("log_prob", object, ...)

#' @export
grad_log_prob.default <- function(object, ...) call_rstan("grad_log_prob", object, ...)

#' @export
constrain_pars.default <- function(object, ...) call_rstan("constrain_pars", object, ...)

#' @export
unconstrain_pars.default <- function(object, ...) call_rstan("unconstrain_pars", object, ...)

#' @export
get_num_upars.default <- function(object, ...) call_rstan("get_num_upars", object, ...)

call_rstan <- function(name, object, ...) {
  if (!inherits(object, "stanfit") || !nzchar(system.file(package = "rstan"))) {
    skein_stop("{.fn {name}} needs a fit of {.fn brm} or its element {.code fit}, not {describe_value(object)}.")
  }
  getExportedValue("rstan", name)(object, ...)
}

sampling_of <- function(object) if (inherits(object, "skeinfit")) object$fit else object

# One point: list(log_prob, gradient).
evaluate_density <- function(object, upars, gradient, jacobian) {
  density <- density_of(object)
  point <- matrix(check_upars(upars, density))
  density_log_prob(density, point, gradient = gradient, jacobian = jacobian)
}

check_upars <- function(upars, density) {
  n <- density_dimension(density)
  if (!is.numeric(upars) || anyNA(upars)) {
    skein_stop("{.arg upars} must be numbers without missing values, not {describe_value(upars)}.")
  }
  if (length(upars) != n) {
    skein_stop("{.arg upars} has {length(upars)} element{?s}, but the model has {n} unconstrained parameter{?s}.")
  }
  as.double(upars)
}
