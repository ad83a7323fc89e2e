# Two group-level terms: correlated (z_1 and L_1) and not (z_2, stored vector after vector).
init_fit <- function() {
  data <- data.frame(
    y = c(1.5, 2, 0.3, 2.2, 1.9, 3), x = c(0, 1, 2, 0, 1, 2), g = rep(c("a", "b", "new york"), 2), h = rep(1:2, 3)
  )
  brm(y ~ x + (1 + x | g) + (1 + x || h), data, chains = 0)
}

positions_of <- function(init, fit, chains = 1, first_chain = 1) {
  run <- list(chains = chains, first_chain = first_chain, init_radius = 2)
  init_positions(init, run, density_of(fit), init_model(fit))
}

fit <- init_fit()
u <- 0.1 * seq_len(get_num_upars(fit))
at_u <- constrain_pars(fit, u)

test_that("random, 0 and a radius", {
  for (init in list(NULL, "random")) {
    expect_identical(positions_of(init, fit, 2), list(positions = matrix(NA_real_, length(u), 2), radius = 2))
  }
  for (init in list(0, "0")) expect_identical(unique(as.vector(positions_of(init, fit, 2)$positions)), 0)
  expect_identical(positions_of(0.5, fit)$radius, 0.5)
  expect_true(all(is.na(positions_of(0.5, fit)$positions)))
  expect_error(positions_of(-1, fit), "init", class = "skein_error")
  expect_error(positions_of(c(1, 2), fit), "init", class = "skein_error")
  expect_error(positions_of("zero", fit), "random", class = "skein_error")
})

test_that("names of the parameter blocks lead back to the position they came from", {
  expect_equal(positions_of(list(at_u), fit)$positions[, 1], u)
  expect_equal(positions_of(at_u, fit, 2)$positions, cbind(u, u, deparse.level = 0))
  some <- positions_of(list(at_u[c("sigma", "z_2")]), fit)$positions[, 1]
  expect_identical(sum(!is.na(some)), 1L + 4L)
  expect_equal(some[!is.na(some)], u[!is.na(some)])
})

test_that("names of draws lead there too, group-level effects included", {
  draw <- density_draws(density_of(fit), matrix(u))[, 1]
  names <- attr(model_spec(rebuilt_frame(fit), fit), "draw_names")
  named <- stats::setNames(as.list(draw), names)
  expect_equal(positions_of(list(named), fit)$positions[, 1], u)
  without <- named[setdiff(names, "Intercept")]
  expect_equal(positions_of(list(without), fit)$positions[, 1], u)
  # As the arrays of one draw, with a leading dimension of 1.
  is_effect <- grepl("^r_", names)
  arrays <- c(named[!is_effect], list(
    r_g = array(draw[grepl("^r_g", names)], c(1, 3, 2)), r_h = array(draw[grepl("^r_h", names)], c(1, 2, 2)),
    lp__ = -3, prior_b = 1
  ))
  expect_equal(positions_of(list(arrays), fit)$positions[, 1], u)
})

test_that("functions get the chain's number if they want one", {
  expect_equal(positions_of(function(chain_id) list(b = chain_id), fit, 2)$positions[1, ], c(1, 2))
  expect_equal(positions_of(function(k) list(b = k), fit, 2, first_chain = 3)$positions[1, ], c(3, 4))
  expect_equal(positions_of(function() list(b = 5), fit, 2)$positions[1, ], c(5, 5))
  expect_error(positions_of(function() 1, fit), "named?|list", class = "skein_error")
})

test_that("unknown names warn, wrong shapes and values stop", {
  expect_warning(x <- positions_of(list(list(b = 1, b_xx = 2)), fit), "b_xx.*b_x", class = "skein_warning")
  expect_equal(x$positions[1, 1], 1)
  bad <- list(
    b = c(1, 2), sd_1 = 1, z_1 = matrix(0, 2, 2), L_1 = diag(3), sigma = -1, sigma = 0, sigma = Inf, b = "a",
    b = NA_real_, L_1 = matrix(1, 2, 2), sd_g__Intercept = -1, cor_g__Intercept__x = 2
  )
  for (k in seq_along(bad)) {
    expect_error(positions_of(list(bad[k]), fit), if (k == 12) "correlations" else "init", class = "skein_error")
  }
  expect_error(positions_of(list(list(sigma = -1)), fit), "sigma.*greater than 0", class = "skein_error")
  expect_error(positions_of(list(list(b = 1)), fit, 2), "1 list.*2 chains", class = "skein_error")
  expect_error(positions_of(list(list(1)), fit), "name", class = "skein_error")
})

test_that("fixed parameters are no part of the position and cannot be set", {
  fixed <- update(fit, prior = prior(constant(2), class = sd, group = h), chains = 0)
  expect_identical(get_num_upars(fixed), length(u) - 2L)
  given <- list(sd_h__Intercept = 5, r_h = matrix(c(2, 4, 6, 8), 2))
  x <- positions_of(list(given), fixed)$positions[, 1]
  expect_equal(x[!is.na(x)], c(1, 2, 3, 4))
})
