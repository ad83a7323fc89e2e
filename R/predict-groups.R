# Group-level effects of a prediction: the terms that re_formula keeps, the levels of new data, and draws of new levels.

# One entry per group term and predictor: predictor (number), group, variables, formula, levels, coefs and columns (all
# of the term's), keep (positions of the coefficients in use), effects (names of draws, levels x coefs), sd and cor
# (names of draws of the whole term).
prediction_groups <- function(object, predictors, re_formula) {
  kept <- parse_re_formula(object, re_formula)
  out <- list()
  for (p in seq_along(predictors)) {
    dpar <- predictors[[p]]$dpar
    terms <- object$terms$dpars[[dpar]]$groups
    groups <- object$frame$predictors[[dpar]]$groups
    for (g in seq_along(groups)) {
      keep <- kept_coefficients(groups[[g]], kept)
      if (length(keep) == 0) next
      out <- c(out, list(prediction_group(object, groups[[g]], terms[[g]], p, keep)))
    }
  }
  out
}

prediction_group <- function(object, group, term, predictor, keep) {
  sd <- object$params$draw_names[[match(paste0("sd_", group$id), object$params$name)]]
  list(
    predictor = predictor, group = group$group, variables = group$variables, formula = term$formula,
    levels = group$levels, columns = group$columns, keep = keep, intercept_only = group$intercept_only,
    effects = matrix(effect_names(group), length(group$levels)), sd = sd,
    cor = if (group$correlated) correlation_names(group)
  )
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
    coefs <- group_coefficients(term, TRUE, object$data, NULL, object$terms$contrasts)$coefs
    check_re_term(object, term, coefs)
    list(group = term$group, coefs = coefs)
  })
}

check_re_term <- function(object, term, coefs) {
  groups <- unlist(lapply(object$frame$predictors, function(predictor) predictor$groups), recursive = FALSE)
  names <- unique(vapply(groups, function(group) group$group, ""))
  if (!term$group %in% names) {
    stop_with_suggestion(
      "{.arg re_formula}: the model has no group-level effects of {.val {term$group}}.", term$group, names
    )
  }
  known <- unlist(lapply(groups, function(group) if (group$group == term$group) group$coefs))
  unknown <- setdiff(coefs, known)
  if (length(unknown)) {
    skein_stop(
      "{.arg re_formula}: {.val {unknown}} does not vary by {.val {term$group}} in the model, but {.val {known}} does."
    )
  }
}

kept_coefficients <- function(group, kept) {
  if (is.null(kept)) {
    return(seq_along(group$coefs))
  }
  coefs <- unlist(lapply(kept, function(term) if (term$group == group$group) term$coefs))
  which(group$coefs %in% coefs)
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

# Draws of the effects of new levels of one grouping factor, for all of its terms: a list of arrays, draws x new levels x
# coefficients. draws_of(names): draws x variables.
# uncertainty: each draw is that of a level drawn at random; old_levels: each new level takes all draws of one level;
# gaussian: from the normal distribution of the levels. Terms of one factor share the levels that are drawn.
draw_new_levels <- function(groups, n_new, method, n_draws, draws_of) {
  n_old <- length(groups[[1]]$levels)
  source <- NULL
  if (method == "uncertainty") source <- matrix(sample.int(n_old, n_draws * n_new, TRUE), n_draws)
  if (method == "old_levels") source <- matrix(sample.int(n_old, n_new, TRUE), n_draws, n_new, byrow = TRUE)
  lapply(groups, function(group) {
    if (is.null(source)) draw_gaussian_levels(group, n_new, n_draws, draws_of) else draw_old_levels(group, source, draws_of)
  })
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

# diag(sd) L z with one z for each draw, level and coefficient.
draw_gaussian_levels <- function(group, n_new, n_draws, draws_of) {
  sd <- draws_of(group$sd)
  n_coefs <- ncol(sd)
  out <- array(stats::rnorm(n_draws * n_new * n_coefs), c(n_draws, n_new, n_coefs))
  if (!is.null(group$cor)) {
    cor <- draws_of(group$cor)
    above <- upper.tri(diag(n_coefs))
    for (s in seq_len(n_draws)) {
      matrix <- diag(n_coefs)
      matrix[above] <- cor[s, ]
      matrix[lower.tri(matrix)] <- t(matrix)[lower.tri(matrix)]
      out[s, , ] <- matrix(out[s, , ], n_new) %*% chol(matrix)
    }
  }
  for (k in seq_len(n_coefs)) out[, , k] <- out[, , k] * sd[, k]
  out
}
