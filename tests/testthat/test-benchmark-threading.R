fit <- suppressWarnings(benchmark_fit())

test_that("columns and order are those that scripts expect", {
  scaling <- suppressMessages(
    benchmark_threading(fit, cores = 1:2, grainsize = c(59, 236), iter = c(2, 5), static = TRUE)
  )
  expect_identical(names(scaling), c("cores", "grainsize", "iter", "num_leapfrog", "runtime"))
  grid <- expand.grid(cores = 1:2, grainsize = c(59, 236), iter = c(2, 5))
  expect_equal(as.list(scaling[names(grid)]), as.list(grid), ignore_attr = TRUE)
  reference <- benchmark_reference(fit, c(2, 5))
  expect_identical(names(reference), c("num_leapfrog", "runtime", "iter"))
  expect_identical(reference$iter, c(2, 5))
  # The same runs, with and without threads.
  expect_identical(unique(scaling$num_leapfrog), reference$num_leapfrog)
  expect_true(all(scaling$runtime > 0) && all(reference$runtime > 0))
})

test_that("a study times the plain loop and independent runs in the same turns", {
  scaling <- suppressMessages(benchmark_threading(fit, cores = 1:2, grainsize = 59, iter = c(2, 5)))
  own <- attr(scaling, "reference")
  expect_s3_class(own, "skeinbenchmark")
  expect_identical(names(own), c("num_leapfrog", "runtime", "iter"))
  expect_identical(own$num_leapfrog, unique(scaling$num_leapfrog))
  independent <- attr(scaling, "independent")
  expect_identical(independent$cores, 2)
  expect_identical(independent$iter, 5)
  expect_identical(independent$num_leapfrog, own$num_leapfrog[2])
  expect_gt(independent$runtime, 0)
  turns <- lapply(list(scaling, own, independent), attr, "turns")
  expect_identical(lengths(turns), c(4L, 2L, 1L))
  expect_true(all(lengths(unlist(turns, recursive = FALSE)) >= 1) && all(unlist(turns) > 0))
  expect_output(print(own), "num_leapfrog")
  alone <- benchmark_threading(fit, cores = 1, grainsize = 59, iter = 2)
  expect_identical(nrow(attr(alone, "independent")), 0L)
  expect_s3_class(summary(alone), "summary.skeinbenchmark")
})

test_that("the spread of each case is kept", {
  reference <- benchmark_reference(fit, 5)
  spread <- attr(reference, "spread")
  expect_identical(names(spread), c("runs", "lower", "upper"))
  expect_gte(spread$runs, 1)
  expect_true(spread$lower <= reference$runtime && reference$runtime <= spread$upper)
})

test_that("runs are those of update() from the first draw with the adapted step size and metric", {
  reference <- benchmark_reference(fit, 10)
  info <- extract_warmup_info(fit)
  by_update <- suppressWarnings(update(fit,
    warmup = 0, iter = 10, chains = 1, seed = 1234, init = list(extract_draw(fit, 1)), refresh = 0,
    inv_metric = info$inv_metric[[1]], step_size = info$step_size[[1]], adapt_engaged = FALSE
  ))
  expect_identical(sum(by_update$fit$sampler_params[, , "n_leapfrog__"]), reference$num_leapfrog)
  elsewhere <- benchmark_reference(fit, 10, init = list(list(Intercept = 5, sd_1 = 3)))
  expect_false(elsewhere$num_leapfrog == reference$num_leapfrog)
})

test_that("R's generator is left alone", {
  withr::local_seed(3)
  before <- .Random.seed
  benchmark_reference(fit, 2)
  expect_identical(.Random.seed, before)
})

test_that("every subset is plain data", {
  study <- mock_benchmark(cores = 1:2)
  expect_identical(class(study[1, ]), "data.frame")
  expect_identical(class(subset(study, cores == 1)), "data.frame")
  expect_identical(class(study["cores"]), "data.frame")
  expect_identical(study[2, "cores"], 2L)
  expect_identical(nrow(head(study, 3)), 3L)
  expect_null(attr(study[1:2, ], "spread"))
  expect_output(print(study), "N = 1,000 rows, poisson; Test Processor, 4 cores")
})

