# How far threads carry one chain: the study of vignette("within-chain-threads") on all cores of a larger machine, for
# the toy model of 1e4, 1e5 and 1e6 rows.
# Rscript inst/bench/cores.R [cores] [folder]; all usable cores and inst/bench/results unless said otherwise. Writes
# cores-DATE.md and, for the vignette, cores-DATE.csv. Needs skein installed and a quiet machine; about 3 minutes.
library(skein)
arguments <- commandArgs(TRUE)
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  for (file in c("common.R", "models.R")) sys.source(file.path(folder, file), envir = globalenv())
})
cores <- if (length(arguments) > 0L) as.integer(arguments[1]) else skein:::machine_info()$usable
header <- machine_lines()

# A fit whose first draw is where runs begin. With 1e5 groups a proper warm-up takes minutes; a step costs the same
# wherever it goes, so a small step size that makes trees of 31 will do.
fit_of_rows <- function(n) {
  if (n <= 1e5) {
    return(suppressWarnings(toy_model(n, chains = 1, iter = 500, seed = 1, threads = threading(min(4, cores)))))
  }
  suppressWarnings(toy_model(n,
    chains = 1, iter = 4, warmup = 2, seed = 1, init = 0, max_treedepth = 5, step_size = 2e-4, adapt_engaged = FALSE
  ))
}

# One row for each number of cores and grainsize, with the plain loop's time and what as many plain loops gained.
study_rows <- function(n) {
  message("Rows: ", n)
  grains <- list(`10000` = c(250, 500, 1000), `1e+05` = c(1000, 2500), `1e+06` = c(4000, 16000))[[format(n)]]
  study <- benchmark_threading(fit_of_rows(n), seq_len(cores), grains, iter = if (n < 1e6) 10 else 2)
  reference <- attr(study, "reference")
  limits <- attr(study, "independent")
  table <- summary(study)
  plain <- reference$runtime / reference$num_leapfrog
  data.frame(
    rows = n, grainsize = table$grainsize, chunks = table$chunks, cores = table$cores,
    us_per_leapfrog = table$us_per_leapfrog, plain_loop = 1e6 * plain,
    speedup = 1e6 * plain / table$us_per_leapfrog,
    allowed = c(1, plain / (limits$runtime / limits$num_leapfrog))[match(table$cores, c(1, limits$cores))]
  )
}

table <- do.call(rbind, lapply(c(1e4, 1e5, 1e6), study_rows))
folder <- if (length(arguments) > 1L) arguments[2] else file.path(bench_folder(), "results")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
name <- file.path(folder, paste0("cores-", format(Sys.Date())))
shown <- table
for (column in c("us_per_leapfrog", "plain_loop")) {
  shown[[column]] <- formatC(table[[column]], digits = 4, format = "fg")
}
for (column in c("speedup", "allowed")) shown[[column]] <- formatC(table[[column]], digits = 2, format = "f")
lines <- c(
  "# Threads of one chain, by cores", "",
  paste0(
    "`Rscript inst/bench/cores.R ", cores, "`. The toy model (Poisson, ten rows a group), runs of one chain by ",
    "`benchmark_threading()`: us_per_leapfrog is the median of the runs, plain_loop that of the loop without threads ",
    "in the same turns, speedup their ratio; allowed is what as many plain loops at once, each in a thread of its own ",
    "and with nothing shared, gained together."
  ), "",
  paste0("- ", header), "", table_lines(shown)
)
writeLines(lines, paste0(name, ".md"))
table[] <- lapply(table, signif, 4)
writeLines(c(paste0("# ", header), capture.output(utils::write.csv(table, row.names = FALSE))), paste0(name, ".csv"))
writeLines(lines)
