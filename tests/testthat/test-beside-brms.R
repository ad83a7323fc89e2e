# Methods after fitting give brms's values, names and shapes on the same draws: tests/brms/beside_brms.R on a few of its
# models, in a process of its own, since loading brms changes which generics are in front.

test_that("methods after fitting give what brms gives on the same draws", {
  script <- test_path("..", "brms", "beside_brms.R")
  skip_if_not_installed("brms")
  skip_if_not_installed("rstan")
  skip_if_not(file.exists(script), "the tests stand apart from the sources")
  libraries <- c(dirname(system.file(package = "skein")), .libPaths())
  withr::local_envvar(R_LIBS = paste(libraries, collapse = .Platform$path.sep))
  output <- system2(file.path(R.home("bin"), "Rscript"), c(shQuote(script), 1, 2, 5, 13), stdout = TRUE, stderr = TRUE)
  expect_null(attr(output, "status"), info = paste(output, collapse = "\n"))
  expect_match(utils::tail(output, 1), "^4 models, 2[0-9]{2} results compared, 0 different$")
})
