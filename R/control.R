# The sampler's settings: rstan's and cmdstanr's names for them, over the defaults that the C++ core owns.

# Other names under which users know a setting -> its name here.
control_aliases <- c(
  step_size = "stepsize", init_buffer = "adapt_init_buffer", term_buffer = "adapt_term_buffer",
  window = "adapt_window", gamma = "adapt_gamma", kappa = "adapt_kappa", t0 = "adapt_t0",
  delta = "adapt_delta", max_depth = "max_treedepth"
)

control_names <- c(
  "adapt_engaged", "adapt_delta", "adapt_gamma", "adapt_kappa", "adapt_t0", "adapt_init_buffer", "adapt_term_buffer",
  "adapt_window", "max_treedepth", "stepsize", "stepsize_jitter", "metric", "inv_metric"
)

# All names that a setting may be given by.
setting_names <- c(control_names, names(control_aliases))

# One list of settings from `control` and from those given to brm() at top level; the same setting in both must agree.
merge_control <- function(control, top_level = list()) {
  if (!is.null(control) && !is.list(control)) {
    skein_stop("{.arg control} must be a named list, not {describe_value(control)}.")
  }
  if (length(control) && (is.null(names(control)) || any(!nzchar(names(control))))) {
    skein_stop("Every entry of {.arg control} needs a name, as in {.code control = list(adapt_delta = 0.95)}.")
  }
  control <- canonical_settings(control, "entry in control")
  top_level <- canonical_settings(top_level, "argument")
  for (name in intersect(names(control), names(top_level))) {
    if (!isTRUE(all.equal(control[[name]], top_level[[name]]))) {
      skein_stop("{.arg {name}} is given twice, in {.arg control} and as an argument, with different values.")
    }
  }
  control[names(top_level)] <- top_level
  control
}

# Entries of a list under their names here; stops at unknown ones and at one setting under two names.
canonical_settings <- function(x, what, known = setting_names) {
  x <- x[!vapply(x, is.null, logical(1))]
  if (length(x) == 0) {
    return(list())
  }
  check_names_known(names(x), known, what)
  alias <- names(x) %in% names(control_aliases)
  names(x)[alias] <- control_aliases[names(x)[alias]]
  if (anyDuplicated(names(x))) {
    twice <- names(x)[duplicated(names(x))][1]
    skein_stop("{.arg {twice}} is given more than once.")
  }
  x
}

# The complete settings of a run: a list with every name of control_names, checked, over `defaults` (those of the core).
# Vectors per chain: `stepsize` one number or one per chain; `inv_metric` one vector or matrix, or a list of one per
# chain, on the unconstrained scale in the order of the reference layout. `metric_name`: what the user calls it.
sampler_settings <- function(given, chains, defaults = sampler_defaults(), metric_name = "inv_metric") {
  out <- defaults[setdiff(control_names, "inv_metric")]
  out[setdiff(names(given), "inv_metric")] <- given[setdiff(names(given), "inv_metric")]
  check_flag(out$adapt_engaged, "adapt_engaged")
  out$adapt_delta <- check_number(out$adapt_delta, "adapt_delta", 0, 1)
  for (name in c("adapt_gamma", "adapt_kappa", "adapt_t0")) out[[name]] <- check_number(out[[name]], name, 0)
  for (name in c("adapt_init_buffer", "adapt_term_buffer")) out[[name]] <- check_whole_number(out[[name]], name, 0)
  out$adapt_window <- check_whole_number(out$adapt_window, "adapt_window", 1)
  # The leapfrog steps of a tree are counted in an int.
  out$max_treedepth <- check_whole_number(out$max_treedepth, "max_treedepth", 1, max = 30)
  out$stepsize_jitter <- check_number(out$stepsize_jitter, "stepsize_jitter", 0, 1, open = FALSE)
  check_step_sizes(out$stepsize, chains)
  out$metric <- check_one_of(out$metric, c("unit_e", "diag_e", "dense_e"), "metric")
  out["inv_metric"] <- list(check_inverse_metric(given$inv_metric, chains, metric_name))
  out$metric <- metric_in_force(out$metric, "metric" %in% names(given), out$inv_metric, metric_name)
  out
}

check_step_sizes <- function(x, chains) {
  fine <- is.numeric(x) && all(is.finite(x)) && all(x > 0)
  if (!fine || length(x) == 0) {
    skein_stop("{.arg step_size} must be positive, not {describe_value(x)}.")
  }
  if (!length(x) %in% c(1, chains)) {
    skein_stop("{.arg step_size} must have one element, or one per chain ({chains}), not {length(x)}.")
  }
  invisible(x)
}

# inv_metric as a list with one vector or matrix per chain, or NULL. Lengths against the model: check_metric_length().
check_inverse_metric <- function(x, chains, name) {
  if (is.null(x)) {
    return(NULL)
  }
  if (!is.list(x)) x <- rep(list(x), chains)
  if (length(x) == 1) x <- rep(x, chains)
  if (length(x) != chains) {
    skein_stop("{.arg {name}} has {length(x)} element{?s} for {chains} chain{?s}.")
  }
  lapply(x, check_one_metric, name)
}

check_one_metric <- function(x, name) {
  if (!is.numeric(x) || length(x) == 0) {
    skein_stop("{.arg {name}} must hold finite numbers, not {describe_value(x)}.")
  }
  if (!all(is.finite(x))) {
    faulty <- which(!is.finite(x))[1]
    skein_stop("{.arg {name}} must hold finite numbers; element {faulty} is {x[faulty]}.")
  }
  if (!is.matrix(x)) {
    if (any(x <= 0)) skein_stop("{.arg {name}} must be positive; element {which(x <= 0)[1]} is {x[x <= 0][1]}.")
    storage.mode(x) <- "double"
    return(x)
  }
  if (nrow(x) != ncol(x)) skein_stop("{.arg {name}} must be square, not {nrow(x)} x {ncol(x)}.")
  symmetric <- isSymmetric(unname(x))
  if (!symmetric || inherits(try(chol(x), silent = TRUE), "try-error")) {
    skein_stop("{.arg {name}} must be a symmetric positive definite matrix.")
  }
  storage.mode(x) <- "double"
  unname(x)
}

# A matrix asks for dense_e by itself; anything contradictory is an error.
metric_in_force <- function(metric, given, inverse_metric, name) {
  if (is.null(inverse_metric)) {
    return(metric)
  }
  matrices <- vapply(inverse_metric, is.matrix, logical(1))
  if (any(matrices) != all(matrices)) skein_stop("{.arg {name}} mixes vectors and matrices.")
  fits <- if (all(matrices)) "dense_e" else "diag_e"
  if (given && metric != fits) {
    shape <- if (all(matrices)) "a matrix" else "a vector"
    skein_stop("{.arg {name}} is {shape}, which does not go with metric {.val {metric}}.")
  }
  fits
}

# Raised once the model is known, before sampling: the metric must have the model's number of unconstrained parameters.
check_metric_length <- function(inverse_metric, dimension, name = "inv_metric") {
  for (x in inverse_metric) {
    n <- NROW(x)
    if (n != dimension) {
      skein_stop(c(
        "{.arg {name}} has length {n}, but the model has {dimension} unconstrained parameters.",
        i = "Its order is that of {.fn unconstrain_pars}."
      ))
    }
  }
  invisible(inverse_metric)
}
