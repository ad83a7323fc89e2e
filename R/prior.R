# Prior syntax: prior() and its relatives make rows of a skeinprior; nothing here reads the prior's text.

prior_columns <- c("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub", "tag", "source")

# What makes two rows speak of the same parameters.
prior_keys <- c("class", "coef", "group", "resp", "dpar", "nlpar")

# The class also inherits brmsprior (never brmsfit), so that brms::brm() takes priors made here.
new_prior <- function(rows) {
  rows <- rows[prior_columns]
  rownames(rows) <- NULL
  class(rows) <- c("skeinprior", "brmsprior", "data.frame")
  rows
}

prior_rows <- function(prior = "", class = "", coef = "", group = "", resp = "", dpar = "", nlpar = "",
                       lb = "", ub = "", tag = "", source = "") {
  new_prior(data.frame(prior, class, coef, group, resp, dpar, nlpar, lb, ub, tag, source))
}

#' Prior distributions
#'
#' Describe priors for `brm()` in brms's syntax. `prior()` quotes every argument but `check`; `set_prior()` (and its
#' other name `prior_string()`) takes strings and recycles vectors, one prior per element; `prior_()` takes calls,
#' names, numbers or one-sided formulas. Combine priors by `c()` or `+`. Objects made by brms's functions of these names
#' are accepted everywhere.
#'
#' A prior is written as in Stan, on the parameter's own scale: `normal(mean, sd)`, `student_t(df, location, scale)`,
#' `cauchy(location, scale)`, `logistic(location, scale)`, `double_exponential(location, scale)`,
#' `exponential(rate)`, `gamma(shape, rate)`, `inv_gamma(shape, scale)`, `lognormal(meanlog, sdlog)`,
#' `beta(shape1, shape2)`, `uniform(lower, upper)`, `std_normal()`, `lkj(eta)` for correlations, `constant(value)`,
#' which fixes the parameter, and `""`, which is flat. Arguments are numbers or arithmetic on numbers, such as
#' `2.5 * 3` or `sqrt(2)`; a number held in a variable is pasted in by
#' `set_prior(sprintf("normal(0, %s)", x))`.
#'
#' @param prior A call such as `normal(0, 2)` for `prior()`, a character vector for `set_prior()`.
#' @param class The kind of parameter: `b` (population-level coefficients), `Intercept` (of the centred predictors),
#'   `sd` (of group-level effects), `cor` (their correlations) or a parameter of the family that no formula predicts,
#'   such as `sigma`, `shape`, `zi`.
#' @param coef Name of the coefficient; without one, the prior holds for all that have none of their own.
#' @param group Name of the grouping factor, for classes `sd` and `cor`.
#' @param resp,dpar,nlpar Response variable, distributional parameter and non-linear parameter that the prior belongs
#'   to: with `bf(y ~ x, sigma ~ z)`, classes `b`, `Intercept` and `sd` with `dpar = sigma` are those of the formula of
#'   `sigma`.
#' @param lb,ub Bounds of the parameter: numbers, or `NA` for the usual ones. Only for whole classes, not with `coef`.
#'   The density is then normalised within the bounds.
#' @param tag A label that is carried along.
#' @param check Only `TRUE`: skein has no Stan program that an unchecked text could be pasted into.
#' @param ... For `prior()`, `prior_()` and `prior_string()`: the arguments of `set_prior()` after the first.
#' @return A data frame of class `skeinprior` with one row per prior and brms's columns. An error of class
#'   `skein_error` if the arguments are not single strings, or bounds are given together with `coef`. Distribution names
#'   and numbers are checked when the model is built, see [validate_prior()].
#' @seealso [default_prior()] for the parameters of a model and their default priors.
#' @examples
#' prior(normal(0, 10))
#' prior(normal(0, 1), class = b, coef = x) + prior(exponential(1), class = sd)
#' set_prior("normal(0, 2)", coef = c("x1", "x2"))
#' @export
set_prior <- function(prior, class = "b", coef = "", group = "", resp = "", dpar = "", nlpar = "",
                      lb = NA, ub = NA, tag = "", check = TRUE) {
  input <- list(
    prior = prior, class = class, coef = coef, group = group, resp = resp, dpar = dpar, nlpar = nlpar,
    lb = as.character(lb), ub = as.character(ub), tag = tag
  )
  if (!isTRUE(all(check))) {
    stop_not_yet("set_prior(check = FALSE)", hint = "A prior is not pasted into a Stan program here.")
  }
  for (name in setdiff(names(input), c("lb", "ub"))) {
    if (!is.character(input[[name]]) || !length(input[[name]]) || anyNA(input[[name]])) {
      skein_stop("{.arg {name}} of a prior must be a string, not {describe_value(input[[name]])}.")
    }
  }
  n <- max(lengths(input))
  uneven <- names(input)[!lengths(input) %in% c(1, n)]
  if (length(uneven)) {
    skein_stop("{.arg {uneven[1]}} of a prior has {length(input[[uneven[1]]])} values where 1 or {n} would fit.")
  }
  rows <- do.call(prior_rows, c(lapply(input, rep_len, n), source = "user"))
  rows$lb[rows$lb %in% "NA"] <- NA
  rows$ub[rows$ub %in% "NA"] <- NA
  rows$dpar[rows$dpar == "mu"] <- ""
  wrong <- nzchar(rows$coef) & (!is.na(rows$lb) | !is.na(rows$ub))
  if (any(wrong)) {
    skein_stop(c(
      "{.arg lb} and {.arg ub} cannot be given together with {.arg coef} ({.val {rows$coef[wrong][1]}}).",
      i = "Bounds hold for a whole class, as in {.code prior(normal(0, 1), class = b, lb = 0)}."
    ))
  }
  rows
}

