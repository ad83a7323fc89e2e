# The frame's group-level part: levels of grouping factors, the level of each row, and the coefficients that vary.

# Returns one entry per group term, in the order of its number in the reference layout: id, group, variables, levels
# (strings), index (integer, 1-based level of each row), coefs, correlated, columns (recipe of their design),
# intercept_only.
build_groups <- function(predictor, data, rows, contrasts) {
  groups <- predictor$groups
  out <- vector("list", length(groups))
  factors <- list()
  for (i in seq_along(groups)) {
    group <- groups[[i]]
    if (is.null(factors[[group$group]])) factors[[group$group]] <- build_grouping(group, data)
    out[[i]] <- c(
      list(id = i, group = group$group, variables = group$variables), factors[[group$group]],
      group_coefficients(group, predictor$cmc, data, rows, contrasts)
    )
  }
  check_group_terms(out)
  out
}

group_coefficients <- function(group, cmc, data, rows, contrasts) {
  terms <- stats::terms(group$formula)
  intercept <- attr(terms, "intercept") == 1
  columns <- build_columns(group$formula, data, rows, contrasts, intercept || !cmc, keep_intercept = intercept)
  list(
    coefs = columns$coefs, correlated = group$correlated && length(columns$coefs) > 1, columns = columns,
    intercept_only = intercept && length(columns$coefs) == 1
  )
}

check_group_terms <- function(groups) {
  names <- vapply(groups, function(group) group$group, character(1))
  for (name in unique(names[duplicated(names)])) {
    coefs <- unlist(lapply(groups[names == name], function(group) group$coefs))
    if (anyDuplicated(coefs)) {
      twice <- coefs[duplicated(coefs)][1]
      skein_stop(c(
        "Duplicated group-level effects are not allowed: {.val {twice}} of group {.val {name}}.",
        i = "Leave it out of one term, as in {.code (1 | g) + (0 + x | g)}."
      ))
    }
  }
  first <- groups[!duplicated(names)]
  for (group in first) {
    if (length(group$levels) == 1) {
      skein_warn(
        "The grouping factor {.val {group$group}} has one level only, so that the data say little of its variation."
      )
    }
  }
}

# levels and index of a grouping factor; a:b has the levels "1_x" of the pairs that occur.
build_grouping <- function(group, data) {
  out <- column_levels(data[[group$variables[1]]], group$variables[1])
  if (length(group$variables) == 1) {
    return(out)
  }
  for (name in group$variables[-1]) out <- cross_levels(out, column_levels(data[[name]], name))
  sorted <- sort(unique(out$levels))
  list(levels = sorted, index = match(out$levels, sorted)[out$index])
}

# As factor(x) would have it: a factor's own levels, else sorted values; unused ones dropped.
column_levels <- function(x, name) {
  if (!is.null(dim(x))) skein_stop("The grouping factor {.val {name}} must be a vector, not a matrix.")
  if (is.factor(x)) {
    codes <- as.integer(x)
    used <- sort(unique(codes))
    index <- if (length(used) == nlevels(x)) codes else match(codes, used)
    return(list(levels = levels(x)[used], index = index))
  }
  values <- sort(unique(x))
  levels <- as.character(values)
  if (anyDuplicated(levels)) {
    # Numbers that print alike are one level, as in factor().
    return(list(levels = unique(levels), index = match(as.character(x), unique(levels))))
  }
  list(levels = levels, index = match(x, values))
}

# Pairs that occur, in the order of their first appearance.
cross_levels <- function(a, b) {
  n <- length(b$levels)
  # Doubles: the product of two numbers of levels may exceed an integer.
  pair <- (a$index - 1) * n + b$index
  pairs <- unique(pair)
  levels <- paste(a$levels[(pairs - 1) %/% n + 1], b$levels[(pairs - 1) %% n + 1], sep = "_")
  list(levels = levels, index = match(pair, pairs))
}
