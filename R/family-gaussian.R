# Family gaussian: real responses with mean mu and standard deviation sigma.

family_info_gaussian <- function() {
  new_family_info("gaussian", links = links_real, dpars = "sigma", read_response = read_real,
    additions = c("se", "cens", "trunc"))
}

# A real response, as doubles. rows: numbers of the rows in the user's data, for messages.
read_real <- function(y, name, rows, family) {
  if (!is.numeric(y)) stop_response_type(y, name, family, "numbers")
  # A finite sum has finite terms: the usual case needs no vector of comparisons.
  if (!is.finite(sum(y))) check_values(y, is.finite(y), name, rows, "must be finite")
  as.double(y)
}

stop_response_type <- function(y, name, family, wanted) {
  skein_stop("Family {.val {family}} needs {wanted} as its response; {.code {name}} is of class {.cls {class(y)[1]}}.")
}

# Stops at the first element of values that is not fine. what: what is asked, as in "must be finite".
check_values <- function(values, fine, name, rows, what) {
  bad <- which(!fine)
  if (length(bad)) {
    row <- if (is.null(rows)) bad[1] else rows[bad[1]]
    value <- format(values[bad[1]])
    more <- if (length(bad) > 1) paste0(" (and in ", length(bad) - 1, " more)") else ""
    skein_stop("{.code {name}} {what}, but is {value} in row {row}{more}.")
  }
  invisible(values)
}
