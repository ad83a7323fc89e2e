# Family binomial: numbers of successes out of trials(n), each with probability mu.

family_info_binomial <- function() {
  new_family_info("binomial", links = links_probability, has_trials = TRUE, read_response = read_count)
}
