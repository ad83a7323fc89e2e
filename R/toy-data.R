# Simulated Poisson counts in groups: the toy data of the within-chain threading benchmarks.

#' Simulate grouped Poisson counts
#'
#' Draws the toy data on which threads within chains are shown: `N` Poisson counts in about `N / 10` groups, with
#' three standard normal covariates. For observation `i` in group `g`,
#' `log(mu) = beta[1] x1 + beta[2] x2 + beta[3] x3 + eta[g]` with standard normal `beta` and `eta`.
#' The same `N` and `seed` give the same rows in every R version since 3.6 and whatever [RNGkind()] is set; the state of
#' R's generator is left as it was found.
#'
#' @param N Number of rows, at least 10 (1e4).
#' @param seed Seed of R's generator (54647).
#' @return A data frame with `N` rows in random order and columns `g` (group, integer), `x1`, `x2`, `x3` (covariates),
#'   `theta` (part of the predictor due to the covariates), `eta` (group effect), `mu` (their sum: the log of the mean)
#'   and `y` (count).
#' @examples
#' head(simulate_toy_poisson(N = 100))
#' @export
simulate_toy_poisson <- function(N = 1e4, seed = 54647) {
  N <- check_whole_number(N, "N", min = 10)
  seed <- check_whole_number(seed, "seed", min = -.Machine$integer.max)
  with_pinned_seed(seed, {
    n_groups <- round(N / 10)
    beta <- stats::rnorm(3)
    covariates <- matrix(stats::rnorm(N * 3), ncol = 3, dimnames = list(NULL, c("x1", "x2", "x3")))
    rows <- as.data.frame(covariates)
    rows$theta <- drop(covariates %*% beta)
    rows$g <- sample.int(n_groups, N, replace = TRUE)
    # merge() reorders the rows by group, and the counts are drawn in that order.
    rows <- merge(rows, data.frame(g = seq_len(n_groups), eta = stats::rnorm(n_groups)), by = "g")
    rows$mu <- rows$theta + rows$eta
    rows$y <- stats::rpois(N, exp(rows$mu))
    rows <- rows[sample.int(N, N), ]
    rownames(rows) <- NULL
    rows
  })
}

# Evaluates code under R's default generators started at seed; generators and state are put back afterwards.
with_pinned_seed <- function(seed, code) {
  global <- globalenv()
  before <- global[[".Random.seed"]]
  kinds <- RNGkind("Mersenne-Twister", "Inversion", "Rejection")
  on.exit({
    suppressWarnings(RNGkind(kinds[1], kinds[2], kinds[3]))
    if (is.null(before)) {
      rm(".Random.seed", envir = global)
    } else {
      assign(".Random.seed", before, envir = global)
    }
  })
  set.seed(seed)
  force(code)
}
