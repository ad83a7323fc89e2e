# Family beta_binomial: successes out of trials(n) whose probability is beta distributed, with mean mu and precision
# phi.

family_info_beta_binomial <- function() {
  new_family_info(
    "beta_binomial", links = setdiff(links_probability, "log"), dpars = "phi",
    has_trials = TRUE, read_response = read_count
  )
}

#' @rdname brmsfamily
#' @export
beta_binomial <- function(link = "logit", link_phi = "log") {
  link <- quoted_link(substitute(link), parent.frame())
  new_family("beta_binomial", link, list(link_phi = link_phi))
}
