# Family lognormal: positive responses whose logarithm is normal with mean mu and standard deviation sigma.

family_info_lognormal <- function() {
  new_family_info("lognormal", links = links_log_scale, dpars = "sigma", read_response = read_positive,
    log_scale = TRUE)
}

#' @rdname brmsfamily
#' @export
lognormal <- function(link = "identity", link_sigma = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("lognormal", link, list(link_sigma = link_sigma))
}
