# Model formulas: bf(), the class skeinformula, and parse_formula(), which turns text into terms without seeing data.

#' Set up a model formula
#'
#' `bf()` is the short name of `brmsformula()`. A plain formula given to `brm()` means the same as `bf(formula)`.
#'
#' The left side is `response` or `response | trials(n) + weights(w)`; the response may be transformed, as in
#' `log(y)`. The right side takes what [stats::model.matrix()] takes: factors with their contrasts, interactions,
#' `poly()`, `I()`, `scale()`, `splines::ns()`; any number of `offset()` terms; `0 +` to leave the intercept out,
#' `0 + Intercept` to have it as an ordinary, uncentred coefficient; and group-level terms `(x | g)`, `(x || g)` (no
#' correlations), `(x | g1/g2)`, `(x | g1:g2)`, `(x | gr(g))`. Every other construct of brms stops with an error of
#' class `skein_not_yet`.
#'
#' @param formula A formula, a string that holds one, or an object of brms's class `brmsformula`.
#' @param ... Formulas of further parameters, which skein does not have yet.
#' @param flist,autocor,nl,sparse,decomp,unused Features of brms that skein does not have yet: `NULL` or `FALSE`.
#' @param family A family for this formula; without one, that of [brm()] holds.
#' @param loop Accepted for brms's sake: it concerns Stan code only.
#' @param center Should predictors be centred while sampling? Default `TRUE`; with `FALSE` the intercept becomes an
#'   ordinary coefficient with a prior of class `b`.
#' @param cmc Should leaving out the intercept give a factor one coefficient per level? Default `TRUE`.
#' @return An object of class `skeinformula`: a list with `formula`, `family` (`NULL` or a `skeinfamily`), `center` and
#'   `cmc`. Errors have class `skein_error`.
#' @examples
#' bf(count ~ zAge + zBase * Trt + (1 | patient))
#' bf(y ~ x, center = FALSE) + student()
#' @export
brmsformula <- function(formula, ..., flist = NULL, family = NULL, autocor = NULL, nl = NULL, loop = NULL,
                        center = NULL, cmc = NULL, sparse = NULL, decomp = NULL, unused = NULL) {
  if (isTRUE(nl)) stop_not_yet("non-linear formulas")
  if (...length() || length(flist)) stop_not_yet("distributional formulas")
  out <- as_skeinformula(formula)
  refuse_formula_flags(list(autocor = autocor, sparse = sparse, decomp = decomp, unused = unused))
  if (!is.null(center)) out$center <- check_flag(center, "center")
  if (!is.null(cmc)) out$cmc <- check_flag(cmc, "cmc")
  if (!is.null(family)) out$family <- parse_family(family)
  out
}

#' @rdname brmsformula
#' @export
bf <- brmsformula

new_formula <- function(formula, family = NULL, center = TRUE, cmc = TRUE) {
  structure(list(formula = formula, family = family, center = center, cmc = cmc), class = "skeinformula")
}

refuse_formula_flags <- function(flags) {
  for (name in names(flags)) {
    value <- flags[[name]]
    if (!is.null(value) && !isFALSE(value)) stop_not_yet(paste0("bf(", name, " = )"))
  }
}

# Whatever a user may hand in as a formula -> skeinformula; brms's own objects are read by their fields.
as_skeinformula <- function(formula) {
  if (inherits(formula, "skeinformula")) {
    return(formula)
  }
  if (inherits(formula, c("mvbrmsformula", "mvbform"))) stop_not_yet("multivariate formulas")
  if (inherits(formula, "brmsformula")) {
    return(from_brmsformula(formula))
  }
  if (is.character(formula) && length(formula) == 1) {
    formula <- tryCatch(
      stats::as.formula(formula, env = globalenv()),
      error = function(e) skein_stop("{.val {formula}} is not a formula: {conditionMessage(e)}")
    )
  }
  if (!inherits(formula, "formula")) {
    skein_stop("{.arg formula} must be a formula such as {.code y ~ x}, not {describe_value(formula)}.")
  }
  new_formula(formula)
}

from_brmsformula <- function(x) {
  flags <- attributes(x$formula)
  if (isTRUE(flags$nl) || isTRUE(x$nl)) stop_not_yet("non-linear formulas")
  if (length(x$pforms) || length(x$pfix)) stop_not_yet("distributional formulas")
  refuse_formula_flags(flags[intersect(c("autocor", "sparse", "decomp", "unused"), names(flags))])
  formula <- x$formula
  attributes(formula) <- flags[c("class", ".Environment")]
  family <- if (!is.null(x$family)) parse_family(x$family)
  new_formula(formula, family, center = !isFALSE(flags$center), cmc = !isFALSE(flags$cmc))
}

#' @export
print.skeinformula <- function(x, ...) {
  cat(format_formula(x$formula), "\n")
  invisible(x)
}

# One line, whatever the formula's length; the environment is not shown.
format_formula <- function(formula) {
  paste(trimws(deparse(formula_language(formula), width.cutoff = 500L)), collapse = " ")
}

formula_language <- function(formula) {
  attributes(formula) <- NULL
  formula
}

#' @export
"+.skeinformula" <- function(e1, e2) {
  if (missing(e2)) {
    return(e1)
  }
  if (inherits(e2, c("skeinformula", "brmsformula", "mvbrmsformula"))) stop_not_yet("multivariate formulas")
  if (!inherits(e1, "skeinformula")) {
    skein_stop("A formula made by {.fn bf} must stand left of {.code +}.")
  }
  if (inherits(e2, "family") || inherits(e2, "skeinfamily") || is.function(e2)) {
    e1$family <- parse_family(e2)
    return(e1)
  }
  skein_stop("Only a family can be added to {.fn bf}, not {describe_value(e2)}.")
}

