# From a fit without draws to one with them: the call into the C++ sampler, and what becomes of its results.

# Samples the model of `fit` as plan$run says and returns the fit with draws.
sample_fit <- function(fit, plan) {
  run <- plan$run
  density <- density_of(fit)
  check_metric_length(run$settings$inv_metric, density_dimension(density))
  run <- resolve_threads(run, density, fit$frame$n_rows, plan$quiet)
  tell_oversubscribed(run, plan$quiet)
  if (is.na(run$seed)) run$seed <- sample.int(.Machine$integer.max, 1)
  init <- init_positions(run$init, run, density, init_model(fit))
  run["schedule"] <- "async"
  run$superchain_size <- if (pools_chains(run)) superchain_size(NULL, run$chains) else 0
  check_future_run(plan$future, run)
  if (isTRUE(plan$future)) {
    result <- sample_in_futures(fit, run, init)
  } else {
    reporter <- population_reporter(run)
    on.exit(close_progress(reporter))
    result <- sample_run(density, sampler_config(run, init, reporter))
    close_progress(reporter)
  }
  if (!is.null(result$failure)) stop_failed_start(result$failure, fit)
  if (!isTRUE(result$interrupted) || isTRUE(result$expired)) {
    fit <- store_ended(fit, result, run)
    warn_of_transitions(fit$fit)
    return(fit)
  }
  finish_interrupted(fit, result, run, plan)
}

pools_chains <- function(run) !is.null(run$kernel) && is_population(run$kernel)

# What init_positions() needs to know of a model: params, groups, predictors.
init_model <- function(fit) c(list(params = fit$params), fit$frame[c("groups", "predictors")])

# The list that src/sample.cpp reads.
sampler_config <- function(run, init, reporter) {
  settings <- run$settings
  config <- settings[setdiff(names(settings), c("inv_metric", "stepsize"))]
  config$stepsize <- settings$stepsize[1]
  config["step_sizes"] <- list(rep_len(settings$stepsize, run$chains))
  config["inverse_metric"] <- list(settings$inv_metric)
  config <- c(config, run[c("seed", "chains", "first_chain", "iter", "warmup", "thin", "save_warmup", "refresh")])
  config <- c(config, thread_budget(run$cores, run$chains, run$threads))
  config$init <- init$positions
  config$init_radius <- init$radius
  config["progress"] <- list(reporter)
  config["next_stop"] <- list(stop_rule(run$until, run$warmup, run$thin, superchains_of(run)))
  if (!is.null(run$until$seconds)) config$seconds <- run$until$seconds
  if (is.null(run$kernel)) {
    return(config)
  }
  config$kernel <- c(list(name = run$kernel$name), run$kernel$own)
  config$schedule <- run$schedule
  config$superchain_size <- run$superchain_size
  config
}

# The draws of a run that ended by itself: after its last iteration, or when `until` was met or time was up.
store_ended <- function(fit, result, run) {
  if (is.null(run$until)) {
    return(store_draws(fit, result, run))
  }
  sampling <- which(result$n_done > run$warmup)
  if (length(sampling) == 0) {
    stop_late(run)
  }
  store_draws(fit, result, run, sampling, min(result$n_done[sampling]))
}

# Fills the sampling object. Of an interrupted run, `chains` and `iter` say which chains and iterations have draws.
store_draws <- function(fit, result, run, chains = seq_len(run$chains), iter = run$iter) {
  n_warmup <- if (run$save_warmup) ceiling(run$warmup / run$thin) else 0
  n_draws <- ceiling((iter - run$warmup) / run$thin)
  sampling <- fit$fit
  variables <- dimnames(sampling$draws)[[3]]
  extra <- prior_columns_of(fit, run, n_draws)
  sampling$draws <- arrange_draws(result$draws, n_warmup + seq_len(n_draws), chains, variables, extra)
  if (run$save_warmup && n_warmup > 0) {
    none <- extra[0, , , drop = FALSE]
    sampling$warmup_draws <- arrange_draws(result$draws, seq_len(n_warmup), chains, variables, none)
  }
  sampling$sampler_params <- keep_part(result$sampler, seq_len(iter), chains)
  dimnames(sampling$sampler_params) <- list(NULL, NULL, sampler_param_names)
  sampling$step_size <- result$step_size[chains]
  sampling$inverse_metric <- result$inverse_metric[chains]
  sampling$positions <- lapply(result$positions, function(x) x[, chains, drop = FALSE])
  sampling$elapsed <- result$elapsed[chains, , drop = FALSE]
  dimnames(sampling$elapsed) <- list(paste0("chain:", run$first_chain - 1 + chains), c("warmup", "sample"))
  sampling$settings <- c(
    list(iter = iter, warmup = run$warmup, thin = run$thin, chains = length(chains)),
    list(superchain_size = if (length(chains) == run$chains) run$superchain_size else 0),
    run[c("seed", "first_chain", "save_warmup")], thread_budget(run$cores, run$chains, run$threads),
    run$settings[setdiff(names(run$settings), "inv_metric")]
  )
  sampling$instruction_set <- result$instruction_set
  if (!is.null(result$cost)) sampling$cost <- cost_report(result$cost, NA_real_)
  sampling$kernel <- run$kernel
  fit$fit <- sampling
  fit
}

# Draws of the sample_prior = "yes" variables, iterations x chains x variables, or NULL.
prior_columns_of <- function(fit, run, n_draws) {
  if (fit$sample_prior != "yes") {
    return(NULL)
  }
  last <- run$first_chain - 1 + run$chains
  draws <- draw_priors(fit$params, n_draws, last, run$seed)
  draws[, seq(run$first_chain, last), , drop = FALSE]
}

