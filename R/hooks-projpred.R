# Projection predictive variable selection by package projpred: a fit as reference model.

#' Support for package projpred
#'
#' Fits of families gaussian, binomial, bernoulli and poisson, on stats's links, are reference models of
#' [projpred::varsel()], `cv_varsel()` and `project()`. Cross-validation refits the model by [kfold()][kfold.skeinfit]'s
#' rules.
#' @name projpred-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(projpred::get_refmodel, skeinfit)
get_refmodel.skeinfit <- function(object, newdata = NULL, resp = NULL, cvfun = NULL, dis = NULL, ...) {
  check_response_name(object, resp)
  family <- stats_family(object$family)
  if (is.null(cvfun)) cvfun <- function(folds) refits_of_folds(object, folds)
  if (is.null(dis) && object$family$family == "gaussian") dis <- as.vector(as.matrix(object, variable = "sigma"))
  formula <- object$formula$formula
  formula[[2]] <- object$terms$response$expression
  arguments <- list(
    object = object, data = if (is.null(newdata)) object$data else newdata, formula = formula, family = family,
    ref_predfun = function(fit, newdata = NULL) {
      t(posterior_linpred.skeinfit(fit, newdata = newdata, allow_new_levels = TRUE, offset = FALSE))
    },
    extract_model_data = projpred_data, cvfun = cvfun, dis = dis
  )
  getExportedValue("projpred", "init_refmodel")(
    object = arguments$object, data = arguments$data, formula = arguments$formula, family = arguments$family,
    ref_predfun = arguments$ref_predfun, extract_model_data = arguments$extract_model_data, cvfun = arguments$cvfun,
    dis = arguments$dis, ...
  )
}

stats_family <- function(family) {
  name <- sub("^bernoulli$", "binomial", family$family)
  if (!name %in% c("gaussian", "binomial", "poisson")) {
    skein_stop("{.pkg projpred} does not know family {.val {family$family}}.")
  }
  get(name, envir = asNamespace("stats"))(link = family$link)
}

# Response, weights (numbers of trials, or likelihood weights) and offset of rows, as projpred asks for them.
projpred_data <- function(object, newdata = NULL, wrhs = NULL, orhs = NULL, extract_y = TRUE) {
  data <- if (is.null(newdata)) object$data else newdata
  needs <- if (extract_y) "response" else c("trials", "weights")
  values <- new_response(object, data, needs, !is.null(newdata))
  offset <- build_offset(object$terms$dpars$mu, data, NULL)
  weights <- if (!is.null(values$trials)) values$trials else values$weights
  list(
    y = if (extract_y) values$response, weights = if (is.null(weights)) rep(1, nrow(data)) else weights,
    offset = if (is.null(offset)) rep(0, nrow(data)) else offset
  )
}

refits_of_folds <- function(object, folds) {
  lapply(sort(unique(folds)), function(k) {
    update.skeinfit(object, newdata = object$data[folds != k, , drop = FALSE], refresh = 0)
  })
}
