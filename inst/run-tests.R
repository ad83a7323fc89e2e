# Installs what is missing and skein, then runs all tests: the core's without R, then the package's.
# Rscript inst/run-tests.R, from any working directory. Ends with "N passed, N failed, N skipped".
local({
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(script), "installer.R"), envir = globalenv())
})
root <- skein_root()
install_dependencies(root, c("Depends", "Imports", "LinkingTo", "Suggests"))
install_skein(root)

# The core's tests in every way (plain, under sanitizers) with every compiler that is installed: each program is one test
# here. What compilers say and what failing programs print follows the list of results.
run_core_tests <- function(root) {
  folder <- file.path(root, "tests", "cpp")
  compilers <- Filter(function(compiler) nzchar(Sys.which(compiler)), c("g++", "clang++"))
  message("Core tests: ", paste(compilers, collapse = ", "))
  messages <- tempfile()
  options <- c(paste0("-kj", max(1L, parallel::detectCores(), na.rm = TRUE)), "--output-sync=target", "-C", folder, "every",
    paste0("COMPILERS=", paste(compilers, collapse = " ")), paste0("BUILD=", tempfile("skein-core-")))
  make <- pipe(paste("make", paste(shQuote(options), collapse = " "), "2>", shQuote(messages)), open = "r")
  results <- character()
  while (length(line <- readLines(make, 1L)) > 0L) {
    if (!grepl("^(ok  |FAIL) ", line)) next
    writeLines(line)
    results <- c(results, line)
  }
  status <- close(make)
  writeLines(readLines(messages))
  passed <- sum(startsWith(results, "ok"))
  # A program that does not compile has no result.
  failed <- if (length(status) == 0L || status == 0L) 0L else max(1L, length(results) - passed)
  c(passed = passed, failed = failed)
}

run_package_tests <- function(root) {
  Sys.setenv(NOT_CRAN = "true")
  results <- testthat::test_dir(file.path(root, "tests", "testthat"),
    package = "skein", load_package = "installed", reporter = "summary", stop_on_failure = FALSE
  )
  as.data.frame(results)
}

core <- run_core_tests(root)
tests <- run_package_tests(root)
passed <- core[["passed"]] + sum(tests$passed)
failed <- core[["failed"]] + sum(tests$failed) + sum(tests$error)
skipped <- sum(tests$skipped)
if (skipped > 0L) {
  message("Skipped (counts as failure where everything that the test needs was installed):")
  print(tests[tests$skipped, c("file", "test")])
}
# Packages that DESCRIPTION only enhances are not installed; their tests run where they happen to be.
missing <- tests$skipped & tests$file != "test-ecosystem-optional.R"
cat(sprintf("%d passed, %d failed, %d skipped\n", passed, failed, skipped))
quit(status = as.integer(failed > 0L || any(missing)))
