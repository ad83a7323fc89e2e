# The benchmark suite, in one table with machine and date: gradients against a SIMD exp loop, chunks, threads, effective
# draws a second, and brms beside skein where it is installed.
# Rscript inst/bench/suite.R [repetitions] [file]; 15 repetitions and inst/bench/results/suite-DATE.md unless said
# otherwise. Needs skein installed and a quiet machine; about 4 minutes on 2 cores.
library(skein)
arguments <- commandArgs(TRUE)
repetitions <- if (length(arguments) > 0L) as.integer(arguments[1]) else 15L
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  for (file in c("common.R", "models.R", "brms.R")) sys.source(file.path(folder, file), envir = globalenv())
})

header <- machine_lines()
many_threads <- threads_of_machine()
set.seed(1)

# Runs from the first draw by the adapted sampler, as benchmark_threading() times them.
study_runs <- function(name, fit) {
  message("Runs: ", name)
  n <- nobs(fit)
  start <- skein:::benchmark_start(fit)
  cases <- thread_cases(n, many_threads)
  cases$iter <- short_iter(start, cases[1, ])
  steps <- NULL
  times <- by_turns(nrow(cases), repetitions, function(i) {
    timed <- skein:::time_benchmark_case(start, cases[i, ], turn_seconds)
    steps <<- timed$num_leapfrog
    min(timed$seconds) / cases$copies[i]
  })
  study <- paste0("run of ", cases$iter[1], " iterations, ", steps, " leapfrogs")
  summarise_turns(1e6 * times / steps, cbind(study = study, model = name, rows = n, cases), "us per leapfrog")
}

# The most iterations whose runs are as short as a batch may be, twice.
short_iter <- function(start, case) {
  for (iter in c(20, 10, 5)) {
    seconds <- min(skein:::time_benchmark_case(start, cbind(case, iter = iter), turn_seconds)$seconds)
    if (seconds < 2 * batch_seconds) return(iter)
  }
  2
}

# The smallest bulk effective sample size of all variables over the seconds of all chains, warm-up included, which run
# one after the other.
study_effective <- function(name, fit) {
  draws <- unclass(posterior::as_draws_array(fit))
  varies <- apply(draws, 3, function(x) diff(range(x)) > 0)
  ess <- min(without_caps(apply(draws[, , varies, drop = FALSE], 3, posterior::ess_bulk)))
  rate <- ess / sum(get_elapsed_time(fit))
  data.frame(
    study = "effective draws", model = name, rows = nobs(fit),
    case = paste0(nchains(fit), " x ", niterations(fit), " draws, plain loop"),
    time = formatC(rate, digits = 4, format = "fg"),
    unit = "per second, slowest variable", ratio = "", speedup = "", allowed = "", efficiency = ""
  )
}

# posterior warns of each variable whose draws are so antithetic that it caps their effective number; the slowest, which
# is asked for, is none of them.
without_caps <- function(code) {
  withCallingHandlers(code, warning = function(condition) {
    if (grepl("has been capped", conditionMessage(condition))) invokeRestart("muffleWarning")
  })
}

study_model <- function(name) {
  message("Model: ", name)
  if (name == "toy 1e6") {
    # With 100,000 groups a proper warm-up takes minutes. A step costs the same wherever it goes: a small step size that
    # makes trees of 31 will do.
    fit <- suppressWarnings(models[[name]](
      chains = 1, iter = 4, warmup = 2, seed = 1, init = 0, max_treedepth = 5, step_size = 2e-4, adapt_engaged = FALSE
    ))
    return(study_runs(name, fit))
  }
  fit <- suppressWarnings(models[[name]](chains = 4, iter = 1000, seed = 1))
  rbind(study_runs(name, fit), study_effective(name, fit))
}

table <- do.call(rbind, c(
  list(study_gradient(1e4, repetitions, many_threads), study_gradient(1e6, repetitions, many_threads)),
  lapply(names(models), study_model),
  if (has_current_brms()) list(compare_with_brms(repetitions))
))

file <- if (length(arguments) > 1L) {
  arguments[2]
} else {
  file.path(bench_folder(), "results", paste0("suite-", format(Sys.Date()), ".md"))
}
dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
lines <- c(
  "# Benchmark suite", "", paste0("`Rscript inst/bench/suite.R ", repetitions, "`. ", turns_note(repetitions)), "",
  paste0("- ", header), "", table_lines(table)
)
writeLines(lines, file)
writeLines(lines)
message("Written to ", normalizePath(file))
