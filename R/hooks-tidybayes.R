# Package tidybayes: draws with the sampler's diagnostics, predictions of single parameters, residuals.

#' Support for package tidybayes
#'
#' `spread_draws()`, `gather_draws()`, `add_epred_draws()`, `add_predicted_draws()` and kin work on fits, `dpar` and
#' `residual_draws()` included; `tidy_draws()` gives the sampler's diagnostics beside the parameters.
#' @name tidybayes-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(tidybayes::tidy_draws, skeinfit)
tidy_draws.skeinfit <- function(model, ...) {
  out <- as.data.frame(as_draws_df.skeinfit(model), optional = TRUE)
  first <- c(".chain", ".iteration", ".draw")
  out <- out[c(first, setdiff(names(out), first))]
  # Diagnostics are kept of all iterations, draws of every thin-th.
  kept <- (seq_len(niterations.skeinfit(model)) - 1) * model$fit$settings$thin + 1
  for (name in sampler_param_names) {
    values <- matrix(sampler_values(model, name), ncol = nchains.skeinfit(model))
    out[[name]] <- as.vector(values[kept, ])
  }
  out <- getExportedValue("tibble", "as_tibble")(out)
  attr(out, "tidybayes_constructors") <- attr(model, "tidybayes_constructors")
  out
}

#' @rawNamespace S3method(tidybayes::epred_draws, skeinfit)
epred_draws.skeinfit <- function(object, newdata, ..., value = ".epred", ndraws = NULL, seed = NULL, re_formula = NULL,
                                 category = ".category", dpar = NULL) {
  given <- list(ndraws = ndraws, re_formula = re_formula, ...)
  draws_with_dpars("epred_draws", posterior_epred.skeinfit, object, newdata, value, seed, dpar, given)
}

#' @rawNamespace S3method(tidybayes::linpred_draws, skeinfit)
linpred_draws.skeinfit <- function(object, newdata, ..., value = ".linpred", ndraws = NULL, seed = NULL,
                                   re_formula = NULL, category = ".category", dpar = NULL) {
  given <- list(ndraws = ndraws, re_formula = re_formula, ...)
  draws_with_dpars("linpred_draws", posterior_linpred.skeinfit, object, newdata, value, seed, dpar, given)
}

#' @rawNamespace S3method(tidybayes::epred_rvars, skeinfit)
epred_rvars.skeinfit <- function(object, newdata, ..., value = ".epred", ndraws = NULL, seed = NULL, re_formula = NULL,
                                 dpar = NULL, columns_to = NULL) {
  given <- list(ndraws = ndraws, re_formula = re_formula, ...)
  draws_with_dpars("epred_rvars", posterior_epred.skeinfit, object, newdata, value, seed, dpar, given)
}

#' @rawNamespace S3method(tidybayes::linpred_rvars, skeinfit)
linpred_rvars.skeinfit <- function(object, newdata, ..., value = ".linpred", ndraws = NULL, seed = NULL,
                                   re_formula = NULL, dpar = NULL, columns_to = NULL) {
  given <- list(ndraws = ndraws, re_formula = re_formula, ...)
  draws_with_dpars("linpred_rvars", posterior_linpred.skeinfit, object, newdata, value, seed, dpar, given)
}

# What tidybayes's default method gives, with a column for each parameter that `dpar` names (TRUE: all), of the same
# draws. Names of `dpar` are those of the columns.
draws_with_dpars <- function(generic, predict, object, newdata, value, seed, dpar, given) {
  if (is.null(seed)) seed <- sample.int(.Machine$integer.max, 1)
  default <- utils::getS3method(generic, "default", envir = asNamespace("tidybayes"))
  out <- do.call(default, c(list(object, newdata, value = value, seed = seed), given))
  if (isTRUE(dpar)) dpar <- c("mu", family_info(object$family)$dpars)
  if (is.null(dpar) || isFALSE(dpar)) {
    return(out)
  }
  columns <- if (is.null(names(dpar))) dpar else ifelse(nzchar(names(dpar)), names(dpar), dpar)
  for (i in seq_along(dpar)) {
    arguments <- c(list(object, newdata = newdata, dpar = dpar[[i]]), given)
    values <- getExportedValue("withr", "with_seed")(seed, do.call(predict, arguments))
    is_rvar <- endsWith(generic, "rvars")
    out[[columns[i]]] <- if (is_rvar) posterior::rvar(values) else values[cbind(out$.draw, out$.row)]
  }
  out
}

#' @rawNamespace S3method(tidybayes::residual_draws, skeinfit)
residual_draws.skeinfit <- function(object, newdata, ..., value = ".residual", ndraws = NULL, seed = NULL,
                                    re_formula = NULL, category = ".category") {
  if (is.null(seed)) seed <- sample.int(.Machine$integer.max, 1)
  values <- getExportedValue("withr", "with_seed")(seed, residuals.skeinfit(
    object, newdata = newdata, ndraws = ndraws, re_formula = re_formula, summary = FALSE, ...
  ))
  default <- utils::getS3method("epred_draws", "default", envir = asNamespace("tidybayes"))
  out <- default(object, newdata, value = value, seed = seed, ndraws = ndraws, re_formula = re_formula)
  out[[value]] <- values[cbind(out$.draw, out$.row)]
  out
}
