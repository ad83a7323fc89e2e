# Both packages attached: a stand-in for brms with a class and generics of its own, in a process for each order.

fake_brms <- function(library) {
  source <- file.path(withr::local_tempdir(), "brms")
  dir.create(file.path(source, "R"), recursive = TRUE)
  writeLines(c("Package: brms", "Version: 2.23.0", "Title: Stand-In", "License: MIT"), file.path(source, "DESCRIPTION"))
  generics <- c("ngrps", "posterior_summary", "mcmc_plot", "prior_draws", "control_params", "default_prior",
    "hypothesis", "stancode", "standata", "conditional_effects")
  methods <- c(paste0("S3method(", generics, ",brmsfit)"), "S3method('+',brmsprior)")
  writeLines(c("export(brm)", paste0("export(", generics, ")"), methods), file.path(source, "NAMESPACE"))
  writeLines(c(
    "brm <- function(...) 'brms'",
    "`+.brmsprior` <- function(e1, e2) c(e1, e2)",
    sprintf("%s <- function(x, ...) UseMethod('%s')", generics, generics),
    sprintf("%s.brmsfit <- function(x, ...) 'brms'", generics)
  ), file.path(source, "R", "all.R"))
  log <- file.path(library, "log")
  command <- file.path(R.home("bin"), "R")
  status <- system2(command, c("CMD", "INSTALL", "--no-test-load", "-l", shQuote(library), shQuote(source)),
    stdout = log, stderr = log)
  expect_identical(status, 0L)
}

# The last lines that code prints after attaching the packages.
run_attached <- function(library, packages, code, n) {
  script <- tempfile(fileext = ".R")
  withr::defer(unlink(script))
  writeLines(c(paste0("library(", packages, ")"), code), script)
  libraries <- c(library, dirname(system.file(package = "skein")), .libPaths())
  withr::local_envvar(R_LIBS = paste(libraries, collapse = .Platform$path.sep))
  output <- system2(file.path(R.home("bin"), "Rscript"), shQuote(script), stdout = TRUE, stderr = TRUE)
  list(all = output, last = utils::tail(output, n))
}

test_that("each package's generics serve both packages' fits, whichever is attached first", {
  skip_if_not(nzchar(system.file("Meta", package = "skein")), "skein is loaded from its sources")
  library <- withr::local_tempdir()
  fake_brms(library)
  file <- file.path(library, "fit.rds")
  saveRDS(mock_fit(), file)
  code <- c(
    paste0("fit <- readRDS(", encodeString(file, quote = "\""), ")"),
    "theirs <- structure(list(), class = 'brmsfit')",
    "cat(ngrps(fit)$g, brms::ngrps(fit)$g, skein::ngrps(theirs), brms::ngrps(theirs), '\\n')",
    "cat(rownames(brms::posterior_summary(fit, variable = 'b_x')), skein::posterior_summary(theirs), '\\n')",
    "cat(brms::control_params(fit)$adapt_delta, skein::control_params(theirs), '\\n')",
    "cat(class(brms::mcmc_plot(fit))[1] != '', skein::mcmc_plot(theirs), skein::prior_draws(theirs), '\\n')",
    "cat(environmentName(environment(brm)), '\\n')"
  )
  for (packages in list(c("brms", "skein"), c("skein", "brms"))) {
    out <- run_attached(library, packages, code, 5)
    expect_identical(trimws(out$last), c("3 3 brms brms", "b_x brms", "0.8 brms", "TRUE brms brms", packages[2]))
    expect_match(out$all, paste("brm() is now that of", packages[2]), fixed = TRUE, all = FALSE)
  }
})

test_that("no export hides a function of R's own packages", {
  ours <- getNamespaceExports("skein")
  for (package in c("base", "stats", "utils", "graphics", "methods")) {
    shared <- intersect(ours, getNamespaceExports(package))
    same <- vapply(shared, function(name) {
      identical(getExportedValue("skein", name), getExportedValue(package, name))
    }, NA)
    expect_identical(shared[!same], character())
  }
})

test_that("re-exported generics are those of their packages", {
  expect_identical(skein::fixef, nlme::fixef)
  expect_identical(skein::rhat, posterior::rhat)
  expect_identical(skein::nuts_params, bayesplot::nuts_params)
  expect_identical(skein::posterior_interval, rstantools::posterior_interval)
})
