# Family beta: proportions with mean mu and precision phi.

family_info_beta <- function() {
  new_family_info("beta", links = links_probability, dpars = "phi", read_response = read_proportion)
}

#' @rdname brmsfamily
#' @export
Beta <- function(link = "logit", link_phi = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("beta", link, list(link_phi = link_phi))
}
