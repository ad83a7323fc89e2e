# Functions of brms that skein does not have yet, so that calling one says so. A feature that arrives drops its line.

# A function of brms that skein does not have yet. With brms attached it is brms's, whose result skein then refuses
# where it is used; so attaching skein after brms takes nothing from brms.
not_yet_function <- function(name) {
  force(name)
  function(...) {
    if ("package:brms" %in% search()) {
      return(get(name, envir = as.environment("package:brms"), mode = "function")(...))
    }
    stop_not_yet(paste0(name, "()"))
  }
}

#' Functions of brms that skein does not have yet
#'
#' They stop with an error of class `skein_not_yet` that says so, or call brms's function of the name if brms is
#' attached.
#'
#' @return Nothing; what brms's function returns if brms is attached.
#' @examples
#' try(bf(y ~ x) + set_rescor(TRUE))
#' @name not-yet
#' @aliases nlf set_nl set_rescor set_mecor acformula mvbf mvbrmsformula asym_laplace gen_extreme_value frechet xbeta
#' @aliases cumulative sratio cratio acat hurdle_cumulative categorical multinomial dirichlet dirichlet_multinomial
#' @aliases logistic_normal zero_inflated_beta_binomial zero_inflated_beta zero_one_inflated_beta von_mises wiener
#' @aliases cox custom_family mixture stanvar conditional_smooths marginal_smooths posterior_smooths pp_mixture
#' @aliases prepare_predictions brmsterms mvbind cor_ar cor_ma cor_arma cor_cosy cor_sar cor_car cor_fixed
#' @rawNamespace export(
#'   nlf, set_nl, set_rescor, set_mecor, acformula, mvbf, mvbrmsformula, asym_laplace, gen_extreme_value,
#'   frechet, xbeta, cumulative, sratio, cratio, acat, hurdle_cumulative, categorical, multinomial,
#'   dirichlet, dirichlet_multinomial, logistic_normal, zero_inflated_beta_binomial, zero_inflated_beta,
#'   zero_one_inflated_beta, von_mises, wiener, cox, custom_family, mixture, stanvar, conditional_smooths,
#'   marginal_smooths, posterior_smooths, pp_mixture, prepare_predictions, brmsterms, mvbind, cor_ar, cor_ma,
#'   cor_arma, cor_cosy, cor_sar, cor_car, cor_fixed
#' )
NULL

nlf <- not_yet_function("nlf")
set_nl <- not_yet_function("set_nl")
set_rescor <- not_yet_function("set_rescor")
set_mecor <- not_yet_function("set_mecor")
acformula <- not_yet_function("acformula")
mvbf <- not_yet_function("mvbf")
mvbrmsformula <- not_yet_function("mvbrmsformula")
asym_laplace <- not_yet_function("asym_laplace")
gen_extreme_value <- not_yet_function("gen_extreme_value")
frechet <- not_yet_function("frechet")
xbeta <- not_yet_function("xbeta")
cumulative <- not_yet_function("cumulative")
sratio <- not_yet_function("sratio")
cratio <- not_yet_function("cratio")
acat <- not_yet_function("acat")
hurdle_cumulative <- not_yet_function("hurdle_cumulative")
categorical <- not_yet_function("categorical")
multinomial <- not_yet_function("multinomial")
dirichlet <- not_yet_function("dirichlet")
dirichlet_multinomial <- not_yet_function("dirichlet_multinomial")
logistic_normal <- not_yet_function("logistic_normal")
zero_inflated_beta_binomial <- not_yet_function("zero_inflated_beta_binomial")
zero_inflated_beta <- not_yet_function("zero_inflated_beta")
zero_one_inflated_beta <- not_yet_function("zero_one_inflated_beta")
von_mises <- not_yet_function("von_mises")
wiener <- not_yet_function("wiener")
cox <- not_yet_function("cox")
custom_family <- not_yet_function("custom_family")
mixture <- not_yet_function("mixture")
stanvar <- not_yet_function("stanvar")
conditional_smooths <- not_yet_function("conditional_smooths")
marginal_smooths <- not_yet_function("marginal_smooths")
posterior_smooths <- not_yet_function("posterior_smooths")
pp_mixture <- not_yet_function("pp_mixture")
prepare_predictions <- not_yet_function("prepare_predictions")
brmsterms <- not_yet_function("brmsterms")
mvbind <- not_yet_function("mvbind")
cor_ar <- not_yet_function("cor_ar")
cor_ma <- not_yet_function("cor_ma")
cor_arma <- not_yet_function("cor_arma")
cor_cosy <- not_yet_function("cor_cosy")
cor_sar <- not_yet_function("cor_sar")
cor_car <- not_yet_function("cor_car")
cor_fixed <- not_yet_function("cor_fixed")
