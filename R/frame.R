# Terms x data -> frame: all that a model takes from its data, with every error about data raised here.

# terms: from parse_formula(). data: a data frame or a list of columns. drop_unused_levels: as in brm().
# Returns class skeinframe: n_rows, data (the used columns as given, less dropped rows), response (doubles),
# response_levels (bernoulli), what additions bring (see build_response; NULL where absent), predictors (one for each
# predicted parameter, in the order of their formulas: see build_predictor), groups (group-level terms in the order of
# their numbers: see build_groups), fixed (values of fixed parameters), dropped_rows (numbers of rows with NA, or left
# out by subset()), terms.
# Memory: columns that need no change are the user's own vectors, not copies; design matrices are made in row blocks.
build_frame <- function(terms, data, drop_unused_levels = TRUE) {
  data <- check_data(data)
  used <- pick_columns(terms, data)
  rows <- subset_rows(terms, used, complete_rows(used))
  dropped <- if (is.null(rows)) integer(0) else setdiff(seq_len(used$n_rows), rows)
  columns <- lapply(used$columns, subset_column, rows = rows)
  if (drop_unused_levels) columns <- lapply(columns, drop_unused)
  n_rows <- if (is.null(rows)) used$n_rows else length(rows)
  columns <- new_data_frame(columns, n_rows)
  response <- build_response(terms, columns, rows)
  frame <- c(
    list(n_rows = n_rows, data = columns), response,
    list(
      predictors = lapply(terms$dpars, build_predictor, terms = terms, data = columns, rows = rows),
      groups = build_groups(terms, columns, rows), fixed = terms$fixed, dropped_rows = dropped, terms = terms
    )
  )
  structure(frame, class = "skeinframe")
}

# The frame without anything of the data's length: levels, coefficients, recipes. Kept in the fit; the rest is rebuilt
# from fit$data.
light_frame <- function(frame) {
  frame[c("data", "response", addition_columns)] <- NULL
  frame$predictors <- lapply(frame$predictors, light_predictor)
  frame$groups <- lapply(frame$groups, light_group)
  class(frame) <- "skeinframe"
  frame
}

check_data <- function(data) {
  if (missing(data) || is.null(data)) skein_stop("{.arg data} must be given.")
  # as.data.frame() would make one column of a string.
  if (is.atomic(data) && is.null(dim(data))) {
    skein_stop("{.arg data} must be a data frame, not {describe_value(data)}.")
  }
  if (!is.list(data)) {
    data <- tryCatch(as.data.frame(data), error = function(e) {
      skein_stop("{.arg data} must be a data frame, not {describe_value(data)}.")
    })
  }
  if (is.null(names(data))) skein_stop("{.arg data} has no column names.")
  data
}

# Evaluates nothing: the columns that the model names, in the order response, additions, right side. A column that
# holds the intercept of `0 + Intercept` is made here.
pick_columns <- function(terms, data) {
  n_rows <- if (is.data.frame(data)) nrow(data) else if (length(data)) NROW(data[[1]]) else 0L
  if (n_rows == 0) skein_stop("{.arg data} holds no rows.")
  reserved <- reserved_names(terms)
  taken <- intersect(reserved, names(data))
  if (length(taken)) {
    skein_stop(
      "{.val {taken[1]}} stands for the intercept in {.code 0 + {taken[1]}} and cannot be a column of {.arg data}."
    )
  }
  names <- setdiff(model_variables(terms), reserved)
  check_columns_exist(names, data, environment(terms$formula$formula))
  columns <- lapply(names, function(name) data[[name]])
  names(columns) <- names
  for (name in names) check_column(columns[[name]], name, n_rows)
  list(columns = columns, n_rows = n_rows)
}

# Variables in order of appearance; constants that R itself provides are no columns.
model_variables <- function(terms) {
  expressions <- list(terms$response$expression, terms$additions)
  for (dpar in terms$dpars) {
    groups <- lapply(dpar$groups, function(group) {
      list(group$formula[[2]], lapply(group$variables, as.name), if (!is.null(group$by)) group$by)
    })
    expressions <- c(expressions, list(dpar$population[[2]], dpar$offsets, groups))
  }
  unique(unlist(lapply(expressions, expression_variables)))
}

expression_variables <- function(x) {
  if (is.list(x)) unlist(lapply(x, expression_variables)) else setdiff(all.vars(x), c("pi", "T", "F"))
}

reserved_names <- function(terms) {
  used <- vapply(terms$dpars, function(dpar) dpar$intercept_coef, logical(1))
  if (any(used)) intersect(c("Intercept", "intercept"), model_variables(terms)) else character(0)
}

