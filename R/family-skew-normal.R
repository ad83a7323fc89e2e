# Family skew_normal: real responses with mean mu, standard deviation sigma and skewness parameter alpha.

family_info_skew_normal <- function() {
  new_family_info("skew_normal", links = links_real, dpars = c("sigma", "alpha"), read_response = read_real,
    additions = c("se", "cens", "trunc"))
}

#' @rdname brmsfamily
#' @export
skew_normal <- function(link = "identity", link_sigma = "log", link_alpha = "identity") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("skew_normal", link, list(link_sigma = link_sigma, link_alpha = link_alpha))
}
