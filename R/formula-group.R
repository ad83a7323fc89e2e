# Group-level terms: (x | g), (x || g), (x | a/b), (x | a:b), (x | gr(g)).

is_bar <- function(x) {
  is.call(x) && (identical(x[[1]], as.name("|")) || identical(x[[1]], as.name("||")))
}

# calls: list of `x | g` calls. Returns one entry per coefficient formula and grouping factor, in brms's order: sorted
# by the group's name, and as written within one name. The sort ignores the locale, so that the order of parameters,
# and with it every draw, is the same everywhere. Entries: group ("a:b"), variables (c("a", "b")), formula, correlated.
parse_groups <- function(calls, environment) {
  groups <- unlist(lapply(calls, parse_group, environment = environment), recursive = FALSE)
  names <- vapply(groups, function(group) group$group, character(1))
  groups[order(tolower(names), names, method = "radix")]
}

parse_group <- function(bar, environment) {
  left <- bar[[2]]
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
      correlated = factor$correlated && identical(bar[[1]], as.name("|"))
    )
  })
}

# Right of the bar: one entry (variables, correlated) per grouping factor; a/b means a and a:b.
parse_grouping <- function(right, bar) {
  terms <- tryCatch(
    stats::terms(stats::as.formula(call("~", right))),
    error = function(e) stop_grouping(right, bar)
  )
  calls <- term_calls(terms)
  if (!length(calls)) stop_grouping(right, bar)
  lapply(calls, function(call) {
    correlated <- TRUE
    if (identical(call_name(call), "gr")) {
      arguments <- gr_arguments(call)
      call <- arguments$group
      correlated <- arguments$correlated
    }
    variables <- split_colon(call)
    if (!all(vapply(variables, is.name, logical(1)))) stop_grouping(right, bar)
    list(variables = vapply(variables, as.character, character(1)), correlated = correlated)
  })
}

gr_arguments <- function(call) {
  matched <- as.list(match.call(function(..., by, cor, id, pw, cov, dist) NULL, call, expand.dots = FALSE))[-1]
  cor <- if (is.null(matched$cor)) TRUE else check_flag(eval(matched$cor, baseenv()), "cor")
  later <- setdiff(names(matched), c("...", "cor"))
  if (length(later)) stop_not_yet(paste0("gr(", later[1], " = )"))
  if (length(matched$...) != 1) {
    skein_stop("{.code {format_language(call)}} must name one grouping factor.")
  }
  list(group = matched$...[[1]], correlated = cor)
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
