# Names that brms has replaced but still keeps: each says what to use, and does it.

#' Older names
#'
#' Functions that \pkg{brms} has replaced. Each warns, naming the function to use instead, and calls it.
#'
#' | older | use |
#' |---|---|
#' | `posterior_samples()` | [as_draws_df()][as_draws_df.skeinfit], [as.data.frame()][as.data.frame.skeinfit] |
#' | `parnames()` | [variables()][variables.skeinfit] |
#' | `nsamples()` | [ndraws()][ndraws.skeinfit] |
#' | `prior_samples()` | [prior_draws()] |
#' | `stanplot()` | [mcmc_plot()] |
#' | `marginal_effects()` | `conditional_effects()` |
#' | `add_loo()`, `add_waic()`, `add_ic()` | [add_criterion()] |
#' | `compare_ic()` | [loo_compare()][loo_compare.skeinfit] |
#'
#' @param x,object A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param pars Names of parameters as regular expressions, or `NA` for all.
#' @param fixed Are `pars` exact names?
#' @param add_chain Add columns `chain` and `iter`?
#' @param subset Numbers of the draws to keep, or `NULL`.
#' @param as.matrix,as.array Give a matrix or an array instead of a data frame?
#' @param model_name Name of the model in comparisons.
#' @param ic Names of criteria.
#' @param ... Arguments of the function called.
#' @return What the function called returns.
#' @name deprecated-skein
#' @keywords internal
NULL

say_deprecated <- function(old, new) {
  skein_warn("{.fn {old}} is deprecated. Please use {.fn {new}} instead.", class = "skein_deprecated")
}

# Calls `new` of this package, or of brms where the object is one of its fits.
forward_deprecated <- function(old, new, object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms(old, object, ...))
  }
  say_deprecated(old, new)
  get(new, mode = "function")(object, ...)
}

#' @rdname deprecated-skein
#' @export
posterior_samples <- function(x, pars = NA, fixed = FALSE, add_chain = FALSE, subset = NULL, as.matrix = FALSE,
                              as.array = FALSE, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("posterior_samples", x, pars = pars, fixed = fixed, add_chain = add_chain, subset = subset,
      as.matrix = as.matrix, as.array = as.array, ...))
  }
  say_deprecated("posterior_samples", "as_draws_df")
  stop_unused(...)
  for (flag in c("fixed", "add_chain", "as.matrix", "as.array")) check_flag(get(flag), flag)
  variable <- if (!all(is.na(pars))) pars
  if (as.array) {
    return(as.array.skeinfit(x, variable = variable, regex = !fixed))
  }
  out <- as.matrix.skeinfit(x, variable = variable, regex = !fixed)
  if (add_chain) {
    n <- niterations.skeinfit(x)
    out <- cbind(out, chain = rep(seq_len(nchains.skeinfit(x)), each = n), iter = rep(seq_len(n), nchains.skeinfit(x)))
  }
  if (!is.null(subset)) out <- out[subset, , drop = FALSE]
  if (as.matrix) out else as.data.frame(out, optional = TRUE)
}

#' @rdname deprecated-skein
#' @export
parnames <- function(x, ...) forward_deprecated("parnames", "variables", x, ...)

#' @rdname deprecated-skein
#' @export
nsamples <- function(object, ...) forward_deprecated("nsamples", "ndraws", object, ...)

#' @rdname deprecated-skein
#' @export
prior_samples <- function(x, ...) forward_deprecated("prior_samples", "prior_draws", x, ...)

#' @rdname deprecated-skein
#' @export
stanplot <- function(object, ...) forward_deprecated("stanplot", "mcmc_plot", object, ...)

#' @rdname deprecated-skein
#' @export
marginal_effects <- function(x, ...) forward_deprecated("marginal_effects", "conditional_effects", x, ...)

#' @rdname deprecated-skein
#' @export
add_loo <- function(x, model_name = NULL, ...) add_old_criterion("add_loo", x, "loo", model_name, ...)

#' @rdname deprecated-skein
#' @export
add_waic <- function(x, model_name = NULL, ...) add_old_criterion("add_waic", x, "waic", model_name, ...)

#' @rdname deprecated-skein
#' @export
add_ic <- function(x, ic = "loo", model_name = NULL, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("add_ic", x, ic = ic, model_name = model_name, ...))
  }
  add_old_criterion("add_ic", x, ic, model_name, ...)
}

add_old_criterion <- function(old, x, criterion, model_name, ...) {
  if (is_brmsfit(x)) {
    return(call_brms(old, x, model_name = model_name, ...))
  }
  say_deprecated(old, "add_criterion")
  add_criterion.skeinfit(x, tolower(criterion), model_name = model_name, ...)
}

#' @rdname deprecated-skein
#' @export
compare_ic <- function(..., x = NULL, ic = c("loo", "waic", "kfold")) {
  fits <- c(list(...), x)
  if (length(fits) && is_brmsfit(fits[[1]])) {
    return(call_brms("compare_ic", ..., x = x, ic = ic))
  }
  say_deprecated("compare_ic", "loo_compare")
  do.call(loo_compare.skeinfit, c(unname(fits), list(
    criterion = ic[1], model_names = if (is.null(names(fits))) paste("Model", seq_along(fits)) else names(fits)
  )))
}
