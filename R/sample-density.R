# Sampling any log density with any kernel and schedule: arguments, the call into C++, the result.

#' Sample a log density
#'
#' Draws from a log density given as an R function (traced by [density_r()]), an object of [density_r()],
#' [density_function()] or [density_cpp()], or a fit of [brm()], with any number of chains.
#'
#' @section Schedules: They decide who waits for whom, and never change a draw; nor do cores and threads.
#'   `"lockstep"`: chains stand side by side and every draw waits for the slowest chain. `"parallel"`: each core takes a
#'   chain to its end, then the next. `"async"`: each core moves as many chains as the density computes at once (8 for
#'   small traced densities), each at its own place in its own trajectory; chains that are ahead step aside, so that all
#'   reach the end together. `"auto"`: `"parallel"` where each chain has a core and the density takes one point at a
#'   time, else `"async"`.
#'
#' @section Superchains: With `superchains = K`, chains are split into K groups of neighbours that start from one random
#'   point each, so that [rhat_nested()] can tell whether chains have forgotten where they began.
#'
#' Ctrl-C while sampling: in an interactive session the complete draws of all chains so far are returned, with a warning
#' of class `skein_interrupted`; elsewhere the script stops.
#'
#' @param density A function, a log density or a fit of [brm()]. A function needs `init`.
#' @param kernel [nuts()], [hmc()], [chees_hmc()] or [meads()].
#' @param chains Number of chains.
#' @param draws Draws kept of each chain; with `until` the most.
#' @param warmup Iterations of warm-up, not among `draws`. `NULL`: 1000 if the kernel adapts, else 0.
#' @param init Initial values on the parameters' own scale: one named list for all chains, a list of one such list per
#'   chain, [per_chain()], `function(chain)`, or draws of an earlier run, whose last draws are used; or a number, the
#'   radius of uniform values on the unconstrained scale. `NULL`: those of the density, else random values of radius 2.
#' @param schedule `"auto"`, `"lockstep"`, `"parallel"` or `"async"`.
#' @param cores Cores that move chains.
#' @param threads Threads within each chain, a number or [threading()]; for densities of many observations.
#' @param seed A whole number; `NA` takes one from R's random number generator.
#' @param thin Keep every `thin`-th iteration; `draws` counts those kept.
#' @param save_warmup Keep the draws of warm-up too?
#' @param until Targets at which to stop early, by [until()].
#' @param superchains Number of superchains, a divisor of `chains`; `NULL`: 16 for 64 chains and more, if it divides
#'   them, else none.
#' @param future Send groups of chains to the plan of package \pkg{future}? Draws are those of a local run. Chains of
#'   [chees_hmc()] and [meads()] learn from each other, so these need `adapt = FALSE`.
#' @param refresh Iterations between reports of progress; 0 for silence. `NULL`: a tenth of all.
#' @param chain_id Number of the first chain, part of what makes its random numbers.
#' @param ... Further arguments of [density_r()] if `density` is a function.
#'
#' @return An object of class `skeinsamples`. [summary()], [print()] and `posterior::as_draws_array()` and its kin work
#'   on it; `as_draws_array()` gives its draws as they are, without a copy. Elements: `draws` (iteration, chain,
#'   variable; the last variable is `lp__`), `warmup_draws`, `diagnostics` (iterations x chains x accept_stat__,
#'   stepsize__, treedepth__, n_leapfrog__, divergent__, energy__, warm-up included), `step_size`, `inverse_metric`,
#'   `trajectory_length` (ChEES-HMC), `positions`, `cost` and `settings`. `cost` has `wall` and `cpu` seconds,
#'   `gradients`, `lanes_filled` (share of the places of all evaluations that held a chain), `waiting` (share of the
#'   workers' time without a chain), `workers` (a data frame with one row per worker) and `chains` (draws of each chain
#'   by each worker).
#' @examples
#' observed <- c(8, 15, -3, 20)
#' logdensity <- function(loc, log_scale) {
#'   log_scale + sum(dnorm(observed, loc, exp(log_scale), log = TRUE))
#' }
#' init <- list(loc = 1, log_scale = 1)
#' fit <- sample_density(logdensity, nuts(), init = init, draws = 200, warmup = 200, refresh = 0)
#' summary(fit)
#' many <- sample_density(logdensity, chees_hmc(), 64,
#'   draws = 10, warmup = 150, init = init, refresh = 0
#' )
#' many$cost$lanes_filled
#' @export
sample_density <- function(density, kernel = nuts(), chains = 4, draws = 1000, warmup = NULL, init = NULL,
                           schedule = "auto", cores = getOption("mc.cores", 1), threads = NULL, seed = NA, thin = 1,
                           save_warmup = FALSE, until = NULL, superchains = NULL, future = FALSE, refresh = NULL,
                           chain_id = 1, ...) {
  run <- check_density_run(as.list(environment()))
  if (is.na(run$seed)) run$seed <- sample.int(.Machine$integer.max, 1)
  density <- as_skeindensity(density, first_init(init, density), ...)
  if (check_flag(future, "future")) {
    return(sample_in_future(density, init, run))
  }
  run_density(density, init, run)
}

