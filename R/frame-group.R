# The frame's group-level part: levels of grouping factors, the level of each row, and the coefficients that vary.

# Returns one entry per group-level term, in the order of its number in the reference layout: those of mu first, then
# of the other parameters in the order of their formulas; terms of one ID are one entry, at the place of the first.
# Entries: id, group, variables, levels (strings), index (integer, 1-based level of each row), correlated, by (NULL, or
# expression, labels of its levels, level: the by-level of each level), parts (dpar, coefs, columns: the recipe of their
# design), and for each coefficient in their order: coefs, dpars, labels (coefs with the parameter's name), ones (is its
# design a column of ones?).
build_groups <- function(terms, data, rows) {
  written <- unlist(lapply(unname(terms$dpars), function(dpar) {
    lapply(dpar$groups, function(group) c(group, dpar[c("dpar", "cmc")]))
  }), recursive = FALSE)
  factors <- list()
  entries <- list()
  for (term in written) {
    if (is.null(factors[[term$group]])) factors[[term$group]] <- build_grouping(term, data)
    part <- group_part(term, data, rows, terms$contrasts)
    shared <- if (nzchar(term$id)) term$id
    if (!is.null(shared) && !is.null(entries[[shared]])) {
      entries[[shared]] <- join_group(entries[[shared]], term, part)
      next
    }
    by <- group_by_levels(term, factors[[term$group]], data)
    entry <- c(
      list(group = term$group, variables = term$variables), factors[[term$group]],
      list(correlated = term$correlated, by = by, parts = list(part))
    )
    name <- if (is.null(shared)) paste0("\r", length(entries)) else shared
    entries[[name]] <- entry
  }
  out <- unname(Map(finish_group, entries, seq_along(entries)))
  check_group_terms(out)
  out
}

# The coefficients of one parameter within a term.
group_part <- function(term, data, rows, contrasts) {
  terms <- stats::terms(term$formula)
  intercept <- attr(terms, "intercept") == 1
  columns <- build_columns(term$formula, data, rows, contrasts, intercept || !term$cmc, keep_intercept = intercept)
  ones <- intercept & columns$coefs == "Intercept"
  list(dpar = term$dpar, coefs = columns$coefs, ones = ones, columns = columns)
}

# Another term of the same ID. Which by-variable and correlation hold is said by the first, as in brms.
join_group <- function(entry, term, part) {
  if (!identical(entry$group, term$group)) {
    skein_stop(c(
      "Only terms of the same grouping factor can share the ID {.val {term$id}}.",
      i = "It stands in terms of {.val {entry$group}} and {.val {term$group}}."
    ))
  }
  if (!identical(format_by(entry$by$expression), format_by(term$by))) {
    skein_stop("Terms that share the ID {.val {term$id}} must have the same {.arg by}.")
  }
  entry$parts <- c(entry$parts, list(part))
  entry
}

format_by <- function(expression) if (is.null(expression)) "" else format_language(expression)

finish_group <- function(entry, id) {
  field <- function(name) unlist(lapply(entry$parts, function(part) part[[name]]))
  entry$coefs <- field("coefs")
  entry$dpars <- rep(vapply(entry$parts, function(part) part$dpar, ""), lengths(lapply(entry$parts, `[[`, "coefs")))
  entry$labels <- paste0(dpar_prefix(entry$dpars), entry$coefs)
  entry$ones <- field("ones")
  entry$correlated <- entry$correlated && length(entry$coefs) > 1
  c(list(id = id), entry)
}

# "sigma_" and the like before names of coefficients; nothing for mu.
dpar_prefix <- function(dpar) ifelse(dpar == "mu", "", paste0(dpar, "_"))

# Rows from:to of the design of a term's coefficients, as columns_block().
group_block <- function(group, from, to) {
  do.call(cbind, lapply(group$parts, function(part) columns_block(part$columns, from, to)))
}

light_group <- function(group) {
  group$index <- NULL
  group$parts <- lapply(group$parts, function(part) {
    part$columns$frame <- NULL
    part
  })
  group
}

# gr(g, by = f): which level of f each level of g belongs to. Its labels have no white space, as in brms.
group_by_levels <- function(term, factor, data) {
  if (is.null(term$by)) {
    return(NULL)
  }
  text <- format_language(term$by)
  value <- eval_column(term$by, data, environment(term$formula))
  if (is.null(value) || NROW(value) != nrow(data)) skein_stop("{.code by = {text}} must have one value per row.")
  by <- column_levels(value, text)
  pairs <- unique(cbind(factor$index, by$index))
  twice <- pairs[duplicated(pairs[, 1]), 1]
  if (length(twice)) {
    level <- factor$levels[twice[1]]
    skein_stop(c(
      "Level {.val {level}} of {.val {term$group}} belongs to several levels of {.code {text}}.",
      i = "{.arg by} of {.fn gr} must be constant within each level."
    ))
  }
  level <- integer(length(factor$levels))
  level[pairs[, 1]] <- pairs[, 2]
  list(expression = term$by, labels = paste0(text, gsub("[[:space:]]", "", by$levels)), level = level)
}

check_group_terms <- function(groups) {
  names <- vapply(groups, function(group) group$group, character(1))
  for (name in unique(names)) {
    coefs <- unlist(lapply(groups[names == name], function(group) group$labels))
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
