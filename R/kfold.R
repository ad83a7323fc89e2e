# K-fold cross-validation: how rows are split, refits without each part, and predictions of the parts left out.

#' K-fold cross-validation
#'
#' Fits the model K times, each time without one part of the data, whose log predictive density it then computes. With a
#' parallel plan of package \pkg{future}, the fits run on its workers and give the same numbers.
#'
#' @param x A `skeinfit`.
#' @param ... More fits; `newdata`; `use_stored` as in [loo()][loo.skeinfit]; arguments of [update()][update.skeinfit],
#'   such as `chains`, `iter` or `seed`, and of [log_lik()][predictions-skein]. Levels of grouping factors that the
#'   other parts lack take effects from their normal distribution, unless `sample_new_levels` says otherwise.
#' @param K Number of parts.
#' @param Ksub Use some of the parts only: their number, or which (a one-dimensional array for a single one).
#' @param folds How to split the data: `NULL` at random, `"stratified"` or `"grouped"` by `group`, `"loo"` each row on
#'   its own (leaving out, with `group`, all rows of its group), or a value for each row, equal in rows of the same
#'   part.
#' @param group Name of a column of the data; alone, each of its values makes a part.
#' @param joint Which rows' log densities to join: `"obs"` or `FALSE` none, `"fold"` or `TRUE` all rows of a part,
#'   `"group"` the rows of a group within a part.
#' @param compare Compare several fits?
#' @param resp Name of the response.
#' @param model_names Names of the fits.
#' @param save_fits Keep the fits, for [kfold_predict()]?
#' @param recompile Ignored: there is no model to compile.
#' @param future_args Ignored.
#' @return An object of classes `kfold` and `loo`, for several fits a list of class `loolist`. With `save_fits`, its
#'   elements are also `fits`, a matrix of lists with a row for each part and columns `fit`, `omitted` (rows) and
#'   `predicted` (rows), and `data`.
#' @examples
#' \donttest{
#' fit <- brm(mpg ~ wt, mtcars, chains = 1, iter = 300, refresh = 0)
#' kfold(fit, K = 3)
#' }
#' @method kfold skeinfit
#' @export
kfold.skeinfit <- function(x, ..., K = 10, Ksub = NULL, folds = NULL, group = NULL, joint = FALSE, compare = TRUE,
                           resp = NULL, model_names = NULL, save_fits = FALSE, recompile = NULL,
                           future_args = list()) {
  check_flag(save_fits, "save_fits")
  joint <- check_joint(joint, group)
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  split <- list(K = K, Ksub = Ksub, folds = folds, group = group)
  # A stored criterion is of its own folds: it is used only where nothing is asked for here.
  is_plain <- missing(K) && is.null(c(Ksub, folds, group)) && !save_fits && joint == "obs"
  one <- function(fit, name) {
    check_response_name(fit, resp)
    newdata <- arguments$others$newdata
    given <- split_refit_arguments(arguments$others)
    given$update$newdata <- NULL
    out <- kfold_of(fit, if (is.null(newdata)) fit$data else newdata, split, joint, given, save_fits)
    structure(out, yhash = response_hash(fit, newdata))
  }
  criteria_of_fits("kfold", arguments, one, compare, is_plain)
}

# TRUE and FALSE are older names of "fold" and "obs".
check_joint <- function(joint, group) {
  if (isTRUE(joint) || isFALSE(joint)) joint <- if (joint) "fold" else "obs"
  joint <- check_one_of(joint, c("obs", "fold", "group"), "joint")
  if (joint == "group" && is.null(group)) skein_stop("{.code joint = \"group\"} needs argument {.arg group}.")
  joint
}

kfold_of <- function(fit, data, split, joint, given, save_fits) {
  folds <- data_folds(data, split)
  chosen <- chosen_folds(split$Ksub, folds$K)
  predicted <- lapply(chosen, function(k) which(folds$fold == k))
  by_group <- folds$type == "loo" && !is.null(split$group)
  omitted <- if (by_group) lapply(predicted, function(row) which(folds$group == folds$group[row])) else predicted
  refits <- elpd_without(fit, data, omitted, predicted, given, "fold")
  rows <- unlist(predicted)
  full <- do.call(log_lik.skeinfit, c(list(fit, newdata = data[rows, , drop = FALSE]), given$log_lik))
  parts <- joined_rows(predicted, joint, folds$group)
  elpd <- joint_elpd(do.call(cbind, refits$log_lik), parts)
  p <- joint_elpd(full, parts) - elpd
  pointwise <- cbind(elpd_kfold = elpd, p_kfold = p, kfoldic = -2 * elpd)
  # Single rows are given in the data's order.
  if (joint == "obs") pointwise <- pointwise[order(rows), , drop = FALSE]
  estimates <- cbind(Estimate = colSums(pointwise), SE = sqrt(nrow(pointwise) * apply(pointwise, 2, stats::var)))
  out <- list(estimates = estimates, pointwise = pointwise)
  if (save_fits) {
    out$fits <- array(list(), c(length(chosen), 3), list(NULL, c("fit", "omitted", "predicted")))
    for (k in seq_along(chosen)) out$fits[k, ] <- list(refits$fits[[k]], omitted[[k]], predicted[[k]])
    out$data <- data
  }
  structure(
    out,
    class = c("kfold", "loo"), K = folds$K, Ksub = chosen, group = split$group, folds = folds$fold,
    fold_type = folds$type, joint = joint, dims = c(nrow(full), nrow(pointwise))
  )
}

# predicted: rows of each part -> a list of the columns, of all parts side by side, whose log densities are added.
joined_rows <- function(predicted, joint, group) {
  part <- rep(seq_along(predicted), lengths(predicted))
  key <- switch(joint, obs = seq_along(part), fold = part, group = paste(part, group[unlist(predicted)]))
  unname(split(seq_along(part), factor(key, unique(key))))
}

