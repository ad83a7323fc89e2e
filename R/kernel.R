# Sampling algorithms as R objects: class skeinkernel, a name with the settings that the user gave.

# name: as the C++ core knows it; given: settings by the names of control.R; own: those of this kernel alone; foreign:
# settings that mean nothing to it.
new_skeinkernel <- function(name, given, own = list(), foreign = character(0)) {
  given <- canonical_settings(given, "argument", known_settings(name, foreign))
  foreign <- intersect(names(given), foreign)
  if (length(foreign)) skein_stop("{kernel_titles[[name]]} has no setting {.arg {foreign[1]}}.")
  chains <- max(1, length(given$stepsize), if (is.list(given$inv_metric)) length(given$inv_metric))
  sampler_settings(given, chains, metric_name = "inverse_metric")
  structure(list(name = name, given = given, own = own), class = "skeinkernel")
}

# What a kernel's arguments may be called: its own names before Stan's.
known_settings <- function(name, foreign) {
  own <- names(formals(list(nuts = nuts, hmc = hmc, chees = chees_hmc, meads = meads)[[name]]))
  union(setdiff(own, c("...", foreign)), setting_names)
}

#' Sampling algorithms
#'
#' Each function describes an algorithm for [sample_density()], [kernel_init()] or the argument `algorithm` of [brm()].
#'
#' `nuts()` is the No-U-Turn sampler as Stan has it (Hoffman and Gelman, 2014; Betancourt, 2017), `hmc()` Hamiltonian
#' Monte Carlo with trajectories of a given length. Both adapt step size and metric in each chain by itself, in Stan's
#' windows.
#'
#' `chees_hmc()` and `meads()` are made for dozens to thousands of chains, which learn together during warm-up and are
#' independent of each other afterwards. Their draws thus depend on the number of chains, but never on schedules, cores
#' or threads. `chees_hmc()` (Hoffman, Radul and Sountsov, 2021) gives all chains one step size, by the harmonic mean of
#' their acceptances, and one trajectory length, climbing the gradient of the ChEES criterion; lengths are spread by a
#' quasi-random sequence. Beyond the published algorithm it learns a diagonal metric from all chains, unless
#' `metric = "unit_e"`. `meads()` (Hoffman and Sountsov, 2022) takes one leapfrog step a draw and keeps much of its
#' momentum; folds of chains learn scales, step size and damping from each other by estimates of largest eigenvalues.
#' After warm-up its parameters, from all chains, stay fixed. Its draws cost one gradient each and are correlated:
#' `thin` is no waste here. Before either begins to learn, each chain makes 50 short transitions of NUTS by itself,
#' since chains in the tails would fit no common step size.
#'
#' @param step_size Step size, or where its search begins; one, or one per chain for `nuts()` and `hmc()`. `NULL`: 1.
#' @param inverse_metric Inverse metric on the unconstrained scale: a vector, for `nuts()` and `hmc()` also a matrix or
#'   a list with one for each chain. A named vector is put into the order of the parameters.
#' @param metric `"diag_e"`, `"unit_e"` or `"dense_e"`: the shape of what is learned. `NULL` follows `inverse_metric`.
#' @param adapt Adapt during warm-up? If not, [sample_density()] has no warm-up by default.
#' @param adapt_delta Acceptance that step sizes aim at.
#' @param max_treedepth Largest depth of a tree: trajectories have at most `2^max_treedepth - 1` steps.
#' @param stepsize_jitter Share of the step size that is drawn anew for each iteration.
#' @param steps Leapfrog steps of each trajectory, or `NULL`.
#' @param trajectory_length Length of trajectories, step size times steps. For `hmc()` the default is a quarter of the
#'   period of a standard normal; for `chees_hmc()` it is where the climb begins, by default one step.
#' @param jitter Trajectories of `hmc()` are stretched by a uniform number on `1 - jitter` to `1 + jitter`.
#' @param max_steps Most leapfrog steps of a trajectory.
#' @param learning_rate Adam's, on the logarithm of the trajectory length.
#' @param folds Number of folds; at least two chains are needed for each.
#' @param damping Damping per unit of time, or `NULL` to learn it.
#' @param step_size_multiplier,damping_slowdown The paper's constants: step size in units of what the largest eigenvalue
#'   allows, and the least damping in iteration t times t.
#' @param ... Further settings by Stan's names: those above (`stepsize`, `inv_metric`), `adapt_gamma`, `adapt_kappa`,
#'   `adapt_t0`, `adapt_init_buffer`, `adapt_term_buffer`, `adapt_window`.
#'
#' @return An object of class `skeinkernel`. Errors about arguments out of range come at once.
#'
#' @references Hoffman and Gelman (2014). The No-U-Turn Sampler. *Journal of Machine Learning Research* 15, 1593-1623.
#'   Hoffman, Radul and Sountsov (2021). An Adaptive-MCMC Scheme for Setting Trajectory Lengths in Hamiltonian Monte
#'   Carlo. *AISTATS*. Hoffman and Sountsov (2022). Tuning-Free Generalized Hamiltonian Monte Carlo. *AISTATS*.
#'
#' @examples
#' nuts(step_size = 1e-3, inverse_metric = c(loc = 0.5, log_scale = 0.01), adapt = FALSE)
#' hmc(steps = 10)
#' chees_hmc()
#' meads()
#' @export
nuts <- function(step_size = NULL, inverse_metric = NULL, metric = NULL, adapt = TRUE, adapt_delta = NULL,
                 max_treedepth = NULL, ..., stepsize_jitter = NULL) {
  # stepsize_jitter stands behind the dots, or else Stan's name for step_size would be short for it.
  new_skeinkernel("nuts", list(
    stepsize = step_size, inv_metric = inverse_metric, metric = metric, adapt_engaged = check_flag(adapt, "adapt"),
    adapt_delta = adapt_delta, max_treedepth = max_treedepth, stepsize_jitter = stepsize_jitter, ...
  ))
}