check_columns_exist <- function(names, data, environment) {
  unknown <- setdiff(names, names(data))
  if (length(unknown) == 0) {
    return(invisible())
  }
  first <- unknown[1]
  message <- "Column {.val {first}} of the formula is not in {.arg data}."
  if (exists(first, envir = environment) && !is.function(get(first, envir = environment))) {
    hint <- "There is a variable {.code {first}} outside: write its value into the formula or make it a column."
    skein_stop(c(message, i = hint))
  }
  stop_with_suggestion(message, first, closest_name(first, names(data)))
}

check_column <- function(x, name, n_rows) {
  # Names of draws join their parts by two underscores, so that such names could not be told apart.
  if (grepl("__|_$", name)) {
    skein_stop("Column {.val {name}}: names may not hold two underscores in a row or end in one.")
  }
  if (!is.atomic(x) && !is.factor(x)) {
    skein_stop("Column {.val {name}} must be a vector, factor or matrix, not of class {.cls {class(x)[1]}}.")
  }
  if (NROW(x) != n_rows) {
    skein_stop("Column {.val {name}} has {NROW(x)} rows where {.arg data} has {n_rows}.")
  }
}

# NULL if no column has NA, else the numbers of the rows to keep.
complete_rows <- function(used) {
  incomplete <- names(used$columns)[vapply(used$columns, anyNA, logical(1))]
  if (length(incomplete) == 0) {
    return(NULL)
  }
  missing <- logical(used$n_rows)
  for (name in incomplete) {
    x <- used$columns[[name]]
    missing <- missing | if (is.matrix(x)) rowSums(is.na(x)) > 0 else is.na(x)
  }
  kept <- which(!missing)
  if (length(kept) == 0) {
    skein_stop("All rows of {.arg data} hold missing values (in {.val {incomplete}}), so that none is left.")
  }
  dropped <- used$n_rows - length(kept)
  skein_warn(c(
    "Rows containing NAs were excluded from the model.",
    i = "{dropped} of {used$n_rows} rows have missing values in {.val {incomplete}}."
  ), class = "skein_missing_rows")
  kept
}

# The rows that subset() leaves, of those that are complete.
subset_rows <- function(terms, used, rows) {
  expression <- terms$additions$subset
  if (is.null(expression)) {
    return(rows)
  }
  text <- format_language(expression)
  data <- new_data_frame(used$columns, used$n_rows)
  value <- eval_column(expression, data, environment(terms$formula$formula))
  if (!is.logical(value) && !(is.numeric(value) && all(value %in% c(0, 1, NA)))) {
    skein_stop("The subset {.code {text}} must be TRUE or FALSE (or 1 or 0).")
  }
  kept <- which(recycle_rows(value, used$n_rows, text) == 1)
  if (!is.null(rows)) kept <- intersect(kept, rows)
  if (!length(kept)) skein_stop("The subset {.code {text}} leaves no row of {.arg data}.")
  if (length(kept) == used$n_rows) NULL else kept
}

subset_column <- function(x, rows) {
  if (is.null(rows)) x else if (is.matrix(x)) x[rows, , drop = FALSE] else x[rows]
}

# Unused levels go; contrasts that a user attached by name stay, a matrix of them no longer fits.
drop_unused <- function(x) {
  if (!is.factor(x) || length(unique(x)) == nlevels(x)) {
    return(x)
  }
  contrasts <- attr(x, "contrasts")
  x <- x[, drop = TRUE]
  if (is.character(contrasts)) attr(x, "contrasts") <- contrasts
  if (is.matrix(contrasts)) {
    skein_warn("The contrast matrix of a factor with unused levels was dropped; R's default contrasts are used for it.")
  }
  x
}

# A data frame around existing vectors: data.frame() would copy and check them.
new_data_frame <- function(columns, n_rows) {
  structure(columns, class = "data.frame", row.names = .set_row_names(n_rows))
}

# eval() of an expression over the columns, with R's own error in our words.
eval_column <- function(expression, data, environment) {
  tryCatch(eval(expression, data, environment), error = function(e) {
    skein_stop("{.code {format_language(expression)}} cannot be computed: {conditionMessage(e)}")
  })
}

# A value for every row, as doubles: one number is recycled.
recycle_rows <- function(x, n_rows, text) {
  if (is.matrix(x) && ncol(x) == 1) x <- x[, 1]
  if (!is.null(dim(x)) || !length(x) %in% c(1, n_rows)) {
    skein_stop("{.code {text}} must have one value or one for each of the {n_rows} rows, not {NROW(x)}.")
  }
  x <- as.double(x)
  if (length(x) == 1 && n_rows > 1) rep(x, n_rows) else x
}
