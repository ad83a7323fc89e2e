# Refits without some rows of the data: reloo() leaves out single rows, and what it shares with kfold().

#' Exact cross-validation where importance sampling fails
#'
#' Fits the model again without each row whose Pareto k is above the threshold and replaces the row's estimate. With a
#' parallel plan of package \pkg{future}, the refits run on its workers and give the same numbers.
#'
#' @param x A `skeinfit`; or the result of its [loo()][loo.skeinfit], with the fit as argument `fit`.
#' @param fit A `skeinfit`, where `x` is a result of [loo()][loo.skeinfit].
#' @param loo The object that [loo()][loo.skeinfit] returned for it; by default the stored one, else it is computed.
#' @param k_threshold The threshold of Pareto k.
#' @param newdata The data that `loo` is of, or `NULL` for those of the fit.
#' @param resp Name of the response.
#' @param check Stop if `loo` is of other responses?
#' @param recompile Ignored: there is no model to compile.
#' @param future_args Ignored.
#' @param ... Arguments of [update()][update.skeinfit] and [log_lik()][predictions-skein]; a group level that only the
#'   left out row has takes effects from their normal distribution, unless `sample_new_levels` says otherwise.
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
                           recompile = NULL, future_args = list(), ...) {
  check_response_name(x, resp)
  check_flag(check, "check")
  if (is.null(loo)) loo <- x$criteria$loo
  if (is.null(loo)) loo <- quietly(loo.skeinfit(x, newdata = newdata))
  loo <- loo_of_rows(x, loo, newdata, check)
  if (is.null(loo$diagnostics$pareto_k)) skein_stop("{.arg loo} holds no Pareto k.")
  bad <- which(loo$diagnostics$pareto_k > k_threshold)
  if (length(bad) == 0) {
    skein_inform("No problematic observations found. Returning the original 'loo' object.")
    return(loo)
  }
  skein_inform(
    "{length(bad)} problematic observation{?s} found. The model will be refit {length(bad)} time{?s}."
  )
  data <- if (is.null(newdata)) x$data else newdata
  given <- split_refit_arguments(list(...))
  elpd <- elpd_without(x, data, as.list(bad), as.list(bad), given, "observation")
  with_row <- do.call(log_lik.skeinfit, c(list(x, newdata = data[bad, , drop = FALSE]), given$log_lik))
  all_rows <- apply(with_row, 2, log_mean_exp)
  elpd <- unlist(lapply(elpd$log_lik, log_mean_exp))
  loo$pointwise[bad, c("elpd_loo", "p_loo", "looic")] <- cbind(elpd, all_rows - elpd, -2 * elpd)
  loo$diagnostics$pareto_k[bad] <- 0
  with_estimates(loo, c("elpd_loo", "p_loo", "looic"))
}

#' @rdname reloo
#' @export
reloo.loo <- function(x, fit, ...) reloo(fit, loo = x, ...)

# Arguments of cross-validation by refits -> those of update() and those of log_lik(); `cores` goes to both.
split_refit_arguments <- function(given) {
  of_log_lik <- setdiff(c(names(formals(log_lik.skeinfit)), names(prediction_defaults)), c("object", "...", "newdata"))
  is_log_lik <- names(given) %in% of_log_lik
  log_lik <- given[is_log_lik]
  log_lik$allow_new_levels <- TRUE
  if (is.null(log_lik$sample_new_levels)) log_lik$sample_new_levels <- "gaussian"
  list(update = given[!is_log_lik | names(given) == "cores"], log_lik = log_lik)
}

# Refits without rows omitted[[k]]. Returns log_lik (a list: draws x predicted rows) and fits.
elpd_without <- function(x, data, omitted, predicted, given, what) {
  update <- given$update[setdiff(names(given$update), c("newdata", "refresh"))]
  # Seeds are drawn before, so that refits on other processes are the local ones.
  n <- length(omitted)
  seeds <- if (is.null(update$seed)) sample.int(.Machine$integer.max, n) else rep(update$seed, n)
  update$seed <- NULL
  refit <- function(k) {
    arguments <- c(list(x, newdata = data[-omitted[[k]], , drop = FALSE], refresh = 0, seed = seeds[k]), update)
    quietly(do.call(update.skeinfit, arguments))
  }
  fits <- map_refits(n, refit, x, what)
  log_lik <- lapply(seq_along(fits), function(k) {
    new <- data[predicted[[k]], , drop = FALSE]
    do.call(log_lik.skeinfit, c(list(fits[[k]], newdata = new), given$log_lik))
  })
  list(log_lik = log_lik, fits = fits)
}

# refit(1), ..., refit(n): on the workers of future's plan, if there is one.
map_refits <- function(n, refit, x, what) {
  say <- function(k) skein_inform("Fitting model {k} out of {n} ({what} left out)")
  parallel <- nzchar(system.file(package = "future")) && !inherits(future::plan(), "sequential")
  if (!parallel) {
    return(lapply(seq_len(n), function(k) {
      say(k)
      refit(k)
    }))
  }
  parts <- lapply(seq_len(n), function(k) {
    say(k)
    future::future(refit(k), globals = list(refit = refit, k = k), packages = "skein", seed = NULL)
  })
  lapply(parts, future::value)
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
