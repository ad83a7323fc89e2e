# Family zero_inflated_negbinomial: zeros with probability zi, else counts of family negbinomial with mean mu.

family_info_zero_inflated_negbinomial <- function() {
  new_family_info(
    "zero_inflated_negbinomial", links = links_count, dpars = c("shape", "zi"),
    read_response = read_count, dpar_priors = list(shape = "inv_gamma(0.4, 0.3)")
  )
}

#' @rdname brmsfamily
#' @export
zero_inflated_negbinomial <- function(link = "log", link_shape = "log", link_zi = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("zero_inflated_negbinomial", link, list(link_shape = link_shape, link_zi = link_zi))
}
