# Information criteria by loo: loo(), waic(), their comparison, and exact refits where importance sampling fails.

#' Leave-one-out cross-validation and WAIC
#'
#' `loo()` estimates the expected log predictive density by Pareto-smoothed importance sampling, `waic()` by the widely
#' applicable information criterion, both through package \pkg{loo} from [log_lik()][predictions-skein]. `LOO()` and
#' `WAIC()` are brms's other names. With several fits, each is computed and all are compared. `psis()` gives the
#' smoothed weights alone.
#'
#' @param x,log_ratios A `skeinfit`.
#' @param ... More fits; `use_stored` (take stored criteria? by default only where no other argument is given);
#'   arguments of [log_lik()][predictions-skein], such as `newdata` or `re_formula`; and `is_method` of [loo::loo()].
#' @param compare Compare several fits by [loo::loo_compare()]?
#' @param resp Name of the response; there is one only.
#' @param pointwise Compute row by row, to save memory?
#' @param moment_match Improve the importance weights of the rows whose Pareto k is above `k_threshold` by moment
#'   matching, see [loo_moment_match.skeinfit()]?
#' @param reloo Refit the model without each row whose Pareto k is (then still) above `k_threshold`, see
#'   [reloo.skeinfit()]?
#' @param k_threshold The threshold.
#' @param save_psis Keep the smoothed weights?
#' @param moment_match_args Arguments of [loo_moment_match.skeinfit()].
#' @param reloo_args Arguments of [reloo.skeinfit()].
#' @param model_names Names of the fits, by default as they are written in the call.
#' @param newdata Data of the rows, by default those of the fit.
#' @param model_name Ignored.
#' @return For one fit an object of \pkg{loo}'s class `psis_loo` or `waic`, for several a list of class `loolist`, which
#'   has the comparison as element `diffs`. A criterion stored by [add_criterion()] is returned as it is. `psis()`: an
#'   object of class `psis`.
#' @references Vehtari, Gelman and Gabry (2017). Practical Bayesian model evaluation using leave-one-out
#'   cross-validation and WAIC. *Statistics and Computing* 27, 1413-1432. \doi{10.1007/s11222-016-9696-4}
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 300, refresh = 0)
#' waic(fit)
#' }
#' @method loo skeinfit
#' @export
loo.skeinfit <- function(x, ..., compare = TRUE, resp = NULL, pointwise = FALSE, moment_match = FALSE, reloo = FALSE,
                         k_threshold = 0.7, save_psis = FALSE, moment_match_args = list(), reloo_args = list(),
                         model_names = NULL) {
  for (flag in c("pointwise", "moment_match", "reloo", "save_psis")) check_flag(get(flag), flag)
  k_threshold <- check_number(k_threshold, "k_threshold")
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  is_plain <- !moment_match && !reloo && !save_psis && k_threshold == 0.7
  one <- function(fit, name) {
    given <- c(arguments$others, list(resp = resp))
    out <- quietly(psis_loo_of(fit, given, pointwise, save_psis))
    attr(out, "yhash") <- response_hash(fit, given$newdata)
    common <- list(fit, out, k_threshold = k_threshold, newdata = given$newdata, resp = resp, check = FALSE)
    if (moment_match) {
      used <- given[setdiff(names(given), c("newdata", "resp"))]
      out <- quietly(do.call(loo_moment_match.skeinfit, c(common, used, moment_match_args)))
      common[[2]] <- out
    }
    if (reloo) out <- do.call(reloo.skeinfit, c(common, reloo_args))
    advise_on_pareto_k(out, k_threshold, moment_match, name)
    out
  }
  criteria_of_fits("loo", arguments, one, compare, is_plain)
}

# What to do about rows whose importance weights cannot be trusted, by how many there are. The threshold for few draws
# is that of Vehtari et al. (2024), Pareto smoothed importance sampling, JMLR 25(72).
advise_on_pareto_k <- function(loo, k_threshold, moment_match, name) {
  n <- sum(loo$diagnostics$pareto_k > k_threshold)
  for_draws <- 1 - 1 / log10(dim(loo)[1])
  n_for_draws <- sum(loo$diagnostics$pareto_k > min(for_draws, k_threshold))
  if (n_for_draws > n && for_draws <= 0.7) {
    skein_warn(c(
      "Found {n_for_draws} observation{?s} with a pareto_k > {round(for_draws, 2)} in model {.val {name}}.",
      i = "At least about 2200 draws would make the approximation of LOO-CV better: run more iterations."
    ), class = "skein_pareto_k")
    return(invisible())
  }
  if (n == 0) {
    return(invisible())
  }
  hint <- if (!moment_match) {
    "Use {.code moment_match = TRUE} to match the moments of the problematic observations."
  } else if (n <= 10) {
    "Use {.code reloo = TRUE} to fit the model {n} time{?s} without one of them each."
  } else {
    "So many are better dealt with by {.code kfold(K = 10)} than by LOO."
  }
  found <- "Found {n} observation{?s} with a pareto_k > {k_threshold} in model {.val {name}}."
  skein_warn(c(found, i = hint), class = "skein_pareto_k")
}

