# Estimated marginal means by package emmeans: draws of the linear predictor or of expected values on its grid.

#' Support for package emmeans
#'
#' Fits work with [emmeans::emmeans()], `ref_grid()` and kin. `re_formula` is `NA` by default; `dpar` names another
#' parameter than the mean; `epred = TRUE` takes expected values of the response in place of linear predictors.
#' @name emmeans-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(emmeans::recover_data, skeinfit)
recover_data.skeinfit <- function(object, data, resp = NULL, dpar = NULL, re_formula = NA, ...) {
  check_response_name(object, resp)
  dpar_number(object, if (is.null(dpar)) "mu" else dpar)
  predictor <- object$terms$dpars[[if (is.null(dpar)) "mu" else dpar]]
  variables <- expression_variables(predictor$population[[2]])
  if (is.null(re_formula)) variables <- c(variables, grouping_columns(object))
  variables <- setdiff(variables, reserved_names(object$terms))
  call <- call("brm", formula = object$formula$formula, data = as.name("data"))
  right <- if (length(variables)) stats::reformulate(variables) else ~1
  emmeans_function("recover_data")(call, stats::terms(right), "na.omit", data = object$data, ...)
}

grouping_columns <- function(object) unique(unlist(lapply(object$frame$groups, function(group) group$variables)))

emmeans_function <- function(name) getExportedValue("emmeans", name)

#' @rawNamespace S3method(emmeans::emm_basis, skeinfit)
emm_basis.skeinfit <- function(object, trms, xlev, grid, vcov., resp = NULL, dpar = NULL, re_formula = NA,
                               epred = FALSE, ...) {
  check_flag(epred, "epred")
  grid <- completed_grid(object, grid)
  # emmeans hands on arguments of its own, too.
  given <- list(...)
  given <- given[names(given) %in% names(prediction_defaults)]
  quantity <- if (epred) expected_quantity(object, dpar) else quantity_of(object, "linear", dpar)
  if (!epred) given$offset <- FALSE
  draws <- compute_prediction(object, quantity, grid, re_formula, given)
  colnames(draws) <- seq_len(ncol(draws))
  list(
    X = diag(ncol(draws)), bhat = colMeans(draws), nbasis = matrix(NA_real_), V = stats::cov(draws),
    dffun = function(k, dfargs) Inf, dfargs = list(), misc = emmeans_link(object, dpar, epred), post.beta = draws
  )
}

# Columns of the left side that the prediction needs, where the grid lacks them: their first value.
completed_grid <- function(object, grid) {
  for (name in setdiff(names(object$data), names(grid))) grid[[name]] <- object$data[[name]][1]
  if (!is.null(object$terms$additions$trials)) {
    for (name in expression_variables(object$terms$additions$trials)) grid[[name]] <- 1
  }
  grid
}

# How emmeans is to go back from the link scale; links that it does not know by name are left as they are.
emmeans_link <- function(object, dpar, epred) {
  if (epred) {
    return(list())
  }
  link <- if (is.null(dpar) || dpar == "mu") object$family$link else object$family[[paste0("link_", dpar)]]
  if (link == "identity" || !link %in% names(link_functions)) {
    return(list())
  }
  functions <- link_functions[[link]]
  step <- 1e-6
  list(
    tran = structure(list(
      linkfun = functions$link, linkinv = functions$inverse,
      mu.eta = function(eta) (functions$inverse(eta + step) - functions$inverse(eta - step)) / (2 * step),
      valideta = function(eta) TRUE, name = link
    ), class = "link-glm"),
    inv.lbl = if (link %in% c("logit", "probit", "cloglog", "cauchit")) "prob" else "response"
  )
}
