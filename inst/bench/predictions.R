# posterior_epred() and predict() against brms's, per row and draw, and the memory of summaries of many rows.
# Rscript inst/bench/predictions.R; needs skein and, for the comparison, brms and rstan (no compiler: brms's fit is filled
# with the same draws from a file in CmdStan's format). Medians of 5 runs.
suppressMessages(library(skein))
folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
sys.source(file.path(folder, "common.R"), envir = globalenv())

simulated <- function(n_rows, n_levels = 1000) {
  set.seed(1)
  data.frame(
    y = stats::rpois(n_rows, 2), x1 = stats::rnorm(n_rows), x2 = stats::rnorm(n_rows), x3 = stats::rnorm(n_rows),
    g = rep_len(seq_len(n_levels), n_rows)
  )
}

model <- y ~ x1 + x2 + x3 + (1 | g)

# A fit without sampling whose draws are made up.
filled_skein <- function(data, n_draws) {
  fit <- brm(model, data, poisson(), chains = 0)
  names <- variables(fit)
  draws <- array(stats::rnorm(n_draws * length(names), 0, 0.3), c(n_draws, 1, length(names)), list(NULL, NULL, names))
  draws[, , "sd_g__Intercept"] <- abs(draws[, , "sd_g__Intercept"])
  fit$fit$draws <- draws
  fit$fit$settings[c("chains", "iter", "warmup")] <- list(1, n_draws, 0)
  fit
}

# The same for brms: b, Intercept, sd_1, z_1 and r_1_1 as Stan would write them.
filled_brms <- function(data, fit) {
  theirs <- brms::brm(model, data, stats::poisson(), empty = TRUE)
  draws <- as.matrix(fit)
  n_levels <- length(unique(data$g))
  r <- draws[, grep("^r_g", colnames(draws))]
  columns <- cbind(
    lp__ = draws[, "lp__"], accept_stat__ = 1, stepsize__ = 1, treedepth__ = 1, n_leapfrog__ = 1, divergent__ = 0,
    energy__ = 0, draws[, c("b_x1", "b_x2", "b_x3", "Intercept", "sd_g__Intercept")], r,
    draws[, c("lprior", "b_Intercept")]
  )
  colnames(columns)[-(1:7)] <- c(paste0("b.", 1:3), "Intercept", "sd_1.1", paste0("r_1_1.", seq_len(n_levels)), "lprior",
    "b_Intercept")
  file <- tempfile(fileext = ".csv")
  header <- c(
    "# stan_version_major = 2", "# stan_version_minor = 26", "# stan_version_patch = 0", "# model = m", "# method = sample",
    "#   sample", paste0("#     num_samples = ", nrow(columns)), "#     num_warmup = 0", "#     save_warmup = 0",
    "#     thin = 1", "#     adapt", "#       engaged = 0", "#     algorithm = hmc", "#       hmc", "#         engine = nuts",
    "#         metric = diag_e", "# id = 1", "# random", "#   seed = 1", "# output"
  )
  writeLines(c(header, paste(colnames(columns), collapse = ",")), file)
  utils::write.table(columns, file, append = TRUE, sep = ",", row.names = FALSE, col.names = FALSE)
  theirs$fit <- rstan::read_stan_csv(file)
  brms::rename_pars(theirs)
}

median_seconds <- function(code, times = 5) {
  code <- substitute(code)
  frame <- parent.frame()
  stats::median(vapply(seq_len(times), function(i) {
    gc()
    system.time(eval(code, frame))[["elapsed"]]
  }, 0))
}

writeLines(machine_lines())
n_draws <- 1000
fit <- filled_skein(simulated(1e5), n_draws)
for (threads in c(1, 2)) {
  seconds <- median_seconds(posterior_epred(fit, cores = threads))
  cat("skein, 1e5 rows x 1000 draws, threads ", threads, ": ", signif(1e9 * seconds / 1e8, 3), " ns per row and draw\n",
    sep = "")
}
if (nzchar(system.file(package = "brms")) && nzchar(system.file(package = "rstan"))) {
  # Fewer rows: brms holds several matrices of rows x draws.
  small <- simulated(2e4)
  ours <- filled_skein(small, n_draws)
  theirs <- filled_brms(small, ours)
  stopifnot(all.equal(posterior_epred(ours), unname(brms::posterior_epred(theirs)), check.attributes = FALSE))
  seconds <- c(
    skein = median_seconds(posterior_epred(ours)), brms = median_seconds(brms::posterior_epred(theirs))
  )
  cat("2e4 rows x 1000 draws, one thread, ns per row and draw:", signif(1e9 * seconds / 2e7, 3), "\n")
  cat("brms / skein:", signif(seconds[["brms"]] / seconds[["skein"]], 3), "\n")
  seconds <- c(skein = median_seconds(predict(ours)), brms = median_seconds(stats::predict(theirs), 1))
  cat("predict(), the same, ns per row and draw:", signif(1e9 * seconds / 2e7, 3), "\n")
  cat("brms / skein:", signif(seconds[["brms"]] / seconds[["skein"]], 3), "\n")
}
# Summaries: results alone take memory.
many <- simulated(1e6)
for (what in c("fitted", "predict")) {
  gc(reset = TRUE)
  before <- sum(gc()[, 2])
  seconds <- system.time(summary <- get(what)(fit, newdata = many, cores = 2))[["elapsed"]]
  peak <- sum(gc()[, 6])
  cat(what, ", 1e6 rows x 1000 draws, 2 threads: ", signif(seconds, 3), " s, at most ", round(peak - before), " MB more\n",
    sep = "")
}
