run <- list(chains = 2, first_chain = 1, iter = 2000, warmup = 1000, refresh = 100)

test_that("lines read like Stan's", {
  expect_identical(progress_line(1, 100, run), "Chain 1 Iteration:  100 / 2000 [  5%]  (Warmup)")
  expect_identical(progress_line(12, 2000, run), "Chain 12 Iteration: 2000 / 2000 [100%]  (Sampling)")
  line <- progress_line(1, 1, run, "about 3s left")
  expect_identical(line, "Chain 1 Iteration:    1 / 2000 [  0%]  (Warmup)  about 3s left")
})

test_that("a chain reports each mark once, and only the latest it has passed", {
  now <- 0
  report <- progress_reporter(run, dynamic = FALSE, clock = function() now)
  said <- function(done) {
    lines <- character(0)
    withCallingHandlers(report(done), message = function(m) {
      lines <<- c(lines, sub("\n$", "", conditionMessage(m)))
      invokeRestart("muffleMessage")
    })
    lines
  }
  expect_identical(said(c(0, 0)), character(0))
  expect_identical(said(c(3, 0)), progress_line(1, 1, run))
  expect_identical(said(c(99, 0)), character(0))
  now <- 10
  expect_identical(said(c(350, 0)), progress_line(1, 300, run, "about 47s left"))
  expect_identical(said(c(1001, 1)), c(progress_line(1, 1001, run, "about 10s left"), progress_line(2, 1, run)))
  expect_identical(said(c(2000, 1)), progress_line(1, 2000, run))
  expect_identical(said(c(2000, 1)), character(0))
})

test_that("the live bar takes every report and can be closed", {
  report <- progress_reporter(run, dynamic = TRUE, clock = function() 0)
  suppressMessages({
    report(c(0, 0))
    report(c(500, 1500))
    report(c(2000, 2000))
    expect_no_error(close_progress(report))
  })
})

test_that("nothing is shown with refresh = 0", {
  expect_null(progress_reporter(replace(run, "refresh", 0)))
  expect_null(close_progress(NULL))
})

test_that("seconds are said as people do", {
  expect_identical(vapply(c(5, 65, 3660), format_seconds, ""), c("5s", "1m 05s", "1h 01m"))
})
