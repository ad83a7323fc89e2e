# summary() of a fit, posterior_summary(), and the estimates and diagnostics both are made of.

#' Summary of a fit
#'
#' Estimates, errors and intervals of regression coefficients, hyperparameters of group-level terms and further
#' parameters of the family, with convergence diagnostics by \pkg{posterior}. Printed in the layout of \pkg{brms}.
#' Warns if any shown Rhat is above 1.05 or if transitions diverged after warm-up. A parameter fixed by `constant()` has
#' neither Rhat nor effective sample size (`NA`). Of 64 chains or more by [chees_hmc()] or [meads()] Rhat is nested,
#' [rhat_nested()] of 16 superchains (if 16 divides their number), and where chains outnumber the draws of each,
#' effective sample sizes come from the spread of the chains' means.
#'
#' @param object,x A `skeinfit`; for `print()` also a `skeinsummary`.
#' @param priors Include the priors in force?
#' @param prob Probability of the central intervals, between 0 and 1.
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param mc_se Include the Monte Carlo standard error of the estimate?
#' @param digits Decimals to print; effective sample sizes are whole numbers.
#' @param short Leave out the lines that explain the table?
#' @param ... For `print()` of a fit, arguments of `summary()`; else unused.
#' @return A list of class `skeinsummary`. Its elements `fixed`, `spec_pars`, `cor_pars` and, for each grouping factor,
#'   `random` are data frames with columns Estimate, Est.Error, the ends of the interval, Rhat, Bulk_ESS and Tail_ESS.
#'   `print()` returns its argument, invisibly.
#' @references Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021). Rank-normalization, folding, and localization:
#'   an improved Rhat for assessing convergence of MCMC. *Bayesian Analysis* 16, 667-718. \doi{10.1214/20-BA1221}
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' summary(fit, prob = 0.9)$fixed
#' }
#' @export
summary.skeinfit <- function(object, priors = FALSE, prob = 0.95, robust = FALSE, mc_se = FALSE, ...) {
  stop_unused(...)
  for (flag in c("priors", "robust", "mc_se")) check_flag(get(flag), flag)
  prob <- check_number(prob, "prob", 0, 1)
  out <- summary_header(object)
  if (!has_draws(object)) {
    return(out)
  }
  out <- c(out, summary_sampling(object))
  if (priors) out$prior <- prior_summary(object, all = FALSE)
  rows <- summary_rows(object, list(prob = prob, robust = robust, mc_se = mc_se))
  warn_of_convergence(object, rows$Rhat)
  parts <- summary_parts(object)
  out$fixed <- named_rows(rows, parts$fixed)
  out$spec_pars <- named_rows(rows, parts$spec_pars)
  out$cor_pars <- rows[0, ]
  out$random <- lapply(parts$random, function(part) named_rows(rows, part))
  structure(out, class = "skeinsummary")
}

summary_header <- function(object) {
  structure(class = "skeinsummary", list(
    formula = object$formula,
    family = object$family,
    links = predicted_links(object),
    data_name = object$data_name,
    group = names(ngrps(object)),
    nobs = nobs.skeinfit(object),
    ngrps = ngrps(object),
    algorithm = object$algorithm
  ))
}

summary_sampling <- function(object) {
  settings <- object$fit$settings
  list(
    sampler = paste0(object$algorithm, "(", sampler_title(object), ")"),
    chains = nchains.skeinfit(object),
    iter = settings$iter,
    warmup = settings$warmup,
    thin = settings$thin,
    total_ndraws = ndraws.skeinfit(object),
    superchains = length(unique(superchains_of(settings))),
    has_rhat = TRUE
  )
}

# The links of predicted parameters, named by parameter.
predicted_links <- function(object) {
  dpars <- names(object$terms$dpars)
  links <- lapply(dpars, function(dpar) object$family[[if (dpar == "mu") "link" else paste0("link_", dpar)]])
  structure(as.character(links), names = dpars)
}

# What summary() and plot() show: for each part, variables named by the labels of their rows.
summary_parts <- function(object) {
  names <- stored_variables(object)
  fixed <- grep("^b_", names, value = TRUE)
  spec_pars <- intersect(names, setdiff(object$family$dpars, "mu"))
  list(
    fixed = stats::setNames(fixed, sub("^b_", "", fixed)),
    spec_pars = stats::setNames(spec_pars, spec_pars),
    random = lapply(split_by_group(group_terms(object)), group_hyperparameters)
  )
}

shown_variables <- function(object) unname(unlist(summary_parts(object)))

# A data frame of estimates, one row per shown variable.
summary_rows <- function(object, choices) {
  shown <- shown_variables(object)
  draws <- select_draws(object, shown)
  rows <- lapply(shown, function(name) {
    x <- matrix(draws[, , name], dim(draws)[1], dim(draws)[2])
    c(estimate_columns(x, choices), convergence_columns(x, superchains_of(object$fit$settings)))
  })
  columns <- names(rows[[1]])
  rows <- matrix(unlist(rows), length(rows), byrow = TRUE, dimnames = list(shown, columns))
  as.data.frame(rows, optional = TRUE)
}