test_that("bad input is refused by name", {
  unfitted <- brm(count ~ zAge, epilepsy, poisson(), chains = 0)
  expect_error(benchmark_threading(unfitted), "no warm-up information", class = "skein_error")
  expect_error(benchmark_reference(unfitted), "no warm-up information", class = "skein_error")
  cold <- suppressWarnings(brm(fit = unfitted, chains = 1, iter = 3, warmup = 0, refresh = 0))
  expect_error(benchmark_threading(cold), "no warm-up information", class = "skein_error")
  expect_error(benchmark_threading(1), "`model`", class = "skein_error")
  expect_error(benchmark_threading(fit, grainsize = c(10, 237)), "number of rows, 236; one is 237",
    class = "skein_error"
  )
  expect_error(benchmark_threading(fit, grainsize = 0), "grainsize", class = "skein_error")
  expect_error(benchmark_threading(fit, grainsize = 12.5), "round", class = "skein_error")
  expect_error(benchmark_threading(fit, cores = c(1, 0)), "`cores`.*at least 1", class = "skein_error")
  expect_error(benchmark_threading(fit, cores = "2"), "`cores`", class = "skein_error")
  expect_error(benchmark_threading(fit, cores = numeric(0)), "`cores`", class = "skein_error")
  expect_error(benchmark_threading(fit, iter = 1), "`iter`.*at least 2", class = "skein_error")
  expect_error(benchmark_threading(fit, iter = NA), "`iter`", class = "skein_error")
  expect_error(benchmark_reference(fit, iter = c(10, 1)), "`iter`", class = "skein_error")
  expect_error(benchmark_threading(fit, static = "yes"), "`static`", class = "skein_error")
  expect_error(benchmark_reference(fit, 2, init = list(list(sd_1 = -1))), "out of bounds", class = "skein_error")
})

test_that("cores that the machine does not give are told and measured", {
  expect_message(tell_cores_missing(c(2, 8, 16), mock_machine(4)), "8 and 16 are more than the 4",
    class = "skein_cores"
  )
  expect_message(tell_cores_missing(8, mock_machine(4)), "of 8 is more than", class = "skein_cores")
  expect_no_message(tell_cores_missing(1:4, mock_machine(4)))
  many <- suppressMessages(benchmark_threading(fit, cores = machine_info()$usable + 1, grainsize = 59, iter = 2))
  expect_gt(many$runtime, 0)
})

cases <- data.frame(threads = c(1, 2, 1, 2), grainsize = 10, iter = c(5, 5, 9, 9), copies = 1)

# A case that takes a known time. fingerprint(case): what identifies its draws.
timed_case <- function(fingerprint = function(case) format(case$iter), seconds = 0.01, stop_at = Inf) {
  calls <- 0
  order <- character(0)
  function(start, case, min_seconds) {
    calls <<- calls + 1
    order <<- c(order, paste(case$threads, case$iter))
    interrupted <- calls > stop_at
    list(
      seconds = if (interrupted) numeric(0) else seconds * case$threads, num_leapfrog = 3 * case$iter,
      fingerprint = fingerprint(case), repeatable = TRUE, interrupted = interrupted
    )
  }
}

test_that("cases take turns in changing order until each had its time", {
  run <- timed_case()
  measured <- measure_cases(NULL, cases, run)
  expect_identical(measured$runtime, c(0.01, 0.02, 0.01, 0.02))
  expect_identical(measured$runs, rep(15L, 4))
  order <- environment(run)$order
  turns <- split(order[1:16], rep(1:4, each = 4))
  for (turn in turns) expect_setequal(turn, paste(cases$threads, cases$iter))
  expect_gt(length(unique(turns)), 1)
  expect_identical(lengths(attr(measured, "turns")), rep(15L, 4))
})

test_that("seconds of copies are shared among them, and the fastest of a turn is kept", {
  cases <- data.frame(threads = 0, grainsize = 0, iter = 5, copies = c(1, 4))
  run <- function(start, case, seconds) {
    list(seconds = c(0.012, 0.008), num_leapfrog = 9, fingerprint = "a", repeatable = TRUE, interrupted = FALSE)
  }
  measured <- measure_cases(NULL, cases, run)
  expect_equal(measured$runtime, c(0.01, 0.0025))
  expect_equal(attr(measured, "turns"), list(rep(0.008, 15), rep(0.002, 15)))
})

test_that("long runs have fewer turns", {
  expect_identical(measure_cases(NULL, cases, timed_case(seconds = 0.25))$runs, c(3L, 2L, 3L, 2L))
  expect_identical(measure_cases(NULL, cases, timed_case(seconds = 0.7))$runs, rep(1L, 4))
})

test_that("draws that differ between cases or repetitions are an error", {
  by_threads <- timed_case(fingerprint = function(case) format(case$threads))
  expect_error(measure_cases(NULL, cases, by_threads), "Runs of 5 iterations gave other draws with 2 threads",
    class = "skein_draws_differ"
  )
  n <- 0
  ever_new <- timed_case(fingerprint = function(case) format(n <<- n + 1))
  expect_error(measure_cases(NULL, cases, ever_new), "Repetitions", class = "skein_draws_differ")
})

