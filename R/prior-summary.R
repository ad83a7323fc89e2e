# Priors as text: printing in brms's layout, and prior_summary().

# Of the class- and group-level rows that hold for row i, the most specific with text in one of the columns, else 0:
# the order in which brms lets group, then dpar and the like, decide.
base_prior_row <- function(rows, i, columns) {
  fits <- rows$class == rows$class[i] & !nzchar(rows$coef) & rows$group %in% c(rows$group[i], "") &
    rows$resp == rows$resp[i] & rows$dpar == rows$dpar[i] & rows$nlpar == rows$nlpar[i]
  for (column in columns) filled <- if (column == columns[1]) nzchar(rows[[column]]) else filled | nzchar(rows[[column]])
  candidates <- which(fits & filled)
  grouped <- candidates[nzchar(rows$group[candidates])]
  c(grouped, candidates, 0)[1]
}

# Fills the prior and bounds that empty rows inherit, and says so in column source.
fill_inherited_priors <- function(rows) {
  filled <- rows
  filled$source[!nzchar(rows$source)] <- "(unknown)"
  for (i in which(!nzchar(rows$prior))) {
    base <- base_prior_row(rows, i, "prior")
    filled$prior[i] <- if (base) rows$prior[base] else "(flat)"
    if (base) filled$source[i] <- "(vectorized)"
  }
  for (i in which(!nzchar(rows$lb) & !nzchar(rows$ub))) {
    base <- base_prior_row(rows, i, c("lb", "ub"))
    if (base) filled[i, c("lb", "ub")] <- rows[base, c("lb", "ub")]
  }
  filled
}

# One line per prior, as in Stan: "<lower=0> sd_g__x ~ normal(0, 1)".
#' @export
format.skeinprior <- function(x, ...) {
  with_mark <- function(text) ifelse(nzchar(text), paste0("_", text), "")
  bound_text <- function(name, bound) {
    none <- is.na(bound) | bound %in% c("", "NA", "Inf", "-Inf")
    ifelse(none, "", paste0(name, "=", bound))
  }
  lower <- bound_text("lower", x$lb)
  upper <- bound_text("upper", x$ub)
  bounds <- paste0(lower, ifelse(nzchar(lower) & nzchar(upper), ",", ""), upper)
  inner <- paste0(with_mark(x$resp), with_mark(x$dpar), with_mark(x$nlpar), with_mark(x$coef))
  group <- paste0(with_mark(x$group), ifelse(nzchar(x$group) & nzchar(inner), "_", ""))
  parameter <- paste0(x$class, group, inner)
  paste0(
    ifelse(nzchar(bounds), paste0("<", bounds, "> "), ""),
    parameter, ifelse(nzchar(parameter), " ~ ", ""), ifelse(nzchar(x$prior), x$prior, "(flat)")
  )
}

#' @param show_df Print a table (default with more than one row) or one line per prior?
#' @rdname as.skeinprior
#' @export
print.skeinprior <- function(x, show_df = NULL, ...) {
  if (is.null(show_df)) show_df <- nrow(x) > 1
  check_flag(show_df, "show_df")
  filled <- fill_inherited_priors(x)
  if (show_df) {
    print(as.data.frame(filled), row.names = FALSE, ...)
  } else {
    writeLines(format(filled))
  }
  invisible(x)
}

# as.data.frame() would leave brmsprior in the class.
#' @export
as.data.frame.skeinprior <- function(x, ...) {
  class(x) <- "data.frame"
  x
}

#' @importFrom rstantools prior_summary
#' @export
rstantools::prior_summary

#' Priors of a fitted model
#'
#' @param object A `skeinfit`.
#' @param all Also list the parameters that have no prior of their own?
#' @param ... Ignored.
#' @return A `skeinprior` with all priors in force, defaults included, on the parameters' own scale. Class `L` stands
#'   for the Cholesky factors of the correlations of class `cor`.
#' @method prior_summary skeinfit
#' @export
prior_summary.skeinfit <- function(object, all = TRUE, ...) {
  check_flag(all, "all")
  rows <- object$prior
  if (all) rows else rows[nzchar(rows$prior), ]
}
