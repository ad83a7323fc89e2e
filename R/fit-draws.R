# The draws of a fit in posterior's formats and as plain matrices.

#' Posterior draws of a fit
#'
#' The draws in the formats of package \pkg{posterior}. Variables are named as in \pkg{brms}: `b_x`, `sd_g__x`,
#' `cor_g__Intercept__x`, `r_g[level,x]`, `sigma`, or `b_sigma_x` and `r_g__sigma[level,x]` where `sigma` is predicted,
#' `Intercept` (that of the centred predictors), `lprior` (log density of the priors) and `lp__` (log posterior density
#' on the unconstrained scale).
#'
#' @param x A `skeinfit`.
#' @param variable Names of variables, or `NULL` for all. `"r_g"` stands for all of `r_g[...]`.
#' @param regex Are `variable` regular expressions?
#' @param inc_warmup Put the warm-up draws in front? They exist if the model was fitted with `save_warmup = TRUE`.
#' @param ... Unused.
#' @return `as_draws()` gives a `draws_list`, the others what their names say.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' posterior::summarise_draws(as_draws(fit, variable = "^b_", regex = TRUE))
#' }
#' @name draws-skein
NULL

#' @rdname draws-skein
#' @method as_draws skeinfit
#' @export
as_draws.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  as_draws_list.skeinfit(x, variable, regex, inc_warmup, ...)
}

#' @rdname draws-skein
#' @method as_draws_array skeinfit
#' @export
as_draws_array.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  stop_unused(...)
  select_draws(x, variable, regex, inc_warmup)
}

#' @rdname draws-skein
#' @method as_draws_df skeinfit
#' @export
as_draws_df.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  stop_unused(...)
  posterior::as_draws_df(select_draws(x, variable, regex, inc_warmup))
}

#' @rdname draws-skein
#' @method as_draws_matrix skeinfit
#' @export
as_draws_matrix.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  stop_unused(...)
  posterior::as_draws_matrix(select_draws(x, variable, regex, inc_warmup))
}

#' @rdname draws-skein
#' @method as_draws_list skeinfit
#' @export
as_draws_list.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  stop_unused(...)
  posterior::as_draws_list(select_draws(x, variable, regex, inc_warmup))
}

#' @rdname draws-skein
#' @method as_draws_rvars skeinfit
#' @export
as_draws_rvars.skeinfit <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE, ...) {
  stop_unused(...)
  posterior::as_draws_rvars(select_draws(x, variable, regex, inc_warmup))
}

#' Draws as plain matrices, arrays and data frames
#'
#' @param x A `skeinfit`.
#' @param row.names,optional Ignored; in the generic.
#' @param variable,regex As for [as_draws()][as_draws.skeinfit].
#' @param draw Indices of draws to keep, chains one after the other, or `NULL` for all.
#' @param subset Older name of `draw`.
#' @param pars,fixed Deprecated: use `variable` and `regex`. `pars` are regular expressions unless `fixed` is `TRUE`.
#' @param ... Unused.
#' @return Draws x variables; for `as.array()` iterations x chains x variables.
#' @name plain-draws-skein
NULL

#' @rdname plain-draws-skein
#' @export
as.matrix.skeinfit <- function(x, pars = NA, variable = NULL, draw = NULL, subset = NULL, regex = FALSE,
                               fixed = FALSE, ...) {
  stop_unused(...)
  chosen <- chosen_variables(variable, regex, pars, fixed)
  draw_matrix(select_draws(x, chosen$variable, chosen$regex), if (is.null(draw)) subset else draw)
}

#' @rdname plain-draws-skein
#' @export
as.data.frame.skeinfit <- function(x, row.names = NULL, optional = TRUE, pars = NA, variable = NULL, draw = NULL,
                                   subset = NULL, regex = FALSE, fixed = FALSE, ...) {
  stop_unused(...)
  values <- as.matrix.skeinfit(x, pars, variable, draw, subset, regex, fixed)
  # optional = TRUE leaves names such as r_g[1,Intercept] as they are.
  out <- as.data.frame(values, optional = TRUE)
  rownames(out) <- NULL
  out
}

#' @rdname plain-draws-skein
#' @export
as.array.skeinfit <- function(x, pars = NA, variable = NULL, draw = NULL, subset = NULL, regex = FALSE, fixed = FALSE,
                              ...) {
  stop_unused(...)
  chosen <- chosen_variables(variable, regex, pars, fixed)
  draws <- select_draws(x, chosen$variable, chosen$regex)
  if (is.null(draw)) draw <- subset
  if (is.null(draw)) {
    return(unclass(draws))
  }
  # Some draws of all chains make one chain, as in posterior.
  values <- draw_matrix(draws, draw)
  names <- list(iteration = as.character(seq_len(nrow(values))), chain = "1", variable = colnames(values))
  array(values, c(nrow(values), 1, ncol(values)), names)
}

# pars and fixed: brms's older names of variables, regular expressions unless fixed. Returns list(variable, regex).
chosen_variables <- function(variable, regex, pars, fixed) {
  if (is.null(pars) || anyNA(pars)) {
    return(list(variable = variable, regex = regex))
  }
  check_flag(fixed, "fixed")
  skein_warn("Argument {.arg pars} is deprecated. Please use {.arg variable} instead.", class = "skein_deprecated")
  list(variable = pars, regex = !fixed)
}

