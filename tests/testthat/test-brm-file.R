a_fit <- function(...) {
  brm(y ~ x, data.frame(y = c(1, 3, 2, 5), x = 1:4), chains = 0, ..., silent = 2)
}

test_that("a fit is kept in its file and read from it", {
  file <- file.path(withr::local_tempdir(), "fit")
  fit <- a_fit(file = file)
  path <- paste0(file, ".rds")
  expect_true(file.exists(path))
  expect_identical(fit$file, path)
  expect_identical(list.files(dirname(path)), "fit.rds")
  # With "never" nothing else is looked at.
  again <- brm(nothing ~ at_all, data.frame(z = 1), file = path)
  expect_s3_class(again, "skeinfit")
  expect_identical(log_prob(again, c(0, 0, 0)), log_prob(fit, c(0, 0, 0)))
})

test_that("on_change fits again for another formula, prior or data, and for nothing else", {
  file <- file.path(withr::local_tempdir(), "fit.rds")
  data <- data.frame(y = c(1, 3, 2, 5), x = 1:4)
  refit <- function(formula = y ~ x, data = data.frame(y = c(1, 3, 2, 5), x = 1:4), prior = NULL, ...) {
    brm(formula, data, prior = prior, chains = 0, file = file, file_refit = "on_change", silent = 2, ...)
  }
  fit <- refit()
  stamp <- function() readRDS(file)$mark
  mark <- function(value) {
    fit <- readRDS(file)
    fit$mark <- value
    saveRDS(fit, file)
  }
  mark(1)
  refit(iter = 500, control = list(adapt_delta = 0.9))
  expect_identical(stamp(), 1)
  refit(prior = prior(normal(0, 1), class = b))
  expect_null(stamp())
  mark(2)
  refit(prior = prior(normal(0, 1), class = b), data = data.frame(y = c(1, 3, 2, 6), x = 1:4))
  expect_null(stamp())
  mark(3)
  refit(y ~ 1)
  expect_null(stamp())
  expect_message(
    brm(y ~ x, data, chains = 0, file = file, file_refit = "on_change"), "formula or family", class = "skein_message"
  )
})

test_that("a file that holds anything else is left alone unless file_refit is always", {
  file <- file.path(withr::local_tempdir(), "other.rds")
  saveRDS(structure(list(), class = "brmsfit"), file)
  before <- readBin(file, "raw", 1e4)
  expect_error(a_fit(file = file), "brmsfit.*always", class = "skein_error")
  expect_error(a_fit(file = file, file_refit = "on_change"), "brmsfit", class = "skein_error")
  expect_identical(readBin(file, "raw", 1e4), before)
  a_fit(file = file, file_refit = "always")
  expect_s3_class(readRDS(file), "skeinfit")
  writeLines("no rds", file)
  expect_error(a_fit(file = file), "no R object", class = "skein_error")
})

test_that("a file that cannot be written is found before the data are looked at", {
  directory <- withr::local_tempdir()
  bad <- list(file.path(directory, "missing", "fit"), 3, c("a", "b"))
  for (file in bad) expect_error(brm(y ~ x, NULL, file = file), "file", class = "skein_error")
  dir.create(file.path(directory, "taken.rds"))
  expect_error(brm(y ~ x, NULL, file = file.path(directory, "taken"), file_refit = "always"), "cannot be written")
})

test_that("names of files alone are in the cache folder, if there is one", {
  withr::local_options(brms.cache_folder = "models")
  expect_identical(fit_file_name("fit"), file.path("models", "fit.rds"))
  expect_identical(fit_file_name("here/fit.rds"), "here/fit.rds")
  withr::local_options(brms.cache_folder = NULL)
  expect_identical(fit_file_name("fit"), "fit.rds")
})
