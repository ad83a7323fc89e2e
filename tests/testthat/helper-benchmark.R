# A small fit that benchmarks can start from, and studies made up of numbers whose outcome is known.

benchmark_fit <- function() {
  brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 2, iter = 200, seed = 1, refresh = 0)
}

mock_machine <- function(usable = 4, physical = usable) {
  list(name = "Test Processor", physical = physical, logical = 2 * usable, usable = usable)
}

# runtime: seconds by a formula of cores, grainsize and iter; quartiles 10 % below and `spread` times above. plain: the
# same of iter, for the plain loop. allowed: speedup of as many independent runs at once as cores. noise: factors of the
# turns, which all cases of a turn share.
mock_benchmark <- function(cores = 1, grainsize = c(1000, 500, 250), iter = c(10, 20), n_rows = 1000,
                           runtime = function(cores, grainsize, iter) 1e-3 * iter / cores, usable = 4, spread = 1.1,
                           plain = function(iter) 1e-3 * iter, allowed = function(cores) cores, noise = rep(1, 15)) {
  grid <- expand.grid(cores = cores, grainsize = grainsize, iter = iter, KEEP.OUT.ATTRS = FALSE)
  cases <- study_cases(grid)
  seconds <- plain(cases$iter) / allowed(cases$copies)
  seconds[cases$part == "grid"] <- do.call(runtime, grid)
  measured <- data.frame(
    num_leapfrog = 31 * cases$iter, runtime = seconds, runs = 9, lower = 0.9 * seconds, copies = cases$copies,
    iter = cases$iter
  )
  measured$upper <- spread * seconds
  attr(measured, "turns") <- lapply(seconds, function(s) s * noise)
  study <- list(
    n_rows = n_rows, family = "poisson", machine = mock_machine(usable), date = as.Date("2026-01-02"),
    skein = skein_version(), chunks = ceiling(n_rows / grid$grainsize)
  )
  finish_study(grid, cases, measured, study)
}

mock_reference <- function(iter = c(10, 20), seconds = 1e-3 * iter) {
  measured <- data.frame(num_leapfrog = 31 * iter, runtime = seconds, runs = 9, lower = seconds, upper = seconds)
  study <- attr(mock_benchmark(), "study")
  study["chunks"] <- list(NULL)
  finish_benchmark(cbind(measured[c("num_leapfrog", "runtime")], iter = iter), measured, study)
}
