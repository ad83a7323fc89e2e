# Frames: designs by row blocks, groups, responses, and every error about data.

toy_data <- function(n = 60) {
  withr::with_seed(11, {
    data.frame(
      y = rnorm(n), x = rnorm(n), z = runif(n) + 1, count = rpois(n, 3), n = 7, s = rbinom(n, 7, 0.4), w = runif(n),
      f = factor(sample(c("b", "a", "c"), n, TRUE), levels = c("c", "b", "a", "unused")),
      o = factor(sample(1:3, n, TRUE), ordered = TRUE), ch = sample(c("u v", "w"), n, TRUE),
      lg = sample(c(TRUE, FALSE), n, TRUE), g = sample(12, n, TRUE), h = sample(letters[1:3], n, TRUE)
    )
  })
}

frame_of <- function(formula, data = toy_data(), family = gaussian(), ...) {
  build_frame(parse_formula(formula, family, data), data, ...)
}

design_of <- function(frame, from = 1, to = frame$n_rows) frame$predictors$mu$design(from, to)

test_that("designs built in row blocks equal model.matrix on all rows", {
  data <- toy_data()
  data$f <- droplevels(data$f)
  data$M <- matrix(cos(1:120), 60)
  data$h <- factor(data$h)
  contrasts(data$h) <- "contr.sum"
  rights <- list(
    ~x, ~ 0 + x, ~ f * x, ~ 0 + f * x, ~ 0 + f:x, ~ poly(x, 2) + scale(z), ~ splines::ns(x, 3) + lg + ch, ~ o * x,
    ~M, ~ h + I(x^2), ~ cut(x, 3) + I(x - mean(x)), ~ (x + f + lg)^2 - x:f, ~ log(z) %in% f
  )
  for (right in rights) {
    frame <- frame_of(update(right, y ~ .), data)
    full <- model.matrix(right, data)
    full <- full[, colnames(full) != "(Intercept)", drop = FALSE]
    blocks <- rbind(design_of(frame, 1, 7), design_of(frame, 8, 8), design_of(frame, 9, 60))
    expect_equal(blocks, unname(full), ignore_attr = TRUE, tolerance = 1e-12, label = format_formula(right))
    expect_length(frame$predictors$mu$coefs, ncol(full))
  }
})

test_that("coefficients have brms's names", {
  frame <- frame_of(y ~ I(x^2) * f + poly(z, 2) + lg + log(w) + x:z)
  expect_identical(
    frame$predictors$mu$coefs,
    c("IxE2", "fb", "fa", "polyz21", "polyz22", "lgTRUE", "logw", "IxE2:fb", "IxE2:fa", "x:z")
  )
  expect_identical(clean_names("I((x + 1)/2 - y*z == \"a b\")$k"), "IxP1D2MyMUzEQEQabUSDk")
  expect_error(clean_names(c("a b", "ab")), "would all be called", class = "skein_error")
})

test_that("an intercept is centred away, kept as a coefficient, or absent", {
  expect_identical(frame_of(y ~ f)$predictors$mu$coefs, c("fb", "fa"))
  expect_identical(frame_of(bf(y ~ f, center = FALSE))$predictors$mu$coefs, c("Intercept", "fb", "fa"))
  expect_identical(frame_of(y ~ 0 + f)$predictors$mu$coefs, c("fc", "fb", "fa"))
  expect_identical(frame_of(bf(y ~ 0 + f, cmc = FALSE))$predictors$mu$coefs, c("fb", "fa"))
  frame <- frame_of(y ~ 0 + Intercept + f)
  expect_identical(frame$predictors$mu$coefs, c("Intercept", "fb", "fa"))
  expect_identical(design_of(frame)[, 1], rep(1, 60))
  expect_identical(dim(design_of(frame_of(y ~ 1))), c(60L, 0L))
})

test_that("grouping factors have factor()'s levels, without unused ones", {
  data <- toy_data()
  groups <- frame_of(y ~ (1 | f) + (1 | g) + (1 | h:g), data)$groups
  expect_identical(groups[[1]]$levels, c("c", "b", "a"))
  expect_identical(groups[[1]]$levels[groups[[1]]$index], as.character(data$f))
  expect_identical(groups[[2]]$levels, levels(factor(data$g)))
  expect_identical(groups[[2]]$index, as.integer(factor(data$g)))
  pasted <- factor(paste(data$h, data$g, sep = "_"))
  expect_identical(groups[[3]]$levels, levels(pasted))
  expect_identical(groups[[3]]$index, as.integer(pasted))
})

test_that("group-level designs and flags follow the term", {
  data <- toy_data()
  groups <- frame_of(y ~ (x | g) + (f || h) + (1 | f), data)$groups
  expect_identical(lapply(groups, `[[`, "coefs"), list("Intercept", c("Intercept", "x"), c("Intercept", "fb", "fa")))
  expect_identical(vapply(groups, `[[`, NA, "correlated"), c(FALSE, TRUE, FALSE))
  expect_identical(lapply(groups, `[[`, "ones"), list(TRUE, c(TRUE, FALSE), c(TRUE, FALSE, FALSE)))
  frame <- frame_of(y ~ (x | g), data)
  expect_equal(group_block(frame$groups[[1]], 5, 9), cbind(1, data$x[5:9]))
  expect_error(frame_of(y ~ (1 | g) + (x | g)), "Duplicated group-level effects", class = "skein_error")
  expect_length(frame_of(y ~ (1 | g) + (0 + x | g))$groups, 2)
})

test_that("offsets add up and may be constants", {
  data <- toy_data()
  expect_equal(frame_of(y ~ x + offset(z) + offset(log(z)) + offset(2))$predictors$mu$offset, data$z + log(data$z) + 2)
  expect_null(frame_of(y ~ x)$predictors$mu$offset)
})

