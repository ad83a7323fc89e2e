# Addition terms x data: trials, weights, standard errors, rates, censoring and truncation, one value per row.

# Those of addition_columns that the formula asks for; nothing here looks at the response. rows: as in build_response().
build_additions <- function(terms, data, rows) {
  additions <- terms$additions
  environment <- environment(terms$formula$formula)
  out <- list()
  if (!is.null(additions$trials)) out$trials <- build_trials(additions$trials, data, environment, rows)
  if (!is.null(additions$weights)) {
    out$weights <- build_weights(additions$weights, data, environment, rows)
    if (terms$weights_scale) out$weights <- out$weights / mean(out$weights)
  }
  if (!is.null(additions$se)) out$se <- build_se(additions$se, data, environment, rows)
  if (!is.null(additions$rate)) out$rate <- build_rate(additions$rate, data, environment, rows)
  if (!is.null(additions$cens)) out <- c(out, build_censoring(additions$cens, data, environment, rows))
  if (!is.null(additions$trunc)) out <- c(out, build_truncation(additions$trunc, data, environment, rows))
  out
}

# An expression as doubles, one for each row; `what` completes "The ... x must be".
numeric_column <- function(expression, data, environment, what) {
  text <- format_language(expression)
  value <- eval_column(expression, data, environment)
  if (!is.numeric(value) && !(is.logical(value) && all(is.na(value)))) {
    skein_stop("{what} {.code {text}} must be numeric, not of class {.cls {class(value)[1]}}.")
  }
  recycle_rows(value, nrow(data), text)
}

build_trials <- function(expression, data, environment, rows) {
  trials <- numeric_column(expression, data, environment, "The number of trials")
  fine <- is.finite(trials) & trials >= 0 & trials == floor(trials)
  what <- "must be a whole number of at least 0, being a number of trials"
  check_values(trials, fine, format_language(expression), rows, what)
  trials
}

build_weights <- function(expression, data, environment, rows) {
  weights <- numeric_column(expression, data, environment, "The weights")
  fine <- is.finite(weights) & weights >= 0
  what <- "must be a finite number of at least 0, being a weight"
  check_values(weights, fine, format_language(expression), rows, what)
  weights
}

build_se <- function(expression, data, environment, rows) {
  se <- numeric_column(expression, data, environment, "The standard errors")
  what <- "must be a finite number of at least 0, being a standard error"
  check_values(se, is.finite(se) & se >= 0, format_language(expression), rows, what)
  se
}

build_rate <- function(expression, data, environment, rows) {
  rate <- numeric_column(expression, data, environment, "The denominators")
  what <- "must be a finite number greater than 0, being the denominator of a rate"
  check_values(rate, is.finite(rate) & rate > 0, format_language(expression), rows, what)
  rate
}

# censored and response_upper (0 where the row is not interval-censored; absent if no row can be).
build_censoring <- function(arguments, data, environment, rows) {
  text <- format_language(arguments$x)
  value <- eval_column(arguments$x, data, environment)
  codes <- recycle_rows(censoring_codes(value), nrow(data), text)
  if (anyNA(codes)) {
    shown <- if (length(value) == 1) rep(as.character(value), nrow(data)) else as.character(value)
    what <- "must be left, none, right or interval (or -1, 0, 1, 2, or TRUE and FALSE for right and none)"
    check_values(shown, !is.na(codes), text, rows, what)
  }
  interval <- codes == 2
  if (is.null(arguments$y2)) {
    if (any(interval)) {
      skein_stop(c(
        "{.fn cens} needs {.arg y2}, the upper ends, where {.code {text}} says that rows are interval-censored.",
        i = "Write it as in {.code y | cens({text}, y2) ~ x}."
      ))
    }
    return(list(censored = as.integer(codes)))
  }
  upper <- numeric_column(arguments$y2, data, environment, "The upper ends")
  upper_text <- format_language(arguments$y2)
  what <- "must be finite where the row is interval-censored"
  check_values(upper, !interval | is.finite(upper), upper_text, rows, what)
  upper[!interval] <- 0
  list(censored = as.integer(codes), response_upper = upper)
}

# -1, 0, 1, 2, or NA for what is no code: numbers, their texts, logicals, and words or their beginnings.
censoring_codes <- function(value) {
  if (is.logical(value)) {
    return(as.double(value))
  }
  if (is.numeric(value)) {
    return(ifelse(value %in% -1:2, as.double(value), NA_real_))
  }
  words <- c(left = -1, none = 0, right = 1, interval = 2, "-1" = -1, "0" = 0, "1" = 1, "2" = 2)
  texts <- unique(as.character(value))
  codes <- vapply(texts, function(text) {
    hit <- if (nzchar(text)) which(startsWith(names(words), text)) else integer(0)
    if (length(hit)) unname(words[hit[1]]) else NA_real_
  }, numeric(1))
  unname(codes[match(as.character(value), texts)])
}

build_truncation <- function(arguments, data, environment, rows) {
  bound <- function(name, open) {
    if (is.null(arguments[[name]])) {
      return(rep(open, nrow(data)))
    }
    what <- paste("The", if (name == "lb") "lower" else "upper", "bound of truncation")
    value <- numeric_column(arguments[[name]], data, environment, what)
    check_values(value, !is.na(value), format_language(arguments[[name]]), rows, "is a bound and must not be missing")
    value
  }
  list(truncation_lower = bound("lb", -Inf), truncation_upper = bound("ub", Inf))
}

# Stops at a row with more successes than trials.
check_trials <- function(response, trials, name, rows) {
  bad <- which(response > trials)
  if (length(bad)) {
    row <- user_row(bad[1], rows)
    skein_stop(
      "{.code {name}} is {response[bad[1]]} in row {row}, more than its number of trials, {trials[bad[1]]}."
    )
  }
}

check_interval <- function(out, terms, rows) {
  bad <- which(out$censored == 2 & out$response >= out$response_upper)
  if (length(bad)) {
    row <- user_row(bad[1], rows)
    skein_stop(paste(
      "{.code {terms$response$text}} is {out$response[bad[1]]} in row {row}, not below the upper end of its interval,",
      "{out$response_upper[bad[1]]}."
    ))
  }
}

check_truncation <- function(out, terms, rows) {
  if (is.null(out$truncation_lower)) {
    return(invisible())
  }
  lower <- out$truncation_lower
  upper <- out$truncation_upper
  bad <- which(lower >= upper)
  if (length(bad)) {
    row <- user_row(bad[1], rows)
    skein_stop(
      "The bounds of {.fn trunc} are {lower[bad[1]]} and {upper[bad[1]]} in row {row}: no response lies between."
    )
  }
  bad <- which(out$response < lower | out$response > upper)
  if (length(bad)) {
    row <- user_row(bad[1], rows)
    skein_stop(paste(
      "{.code {terms$response$text}} is {out$response[bad[1]]} in row {row}, outside its truncation bounds",
      "{lower[bad[1]]} and {upper[bad[1]]}."
    ))
  }
}

user_row <- function(row, rows) if (is.null(rows)) row else rows[row]
