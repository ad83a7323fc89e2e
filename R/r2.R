# Bayesian versions of R squared.

#' Bayesian R squared
#'
#' `bayes_R2()` is, for each draw, the variance of the expected values as a share of itself plus the variance of the
#' residuals (Gelman, Goodrich, Gabry and Vehtari, 2019). `loo_R2()` takes the leave-one-out predictive means by
#' Pareto-smoothed importance sampling instead, with weights of a Bayesian bootstrap over the rows (2000 draws of a
#' Dirichlet distribution).
#'
#' @param object A `skeinfit`.
#' @param resp Name of the response.
#' @param summary Sum up the draws?
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param probs Probabilities of the quantiles.
#' @param seed A seed for the random weights of `loo_R2()`, which leaves R's generator as it was, or `NULL`.
#' @param args_epred,args_loglik Lists of further arguments of [posterior_epred()][predictions-skein] and
#'   [log_lik()][predictions-skein].
#' @param ... Arguments of [posterior_epred()][predictions-skein]; for `loo_R2()` also of
#'   [log_lik()][predictions-skein].
#' @return With `summary`, a matrix of one row `R2` and the columns Estimate, Est.Error and quantiles, else a matrix of
#'   draws x 1.
#' @references Gelman, Goodrich, Gabry and Vehtari (2019). R-squared for Bayesian regression models. *The American
#'   Statistician* 73, 307-309. \doi{10.1080/00031305.2018.1549100}
#' @examples
#' \donttest{
#' fit <- brm(mpg ~ wt + cyl, mtcars, chains = 1, iter = 300, refresh = 0)
#' bayes_R2(fit)
#' }
#' @method bayes_R2 skeinfit
#' @export
bayes_R2.skeinfit <- function(object, resp = NULL, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), ...) {
  check_flag(summary, "summary")
  given <- list(...)
  stored <- object$criteria$bayes_R2
  if (is.null(stored) || length(given)) {
    epred <- posterior_epred.skeinfit(object, resp = resp, ...)
    y <- response_in(object, given$newdata)
    explained <- row_variances(epred)
    stored <- matrix(explained / (explained + row_variances(sweep(epred, 2, y))))
    colnames(stored) <- "R2"
  }
  if (summary) posterior_summary.default(stored, probs = probs, robust = robust) else stored
}

row_variances <- function(x) rowSums((x - rowMeans(x))^2) / (ncol(x) - 1)

response_in <- function(object, newdata) {
  if (is.null(newdata)) {
    return(response_values(object))
  }
  needed <- needed_columns(object, list(), list(), "response")
  as.double(new_response(object, check_newdata(object, newdata, needed), "response", TRUE)$response)
}

#' @rdname bayes_R2.skeinfit
#' @method loo_R2 skeinfit
#' @export
loo_R2.skeinfit <- function(object, resp = NULL, summary = TRUE, robust = FALSE, probs = c(0.025, 0.975), seed = NULL,
                            args_epred = list(), args_loglik = list(), ...) {
  check_flag(summary, "summary")
  given <- list(...)
  check_response_name(object, resp)
  for (name in c("args_epred", "args_loglik")) {
    if (!is.list(get(name))) skein_stop("{.arg {name}} must be a list, not {describe_value(get(name))}.")
  }
  stored <- object$criteria$loo_R2
  is_plain <- length(given) == 0 && length(args_epred) == 0 && length(args_loglik) == 0 && is.null(seed)
  if (is.null(stored) || !is_plain) {
    if (!is.null(seed)) {
      state <- get0(".Random.seed", globalenv(), inherits = FALSE)
      on.exit(if (!is.null(state)) assign(".Random.seed", state, globalenv()))
      set.seed(seed)
    }
    stored <- loo_r2_draws(object, given, args_epred, args_loglik)
  }
  if (summary) posterior_summary.default(stored, probs = probs, robust = robust) else stored
}

loo_r2_draws <- function(object, given, args_epred = list(), args_loglik = list()) {
  y <- response_in(object, given$newdata)
  epred <- do.call(posterior_epred.skeinfit, c(list(object), given, args_epred))
  log_lik <- do.call(log_lik.skeinfit, c(list(object), given, args_loglik))
  weights <- psis_of(object, log_lik, given)
  residuals <- loo_expectation(epred, weights, log_lik) - y
  n <- length(y)
  # A Dirichlet(1, ..., 1) vector is a vector of exponentials over its sum.
  shares <- matrix(stats::rexp(length(epred)), nrow(epred))
  shares <- shares / rowSums(shares)
  variance <- function(x) (n / (n - 1)) * (as.vector(shares %*% x^2) - as.vector(shares %*% x)^2)
  r2 <- 1 - variance(residuals) / variance(y)
  matrix(pmin(pmax(r2, -1), 1), dimnames = list(NULL, "R2"))
}

# Pareto-smoothed importance weights of leaving out each row.
psis_of <- function(object, log_lik, given = list()) {
  r_eff <- relative_efficiency(log_lik, chain_of_draws(object, given))
  quietly(loo::psis(-log_lik, r_eff = r_eff))
}

loo_expectation <- function(x, psis, log_lik, type = "mean", ...) {
  quietly(loo::E_loo(x, psis, type = type, log_ratios = -log_lik, ...)$value)
}