# The arguments of sample_density(), checked, as a list that brm()'s helpers understand.
check_density_run <- function(arguments) {
  kernel <- check_kernel(arguments$kernel)
  run <- list(
    kernel = kernel, chains = check_whole_number(arguments$chains, "chains"),
    draws = check_whole_number(arguments$draws, "draws"), thin = check_whole_number(arguments$thin, "thin"),
    cores = check_whole_number(arguments$cores, "cores"), threads = validate_threads(arguments$threads),
    seed = check_seed(arguments$seed), schedule = check_schedule(arguments$schedule),
    save_warmup = check_flag(arguments$save_warmup, "save_warmup"), until = check_until(arguments$until),
    first_chain = check_whole_number(arguments$chain_id, "chain_id"), init_radius = sampler_defaults()$init_radius
  )
  warmup <- arguments$warmup
  if (is.null(warmup)) warmup <- if (kernel$given$adapt_engaged) sampler_defaults()$iter / 2 else 0
  run$warmup <- check_whole_number(warmup, "warmup", min = 0)
  run$iter <- check_whole_number(run$warmup + run$draws * run$thin, "warmup + draws * thin")
  run$settings <- kernel_settings(kernel, run$chains)
  if (run$warmup == 0) run$settings$adapt_engaged <- FALSE
  refresh <- arguments$refresh
  run$refresh <- if (is.null(refresh)) check_refresh(NULL, run$iter) else check_refresh(refresh, run$iter)
  run$superchain_size <- superchain_size(arguments$superchains, run$chains)
  run
}

check_schedule <- function(x) check_one_of(x, c("auto", "lockstep", "parallel", "async"), "schedule")

# Chains in each superchain, 0 for none.
superchain_size <- function(superchains, chains) {
  if (is.null(superchains)) {
    return(if (chains >= 64 && chains %% 16 == 0) chains / 16 else 0)
  }
  superchains <- check_whole_number(superchains, "superchains", min = 1)
  if (superchains == 1) {
    return(0)
  }
  if (chains %% superchains != 0) {
    skein_stop("{.arg superchains} ({superchains}) must divide {.arg chains} ({chains}).")
  }
  chains / superchains
}

schedule_in_force <- function(schedule, density, run) {
  if (schedule != "auto") {
    return(schedule)
  }
  one_each <- run$chains <= run$cores && density_lanes(density_handle(density)) == 1
  if (one_each) "parallel" else "async"
}

# Runs the chains of `run` and returns the result's object.
run_density <- function(density, init, run) {
  handle <- density_handle(density)
  run$settings$inv_metric <- ordered_metric(run$settings$inv_metric, density)
  check_metric_length(run$settings$inv_metric, density$dimension, "inverse_metric")
  positions <- density_inits(density, init, run)
  run$schedule <- schedule_in_force(run$schedule, density, run)
  reporter <- population_reporter(run)
  config <- sampler_config(run, positions, reporter)
  before <- proc.time()
  # R's own functions must not be interrupted half-way: the run looks for interrupts itself.
  result <- if (density$main_thread) suspendInterrupts(sample_run(handle, config)) else sample_run(handle, config)
  cpu <- sum((proc.time() - before)[c("user.self", "sys.self")])
  if (!is.null(result$failure)) stop_failed_density(result$failure, density)
  new_skeinsamples(result, density, run, cpu)
}