#' Prior draws of a fit
#'
#' Draws from the priors, made beside the posterior draws by `brm(..., sample_prior = "yes")`; the columns lose the
#' prefix `prior_`. With `sample_prior = "only"` all draws are prior draws and all are returned.
#'
#' @param x A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param variable Names of variables as in the returned columns, or `NULL` for all.
#' @param pars Older name of `variable`.
#' @param ... Unused.
#' @return A data frame with one row per draw; without rows and columns if the fit holds no prior draws.
#' @export
prior_draws <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("prior_draws", x, ...))
  }
  UseMethod("prior_draws")
}

#' @rdname prior_draws
#' @export
#' @rawNamespace S3method(brms::prior_draws, skeinfit)
prior_draws.skeinfit <- function(x, variable = NULL, pars = NULL, ...) {
  stop_unused(...)
  if (is.null(variable)) variable <- pars
  if (identical(x$sample_prior, "only")) {
    return(as.data.frame(x, variable = variable))
  }
  names <- grep("^prior_", variables(x), value = TRUE)
  if (length(names) == 0) {
    return(data.frame())
  }
  out <- as.data.frame(x, variable = names)
  names(out) <- sub("^prior_", "", names(out))
  if (is.null(variable)) {
    return(out)
  }
  check_names_known(variable, names(out), "prior draw")
  out[variable]
}

has_draws <- function(x) {
  draws <- x$fit$draws
  !is.null(draws) && length(dim(draws)) == 3 && all(dim(draws)[1:2] > 0)
}

check_has_draws <- function(x) {
  if (!has_draws(x)) skein_stop("The model does not contain posterior draws.", class = "skein_no_draws")
  invisible(x)
}

# Names of all stored variables, or none where the fit was made without draws.
stored_variables <- function(x) {
  names <- dimnames(x$fit$draws)[[3]]
  if (is.null(names)) character() else names
}

# A draws_array of the variables asked for, in that order. Only their columns are copied.
select_draws <- function(x, variable = NULL, regex = FALSE, inc_warmup = FALSE) {
  check_has_draws(x)
  check_flag(inc_warmup, "inc_warmup")
  chosen <- match_variables(variable, stored_variables(x), regex)
  draws <- x$fit$draws[, , chosen, drop = FALSE]
  if (inc_warmup) draws <- bind_warmup(x, draws, chosen)
  dimnames(draws) <- list(
    iteration = as.character(seq_len(dim(draws)[1])),
    chain = as.character(seq_len(dim(draws)[2])),
    variable = stored_variables(x)[chosen]
  )
  class(draws) <- c("draws_array", "draws", "array")
  draws
}

bind_warmup <- function(x, draws, chosen) {
  warmup <- x$fit$warmup_draws
  if (is.null(warmup)) {
    if (x$fit$settings$warmup == 0) {
      return(draws)
    }
    skein_stop(c("The fit holds no warm-up draws.", i = "Fit the model with {.code save_warmup = TRUE}."))
  }
  n <- c(dim(warmup)[1], dim(draws)[1])
  out <- array(NA_real_, c(sum(n), dim(draws)[2:3]))
  out[seq_len(n[1]), , ] <- warmup[, , chosen]
  out[n[1] + seq_len(n[2]), , ] <- draws
  out
}

# Positions of the variables asked for among all names; a name without brackets stands for all its elements.
match_variables <- function(variable, names, regex) {
  check_flag(regex, "regex")
  if (is.null(variable)) {
    return(seq_along(names))
  }
  if (!is.character(variable) || anyNA(variable)) {
    skein_stop("{.arg variable} must be names of variables, not {describe_value(variable)}.")
  }
  exact <- match(variable, names)
  if (!regex && !anyNA(exact)) {
    return(unique(exact))
  }
  stems <- sub("\\[.*", "", names)
  found <- lapply(variable, function(v) {
    if (regex) {
      return(grep(v, names))
    }
    if (v %in% names) match(v, names) else which(stems == v)
  })
  missing <- variable[lengths(found) == 0]
  if (length(missing) && !(regex && any(lengths(found) > 0))) {
    what <- if (regex) "No variable matches {.val {missing[1]}}." else "The fit has no variable {.val {missing[1]}}."
    stop_with_suggestion(what, missing[1], unique(stems))
  }
  unique(unlist(found))
}

# draws x variables, chains one after the other, dimnames draw and variable.
draw_matrix <- function(draws, draw = NULL) {
  names <- dimnames(draws)[[3]]
  n_draws <- prod(dim(draws)[1:2])
  out <- matrix(as.vector(draws), n_draws, dimnames = list(draw = as.character(seq_len(n_draws)), variable = names))
  if (is.null(draw)) {
    return(out)
  }
  fine <- is.numeric(draw) && !anyNA(draw) && all(draw == floor(draw) & draw >= 1 & draw <= n_draws)
  if (!fine) skein_stop("{.arg draw} must be whole numbers from 1 to {n_draws}.")
  out[draw, , drop = FALSE]
}

# Methods take `...` only because their generics do: whatever lands there is a slip.
stop_unused <- function(...) {
  if (...length() == 0) {
    return(invisible())
  }
  names <- ...names()
  first <- if (length(names) && nzchar(names[1])) names[1] else "without a name"
  skein_stop("Unused argument {.arg {first}}.")
}
