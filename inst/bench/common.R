# What the benchmarks share: the physical reference, the machine in words, medians with intervals.

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

# The median and the ranks that hold it with 95 % (from the binomial distribution, whatever the times' own).
median_interval <- function(x) {
  x <- sort(x)
  rank <- max(1, stats::qbinom(0.025, length(x), 0.5))
  c(median = stats::median(x), lower = x[rank], upper = x[length(x) + 1 - rank])
}

# Measures all cases by turns: `one(i)` measures case i; each repetition has its own order. repetitions x cases.
by_turns <- function(n_cases, repetitions, one) {
  t(replicate(repetitions, {
    order <- sample(n_cases)
    vapply(order, one, 0)[order(order)]
  }))
}

# Rows of the suite's table from times (repetitions x cases), with ratios of pairs to the case numbered `against`.
summarise_turns <- function(times, labels, unit, against) {
  interval <- t(apply(times, 2, median_interval))
  ratio <- t(apply(times / times[, against], 2, median_interval))
  data.frame(labels,
    median = interval[, 1], lower = interval[, 2], upper = interval[, 3], unit = unit,
    against = labels$case[against], ratio = ratio[, 1], ratio_lower = ratio[, 2], ratio_upper = ratio[, 3]
  )
}
