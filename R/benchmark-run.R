# How the cases of a benchmark are timed: in turns, shuffled, each until enough time has passed.

# Each case runs for this long at least, in this many turns: a median wants repetitions that a passing disturbance does
# not meet all at once. Long runs have fewer turns, lest a study of them take all day.
benchmark_case_seconds <- 0.2
benchmark_turns <- 15
benchmark_most_seconds <- 0.6

# Times the runs of `cases` (threads, of which 0 is the plain loop; grainsize; iter; copies, of which several run at
# once) from `start` and returns them as a data frame with num_leapfrog, runtime (seconds, the median), runs, lower and
# upper (quartiles), NA where an interrupt came first; then attribute interrupted is TRUE. Attribute turns: per case,
# the fastest of each turn. Seconds of copies are those of all by their number. time_case(start, case, seconds) times
# one case.
measure_cases <- function(start, cases, time_case = time_benchmark_case) {
  n <- nrow(cases)
  seconds <- turns <- rep(list(numeric(0)), n)
  found <- data.frame(num_leapfrog = rep(NA_real_, n), fingerprint = rep(NA_character_, n))
  totals <- n_turns <- numeric(n)
  report <- benchmark_reporter(n, n * benchmark_case_seconds)
  on.exit(close_progress(report))
  # On top of this function, so that what was timed when the interrupt came is still there.
  interrupted <- tryCatch(
    {
      for (turn in shuffled_turns(n)) {
        for (i in turn) {
          if (totals[i] >= benchmark_most_seconds) next
          timed <- time_case(start, cases[i, ], benchmark_case_seconds / benchmark_turns)
          if (length(timed$seconds)) {
            found[i, ] <- check_repetition(timed, found[i, ], cases[i, ])
            each <- timed$seconds / cases$copies[i]
            seconds[[i]] <- c(seconds[[i]], each)
            turns[[i]] <- c(turns[[i]], fastest_of_turn(each))
            totals[i] <- cases$copies[i] * sum(seconds[[i]])
          }
          if (timed$interrupted) signalCondition(structure(class = c("interrupt", "condition"), list()))
          n_turns[i] <- n_turns[i] + 1
          report(sum(pmax(n_turns / benchmark_turns, pmin(totals / benchmark_most_seconds, 1))))
        }
      }
      FALSE
    },
    interrupt = function(condition) TRUE
  )
  check_same_draws(found, cases)
  out <- summarise_runs(seconds)
  out <- cbind(cases, num_leapfrog = found$num_leapfrog, out)
  structure(out, interrupted = interrupted, turns = turns)
}

# A list of orders of 1 to n; R's generator is left alone.
shuffled_turns <- function(n) {
  with_pinned_seed(benchmark_seed, lapply(seq_len(benchmark_turns), function(i) sample.int(n)))
}

summarise_runs <- function(seconds) {
  quantile <- function(p) vapply(seconds, function(x) stats::quantile(x, p, names = FALSE, na.rm = TRUE), 0)
  data.frame(runtime = quantile(0.5), runs = lengths(seconds), lower = quantile(0.25), upper = quantile(0.75))
}

# What a case consists of.
timed_as <- c("threads", "grainsize", "iter", "copies")

time_benchmark_case <- function(start, case, seconds) {
  settings <- c(start$settings, list(init = start$position), as.list(case[timed_as]))
  timed <- benchmark_chain(start$density, settings, seconds)
  if (!is.null(timed$failure)) skein_stop("The runs cannot start at the model's first draw: {timed$failure}")
  if (!length(timed$seconds) && !timed$interrupted) {
    skein_stop("The system does not give the {case$copies} threads that were to run at once.")
  }
  timed
}

# Stops unless a case's repetitions agree; returns what identifies them.
check_repetition <- function(timed, before, case) {
  now <- data.frame(num_leapfrog = timed$num_leapfrog, fingerprint = timed$fingerprint)
  same <- timed$repeatable && (is.na(before$fingerprint) || identical(now$fingerprint, before$fingerprint))
  if (!same) stop_draws_differ("Repetitions of {case$iter} iterations on {case$threads} thread{?s} gave other draws.")
  now
}

# Threads and grainsize must change neither the steps nor the bits of the draws.
check_same_draws <- function(found, cases) {
  done <- which(!is.na(found$fingerprint))
  for (same in split(done, cases$iter[done])) {
    first <- same[1]
    other <- same[found$fingerprint[same] != found$fingerprint[first]]
    if (length(other) == 0) next
    label <- function(i) paste(cases$threads[i], "threads and grainsize", cases$grainsize[i])
    iter <- cases$iter[first]
    stop_draws_differ("Runs of {iter} iterations gave other draws with {label(other[1])} than with {label(first)}.")
  }
}

stop_draws_differ <- function(message, envir = parent.frame()) {
  message <- c(message, i = "They must not. Please report this as a bug of skein.")
  skein_stop(message, class = "skein_draws_differ", envir = envir)
}

# A function of the cases done, of `total`: a bar on a terminal that can redraw a line, lines elsewhere, silence in
# knitr and for studies of a moment, of which all take at least `seconds`.
benchmark_reporter <- function(total, seconds, dynamic = cli::is_dynamic_tty(stderr()), clock = seconds_now) {
  if (in_knitr() || seconds < 2) {
    return(function(done) NULL)
  }
  if (dynamic) benchmark_bar(total) else benchmark_lines(total, clock)
}

# At most one line every 2 seconds.
benchmark_lines <- function(total, clock) {
  begun <- said <- clock()
  function(done) {
    now <- clock()
    if (now - said < 2) {
      return(invisible())
    }
    said <<- now
    left <- time_left(now - begun, done, total)
    skein_inform("Benchmark: {floor(100 * done / total)}% done{if (nzchar(left)) paste0(', ', left)}")
  }
}

benchmark_bar <- function(total) {
  owner <- environment()
  bar <- cli::cli_progress_bar(
    format = "Benchmark {cli::pb_bar} {cli::pb_percent} {cli::pb_eta_str}", total = total, clear = TRUE,
    auto_terminate = FALSE, .auto_close = FALSE, .envir = owner
  )
  report <- function(done) cli::cli_progress_update(set = done, id = bar, .envir = owner)
  attr(report, "close") <- function() cli::cli_progress_done(id = bar, .envir = owner)
  report
}
