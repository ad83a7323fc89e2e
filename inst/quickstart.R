# Installs what is missing and skein, then fits the two models of the threading vignette and prints both summaries.
# Rscript inst/quickstart.R, from any working directory.
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
