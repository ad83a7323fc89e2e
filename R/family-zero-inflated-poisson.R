# Family zero_inflated_poisson: zeros with probability zi, else counts of family poisson with mean mu.

family_info_zero_inflated_poisson <- function() {
  new_family_info("zero_inflated_poisson", links = links_count, dpars = "zi", read_response = read_count)
}

#' @rdname brmsfamily
#' @export
zero_inflated_poisson <- function(link = "log", link_zi = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("zero_inflated_poisson", link, list(link_zi = link_zi))
}
