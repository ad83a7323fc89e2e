# The benchmark suite, in one table with machine and date: gradients against a SIMD exp loop, chunks, threads, effective
# draws a second, and brms beside skein where it is installed.
# Rscript inst/bench/suite.R [repetitions] [file]; 15 repetitions and inst/bench/results/suite-DATE.md unless said
# otherwise. Needs skein installed and a quiet machine; about 6 minutes on 2 cores.
library(skein)
arguments <- commandArgs(TRUE)
repetitions <- if (length(arguments) > 0L) as.integer(arguments[1]) else 15L
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  for (file in c("common.R", "models.R", "brms.R")) sys.source(file.path(folder, file), envir = globalenv())
})

header <- machine_lines()
usable <- skein:::machine_info()$usable
many_threads <- unique(c(2^seq_len(max(1, floor(log2(usable)))), usable))
many_threads <- many_threads[many_threads > 1]
set.seed(1)

# One gradient, by chunks and threads, against an exp loop over as many rows.
study_gradient <- function(n) {
  message("Gradient, ", n, " rows")
  fit <- toy_model(n, chains = 0)
  labels <- data.frame(
    study = "gradient", model = "toy", rows = n,
    case = c(
      if (!is.null(exp_loop)) "exp loop", "plain loop", "1 thread, 1 chunk", "1 thread, 16 chunks",
      paste(many_threads, "threads")
    )
  )
  n_first <- nrow(labels) - length(many_threads) - 3
  threads <- c(rep(NA, n_first), 0, 1, 1, many_threads)
  grainsize <- c(rep(NA, n_first), 0, n, ceiling(n / 16), rep(0, length(many_threads)))
  times <- by_turns(nrow(labels), repetitions, function(i) {
    if (is.na(threads[i])) return(exp_loop(n))
    benchmark_gradient(fit, threads[i], grainsize[i], times = 1)$median_us
  })
  summarise_turns(times, labels, "us", n_first + 1)
}

# Runs of 20 iterations from the first draw by the adapted sampler, as benchmark_threading() times them.
study_runs <- function(name, fit, iter = 20) {
  message("Runs: ", name)
  n <- nobs(fit)
  start <- skein:::benchmark_start(fit)
  cases <- data.frame(
    threads = c(0, 1, 1, many_threads), grainsize = c(0, n, ceiling(n / 16), rep(0, length(many_threads))), iter = iter, copies = 1
  )
  labels <- data.frame(
    study = paste("run of", iter, "iterations"), model = name, rows = n,
    case = c("plain loop", "1 thread, 1 chunk", "1 thread, 16 chunks", paste(many_threads, "threads"))
  )
  steps <- NULL
  times <- by_turns(nrow(cases), repetitions, function(i) {
    timed <- skein:::time_benchmark_case(start, cases[i, ], 0.2)
    steps <<- timed$num_leapfrog
    stats::median(timed$seconds)
  })
  out <- summarise_turns(1e6 * times / steps, labels, "us per leapfrog", 1)
  out$study <- paste0(out$study, ", ", steps, " leapfrogs")
  out
}

# The smallest bulk effective sample size of all variables over the seconds of all chains, warm-up included, which run
# one after the other.
study_effective <- function(name, fit) {
  draws <- posterior::as_draws_array(fit)
  varies <- apply(unclass(draws), 3, function(x) diff(range(x)) > 0)
  ess <- min(apply(unclass(draws)[, , varies, drop = FALSE], 3, posterior::ess_bulk))
  rate <- ess / sum(get_elapsed_time(fit))
  data.frame(
    study = "effective draws", model = name, rows = nobs(fit),
    case = paste0(
      nchains(draws), " x ", niterations(draws), " draws, ",
      if (is.null(fit$threads$threads)) "plain loop" else paste(fit$threads$threads, "threads")
    ),
    median = rate, lower = NA, upper = NA, unit = "per second, slowest variable", against = NA, ratio = NA,
    ratio_lower = NA, ratio_upper = NA
  )
}

study_model <- function(name) {
  message("Model: ", name)
  large <- name == "toy 1e6"
  # A million rows take a minute or two to warm up: one chain, and all cores for it.
  fit <- suppressWarnings(if (large) {
    models[[name]](chains = 1, iter = 300, seed = 1, threads = usable)
  } else {
    models[[name]](chains = 4, iter = 1000, seed = 1)
  })
  rbind(study_runs(name, fit, if (large) 4 else 20), study_effective(name, fit))
}

table <- do.call(rbind, c(
  list(study_gradient(1e4), study_gradient(1e6)), lapply(names(models), study_model),
  if (has_current_brms()) list(compare_with_brms(repetitions))
))

notes <- paste0(
  "Medians of ", repetitions, " repetitions by turns in shuffled order, each of at least 0.2 seconds, with 95 % ",
  "intervals of the median; ratios are those of pairs from the same turn."
)
file <- if (length(arguments) > 1L) {
  arguments[2]
} else {
  file.path(bench_folder(), "results", paste0("suite-", format(Sys.Date()), ".md"))
}
dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
shown <- table
numbers <- vapply(shown, is.numeric, NA) & names(shown) != "rows"
shown[numbers] <- lapply(shown[numbers], function(x) ifelse(is.na(x), "", formatC(x, digits = 4, format = "fg")))
shown$against[is.na(shown$against)] <- ""
shown$rows <- format(shown$rows, scientific = FALSE, trim = TRUE)
row <- function(x) paste0("| ", paste(trimws(x), collapse = " | "), " |")
lines <- c(
  "# Benchmark suite", "", paste0("`Rscript inst/bench/suite.R ", repetitions, "`. ", notes), "",
  paste0("- ", header), "", row(names(shown)), row(rep("---", ncol(shown))), apply(shown, 1, row)
)
writeLines(lines, file)
writeLines(lines)
message("Written to ", normalizePath(file))
