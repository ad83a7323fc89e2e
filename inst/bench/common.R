# What the benchmarks share: the physical reference, the machine in words, cases that take turns, tables of their
# ratios.

# The folder of the script that Rscript runs.
bench_folder <- function() dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

# A function of the number of rows that returns microseconds of a SIMD exp over as many doubles; NULL where
# exp_limit.cpp does not compile (it is written for AVX2).
exp_loop <- local({
  binary <- tempfile("exp-limit-")
  source <- file.path(bench_folder(), "exp_limit.cpp")
  arguments <- c("-O3", "-mavx2", "-mfma", "-o", binary, shQuote(source))
  built <- nzchar(Sys.which("g++")) && system2("g++", arguments, stderr = FALSE) == 0L
  if (built) function(n) as.numeric(system2(binary, format(n, scientific = FALSE), stdout = TRUE))
})

# Lines that say what numbers belong to.
machine_lines <- function() {
  machine <- skein:::machine_info()
  commit <- suppressWarnings(tryCatch(
    system2("git", c("-C", shQuote(bench_folder()), "rev-parse", "--short", "HEAD"), stdout = TRUE, stderr = FALSE),
    error = function(e) character(0)
  ))
  c(
    paste0("Machine: ", machine$name, ", ", machine$physical, " physical cores, ", machine$logical, " logical, ",
      machine$usable, " usable; ", Sys.info()[["sysname"]]),
    paste0("Instruction set: ", skein:::instruction_set_in_force()),
    paste0("skein ", utils::packageVersion("skein"), if (length(commit) == 1L) paste0(", commit ", commit), "; R ",
      getRversion()),
    paste0("Date: ", format(Sys.time(), "%Y-%m-%d %H:%M", tz = "UTC"), " UTC; load at the start: ", load_average())
  )
}

load_average <- function() {
  text <- tryCatch(readLines("/proc/loadavg", n = 1), error = function(e) "unknown")
  sub(" .*", "", text)
}

# The machine's pace changes within seconds, and other programs only ever add time. So cases take many short turns: a
# repetition is some 0.2 seconds of each case, in so many turns.
turns_per_repetition <- 5
turn_seconds <- 0.04

# A busy system takes the core away every 3 milliseconds or so: batches must be shorter for one to be undisturbed.
batch_seconds <- 0.001

# For tables: how their numbers come about.
turns_note <- function(repetitions) {
  paste0(
    "Cases take turns in shuffled order: ", repetitions * turns_per_repetition, " turns, of which each times a case ",
    "for ", 1000 * turn_seconds, " ms at least, in short batches or runs. A turn's time is its fastest batch, since ",
    "other programs only ever add time. Times are medians over turns; ratios are medians of the ratios of the same ",
    "turn, in which the machine's pace of that moment cancels; in brackets 95 % intervals of these medians from the ",
    "binomial distribution. `speedup` is that of threads over the plain loop; `allowed` that of as many plain loops ",
    "at once, each in a thread of its own and with nothing shared (a round ends with the slowest), over one alone: ",
    "what the machine gave at that moment; `efficiency` is the ratio of the two."
  )
}

# Times all cases by turns: `one(i)` times case i; each turn has its own order. turns x cases.
by_turns <- function(n_cases, repetitions, one) {
  t(replicate(repetitions * turns_per_repetition, {
    order <- sample(n_cases)
    vapply(order, one, 0)[order(order)]
  }))
}

# "16.2 (16.1 to 16.4)" from a ratio with its interval.
with_interval <- function(ratio) {
  number <- function(x) sub("\\.$", "", formatC(signif(x, 3), digits = 3, format = "fg", flag = "#"))
  if (is.na(ratio[["lower"]])) number(ratio[["ratio"]]) else paste0(
    number(ratio[["ratio"]]), " (", number(ratio[["lower"]]), " to ", number(ratio[["upper"]]), ")"
  )
}

# Rows of a table from times (turns x cases). `labels`: study, model, rows, case, and for each case `threads` and
# `copies` (NA where that says nothing); ratios are those to the plain loop, the case without threads and copies, or to
# the first.
summarise_turns <- function(times, labels, unit) {
  pair <- function(i, j) if (length(i) == 1 && length(j) == 1) {
    with_interval(skein:::paired_ratio(times[, i], times[, j]))
  } else ""
  against <- c(which(labels$threads == 0 & labels$copies == 1), 1)[1]
  rows <- seq_len(nrow(labels))
  limit <- lapply(rows, function(i) which(labels$copies > 1 & labels$copies == labels$threads[i]))
  data.frame(
    labels[c("study", "model", "rows", "case")],
    time = vapply(rows, function(i) with_interval(skein:::paired_ratio(times[, i], rep(1, nrow(times)))), ""),
    unit = unit, ratio = vapply(rows, function(i) if (i == against) "" else pair(i, against), ""),
    speedup = vapply(rows, function(i) if (length(limit[[i]])) pair(against, i) else "", ""),
    allowed = vapply(rows, function(i) pair(rep(against, length(limit[[i]])), limit[[i]]), ""),
    efficiency = vapply(rows, function(i) pair(limit[[i]], rep(i, length(limit[[i]]))), "")
  )
}

# Cases of a study: the plain loop, one thread with one chunk and with 16, more threads, and as many plain loops at
# once.
thread_cases <- function(n, many_threads) {
  data.frame(
    case = c(
      "plain loop", "1 thread, 1 chunk", "1 thread, 16 chunks", paste(many_threads, "threads"),
      paste(many_threads, "plain loops at once")
    ),
    threads = c(0, 1, 1, many_threads, 0 * many_threads), copies = c(1, 1, 1, 0 * many_threads + 1, many_threads),
    grainsize = c(0, n, ceiling(n / 16), 0 * many_threads, 0 * many_threads)
  )
}

# One gradient of the toy model, by chunks and threads, against an exp loop over as many rows.
study_gradient <- function(n, repetitions, many_threads) {
  message("Gradient, ", n, " rows")
  fit <- toy_model(n, chains = 0)
  density <- skein:::density_of(fit)
  position <- skein:::benchmark_position(fit, density)
  cases <- thread_cases(n, many_threads)
  by_exp <- data.frame(case = "exp loop", threads = NA, copies = NA, grainsize = NA)
  if (!is.null(exp_loop)) cases <- rbind(cases, by_exp)
  times <- by_turns(nrow(cases), repetitions, function(i) {
    if (is.na(cases$threads[i])) return(exp_loop(n))
    min(skein:::time_gradient_case(density, position, cases[i, ], turn_seconds / batch_seconds, turn_seconds))
  })
  summarise_turns(times, cbind(study = "gradient", model = "toy", rows = n, cases), "us")
}

# Lines of a table in Markdown.
table_lines <- function(table) {
  table$rows <- format(table$rows, scientific = FALSE, trim = TRUE)
  row <- function(x) paste0("| ", paste(trimws(x), collapse = " | "), " |")
  c(row(names(table)), row(rep("---", ncol(table))), apply(table, 1, row))
}

# Numbers of threads to try: powers of two up to the machine's cores, and all of these.
threads_of_machine <- function() {
  usable <- skein:::machine_info()$usable
  threads <- unique(c(2^seq_len(max(1, floor(log2(usable)))), usable))
  threads[threads > 1]
}