#' @export
formula.skeinformula <- function(x, ...) x$formula

# formula: anything as_skeinformula takes; family: anything parse_family takes, in force unless the formula has its own;
# data: only its column names are used, and only to write out a `.` in the formula.
# Returns class skeinterms: formula, family, response, additions, weights_scale, dpars (mu: see parse_predictor), and
# contrasts: R's default contrasts now, so that a model built again later has the same columns.
parse_formula <- function(formula, family = stats::gaussian(), data = NULL) {
  formula <- as_skeinformula(formula)
  language <- formula$formula
  if (length(language) != 3) {
    skein_stop("The formula {.code {format_formula(language)}} has no response.")
  }
  refuse_special_terms(language[[3]])
  left <- parse_response(language[[2]])
  family <- parse_family(if (is.null(formula$family)) family else formula$family)
  check_additions(left$additions, family)
  language <- expand_dot(language, data)
  environment(language) <- trim_environment(language)
  formula$formula <- language
  formula$family <- family
  terms <- list(
    formula = formula, family = family, response = left$response, additions = left$additions,
    weights_scale = left$weights_scale, dpars = list(mu = parse_predictor(formula)),
    contrasts = getOption("contrasts")
  )
  structure(terms, class = "skeinterms")
}

# The right side of a formula: population (one-sided, without group terms and offsets), intercept, intercept_coef
# (written `0 + Intercept`), center (centred columns, with Intercept as a parameter of its own), cmc, offsets, groups.
parse_predictor <- function(formula) {
  environment <- environment(formula$formula)
  right <- stats::as.formula(call("~", formula$formula[[3]]), env = environment)
  terms <- tryCatch(
    stats::terms(right),
    error = function(e) skein_stop("The formula cannot be read: {conditionMessage(e)}")
  )
  variables <- as.list(attr(terms, "variables"))[-1]
  calls <- term_calls(terms)
  grouped <- vapply(calls, is_bar, logical(1))
  lapply(calls[!grouped], refuse_hidden_bar)
  lapply(variables[attr(terms, "offset")], refuse_hidden_bar)
  intercept <- attr(terms, "intercept") == 1
  population <- sum_formula(intercept, calls[!grouped], environment)
  intercept_coef <- !intercept && any(c("Intercept", "intercept") %in% all.vars(population))
  if (intercept_coef && "intercept" %in% all.vars(population)) {
    skein_warn("The variable name {.val intercept} is deprecated: please write {.val Intercept}.")
  }
  list(
    population = population, intercept = intercept, intercept_coef = intercept_coef,
    center = intercept && formula$center, cmc = formula$cmc,
    offsets = lapply(variables[attr(terms, "offset")], function(call) call[[2]]),
    groups = parse_groups(calls[grouped], environment)
  )
}

# A group-level term that is not a term of its own: part of an interaction, or taken for an offset by terms(), which
# looks at the first letters only.
refuse_hidden_bar <- function(call) {
  bars <- all_bars(call)
  if (length(bars)) {
    shown <- format_language(bars[[1]])
    skein_stop(c(
      "The group-level term {.code ({shown})} can only be added to other terms.",
      i = "It cannot interact with them, and holds no {.fn offset}."
    ))
  }
}

# The terms of a terms object as calls: x, f(x), x:z.
term_calls <- function(terms) {
  variables <- as.list(attr(terms, "variables"))[-1]
  factors <- attr(terms, "factors")
  join <- function(column) Reduce(function(a, b) call(":", a, b), variables[factors[, column] > 0])
  lapply(seq_len(NCOL(factors) * (length(factors) > 0)), join)
}

# ~ 1 + a + b:c from its parts.
sum_formula <- function(intercept, calls, environment) {
  right <- Reduce(function(a, b) call("+", a, b), calls, as.numeric(intercept))
  stats::as.formula(call("~", right), env = environment)
}

format_language <- function(x) paste(trimws(deparse(x, width.cutoff = 500L)), collapse = " ")

# Replaces `.` by the sum of all columns that the left side does not use.
expand_dot <- function(language, data) {
  if (!"." %in% all.vars(language[[3]])) {
    return(language)
  }
  if (is.null(data)) {
    skein_stop("A {.code .} in a formula needs {.arg data} to say what it stands for.")
  }
  names <- lapply(setdiff(names(data), all.vars(language[[2]])), as.name)
  if (!length(names)) skein_stop("There is no column left in {.arg data} that {.code .} could stand for.")
  sum <- call("(", Reduce(function(a, b) call("+", a, b), names))
  language[[3]] <- do.call(substitute, list(language[[3]], list(. = sum)))
  language
}

# The formula's environment without all that the model does not need: of what stands outside attached packages only
# the functions that the formula calls, so that a saved fit does not carry the user's workspace.
trim_environment <- function(language) {
  environment <- environment(language)
  if (is.null(environment)) environment <- globalenv()
  called <- setdiff(all.names(language), all.vars(language))
  kept <- list()
  for (name in called) {
    value <- get0(name, envir = environment, mode = "function")
    attached <- get0(name, envir = parent.env(globalenv()), mode = "function")
    if (!is.null(value) && !identical(value, attached)) kept[[name]] <- value
  }
  if (length(kept)) list2env(kept, parent = globalenv()) else globalenv()
}
