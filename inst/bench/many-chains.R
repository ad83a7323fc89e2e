# Effective draws of a gradient by nuts(), chees_hmc() and meads() on four targets, and the memory of 1024 chains of the
# toy model.
# Rscript inst/bench/many-chains.R; needs skein. Effective draws are the least of all variables', gradients those after
# warm-up; those of warm-up stand beside them, of one chain.
library(skein)
folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
sys.source(file.path(folder, "common.R"), envir = globalenv())

# Scales from 0.1 to 10, neighbours correlated by 0.9.
gaussian_target <- function(d = 100) {
  f <- function(x, s) {
    n <- length(x)
    z <- x / s
    -(z[1]^2 + sum((z[2:n] - 0.9 * z[1:(n - 1)])^2) / (1 - 0.9^2)) / 2
  }
  formals(f)$s <- 10^seq(-1, 1, length.out = d)
  density_r(f, dims = list(x = d))
}

schools_target <- function() {
  data <- list(y = c(28, 8, -3, 7, -1, 1, 18, 12), sigma = c(15, 10, 16, 11, 9, 11, 10, 18))
  density_r(function(mu, log_tau, z, y, sigma) {
    tau <- exp(log_tau)
    dnorm(mu, 0, 5, log = TRUE) + dcauchy(tau, 0, 5, log = TRUE) + log_tau + sum(dnorm(z, log = TRUE)) +
      sum(dnorm(y, mu + tau * z, sigma, log = TRUE))
  }, data = data, init = list(mu = 0, log_tau = 0, z = numeric(8)))
}

logistic_target <- function(n = 1000, d = 25) {
  set.seed(42)
  design <- cbind(1, matrix(stats::rnorm(n * (d - 1)), n))
  y <- stats::rbinom(n, 1, stats::plogis(design %*% stats::rnorm(d, sd = 0.5)))
  density_r(function(b, y, design) {
    sum(dnorm(b, 0, 2, log = TRUE)) + sum(dbinom(y, 1, plogis(design %*% b), log = TRUE))
  }, data = list(y = y, design = design), dims = list(b = d))
}

funnel_target <- function() {
  density_r(function(v, x) dnorm(v, 0, 3, log = TRUE) + sum(dnorm(x, 0, exp(v / 2), log = TRUE)),
    init = list(v = 0, x = numeric(9))
  )
}

measure <- function(target, kernel, chains, draws, warmup, thin = 1) {
  run <- sample_density(target, kernel, chains, draws, warmup, thin = thin, seed = 1, refresh = 0, cores = 2)
  x <- unclass(run$draws)
  ess <- min(apply(x[, , -dim(x)[3]], 3, posterior::ess_bulk))
  steps <- run$diagnostics[, , "n_leapfrog__"]
  sampling <- sum(steps[-seq_len(warmup), ])
  c(
    effective = ess, gradients = sampling, per_1000 = 1000 * ess / sampling,
    of_warmup = (run$cost$gradients - sampling) / chains, seconds = run$cost$wall
  )
}

kernels <- list(
  "nuts()" = function(target) measure(target, nuts(), 4, 1000, 1000),
  "chees_hmc()" = function(target) measure(target, chees_hmc(), 128, 100, 300),
  "meads()" = function(target) measure(target, meads(), 128, 200, 1000, thin = 10)
)
targets <- list(
  "Gaussian, d = 100" = gaussian_target(), "eight schools" = schools_target(), "logistic, d = 25" = logistic_target(),
  "funnel" = funnel_target()
)

writeLines(machine_lines())
for (target in names(targets)) {
  cat("\n", target, "\n", sep = "")
  print(signif(t(vapply(kernels, function(one) one(targets[[target]]), numeric(5))), 3))
}

# A process of its own, whose peak is the run's. Short trajectories and few iterations of warm-up, which converge nowhere,
# take the memory of many, within minutes.
child <- tempfile(fileext = ".R")
writeLines(c(
  paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")"),
  "suppressMessages(library(skein))",
  "data <- simulate_toy_poisson()",
  "peak <- function() as.numeric(gsub('[^0-9]', '', grep('VmHWM', readLines('/proc/self/status'), value = TRUE))) / 1024",
  "before <- peak()",
  "time <- system.time(fit <- suppressWarnings(brm(y ~ 1 + x1 + x2 + x3 + (1 | g), data, poisson(),",
  "  algorithm = chees_hmc(max_steps = 10), chains = 1024, iter = 30, warmup = 10, seed = 1, refresh = 0, cores = 2",
  ")))",
  "sampled <- peak()",
  "rows <- suppressWarnings(summary(fit))",
  "cat(sprintf('%d chains x %d draws of %d variables: %.0f s (CPU %.0f s); peak %.0f MB (%.0f before), with summary() %.0f MB\\n',",
  "  nchains(fit), niterations(fit), nvariables(fit), time[['elapsed']], sum(time[1:2]), sampled, before, peak()))"
), child)
if (file.exists("/proc/self/status")) {
  cat("\nToy model\n")
  system2(file.path(R.home("bin"), "Rscript"), child)
}
