# Frames of new data: the model's own bases, levels and contrasts, and errors that name what is missing.

newdata_fit <- function(formula, family = gaussian(), ...) {
  n <- 60
  data <- withr::with_seed(4, data.frame(
    y = rnorm(n), x = rnorm(n), z = runif(n) + 1, s = rbinom(n, 7, 0.4), n = 7,
    f = factor(sample(c("b", "a", "c"), n, TRUE), levels = c("c", "b", "a")),
    o = factor(sample(1:3, n, TRUE), ordered = TRUE), g = rep(1:6, 10), h = rep(c("u", "v"), each = 30),
    b = rep(c("no", "yes"), 30)
  ))
  data$by <- factor(ifelse(data$g > 3, "late", "early"))
  brm(formula, data, family, chains = 0, ...)
}

test_that("designs on the fit's own rows are those of the fit", {
  fit <- newdata_fit(bf(
    y ~ poly(x, 2) * f + scale(z) + o + offset(z) + (1 + f | i | g), sigma ~ 0 + f + (x | i | g) + (1 | h)
  ))
  frame <- build_frame(fit$terms, fit$data)
  rows <- c(7, 3, 44, 60)
  new <- frame_for_newdata(fit, fit$data[rows, ])
  expect_identical(names(new$predictors), c("mu", "sigma"))
  for (dpar in names(new$predictors)) {
    whole <- frame$predictors[[dpar]]$design(1, 60)
    expect_equal(new$predictors[[dpar]]$design(1, 4), whole[rows, ], tolerance = 1e-12)
    expect_equal(new$predictors[[dpar]]$design(2, 3), whole[rows[2:3], ], tolerance = 1e-12)
  }
  expect_equal(new$predictors$mu$offset, fit$data$z[rows])
  expect_equal(new$predictors$mu$means, fit$frame$predictors$mu$means)
  for (k in 1:2) {
    expect_identical(new$groups[[k]]$index, frame$groups[[k]]$index[rows])
    expect_equal(new$groups[[k]]$design(1, 4), group_block(frame$groups[[k]], 1, 60)[rows, , drop = FALSE])
  }
})

test_that("only what is asked for must be there", {
  fit <- newdata_fit(bf(y ~ x + (z | i | g), sigma ~ z + (x | i | g) + (1 | h)))
  new <- frame_for_newdata(fit, data.frame(x = 1:2), dpars = "mu", groups = integer(0))
  expect_equal(new$predictors$mu$design(1, 2)[, 1], c(1, 2))
  new <- frame_for_newdata(fit, data.frame(x = 1:2, z = 3, g = 1), dpars = "mu", groups = 1)
  expect_equal(new$groups[[1]]$design(1, 2), cbind(1, c(3, 3), 0, 0))
  expect_error(frame_for_newdata(fit, data.frame(x = 1)), "lacks the columns \"z\"", class = "skein_error")
  expect_error(frame_for_newdata(fit, data.frame(x = 1, z = 1, g = 1)), "\"h\"", class = "skein_error")
  expect_error(
    frame_for_newdata(fit, data.frame(x = 1), dpars = "mu", groups = integer(0), response = TRUE), "\"y\"",
    class = "skein_error"
  )
  expect_error(frame_for_newdata(fit, data.frame(x = 1)[0, , drop = FALSE]), "no rows", class = "skein_error")
})

test_that("new levels of grouping factors are told from known ones", {
  fit <- newdata_fit(y ~ (1 | g) + (1 | g:h) + (x | gr(h, by = h)))
  new <- frame_for_newdata(fit, data.frame(x = 1:4, g = c(9, 2, 8, 9), h = "u"))
  expect_identical(new$groups[[1]]$index, c(0L, 2L, 0L, 0L))
  expect_identical(new$groups[[1]]$new_levels, c("8", "9"))
  expect_identical(new$groups[[1]]$new_index, c(2L, 0L, 1L, 2L))
  expect_identical(new$groups[[2]]$new_levels, c("8_u", "9_u"))
  expect_identical(new$groups[[3]]$by_level, rep(1L, 4))
  expect_error(frame_for_newdata(fit, data.frame(x = 1, g = NA, h = "u")), "missing", class = "skein_error")
  expect_error(frame_for_newdata(fit, data.frame(x = 1, g = 1, h = "w")), "never seen", class = "skein_error")
})

test_that("levels of factors that the model has not seen are named", {
  fit <- newdata_fit(y ~ f + o)
  new <- frame_for_newdata(fit, data.frame(f = "a", o = "3"))
  expect_equal(new$predictors$mu$design(1, 1), cbind(0, 1, t(contr.poly(3)[3, ])), ignore_attr = TRUE)
  expect_error(frame_for_newdata(fit, data.frame(f = "q", o = 1)), "\"f\".*\"q\".*never seen", class = "skein_error")
})

test_that("responses and additions are built where they are there", {
  fit <- newdata_fit(s | trials(n) + weights(z) ~ x, binomial())
  new <- frame_for_newdata(fit, data.frame(x = 1:2, n = c(3, 9)))
  expect_equal(new$trials, c(3, 9))
  expect_null(new$weights)
  expect_null(new$response)
  new <- frame_for_newdata(fit, data.frame(x = 1:2, n = c(3, 9), s = 2, z = 1), response = TRUE)
  expect_equal(new$response, c(2, 2))
  expect_equal(new$weights, c(1, 1))
  fit <- newdata_fit(b ~ x, bernoulli())
  expect_equal(frame_for_newdata(fit, data.frame(x = 1:2, b = "yes"), response = TRUE)$response, c(1, 1))
  expect_error(frame_for_newdata(fit, data.frame(x = 1, b = "maybe"), response = TRUE), "no, yes", class = "skein_error")
})