#' @rdname nuts
#' @export
hmc <- function(steps = NULL, trajectory_length = NULL, jitter = 0, step_size = NULL, inverse_metric = NULL,
                metric = NULL, adapt = TRUE, adapt_delta = NULL, ...) {
  if (!is.null(steps) && !is.null(trajectory_length)) {
    skein_stop("Give {.arg steps} or {.arg trajectory_length}, not both.")
  }
  if (is.null(trajectory_length)) trajectory_length <- kernel_defaults()$hmc$trajectory_length
  own <- list(
    steps = if (is.null(steps)) 0 else check_whole_number(steps, "steps", max = 1e9),
    trajectory_length = check_number(trajectory_length, "trajectory_length", 0),
    jitter = check_number(jitter, "jitter", 0, 1, open = FALSE)
  )
  new_skeinkernel("hmc", list(
    stepsize = step_size, inv_metric = inverse_metric, metric = metric, adapt_engaged = check_flag(adapt, "adapt"),
    adapt_delta = adapt_delta, ...
  ), own, "max_treedepth")
}

#' @rdname nuts
#' @export
chees_hmc <- function(step_size = NULL, trajectory_length = NULL, inverse_metric = NULL, metric = NULL, adapt = TRUE,
                      adapt_delta = NULL, max_steps = NULL, learning_rate = NULL, ...) {
  defaults <- kernel_defaults()$chees
  value <- function(x, name) if (is.null(x)) defaults[[name]] else x
  if (!is.null(metric)) check_one_of(metric, c("diag_e", "unit_e"), "metric")
  check_flag(adapt, "adapt")
  given <- canonical_settings(list(
    stepsize = step_size, inv_metric = inverse_metric, adapt_engaged = adapt, adapt_delta = adapt_delta, ...
  ), "argument", known_settings("chees", character(0)))
  check_population_settings(given$stepsize, given$inv_metric)
  own <- list(
    adapt_delta = check_number(value(given$adapt_delta, "adapt_delta"), "adapt_delta", 0, 1),
    trajectory_length = if (is.null(trajectory_length)) 0 else check_number(trajectory_length, "trajectory_length", 0),
    max_steps = check_whole_number(value(max_steps, "max_steps"), "max_steps", max = 1e6),
    learning_rate = check_number(value(learning_rate, "learning_rate"), "learning_rate", 0),
    learns_metric = !identical(metric, "unit_e")
  )
  given$adapt_delta <- NULL
  new_skeinkernel("chees", given, own, c("max_treedepth", "stepsize_jitter", "metric"))
}

