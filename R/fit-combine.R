# Several fits as one: combine_models() puts chains side by side, brm_multiple() fits one model to several data sets.

#' Combine fits of one model
#'
#' The chains of all fits, side by side in one fit: for models fitted piece by piece, or to several data sets.
#'
#' @param ... Fits of class `skeinfit` with the same formula, priors and parameters. If the first is a `brmsfit`, all
#'   are handed on to \pkg{brms}.
#' @param mlist A list of fits, added to those in `...`.
#' @param check_data Stop if the fits' data differ?
#' @return A `skeinfit` with the data of the first fit and the draws of all, cut to those of the shortest chain.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' combine_models(fit, update(fit, seed = 5, refresh = 0))
#' }
#' @export
combine_models <- function(..., mlist = NULL, check_data = TRUE) {
  fits <- c(list(...), mlist)
  check_flag(check_data, "check_data")
  if (length(fits) && is_brmsfit(fits[[1]])) {
    return(call_brms("combine_models", mlist = fits, check_data = check_data))
  }
  if (length(fits) == 0 || !all(vapply(fits, inherits, logical(1), "skeinfit"))) {
    skein_stop("{.fn combine_models} takes fits of class {.cls skeinfit}.")
  }
  first <- fits[[1]]
  for (k in seq_along(fits)) {
    check_has_draws(fits[[k]])
    if (k > 1) check_combinable(first, fits[[k]], k, check_data)
  }
  combine_fits(fits)
}

check_combinable <- function(first, other, k, check_data) {
  same_model <- identical(format_formula(formula(first)$formula), format_formula(formula(other)$formula)) &&
    identical(first$family$family, other$family$family)
  if (!same_model) skein_stop("Fit {k} has another formula or family than the first.")
  if (!identical(stored_variables(first), stored_variables(other))) {
    skein_stop("Fit {k} has other parameters than the first.")
  }
  if (check_data && !isTRUE(all.equal(first$data, other$data, check.attributes = FALSE))) {
    skein_stop(c(
      "Fit {k} has other data than the first.",
      i = "Use {.code check_data = FALSE} if they are to be combined all the same."
    ))
  }
}

combine_fits <- function(fits) {
  out <- fits[[1]]
  samplings <- lapply(fits, `[[`, "fit")
  arrays <- c("draws", "sampler_params", "warmup_draws")
  sampling <- join_runs(samplings, arrays, c("step_size", "inverse_metric"))
  rownames(sampling$elapsed) <- paste0("chain:", seq_len(nrow(sampling$elapsed)))
  sampling$settings$chains <- dim(sampling$draws)[2]
  costs <- lapply(samplings, `[[`, "cost")
  sampling$cost <- if (!any(vapply(costs, is.null, NA))) join_costs(costs)
  out$fit <- sampling
  out$file <- NULL
  out
}

#' Fit one model to several data sets
#'
#' As after multiple imputation: the model is fitted to each data set and the draws are pooled.
#'
#' @inheritParams brm
#' @param data A list of data frames, or an object of class `mids` of package \pkg{mice}.
#' @param autocor,data2,cov_ranef,sparse,knots,stanvars,stan_funs Not in skein yet; anything but the default is an error
#'   that says so.
#' @param recompile Ignored: there is no model to compile.
#' @param combine Combine the fits into one? The chains of different data sets then need not agree: a large Rhat of the
#'   combined fit tells of differences between data sets as well.
#' @param fit `NA`, or a fit whose model is fitted again to all data sets.
#' @param seed A whole number, or `NA` for one from R's generator; data set `k` is fitted with `seed + k - 1`.
#' @param ... Further arguments of [brm()].
#' @return With `combine`, a `skeinfit` whose element `rhats` is a data frame of the Rhats within each data set; else a
#'   list of fits.
#' @export
brm_multiple <- function(formula, data, family = stats::gaussian(), prior = NULL, autocor = NULL, data2 = NULL,
                         cov_ranef = NULL, sample_prior = c("no", "yes", "only"), sparse = NULL, knots = NULL,
                         stanvars = NULL, stan_funs = NULL, silent = 1, recompile = FALSE, combine = TRUE, fit = NA,
                         algorithm = getOption("brms.algorithm", "sampling"), seed = NA, file = NULL,
                         file_compress = TRUE, file_refit = getOption("brms.file_refit", "never"), ...) {
  data_name <- data_name_of(substitute(data))
  check_flag(combine, "combine")
  if (!is.null(data2)) stop_not_yet("data2")
  file <- fit_file_name(file)
  if (!is.null(file)) {
    check_writable(file)
    stored <- if (file_refit != "always") read_fit_file(file)
    if (!is.null(stored)) {
      return(stored)
    }
  }
  data <- completed_data(data)
  sample_prior <- if (missing(sample_prior)) "no" else sample_prior
  if (length(seed) == 1 && is.na(seed)) seed <- sample.int(.Machine$integer.max - length(data), 1)
  seed <- check_whole_number(seed, "seed", min = 0, max = .Machine$integer.max - length(data))
  fits <- lapply(seq_along(data), function(k) {
    if (silent < 2) skein_inform("Fitting data set {k} of {length(data)}")
    if (inherits(fit, "skeinfit")) {
      return(stats::update(fit, newdata = data[[k]], seed = seed + k - 1, silent = silent, ...))
    }
    brm(formula, data[[k]],
      family = family, prior = prior, autocor = autocor, cov_ranef = cov_ranef, sample_prior = sample_prior,
      sparse = sparse, knots = knots, stanvars = stanvars, stan_funs = stan_funs, silent = silent,
      algorithm = algorithm, seed = seed + k - 1, ...
    )
  })
  if (!combine) {
    return(fits)
  }
  out <- if (all(vapply(fits, has_draws, logical(1)))) combine_models(mlist = fits, check_data = FALSE) else fits[[1]]
  if (has_draws(out)) {
    rhats <- lapply(fits, function(one) as.data.frame(as.list(rhat.skeinfit(one)), optional = TRUE))
    out$rhats <- do.call(rbind, rhats)
  }
  out$data_name <- data_name
  if (!is.null(file)) write_fit_file(out, file, file_compress)
  out
}

completed_data <- function(data) {
  if (inherits(data, "mids")) {
    if (!requireNamespace("mice", quietly = TRUE)) {
      skein_stop("{.arg data} of class {.cls mids} needs package {.pkg mice}, which is not installed.")
    }
    return(lapply(seq_len(data$m), function(k) getExportedValue("mice", "complete")(data, k)))
  }
  fine <- is.list(data) && !is.data.frame(data) && length(data) > 0 &&
    all(vapply(data, is.data.frame, logical(1)))
  if (!fine) {
    skein_stop("{.arg data} must be a list of data frames or a {.cls mids}, not {describe_value(data)}.")
  }
  unname(data)
}
