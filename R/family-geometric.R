# Family geometric: counts with mean mu and variance mu + mu^2.

family_info_geometric <- function() {
  new_family_info(
    "geometric", links = links_count, read_response = read_count, additions = c("cens", "trunc", "rate")
  )
}

#' @rdname brmsfamily
#' @export
geometric <- function(link = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("geometric", link)
}
