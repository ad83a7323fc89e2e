# Family negbinomial: counts with mean mu and variance mu + mu^2 / shape.

family_info_negbinomial <- function() {
  new_family_info("negbinomial", links = links_count, dpars = "shape", read_response = read_count,
    additions = c("cens", "trunc", "rate"), dpar_priors = list(shape = "inv_gamma(0.4, 0.3)"))
}

#' @rdname brmsfamily
#' @export
negbinomial <- function(link = "log", link_shape = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("negbinomial", link, list(link_shape = link_shape))
}
