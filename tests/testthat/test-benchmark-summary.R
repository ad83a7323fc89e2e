# Each halving of the grainsize costs 1 %; cores divide the time.
known <- function(cores, grainsize, iter) 1e-3 * iter / cores * (1000 / grainsize)^(log(1.01) / log(2))

test_that("slowdown, speedup and time per leapfrog step are what their definitions say", {
  out <- summary(mock_benchmark(cores = c(1, 2, 4), runtime = known))
  expect_identical(names(out), c(
    "grainsize", "iter", "cores", "num_leapfrog", "runtime", "runtime_single", "chunks", "slowdown", "speedup",
    "us_per_leapfrog"
  ))
  expect_false(is.unsorted(order(out$grainsize, out$iter, out$cores)))
  expect_identical(out$chunks, ceiling(1000 / out$grainsize))
  expect_equal(out$slowdown, 1.01^(log2(out$chunks)))
  expect_equal(out$speedup, out$cores)
  expect_equal(out$runtime_single, known(1, out$grainsize, out$iter))
  expect_equal(out$us_per_leapfrog, 1e6 * out$runtime / out$num_leapfrog)
})

test_that("without runs on one core there is no speedup column, and the plain loop stands for one core", {
  out <- summary(mock_benchmark(cores = c(2, 4)))
  expect_true(all(is.na(out$runtime_single)) && all(is.na(out$speedup)))
  expect_match(attr(out, "recommendation"), "threading(4): 4 times as fast", fixed = TRUE, all = FALSE)
})

test_that("references have a summary of their own", {
  out <- summary(mock_reference())
  expect_identical(names(out), c("iter", "num_leapfrog", "runtime", "us_per_leapfrog"))
  expect_output(print(out), "us_per_leapfrog")
})

advice <- function(..., reference = NULL) {
  paste(attr(summary(mock_benchmark(...), reference), "recommendation"), collapse = " ")
}

test_that("threads are recommended where they pay", {
  expect_match(advice(cores = 1:2, runtime = known), "Use threads = threading(2): 2 times as fast as one core",
    fixed = TRUE
  )
  expect_match(advice(cores = c(1, 2, 4), runtime = known), "threading(4)", fixed = TRUE)
  # The fourth core gains 3 %.
  saturated <- function(cores, grainsize, iter) 1e-3 * iter * c(1, 0.52, 0.5, 0.5)[cores]
  expect_match(advice(cores = 1:4, runtime = saturated), "threading(2)", fixed = TRUE)
  expect_no_match(advice(cores = 1:2, runtime = known), "waiting for cores")
  weak <- function(cores, grainsize, iter) 1e-3 * iter * c(1, 0.75)[cores]
  expect_match(advice(cores = 1:2, runtime = weak), "waiting for cores")
})

test_that("grainsize is named where it matters", {
  coarse <- function(cores, grainsize, iter) 1e-3 * iter / cores * ifelse(grainsize == 250, 1, 1.2)
  expect_match(advice(cores = 1:2, runtime = coarse), "threading(2, grainsize = 250)", fixed = TRUE)
})

test_that("threads are not recommended where they do not pay", {
  flat <- function(cores, grainsize, iter) 1e-3 * iter * (1 + 0.1 * cores)
  expect_match(advice(cores = 1:2, runtime = flat), "Threads do not pay .* \\(2 of them are 0.833 times")
  # The plain loop is as fast as two threads.
  fast <- function(iter) 5e-4 * iter
  expect_match(advice(cores = 1:2, plain = fast), "Threads do not pay for this model here (2 of them are 1 times",
    fixed = TRUE
  )
  # Cores that the machine does not give count for nothing.
  expect_match(advice(cores = c(1, 2, 8), usable = 2), "threading(2)", fixed = TRUE)
})

test_that("the cost of chunks and of the machinery is said, and short runs are doubted", {
  expect_match(advice(runtime = known), "4 chunks instead of 1 costs \\(\\+2.0%|4 chunks instead of 1 costs.*\\+2.0%")
  cheap <- function(cores, grainsize, iter) 1e-3 * iter * ifelse(grainsize == 250, 1.005, 1)
  expect_match(advice(runtime = cheap), "costs next to nothing (+0.5% per leapfrog step on 1 core", fixed = TRUE)
  fast <- function(iter) 0.8e-3 * iter
  expect_match(advice(plain = fast), "plain loop takes 25.8 us (+25.0%, 95% interval +25.0% to +25.0%)", fixed = TRUE)
  unequal <- function(cores, grainsize, iter) 1e-3 * iter * ifelse(iter == 10, 1.5, 1)
  expect_match(advice(runtime = unequal), "Runs of 10 and of 20 iterations differ by 50.0%")
  expect_no_match(advice(), "differ")
  expect_match(advice(spread = 1.35), "The machine was busy: quartiles of the same run are 50.0% apart")
  expect_no_match(advice(), "busy")
})

