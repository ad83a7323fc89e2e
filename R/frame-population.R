# The frame's population-level part: the predictor of one parameter, and columns, the recipe of a model matrix that
# builds any block of its rows.

# Returns dpar, link, coefs (population-level coefficients without the centred Intercept), centred, intercept, offset
# (doubles or NULL), means (NULL: the C++ core computes them), columns, and the function design(from, to): numeric
# matrix of rows from:to, one column per coefficient.
build_predictor <- function(predictor, terms, data, rows) {
  if (predictor$intercept_coef) {
    for (name in reserved_names(terms)) data[[name]] <- rep(1, nrow(data))
  }
  columns <- build_columns(
    predictor$population, data, rows, terms$contrasts,
    coded_with_intercept = predictor$intercept || predictor$intercept_coef || !predictor$cmc,
    keep_intercept = predictor$intercept && !predictor$center
  )
  list(
    dpar = predictor$dpar, link = predictor$link, coefs = columns$coefs, centred = predictor$center,
    intercept = predictor$intercept, offset = build_offset(predictor, data, rows), means = NULL,
    columns = columns, design = function(from, to) columns_block(columns, from, to)
  )
}

light_predictor <- function(predictor) {
  predictor$design <- predictor$offset <- NULL
  predictor$columns$frame <- NULL
  predictor
}

# formula: one-sided. coded_with_intercept: are factors coded as beside an intercept? keep_intercept: does it stay?
# Returns coefs (brms's cleaned names), terms (with predvars, so that poly(), scale(), ns() keep their basis on other
# data), frame (evaluated variables as a list), xlevels, contrasts, keep (columns of model.matrix's result).
build_columns <- function(formula, data, rows, contrasts, coded_with_intercept, keep_intercept) {
  bare <- stats::terms(formula)
  coded <- sum_formula(coded_with_intercept, term_calls(bare), environment(formula))
  columns <- evaluate_variables(coded, data, rows)
  columns$contrasts <- default_contrasts(columns$frame, contrasts)
  first <- raw_block(columns, 1, 1)
  columns$contrasts <- attr(first, "contrasts")
  names <- colnames(first)
  columns$keep <- which(keep_intercept | names != "(Intercept)")
  columns$coefs <- clean_names(sub("^\\(Intercept\\)$", "Intercept", names[columns$keep]))
  columns
}

# Contrasts by variable for factors that bring none of their own. defaults: as in options(contrasts = ).
default_contrasts <- function(variables, defaults) {
  coded <- Filter(function(x) (is.factor(x) || is.logical(x)) && is.null(attr(x, "contrasts")), variables)
  lapply(coded, function(x) unname(defaults)[[if (is.ordered(x)) 2 else 1]])
}

# model.frame() on all rows: plain variables are shared with the data, only calls make new vectors. Evaluated whole, not
# by blocks, since a call may look at all rows (x - mean(x), cut(x, 3)).
evaluate_variables <- function(formula, data, rows) {
  frame <- tryCatch(
    stats::model.frame(formula, data, na.action = stats::na.pass),
    error = function(e) skein_stop("The predictors cannot be computed: {conditionMessage(e)}")
  )
  terms <- attr(frame, "terms")
  variables <- unclass(frame)
  attributes(variables) <- list(names = names(frame))
  for (name in names(variables)) {
    if (is.character(variables[[name]])) variables[[name]] <- factor(variables[[name]])
    check_predictor(variables[[name]], name, rows)
  }
  list(terms = terms, frame = variables, xlevels = lapply(Filter(is.factor, variables), levels))
}

check_predictor <- function(x, name, rows) {
  if (is.factor(x)) {
    if (anyNA(x)) check_values(x, !is.na(x), name, rows, "must not be missing")
    if (nlevels(x) < 2) {
      skein_stop(
        "The factor {.code {name}} has only the level {.val {levels(x)}} in the data and cannot be a predictor."
      )
    }
    return(invisible())
  }
  if (is.logical(x) && !anyNA(x)) {
    return(invisible())
  }
  if (!is.numeric(unclass(x)) && !is.logical(x)) {
    skein_stop("The predictor {.code {name}} is of class {.cls {class(x)[1]}}, from which no columns can be made.")
  }
  # The sum is not finite if an element is not; the elements are looked at only then.
  if (is.finite(sum(unclass(x)))) {
    return(invisible())
  }
  row <- row(as.matrix(x))
  bad <- !is.finite(unclass(x))
  if (any(bad)) {
    where <- min(row[bad])
    value <- format(unclass(x)[bad][which.min(row[bad])])
    number <- if (is.null(rows)) where else rows[where]
    skein_stop("The predictor {.code {name}} must be finite, but is {value} in row {number}.")
  }
}

# model.matrix on rows from:to, with the levels and contrasts of all rows.
raw_block <- function(columns, from, to) {
  rows <- seq.int(from, to)
  slice <- lapply(columns$frame, function(x) if (is.matrix(x)) x[rows, , drop = FALSE] else x[rows])
  slice <- new_data_frame(slice, length(rows))
  attr(slice, "terms") <- columns$terms
  stats::model.matrix(columns$terms, slice, contrasts.arg = columns$contrasts)
}

# Rows from:to of the design as a bare numeric matrix, one column per element of coefs.
columns_block <- function(columns, from, to) {
  if (length(columns$keep) == 0) {
    return(matrix(0, to - from + 1, 0))
  }
  block <- raw_block(columns, from, to)
  if (length(columns$keep) < ncol(block)) block <- block[, columns$keep, drop = FALSE]
  attributes(block) <- list(dim = dim(block))
  storage.mode(block) <- "double"
  block
}

# offset(a) + offset(b) as one vector; NULL without offsets.
build_offset <- function(predictor, data, rows) {
  total <- NULL
  for (expression in predictor$offsets) {
    text <- format_language(expression)
    value <- eval_column(expression, data, environment(predictor$population))
    if (!is.numeric(value)) skein_stop("The offset {.code {text}} must be numeric.")
    value <- recycle_rows(value, nrow(data), text)
    if (!is.finite(sum(value))) check_values(value, is.finite(value), text, rows, "is an offset and must be finite")
    total <- if (is.null(total)) value else total + value
  }
  total
}

# brms's names of coefficients: signs that Stan's names cannot hold are dropped or spelled out (brms, rename()).
clean_names <- function(names) {
  from <- c(" ", "(", ")", "[", "]", ",", "\"", "'", "`", "?", "+", "-", "*", "/", "^", "=", "$")
  to <- c(rep("", 10), "P", "M", "MU", "D", "E", "EQ", "USD")
  out <- names
  for (i in seq_along(from)) out <- gsub(from[i], to[i], out, fixed = TRUE)
  twice <- out[duplicated(out)]
  if (length(twice)) {
    clash <- names[out %in% twice]
    skein_stop("The coefficients {.val {clash}} would all be called {.val {twice[1]}}.")
  }
  out
}