test_that("an interrupt keeps the cases done", {
  measured <- measure_cases(NULL, cases, timed_case(stop_at = 2))
  expect_true(attr(measured, "interrupted"))
  expect_identical(sum(!is.na(measured$runtime)), 2L)
  grid <- setNames(cases, c("cores", "grainsize", "iter", "copies"))
  result <- cbind(grid[1:3], measured[c("num_leapfrog", "runtime")])
  study <- list(n_rows = 10, family = "poisson", machine = mock_machine(), date = Sys.Date(), skein = "0", chunks = 1:4)
  expect_warning(kept <- finish_benchmark(result, measured, study, interactive = TRUE), "2 of 4",
    class = "skein_interrupted"
  )
  expect_identical(nrow(kept), 2L)
  expect_false(anyNA(kept$runtime))
  expect_identical(attr(kept, "study")$chunks, which(!is.na(measured$runtime)))
  expect_s3_class(summary(kept), "summary.skeinbenchmark")
  error <- expect_error(finish_benchmark(result, measured, study, interactive = FALSE), class = "skein_interrupted")
  expect_identical(error$result, kept)
  none <- measure_cases(NULL, cases, timed_case(stop_at = 0))
  caught <- tryCatch(finish_benchmark(result, none, study, interactive = FALSE), interrupt = function(e) "interrupt")
  expect_identical(caught, "interrupt")
})

test_that("an interrupt keeps what was timed of a study's parts", {
  grid <- expand.grid(cores = 1:2, grainsize = 10, iter = c(5, 9), KEEP.OUT.ATTRS = FALSE)
  cases <- study_cases(grid)
  expect_identical(cases$part, rep(c("grid", "reference", "independent"), c(4, 2, 1)))
  runtime <- c(1, NA, NA, 2, NA, 3, NA)
  measured <- data.frame(num_leapfrog = 3 * cases$iter, runtime = runtime, runs = 1, lower = 1, upper = 3)
  measured[c("iter", "copies")] <- cases[c("iter", "copies")]
  attr(measured, "turns") <- as.list(measured$runtime)
  attr(measured, "interrupted") <- TRUE
  study <- list(n_rows = 10, family = "poisson", machine = mock_machine(), date = Sys.Date(), skein = "0", chunks = 1:4)
  expect_warning(kept <- finish_study(grid, cases, measured, study, interactive = TRUE), "2 of 4",
    class = "skein_interrupted"
  )
  expect_identical(kept$runtime, c(1, 2))
  expect_identical(attr(kept, "turns"), list(1, 2))
  expect_identical(attr(kept, "reference")$iter, 9)
  expect_identical(nrow(attr(kept, "independent")), 0L)
  expect_no_warning(expect_s3_class(summary(kept), "summary.skeinbenchmark"))
})

test_that("a signal from outside ends a study within a moment and keeps what it has", {
  skip_on_os("windows")
  skip_on_cran()
  begun <- withr::local_tempfile()
  parent <- Sys.getpid()
  killer <- parallel::mcparallel({
    while (!file.exists(begun)) Sys.sleep(0.05)
    Sys.sleep(0.3)
    tools::pskill(parent, tools::SIGINT)
  }, silent = TRUE)
  withr::defer(suppressWarnings(parallel::mccollect(killer)))
  time_case <- function(start, case, seconds) {
    if (!file.exists(begun)) file.create(begun)
    time_benchmark_case(start, case, seconds)
  }
  # Two minutes, if nothing comes between.
  cases <- data.frame(threads = rep(0:2, each = 200), grainsize = rep(1:200, 3), iter = 10, copies = 1)
  took <- system.time(measured <- suppressMessages(measure_cases(benchmark_start(fit), cases, time_case)))
  expect_lt(took[["elapsed"]], 60)
  expect_true(attr(measured, "interrupted"))
  expect_true(any(!is.na(measured$runtime)))
})

test_that("progress is lines at most every two seconds, and silence for a moment's study", {
  now <- 0
  report <- benchmark_reporter(10, 10, dynamic = FALSE, clock = function() now)
  expect_no_message(report(1))
  now <- 3
  expect_message(report(5), "50% done, about 3s left")
  expect_no_message(report(6))
  expect_null(benchmark_reporter(5, 1)(1))
  bar <- benchmark_reporter(10, 10, dynamic = TRUE)
  expect_no_error({
    suppressMessages(bar(3))
    close_progress(bar)
  })
})
