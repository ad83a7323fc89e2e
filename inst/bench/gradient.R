# One gradient of the toy model against a SIMD exp loop over as many rows, and what chunks and threads cost or gain.
# Rscript inst/bench/gradient.R [repetitions]; needs skein installed and g++. Cases are interleaved and shuffled;
# medians over the repetitions, each of at least 0.2 seconds, with their quartiles.
library(skein)

arguments <- commandArgs(TRUE)
repetitions <- if (length(arguments) > 0L) as.integer(arguments[1]) else 15L
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  for (file in c("common.R", "models.R")) sys.source(file.path(folder, file), envir = globalenv())
})
if (is.null(exp_loop)) stop("exp_limit.cpp needs g++ and AVX2")

# threads 0: the plain loop without a pool.
measure <- function(n) {
  fit <- toy_model(n, chains = 0)
  cases <- data.frame(
    case = c("exp loop", "no pool", "1 thread, 1 chunk", "1 thread, 16 chunks", "2 threads"),
    threads = c(NA, 0, 1, 1, 2), grainsize = c(NA, 0, n, ceiling(n / 16), 0)
  )
  one <- function(i) {
    if (i == 1L) return(exp_loop(n))
    benchmark_gradient(fit, threads = cases$threads[i], grainsize = cases$grainsize[i], times = 1)$median_us
  }
  times <- replicate(repetitions, {
    order <- sample(nrow(cases))
    vapply(order, one, 0)[order(order)]
  })
  plain <- times[2, ]
  data.frame(
    n = n, case = cases$case,
    median_us = apply(times, 1, stats::median),
    lower = apply(times, 1, stats::quantile, 0.25), upper = apply(times, 1, stats::quantile, 0.75),
    ratio_to_exp = apply(sweep(times, 2, times[1, ], "/"), 1, stats::median),
    speedup = apply(sweep(1 / times, 2, plain, "*"), 1, stats::median)
  )
}

set.seed(1)
results <- rbind(measure(1e4), measure(1e6))
writeLines(machine_lines())
print(results, digits = 4, row.names = FALSE)
