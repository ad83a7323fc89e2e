# Family hurdle_poisson: zeros with probability hu, else counts of family poisson that are not zero.

family_info_hurdle_poisson <- function() {
  new_family_info("hurdle_poisson", links = links_count, dpars = "hu", read_response = read_count)
}

#' @rdname brmsfamily
#' @export
hurdle_poisson <- function(link = "log", link_hu = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("hurdle_poisson", link, list(link_hu = link_hu))
}
