# Family hurdle_negbinomial: zeros with probability hu, else counts of family negbinomial that are not zero.

family_info_hurdle_negbinomial <- function() {
  new_family_info(
    "hurdle_negbinomial", links = links_count, dpars = c("shape", "hu"),
    read_response = read_count, dpar_priors = list(shape = "inv_gamma(0.4, 0.3)")
  )
}

#' @rdname brmsfamily
#' @export
hurdle_negbinomial <- function(link = "log", link_shape = "log", link_hu = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("hurdle_negbinomial", link, list(link_shape = link_shape, link_hu = link_hu))
}
