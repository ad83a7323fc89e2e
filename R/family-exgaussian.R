# Family exgaussian: a normal part of standard deviation sigma plus an exponential one of mean beta; mu is the mean of
# the sum.

family_info_exgaussian <- function() {
  new_family_info("exgaussian", links = links_any_real, dpars = c("sigma", "beta"), read_response = read_real)
}

#' @rdname brmsfamily
#' @export
exgaussian <- function(link = "identity", link_sigma = "log", link_beta = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("exgaussian", link, list(link_sigma = link_sigma, link_beta = link_beta))
}
