# What threads do for one's own model: benchmark_threading() and benchmark_reference().

#' What threads do for a model
#'
#' `benchmark_threading()` times short runs of one chain of a fitted model for all combinations of cores, grainsizes and
#' iterations; `benchmark_reference()` times the same runs by the plain loop, without any machinery for threads. Plots
#' and summaries are described at [plot.skeinbenchmark()] and [summary.skeinbenchmark()].
#'
#' All runs use the step size and metric that the model's first chain has adapted, begin at its first draw, and have
#' seed 1234 and no warm-up, so that all runs of as many iterations take the same leapfrog steps to the same draws. This
#' is checked: an error says if it does not hold. A run is repeated from the same start until at least 0.2 seconds have
#' passed on a monotonic clock, in 15 turns, or in fewer that come to 0.6 seconds; all combinations take turns, in
#' shuffled order, so that a change of the machine's pace meets all of them. Starting threads and allocating memory are
#' not part of the time.
#'
#' In the same turns `benchmark_threading()` also times the plain loop, and, of the longest runs, as many plain loops at
#' once as threads, each in a thread of its own with nothing shared. Threads can hardly gain more than those: where
#' they gain less than cores were counted, as on virtual machines whose cores are threads of one physical core, the
#' machine is the limit and not the model. Summaries and plots use both.
#'
#' More cores than the machine has are measured too; a message says so, and summaries and plots mark them. R's own
#' generator of random numbers is left alone.
#'
#' Ctrl-C keeps the combinations that have been timed at least once: they are returned with a warning of class
#' `skein_interrupted` in an interactive session. A script stops with an error of this class, in whose element `result`
#' they are.
#'
#' @param model A fit of [brm()] with draws and warm-up.
#' @param cores Numbers of threads of the chain, whole numbers of at least 1.
#' @param grainsize Numbers of rows that one task takes at least, whole numbers from 1 to the number of rows. Tasks are
#'   made of whole tiles of some 256 rows (see [summary.skeinbenchmark()] for what comes of it).
#' @param iter Iterations of a run, whole numbers of at least 2.
#' @param static Accepted for scripts' sake. Sums are always static.
#' @param init Starting point of the runs: 0 stands for the model's first draw; anything else is understood as by
#'   [brm()], for one chain.
#'
#' @return Data frames of class `skeinbenchmark`. `benchmark_threading()`: one row for each combination, in the order of
#'   [expand.grid()], and columns `cores`, `grainsize`, `iter`, `num_leapfrog` (leapfrog steps of one run) and `runtime`
#'   (seconds of one run, the median). `benchmark_reference()`: one row for each number of iterations and columns
#'   `num_leapfrog`, `runtime` and `iter`. Attribute `spread` is a data frame with as many rows: `runs` (how many were
#'   timed), `lower` and `upper` (quartiles of their seconds). Studies of threads have two more: `reference`, what
#'   `benchmark_reference()` would return, and `independent`, a data frame of the runs at once with columns `cores`,
#'   `iter`, `num_leapfrog` and `runtime` (seconds until the slowest was done, by their number). Any subset is a plain
#'   data frame.
#'
#' @examples
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' benchmark_threading(fit, cores = 1:2, grainsize = c(59, 236), iter = 10)
#' benchmark_reference(fit, iter = 10)
#' @export
benchmark_threading <- function(model, cores = 1, grainsize = 1, iter = 100, static = FALSE) {
  start <- benchmark_start(model)
  cores <- check_benchmark_values(cores, "cores", min = 1)
  grainsize <- check_benchmark_values(grainsize, "grainsize", min = 1)
  check_grainsize_rows(grainsize, start$n_rows)
  iter <- check_benchmark_values(iter, "iter", min = 2)
  check_flag(static, "static")
  grid <- expand.grid(cores = cores, grainsize = grainsize, iter = iter, KEEP.OUT.ATTRS = FALSE)
  machine <- machine_info()
  tell_cores_missing(cores, machine)
  cases <- study_cases(grid)
  measured <- measure_cases(start, cases)
  finish_study(grid, cases, measured, benchmark_study(start, machine, grid$grainsize))
}

