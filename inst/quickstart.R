# Installs what is missing and skein, fits the two models of the threading vignette and prints both summaries, then
# finds out what threads do for the second: a small sweep, its table, and four figures.
# Rscript inst/quickstart.R [folder], from any working directory; the figures go to ./skein-quickstart unless said
# otherwise.
local({
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(script), "installer.R"), envir = globalenv())
})
root <- skein_root()
install_dependencies(root, c("Depends", "Imports", "LinkingTo"))
install_skein(root)

library(skein)
cores <- max(1L, min(4L, parallel::detectCores()), na.rm = TRUE)

fit1 <- brm(count ~ zAge + zBase * Trt + (1 | patient),
  data = epilepsy, family = poisson(),
  chains = 4, cores = cores, seed = 1, refresh = 0
)
print(fit1)

fake <- simulate_toy_poisson()
model_poisson <- brm(y ~ 1 + x1 + x2 + (1 | g),
  data = fake, family = poisson(), iter = 500, chains = 2, cores = min(2L, cores),
  prior = prior(normal(0, 1), class = b) + prior(constant(1), class = sd, group = g),
  threads = threading(2), seed = 1, refresh = 0
)
print(model_poisson)

chunking <- benchmark_threading(model_poisson, cores = 1, grainsize = ceiling(1e4 / 4^(0:3)), iter = c(10, 20))
scaling <- benchmark_threading(model_poisson, cores = seq_len(cores), grainsize = c(250, 1000), iter = 20)
reference <- benchmark_reference(model_poisson, iter = c(10, 20))
print(summary(chunking, reference))
print(summary(scaling, reference))

folder <- c(commandArgs(TRUE), "skein-quickstart")[1]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
figures <- c(
  plot(chunking, reference, plot = FALSE), plot(scaling, reference, type = "cores", plot = FALSE)
)
# R may come without bitmaps.
extension <- if (capabilities("png")) "png" else "pdf"
for (name in names(figures)) {
  file <- file.path(folder, paste0(name, ".", extension))
  ggplot2::ggsave(file, figures[[name]], width = 7, height = 5, dpi = 150)
}
message("Figures: ", paste(names(figures), collapse = ", "), " in ", normalizePath(folder))
