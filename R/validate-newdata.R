# What a prediction would make of new data, and the responses in them, for packages that build on fits.

#' Check new data, and responses
#'
#' `validate_newdata()` checks that predictions can be made of `newdata`, by the same rules; `get_y()` gives the
#' responses as the model sees them.
#'
#' @param newdata A data frame.
#' @param object,x A `skeinfit`. A `brmsfit` is handed on to \pkg{brms}.
#' @param re_formula Group-level terms to include, as in [predictions][predictions-skein].
#' @param allow_new_levels May `newdata` have levels of grouping factors that the model does not know?
#' @param newdata2,incl_autocor Ignored: for terms that skein does not have yet.
#' @param resp Name of the response; there is one only.
#' @param check_response Must the response and all of the left side be there too?
#' @param group_vars Names of the grouping variables whose levels are checked, by default all.
#' @param req_vars Names of the columns needed, by default all that the model uses.
#' @param sort,warn Ignored.
#' @param ... Ignored; for `get_y()`, `newdata`.
#' @return `validate_newdata()` the columns of `newdata` that the model uses, `get_y()` a vector of numbers.
#' @examples
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 0)
#' validate_newdata(data.frame(zAge = 0, patient = 1), fit, check_response = FALSE)
#' try(validate_newdata(data.frame(zAge = 0, patient = 1), fit))
#' @export
validate_newdata <- function(newdata, object, re_formula = NULL, allow_new_levels = FALSE, newdata2 = NULL,
                             resp = NULL, check_response = TRUE, incl_autocor = TRUE, group_vars = NULL,
                             req_vars = NULL, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("validate_newdata", newdata, object,
      re_formula = re_formula, allow_new_levels = allow_new_levels, newdata2 = newdata2, resp = resp,
      check_response = check_response, incl_autocor = incl_autocor, group_vars = group_vars, req_vars = req_vars, ...
    ))
  }
  check_flag(allow_new_levels, "allow_new_levels")
  check_flag(check_response, "check_response")
  check_response_name(object, resp)
  if (is.null(newdata)) skein_stop("{.arg newdata} must be a data frame with the model's columns.")
  predictors <- object$frame$predictors
  groups <- prediction_groups(object, predictors, re_formula)
  needs <- if (check_response) "response" else c("trials", "rate", "trunc")
  needed <- needed_columns(object, predictors, groups, needs)
  if (!is.null(req_vars)) needed <- intersect(needed, req_vars)
  data <- check_newdata(object, newdata, needed)
  if (is.null(req_vars)) {
    check_new_types(object, data, predictors)
    new_response(object, data, needs, TRUE)
    full <- data
    for (name in reserved_names(object$terms)) full[[name]] <- rep(1, nrow(data))
    for (predictor in predictors) columns_on(predictor$columns, full)
  }
  for (group in groups) {
    if (!all(group$variables %in% names(data))) next
    if (!is.null(group_vars) && !all(group$variables %in% group_vars)) next
    check_new_levels(group$group, new_levels(group, data)$new, allow_new_levels)
  }
  data
}

#' @rdname validate_newdata
#' @export
get_y <- function(x, resp = NULL, sort = FALSE, warn = FALSE, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("get_y", x, resp = resp, sort = sort, warn = warn, ...))
  }
  check_response_name(x, resp)
  response_in(x, list(...)$newdata)
}
