# Model formulas: bf(), the class skeinformula, and what can be added to it.

#' Set up a model formula
#'
#' `bf()` is the short name of `brmsformula()`. A plain formula given to `brm()` means the same as `bf(formula)`.
#'
#' The left side is `response` or `response | trials(n) + weights(w)`, see [addition-terms]; the response may be
#' transformed, as in `log(y)`. The right side takes what [stats::model.matrix()] takes: factors with their contrasts,
#' interactions, `poly()`, `I()`, `scale()`, `splines::ns()`; any number of `offset()` terms; `0 +` to leave the
#' intercept out, `0 + Intercept` to have it as an ordinary, uncentred coefficient; and group-level terms `(x | g)`,
#' `(x || g)` (no correlations), `(x | g1/g2)`, `(x | g1:g2)`, `(x | gr(g, by = f))` (standard deviations and
#' correlations for each level of `f`), and `(x | ID | g)`: terms with the same `ID`, whichever parameter they predict,
#' have correlated coefficients. Every other construct of brms stops with an error of class `skein_not_yet`.
#'
#' Parameters of the family beyond its mean can be predicted too, by formulas of their own with the same terms, as in
#' `bf(y ~ x, sigma ~ z + (1 | g))`, or be fixed, as in `bf(y ~ x, nu = 4)`. Several parameters may share a formula:
#' `shape + hu ~ x`. `lf()` makes such formulas to be added by `+`, with their own `center` and `cmc`.
#'
#' @param formula A formula, a string that holds one, or an object of brms's class `brmsformula`.
#' @param ... Formulas of further parameters of the family, as `sigma ~ x` or `sigma = ~ x`, and values that fix such
#'   parameters, as `nu = 4`, on their own scale.
#' @param flist A list of the same.
#' @param autocor,nl,sparse,decomp,unused Features of brms that skein does not have yet: `NULL` or `FALSE`.
#' @param family A family for this formula; without one, that of [brm()] holds.
#' @param loop Accepted for brms's sake: it concerns Stan code only.
#' @param center Should predictors be centred while sampling? Default `TRUE`; with `FALSE` the intercept becomes an
#'   ordinary coefficient with a prior of class `b`. In `bf()` for the main formula, in `lf()` for those it makes.
#' @param cmc Should leaving out the intercept give a factor one coefficient per level? Default `TRUE`.
#' @param dpar,resp For `lf()`, features of brms that skein does not have: `NULL`.
#' @return An object of class `skeinformula`: a list with `formula`, `family` (`NULL` or a `skeinfamily`), `center`,
#'   `cmc`, `pforms` (formulas of further parameters) and `pfix` (fixed values). `lf()` returns a list of formulas.
#'   Errors have class `skein_error`.
#' @examples
#' bf(count ~ zAge + zBase * Trt + (1 | patient))
#' bf(y ~ x, center = FALSE) + student()
#' bf(y ~ x + (1 | i | g), sigma ~ z + (1 | i | g), nu = 4)
#' bf(y ~ x) + lf(sigma ~ 0 + z, cmc = FALSE)
#' @export
brmsformula <- function(formula, ..., flist = NULL, family = NULL, autocor = NULL, nl = NULL, loop = NULL,
                        center = NULL, cmc = NULL, sparse = NULL, decomp = NULL, unused = NULL) {
  if (isTRUE(nl)) stop_not_yet("non-linear formulas")
  out <- as_skeinformula(formula)
  refuse_formula_flags(list(autocor = autocor, sparse = sparse, decomp = decomp, unused = unused))
  out <- add_parameters(out, c(list(...), flist))
  if (!is.null(center)) out$center <- check_flag(center, "center")
  if (!is.null(cmc)) out$cmc <- check_flag(cmc, "cmc")
  if (!is.null(family)) out$family <- parse_family(family)
  out
}

#' @rdname brmsformula
#' @export
bf <- brmsformula

new_formula <- function(formula, family = NULL, center = TRUE, cmc = TRUE) {
  structure(
    list(formula = formula, family = family, center = center, cmc = cmc, pforms = list(), pfix = list()),
    class = "skeinformula"
  )
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
  refuse_formula_flags(flags[intersect(c("autocor", "sparse", "decomp", "unused"), names(flags))])
  formula <- x$formula
  attributes(formula) <- flags[c("class", ".Environment")]
  family <- if (!is.null(x$family)) parse_family(x$family)
  out <- new_formula(formula, family, center = !isFALSE(flags$center), cmc = !isFALSE(flags$cmc))
  add_parameters(out, c(x$pforms, x$pfix))
}

#' @export
print.skeinformula <- function(x, ...) {
  cat(paste0(format_formula_lines(x), " \n"), sep = "")
  invisible(x)
}

# The formulas and fixed values of a skeinformula, each as one string.
format_formula_lines <- function(x) {
  pforms <- vapply(x$pforms, format_formula, character(1))
  pfix <- if (length(x$pfix)) paste(names(x$pfix), "=", vapply(x$pfix, format, character(1), digits = 3))
  unname(c(format_formula(x$formula), pforms, pfix))
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
  if (inherits(e2, "acformula")) stop_not_yet("acformula()")
  if (inherits(e2, "setnl")) stop_not_yet("set_nl()")
  if (inherits(e2, "family") || inherits(e2, "skeinfamily") || is.function(e2)) {
    e1$family <- parse_family(e2)
    return(e1)
  }
  if (inherits(e2, "formula") || (is.list(e2) && is.null(attr(e2, "class")))) {
    return(brmsformula(e1, e2))
  }
  skein_stop("Only a family or {.fn lf} can be added to {.fn bf}, not {describe_value(e2)}.")
}

#' @export
formula.skeinformula <- function(x, ...) x$formula
