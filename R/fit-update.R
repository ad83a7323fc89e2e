# update() of fits: a new fit from an old one's model, data and settings.

#' Fit a model again with changes
#'
#' Whatever is not given anew stays as in `object`: formula, family, data, priors, `sample_prior`, `save_pars`,
#' `threads`, `chains`, `thin`, `iter`, `init`, `silent`, `control` and all settings given through `...` (`refresh`,
#' `inv_metric`, `step_size`, `adapt_engaged`, `save_warmup`). `warmup` stays only if no `iter` is given. `cores`,
#' `seed` and `file` are not remembered. Nothing is compiled: if the model and its data stay, they are used as they
#' are.
#'
#' @param object A fit of [brm()].
#' @param formula. Changes to the formula, as for [stats::update.formula()], or a new formula by [bf()].
#' @param newdata A data frame that replaces the data. Needed where `formula.` has new variables.
#' @param recompile Ignored: there is no program to compile.
#' @param ... Other arguments of [brm()]. `prior` is merged with the priors given before: a new one replaces an old one
#'   of the same class, coef and group. `threads = NULL` turns threading off. `data` is an error.
#'
#' @return A fit of class `skeinfit`.
#'
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' update(fit, formula. = ~ . + zBase, newdata = epilepsy, iter = 300)
#' }
#' @export
update.skeinfit <- function(object, formula., newdata = NULL, recompile = NULL, ...) {
  dots <- list(...)
  check_update_names(dots)
  change <- list(
    formula = if (!missing(formula.)) formula.,
    newdata = newdata,
    data_name = if (!is.null(newdata)) data_name_of(substitute(newdata)),
    recompile = recompile
  )
  fit_model(update_plan(object, change, dots))
}

# Arguments of brm() that make another model of the same data.
model_arguments <- c(
  "family", "prior", "sample_prior", "save_pars", "save_ranef", "save_mevars", "save_all_pars", "drop_unused_levels"
)

check_update_names <- function(dots) {
  if ("data" %in% names(dots)) skein_stop("Please use argument {.arg newdata} to update the data.")
  if ("fit" %in% names(dots)) skein_stop("{.fn update} uses the model of {.arg object}: {.arg fit} cannot be given.")
  if (length(dots) && (is.null(names(dots)) || any(!nzchar(names(dots))))) {
    skein_stop("Arguments of {.fn update} after {.arg recompile} need names.")
  }
}

# The plan of the new fit: the old one's arguments under the new ones. `change`: formula, newdata, data_name, recompile.
update_plan <- function(object, change, dots) {
  given <- dots[names(dots) %in% names(formals(brm))]
  arguments <- update_arguments(object, change, given)
  settings <- update_settings(object$arguments, dots, arguments$chains)
  arguments["control"] <- list(settings$control)
  if (!is.null(change$recompile)) settings$dots$recompile <- change$recompile
  plan <- check_brm_arguments(arguments, settings$dots, names(dots))
  plan$old_prior <- old_user_priors(object)
  same_model <- is.null(change$formula) && is.null(change$newdata) && !any(names(given) %in% model_arguments)
  if (same_model) plan$fit <- object
  plan
}

# Values of all of brm()'s arguments but control, from the old fit and those given anew.
update_arguments <- function(object, change, given) {
  old <- object$arguments
  arguments <- brm_defaults()
  arguments$formula <- updated_formula(object, change, given$family)
  arguments$family <- arguments$formula$family
  arguments$data <- if (is.null(change$newdata)) object$data else change$newdata
  arguments$data_name <- if (is.null(change$newdata)) object$data_name else change$data_name
  kept <- c("sample_prior", "save_pars", "drop_unused_levels", "threads")
  arguments[kept] <- object[kept]
  kept <- c("chains", "thin", "iter", "warmup", "silent", "init")
  arguments[kept] <- old[kept]
  if (!is.null(old$algorithm)) arguments$algorithm <- old$algorithm
  if ("iter" %in% names(given)) arguments$warmup <- default_warmup(given$iter)
  given$family <- NULL
  arguments[names(given)] <- given
  if (!"init" %in% names(given)) arguments["init"] <- list(first_chains(old$init, arguments$chains))
  arguments
}

old_user_priors <- function(object) as.skeinprior(object$prior[object$prior$source == "user", ])

# Settings of the sampler: list(control, dots). A setting given anew under any of its names replaces the old one, and a
# new metric the old inverse metric. NULL means that the default holds again.
update_settings <- function(old, dots, chains) {
  is_setting <- names(dots) %in% setting_names
  control <- as.list(dots$control)
  given <- c(names(control), names(dots)[is_setting])
  alias <- given %in% names(control_aliases)
  given[alias] <- control_aliases[given[alias]]
  if ("metric" %in% given) given <- c(given, "inv_metric")
  kept <- old$settings[setdiff(names(old$settings), given)]
  kept$inv_metric <- first_chains(kept$inv_metric, chains)
  if (length(kept$stepsize) > 1) kept$stepsize <- utils::head(kept$stepsize, max(1, chains))
  extra <- dots[!names(dots) %in% names(formals(brm))]
  list(control = c(kept, control), dots = c(old$dots[setdiff(names(old$dots), names(extra))], extra))
}

# Of a list with one element per chain, those of the chains still wanted; anything else as it is.
first_chains <- function(x, chains) {
  per_chain <- is.list(x) && (is.null(names(x)) || all(vapply(x, is.list, NA)))
  if (per_chain && length(x) > max(1, chains)) x[seq_len(max(1, chains))] else x
}

# The skeinformula of the new fit. Its family is that given, else the new formula's, else the old one's.
updated_formula <- function(object, change, family) {
  old <- object$formula
  out <- old
  if (!is.null(change$formula)) {
    out <- as_skeinformula(change$formula)
    plain <- inherits(change$formula, "formula") && !inherits(change$formula, c("skeinformula", "brmsformula"))
    if (plain) out[c("center", "cmc")] <- old[c("center", "cmc")]
    if (is.null(change$newdata)) {
      check_no_new_variables(out$formula, object$data)
      for (form in out$pforms) check_no_new_variables(form[-2], object$data)
    }
    environment <- joined_environment(out$formula, old$formula)
    out$formula <- stats::update.formula(old$formula, out$formula)
    environment(out$formula) <- environment
    # Formulas and values of further parameters stay, unless the new formula has others for them.
    out <- updated_parameters(out, old)
    if (is.null(out$family)) out$family <- old$family
  }
  if (!is.null(family)) out$family <- parse_family(family)
  out
}

updated_parameters <- function(new, old) {
  given <- c(names(new$pforms), names(new$pfix))
  for (part in c("pforms", "pfix")) {
    kept <- old[[part]][setdiff(names(old[[part]]), given)]
    new[[part]] <- c(kept, new[[part]])
  }
  new
}

check_no_new_variables <- function(formula, data) {
  new <- setdiff(all.vars(formula), c(names(data), ".", "Intercept", "intercept"))
  if (length(new)) {
    skein_stop(c(
      "New variables found: {.val {new}}",
      i = "Please supply your data again via argument {.arg newdata}."
    ))
  }
}

# Functions of the user that the old formula calls are kept with it; the new formula's environment comes behind them.
joined_environment <- function(new, old) {
  environment <- environment(new)
  if (is.null(environment)) environment <- globalenv()
  kept <- environment(old)
  if (is.null(kept) || identical(kept, globalenv())) {
    return(environment)
  }
  list2env(as.list(kept, all.names = TRUE), parent = environment)
}
