# Progress of a run: a live bar on a terminal that can redraw a line, lines like Stan's elsewhere, nothing if quiet.

# A function of the iterations done in each chain, called by the sampler's monitor at least ten times a second, or NULL
# if nothing is to be shown. `clock` returns seconds.
progress_reporter <- function(run, dynamic = cli::is_dynamic_tty(stderr()), clock = seconds_now) {
  if (run$refresh == 0 || run$chains == 0) {
    return(NULL)
  }
  if (dynamic) progress_bar(run, clock) else progress_lines(run, clock)
}

seconds_now <- function() as.double(proc.time()[["elapsed"]])

# A chain reports its first iteration seen, each multiple of refresh it has passed since the last call (the latest
# only), the switch from warm-up to sampling, and its end.
progress_lines <- function(run, clock) {
  shown <- rep(-1, run$chains)
  begun <- rep(NA_real_, run$chains)
  function(done, ...) {
    now <- clock()
    for (k in which(done > 0)) {
      if (is.na(begun[k])) begun[k] <<- now
      mark <- progress_mark(done[k], run)
      if (mark <= shown[k]) next
      shown[k] <<- mark
      left <- time_left(now - begun[k], done[k], run$iter)
      message(progress_line(run$first_chain + k - 1, mark, run, left))
    }
  }
}

# The latest iteration at or before `done` that Stan would report.
progress_mark <- function(done, run) {
  marks <- c(1, floor(done / run$refresh) * run$refresh, run$warmup + 1, run$iter)
  max(marks[marks <= done])
}

progress_line <- function(chain, iteration, run, left = "") {
  width <- nchar(format(run$iter, scientific = FALSE))
  sprintf(
    "Chain %d Iteration: %*.0f / %.0f [%3.0f%%]  (%s)%s", as.integer(chain), width, iteration, run$iter,
    floor(100 * iteration / run$iter), if (iteration <= run$warmup) "Warmup" else "Sampling",
    if (nzchar(left)) paste0("  ", left) else ""
  )
}

# "about 12s left" by the pace so far, or "" where that says little.
time_left <- function(elapsed, done, total) {
  if (done >= total || elapsed < 1) {
    return("")
  }
  paste0("about ", format_seconds(elapsed * (total - done) / done), " left")
}

format_seconds <- function(x) {
  if (x < 60) {
    return(sprintf("%.0fs", x))
  }
  if (x < 3600) {
    return(sprintf("%.0fm %02.0fs", x %/% 60, x %% 60))
  }
  sprintf("%.0fh %02.0fm", x %/% 3600, (x %% 3600) %/% 60)
}

# One bar for all chains, with each chain's share and the time left of the slowest. The bar belongs to `owner`, the
# environment of this function, and is closed when the last iteration is done or by close_progress().
progress_bar <- function(run, clock) {
  owner <- environment()
  begun <- clock()
  # cli evaluates the format in owner, where these are its variables.
  chain_text <- ""
  left_text <- ""
  bar <- cli::cli_progress_bar(
    format = "Sampling {cli::pb_bar} {cli::pb_percent} {chain_text} {left_text}",
    total = run$chains * run$iter, clear = TRUE, auto_terminate = FALSE, .auto_close = FALSE, .envir = owner
  )
  report <- function(done, ...) {
    percent <- floor(100 * done / run$iter)
    warming <- ifelse(done <= run$warmup & done > 0, "w", "")
    numbers <- paste0(run$first_chain + seq_along(done) - 1, ":", percent, "%", warming)
    chain_text <<- if (length(done) <= 8) paste(numbers, collapse = " ") else ""
    busy <- which(done > 0 & done < run$iter)
    slowest <- if (length(busy)) min(done[busy]) else 0
    left_text <<- if (slowest > 0) time_left(clock() - begun, sum(done), run$chains * run$iter) else ""
    cli::cli_progress_update(set = sum(done), id = bar, .envir = owner)
  }
  attr(report, "close") <- function() cli::cli_progress_done(id = bar, .envir = owner)
  report
}

close_progress <- function(reporter) {
  close <- attr(reporter, "close")
  if (!is.null(close)) close()
}

# Reports for runs of many chains: one line for all of them together, about ten in all.
population_reporter <- function(run) {
  if (run$refresh == 0) {
    return(NULL)
  }
  if (run$chains <= 8) {
    return(progress_reporter(run))
  }
  shown <- 0
  function(done, ...) {
    least <- min(done)
    if (least < shown + run$refresh && !(least == run$iter && shown < run$iter)) {
      return(invisible(NULL))
    }
    shown <<- least
    message(sprintf(
      "%d chains, iteration %.0f / %.0f [%3.0f%%]  (%s)", as.integer(run$chains), least, run$iter,
      floor(100 * least / run$iter), if (least <= run$warmup) "Warmup" else "Sampling"
    ))
  }
}
