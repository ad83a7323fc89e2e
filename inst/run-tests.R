# Installs what is missing and skein, then runs all tests: the core's without R, then the package's.
# Rscript inst/run-tests.R, from any working directory. Ends with "N passed, N failed, N skipped".
local({
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(script), "installer.R"), envir = globalenv())
})
root <- skein_root()
install_dependencies(root, c("Depends", "Imports", "LinkingTo", "Suggests"))
install_skein(root)

# The core's tests, plain and under sanitizers: each way is one test here. clang++ runs where it is installed.
run_core_tests <- function(root) {
  folder <- file.path(root, "tests", "cpp")
  build <- tempfile("skein-core-")
  jobs <- paste0("-j", max(1L, parallel::detectCores(), na.rm = TRUE))
  runs <- expand.grid(way = c("run", "asan", "tsan"), compiler = c("g++", "clang++"), stringsAsFactors = FALSE)
  runs <- runs[nzchar(Sys.which(runs$compiler)), ]
  mapply(function(way, compiler) {
    message("Core tests: ", compiler, if (way == "run") "" else paste0(", ", way))
    log <- tempfile()
    arguments <- c(way, paste0("CXX=", compiler), paste0("BUILD=", build, compiler))
    status <- system2("make", c("-C", shQuote(folder), jobs, arguments), stdout = log, stderr = log)
    lines <- readLines(log)
    if (status != 0L) writeLines(utils::tail(lines, 60))
    writeLines(grep("cases, ", lines, value = TRUE))
    status == 0L
  }, runs$way, runs$compiler)
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
passed <- sum(core) + sum(tests$passed)
failed <- sum(!core) + sum(tests$failed) + sum(tests$error)
skipped <- sum(tests$skipped)
if (skipped > 0L) {
  message("Skipped (counts as failure where everything that the test needs was installed):")
  print(tests[tests$skipped, c("file", "test")])
}
# Packages that DESCRIPTION only enhances are not installed; their tests run where they happen to be.
missing <- tests$skipped & tests$file != "test-ecosystem-optional.R"
cat(sprintf("%d passed, %d failed, %d skipped\n", passed, failed, skipped))
quit(status = as.integer(failed > 0L || any(missing)))
