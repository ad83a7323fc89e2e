# Family bernoulli: responses of two values, the second of them with probability mu.

family_info_bernoulli <- function() {
  new_family_info("bernoulli", links = links_probability, read_response = read_binary, additions = character(0))
}

#' @rdname brmsfamily
#' @export
bernoulli <- function(link = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("bernoulli", link)
}

# Zeros and ones stay as they are; of two other values the first in sort order (of a factor the first level) is 0.
# One single value counts as 1 if it is a number other than 0, else as 0, as in brms.
read_binary <- function(y, name, rows, family) {
  if (is.factor(y)) {
    levels <- levels(y)[levels(y) %in% y]
    codes <- match(as.integer(y), match(levels, levels(y))) - 1
  } else if (is.numeric(y) || is.logical(y) || is.character(y)) {
    levels <- sort(unique(as.vector(y)))
    if (is.numeric(y) && length(levels) == 1 && levels != 0) levels <- c(0, levels)
    codes <- match(y, levels) - 1
  } else {
    stop_response_type(y, name, family, "two different values")
  }
  if (length(levels) > 2) {
    skein_stop(
      "Family {.val {family}} needs a response of two different values; {.code {name}} has {length(levels)}."
    )
  }
  list(values = as.double(codes), levels = as.character(levels))
}