# Draws that all chains have, as the sampler left them; a copy is made only if some are cut off.
new_skeinsamples <- function(result, density, run, cpu) {
  kept <- which(result$n_done > run$warmup)
  if (length(kept) == 0) {
    if (isTRUE(result$expired)) stop_late(run)
    signal_interrupt(interactive())
  }
  interrupted <- isTRUE(result$interrupted) && !isTRUE(result$expired)
  iter <- min(result$n_done[kept])
  n_warmup <- if (run$save_warmup) ceiling(run$warmup / run$thin) else 0
  n_draws <- ceiling((iter - run$warmup) / run$thin)
  variables <- c(density$draw_names, "lp__")
  draws <- result$draws
  result$draws <- NULL
  warmup_draws <- if (n_warmup > 0) named_draws(draws[seq_len(n_warmup), kept, , drop = FALSE], variables, kept)
  draws <- named_draws(keep_part(draws, n_warmup + seq_len(n_draws), kept), variables, kept)
  diagnostics <- keep_part(result$sampler, seq_len(iter), kept)
  dimnames(diagnostics) <- list(NULL, NULL, sampler_param_names)
  settings <- run[c("seed", "chains", "first_chain", "warmup", "thin", "schedule", "cores", "save_warmup")]
  settings$iter <- iter
  settings$draws <- n_draws
  settings$chains <- length(kept)
  settings$threads <- thread_budget(run$cores, run$chains, run$threads)$threads
  settings$superchain_size <- if (length(kept) == run$chains) run$superchain_size else 0
  out <- structure(
    list(
      draws = draws, warmup_draws = warmup_draws, diagnostics = diagnostics, step_size = result$step_size[kept],
      inverse_metric = result$inverse_metric[kept],
      trajectory_length = if (run$kernel$name == "chees") result$trajectory[kept],
      positions = lapply(result$positions, function(x) x[, kept, drop = FALSE]),
      elapsed = result$elapsed[kept, , drop = FALSE],
      n_not_finite = result$n_not_finite[kept], cost = cost_report(result$cost, cpu), settings = settings,
      kernel = run$kernel, density = density, instruction_set = result$instruction_set, interrupted = interrupted
    ),
    class = "skeinsamples"
  )
  if (interrupted) tell_interrupted(out, run)
  out
}

named_draws <- function(draws, variables, chains) {
  dimnames(draws) <- list(iteration = as.character(seq_len(dim(draws)[1])), chain = as.character(chains),
    variable = variables)
  class(draws) <- c("draws_array", "draws", "array")
  draws
}

cost_report <- function(cost, cpu) {
  workers <- data.frame(
    worker = seq_along(cost$gradients), gradients = cost$gradients, evaluations = cost$batches, draws = cost$draws,
    busy = cost$busy, waiting = cost$waiting
  )
  list(
    wall = cost$seconds, cpu = cpu, gradients = sum(cost$gradients), lanes = cost$lanes,
    lanes_filled = sum(cost$gradients) / (cost$lanes * sum(cost$batches)),
    waiting = sum(cost$waiting) / (sum(cost$waiting) + sum(cost$busy)), workers = workers, chains = cost$chains
  )
}

# The superchain of each chain, or NULL; no superchain is cut where fits were combined.
superchains_of <- function(run) {
  size <- run$superchain_size
  if (isTRUE(size > 0 && run$chains > size && run$chains %% size == 0)) (seq_len(run$chains) - 1) %/% size + 1
}

tell_interrupted <- function(samples, run) {
  left_out <- run$chains - samples$settings$chains
  message <- c(
    "Sampling was interrupted. What is kept: {samples$settings$chains} chain{?s} of {samples$settings$draws} draw{?s}.",
    if (left_out > 0) c(i = "{left_out} chain{?s} had not ended {?its/their} warm-up.")
  )
  if (interactive()) skein_warn(message, class = "skein_interrupted")
  if (!interactive()) skein_stop(message, class = "skein_interrupted", samples = samples)
}

stop_failed_density <- function(failure, density) {
  labels <- if (is.null(density$parts)) paste0("u[", seq_len(density$dimension), "]") else coordinate_names(density)
  faulty <- labels[!is.finite(failure$gradient)]
  what <- if (is.finite(failure$log_density) && length(faulty)) {
    c(x = "The gradient is not finite for {.val {utils::head(faulty, 10)}}.")
  } else if (failure$kind == "initialization") {
    c(x = "The log density there is {failure$log_density}.")
  }
  skein_stop(c(
    "Chain {failure$chain} cannot start: {failure$message}", what,
    i = "Set {.arg init} to values that the density allows."
  ), class = "skein_failed_start")
}

# A named metric in the order of the unconstrained parameters.
ordered_metric <- function(inverse_metric, density) {
  if (is.null(inverse_metric)) {
    return(NULL)
  }
  lapply(inverse_metric, function(x) {
    if (is.matrix(x) || is.null(names(x))) {
      return(x)
    }
    labels <- coordinate_names(density)
    check_names_known(names(x), labels, "parameter in `inverse_metric`:")
    missing <- setdiff(labels, names(x))
    if (length(missing)) skein_stop("{.arg inverse_metric} lacks {.val {missing}}.")
    unname(x[labels])
  })
}
