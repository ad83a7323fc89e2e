# The same model by brms and rstan beside skein, where both are installed: unit metric and one step size in both, so
# that a leapfrog step is the same work.

# Older ones build programs without the threads and the compiler options that brms counts on today.
oldest_rstan <- "2.26"

has_current_brms <- function() {
  version <- function(package) tryCatch(utils::packageVersion(package), error = function(e) package_version("0"))
  version("brms") > "0" && version("rstan") >= oldest_rstan
}

# Rows of the suite's table: microseconds per leapfrog step of the toy model in both.
compare_with_brms <- function(repetitions, iter = 20) {
  own <- suppressWarnings(toy_model(1e4, chains = 1, iter = 500, seed = 1, metric = "unit_e"))
  start <- skein:::benchmark_start(own)
  stan <- brms::brm(y ~ 1 + x1 + x2 + (1 | g),
    data = own$data, family = poisson(), chains = 0, backend = "rstan",
    prior = brms::prior(normal(0, 1), class = "b") + brms::prior(constant(1), class = "sd", group = "g")
  )
  control <- list(adapt_engaged = FALSE, stepsize = start$settings$stepsize, metric = "unit_e")
  init <- list(constrain_pars(own, start$position))
  by_brms <- function() {
    fit <- suppressWarnings(stats::update(stan,
      chains = 1, iter = iter, warmup = 0, control = control, init = init, seed = 1234, refresh = 0, recompile = FALSE
    ))
    steps <- sum(rstan::get_sampler_params(fit$fit, inc_warmup = FALSE)[[1]][, "n_leapfrog__"])
    1e6 * sum(rstan::get_elapsed_time(fit$fit)) / steps
  }
  by_skein <- function() {
    case <- data.frame(threads = 0, grainsize = 0, iter = iter, copies = 1)
    timed <- skein:::time_benchmark_case(start, case, turn_seconds)
    1e6 * min(timed$seconds) / timed$num_leapfrog
  }
  # brms's runs take longer than a turn, and their set-up much longer.
  times <- by_turns(2, repetitions / turns_per_repetition, function(i) if (i == 1) by_skein() else by_brms())
  versions <- paste0("brms ", utils::packageVersion("brms"), ", rstan ", utils::packageVersion("rstan"))
  labels <- data.frame(
    study = "beside brms", model = "toy", rows = 1e4, case = c("skein, plain loop", versions), threads = c(0, NA),
    copies = c(1, NA)
  )
  summarise_turns(times, labels, "us per leapfrog")
}
