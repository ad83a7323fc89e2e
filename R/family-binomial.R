# Family binomial: numbers of successes out of trials(n), each with probability mu.

family_info_binomial <- function() {
  new_family_info("binomial", links = links_probability, has_trials = TRUE, read_response = read_count)
}

# Stops at a row with more successes than trials.
check_trials <- function(response, trials, name, rows) {
  bad <- which(response > trials)
  if (length(bad)) {
    row <- if (is.null(rows)) bad[1] else rows[bad[1]]
    skein_stop(
      "{.code {name}} is {response[bad[1]]} in row {row}, more than its number of trials, {trials[bad[1]]}."
    )
  }
}
