# Family hurdle_lognormal: zeros with probability hu, else lognormal responses.

family_info_hurdle_lognormal <- function() {
  new_family_info(
    "hurdle_lognormal", links = links_log_scale, dpars = c("sigma", "hu"),
    read_response = read_nonnegative, log_scale = TRUE
  )
}

#' @rdname brmsfamily
#' @export
hurdle_lognormal <- function(link = "identity", link_sigma = "log", link_hu = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("hurdle_lognormal", link, list(link_sigma = link_sigma, link_hu = link_hu))
}
