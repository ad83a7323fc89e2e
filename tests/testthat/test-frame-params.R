# The parameter table: names, order, sizes and bounds of the reference layout.

epil_data <- function() {
  epil <- MASS::epil
  data.frame(
    count = epil$y, zAge = as.vector(scale(epil$age)), zBase = as.vector(scale(epil$base)),
    Trt = factor(as.integer(epil$trt) - 1), patient = factor(epil$subject), obs = factor(seq_len(nrow(epil)))
  )
}

sim_data <- function() {
  data <- read.csv(test_path("fixtures", "sim.csv"))
  data$g <- factor(data$g)
  data
}

# Blocks and dimensions as Stan has them (the reference densities), less constants.
expect_layout <- function(formula, data, blocks, dimension, family = gaussian()) {
  table <- build_params(build_frame(parse_formula(formula, family), data))
  expect_identical(table$name, strsplit(blocks, " ")[[1]])
  k <- sqrt(table$size)
  free <- ifelse(table$transform == "cholesky_corr", k * (k - 1) / 2, table$size)
  expect_equal(sum(free), dimension)
  expect_identical(lengths(table$draw_names), as.integer(table$size))
  lower <- c(sigma = 0, shape = 0, nu = 1)
  expected <- ifelse(grepl("^sd_", table$name), 0, lower[table$name])
  expect_equal(table$lower, unname(ifelse(is.na(expected), -Inf, expected)))
  invisible(table)
}

test_that("the layout is Stan's for models on epilepsy data", {
  skip_if_not_installed("MASS")
  data <- epil_data()
  expect_layout(count ~ zAge + zBase * Trt + (1 | patient), data, "b Intercept sd_1 z_1", 65, poisson())
  expect_layout(
    count ~ zBase * Trt + offset(log(zAge + 5)) + (1 | patient) + (1 | obs), data,
    "b Intercept sd_1 z_1 sd_2 z_2", 301, poisson()
  )
})

test_that("the layout is Stan's for models on simulated data", {
  data <- sim_data()
  expect_layout(y ~ x * z, data, "b Intercept sigma", 5)
  expect_layout(y ~ 0 + x + z, data, "b sigma", 3)
  expect_layout(y ~ 0 + Intercept + x, data, "b sigma", 3)
  expect_layout(b ~ x + (1 | g), data, "b Intercept sd_1 z_1", 15, bernoulli())
  expect_layout(b ~ x, data, "b Intercept", 2, bernoulli("probit"))
  expect_layout(y ~ x + (1 | g), data, "b Intercept sigma nu sd_1 z_1", 17, student())
  expect_layout(cnt ~ x + (1 | g), data, "b Intercept shape sd_1 z_1", 16, negbinomial())
  expect_layout(y | weights(w) ~ x, data, "b Intercept sigma", 3)
  expect_layout(y ~ x + z + (x | g), data, "b Intercept sigma sd_1 z_1 L_1", 31)
})

test_that("the layout is Stan's for models on lme4's data", {
  skip_if_not_installed("lme4")
  expect_layout(Reaction ~ Days + (Days | Subject), lme4::sleepstudy, "b Intercept sigma sd_1 z_1 L_1", 42)
  expect_layout(Reaction ~ Days + (Days || Subject), lme4::sleepstudy, "b Intercept sigma sd_1 z_1", 41)
  expect_layout(
    diameter ~ 1 + (1 | plate) + (1 | sample), lme4::Penicillin, "Intercept sigma sd_1 z_1 sd_2 z_2", 34
  )
  expect_layout(
    incidence | trials(size) ~ period + (1 | herd), lme4::cbpp, "b Intercept sd_1 z_1", 20, binomial()
  )
  expect_layout(
    TICKS ~ YEAR + scale(HEIGHT) + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION), lme4::grouseticks,
    "b Intercept sd_1 z_1 sd_2 z_2 sd_3 z_3", 591, poisson()
  )
})

test_that("elements have brms's draw names", {
  table <- build_params(build_frame(parse_formula(y ~ x + z + (x | g)), sim_data()))
  names <- stats::setNames(table$draw_names, table$name)
  expect_identical(names$b, c("b_x", "b_z"))
  expect_identical(names$sd_1, c("sd_g__Intercept", "sd_g__x"))
  expect_identical(names$z_1[1:3], c("z_1[1,1]", "z_1[2,1]", "z_1[1,2]"))
  expect_identical(names$L_1, c("L_1[1,1]", "L_1[2,1]", "L_1[1,2]", "L_1[2,2]"))
  expect_identical(table$class, c("b", "Intercept", "sigma", "sd", "z", "cor"))
  expect_identical(table$group, c("", "", "", "g", "g", "g"))
  # Without correlations z is an array of vectors: levels run fastest.
  table <- build_params(build_frame(parse_formula(y ~ x + z + (x || g)), sim_data()))
  expect_identical(table$draw_names[[5]][1:2], c("z_1[1,1]", "z_1[1,2]"))
})

test_that("names of correlations and effects follow brms's order", {
  group <- list(
    group = "a:b", coefs = c("Intercept", "x", "z"), labels = c("Intercept", "x", "z"), dpars = rep("mu", 3),
    levels = c("1_u v", "2_w")
  )
  expect_identical(
    correlation_names(group), c("cor_a:b__Intercept__x", "cor_a:b__Intercept__z", "cor_a:b__x__z")
  )
  expect_identical(
    effect_names(group)[1:3], c("r_a:b[1_u.v,Intercept]", "r_a:b[2_w,Intercept]", "r_a:b[1_u.v,x]")
  )
})

test_that("bounds choose the transform", {
  expect_identical(bounds_transform(-Inf, Inf), "identity")
  expect_identical(bounds_transform(0, Inf), "lower")
  expect_identical(bounds_transform(-Inf, 0), "upper")
  expect_identical(bounds_transform(0, 1), "interval")
})
