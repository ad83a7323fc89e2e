# Group-level effects of a prediction: the terms that re_formula keeps, the levels of new data, and draws of new levels.

# One entry per group-level term that the prediction needs: group, variables, levels, by, columns of draws by name
# (effects: levels x coefficients; sd; pairs: correlations, one vector of names for each by-level or NULL), and parts,
# one for each predictor: predictor (number), columns (recipe of the design), keep (which of the part's coefficients are
# in use), at (their positions among the term's), ones (is the design a single column of ones?).
prediction_groups <- function(object, predictors, re_formula) {
  kept <- parse_re_formula(object, re_formula)
  dpars <- vapply(predictors, function(predictor) predictor$dpar, "")
  out <- lapply(object$frame$groups, function(group) {
    group$parts <- group_parts(group, dpars, kept)
    group$effects <- matrix(effect_names(group), length(group$levels))
    group$sd <- object$params$draw_names[[match(paste0("sd_", group$id), object$params$name)]]
    group$pairs <- if (group$correlated) lapply(correlated_labels(group), correlation_names, group = group)
    group
  })
  Filter(function(group) length(group$parts) > 0, out)
}

group_parts <- function(group, dpars, kept) {
  sizes <- lengths(lapply(group$parts, function(part) part$coefs))
  first <- cumsum(c(0, sizes))
  parts <- lapply(seq_along(group$parts), function(i) {
    part <- group$parts[[i]]
    keep <- kept_coefficients(group$group, part$coefs, kept)
    at <- first[i] + keep
    list(
      predictor = match(part$dpar, dpars), columns = part$columns, keep = keep, at = at,
      ones = length(at) == 1 && group$ones[at]
    )
  })
  Filter(function(part) !is.na(part$predictor) && length(part$keep) > 0, parts)
}

# NULL: all terms (NULL); NA or ~ 0: none; else the terms of a formula: list of group and coefs.
parse_re_formula <- function(object, re_formula) {
  if (is.null(re_formula)) {
    return(NULL)
  }
  if (length(re_formula) == 1 && is.atomic(re_formula) && is.na(re_formula)) {
    return(list())
  }
  if (is.character(re_formula) && length(re_formula) == 1) re_formula <- stats::as.formula(re_formula)
  if (!inherits(re_formula, "formula")) {
    skein_stop("{.arg re_formula} must be NULL, NA or a formula such as {.code ~ (1 | g)}.")
  }
  calls <- term_calls(stats::terms(stats::as.formula(call("~", re_formula[[length(re_formula)]]))))
  bars <- calls[vapply(calls, is_bar, logical(1))]
  if (length(bars) < length(calls)) {
    skein_stop("{.arg re_formula} may hold group-level terms such as {.code (1 | g)} only.")
  }
  terms <- parse_groups(bars, environment(object$terms$formula$formula))
  lapply(terms, function(term) {
    part <- group_part(c(term, list(dpar = "mu", cmc = TRUE)), object$data, NULL, object$terms$contrasts)
    check_re_term(object, term, part$coefs)
    list(group = term$group, coefs = part$coefs)
  })
}

check_re_term <- function(object, term, coefs) {
  groups <- object$frame$groups
  names <- unique(vapply(groups, function(group) group$group, ""))
  if (!term$group %in% names) {
    stop_with_suggestion(
      "{.arg re_formula}: the model has no group-level effects of {.val {term$group}}.", term$group, names
    )
  }
  known <- unique(unlist(lapply(groups, function(group) if (group$group == term$group) group$coefs)))
  unknown <- setdiff(coefs, known)
  if (length(unknown)) {
    skein_stop(
      "{.arg re_formula}: {.val {unknown}} does not vary by {.val {term$group}} in the model, but {.val {known}} does."
    )
  }
}

kept_coefficients <- function(name, coefs, kept) {
  if (is.null(kept)) {
    return(seq_along(coefs))
  }
  which(coefs %in% unlist(lapply(kept, function(term) if (term$group == name) term$coefs)))
}

# The level of each row as a 0-based number; levels not in the model follow those that are. Returns index and new (their
# names; "NA" for missing ones).
new_levels <- function(group, data) {
  columns <- lapply(group$variables, function(name) column_text(data[[name]]))
  index <- columns[[1]]$index
  text <- columns[[1]]$text
  for (column in columns[-1]) {
    pair <- (index - 1) * length(column$text) + column$index
    pairs <- unique(pair)
    text <- paste(
      text[(pairs - 1) %/% length(column$text) + 1], column$text[(pairs - 1) %% length(column$text) + 1], sep = "_"
    )
    index <- match(pair, pairs)
  }
  known <- match(text, group$levels)
  new <- unique(text[is.na(known)])
  known[is.na(known)] <- length(group$levels) + match(text[is.na(known)], new)
  list(index = known[index] - 1L, new = new)
}