test_that("responses, trials and weights become doubles", {
  data <- toy_data()
  frame <- frame_of(s | trials(n) + weights(w, scale = TRUE) ~ x, data, binomial())
  expect_identical(frame$response, as.double(data$s))
  expect_identical(frame$trials, rep(7, 60))
  expect_equal(sum(frame$weights), 60)
  expect_identical(frame_of(s | trials(8) ~ x, data, binomial())$trials, rep(8, 60))
  frame <- frame_of(ch ~ x, data, bernoulli())
  expect_identical(frame$response, as.double(data$ch == "w"))
  expect_identical(frame$response_levels, c("u v", "w"))
  expect_equal(frame_of(log(z) ~ 1, data)$response, log(data$z))
  expect_equal(frame_of(scale(y) ~ 1, data)$response, as.vector(scale(data$y)))
})

test_that("rows with missing values are dropped with a warning, and messages count the user's rows", {
  data <- toy_data()
  data$x[c(2, 5)] <- NA
  data$g[9] <- NA
  expect_warning(frame <- frame_of(y ~ x + (1 | g), data), "Rows containing NAs were excluded", class = "skein_warning")
  expect_identical(frame$n_rows, 57L)
  expect_identical(frame$dropped_rows, c(2L, 5L, 9L))
  expect_equal(design_of(frame)[, 1], data$x[-c(2, 5, 9)])
  expect_silent(frame_of(y ~ z, data))
  data$x[7] <- Inf
  expect_error(suppressWarnings(frame_of(y ~ x, data)), "`x` must be finite, but is Inf in row 7")
  data$x <- NA_real_
  expect_error(suppressWarnings(frame_of(y ~ x, data)), "All rows", class = "skein_error")
})

test_that("faults of the data are named", {
  data <- toy_data()
  expect_error(frame_of(y ~ Z, data), "\"Z\".*Did you mean \"z\"", class = "skein_error")
  expect_error(frame_of(y ~ poly(x, knots), data), "\"knots\"", class = "skein_error")
  expect_error(frame_of(y ~ x, data[0, ]), "no rows", class = "skein_error")
  expect_error(build_frame(parse_formula(y ~ x)), "must be given", class = "skein_error")
  expect_error(suppressWarnings(frame_of(y ~ log(x), data)), "log(x)", fixed = TRUE, class = "skein_error")
  expect_error(frame_of(-count ~ x, data, poisson()), "-count", class = "skein_error")
  expect_error(frame_of(y ~ x, data, poisson()), "whole number", class = "skein_error")
  expect_error(frame_of(f ~ x, data), "numbers as its response", class = "skein_error")
  expect_error(frame_of(s | trials(1) ~ x, data, binomial()), "more than its number of trials", class = "skein_error")
  expect_error(frame_of(s | trials(n / 2) ~ x, data, binomial()), "n/2", class = "skein_error")
  expect_error(frame_of(y | weights(x) ~ 1, data), "`x` must be a finite number of at least 0", class = "skein_error")
  expect_error(frame_of(y ~ x + offset(f), data), "offset", class = "skein_error")
  expect_error(frame_of(y ~ nofunction(x), data), "nofunction", class = "skein_error")
  data$one <- "k"
  expect_error(frame_of(y ~ one, data), "has only the level", class = "skein_error")
  expect_warning(frame_of(y ~ (1 | one), data), "one level only", class = "skein_warning")
  data$l <- as.list(seq_len(60))
  expect_error(frame_of(y ~ l, data), "list", class = "skein_error")
  data$M <- matrix(0, 60, 2)
  expect_error(frame_of(M ~ x, data), "2 columns", class = "skein_error")
  expect_error(frame_of(y ~ (1 | M), data), "matrix", class = "skein_error")
  data$Intercept <- 1
  expect_error(frame_of(y ~ 0 + Intercept, data), "cannot be a column", class = "skein_error")
  data$a__b <- data$x
  expect_error(frame_of(y ~ a__b, data), "underscores", class = "skein_error")
  data$level <- rep(c("a b", "a.b"), 30)
  expect_error(build_params(frame_of(y ~ (1 | level), data)), "r_level[a.b,Intercept]", fixed = TRUE)
})

test_that("columns are the user's own vectors, and unused levels go", {
  data <- toy_data()
  frame <- frame_of(y ~ x + f)
  expect_named(frame$data, c("y", "x", "f"))
  expect_identical(levels(frame$data$f), c("c", "b", "a"))
  expect_identical(frame$predictors$mu$columns$xlevels, list(f = c("c", "b", "a")))
  expect_identical(frame_of(y ~ f, drop_unused_levels = FALSE)$predictors$mu$coefs, c("fb", "fa", "funused"))
})

test_that("a light frame holds nothing of the data's length", {
  size <- function(n) {
    length(serialize(light_frame(frame_of(y ~ x + f + offset(z) + (x | h), toy_data(n))), NULL))
  }
  expect_lt(size(2e4) - size(60), 1000)
})

test_that("default contrasts are those of the day the formula was read", {
  terms <- parse_formula(y ~ f + o)
  coefs <- build_frame(terms, toy_data())$predictors$mu$coefs
  withr::local_options(contrasts = c("contr.sum", "contr.helmert"))
  expect_identical(build_frame(terms, toy_data())$predictors$mu$coefs, coefs)
})

test_that("the predictor's terms keep the basis of poly(), scale() and ns() for other data", {
  data <- toy_data()
  columns <- frame_of(y ~ poly(x, 2) + scale(z), data)$predictors$mu$columns
  again <- model.matrix(columns$terms, model.frame(columns$terms, data[3:5, ]))
  expect_equal(unname(again[, columns$keep]), columns_block(columns, 3, 5), ignore_attr = TRUE)
})
