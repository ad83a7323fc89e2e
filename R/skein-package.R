# The package's help page, its imports, and what happens when it and its neighbours are attached.

#' skein: Bayesian multilevel regression by threaded NUTS, without model compilation
#'
#' [brm()] fits regressions in the formula language of package \pkg{brms} by the No-U-Turn sampler. Log densities and
#' gradients are C++ kernels compiled once, with the package; likelihoods run in threads within each chain
#' ([threading()]) and give the same draws for any number of threads. Fits work with \pkg{posterior}, \pkg{bayesplot}
#' and the generics of \pkg{nlme} and \pkg{rstantools}.
#'
#' skein and brms can be attached together. Whichever was attached last has its `brm()` in front; the other's is
#' `skein::brm()` or `brms::brm()`. Formulas, families, priors and the like of brms are understood by skein's `brm()`.
#'
#' @keywords internal
#' @importFrom RcppParallel RcppParallelLibs
#' @importFrom ggplot2 .data
#' @importFrom Rcpp evalCpp
#' @importFrom stats coef family fitted formula getCall model.frame nobs predict residuals update vcov
#' @useDynLib skein, .registration = TRUE
"_PACKAGE"

.onLoad <- function(libname, pkgname) {
  hook_rstan()
  if (isNamespaceLoaded("brms")) hook_brms()
  setHook(packageEvent("brms", "onLoad"), function(...) hook_brms())
  setHook(packageEvent("brms", "attach"), tell_brms_in_front)
  if (isNamespaceLoaded("marginaleffects")) hook_marginaleffects()
  setHook(packageEvent("marginaleffects", "onLoad"), function(...) hook_marginaleffects())
}

# The hook outlives skein's being attached.
tell_brms_in_front <- function(...) {
  if ("package:skein" %in% search()) packageStartupMessage(front_message("brms"))
}

.onAttach <- function(libname, pkgname) {
  if ("package:brms" %in% search()) packageStartupMessage(front_message("skein"))
}

.onUnload <- function(libpath) {
  library.dynam.unload("skein", libpath)
}

# Whose brm() a user gets after attaching both packages.
front_message <- function(front) {
  behind <- setdiff(c("brms", "skein"), front)
  paste0("Both brms and skein are attached: brm() is now that of ", front, "; ", behind, "::brm() is the other one.")
}
