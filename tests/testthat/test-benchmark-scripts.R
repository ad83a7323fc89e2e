# Scripts made for brms's threading vignette (Weber and Buerkner, "Running brms models with within-chain
# parallelization"): its munging and figures, which stand here as users copied them, run on what the benchmarks return.

# The figures' data: rows and columns as printed there.
scripted <- list(
  chunking = function() {
    mock_benchmark(cores = 1, grainsize = ceiling(1e4 / 4^(0:3)), iter = c(10, 20, 40), n_rows = 1e4)
  },
  scaling = function() {
    mock_benchmark(cores = c(1, 2, 4), grainsize = c(1250, 625, 312), iter = 20, n_rows = 1e4)
  }
)

test_that("the munging of chunks and its figures run unchanged", {
  withr::local_package("ggplot2")
  N <- 1e4
  chunking_bench <- transform(
    data.frame(chunks = 4^(0:3)),
    grainsize = ceiling(N / chunks)
  )
  scaling_chunking <- scripted$chunking()
  ref <- mock_reference(iter = c(10, 20, 40))
  expect_identical(scaling_chunking$grainsize[1:4], chunking_bench$grainsize)
  scaling_chunking <- merge(scaling_chunking, chunking_bench, by = "grainsize")
  single_chunk <- transform(
      subset(scaling_chunking, chunks == 1),
      num_leapfrog_single = num_leapfrog, num_leapfrog = NULL,
      runtime_single = runtime, runtime = NULL,
      grainsize = NULL, chunks=NULL
  )
  scaling_chunking <- transform(
      merge(scaling_chunking, single_chunk),
      slowdown = runtime/runtime_single,
      iter = factor(iter),
      runtime_single = NULL
  )
  ref <- transform(ref, iter=factor(iter))
  expect_identical(dim(scaling_chunking), c(12L, 8L))
  expect_setequal(names(scaling_chunking), c(
    "cores", "iter", "grainsize", "num_leapfrog", "runtime", "chunks", "num_leapfrog_single", "slowdown"
  ))
  expect_equal(scaling_chunking$slowdown, rep(1, 12))
  figure <- ggplot(scaling_chunking) +
      aes(chunks, slowdown, colour = iter, shape = iter) +
      geom_line() + geom_point() +
      scale_x_log10(breaks = scaling_chunking$chunks) +
      scale_y_log10(breaks=seq(0.8, 2.5, by=0.1)) +
      ggtitle("Slowdown with increasing number of chunks")
  expect_equal(nrow(ggplot2::layer_data(figure, 2)), 12)
  figure <- ggplot(scaling_chunking) +
      aes(chunks, 1E3 * runtime/num_leapfrog, colour = iter, shape=iter) +
      geom_line() + geom_point() +
      scale_x_log10(breaks = scaling_chunking$chunks) +
      scale_y_log10(breaks=seq(0.1, 2.0, by=0.1)) +
      geom_hline(data=ref, aes(yintercept=1E3 * runtime/num_leapfrog, colour=iter), linetype=I(2)) +
      ggtitle("Time per leapfrog step vs number of chunks",
              "Dashed line is reference model without reduce_sum") +
      ylab("Time per leapfrog step [ms]")
  expect_equal(nrow(ggplot2::layer_data(figure, 3)), 3)
})

test_that("the munging of cores and its figures run unchanged", {
  withr::local_package("ggplot2")
  ref <- transform(mock_reference(iter = c(10, 20, 40)), iter = factor(iter))
  iter_scaling <- 20
  num_cpu <- 2
  num_cpu_logical <- 4
  scaling_cores <- scripted$scaling()
  single_core  <- transform(
      subset(scaling_cores, cores == 1),
      runtime_single = runtime,
      num_leapfrog=NULL, runtime=NULL, cores = NULL
  )
  scaling_cores <- transform(
      merge(scaling_cores, single_core),
      speedup = runtime_single/runtime,
      grainsize = factor(grainsize)
  )
  expect_setequal(names(scaling_cores), c(
    "grainsize", "iter", "cores", "num_leapfrog", "runtime", "runtime_single", "speedup"
  ))
  expect_equal(scaling_cores$speedup, scaling_cores$cores)
  figure <- ggplot(scaling_cores) +
      aes(cores, runtime, shape = grainsize, color = grainsize) +
      geom_vline(xintercept = num_cpu, linetype = 3) +
      geom_line() + geom_point() +
      scale_x_log10(breaks = scaling_cores$cores) +
      scale_y_log10(breaks=seq(0.1, 1.4, by=0.1)) +
      theme(legend.position = c(0.85, 0.8)) +
      geom_hline(data=subset(ref, iter==iter_scaling), aes(yintercept=runtime), linetype=I(2)) +
      ggtitle("Runtime with varying number of cores",
              "Dashed line is reference model without reduce_sum")
  expect_equal(nrow(suppressWarnings(ggplot2::layer_data(figure, 4))), 1)
  figure <- ggplot(scaling_cores) +
      aes(cores, speedup, shape = grainsize, color = grainsize) +
      geom_abline(slope = 1, intercept = 0, linetype = 2) +
      geom_vline(xintercept = num_cpu, linetype = 3) +
      geom_line() + geom_point() +
      scale_x_log10(breaks=scaling_cores$cores) +
      scale_y_log10(breaks=scaling_cores$cores) +
      theme(aspect.ratio = 1) +
      coord_fixed(xlim = c(1, num_cpu_logical), ylim = c(1, num_cpu_logical)) +
      ggtitle("Relative speedup vs 1 core")
  expect_equal(nrow(ggplot2::layer_data(figure, 4)), 9)
})

test_that("a benchmark that a script defines by update() and rstan's functions runs", {
  skip_if_not_installed("rstan")
  fit <- suppressWarnings(benchmark_fit())
  info <- extract_warmup_info(fit)
  init <- list(extract_draw(rstan::extract(fit$fit), 1))
  base <- suppressWarnings(update(fit,
    refresh = 0, threads = threading(1, grainsize = 59, static = TRUE), chains = 1, iter = 2, backend = "cmdstanr"
  ))
  run <- function(threads) {
    one <- suppressWarnings(update(base,
      warmup = 0, iter = 10, chains = 1, seed = 1234, init = init, refresh = 0, save_warmup = TRUE, threads = threads,
      inv_metric = info$inv_metric[[1]], step_size = info$step_size[[1]], adapt_engaged = FALSE
    ))
    steps <- sum(subset(nuts_params(one, inc_warmup = TRUE), Parameter == "n_leapfrog__")$Value)
    c(steps, sum(colSums(rstan::get_elapsed_time(one$fit))))
  }
  timed <- cbind(run(threading(2, grainsize = 59, static = TRUE)), run(NULL))
  expect_identical(timed[1, ], rep(benchmark_reference(fit, 10)$num_leapfrog, 2))
  expect_true(all(timed[2, ] > 0))
})