estimate_columns <- function(x, choices) {
  center <- if (choices$robust) stats::median else mean
  spread <- if (choices$robust) stats::mad else stats::sd
  tails <- (1 + c(-1, 1) * choices$prob) / 2
  interval <- posterior::quantile2(x, probs = tails, names = FALSE)
  names(interval) <- paste0(c("l-", "u-"), choices$prob * 100, "% CI")
  mc_se <- if (choices$mc_se) {
    c(MCSE = quietly(if (choices$robust) posterior::mcse_median(x) else posterior::mcse_mean(x)))
  }
  c(Estimate = center(as.vector(x)), mc_se, Est.Error = spread(as.vector(x)), interval)
}

convergence_columns <- function(x, superchains) {
  quietly(c(Rhat = r_hat(x, superchains), Bulk_ESS = effective_bulk(x), Tail_ESS = effective_tail(x)))
}

# posterior warns once per variable that ESS of very short chains is capped.
quietly <- function(code) suppressWarnings(code)

named_rows <- function(rows, part) {
  out <- rows[unname(part), , drop = FALSE]
  rownames(out) <- names(part)
  out
}

warn_of_convergence <- function(object, rhats) {
  if (any(rhats > 1.05, na.rm = TRUE)) {
    skein_warn(c(
      "The model has not converged (some Rhats are > 1.05): do not rely on its estimates.",
      i = "More iterations or stronger priors may help."
    ), class = "skein_not_converged")
  }
  n_divergent <- sum(sampler_values(object, "divergent__"))
  if (n_divergent > 0) {
    adapt_delta <- object$fit$settings$adapt_delta
    skein_warn(paste(
      "There were {n_divergent} divergent transitions after warmup.",
      "Increasing adapt_delta above {adapt_delta} may help."
    ), class = "skein_divergent")
  }
}

#' Summarise posterior draws
#'
#' @param x A `skeinfit`, or draws: a vector, a matrix or data frame of draws x variables, or an array of
#'   draws x variables x a third dimension. A `brmsfit` is handed on to \pkg{brms}.
#' @param variable,regex For fits, the variables, as for [as_draws()][as_draws.skeinfit].
#' @param pars Deprecated: use `variable`.
#' @param probs Probabilities of the quantiles.
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param ... Arguments of methods.
#' @return A matrix of variables x statistics with columns Estimate, Est.Error and the quantiles (`Q2.5`, ...); with a
#'   third dimension, an array of variables x statistics x that dimension.
#' @examples
#' posterior_summary(cbind(a = rnorm(100), b = rnorm(100, 1)))
#' @export
posterior_summary <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("posterior_summary", x, ...))
  }
  UseMethod("posterior_summary")
}

#' @rdname posterior_summary
#' @export
posterior_summary.default <- function(x, probs = c(0.025, 0.975), robust = FALSE, ...) {
  stop_unused(...)
  check_probs(probs)
  check_flag(robust, "robust")
  if (is.data.frame(x)) x <- as.matrix(x)
  if (length(dim(x)) < 2) x <- matrix(x, ncol = 1)
  if (!is.numeric(x) || length(dim(x)) > 3) {
    skein_stop("{.arg x} must be numeric draws with at most three dimensions, not {describe_value(x)}.")
  }
  if (length(dim(x)) == 2) {
    return(summarise_columns(x, probs, robust))
  }
  slices <- lapply(seq_len(dim(x)[3]), function(k) {
    summarise_columns(matrix(x[, , k], dim(x)[1], dimnames = dimnames(x)[1:2]), probs, robust)
  })
  statistics <- c("Estimate", "Est.Error", quantile_names(probs))
  array(
    unlist(slices), c(dim(x)[2], length(statistics), dim(x)[3]),
    dimnames = list(dimnames(x)[[2]], statistics, dimnames(x)[[3]])
  )
}

#' @rdname posterior_summary
#' @export
#' @rawNamespace S3method(brms::posterior_summary, skeinfit)
posterior_summary.skeinfit <- function(x, pars = NA, variable = NULL, probs = c(0.025, 0.975), robust = FALSE,
                                       regex = FALSE, ...) {
  stop_unused(...)
  posterior_summary.default(as.matrix(x, pars = pars, variable = variable, regex = regex), probs = probs,
    robust = robust)
}

quantile_names <- function(probs) paste0("Q", probs * 100)

check_probs <- function(probs) {
  fine <- is.numeric(probs) && length(probs) > 0 && !anyNA(probs) && all(probs >= 0 & probs <= 1)
  if (!fine) skein_stop("{.arg probs} must be probabilities between 0 and 1, not {describe_value(probs)}.")
  invisible(probs)
}

# draws x variables -> variables x (Estimate, Est.Error, quantiles).
summarise_columns <- function(x, probs, robust) {
  center <- if (robust) stats::median else mean
  spread <- if (robust) stats::mad else stats::sd
  statistics <- function(draws) {
    c(center(draws), spread(draws), posterior::quantile2(draws, probs = probs, names = FALSE))
  }
  out <- vapply(seq_len(ncol(x)), function(j) statistics(as.vector(x[, j])), numeric(2 + length(probs)))
  out <- t(matrix(out, 2 + length(probs)))
  dimnames(out) <- list(colnames(x), c("Estimate", "Est.Error", quantile_names(probs)))
  out
}

sampler_title <- function(fit) if (is.null(fit$fit$kernel)) "NUTS" else kernel_titles[[fit$fit$kernel$name]]
