# Family shifted_lognormal: responses that are lognormal beyond a shift ndt, as response times are.

family_info_shifted_lognormal <- function() {
  new_family_info(
    "shifted_lognormal", links = links_log_scale, dpars = c("sigma", "ndt"),
    read_response = read_positive, log_scale = TRUE
  )
}

#' @rdname brmsfamily
#' @export
shifted_lognormal <- function(link = "identity", link_sigma = "log", link_ndt = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("shifted_lognormal", link, list(link_sigma = link_sigma, link_ndt = link_ndt))
}
