# What schedules cost: trees that vary tenfold on few rows and on many, and the example of many-chains with and without
# the reduction to sufficient statistics, in one table with machine and date.
# Rscript inst/bench/schedules.R [repetitions] [file]; 3 repetitions (15 turns) and
# inst/bench/results/schedules-DATE.md unless said otherwise. Needs skein installed and a quiet machine; two minutes.
library(skein)
arguments <- commandArgs(TRUE)
repetitions <- if (length(arguments) > 0L) as.integer(arguments[1]) else 3L
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  sys.source(file.path(folder, "common.R"), envir = globalenv())
})

header <- machine_lines()
schedules <- c("async", "parallel", "lockstep")

# Three groups whose means are known too little: their spread is anything between far below 1 and far above, and a fixed
# step needs few steps in the narrow neck and hundreds in the wide body.
vague_groups <- function(rows) {
  set.seed(2)
  group <- sort(rep_len(1:3, rows))
  y <- round(stats::rlogis(rows, 0, 20), 1)
  density_r(
    function(log_spread, mean) {
      dnorm(log_spread, 0, 3, log = TRUE) + sum(dnorm(mean, 0, exp(log_spread), log = TRUE)) +
        sum(dlogis(y, mean[group], 20, log = TRUE))
    },
    init = list(log_spread = 0, mean = rep(0.5, 3))
  )
}

# A row for each case (columns of `labels`): seconds and their ratio to the first case's in the same turn, both medians
# over turns with intervals; draws a second and microseconds a gradient at the median.
schedule_rows <- function(times, labels, draws, gradients, lanes_filled) {
  median <- apply(times, 2, stats::median)
  short <- function(x) ifelse(is.na(x), "", format(signif(x, 3), trim = TRUE, drop0trailing = TRUE, scientific = FALSE))
  pairs <- function(against) apply(times, 2, function(x) with_interval(skein:::paired_ratio(x, against)))
  data.frame(labels,
    seconds = pairs(rep(1, nrow(times))), ratio = pairs(times[, 1]), draws_per_second = short(draws / median),
    us_per_gradient = short(1e6 * median / gradients), lanes_filled = short(lanes_filled)
  )
}

# The schedules' times by turns, and the draws they share.
study_schedules <- function(density, rows, step_size, draws) {
  message("Schedules, ", rows, " rows")
  kernel <- nuts(step_size = step_size, adapt = FALSE)
  runs <- list()
  times <- by_turns(length(schedules), repetitions, function(i) {
    once <- function(k) sample_density(density, kernel, 64, draws, schedule = schedules[i], cores = 1, seed = 1, refresh = 0)
    two <- lapply(1:2, once)
    runs[[schedules[i]]] <<- two[[1]]
    min(two[[1]]$cost$wall, two[[2]]$cost$wall)
  })
  for (run in runs) stopifnot(identical(run$draws, runs[[1]]$draws))
  steps <- runs[[1]]$diagnostics[, , "n_leapfrog__"]
  between <- abs(log(steps[-1, ] / steps[-nrow(steps), ]))
  labels <- data.frame(study = "64 chains, 1 core", rows = rows, case = schedules)
  filled <- vapply(runs[schedules], function(run) run$cost$lanes_filled, 0)
  table <- schedule_rows(times, labels, 64 * draws, runs[[1]]$cost$gradients, filled)
  q <- stats::quantile(steps, c(0.1, 0.5, 0.9))
  trees <- sprintf(
    paste(
      "%s rows: steps of a draw have deciles %g and %g (a ratio of %.0f), median %g, at most %g; the next draw's differ by",
      "a factor of %.1f in the median and of 10 or more in %.1f %%."
    ), format(rows), q[1], q[3], q[3] / q[1], q[2], max(steps), exp(stats::median(between)), 100 * mean(between >= log(10))
  )
  list(table = table, trees = trees)
}

# The example's run: 4 chains of 2000 draws at a step of 1e-3, some millions of gradients.
study_example <- function(cores) {
  message("The example of many-chains, ", cores, " cores")
  set.seed(1)
  observed <- stats::rnorm(1000, 10, 20)
  logdensity <- function(loc, log_scale) log_scale + sum(dnorm(observed, loc, exp(log_scale), log = TRUE))
  init <- list(loc = 1, log_scale = 1)
  reduced <- density_r(logdensity, init = init)
  cases <- data.frame(
    schedule = c(schedules, "parallel"), draws = c(2000, 2000, 2000, 200), reduced = c(TRUE, TRUE, TRUE, FALSE)
  )
  densities <- list(reduced, reduced, reduced, density_r(logdensity, init = init, reduce = FALSE))
  slow_nuts <- nuts(step_size = 1e-3, inverse_metric = c(0.5, 0.01), adapt = FALSE)
  gradients <- NULL
  times <- by_turns(nrow(cases), repetitions, function(i) {
    run <- sample_density(densities[[i]], slow_nuts, 4, cases$draws[i],
      schedule = cases$schedule[i], cores = cores, seed = 1, refresh = 0
    )
    gradients[i] <<- run$cost$gradients
    run$cost$wall
  })
  # The rows one by one take more than ten times as long: of their draws a tenth is run.
  times[, !cases$reduced] <- times[, !cases$reduced] * gradients[1] / gradients[!cases$reduced]
  labels <- data.frame(
    study = paste0("4 chains, 2000 draws, ", cores, if (cores > 1) " cores" else " core"), rows = 1000,
    case = paste0(cases$schedule, ifelse(cases$reduced, ", sufficient statistics", ", row by row (from 200 draws)"))
  )
  schedule_rows(times, labels, 8000, gradients[1], NA)
}

few <- study_schedules(vague_groups(15), 15, 0.1, 300)
many <- study_schedules(vague_groups(1000), 1000, 0.1, 60)
table <- do.call(rbind, c(list(few$table, many$table), lapply(unique(c(1, min(2, skein_info()$cores))), study_example)))

file <- if (length(arguments) > 1L) {
  arguments[2]
} else {
  file.path(bench_folder(), "results", paste0("schedules-", format(Sys.Date()), ".md"))
}
dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
lines <- c(
  "# Schedules of many chains", "",
  paste0(
    "`Rscript inst/bench/schedules.R ", repetitions, "`. Medians of ", repetitions * turns_per_repetition, " turns, each ",
    "a run of every case in shuffled order (of 64 chains the faster of two), with 95 % intervals of the medians; ratios ",
    "are those of times in the same turn, to the first case's. All schedules gave identical draws."
  ), "",
  paste0("- ", header), paste0("- ", c(few$trees, many$trees)), "",
  table_lines(table)
)
writeLines(lines, file)
writeLines(lines)
message("Written to ", normalizePath(file))
