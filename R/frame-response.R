# The frame's left side: the response and what its addition terms bring, as doubles and checked against the family.

# Fields of a frame that hold one value per row, each NULL where absent: trials; weights; se (known standard errors);
# rate (denominators); censored (integers: -1 left, 0 none, 1 right, 2 interval) and response_upper (the upper end of
# interval-censored rows, 0 in others); truncation_lower and truncation_upper (-Inf, Inf where open).
addition_columns <- c(
  "trials", "weights", "se", "rate", "censored", "response_upper", "truncation_lower", "truncation_upper"
)

# rows: numbers of the kept rows in the user's data (NULL: all). levels: those of an earlier response of two values, by
# which this one is coded, or NULL. Returns response, response_levels and those of addition_columns that the formula
# asks for.
build_response <- function(terms, data, rows, levels = NULL) {
  n_rows <- nrow(data)
  environment <- environment(terms$formula$formula)
  info <- family_info(terms$family)
  text <- terms$response$text
  y <- eval_column(terms$response$expression, data, environment)
  if (is.matrix(y) && ncol(y) == 1) y <- y[, 1]
  if (is.matrix(y)) skein_stop("The response {.code {text}} has {ncol(y)} columns; only one is possible.")
  if (length(y) != n_rows) {
    skein_stop("The response {.code {text}} has {length(y)} values where {.arg data} has {n_rows} rows.")
  }
  read <- if (is.null(levels)) {
    info$read_response(unname(y), text, rows, terms$family$family)
  } else {
    list(values = recode_response(y, levels, text, rows), levels = levels)
  }
  out <- if (is.list(read)) list(response = read$values, response_levels = read$levels) else list(response = read)
  if (anyNA(out$response)) check_values(out$response, !is.na(out$response), text, rows, "must not be missing")
  out <- c(out, build_additions(terms, data, rows))
  if (!is.null(out$trials)) check_trials(out$response, out$trials, text, rows)
  check_interval(out, terms, rows)
  check_truncation(out, terms, rows)
  out
}

recode_response <- function(y, levels, text, rows) {
  codes <- match(as.character(y), levels) - 1
  check_values(y, !is.na(codes), text, rows, paste("must be one of", paste(levels, collapse = ", ")))
  codes
}
