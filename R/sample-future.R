# Groups of chains on the workers of package future.

# sample_density() in parts: each worker of the plan runs consecutive chains, whose numbers make their draws, so that
# all parts together are the local run.
sample_in_future <- function(density, init, run) {
  if (!requireNamespace("future", quietly = TRUE)) {
    skein_stop("{.code future = TRUE} needs the package {.pkg future}.")
  }
  check_future_run(TRUE, run)
  positions <- density_inits(density, init, run)
  groups <- future_groups(run)
  density$handle <- NULL
  parts <- lapply(groups, function(chains) {
    future::future(
      run_part(density, run, positions, chains),
      globals = list(density = density, run = run, positions = positions, chains = chains, run_part = run_part),
      packages = "skein", seed = NULL
    )
  })
  join_parts(lapply(parts, future::value), run)
}

# Chains that learn from each other, or stop together, cannot be parted.
check_future_run <- function(future, run) {
  if (!isTRUE(future)) {
    return(invisible(NULL))
  }
  if (!is.null(run$kernel) && is_population(run$kernel) && run$settings$adapt_engaged) {
    skein_stop(c(
      "{.code future = TRUE}: the chains of {kernel_titles[[run$kernel$name]]} learn from each other and cannot be parted.",
      i = "Use {.arg cores}, or give its settings and {.code adapt = FALSE}."
    ))
  }
  if (!is.null(run$until)) skein_stop("{.arg until} and {.code future = TRUE} do not go together.")
}

# Consecutive chains for each worker; whole superchains, as their first chain's number makes their start.
future_groups <- function(run) {
  n <- max(1, min(run$chains, future::nbrOfWorkers()))
  split(seq_len(run$chains), sort(rep_len(seq_len(n), run$chains)))
}

# One group of chains, in a worker's process.
run_part <- function(density, run, positions, chains) {
  run$first_chain <- run$first_chain - 1 + chains[1]
  run$chains <- length(chains)
  for (name in c("stepsize", "inv_metric")) {
    if (length(run$settings[[name]]) > 1) run$settings[[name]] <- run$settings[[name]][chains]
  }
  run$refresh <- 0
  density$handle <- density_handle(density)
  run_density(density, list(positions = positions$positions[, chains, drop = FALSE], radius = positions$radius), run)
}

join_parts <- function(parts, run) {
  vectors <- c("step_size", "inverse_metric", "trajectory_length", "n_not_finite")
  out <- join_runs(parts, c("draws", "warmup_draws", "diagnostics"), vectors)
  variables <- dimnames(parts[[1]]$draws)[[3]]
  for (name in c("draws", "warmup_draws")) {
    if (!is.null(out[[name]])) out[[name]] <- named_draws(out[[name]], variables, seq_len(run$chains))
  }
  out$settings$chains <- run$chains
  out$settings$superchain_size <- run$superchain_size
  out$cost <- join_costs(lapply(parts, `[[`, "cost"))
  out
}