#' @rdname loo.skeinfit
#' @method waic skeinfit
#' @export
waic.skeinfit <- function(x, ..., compare = TRUE, resp = NULL, pointwise = FALSE, model_names = NULL) {
  check_flag(pointwise, "pointwise")
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  one <- function(fit, name) {
    log_lik <- do.call(log_lik.skeinfit, c(list(fit, resp = resp, pointwise = pointwise), arguments$others))
    out <- if (!pointwise) {
      loo::waic(log_lik)
    } else {
      loo::waic(log_lik, data = attr(log_lik, "data"), draws = attr(log_lik, "draws"))
    }
    structure(out, yhash = response_hash(fit, arguments$others$newdata))
  }
  criteria_of_fits("waic", arguments, one, compare, TRUE)
}

#' @rdname loo.skeinfit
#' @export
LOO <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("LOO", x, ...))
  }
  loo::loo(x, ...)
}

#' @rdname loo.skeinfit
#' @export
WAIC <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("WAIC", x, ...))
  }
  loo::waic(x, ...)
}

#' @rdname loo.skeinfit
#' @method psis skeinfit
#' @export
psis.skeinfit <- function(log_ratios, newdata = NULL, resp = NULL, model_name = NULL, ...) {
  given <- list(newdata = newdata, resp = resp, ...)
  log_lik <- do.call(log_lik.skeinfit, c(list(log_ratios), given))
  loo::psis(-log_lik, r_eff = relative_efficiency(log_lik, chain_of_draws(log_ratios, given)))
}

# given: arguments of log_lik() and of loo::loo().
psis_loo_of <- function(fit, given, pointwise, save_psis) {
  for_loo <- given[names(given) == "is_method"]
  given <- given[names(given) != "is_method"]
  log_lik <- do.call(log_lik.skeinfit, c(list(fit, pointwise = pointwise), given))
  chain <- chain_of_draws(fit, given)
  arguments <- c(list(log_lik, save_psis = save_psis, cores = prediction_threads(given$cores)), for_loo)
  if (!pointwise) {
    return(do.call(loo::loo, c(arguments, list(r_eff = relative_efficiency(log_lik, chain)))))
  }
  arguments$data <- attr(log_lik, "data")
  arguments$draws <- attr(log_lik, "draws")
  arguments$r_eff <- pointwise_efficiency(log_lik, chain)
  do.call(loo::loo, arguments)
}

# As relative_efficiency(), row by row.
pointwise_efficiency <- function(log_lik, chain) {
  data <- attr(log_lik, "data")
  vapply(seq_len(nrow(data)), function(row) {
    values <- log_lik(data_i = data[row, , drop = FALSE], draws = attr(log_lik, "draws"))
    relative_efficiency(matrix(values), chain)
  }, 0)
}

# Relative efficiency of the likelihoods; 1 where draws are too few or chosen at random.
relative_efficiency <- function(log_lik, chain) {
  if (is.null(chain)) {
    return(rep(1, ncol(log_lik)))
  }
  largest <- apply(log_lik, 2, max)
  loo::relative_eff(exp(sweep(log_lik, 2, largest)), chain_id = chain)
}

# The chain of each draw, or NULL if only some draws are used.
chain_of_draws <- function(fit, given) {
  some <- c("ndraws", "draw_ids", "nsamples", "subset")
  if (any(!vapply(given[names(given) %in% some], is.null, NA))) {
    return(NULL)
  }
  rep(seq_len(nchains.skeinfit(fit)), each = niterations.skeinfit(fit))
}

# Fits and other arguments among the dots. Returns fits (named), use_stored (NULL where not given) and others.
split_dots <- function(dots, x, model_names, call) {
  is_fit <- vapply(dots, inherits, NA, what = "skeinfit")
  foreign <- vapply(dots, is_brmsfit, NA)
  if (any(foreign)) skein_stop("Fits of skein and of {.pkg brms} cannot be mixed in one call.")
  others <- dots[!is_fit]
  if (length(others) && (is.null(names(others)) || !all(nzchar(names(others))))) {
    skein_stop("Arguments after the fits need names; a fit must be of class {.cls skeinfit}.")
  }
  fits <- c(list(x), unname(dots[is_fit]))
  expressions <- c(list(call$x), unname(as.list(call$...)[is_fit]))
  list(
    fits = stats::setNames(fits, fit_names(expressions, model_names)), use_stored = others$use_stored,
    others = others[names(others) != "use_stored"]
  )
}