# Different values as text, and for each element which one it is.
column_text <- function(x) {
  values <- if (is.factor(x)) levels(x) else unique(x)
  index <- if (is.factor(x)) as.integer(x) else match(x, values)
  text <- as.character(values)
  if (anyNA(index) || anyNA(text)) {
    index[is.na(index)] <- length(text) + 1L
    text <- c(text, "NA")
    text[is.na(text)] <- "NA"
  }
  list(text = text, index = index)
}

check_new_levels <- function(group, new, allowed) {
  if (length(new) == 0 || allowed) {
    return(invisible())
  }
  shown <- new[seq_len(min(length(new), 5))]
  skein_stop(c(
    "Levels {.val {shown}} of grouping factor {.val {group}} cannot be found in the fitted model.",
    i = "Consider setting argument {.arg allow_new_levels} to TRUE."
  ), class = "skein_new_levels")
}

# Draws of the effects of new levels of one grouping factor, for all of its terms: a list of arrays, draws x new levels
# x coefficients. draws_of(names): draws x variables. by: for each term the by-level of each new level, or NULL.
# uncertainty: each draw is that of a level drawn at random; old_levels: each new level takes all draws of one level;
# gaussian: from the normal distribution of the levels. Terms of one factor share the levels that are drawn, unless
# their by-variables differ.
draw_new_levels <- function(groups, by, n_new, method, n_draws, draws_of) {
  sources <- list()
  lapply(seq_along(groups), function(i) {
    group <- groups[[i]]
    if (method == "gaussian") {
      return(draw_gaussian_levels(group, by[[i]], n_new, n_draws, draws_of))
    }
    key <- paste(c("by", group$by$level, by[[i]]), collapse = " ")
    if (is.null(sources[[key]])) sources[[key]] <<- old_level_numbers(group, by[[i]], n_new, n_draws, method)
    draw_old_levels(group, sources[[key]], draws_of)
  })
}

# Which old level stands in for each new one: draws x new levels.
old_level_numbers <- function(group, by, n_new, n_draws, method) {
  columns <- vapply(seq_len(n_new), function(l) {
    among <- if (is.null(by)) seq_along(group$levels) else which(group$by$level == by[l])
    chosen <- among[sample.int(length(among), if (method == "uncertainty") n_draws else 1, TRUE)]
    rep_len(as.double(chosen), n_draws)
  }, numeric(n_draws))
  matrix(columns, n_draws)
}

draw_old_levels <- function(group, source, draws_of) {
  n_coefs <- ncol(group$effects)
  out <- array(0, c(dim(source), n_coefs))
  for (k in seq_len(n_coefs)) {
    effects <- draws_of(group$effects[, k])
    for (l in seq_len(ncol(source))) out[, l, k] <- effects[cbind(seq_len(nrow(source)), source[, l])]
  }
  out
}

# diag(sd) L z with one z for each draw, level and coefficient; sd and L are those of the level's by-level.
draw_gaussian_levels <- function(group, by, n_new, n_draws, draws_of) {
  n_coefs <- ncol(group$effects)
  out <- array(stats::rnorm(n_draws * n_new * n_coefs), c(n_draws, n_new, n_coefs))
  if (is.null(by)) by <- rep(1L, n_new)
  for (level in unique(by)) {
    own <- which(by == level)
    if (!is.null(group$pairs)) out[, own, ] <- correlate(out[, own, , drop = FALSE], draws_of(group$pairs[[level]]))
    sd <- draws_of(group$sd[(level - 1) * n_coefs + seq_len(n_coefs)])
    for (k in seq_len(n_coefs)) out[, own, k] <- out[, own, k] * sd[, k]
  }
  out
}

# z: draws x levels x coefficients; cor: draws x pairs.
correlate <- function(z, cor) {
  n <- dim(z)[3]
  above <- upper.tri(diag(n))
  for (s in seq_len(dim(z)[1])) {
    matrix <- diag(n)
    matrix[above] <- cor[s, ]
    matrix[lower.tri(matrix)] <- t(matrix)[lower.tri(matrix)]
    z[s, , ] <- matrix(z[s, , ], dim(z)[2]) %*% chol(matrix)
  }
  z
}

# The by-level of each new level, from the rows of new data; NULL without by-variable.
new_by_levels <- function(group, index, n_new, data) {
  if (is.null(group$by)) {
    return(NULL)
  }
  text <- format_language(group$by$expression)
  value <- eval_column(group$by$expression, data, globalenv())
  labels <- paste0(text, gsub("[[:space:]]", "", as.character(value)))
  row <- match(length(group$levels) - 1L + seq_len(n_new), index)
  level <- match(labels[row], group$by$labels)
  if (anyNA(level)) {
    skein_stop(
      "{.arg newdata}: new levels of {.val {group$group}} need a level of {.code {text}} that the model knows."
    )
  }
  level
}
