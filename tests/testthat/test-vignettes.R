# The vignettes' code runs, each in a process of its own; an error in a chunk is an error.

test_that("vignettes run", {
  skip_on_cran()
  folder <- test_path("..", "..", "vignettes")
  skip_if_not(dir.exists(folder), "the tests stand apart from the sources")
  files <- normalizePath(list.files(folder, "\\.Rmd$", full.names = TRUE))
  expect_gt(length(files), 3)
  withr::local_dir(withr::local_tempdir())
  withr::local_envvar(R_LIBS = paste(c(dirname(system.file(package = "skein")), .libPaths()),
    collapse = .Platform$path.sep))
  for (file in files) {
    code <- sprintf("knitr::opts_chunk$set(error = FALSE); knitr::knit(%s, 'out.md', quiet = TRUE)", deparse(file))
    writeLines(code, "knit.R")
    output <- suppressWarnings(
      system2(file.path(R.home("bin"), "Rscript"), "knit.R", stdout = TRUE, stderr = TRUE)
    )
    status <- attr(output, "status")
    expect_true(is.null(status), label = paste0(basename(file), ": ", paste(utils::tail(output, 3), collapse = " ")))
  }
})