# Names of fits as they are written, where they are short enough to be names.
fit_names <- function(expressions, model_names) {
  if (!is.null(model_names)) {
    if (!is.character(model_names) || length(model_names) != length(expressions)) {
      skein_stop("{.arg model_names} must be {length(expressions)} string{?s}, one for each fit.")
    }
    return(model_names)
  }
  vapply(seq_along(expressions), function(i) {
    expression <- expressions[[i]]
    if (is.name(expression) || is.call(expression)) {
      text <- paste(deparse(expression, 60L), collapse = "")
      if (nchar(text) <= 60) {
        return(text)
      }
    }
    paste0("Model ", i)
  }, "")
}

# One criterion of each fit, stored ones taken as they are, and their comparison.
criteria_of_fits <- function(name, arguments, one, compare, is_plain) {
  use_stored <- arguments$use_stored
  if (is.null(use_stored)) use_stored <- is_plain && length(arguments$others) == 0
  check_flag(use_stored, "use_stored")
  compute <- function(i) {
    fit <- arguments$fits[[i]]
    check_has_draws(fit)
    stored <- fit$criteria[[name]]
    model <- names(arguments$fits)[i]
    if (!is.null(stored) && !use_stored) skein_inform("Recomputing {.val {name}} of model {.val {model}}.")
    with_model(if (use_stored && !is.null(stored)) stored else one(fit, model), fit, model)
  }
  results <- lapply(seq_along(arguments$fits), compute)
  names(results) <- names(arguments$fits)
  if (length(results) == 1) {
    return(results[[1]])
  }
  if (length(unique(vapply(arguments$fits, nobs.skeinfit, 0L))) > 1) {
    skein_stop("The models have different numbers of observations.")
  }
  out <- list(loos = results)
  if (compare) out$diffs <- compare_criteria(results)
  structure(out, class = c("skein_loolist", "loolist"))
}

# What loo::loo_compare() and its users look at: the model's name and a hash of the responses.
with_model <- function(out, fit, name) {
  attr(out, "model_name") <- name
  if (is.null(attr(out, "yhash"))) attr(out, "yhash") <- response_hash(fit)
  out
}

response_hash <- function(fit, newdata = NULL) cli::hash_obj_md5(as.double(response_in(fit, newdata)))

# The response as the model sees it.
response_values <- function(fit) {
  as.double(new_response(fit, fit$data, "response", FALSE)$response)
}

compare_criteria <- function(results) {
  hashes <- vapply(results, function(x) attr(x, "yhash"), "")
  if (length(unique(hashes)) > 1) {
    skein_warn("The models do not all have the same responses, so that their criteria cannot be compared.")
  }
  loo::loo_compare(lapply(results, function(x) {
    attr(x, "yhash") <- NULL
    x
  }))
}

#' @export
print.skein_loolist <- function(x, digits = 1, ...) {
  for (name in names(x$loos)) {
    cat("Output of model '", name, "':\n", sep = "")
    print(x$loos[[name]], digits = digits, ...)
    cat("\n")
  }
  if (!is.null(x$diffs)) {
    cat("Model comparisons:\n")
    print(x$diffs, digits = digits, simplify = TRUE)
  }
  invisible(x)
}

#' Compare fits by their information criteria
#'
#' @param x A `skeinfit`.
#' @param ... More fits.
#' @param criterion `"loo"`, `"waic"` or `"kfold"`. Stored criteria are used, see [add_criterion()]; `loo` and `waic`
#'   are computed where they are not stored.
#' @param model_names Names of the fits.
#' @return What [loo::loo_compare()] returns: an object of class `compare.loo`, the best model first, whose models are
#'   the row names, or from \pkg{loo} 2.10 on the column `model`.
#' @method loo_compare skeinfit
#' @export
loo_compare.skeinfit <- function(x, ..., criterion = c("loo", "waic", "kfold"), model_names = NULL) {
  criterion <- check_one_of(criterion[1], c("loo", "waic", "kfold"), "criterion")
  arguments <- split_dots(list(...), x, model_names, match.call(expand.dots = FALSE))
  if (length(arguments$others)) stop_unused(1)
  if (length(arguments$fits) < 2) skein_stop("Comparing models needs at least two fits.")
  results <- lapply(names(arguments$fits), function(name) {
    fit <- arguments$fits[[name]]
    stored <- fit$criteria[[criterion]]
    if (is.null(stored) && criterion == "kfold") {
      skein_stop("Fit {.val {name}} holds no {.val kfold}: add it by {.fn add_criterion}.")
    }
    if (is.null(stored)) stored <- if (criterion == "loo") loo.skeinfit(fit) else waic.skeinfit(fit)
    with_model(stored, fit, name)
  })
  names(results) <- names(arguments$fits)
  compare_criteria(results)
}
