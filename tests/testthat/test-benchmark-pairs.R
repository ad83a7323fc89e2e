test_that("ratios of pairs are medians over turns with the ranks of a binomial", {
  a <- c(2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
  expect_identical(paired_ratio(a, rep(2, 15)), c(ratio = 8, lower = 4, upper = 12))
  # What a whole turn shares cancels.
  pace <- rep(c(1, 5), length.out = 15)
  expect_equal(paired_ratio(3 * pace, 2 * pace), c(ratio = 1.5, lower = 1.5, upper = 1.5))
  # Turns beyond the shorter one have no pair.
  expect_equal(paired_ratio(rep(3, 10), c(rep(1, 6), 99))[["ratio"]], 3)
  expect_equal(paired_ratio(3, 2), c(ratio = 1.5, lower = NA, upper = NA))
  expect_true(all(is.na(paired_ratio(numeric(0), 2))))
})

test_that("the interval of pairs holds the median in 95 of 100 cases at least", {
  withr::local_seed(1)
  held <- replicate(2000, {
    ratio <- paired_ratio(stats::rexp(15), rep(1, 15))
    ratio[["lower"]] <= log(2) && log(2) <= ratio[["upper"]]
  })
  expect_gt(mean(held), 0.95)
})

test_that("a gradient's speedup, what the machine allowed and their ratio are those of their turns", {
  grid <- expand.grid(threads = c(0, 1, 2), grainsize = c(0, 10))
  cases <- gradient_cases(grid)
  expect_identical(sum(cases$threads == 0 & cases$copies == 1), 1L)
  expect_identical(cases$copies[cases$copies > 1], 2)
  cost <- 12 / ifelse(cases$copies == 2, 1.5, ifelse(cases$threads == 2, 1.2, 1))
  # The machine is twice as slow in every second round; something else adds to all but the fastest batch.
  measured <- lapply(1:10, function(round) lapply(cost * (1 + round %% 2), function(us) c(us + 50, us, us + 90)))
  out <- summarise_gradients(measured, cases, grid, n_rows = 6)
  expect_equal(out$speedup, c(1, 1, 1.2, 1, 1, 1.2))
  expect_equal(out$allowed, c(1, 1, 1.5, 1, 1, 1.5))
  expect_equal(out$efficiency, c(1, 1, 0.8, 1, 1, 0.8))
  expect_equal(out$ns_per_row, 1000 * out$median_us / 6)
})

test_that("several plain loops at once are timed", {
  fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 0)
  density <- density_of(fit)
  position <- benchmark_position(fit, density)
  case <- data.frame(threads = 0, grainsize = 0, copies = 2)
  us <- time_gradient_case(density, position, case, times = 4, seconds = 0.004)
  expect_length(us, 4)
  expect_true(all(us > 0))
  out <- benchmark_gradient(fit, threads = c(0, 2), times = 6)
  expect_identical(out$speedup[1], 1)
  expect_identical(out$allowed[1], 1)
  expect_true(all(is.finite(as.matrix(out))))
})