#' @rdname nuts
#' @export
meads <- function(step_size = NULL, damping = NULL, inverse_metric = NULL, adapt = TRUE, folds = NULL,
                  step_size_multiplier = NULL, damping_slowdown = NULL) {
  defaults <- kernel_defaults()$meads
  value <- function(x, name) check_number(if (is.null(x)) defaults[[name]] else x, name, 0)
  check_flag(adapt, "adapt")
  check_population_settings(step_size, inverse_metric)
  if (!adapt && (is.null(step_size) || is.null(damping))) {
    skein_stop("{.code meads(adapt = FALSE)} needs {.arg step_size} and {.arg damping}.")
  }
  own <- list(
    folds = check_whole_number(if (is.null(folds)) defaults$folds else folds, "folds"),
    step_size_multiplier = value(step_size_multiplier, "step_size_multiplier"),
    damping_slowdown = value(damping_slowdown, "damping_slowdown"),
    step_size = if (is.null(step_size)) 0 else check_number(step_size, "step_size", 0),
    damping = if (is.null(damping)) 0 else check_number(damping, "damping", 0)
  )
  new_skeinkernel("meads", list(inv_metric = inverse_metric, adapt_engaged = adapt), own)
}

# One step size and one vector for the whole population.
check_population_settings <- function(step_size, inverse_metric) {
  if (!is.null(step_size)) check_number(step_size, "step_size", 0)
  if (is.matrix(inverse_metric) || is.list(inverse_metric)) {
    skein_stop("{.arg inverse_metric} must be a vector of variances: all chains share it.")
  }
}

kernel_titles <- c(nuts = "NUTS", hmc = "HMC", chees = "ChEES-HMC", meads = "MEADS")

is_population <- function(kernel) kernel$name %in% c("chees", "meads")

check_kernel <- function(kernel, name = "kernel") {
  if (is.function(kernel)) {
    skein_stop("{.arg {name}} must be a kernel, as {.code nuts()} gives one: are parentheses missing?")
  }
  if (!inherits(kernel, "skeinkernel")) {
    skein_stop(
      "{.arg {name}} must be {.fn nuts}, {.fn hmc}, {.fn chees_hmc} or {.fn meads}, not {describe_value(kernel)}."
    )
  }
  kernel
}

# All settings of a run of `chains` chains, as sampler_settings() gives them for brm(), and checks against the number of
# chains.
kernel_settings <- function(kernel, chains) {
  if (kernel$name == "meads" && kernel$given$adapt_engaged && chains < 2 * kernel$own$folds) {
    skein_stop(c(
      "{.fn meads} needs at least {2 * kernel$own$folds} chains for {kernel$own$folds} fold{?s}, not {chains}.",
      i = "{.fn nuts} is for few chains."
    ))
  }
  if (kernel$name == "chees" && kernel$given$adapt_engaged && chains < 2) {
    skein_stop(c("{.fn chees_hmc} learns from many chains: give at least 2.", i = "{.fn nuts} is for few chains."))
  }
  sampler_settings(kernel$given, max(1, chains), metric_name = "inverse_metric")
}

#' @export
print.skeinkernel <- function(x, ...) {
  given <- c(x$given[names(x$given) != "adapt_engaged"], settings_to_show(x$own))
  names(given) <- sub("^stepsize$", "step_size", sub("^inv_metric$", "inverse_metric", names(given)))
  shown <- vapply(given, function(value) {
    if (is.list(value) || is.matrix(value)) return("(per chain or dense)")
    paste(format(value, digits = 4), collapse = ", ")
  }, "")
  cat(kernel_titles[[x$name]], if (!x$given$adapt_engaged) " without adaptation", "\n", sep = "")
  if (length(shown)) cat(paste0("  ", format(names(shown)), " = ", shown, "\n"), sep = "")
  invisible(x)
}

# Where a number is 0, it is left to others: the length to steps, or all to adaptation.
settings_to_show <- function(own) {
  if (isTRUE(own$steps > 0)) own$trajectory_length <- NULL
  if (isFALSE(own$learns_metric)) own$metric <- "unit_e"
  own$learns_metric <- NULL
  own[!vapply(own, identical, NA, 0)]
}
