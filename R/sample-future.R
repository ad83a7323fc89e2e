# Groups of chains on the workers of package future.

# sample_density() in parts: each worker of the plan runs consecutive chains, whose numbers make their draws, so that all
# parts together are the local run.
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
  out <- parts[[1]]
  bind <- function(arrays) {
    size <- dim(arrays[[1]])
    n <- vapply(arrays, function(a) dim(a)[2], 1L)
    joined <- array(NA_real_, c(size[1], sum(n), size[3]))
    at <- 0
    for (k in seq_along(arrays)) {
      joined[, at + seq_len(n[k]), ] <- arrays[[k]]
      at <- at + n[k]
    }
    joined
  }
  from <- function(name) lapply(parts, `[[`, name)
  variables <- dimnames(out$draws)[[3]]
  out$draws <- named_draws(bind(from("draws")), variables, seq_len(run$chains))
  if (!is.null(out$warmup_draws)) out$warmup_draws <- named_draws(bind(from("warmup_draws")), variables, seq_len(run$chains))
  names <- dimnames(out$diagnostics)
  out$diagnostics <- bind(from("diagnostics"))
  dimnames(out$diagnostics) <- names
  for (name in c("step_size", "inverse_metric", "trajectory_length", "n_not_finite")) out[[name]] <- do.call(c, from(name))
  out$positions <- lapply(stats::setNames(nm = names(out$positions)), function(k) do.call(cbind, lapply(from("positions"), `[[`, k)))
  out$elapsed <- do.call(rbind, from("elapsed"))
  out$settings$chains <- run$chains
  out$settings$superchain_size <- run$superchain_size
  out$cost <- join_costs(from("cost"))
  out
}

join_costs <- function(costs) {
  total <- function(name) sum(vapply(costs, `[[`, 0, name))
  workers <- do.call(rbind, lapply(costs, `[[`, "workers"))
  workers$worker <- seq_len(nrow(workers))
  list(
    wall = max(vapply(costs, `[[`, 0, "wall")), cpu = total("cpu"), gradients = total("gradients"), lanes = costs[[1]]$lanes,
    lanes_filled = sum(workers$gradients) / (costs[[1]]$lanes * sum(workers$evaluations)),
    waiting = sum(workers$waiting) / (sum(workers$waiting) + sum(workers$busy)), workers = workers, chains = NULL
  )
}
