# Which parameters a fit keeps: save_pars() and its older spellings.

#' Which parameters to keep
#'
#' @param group `TRUE` (the default) keeps the group-level effects `r_*`, `FALSE` drops them. A character vector keeps
#'   those of the named grouping factors only.
#' @param latent Accepted for brms's sake: skein has no latent variables yet.
#' @param all `TRUE` keeps every parameter of the reference layout too: the standardised group-level effects `z_*` and
#'   the Cholesky factors `L_*`.
#' @param manual Names of further parameters of the reference layout to keep, such as `"z_1"`.
#'
#' @return A list of class `save_pars`, for argument `save_pars` of [brm()].
#'
#' @examples
#' save_pars(all = TRUE)
#' @export
save_pars <- function(group = TRUE, latent = FALSE, all = FALSE, manual = NULL) {
  out <- list(
    group = if (is.logical(group)) check_flag(group, "group") else as.character(group),
    latent = if (is.logical(latent)) check_flag(latent, "latent") else as.character(latent),
    all = check_flag(all, "all"),
    manual = as.character(manual)
  )
  structure(out, class = "save_pars")
}

# brm()'s argument save_pars (NULL means the default) with brms's deprecated arguments folded in.
validate_save_pars <- function(save_pars, older = list()) {
  if (is.null(save_pars)) save_pars <- save_pars()
  if (!inherits(save_pars, "save_pars")) {
    skein_stop(c(
      "{.arg save_pars} must be made by {.fn save_pars}, not {describe_value(save_pars)}.",
      i = "To keep all parameters write {.code save_pars = save_pars(all = TRUE)}."
    ))
  }
  replaced <- c(save_ranef = "group", save_mevars = "latent", save_all_pars = "all")
  for (name in names(older)) {
    if (is.null(older[[name]])) next
    field <- replaced[[name]]
    skein_warn(c(
      "{.arg {name}} is deprecated.",
      i = "Please use argument {.arg {field}} of {.fn save_pars}."
    ))
    save_pars[[field]] <- check_flag(older[[name]], name)
  }
  save_pars
}
