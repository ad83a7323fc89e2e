# Generics: those of other packages that users of brms expect beside brm(), and our own for names that brms owns.

#' @importFrom posterior as_draws
#' @export
posterior::as_draws

#' @importFrom posterior as_draws_array
#' @export
posterior::as_draws_array

#' @importFrom posterior as_draws_df
#' @export
posterior::as_draws_df

#' @importFrom posterior as_draws_list
#' @export
posterior::as_draws_list

#' @importFrom posterior as_draws_matrix
#' @export
posterior::as_draws_matrix

#' @importFrom posterior as_draws_rvars
#' @export
posterior::as_draws_rvars

#' @importFrom posterior nchains
#' @export
posterior::nchains

#' @importFrom posterior ndraws
#' @export
posterior::ndraws

#' @importFrom posterior niterations
#' @export
posterior::niterations

#' @importFrom posterior nvariables
#' @export
posterior::nvariables

#' @importFrom posterior rhat
#' @export
posterior::rhat

#' @importFrom posterior variables
#' @export
posterior::variables

#' @importFrom bayesplot log_posterior
#' @export
bayesplot::log_posterior

#' @importFrom bayesplot neff_ratio
#' @export
bayesplot::neff_ratio

#' @importFrom bayesplot nuts_params
#' @export
bayesplot::nuts_params

#' @importFrom nlme fixef
#' @export
nlme::fixef

#' @importFrom nlme ranef
#' @export
nlme::ranef

#' @importFrom nlme VarCorr
#' @export
nlme::VarCorr

#' @importFrom rstantools posterior_interval
#' @export
rstantools::posterior_interval

#' @importFrom rstantools posterior_linpred
#' @export
rstantools::posterior_linpred

#' @importFrom rstantools posterior_epred
#' @export
rstantools::posterior_epred

#' @importFrom rstantools posterior_predict
#' @export
rstantools::posterior_predict

#' @importFrom rstantools log_lik
#' @export
rstantools::log_lik

#' @importFrom rstantools predictive_error
#' @export
rstantools::predictive_error

#' @importFrom rstantools predictive_interval
#' @export
rstantools::predictive_interval

#' @importFrom loo loo
#' @export
loo::loo

#' @importFrom loo waic
#' @export
loo::waic

#' @importFrom loo loo_compare
#' @export
loo::loo_compare

#' @importFrom loo kfold
#' @export
loo::kfold

#' @importFrom loo psis
#' @export
loo::psis

#' @importFrom loo loo_model_weights
#' @export
loo::loo_model_weights

#' @importFrom loo loo_moment_match
#' @export
loo::loo_moment_match

#' @importFrom loo loo_subsample
#' @export
loo::loo_subsample

#' @importFrom rstantools bayes_R2
#' @export
rstantools::bayes_R2

#' @importFrom rstantools loo_R2
#' @export
rstantools::loo_R2

#' @importFrom rstantools loo_predict
#' @export
rstantools::loo_predict

#' @importFrom rstantools loo_linpred
#' @export
rstantools::loo_linpred

#' @importFrom rstantools loo_predictive_interval
#' @export
rstantools::loo_predictive_interval

#' @importFrom bayesplot pp_check
#' @export
bayesplot::pp_check

# skein's classes never inherit from brms's and have no methods for them. So that fits of both packages work whichever
# package is in front, a generic of our own gives a brmsfit back to brms, and registers its skeinfit method there too.
is_brmsfit <- function(x) inherits(x, "brmsfit")

# brms is found by name at run time: skein neither needs nor suggests it.
call_brms <- function(name, ...) {
  if (!nzchar(system.file(package = "brms"))) {
    skein_stop("{.fn {name}} of a {.cls brmsfit} needs package {.pkg brms}, which is not installed.")
  }
  getExportedValue("brms", name)(...)
}
