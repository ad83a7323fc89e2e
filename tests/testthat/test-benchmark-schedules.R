# Schedules compared, and what the machine offers.

test_that("schedules are timed, row by row", {
  f <- function(x) sum(dnorm(x, log = TRUE))
  times <- benchmark_schedules(f, nuts(step_size = 0.3, adapt = FALSE),
    chains = c(1, 9), draws = 20, init = list(x = c(0, 1)), seed = 1
  )
  expect_equal(times$chains, c(1, 1, 1, 9, 9, 9))
  expect_identical(unique(times$schedule), c("lockstep", "parallel", "async"))
  expect_true(all(times$seconds > 0 & times$gradients > 20 & times$lanes_filled <= 1))
  expect_gt(times$lanes_filled[6], times$lanes_filled[5])
  withr::local_pdf(NULL)
  expect_identical(plot(times), times)
  expect_silent(plot(times, "lanes_filled"))
  expect_output(print(times), "draws_per_second")
  expect_error(plot(times, "time"), "seconds", class = "skein_error")
  expect_error(benchmark_schedules(f, chains = integer(0), init = list(x = 0)), "chains", class = "skein_error")
})

test_that("an interrupted run is not compared", {
  expect_error(whole_run(list(interrupted = TRUE)), "interrupted", class = "skein_interrupted")
  expect_identical(whole_run(list(interrupted = FALSE)), list(interrupted = FALSE))
})

test_that("the machine is described", {
  info <- skein_info()
  expect_gte(info$cores, 1)
  expect_identical(info$instruction_set, instruction_set_in_force())
  expect_output(print(info), "Cores allowed")
})
