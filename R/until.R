# When a run may end before its last iteration: targets for effective draws, R-hat and time.

#' Stop sampling once it is enough
#'
#' For the argument `until` of [sample_density()] and [brm()]. After warm-up, all chains stop together every now and
#' then (after 50 draws each, then whenever their number has grown by half); sampling ends when every variable has
#' reached the targets, or when time is up. Draws are those of a longer run, cut; where only `ess` and `rhat` are given
#' their number is reproducible too.
#'
#' @param ess Least number of effective draws, of bulk and tails, of all chains together.
#' @param rhat Largest R-hat: nested R-hat where there are superchains.
#' @param seconds Time for the whole run, warm-up included. Complete draws until then are kept.
#' @return An object of class `skeinuntil`.
#' @examples
#' until(ess = 400, rhat = 1.01, seconds = 60)
#' @export
until <- function(ess = NULL, rhat = NULL, seconds = NULL) {
  if (is.null(ess) && is.null(rhat) && is.null(seconds)) {
    skein_stop("{.fn until} needs at least one of {.arg ess}, {.arg rhat} and {.arg seconds}.")
  }
  structure(
    list(
      ess = check_number(ess, "ess", 0, allow_null = TRUE), rhat = check_number(rhat, "rhat", 1, allow_null = TRUE),
      seconds = check_number(seconds, "seconds", 0, allow_null = TRUE)
    ),
    class = "skeinuntil"
  )
}

check_until <- function(x) {
  if (!is.null(x) && !inherits(x, "skeinuntil")) {
    skein_stop("{.arg until} must be made by {.fn until}, not {describe_value(x)}.")
  }
  x
}

# What src/sample.cpp asks between rounds, or NULL if only time matters.
stop_rule <- function(until, warmup, thin, superchains = NULL) {
  if (is.null(until$ess) && is.null(until$rhat)) {
    return(NULL)
  }
  function(done, draws, n_draws) {
    if (done == 0) {
      return(warmup + 50 * thin)
    }
    if (until_met(until, draws, n_draws, superchains)) {
      return(done)
    }
    done + ceiling((done - warmup) / 2)
  }
}

# Variables that do not move (those fixed by constants) have no R-hat and are left out.
until_met <- function(until, draws, n_draws, superchains) {
  for (v in rev(seq_len(dim(draws)[3]))) {
    x <- matrix(draws[seq_len(n_draws), , v], n_draws)
    if (all(x == x[1])) next
    if (!is.null(until$rhat)) {
      rhat <- r_hat(x, superchains)
      if (is.na(rhat) || rhat > until$rhat) return(FALSE)
    }
    if (!is.null(until$ess)) {
      ess <- min(effective_bulk(x), effective_tail(x))
      if (is.na(ess) || ess < until$ess) return(FALSE)
    }
  }
  TRUE
}

stop_late <- function(run) {
  when <- if (run$warmup > 0) "end of warm-up" else "first draw"
  skein_stop("Time was up before the {when}.", class = "skein_interrupted")
}

#' @export
print.skeinuntil <- function(x, ...) {
  parts <- c(
    if (!is.null(x$ess)) paste("effective draws >=", x$ess), if (!is.null(x$rhat)) paste("R-hat <=", x$rhat),
    if (!is.null(x$seconds)) paste("at most", x$seconds, "seconds")
  )
  cat("Sampling until ", paste(parts, collapse = ", "), "\n", sep = "")
  invisible(x)
}
