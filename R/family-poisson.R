# Family poisson: counts with mean mu.

family_info_poisson <- function() {
  new_family_info("poisson", links = links_count, read_response = read_count, additions = c("cens", "trunc", "rate"))
}

read_count <- function(y, name, rows, family) {
  if (!is.numeric(y)) stop_response_type(y, name, family, "counts")
  if (is.integer(y) && !anyNA(y) && min(y) >= 0) {
    return(as.double(y))
  }
  y <- as.double(y)
  what <- paste0("must be a whole number of at least 0 in family ", family)
  check_values(y, is.finite(y) & y >= 0 & y == floor(y), name, rows, what)
  y
}
