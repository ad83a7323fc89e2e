# Criteria stored in a fit: add_criterion() and brms's older names of it.

#' Add criteria of model fit to a fit
#'
#' @param x A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param criterion Names of criteria: `"loo"`, `"waic"`, `"kfold"`, `"loo_subsample"`, `"bayes_R2"`, `"loo_R2"`,
#'   `"marglik"`.
#' @param model_name Name of the model, by default that of the variable.
#' @param overwrite Compute criteria that the fit already has again?
#' @param file Save the fit with its criteria to this file; by default to the file that the fit came from, if any.
#' @param force_save Save even if no criterion is new?
#' @param ... Arguments of the functions that compute the criteria.
#' @return The fit, with the criteria in element `criteria`.
#' @export
add_criterion <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("add_criterion", x, ...))
  }
  UseMethod("add_criterion")
}

#' @rdname add_criterion
#' @export
add_criterion.skeinfit <- function(x, criterion, model_name = NULL, overwrite = FALSE, file = NULL, force_save = FALSE,
                                   ...) {
  if (is.null(model_name)) model_name <- fit_names(list(substitute(x)), NULL)
  for (flag in c("overwrite", "force_save")) check_flag(get(flag), flag)
  known <- c("loo", "waic", "kfold", "loo_subsample", "bayes_R2", "loo_R2", "marglik")
  if (missing(criterion) || !is.character(criterion)) skein_stop("{.arg criterion} must be names of criteria.")
  # brms's older spelling of bayes_R2.
  criterion <- unique(sub("^R2$", "bayes_R2", criterion))
  for (name in criterion) check_one_of(name, known, "criterion")
  new <- if (overwrite) criterion else setdiff(criterion, names(x$criteria))
  for (name in new) x$criteria[[name]] <- compute_criterion(x, name, model_name, list(...))
  file <- if (is.null(file)) x$file else fit_file_name(file)
  if (!is.null(file) && (length(new) || force_save)) x <- write_fit_file(x, file)
  x
}

compute_criterion <- function(x, name, model_name, arguments) {
  # What is stored already would only be handed back.
  x$criteria[[name]] <- NULL
  compute <- switch(name,
    loo = loo.skeinfit, waic = waic.skeinfit, kfold = kfold.skeinfit,
    loo_subsample = loo_subsample.skeinfit, bayes_R2 = bayes_R2.skeinfit,
    loo_R2 = loo_R2.skeinfit, marglik = bridge_sampler.skeinfit
  )
  if (name %in% c("bayes_R2", "loo_R2")) arguments$summary <- FALSE
  if (name %in% c("loo", "waic", "kfold", "loo_subsample")) arguments$model_names <- model_name
  do.call(compute, c(list(x), arguments))
}