#' @rdname benchmark_threading
#' @export
benchmark_reference <- function(model, iter = 100, init = 0) {
  start <- benchmark_start(model)
  iter <- check_benchmark_values(iter, "iter", min = 2)
  first_draw <- is.numeric(init) && length(init) == 1 && init %in% 0
  if (!first_draw) start$position <- benchmark_init(model, start, init)
  measured <- measure_cases(start, plain_cases(iter))
  result <- cbind(measured[c("num_leapfrog", "runtime")], iter = iter)
  finish_benchmark(result, measured, benchmark_study(start, machine_info()))
}

plain_cases <- function(iter) data.frame(threads = 0, grainsize = 0, iter = iter, copies = 1)

# What a study times in the same turns: the grid; the plain loop of each iter; and, of the longest runs, as many plain
# loops at once as threads, which share nothing: what the machine itself allows.
study_cases <- function(grid) {
  several <- unique(grid$cores[grid$cores > 1])
  rbind(
    data.frame(
      part = "grid", threads = grid$cores, grainsize = grid$grainsize, iter = grid$iter, copies = 1
    ),
    cbind(part = "reference", plain_cases(unique(grid$iter))),
    if (length(several)) {
      data.frame(part = "independent", threads = 0, grainsize = 0, iter = max(grid$iter), copies = several)
    }
  )
}

# The grid's result with the two other parts as attributes, each with what was timed before an interrupt came.
finish_study <- function(grid, cases, measured, study, interactive = base::interactive()) {
  part <- function(name) rows_of_measured(measured, cases$part == name)
  reference <- part("reference")
  plain <- study
  plain["chunks"] <- list(NULL)
  timed <- !is.na(reference$runtime)
  attr(reference, "interrupted") <- FALSE
  own <- if (any(timed)) {
    finish_benchmark(cbind(reference[c("num_leapfrog", "runtime")], iter = reference$iter), reference, plain)
  }
  independent <- part("independent")
  timed <- !is.na(independent$runtime)
  limits <- independent[timed, c("copies", "iter", "num_leapfrog", "runtime")]
  names(limits)[1] <- "cores"
  rownames(limits) <- NULL
  attr(limits, "turns") <- attr(independent, "turns")[timed]
  body <- part("grid")
  finish_benchmark(cbind(grid, body[c("num_leapfrog", "runtime")]), body, study, interactive,
    parts = list(reference = own, independent = limits)
  )
}

rows_of_measured <- function(measured, rows) {
  structure(measured[rows, ], turns = attr(measured, "turns")[rows], interrupted = attr(measured, "interrupted"))
}

check_benchmark_values <- function(x, name, min) {
  fine <- is.numeric(x) && length(x) > 0 && all(is.finite(x)) && all(x == floor(x))
  if (!fine) {
    hint <- if (is.numeric(x) && all(is.finite(x))) c(i = "{.fn round} or {.fn ceiling} makes them whole.")
    skein_stop(c("{.arg {name}} must be whole numbers of at least {min}, not {describe_values(x)}.", hint))
  }
  if (any(x < min)) {
    skein_stop("{.arg {name}} must be whole numbers of at least {min}; one is {x[x < min][1]}.")
  }
  as.double(x)
}

describe_values <- function(x) {
  if (is.numeric(x) && length(x) > 1) paste(format(x), collapse = ", ") else describe_value(x)
}

check_grainsize_rows <- function(grainsize, n_rows) {
  over <- grainsize > n_rows
  if (any(over)) {
    skein_stop(c(
      "{.arg grainsize} must be at most the number of rows, {n_rows}; one is {grainsize[over][1]}.",
      i = "{.code grainsize = {n_rows}} makes one task of all rows."
    ))
  }
}

# Where all runs of a model begin and how they go: density, position, step size, metric and settings of the sampler.
benchmark_start <- function(model) {
  check_benchmark_model(model)
  sampling <- model$fit
  settings <- sampling$settings
  defaults <- sampler_defaults()
  one <- function(name) if (is.null(settings[[name]])) defaults[[name]] else settings[[name]]
  warmup <- extract_warmup_info(model)
  list(
    density = density_of(model), position = sampling$positions$first_draw[, 1], n_rows = model$frame$n_rows,
    formula = model$formula, family = model$family,
    settings = list(
      seed = benchmark_seed, stepsize = warmup$step_size[[1]], inverse_metric = as.double(warmup$inv_metric[[1]]),
      metric = one("metric"), max_treedepth = one("max_treedepth"), stepsize_jitter = one("stepsize_jitter")
    )
  )
}