# x[rows, chains, ], without a copy where that is all of x.
keep_part <- function(x, rows, chains) {
  whole <- identical(as.integer(rows), seq_len(dim(x)[1])) && identical(as.integer(chains), seq_len(dim(x)[2]))
  if (whole) x else x[rows, chains, , drop = FALSE]
}

# The sampler's columns (the density's outputs, then lp__) in the order of `variables`, with those of `extra`, which is
# NA where it has fewer rows.
arrange_draws <- function(draws, rows, chains, variables, extra) {
  extra_names <- dimnames(extra)[[3]]
  own <- setdiff(variables, c(extra_names, "lp__"))
  draws <- keep_part(draws, rows, chains)
  order <- match(variables, c(own, "lp__"))
  if (is.null(extra) && identical(order, seq_along(variables))) {
    dimnames(draws) <- list(NULL, NULL, variables)
    return(draws)
  }
  out <- array(NA_real_, c(dim(draws)[1:2], length(variables)), list(NULL, NULL, variables))
  out[, , !is.na(order)] <- draws[, , order[!is.na(order)]]
  if (!is.null(extra) && dim(extra)[1] > 0) out[, , extra_names] <- extra[, chains, ]
  out
}

# What went wrong after warm-up, said at once as Stan's interfaces do; summary() says divergences again.
warn_of_transitions <- function(sampling) {
  settings <- sampling$settings
  kept <- sampling$sampler_params[seq_len(settings$iter) > settings$warmup, , , drop = FALSE]
  n_divergent <- sum(kept[, , "divergent__"])
  if (n_divergent > 0) {
    skein_warn(c(
      "There {?was/were} {n_divergent} divergent transition{?s} after warmup.",
      i = "Increasing {.arg adapt_delta} above {settings$adapt_delta} may help."
    ), class = "skein_divergent")
  }
  n_deepest <- sum(kept[, , "treedepth__"] >= settings$max_treedepth)
  if (n_deepest > 0) {
    skein_warn(c(
      "{n_deepest} transition{?s} after warmup reached the maximum treedepth of {settings$max_treedepth}.",
      i = "Draws are valid but slow to come; increasing {.arg max_treedepth} may help."
    ), class = "skein_treedepth")
  }
}

# A run stopped by the user: the fit so far, a saved file, or an interrupt if there is nothing to keep.
finish_interrupted <- function(fit, result, run, plan, interactive = base::interactive()) {
  sampling <- which(result$n_done > run$warmup)
  if (length(sampling) == 0) signal_interrupt(interactive)
  iter <- min(result$n_done[sampling])
  fit <- store_draws(fit, result, run, sampling, iter)
  fit$interrupted <- TRUE
  left_out <- as.character(run$first_chain - 1 + setdiff(seq_len(run$chains), sampling))
  n_draws <- dim(fit$fit$draws)[1]
  message <- c(
    "Sampling was interrupted. What is kept: {length(sampling)} chain{?s} of {n_draws} draw{?s}.",
    if (length(left_out)) c(i = "Left out, for still being in warm-up: chain{?s} {left_out}.")
  )
  if (interactive) {
    skein_warn(message, class = "skein_interrupted")
    return(fit)
  }
  if (!is.null(plan$file)) {
    write_fit_file(fit, plan$file, plan$file_compress)
    message <- c(message, i = "The draws are in {.path {plan$file}}.")
  }
  skein_stop(message, class = "skein_interrupted")
}

# What Ctrl-C itself would have done; a script stops.
signal_interrupt <- function(interactive) {
  signalCondition(structure(class = c("interrupt", "condition"), list(message = "", call = NULL)))
  if (interactive) invokeRestart("abort")
  skein_stop("Sampling was interrupted before any draw.", class = "skein_interrupted")
}

# Names the parameters whose gradient is not finite where the sampler could not start.
stop_failed_start <- function(failure, fit) {
  labels <- unconstrained_labels(fit$params)
  faulty <- labels[!is.finite(failure$gradient)]
  if (length(faulty) == 0) faulty <- labels[!is.finite(failure$position)]
  chain <- failure$chain
  what <- if (length(faulty)) {
    c(x = "The gradient is not finite for {.val {utils::head(faulty, 10)}}{if (length(faulty) > 10) ' and others'}.")
  }
  skein_stop(c(
    "Chain {chain} cannot start: {failure$message}", what,
    i = "Look for predictors of very different scales, and set {.arg init} or stronger priors."
  ), class = "skein_failed_start")
}

# A name for each element of the unconstrained vector. Fixed elements have none; the free elements of a K x K Cholesky
# factor are named by their place below the diagonal.
unconstrained_labels <- function(params) {
  layout <- block_layout(params)
  labels <- lapply(seq_along(layout$name), function(k) {
    block <- layout[k, ]
    if (params$transform[k] == "cholesky_corr") {
      row <- rep(seq_len(block$rows), seq_len(block$rows) - 1)
      return(paste0(block$name, "[", row, ",", sequence(seq_len(block$rows) - 1), "]"))
    }
    free <- is.na(constant_values(params[k, ]))
    element_labels(block, params$draw_names[[k]])[free]
  })
  as.character(unlist(labels))
}

element_labels <- function(block, draw_names) {
  if (block$kind != "matrix" && length(draw_names) == block$size) {
    return(draw_names)
  }
  if (block$kind == "scalar") {
    return(block$name)
  }
  if (block$kind == "vector") {
    return(paste0(block$name, "[", seq_len(block$size), "]"))
  }
  row <- rep(seq_len(block$rows), block$columns)
  column <- rep(seq_len(block$columns), each = block$rows)
  block_to_storage_order(paste0(block$name, "[", row, ",", column, "]"), block)
}

block_to_storage_order <- function(x, block) {
  if (block$by_row) as.vector(t(matrix(x, block$rows, block$columns))) else x
}
