# Group-level terms: (x | g), (x || g), (x | ID | g), (x | a/b), (x | a:b), (x | gr(g, by = f)).

is_bar <- function(x) {
  is.call(x) && (identical(x[[1]], as.name("|")) || identical(x[[1]], as.name("||")))
}

# calls: list of `x | g` calls. Returns one entry per coefficient formula and grouping factor, in brms's order: sorted
# by the group's name, and as written within one name. The sort ignores the locale, so that the order of parameters,
# and with it every draw, is the same everywhere. Entries: group ("a:b"), variables (c("a", "b")), formula, correlated,
# id (terms of one id share a correlation matrix; "" if none) and by (NULL or an expression).
parse_groups <- function(calls, environment) {
  groups <- unlist(lapply(calls, parse_group, environment = environment), recursive = FALSE)
  names <- vapply(groups, function(group) group$group, character(1))
  groups[order(tolower(names), names, method = "radix")]
}

parse_group <- function(bar, environment) {
  left <- bar[[2]]
  id <- ""
  if (is_bar(left) && identical(bar[[1]], as.name("|"))) {
    id <- format_language(left[[3]])
    if (!identical(left[[1]], as.name("|")) || !nzchar(id)) {
      skein_stop("Between the bars of {.code ({format_language(bar)})} stands no name: write {.code (x | ID | g)}.")
    }
    left <- left[[2]]
  }
  if (length(all_bars(left))) {
    skein_stop("The group-level term {.code ({format_language(bar)})} holds another one.")
  }
  formula <- stats::as.formula(call("~", left), env = environment)
  terms <- stats::terms(formula)
  if (length(attr(terms, "offset"))) refuse_hidden_bar(bar)
  if (attr(terms, "intercept") == 0 && length(attr(terms, "term.labels")) == 0) {
    skein_stop("The group-level term {.code ({format_language(bar)})} has no coefficients.")
  }
  factors <- parse_grouping(bar[[3]], bar)
  lapply(factors, function(factor) {
    list(
      group = paste(factor$variables, collapse = ":"), variables = factor$variables, formula = formula,
      correlated = factor$correlated && identical(bar[[1]], as.name("|")), id = if (nzchar(id)) id else factor$id,
      by = factor$by
    )
  })
}

# Right of the bar: one entry (variables, correlated, id, by) per grouping factor; a/b means a and a:b.
parse_grouping <- function(right, bar) {
  terms <- tryCatch(
    stats::terms(stats::as.formula(call("~", right))),
    error = function(e) stop_grouping(right, bar)
  )
  calls <- term_calls(terms)
  if (!length(calls)) stop_grouping(right, bar)
  lapply(calls, function(call) {
    arguments <- list(group = call, correlated = TRUE, id = "", by = NULL)
    if (identical(call_name(call), "gr")) arguments <- gr_arguments(call)
    variables <- split_colon(arguments$group)
    if (!all(vapply(variables, is.name, logical(1)))) stop_grouping(right, bar)
    c(list(variables = vapply(variables, as.character, character(1))), arguments[c("correlated", "id", "by")])
  })
}

gr_arguments <- function(call) {
  matched <- as.list(match.call(function(..., by, cor, id, pw, cov, dist) NULL, call, expand.dots = FALSE))[-1]
  cor <- if (is.null(matched$cor)) TRUE else check_flag(eval(matched$cor, baseenv()), "cor")
  later <- intersect(names(matched), c("pw", "cov"))
  if (length(later)) stop_not_yet(paste0("gr(", later[1], " = )"))
  if (!is.null(matched$dist) && !identical(matched$dist, "gaussian")) stop_not_yet("gr(dist = )")
  if (length(matched$...) != 1) {
    skein_stop("{.code {format_language(call)}} must name one grouping factor.")
  }
  list(group = matched$...[[1]], correlated = cor, id = gr_id(matched$id, call), by = matched$by)
}

gr_id <- function(id, call) {
  if (is.null(id) || (is.atomic(id) && length(id) == 1 && is.na(id))) {
    return("")
  }
  if (!is.atomic(id) || length(id) != 1) {
    skein_stop("{.arg id} in {.code {format_language(call)}} must be one string.")
  }
  as.character(id)
}

split_colon <- function(x) {
  if (is.call(x) && identical(x[[1]], as.name(":"))) c(split_colon(x[[2]]), split_colon(x[[3]])) else list(x)
}

stop_grouping <- function(right, bar) {
  skein_stop(c(
    "{.code {format_language(right)}} in {.code ({format_language(bar)})} is not a grouping factor.",
    i = "It may hold names of columns joined by {.code :} or {.code /} only; make a column of anything else."
  ))
}

# All group-level terms within an expression of formula operators.
all_bars <- function(x) {
  if (is_bar(x)) {
    return(list(x))
  }
  if (is.call(x) && is_formula_operator(x)) unlist(lapply(as.list(x)[-1], all_bars), recursive = FALSE) else list()
}