#' @rdname set_prior
#' @export
prior <- function(prior, ...) {
  call <- as.list(match.call()[-1])
  evaluated <- names(call) %in% "check"
  quoted <- lapply(call[!evaluated], deparse_prior_argument)
  do.call(set_prior, c(quoted, lapply(call[evaluated], eval, envir = parent.frame())))
}

#' @rdname set_prior
#' @export
prior_ <- function(prior, ...) {
  call <- list(prior = prior, ...)
  as_text <- function(x) {
    if (inherits(x, "formula") && length(x) == 2) x <- x[[2]]
    if (!is.language(x) && !is.atomic(x)) {
      skein_stop("Arguments of {.fn prior_} must be one-sided formulas, calls, names or constants.")
    }
    deparse_prior_argument(x)
  }
  evaluated <- names(call) %in% "check"
  do.call(set_prior, c(lapply(call[!evaluated], as_text), call[evaluated]))
}

#' @rdname set_prior
#' @export
prior_string <- function(prior, ...) {
  set_prior(prior, ...)
}

deparse_prior_argument <- function(x) {
  if (is.character(x)) x else paste(trimws(deparse(x, width.cutoff = 500L)), collapse = " ")
}

#' @rdname set_prior
#' @export
empty_prior <- function() {
  prior_rows()[0, ]
}

#' Priors as skein's own class
#'
#' @param x A prior of skein or brms, a data frame with a column `prior`, or `NULL` (no prior).
#' @param ... For `print()`: passed to [print.data.frame()].
#' @return `as.skeinprior()` (also named `as.brmsprior()`) returns a `skeinprior`, with columns that `x` lacks filled
#'   by `""`; an error of class `skein_error` for any other `x`. `is.skeinprior()` returns `TRUE` or `FALSE`.
#' @export
as.skeinprior <- function(x) {
  if (is.skeinprior(x)) {
    return(x)
  }
  if (is.null(x)) {
    return(empty_prior())
  }
  if (!is.data.frame(x) || !"prior" %in% names(x)) {
    skein_stop(c(
      "A prior must be made by {.fn prior} or {.fn set_prior}, not be {describe_value(x)}.",
      i = "Several priors are combined by {.fn c} or +."
    ))
  }
  kept <- lapply(x[intersect(prior_columns, names(x))], as.character)
  if (is.null(kept$class)) kept$class <- "b"
  if (is.null(kept$source)) kept$source <- "user"
  rows <- do.call(prior_rows, kept)
  texts <- setdiff(prior_columns, c("lb", "ub"))
  rows[texts] <- lapply(rows[texts], function(column) ifelse(is.na(column), "", column))
  rows
}

#' @rdname as.skeinprior
#' @export
as.brmsprior <- function(x) {
  as.skeinprior(x)
}

#' @rdname as.skeinprior
#' @export
is.skeinprior <- function(x) {
  inherits(x, "skeinprior")
}

# replace = TRUE keeps, of rows for the same parameters, the last: how update() merges priors.
#' @export
c.skeinprior <- function(..., replace = FALSE) {
  parts <- lapply(unname(list(...)), as.skeinprior)
  rows <- new_prior(do.call(rbind, lapply(parts, as.data.frame)))
  if (replace) rows <- new_prior(rows[!duplicated(as.data.frame(rows)[prior_keys], fromLast = TRUE), ])
  rows
}

#' @export
`+.skeinprior` <- function(e1, e2) {
  if (missing(e2)) e1 else c(as.skeinprior(e1), e2)
}

# R 4.3 asks this where the two sides have different `+` methods: ours also adds brms's rows.
#' @rawNamespace if (getRversion() >= "4.3.0") S3method(chooseOpsMethod, skeinprior)
#' @noRd
chooseOpsMethod.skeinprior <- function(x, y, mx, my, cl, reverse) {
  inherits(x, "brmsprior") && inherits(y, "brmsprior")
}

# To be called when skein or brms is loaded, whichever comes last. R 4.2 adds objects of two classes only if both find
# the very same function: skeinprior then adds by brms's method, which calls c() and so comes back here. The generic
# default_prior() is younger than the brms versions that may be there, so NAMESPACE cannot name it.
register_priors_with_brms <- function() {
  theirs <- asNamespace("brms")
  if (getRversion() < "4.3.0") {
    registerS3method("+", "skeinprior", utils::getS3method("+", "brmsprior", envir = theirs), envir = baseenv())
  }
  if (exists("default_prior", envir = theirs, inherits = FALSE)) {
    registerS3method("default_prior", "skeinfit", default_prior.skeinfit, envir = theirs)
  }
}

#' Priors that skein does not have yet
#'
#' brms's shrinkage priors stop with an error of class `skein_not_yet` that says so, or call brms's function of the name
#' if brms is attached.
#'
#' @param ... Arguments of brms's functions.
#' @return Nothing; what brms's function returns if brms is attached.
#' @examples
#' try(horseshoe(1))
#' @name shrinkage-priors
NULL

#' @rdname shrinkage-priors
#' @export
horseshoe <- not_yet_function("horseshoe")

#' @rdname shrinkage-priors
#' @export
R2D2 <- not_yet_function("R2D2")

#' @rdname shrinkage-priors
#' @export
lasso <- not_yet_function("lasso")
