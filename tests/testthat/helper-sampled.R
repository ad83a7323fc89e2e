# Fits filled with made-up draws: for what happens after sampling, without sampling.

mock_plan <- function(chains = 2, iter = 20, warmup = 10, ..., dots = list(refresh = 0)) {
  arguments <- brm_defaults()
  arguments[c("chains", "iter", "warmup", "seed")] <- list(chains, iter, warmup, 1)
  given <- list(...)
  arguments[names(given)] <- given
  check_brm_arguments(c(arguments, list(formula = NULL, data = NULL, data_name = "d")), dots, character(0))
}

mock_unsampled_fit <- function(...) {
  data <- data.frame(y = c(1.5, 2, 0.3, 2.2, 1.9, 3), x = c(0, 1, 2, 0, 1, 2), g = rep(c("a", "b"), 3))
  brm(y ~ x + (1 + x | g), data, chains = 0, ...)
}

# What src/sample.cpp returns for the plan, with numbers of no meaning; n_done: iterations of each chain.
mock_result <- function(fit, plan, n_done = rep(plan$run$iter, plan$run$chains)) {
  withr::local_seed(1)
  run <- plan$run
  n_saved <- ceiling((run$iter - run$warmup) / run$thin) + if (run$save_warmup) ceiling(run$warmup / run$thin) else 0
  dimension <- get_num_upars(fit)
  columns <- sum(!grepl("^prior_", dimnames(fit$fit$draws)[[3]]))
  points <- matrix(0.1, dimension, run$chains)
  list(
    draws = array(stats::rnorm(n_saved * run$chains * columns), c(n_saved, run$chains, columns)),
    sampler = array(stats::runif(run$iter * run$chains * 6), c(run$iter, run$chains, 6)),
    step_size = 0.1 + seq_len(run$chains) / 3, inverse_metric = rep(list(seq_len(dimension) / 3), run$chains),
    positions = list(warmup_end = points, first_draw = points, last_draw = points),
    elapsed = matrix(0.1, run$chains, 2), n_done = n_done, interrupted = any(n_done < run$iter), failure = NULL,
    instruction_set = "baseline"
  )
}

mock_sampled_fit <- function(plan = mock_plan(), ...) {
  fit <- mock_unsampled_fit(...)
  store_draws(fit, mock_result(fit, plan), plan$run)
}
