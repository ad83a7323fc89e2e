# Family zero_inflated_binomial: zeros with probability zi, else successes out of trials(n).

family_info_zero_inflated_binomial <- function() {
  new_family_info(
    "zero_inflated_binomial", links = links_probability, dpars = "zi", has_trials = TRUE, read_response = read_count
  )
}

#' @rdname brmsfamily
#' @export
zero_inflated_binomial <- function(link = "logit", link_zi = "logit") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("zero_inflated_binomial", link, list(link_zi = link_zi))
}