joint_elpd <- function(log_lik, parts) {
  vapply(parts, function(columns) log_mean_exp(rowSums(log_lik[, columns, drop = FALSE])), 0)
}

# fold (of each row), K, type, group (of each row, or NULL).
data_folds <- function(data, split) {
  n <- nrow(data)
  folds <- split$folds
  group <- fold_groups(data, split$group)
  done <- function(fold, K, type) list(fold = fold, K = K, type = type, group = group)
  if (length(folds) > 1 || is.numeric(folds)) {
    if (length(folds) != n || anyNA(folds)) skein_stop("{.arg folds} must be one value for each of the {n} rows.")
    fold <- match(folds, sort(unique(folds)))
    skein_inform("Setting 'K' to the number of folds ({max(fold)})")
    return(done(fold, max(fold), "custom"))
  }
  if (!is.null(folds)) folds <- check_one_of(folds, c("loo", "stratified", "grouped"), "folds")
  if (identical(folds, "loo")) {
    skein_inform("Setting 'K' to the number of observations ({n})")
    return(done(seq_len(n), n, "loo"))
  }
  if (!is.null(folds) && is.null(group)) skein_stop("{.code folds = {.val {folds}}} needs argument {.arg group}.")
  if (is.null(folds) && !is.null(group)) {
    fold <- as.integer(factor(group))
    skein_inform("Setting 'K' to the number of levels of {.val {split$group}} ({max(fold)})")
    return(done(fold, max(fold), "group"))
  }
  K <- check_whole_number(split$K, "K", min = 2)
  if (K > n) skein_stop("{.arg K} must be at most {n}, the number of rows.")
  fold <- if (is.null(folds)) {
    loo::kfold_split_random(K, n)
  } else if (folds == "stratified") {
    loo::kfold_split_stratified(K, x = group)
  } else {
    loo::kfold_split_grouped(K, x = group)
  }
  done(fold, K, if (is.null(folds)) "random" else folds)
}

fold_groups <- function(data, name) {
  if (is.null(name)) {
    return(NULL)
  }
  check_string(name, "group")
  if (!name %in% names(data)) {
    stop_with_suggestion("{.arg group}: the model's data have no column {.val {name}}.", name, names(data))
  }
  data[[name]]
}

chosen_folds <- function(Ksub, K) {
  if (is.null(Ksub)) {
    return(seq_len(K))
  }
  fine <- is.numeric(Ksub) && length(Ksub) > 0 && !anyNA(Ksub) && all(Ksub == floor(Ksub) & Ksub >= 1 & Ksub <= K)
  if (!fine) skein_stop("{.arg Ksub} must be whole numbers from 1 to {K}.")
  sort(if (length(Ksub) == 1 && !is.array(Ksub)) sample.int(K, Ksub) else unique(as.integer(Ksub)))
}

#' Predictions of the rows that K-fold cross-validation left out
#'
#' Each row is predicted from the fit that had not seen it.
#'
#' @param x The result of [kfold()][kfold.skeinfit] with `save_fits = TRUE`; of brms's fits, it is handed on to
#'   \pkg{brms}.
#' @param method `"posterior_predict"`, `"posterior_epred"` or `"posterior_linpred"`; `"predict"` and `"fitted"` are
#'   older names of the first two.
#' @param resp Name of the response.
#' @param ... Arguments of [posterior_predict()][predictions-skein] and kin.
#' @return A list of `y`, the responses, and `yrep`, draws x rows, both named by the rows' numbers.
#' @export
kfold_predict <- function(x, method = "posterior_predict", resp = NULL, ...) {
  if (!inherits(x, "kfold")) skein_stop("{.arg x} must be what {.fn kfold} returns, not {describe_value(x)}.")
  if (is.null(x$fits) || is.null(x$data)) {
    skein_stop("{.arg x} holds no fits: run {.fn kfold} with {.code save_fits = TRUE}.")
  }
  if (is_brmsfit(x$fits[[1, "fit"]])) {
    return(call_brms("kfold_predict", x, method = method, resp = resp, ...))
  }
  predict <- prediction_method(method)
  rows <- unlist(x$fits[, "predicted"])
  parts <- lapply(seq_len(nrow(x$fits)), function(k) {
    fit <- x$fits[[k, "fit"]]
    newdata <- x$data[x$fits[[k, "predicted"]], , drop = FALSE]
    yrep <- predict(fit, newdata = newdata, resp = resp, allow_new_levels = TRUE, ...)
    list(y = response_in(fit, newdata), yrep = yrep)
  })
  y <- unlist(lapply(parts, `[[`, "y"))
  yrep <- do.call(cbind, lapply(parts, `[[`, "yrep"))
  order <- order(rows)
  names <- as.character(rows[order])
  list(y = stats::setNames(y[order], names), yrep = matrix(yrep[, order], nrow(yrep), dimnames = list(NULL, names)))
}

# brms's names of the ways to predict -> functions whose results are draws x rows.
prediction_method <- function(method) {
  check_string(method, "method")
  old <- c(fitted = "posterior_epred", pp_expect = "posterior_epred", predict = "posterior_predict")
  method <- old[method] %|na|% method
  known <- c("posterior_predict", "posterior_epred", "posterior_linpred", "predictive_error")
  switch(check_one_of(method, known, "method"),
    posterior_predict = posterior_predict.skeinfit, posterior_epred = posterior_epred.skeinfit,
    posterior_linpred = posterior_linpred.skeinfit, predictive_error = predictive_error.skeinfit
  )
}
