# What schedules cost: the same chains by each of them, timed.

#' Compare schedules
#'
#' Runs the same chains by several schedules, checks that the draws are the same, and reports what each took.
#'
#' @param density,kernel,init,draws,warmup,cores,threads,seed,... As for [sample_density()].
#' @param chains Numbers of chains to try.
#' @param schedules Schedules to try.
#' @param repetitions Runs of each; the fastest counts.
#'
#' @return A data frame of class `skeinschedules`: one row per number of chains and schedule, with `chains`, `schedule`,
#'   `cores`, `seconds`, `cpu`, `gradients`, `draws_per_second`, `lanes_filled`, `waiting`, and `steps_sd`, the standard
#'   deviation of the leapfrog steps of a draw over their mean. [plot()] draws time by chains. Draws that differ between
#'   schedules are an error.
#' @examples
#' logdensity <- function(x) sum(dnorm(x, log = TRUE))
#' times <- benchmark_schedules(logdensity, nuts(step_size = 0.2, adapt = FALSE),
#'   chains = c(1, 8), draws = 50, init = list(x = c(0, 1)), seed = 1
#' )
#' times
#' @export
benchmark_schedules <- function(density, kernel = nuts(), chains = c(1, 4, 16, 64),
                                schedules = c("lockstep", "parallel", "async"), draws = 200, warmup = NULL, init = NULL,
                                cores = getOption("mc.cores", 1), threads = NULL, seed = NA, repetitions = 1, ...) {
  if (length(chains) == 0) skein_stop("{.arg chains} must hold at least one number of chains.")
  for (n in chains) check_whole_number(n, "chains")
  for (schedule in schedules) check_schedule(schedule)
  repetitions <- check_whole_number(repetitions, "repetitions")
  seed <- check_seed(seed)
  if (is.na(seed)) seed <- sample.int(.Machine$integer.max, 1)
  density <- as_skeindensity(density, first_init(init, density), ...)
  rows <- lapply(chains, function(n) {
    first <- NULL
    do.call(rbind, lapply(schedules, function(schedule) {
      runs <- lapply(seq_len(repetitions), function(k) {
        whole_run(
          sample_density(density, kernel, n, draws, warmup, init, schedule, cores, threads, seed, refresh = 0)
        )
      })
      same <- is.null(first) || identical(runs[[1]]$draws, first)
      if (!same) {
        skein_stop("Schedule {.val {schedule}} gave other draws than {.val {schedules[1]}}: please report this.")
      }
      first <<- runs[[1]]$draws
      schedule_row(runs[[which.min(vapply(runs, function(run) run$cost$wall, 0))]])
    }))
  })
  structure(do.call(rbind, rows), class = c("skeinschedules", "data.frame"))
}

# In a session an interrupted sample_density() gives the draws that it has: too few to compare.
whole_run <- function(run) {
  if (isTRUE(run$interrupted)) skein_stop("The comparison was interrupted.", class = "skein_interrupted")
  run
}

schedule_row <- function(run) {
  steps <- run$diagnostics[, , "n_leapfrog__"]
  data.frame(
    chains = run$settings$chains, schedule = run$settings$schedule, cores = nrow(run$cost$workers),
    seconds = run$cost$wall, cpu = run$cost$cpu, gradients = run$cost$gradients,
    draws_per_second = ndraws(run) / run$cost$wall, lanes_filled = run$cost$lanes_filled, waiting = run$cost$waiting,
    steps_sd = stats::sd(steps) / mean(steps)
  )
}

#' @export
print.skeinschedules <- function(x, digits = 3, ...) {
  print.data.frame(x, digits = digits, row.names = FALSE)
  invisible(x)
}

#' Plot the times of schedules
#'
#' @param x What [benchmark_schedules()] returned.
#' @param y What to plot: `"seconds"`, `"draws_per_second"`, `"lanes_filled"` or `"waiting"`.
#' @param ... Further arguments of [graphics::matplot()].
#' @return `x`, invisibly.
#' @export
plot.skeinschedules <- function(x, y = "seconds", ...) {
  y <- check_one_of(y, c("seconds", "draws_per_second", "lanes_filled", "waiting"), "y")
  schedules <- unique(x$schedule)
  chains <- sort(unique(x$chains))
  values <- vapply(schedules, function(s) x[[y]][match(paste(chains, s), paste(x$chains, x$schedule))],
    numeric(length(chains)))
  log_axes <- if (y %in% c("seconds", "draws_per_second")) "xy" else "x"
  colours <- c("#1b6ca8", "#d1603d", "#3a7d44", "#6b4e9b")[seq_along(schedules)]
  graphics::matplot(chains, matrix(values, length(chains)),
    type = "b", pch = 16, lty = 1, col = colours, log = log_axes, xlab = "chains", ylab = gsub("_", " ", y),
    xaxt = "n", ...
  )
  graphics::axis(1, at = chains)
  graphics::legend("topleft", schedules, col = colours, lty = 1, pch = 16, bty = "n")
  invisible(x)
}
