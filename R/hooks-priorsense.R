# Package priorsense: draws, log priors and log likelihoods for power-scaling.

#' Support for package priorsense
#'
#' `powerscale()`, `powerscale_sensitivity()` and kin take fits. The log prior is the variable `lprior`, the log
#' likelihood that of each row.
#' @name priorsense-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(priorsense::create_priorsense_data, skeinfit)
create_priorsense_data.skeinfit <- function(x, log_prior_name = "lprior", log_lik_name = "log_lik", ...) {
  draws <- as_draws_df.skeinfit(x, variable = setdiff(stored_variables(x), c(log_prior_name, "lp__")))
  getExportedValue("priorsense", "create_priorsense_data")(
    draws, fit = x, log_prior = log_prior_draws.skeinfit(x, log_prior_name), log_lik = log_lik_draws.skeinfit(x, ...),
    log_prior_fn = log_prior_draws.skeinfit, log_lik_fn = log_lik_draws.skeinfit, log_prior_name = log_prior_name,
    log_lik_name = log_lik_name
  )
}

#' @rawNamespace S3method(priorsense::log_prior_draws, skeinfit)
log_prior_draws.skeinfit <- function(x, log_prior_name = "lprior", ...) {
  select_draws(x, log_prior_name)
}

# Chains stay apart where all draws are used.
#' @rawNamespace S3method(priorsense::log_lik_draws, skeinfit)
log_lik_draws.skeinfit <- function(x, log_lik_name = "log_lik", ...) {
  given <- list(...)
  given <- given[names(given) %in% c(names(prediction_defaults), "newdata", "re_formula")]
  values <- do.call(log_lik.skeinfit, c(list(x), given))
  n_chains <- if (nrow(values) == ndraws.skeinfit(x)) nchains.skeinfit(x) else 1
  names <- paste0(log_lik_name, "[", seq_len(ncol(values)), "]")
  posterior::as_draws_array(array(values, c(nrow(values) / n_chains, n_chains, ncol(values)), list(NULL, NULL, names)))
}
