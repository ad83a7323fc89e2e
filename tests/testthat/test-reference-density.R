# log_prob() and grad_log_prob() of the reference models equal Stan's, on every instruction set.

# |x - y| relative to the larger of 1 and the largest |y|.
relative_difference <- function(x, y) max(abs(x - y)) / max(1, max(abs(y)))

expect_stan_density <- function(reference, fit, info) {
  points <- reference$points
  expect_identical(get_num_upars(fit), reference$num_unconstrained, info = info)
  lp <- vapply(points, function(point) log_prob(fit, point$unconstrained), 0)
  expected <- vapply(points, `[[`, 0, "lp")
  expect_lte(max(abs(lp - expected) / pmax(1, abs(expected))), 1e-9, label = paste(info, "log_prob"))
  differences <- vapply(points, function(point) {
    relative_difference(grad_log_prob(fit, point$unconstrained), point$grad)
  }, 0)
  expect_lte(max(differences), gradient_tolerance(reference), label = paste(info, "grad_log_prob"))
}

# Stan's derivative of normal_lcdf is a rational approximation, good to 8 digits; the exact one is tested below.
gradient_tolerance <- function(reference) if (reference$call == "brm(y | cens(cen) ~ x, data = sim)") 1e-7 else 1e-9

test_that("density and gradient of all reference models are Stan's on each instruction set", {
  references <- read_density_references()
  expect_length(references, 24)
  data <- reference_data()
  gradients <- list()
  ran <- with_each_instruction_set(function(set) {
    for (name in names(references)) {
      fit <- reference_fit(references[[name]]$call, data)
      expect_stan_density(references[[name]], fit, paste(name, set))
      gradients[[set]][[name]] <<- grad_log_prob(fit, utils::tail(references[[name]]$points, 1)[[1]]$unconstrained)
    }
  })
  expect_true("baseline" %in% ran)
  # Machines with fused multiply-add agree to the last bit.
  if (all(c("avx2", "avx512") %in% ran)) expect_identical(gradients$avx512, gradients$avx2)
})

test_that("the gradient with censored rows is that of R's pnorm()", {
  reference <- read_density_references()$censored
  sim <- reference_data()$sim
  fit <- reference_fit(reference$call, list2env(list(sim = sim)))
  hazard <- function(z) exp(stats::dnorm(z, log = TRUE) - stats::pnorm(z, log.p = TRUE))
  half_t_slope <- function(x, mean) -4 * (x - mean) / 2.5^2 / (3 + ((x - mean) / 2.5)^2)
  x <- sim$x - mean(sim$x)
  for (point in reference$points) {
    u <- point$unconstrained
    sigma <- exp(u[3])
    z <- (sim$y - u[2] - x * u[1]) / sigma
    d_z <- ifelse(sim$cen == "none", -z, ifelse(sim$cen == "left", hazard(z), -hazard(-z)))
    d_sigma <- sum(-d_z * z - (sim$cen == "none")) / sigma + half_t_slope(sigma, 0)
    exact <- c(-sum(d_z * x) / sigma, -sum(d_z) / sigma + half_t_slope(u[2], 1.1), d_sigma * sigma + 1)
    expect_lte(relative_difference(as.vector(grad_log_prob(fit, u)), exact), 1e-13)
  }
})

test_that("constrained parameters are Stan's, and unconstrain_pars() finds back", {
  references <- read_density_references()
  data <- reference_data()
  for (name in names(references)) {
    reference <- references[[name]]
    fit <- reference_fit(reference$call, data)
    for (point in reference$points) {
      values <- constrain_pars(fit, point$unconstrained)
      for (block in names(point$params)) {
        expect_equal(
          as.vector(values[[block]]), as.vector(point$params[[block]]),
          tolerance = 1e-12, info = paste(name, block)
        )
      }
      expect_equal(unconstrain_pars(fit, values), point$unconstrained, tolerance = 1e-9, info = name)
    }
  }
})

test_that("a perturbed density is not Stan's", {
  reference <- read_density_references()$priors_mixed
  fit <- reference_fit(reference$call, reference_data())
  point <- reference$points[[2]]
  without_jacobian <- grad_log_prob(fit, point$unconstrained, adjust_transform = FALSE)
  expect_gt(relative_difference(without_jacobian, point$grad), 1e-6)
  other <- reference_fit(sub("lkj(2)", "lkj(2.001)", reference$call, fixed = TRUE), reference_data())
  expect_gt(relative_difference(log_prob(other, point$unconstrained), point$lp), 1e-9)
})
