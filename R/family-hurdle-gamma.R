# Family hurdle_gamma: zeros with probability hu, else gamma responses with mean mu.

family_info_hurdle_gamma <- function() {
  new_family_info("hurdle_gamma", links = links_positive, dpars = c("shape", "hu"), read_response = read_nonnegative)
}

#' @rdname brmsfamily
#' @export
hurdle_gamma <- function(link = "log", link_shape = "log", link_hu = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("hurdle_gamma", link, list(link_shape = link_shape, link_hu = link_hu))
}
