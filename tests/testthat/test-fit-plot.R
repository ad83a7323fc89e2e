test_that("plot() makes pages of the variables that summary() shows", {
  withr::local_pdf(NULL)
  fit <- mock_fit()
  pages <- plot(fit, ask = FALSE)
  expect_length(pages, 2)
  expect_length(plot(fit, plot = FALSE, nvariables = 2), 3)
  expect_length(plot(fit, plot = FALSE, variable = "^b_", regex = TRUE, combo = c("dens", "trace")), 1)
  expect_error(plot(fit, variable = "b_z"), class = "skein_error")
  expect_error(plot(fit, nvariables = 0), class = "skein_error")
})

test_that("mcmc_plot() finds what a plot needs", {
  withr::local_pdf(NULL)
  fit <- mock_fit()
  for (type in c("intervals", "trace", "rhat", "neff", "nuts_acceptance")) {
    expect_false(is.null(suppressMessages(mcmc_plot(fit, type = type))))
  }
  expect_s3_class(suppressMessages(mcmc_plot(fit, type = "nuts_energy")), "ggplot")
  expect_error(mcmc_plot(fit, type = "itervals"), "intervals", class = "skein_error")
})
