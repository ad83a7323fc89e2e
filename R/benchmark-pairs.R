# Comparisons of what was timed in the same turns: ratios of pairs, with intervals.

# Other programs and the clock only ever add time: what a case takes in one turn is its fastest run there. Turns are
# short, so that the machine's pace is the same for all of a turn's cases and cancels in their ratios.
fastest_of_turn <- function(seconds) min(seconds)

# c(ratio, lower, upper): the median over turns of a / b, which hold one time for each turn from the first on, and its
# 95 % interval, from the binomial distribution. Fewer than 6 turns have none: NA.
paired_ratio <- function(a, b) {
  n <- min(length(a), length(b))
  if (n == 0) {
    return(c(ratio = NA_real_, lower = NA_real_, upper = NA_real_))
  }
  ratios <- sort(a[seq_len(n)] / b[seq_len(n)])
  rank <- stats::qbinom(0.025, n, 0.5)
  c(
    ratio = stats::median(ratios), lower = if (rank > 0) ratios[rank] else NA_real_,
    upper = if (rank > 0) ratios[n + 1 - rank] else NA_real_
  )
}

# A ratio that comes from two single numbers, as of studies that were timed apart.
plain_ratio <- function(a, b) c(ratio = a / b, lower = NA_real_, upper = NA_real_)
