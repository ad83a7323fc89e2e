# Family student: real responses with location mu, scale sigma and nu degrees of freedom.

family_info_student <- function() {
  new_family_info("student", links = links_real, dpars = c("sigma", "nu"), read_response = read_real,
    additions = c("se", "cens", "trunc"))
}

#' @rdname brmsfamily
#' @export
student <- function(link = "identity", link_sigma = "log", link_nu = "logm1") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("student", link, list(link_sigma = link_sigma, link_nu = link_nu))
}
