# The frame's left side: response, trials, weights, each as doubles and checked against the family.

# rows: numbers of the kept rows in the user's data (NULL: all). Returns response, levels, trials, weights.
build_response <- function(terms, data, rows) {
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
  read <- info$read_response(unname(y), text, rows, terms$family$family)
  out <- if (is.list(read)) list(response = read$values, levels = read$levels) else list(response = read)
  if (anyNA(out$response)) check_values(out$response, !is.na(out$response), text, rows, "must not be missing")
  if (info$has_trials) {
    out$trials <- build_trials(terms$additions$trials, data, environment, rows)
    check_trials(out$response, out$trials, text, rows)
  }
  if (!is.null(terms$additions$weights)) {
    out$weights <- build_weights(terms$additions$weights, data, environment, rows)
    if (terms$weights_scale) out$weights <- out$weights / mean(out$weights)
  }
  out
}

build_trials <- function(expression, data, environment, rows) {
  text <- format_language(expression)
  trials <- eval_column(expression, data, environment)
  if (!is.numeric(trials)) skein_stop("The number of trials {.code {text}} must be a number.")
  trials <- recycle_rows(trials, nrow(data), text)
  fine <- is.finite(trials) & trials >= 0 & trials == floor(trials)
  check_values(trials, fine, text, rows, "must be a whole number of at least 0, being a number of trials")
  trials
}

build_weights <- function(expression, data, environment, rows) {
  text <- format_language(expression)
  weights <- eval_column(expression, data, environment)
  if (!is.numeric(weights)) skein_stop("The weights {.code {text}} must be numbers.")
  weights <- recycle_rows(weights, nrow(data), text)
  fine <- is.finite(weights) & weights >= 0
  check_values(weights, fine, text, rows, "must be a finite number of at least 0, being a weight")
  weights
}
