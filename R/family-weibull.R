# Family weibull: positive responses with mean mu and a shape.

family_info_weibull <- function() {
  new_family_info("weibull", links = links_positive, dpars = "shape", read_response = read_positive)
}

#' @rdname brmsfamily
#' @export
weibull <- function(link = "log", link_shape = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("weibull", link, list(link_shape = link_shape))
}