benchmark_seed <- 1234

check_benchmark_model <- function(model) {
  if (!inherits(model, "skeinfit")) {
    skein_stop("{.arg model} must be a fit of skein's {.fn brm}, not {describe_value(model)}.")
  }
  settings <- model$fit$settings
  adapted <- settings$chains > 0 && (settings$warmup > 0 || "stepsize" %in% names(model$arguments$settings))
  if (!adapted || is.null(model$fit$positions)) {
    skein_stop(c(
      "{.arg model} has no warm-up information: its step size and metric were never adapted.",
      i = "Fit it with chains and warm-up, as in {.code update(model, chains = 1, iter = 500)}."
    ))
  }
}

# A position from init as brm() takes it; what is random in it comes from a stream of the benchmark's seed.
benchmark_init <- function(model, start, init) {
  run <- list(chains = 1, first_chain = 1, init_radius = sampler_defaults()$init_radius)
  given <- init_positions(init, run, start$density, init_model(model))
  position <- given$positions[, 1]
  random <- with_pinned_seed(benchmark_seed, stats::runif(length(position), -given$radius, given$radius))
  ifelse(is.na(position), random, position)
}

tell_cores_missing <- function(cores, machine) {
  over <- as.character(cores[cores > machine$usable])
  if (length(over)) {
    skein_inform(c(
      "{.arg cores} of {over} {?is/are} more than the {machine$usable} that this machine gives.",
      i = "They are measured all the same, and marked."
    ), class = "skein_cores")
  }
}

# What summaries and captions say of a study. `chunks`: for each row, the tasks that its grainsize really makes.
benchmark_study <- function(start, machine, grainsize = NULL) {
  list(
    n_rows = start$n_rows, family = start$family$family, machine = machine, date = Sys.Date(), skein = skein_version(),
    chunks = if (!is.null(grainsize)) regression_tasks(start$density, grainsize)
  )
}

# The data frame `result` with its attributes, cut to the cases that were timed if an interrupt came before the others.
# `parts`: further attributes, for which see study_parts.
finish_benchmark <- function(result, measured, study, interactive = base::interactive(), parts = NULL) {
  done <- !is.na(measured$runtime)
  interrupted <- isTRUE(attr(measured, "interrupted"))
  if (interrupted && !any(done)) signal_interrupt(interactive)
  study["chunks"] <- list(study$chunks[done])
  spread <- measured[done, c("runs", "lower", "upper")]
  turns <- attr(measured, "turns")[done]
  result <- result[done, , drop = FALSE]
  rownames(result) <- rownames(spread) <- NULL
  result <- structure(result, class = c("skeinbenchmark", "data.frame"), spread = spread, study = study, turns = turns)
  for (name in names(parts)) attr(result, name) <- parts[[name]]
  if (interrupted) report_interrupted(result, length(done), interactive)
  result
}

report_interrupted <- function(result, n_cases, interactive) {
  message <- "The benchmark was interrupted: {nrow(result)} of {n_cases} combination{?s} were timed and are kept."
  if (interactive) {
    skein_warn(message, class = "skein_interrupted")
  } else {
    condition <- tryCatch(skein_stop(message, class = "skein_interrupted"), error = identity)
    condition$result <- result
    stop(condition)
  }
}

# Attributes that only a whole study has. turns: for each row, the fastest run of each turn; reference: what
# benchmark_reference() would return, timed in the same turns; independent: runs of the plain loop, as many at once as
# cores (cores, iter, num_leapfrog, runtime: seconds until the last was done by their number; with turns of its own).
study_parts <- c("spread", "study", "turns", "reference", "independent")

# Rows of a study on their own have no spread and no machine: plain data, which other packages' verbs can take apart.
#' @export
`[.skeinbenchmark` <- function(x, ...) plain_benchmark(x)[...]

plain_benchmark <- function(x) {
  for (name in study_parts) attr(x, name) <- NULL
  class(x) <- "data.frame"
  x
}

#' @export
print.skeinbenchmark <- function(x, ...) {
  study <- attr(x, "study")
  cat("Runs of one chain, ", study_text(study), ":\n", sep = "")
  shown <- plain_benchmark(x)
  shown$runtime <- signif(shown$runtime, 3)
  print(shown, ...)
  invisible(x)
}
