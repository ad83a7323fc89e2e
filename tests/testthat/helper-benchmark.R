# A small fit that benchmarks can start from, and studies made up of numbers whose outcome is known.

benchmark_fit <- function() {
  brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 2, iter = 200, seed = 1, refresh = 0)
}

mock_machine <- function(usable = 4, physical = usable) {
  list(name = "Test Processor", physical = physical, logical = 2 * usable, usable = usable)
}

# runtime: seconds by a formula of cores, grainsize and iter; quartiles 10 % below and `spread` times above.
mock_benchmark <- function(cores = 1, grainsize = c(1000, 500, 250), iter = c(10, 20), n_rows = 1000,
                           runtime = function(cores, grainsize, iter) 1e-3 * iter / cores, usable = 4, spread = 1.1) {
  grid <- expand.grid(cores = cores, grainsize = grainsize, iter = iter, KEEP.OUT.ATTRS = FALSE)
  seconds <- do.call(runtime, grid)
  measured <- data.frame(num_leapfrog = 31 * grid$iter, runtime = seconds, runs = 9, lower = 0.9 * seconds)
  measured$upper <- spread * seconds
  study <- list(
    n_rows = n_rows, family = "poisson", machine = mock_machine(usable), date = as.Date("2026-01-02"),
    skein = skein_version(), chunks = ceiling(n_rows / grid$grainsize)
  )
  finish_benchmark(cbind(grid, measured[c("num_leapfrog", "runtime")]), measured, study)
}

mock_reference <- function(iter = c(10, 20), seconds = 1e-3 * iter) {
  measured <- data.frame(num_leapfrog = 31 * iter, runtime = seconds, runs = 9, lower = seconds, upper = seconds)
  study <- attr(mock_benchmark(), "study")
  study["chunks"] <- list(NULL)
  finish_benchmark(cbind(measured[c("num_leapfrog", "runtime")], iter = iter), measured, study)
}
