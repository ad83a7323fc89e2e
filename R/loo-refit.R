# Cross-validation by fitting again: reloo() for single rows, kfold() for folds.

#' Exact cross-validation where importance sampling fails
#'
#' Fits the model again without each row whose Pareto k is above the threshold and replaces the row's estimate.
#'
#' @param x A `skeinfit`.
#' @param loo The object that [loo()][loo.skeinfit] returned for it; computed if missing.
#' @param k_threshold The threshold of Pareto k.
#' @param newdata The data that `loo` is of, or `NULL` for those of the fit.
#' @param resp Name of the response.
#' @param check Stop if `loo` is of other responses?
#' @param future_args Ignored.
#' @param ... Arguments of [update()][update.skeinfit].
#' @return `loo` with the estimates replaced.
#' @export
reloo <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("reloo", x, ...))
  }
  UseMethod("reloo")
}

#' @rdname reloo
#' @export
reloo.skeinfit <- function(x, loo = NULL, k_threshold = 0.7, newdata = NULL, resp = NULL, check = TRUE,
                           future_args = list(), ...) {
  check_response_name(x, resp)
  if (is.null(loo)) loo <- loo.skeinfit(x, newdata = newdata)
  if (check && !is.null(attr(loo, "yhash")) && is.null(newdata) && attr(loo, "yhash") != response_hash(x)) {
    skein_stop("{.arg loo} was computed from other responses than those of the fit.")
  }
  bad <- which(loo$diagnostics$pareto_k > k_threshold)
  if (length(bad) == 0) {
    skein_inform("No problematic observations found. Returning the original 'loo' object.")
    return(loo)
  }
  skein_inform(
    "{length(bad)} problematic observation{?s} found. The model will be refit {length(bad)} time{?s}."
  )
  data <- if (is.null(newdata)) x$data else newdata
  for (row in bad) {
    left_out <- left_out_density(x, data, row, list(refresh = 0, ...))
    loo$pointwise[row, "elpd_loo"] <- left_out$elpd
    if ("p_loo" %in% colnames(loo$pointwise)) {
      with_row <- log_mean_exp(log_lik.skeinfit(x, newdata = data[row, , drop = FALSE]))
      loo$pointwise[row, "p_loo"] <- with_row - left_out$elpd
    }
    loo$pointwise[row, "looic"] <- -2 * left_out$elpd
    loo$diagnostics$pareto_k[row] <- 0
  }
  with_estimates(loo, c("elpd_loo", "p_loo", "looic"))
}

# Refits without some rows of the data; elpd: the rows' log mean likelihood.
left_out_density <- function(x, data, rows, arguments) {
  fit <- do.call(update.skeinfit, c(list(x, newdata = data[-rows, , drop = FALSE]), arguments))
  log_lik <- log_lik.skeinfit(fit, newdata = data[rows, , drop = FALSE], allow_new_levels = TRUE)
  list(fit = fit, log_lik = log_lik, elpd = apply(log_lik, 2, log_mean_exp))
}

log_mean_exp <- function(x) {
  largest <- max(x)
  largest + log(mean(exp(x - largest)))
}

# Sums and standard errors of the pointwise columns, where loo's objects keep them.
with_estimates <- function(x, columns) {
  n <- nrow(x$pointwise)
  for (name in columns) {
    values <- x$pointwise[, name]
    x$estimates[name, ] <- c(sum(values), sqrt(n * stats::var(values)))
    # Older names of the same numbers.
    if (!is.null(x[[name]])) x[[name]] <- x$estimates[name, 1]
    if (!is.null(x[[paste0("se_", name)]])) x[[paste0("se_", name)]] <- x$estimates[name, 2]
  }
  x
}

#' K-fold cross-validation
#'
#' Fits the model K times, each time without one part of the data, whose log predictive density it then computes. New
#' levels of grouping factors are allowed.
#'
#' @param x A `skeinfit`.
#' @param ... More fits; and arguments of [update()][update.skeinfit], such as `chains`, `iter` or `seed`.
#' @param K Number of parts.
#' @param Ksub Use some of the parts only: their number, or which.
#' @param folds How to split the data: `NULL` at random, `"stratified"` or `"grouped"` by `group`, `"loo"` each row on its
#'   own, or a whole number for each row.
#' @param group Name of a column of the data; alone, each of its values makes a part.
#' @param exact_loo Deprecated: use `folds = "loo"`.
#' @param compare Compare several fits?
#' @param resp Name of the response.
#' @param model_names Names of the fits.
#' @param save_fits Keep the K fits?
#' @param future_args Ignored.
#' @return An object of classes `kfold` and `loo`, for several fits a list of class `loolist`.
#' @examples
#' \donttest{
#' fit <- brm(mpg ~ wt, mtcars, chains = 1, iter = 300, refresh = 0)
#' kfold(fit, K = 3)
#' }
#' @method kfold skeinfit
#' @export
kfold.skeinfit <- function(x, ..., K = 10, Ksub = NULL, folds = NULL, group = NULL, exact_loo = NULL, compare = TRUE,
                           resp = NULL, model_names = NULL, save_fits = FALSE, future_args = list()) {
  if (isTRUE(exact_loo)) folds <- "loo"
  check_flag(save_fits, "save_fits")
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  split <- list(K = K, Ksub = Ksub, folds = folds, group = group)
  updates <- arguments$others
  # A stored criterion is of its own folds: it is used only where nothing is asked for here.
  is_plain <- missing(K) && is.null(c(Ksub, folds, group)) && !save_fits
  one <- function(fit) kfold_of(fit, split, updates, save_fits)
  criteria_of_fits("kfold", arguments, one, compare, is_plain)
}

