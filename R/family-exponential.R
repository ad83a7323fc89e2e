# Family exponential: positive responses with mean mu.

family_info_exponential <- function() {
  new_family_info("exponential", links = links_positive, read_response = read_positive)
}

#' @rdname brmsfamily
#' @export
exponential <- function(link = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("exponential", link)
}
