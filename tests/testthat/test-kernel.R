# Kernels as objects, and driven by hand.

test_that("arguments out of range are refused at once", {
  bad <- function(expression, pattern) expect_error(expression, pattern, class = "skein_error")
  bad(nuts(step_size = 0), "step_size")
  bad(nuts(max_treedepth = 0), "max_treedepth")
  bad(nuts(adapt_delta = 1), "adapt_delta")
  bad(nuts(inverse_metric = c(1, -1)), "`inverse_metric` must be positive")
  bad(nuts(adapt = NA), "adapt")
  bad(nuts(stepsiz = 2), "stepsiz")
  bad(chees_hmc(steps = 2), "Available: .*learning_rate")
  bad(nuts(step_size = 1, stepsize = 2), "more than once")
  bad(nuts(inverse_metric = c(1, NA)), "element 2 is NA")
  bad(nuts(inverse_metric = c(3, 0, -1)), "element 2 is 0")
  bad(hmc(max_treedepth = 3), "max_treedepth")
  bad(hmc(steps = 0), "steps")
  bad(hmc(steps = 3, trajectory_length = 1), "not both")
  bad(hmc(jitter = 2), "jitter")
  bad(chees_hmc(max_steps = 0), "max_steps")
  bad(chees_hmc(metric = "dense_e"), "metric")
  bad(chees_hmc(inverse_metric = diag(2)), "vector")
  bad(chees_hmc(adapt_delta = 2), "adapt_delta")
  bad(chees_hmc(max_treedepth = 3), "no setting.*max_treedepth")
  bad(chees_hmc(stepsize_jitter = 0.1), "no setting.*stepsize_jitter")
  bad(chees_hmc(stepsize = c(1, 2)), "step_size")
  bad(chees_hmc(delta = 2), "adapt_delta")
  bad(meads(folds = 0), "folds")
  bad(meads(damping_slowdown = -1), "damping_slowdown")
  bad(meads(adapt = FALSE), "needs")
})

test_that("kernels print what was given", {
  expect_output(print(nuts(step_size = 0.25)), "NUTS.*step_size = 0.25")
  expect_output(print(chees_hmc(adapt = FALSE)), "ChEES-HMC without adaptation")
  expect_identical(trimws(capture.output(print(hmc(steps = 4)))), c("HMC", "steps = 4"))
})

test_that("Stan's names are understood", {
  expect_mapequal(nuts(stepsize = 0.1)$given, nuts(step_size = 0.1)$given)
  expect_mapequal(nuts(inv_metric = 1:2, max_depth = 4)$given, nuts(inverse_metric = 1:2, max_treedepth = 4)$given)
  expect_identical(chees_hmc(delta = 0.7)$own, chees_hmc(adapt_delta = 0.7)$own)
  expect_mapequal(chees_hmc(stepsize = 2)$given, chees_hmc(step_size = 2)$given)
})

test_that("by hand a kernel goes through the draws of a run", {
  f <- function(loc, s) s - loc^2 / 2 - exp(s)
  density <- density_r(f, init = list(loc = 0.3, s = 0.1))
  kernels <- list(
    nuts(step_size = 0.4, inverse_metric = c(s = 2, loc = 0.5), adapt = FALSE),
    nuts(step_size = 0.4, inverse_metric = matrix(c(1, 0.3, 0.3, 1), 2), adapt = FALSE),
    hmc(steps = 5, jitter = 0.4, step_size = 0.3, adapt = FALSE),
    chees_hmc(step_size = 0.3, trajectory_length = 2, inverse_metric = c(1, 2), adapt = FALSE),
    meads(step_size = 0.5, damping = 0.7, inverse_metric = c(1, 2), adapt = FALSE)
  )
  for (kernel in kernels) {
    run <- sample_density(density, kernel, chains = 9, draws = 12, seed = 7, refresh = 0)
    state <- kernel_init(kernel, density, density$init, seed = 7, chain = 3)
    expect_equal(state$log_density, f(0.3, 0.1))
    half <- kernel_step(state, 5)
    whole <- kernel_step(half, 7)
    by_run <- unclass(run$draws)[, 3, 1:2]
    expect_identical(unname(rbind(half$draws, whole$draws)), unname(by_run))
    expect_identical(kernel_step(state, 12)$unconstrained, whole$unconstrained)
    expect_identical(whole$info$steps, unname(run$diagnostics[6:12, 3, "n_leapfrog__"]))
    expect_identical(whole$info$energy, unname(run$diagnostics[6:12, 3, "energy__"]))
    expect_identical(names(whole$info)[1:4], c("steps", "divergent", "energy", "acceptance"))
    expect_equal(whole$gradient, as.vector(grad_log_prob(density, whole$unconstrained)), ignore_attr = TRUE)
    expect_identical(whole$position, constrain_pars(density, whole$unconstrained))
  }
  expect_output(print(whole), "iteration 12")
  expect_error(kernel_step(1), "kernel_init", class = "skein_error")
  expect_error(kernel_init(meads(), density, density$init), "damping", class = "skein_error")
  bad <- function(expression, pattern) expect_error(expression, pattern, class = "skein_error")
  bad(kernel_init(nuts(), density, list(loc = 1)), "`position` lacks")
  bad(kernel_init(nuts(), density), "position")
  bad(kernel_init(nuts(), density, c(1, 2)), "position.*list")
  bad(kernel_init(nuts(), f, list(loc = NA, s = 1)), "position.*loc")
  bad(kernel_init(nuts(step_size = 1:2), density, density$init), "step_size")
  bad(kernel_init(nuts(inverse_metric = list(1:2, 1:2)), density, density$init), "inverse_metric")
})