kfold_of <- function(fit, split, updates, save_fits) {
  folds <- data_folds(fit, split)
  chosen <- chosen_folds(split$Ksub, folds$K)
  rows <- sort(unlist(lapply(chosen, function(k) which(folds$fold == k))))
  elpd <- rep(NA_real_, length(folds$fold))
  fits <- list()
  for (k in chosen) {
    out <- which(folds$fold == k)
    left_out <- left_out_density(fit, fit$data, out, c(list(refresh = 0), updates[setdiff(names(updates), "refresh")]))
    elpd[out] <- left_out$elpd
    if (save_fits) fits[[length(fits) + 1]] <- list(fit = left_out$fit, omitted = out)
  }
  all_data <- apply(log_lik.skeinfit(fit), 2, log_mean_exp)
  pointwise <- cbind(elpd_kfold = elpd, p_kfold = all_data - elpd, kfoldic = -2 * elpd)[rows, , drop = FALSE]
  estimates <- cbind(Estimate = colSums(pointwise), SE = sqrt(nrow(pointwise) * apply(pointwise, 2, stats::var)))
  out <- list(estimates = estimates, pointwise = pointwise)
  if (save_fits) out$fits <- fits
  structure(
    out,
    class = c("kfold", "loo"), K = folds$K, Ksub = split$Ksub, group = split$group, folds = folds$fold,
    fold_type = folds$type, dims = c(ndraws.skeinfit(fit), nrow(pointwise))
  )
}

# fold (of each row), K, type.
data_folds <- function(fit, split) {
  n <- fit$frame$n_rows
  folds <- split$folds
  K <- check_whole_number(split$K, "K", min = 2)
  group <- fold_groups(fit, split$group)
  if (is.numeric(folds)) {
    if (length(folds) != n || anyNA(folds)) skein_stop("{.arg folds} must be one number for each of the {n} rows.")
    fold <- match(folds, sort(unique(folds)))
    return(list(fold = fold, K = max(fold), type = "custom"))
  }
  if (!is.null(folds)) folds <- check_one_of(folds, c("loo", "stratified", "grouped"), "folds")
  if (identical(folds, "loo")) {
    return(list(fold = seq_len(n), K = n, type = "loo"))
  }
  if (!is.null(folds) && is.null(group)) skein_stop("{.code folds = {.val {folds}}} needs argument {.arg group}.")
  if (is.null(folds) && !is.null(group)) {
    fold <- as.integer(factor(group))
    return(list(fold = fold, K = max(fold), type = "group"))
  }
  if (K > n) skein_stop("{.arg K} must be at most {n}, the number of rows.")
  fold <- if (is.null(folds)) {
    loo::kfold_split_random(K, n)
  } else if (folds == "stratified") {
    loo::kfold_split_stratified(K, x = group)
  } else {
    loo::kfold_split_grouped(K, x = group)
  }
  list(fold = fold, K = K, type = if (is.null(folds)) "random" else folds)
}

fold_groups <- function(fit, name) {
  if (is.null(name)) {
    return(NULL)
  }
  check_string(name, "group")
  if (!name %in% names(fit$data)) {
    stop_with_suggestion("{.arg group}: the model's data have no column {.val {name}}.", name, names(fit$data))
  }
  fit$data[[name]]
}

chosen_folds <- function(Ksub, K) {
  if (is.null(Ksub)) {
    return(seq_len(K))
  }
  fine <- is.numeric(Ksub) && length(Ksub) > 0 && !anyNA(Ksub) && all(Ksub == floor(Ksub) & Ksub >= 1 & Ksub <= K)
  if (!fine) skein_stop("{.arg Ksub} must be whole numbers from 1 to {K}.")
  if (length(Ksub) == 1 && !is.array(Ksub)) sample.int(K, Ksub) else unique(as.integer(Ksub))
}

#' @export
print.kfold <- function(x, digits = 1, ...) {
  cat("\nBased on ", attr(x, "K"), "-fold cross-validation.\n\n", sep = "")
  print(round(x$estimates, digits), quote = FALSE, ...)
  invisible(x)
}
