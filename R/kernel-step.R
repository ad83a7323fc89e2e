# Kernels driven by hand: a state, and transitions from it to the next.

#' Drive a kernel by hand
#'
#' `kernel_init()` puts a chain at a position; `kernel_step()` moves it and returns the new state. States are values:
#' the old one stays as it was, and stepping from it again gives the same. Nothing adapts: step size and metric are
#' those of the kernel (`chees_hmc()` takes `trajectory_length` times an element of its quasi-random sequence, `meads()`
#' needs `step_size` and `damping`).
#'
#' @param kernel [nuts()], [hmc()], [chees_hmc()] or [meads()].
#' @param density A function, a log density or a fit of [brm()].
#' @param position Named list of the parameters' values, on their own scale.
#' @param seed,chain What makes the random numbers, as in [sample_density()]: without adaptation, states go through the
#'   draws of that chain.
#' @param state What `kernel_init()` or `kernel_step()` returned.
#' @param n Number of transitions.
#' @param x A state.
#' @param ... Unused.
#'
#' @return A state, of class `skeinstate`: a list with `position` (named list), `unconstrained`, `log_density`,
#'   `gradient` (on the unconstrained scale), `iteration`, and of the last `n` transitions `draws` (n x variables) and
#'   `info`, a data frame with `steps`, `divergent`, `energy`, `acceptance`, `step_size` and `treedepth`.
#' @examples
#' logdensity <- function(x) sum(dnorm(x, log = TRUE))
#' state <- kernel_init(nuts(step_size = 0.5), logdensity, list(x = c(1, -1)), seed = 1)
#' state <- kernel_step(state, n = 10)
#' state$position
#' state$info
#' @export
kernel_init <- function(kernel, density, position, seed = NA, chain = 1) {
  check_kernel(kernel)
  check_one_chain(kernel)
  if (missing(position)) skein_stop("{.fn kernel_init} needs {.arg position}, a named list.")
  check_position(position)
  density <- as_skeindensity(density, if (is.function(density)) position)
  if (!is.null(density$parts)) position <- check_parameter_values(position, density$parts, "position")
  u <- density$unconstrain(position)
  seed <- check_seed(seed)
  if (is.na(seed)) seed <- sample.int(.Machine$integer.max, 1)
  if (kernel$name == "meads" && (kernel$own$step_size == 0 || kernel$own$damping == 0)) {
    skein_stop("By hand, {.fn meads} needs {.arg step_size} and {.arg damping}.")
  }
  metric <- kernel$given$inv_metric
  kernel$given$inv_metric <- ordered_metric(if (!is.null(metric)) list(metric), density)[[1]]
  check_metric_length(list(kernel$given$inv_metric)[!is.null(kernel$given$inv_metric)], density$dimension,
    "inverse_metric")
  found <- density_evaluate(density_handle(density), matrix(u))
  if (!is.finite(found$log_density) || !all(is.finite(found$gradient))) {
    skein_stop("The log density or its gradient is not finite at {.arg position}.", class = "skein_failed_start")
  }
  structure(
    list(
      position = density$constrain(u), unconstrained = u, log_density = found$log_density,
      gradient = as.vector(found$gradient), iteration = 0, seed = seed, chain = check_whole_number(chain, "chain"),
      momentum = numeric(0), slice = 0, draws = NULL, info = NULL, kernel = kernel, density = density
    ),
    class = "skeinstate"
  )
}

check_one_chain <- function(kernel) {
  if (length(kernel$given$stepsize) > 1) {
    skein_stop("By hand there is one chain: {.arg step_size} must be one number, not {length(kernel$given$stepsize)}.")
  }
  if (is.list(kernel$given$inv_metric)) {
    skein_stop("By hand there is one chain: {.arg inverse_metric} must be a vector or a matrix, not a list.")
  }
}

# What a user may get wrong without knowing of the density's parameters.
check_position <- function(position) {
  named <- is.list(position) && length(position) > 0 && !is.null(names(position)) && all(nzchar(names(position)))
  if (!named) {
    skein_stop("{.arg position} must be a list with one name for every parameter, not {describe_value(position)}.")
  }
  for (name in names(position)) {
    if (!is.numeric(position[[name]]) || !all(is.finite(position[[name]]))) {
      skein_stop("{.arg position}: {.val {name}} must hold finite numbers.")
    }
  }
}

#' @rdname kernel_init
#' @export
kernel_step <- function(state, n = 1) {
  if (!inherits(state, "skeinstate")) {
    skein_stop("{.arg state} must come from {.fn kernel_init}, not {describe_value(state)}.")
  }
  n <- check_whole_number(n, "n")
  density <- state$density
  result <- kernel_transitions(density_handle(density), hand_config(state), unclass(state), n)
  u <- result$positions[, n]
  state[c("unconstrained", "log_density", "gradient")] <- list(u, result$log_density[n], result$gradient)
  state$position <- density$constrain(u)
  state$iteration <- state$iteration + n
  state[c("momentum", "slice")] <- result[c("momentum", "slice")]
  state$draws <- t(density_draws(density_handle(density), result$positions))
  colnames(state$draws) <- density$draw_names
  colnames(result$info) <- sampler_param_names
  info <- as.data.frame(result$info)
  state$info <- data.frame(
    steps = info$n_leapfrog__, divergent = info$divergent__ == 1, energy = info$energy__,
    acceptance = info$accept_stat__,
    step_size = info$stepsize__, treedepth = info$treedepth__
  )
  state
}

# What sample_run() would get for one chain without warm-up.
hand_config <- function(state) {
  run <- list(
    kernel = state$kernel, chains = 1, iter = 1, warmup = 0, thin = 1, cores = 1, threads = NULL, seed = state$seed,
    first_chain = state$chain, save_warmup = FALSE, refresh = 0, schedule = "parallel", superchain_size = 0,
    settings = sampler_settings(state$kernel$given, 1)
  )
  init <- list(positions = matrix(state$unconstrained), radius = 0)
  sampler_config(run, init, NULL)
}

#' @rdname kernel_init
#' @export
print.skeinstate <- function(x, ...) {
  cat(kernel_titles[[x$kernel$name]], ", iteration ", x$iteration, "; log density ", format(x$log_density, digits = 6),
    "\n", sep = "")
  utils::str(x$position, give.attr = FALSE, no.list = TRUE)
  invisible(x)
}
