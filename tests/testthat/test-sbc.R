# Simulation-based calibration, small; and a wrong Jacobian, which it must find.

sys.source(test_path("..", "sbc", "sbc.R"), envir = environment())

test_that("gaussian, poisson and bernoulli models with group effects are calibrated", {
  skip_on_cran()
  # 30 z scores: one correct sampler in some 5,000 would have one beyond 4.5.
  for (family in c("gaussian", "poisson", "bernoulli")) {
    z <- sbc_z(sbc_ranks(family, 100))
    worst <- which.max(abs(z))
    expect_lte(max(abs(z)), 4.5, label = paste0(family, ": |z| of ", colnames(z)[col(z)[worst]]))
  }
})

test_that("a wrong Jacobian is found", {
  skip_on_cran()
  # Without the Jacobian of sd = exp(u) the posterior is the one with prior p(sd) / sd: for gamma(3, 2), gamma(2, 2).
  z <- sbc_z(sbc_ranks("bernoulli", 200, sd = "gamma(2, 2)"))
  expect_gt(abs(z["mean", "sd_g__Intercept"]), 5)
})

test_that("every family is calibrated", {
  skip_on_cran()
  sys.source(test_path("..", "sbc", "families.R"), envir = environment())
  expect_setequal(names(sbc_families), names(core_families()))
  # Some 160 z scores: one correct sampler in about 1,000 would have one beyond 4.5.
  for (family in names(sbc_families)) {
    z <- sbc_z(sbc_family_ranks(family, 60))
    worst <- which.max(abs(z))
    expect_lte(max(abs(z)), 4.5, label = paste0(family, ": |z| of ", colnames(z)[col(z)[worst]]))
  }
})
