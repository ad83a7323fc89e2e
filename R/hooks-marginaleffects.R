# Package marginaleffects: draws of predictions, from which it computes slopes, comparisons and averages.

#' Support for package marginaleffects
#'
#' `predictions()`, `comparisons()`, `slopes()`, their averages and plots take fits. `type` is `"response"` for expected
#' values, `"link"` for linear predictors or `"prediction"` for random responses.
#' @name marginaleffects-skein
#' @keywords internal
NULL

# marginaleffects looks up classes besides its own in this option.
hook_marginaleffects <- function() {
  classes <- getOption("marginaleffects_model_classes")
  options(marginaleffects_model_classes = union(classes, "skeinfit"))
}

#' @rawNamespace S3method(marginaleffects::get_predict, skeinfit)
get_predict.skeinfit <- function(model, newdata = model$data, type = "response", ...) {
  type <- check_one_of(type, c("response", "link", "prediction"), "type")
  predict <- switch(type,
    response = posterior_epred.skeinfit, link = posterior_linpred.skeinfit, prediction = posterior_predict.skeinfit
  )
  given <- list(...)
  given <- given[names(given) %in% c(names(prediction_defaults), "re_formula", "dpar")]
  newdata <- as.data.frame(newdata)
  draws <- do.call(predict, c(list(model, newdata = newdata), given))
  rowid <- if ("rowid" %in% names(newdata)) newdata$rowid else seq_len(nrow(newdata))
  out <- data.frame(rowid = rowid, group = "main_marginaleffect", estimate = apply(draws, 2, stats::median))
  attr(out, "posterior_draws") <- t(draws)
  out
}

#' @rawNamespace S3method(marginaleffects::get_coef, skeinfit)
get_coef.skeinfit <- function(model, ...) {
  vapply(get_parameters.skeinfit(model), stats::median, 0)
}

# Uncertainty comes from the draws.
#' @rawNamespace S3method(marginaleffects::get_vcov, skeinfit)
get_vcov.skeinfit <- function(model, vcov = NULL, ...) {
  if (!is.null(vcov) && !is.logical(vcov)) skein_warn("{.arg vcov} has no meaning for draws and is ignored.")
  NULL
}