test_that("a slow moment of the machine, or a reference of another moment, changes no advice", {
  # Half of the turns are three times as slow, for all cases.
  uneven <- rep(c(1, 3), length.out = 15)
  quiet <- advice(cores = 1:2, runtime = known)
  expect_identical(advice(cores = 1:2, runtime = known, noise = uneven), quiet)
  later <- advice(cores = 1:2, runtime = known, reference = mock_reference(seconds = 4e-4 * c(10, 20)))
  expect_match(later, "The reference given is 60.0% faster than the plain loop that was timed in turns", fixed = TRUE)
  expect_match(later, quiet, fixed = TRUE)
  same <- advice(cores = 1:2, runtime = known, reference = mock_reference(seconds = 1.05e-3 * c(10, 20)))
  expect_identical(same, quiet)
})

test_that("a study without turns of its own is compared with the reference given", {
  study <- mock_benchmark(cores = 1:2, runtime = known)
  for (part in c("turns", "reference", "independent")) attr(study, part) <- NULL
  recommendation <- function(reference) paste(attr(summary(study, reference), "recommendation"), collapse = " ")
  expect_match(recommendation(mock_reference()), "threading(2): 2 times as fast as one core; 100% of what 2 cores",
    fixed = TRUE
  )
  expect_match(recommendation(mock_reference(seconds = 5e-4 * c(10, 20))), "Threads do not pay")
  expect_match(recommendation(NULL), "threading(2)", fixed = TRUE)
})

test_that("what the machine allows is said where it is less than its cores", {
  shared <- function(cores) 1 + 0.2 * (cores - 1)
  weak <- function(cores, grainsize, iter) 1e-3 * iter * c(1, 1 / 1.17)[cores]
  text <- advice(cores = 1:2, runtime = weak, allowed = shared)
  expect_match(text, "2 independent runs at once went at only 1.2 times the speed of one, 95% interval 1.20 to 1.20",
    fixed = TRUE
  )
  expect_match(text, "98% of what 2 independent runs at once gain (1.2 times)", fixed = TRUE)
  expect_no_match(text, "waiting for cores")
  expect_no_match(advice(cores = 1:2, runtime = known), "independent runs at once went")
  # Cores that the machine does not give say nothing on those that it gives.
  beyond <- function(cores) pmin(cores, 2)
  expect_no_match(advice(cores = c(1, 2, 8), usable = 2, allowed = beyond), "independent runs at once went")
})

test_that("a gain that the turns do not agree on is called uncertain", {
  study <- mock_benchmark(cores = 1:2, grainsize = 1000, iter = 20)
  attr(study, "turns")[[2]] <- 0.02 / rep(c(1, 1.3), c(7, 8))
  expect_match(attr(summary(study), "recommendation"), "scatter too much .* \\(1.00 to 1.30 times", all = FALSE)
  attr(study, "turns")[[2]] <- 0.02 / rep(c(1, 1.3), c(8, 7))
  study$runtime[2] <- 0.02
  expect_match(attr(summary(study), "recommendation"), "do not pay", all = FALSE)
  expect_match(attr(summary(study), "recommendation"), "scatter too much", all = FALSE)
})

test_that("words on chunks and on the machine claim no more than their intervals", {
  shared <- function(cores) 1 + 0.2 * (cores - 1)
  study <- mock_benchmark(cores = 1:2, grainsize = c(1000, 250), iter = 20, allowed = shared)
  text <- function(study) paste(attr(summary(study), "recommendation"), collapse = " ")
  expect_match(text(study), "costs next to nothing")
  expect_match(text(study), "independent runs at once went at only 1.2 times")
  attr(study, "turns")[[3]] <- 0.02 * rep(c(1, 1.2), c(8, 7))
  expect_match(text(study), "costs nothing that these times can show (+0.0%", fixed = TRUE)
  attr(study, "turns")[[3]] <- 0.02 * rep(c(0.9, 1.1), c(7, 8))
  expect_match(text(study), "seems to cost (+10.0%", fixed = TRUE)
  attr(attr(study, "independent"), "turns")[[1]] <- 0.02 / rep(c(1.2, 1.9), c(8, 7))
  expect_no_match(text(study), "independent runs at once went")
})

test_that("printed tables mark cores that the machine does not give", {
  expect_output(print(summary(mock_benchmark(cores = c(1, 8)))), "8\\*.*\\* more than the machine gives")
  expect_output(print(summary(mock_benchmark(cores = 1:2))), "Test Processor.*threading\\(2\\)")
})

test_that("what is no benchmark is refused", {
  study <- mock_benchmark()
  study$runtime <- NULL
  expect_error(summary(study), "runtime", class = "skein_error")
  expect_error(summary(mock_benchmark(), reference = 1), "reference", class = "skein_error")
  expect_error(summary(mock_benchmark(), digits = 1), "Unused argument", class = "skein_error")
})
