# What R and the C++ core each say of families and priors must be the same.

test_that("families, links and parameters are those of the core", {
  ours <- family_registry()
  core <- core_families()
  expect_setequal(names(ours), names(core))
  for (name in names(ours)) {
    expect_identical(ours[[name]]$links, core[[name]]$links, info = name)
    expect_identical(ours[[name]]$dpars, as.character(core[[name]]$dpars), info = name)
    expect_identical(ours[[name]]$has_trials, core[[name]]$has_trials, info = name)
  }
})

test_that("the core's densities of priors are the derivatives of R's distribution functions", {
  arguments <- list(student_t = "3, 0.2, 1.5", exponential = "1.5", beta = "2, 3", uniform = "-1, 2")
  entries <- prior_distributions()
  for (name in setdiff(names(entries), "lkj")) {
    given <- if (is.null(arguments[[name]])) "0.7, 1.3" else arguments[[name]]
    text <- sprintf("%s(%s)", name, given)
    prior <- set_prior(text, class = "Intercept") + set_prior("constant(1)", class = "sigma")
    fit <- suppressWarnings(brm(y ~ 1, data.frame(y = 1:2), prior = prior, sample_prior = "only", chains = 0))
    cdf <- function(x) entries[[name]]$cdf(x, read_prior(text)$arguments, TRUE, FALSE)
    for (x in c(0.3, 0.8)) {
      slope <- (cdf(x + 1e-5) - cdf(x - 1e-5)) / 2e-5
      expect_equal(log_prob(fit, x), log(slope), tolerance = 1e-6, info = text)
    }
  }
})
