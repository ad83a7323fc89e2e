# brm(future = TRUE): each chain on a worker of package future's plan, with the draws of a local run.

# The result of sample_run() for all chains of `run`. Every chain is keyed by seed and its own number, so that parts of
# a run are the run.
sample_in_futures <- function(fit, run, init) {
  if (!requireNamespace("future", quietly = TRUE)) {
    skein_stop("{.code future = TRUE} needs package {.pkg future}, which is not installed.")
  }
  fit$fit$handle <- new_handle()
  # A fit that is sent away needs no old draws.
  fit$fit$draws <- fit$fit$draws[0, 0, , drop = FALSE]
  fit$fit$sampler_params <- fit$fit$warmup_draws <- NULL
  parts <- lapply(seq_len(run$chains), function(chain) {
    future::future(
      sample_one_chain(fit, run, init),
      globals = list(sample_one_chain = sample_one_chain, fit = fit, run = run_of_chain(run, chain), init = list(
        positions = init$positions[, chain, drop = FALSE], radius = init$radius
      )),
      packages = "skein", seed = NULL
    )
  })
  join_chains(lapply(parts, future::value))
}

# In a worker's process, which has the data but no density yet.
sample_one_chain <- function(fit, run, init) sample_run(density_of(fit), sampler_config(run, init, NULL))

run_of_chain <- function(run, chain) {
  run$first_chain <- run$first_chain + chain - 1
  for (name in c("stepsize", "inv_metric")) {
    if (length(run$settings[[name]]) == run$chains) run$settings[[name]] <- run$settings[[name]][chain]
  }
  run$chains <- run$cores <- 1
  run$refresh <- 0
  run
}

# Results of single chains -> that of a run of all.
join_chains <- function(parts) {
  from <- function(name) lapply(parts, `[[`, name)
  sets <- unlist(from("instruction_set"))
  if (length(unique(sets)) > 1) {
    skein_warn(c(
      "The chains ran on machines of different instruction sets: {.val {unique(sets)}}.",
      i = "Draws may differ from those of a run on one machine in their last digits."
    ), class = "skein_mixed_machines")
  }
  out <- join_runs(parts, c("draws", "sampler"), c("step_size", "inverse_metric", "n_done", "n_not_finite"))
  out$interrupted <- any(vapply(parts, function(part) isTRUE(part$interrupted), NA))
  failures <- Filter(Negate(is.null), from("failure"))
  out["failure"] <- if (length(failures)) failures[1] else list(NULL)
  costs <- from("cost")
  out$cost <- join_raw_costs(costs)
  out
}

# The sampler's own account of its workers, of runs at the same time.
join_raw_costs <- function(costs) {
  if (any(vapply(costs, is.null, NA))) {
    return(NULL)
  }
  out <- costs[[1]]
  for (name in c("gradients", "batches", "draws", "busy", "waiting")) out[[name]] <- unlist(lapply(costs, `[[`, name))
  out$seconds <- max(vapply(costs, `[[`, 0, "seconds"))
  out["chains"] <- list(NULL)
  out
}
