# The spec: the plain list for the C++ core, the order of its outputs, and the feeding of the design.

spec_data <- function(n = 40) {
  data.frame(
    y = sin(seq_len(n)), x = cos(seq_len(n)), z = seq_len(n) / n, w = rep(c(1, 2), length.out = n),
    g = rep(1:5, length.out = n), h = rep(c("a", "b"), each = n / 2), s = 1, n = 3
  )
}

spec_of <- function(formula, family = gaussian(), ...) {
  frame <- build_frame(parse_formula(formula, family), spec_data())
  build_spec(frame, build_params(frame), ...)
}

test_that("blocks are numbered into the parameter list", {
  spec <- spec_of(y | weights(w) ~ x + offset(z) + (x | g) + (1 | h), student())
  names <- vapply(spec$parameters, `[[`, "", "name")
  expect_identical(names, c("b", "Intercept", "sigma", "nu", "sd_1", "z_1", "L_1", "sd_2", "z_2"))
  mu <- spec$predictors[[1]]
  expect_identical(names[c(mu$block_b, mu$block_intercept)], c("b", "Intercept"))
  expect_identical(names[spec$dpar_blocks], c("sigma", "nu"))
  group <- spec$groups[[1]]
  expect_identical(names[c(group$block_sd, group$block_z, group$block_cholesky)], c("sd_1", "z_1", "L_1"))
  expect_identical(spec$groups[[2]]$block_cholesky, 0L)
  expect_true(spec$groups[[2]]$coefficient_ones && mu$centred && group$correlated)
  expect_identical(group$coefficient_predictor, c(1L, 1L))
  expect_identical(group$coefficient_ones, c(TRUE, FALSE))
  expect_identical(group$n_levels, 5L)
  expect_identical(group$index, as.integer(spec_data()$g))
  expect_identical(mu$offset, spec_data()$z)
  expect_identical(spec$weights, spec_data()$w)
  expect_null(spec$trials)
  expect_false(spec$prior_only)
  expect_identical(spec$parameters[[7]][c("transform", "size", "dimension")], list(
    transform = "cholesky_corr", size = 4, dimension = 2
  ))
  expect_identical(spec$priors, list())
})

test_that("absent blocks are 0", {
  mu <- spec_of(y ~ 1)$predictors[[1]]
  expect_identical(c(mu$block_b, mu$block_intercept, mu$n_columns), c(0L, 1L, 0L))
  mu <- spec_of(y ~ 0 + x)$predictors[[1]]
  expect_identical(c(mu$block_b, mu$block_intercept), c(1L, 0L))
  expect_false(mu$centred)
  expect_identical(spec_of(s | trials(n) ~ x, binomial())$trials, rep(3, 40))
})

test_that("priors of the table are written as entries", {
  frame <- build_frame(parse_formula(y ~ x + z), spec_data())
  table <- build_params(frame)
  rows <- data.frame(distribution = c("normal", "cauchy"), normalizer = c(0, 0.5))
  rows$elements <- list(1, 2)
  rows$arguments <- list(c(0, 1), c(0, 2))
  table$prior[[1]] <- rows
  expect_identical(build_spec(frame, table)$priors[[2]], list(
    block = 1L, elements = 2L, distribution = "cauchy", arguments = c(0, 2), normalizer = 0.5
  ))
})

test_that("outputs come in brms's order", {
  spec <- spec_of(y ~ x + (x | g) + (1 | h))
  expect_identical(attr(spec, "draw_names"), c(
    "b_Intercept", "b_x", "sd_g__Intercept", "sd_g__x", "sd_h__Intercept", "cor_g__Intercept__x", "sigma", "Intercept",
    paste0("r_g[", 1:5, ",Intercept]"), paste0("r_g[", 1:5, ",x]"), "r_h[a,Intercept]", "r_h[b,Intercept]", "lprior"
  ))
  kinds <- vapply(spec$outputs, `[[`, "", "kind")
  expect_identical(kinds, rep(
    c("population_intercept", "parameter", "correlation", "parameter", "group_effects", "log_prior"),
    c(1, 3, 1, 2, 2, 1)
  ))
  expect_identical(attr(spec_of(y ~ 0 + Intercept + x), "draw_names"), c("b_Intercept", "b_x", "sigma", "lprior"))
})

test_that("save_pars chooses what is reported", {
  pars <- function(group = TRUE, all = FALSE, manual = character(0)) {
    list(group = group, latent = FALSE, all = all, manual = manual)
  }
  names <- function(...) attr(spec_of(y ~ x + (x | g) + (1 | h), save_pars = pars(...)), "draw_names")
  expect_false(any(grepl("^r_", names(group = FALSE))))
  expect_identical(unique(sub("\\[.*", "", grep("^r_", names(group = "h"), value = TRUE))), "r_h")
  all <- names(all = TRUE)
  expect_identical(unique(sub("\\[.*", "", all[-seq_len(match("lprior", all))])), c("z_1", "L_1", "z_2"))
  expect_identical(tail(names(manual = "z_2"), 3), c("lprior", "z_2[1,1]", "z_2[1,2]"))
})

test_that("the design is fed in blocks that cover all rows once", {
  data <- spec_data(5000)
  frame <- build_frame(parse_formula(y ~ x + z + (x | g) + (1 | h)), data)
  seen <- list()
  collect <- function(builder, first_row, columns, groups) {
    seen[[length(seen) + 1]] <<- list(first_row = first_row, columns = columns[[1]], groups = groups)
  }
  feed_design("builder", frame, block_elements = 6000, add_rows = collect)
  expect_equal(vapply(seen, `[[`, 0, "first_row"), c(1, 1501, 3001, 4501))
  expect_equal(do.call(rbind, lapply(seen, `[[`, "columns")), cbind(data$x, data$z))
  expect_null(seen[[1]]$groups[[2]])
  expect_equal(do.call(rbind, lapply(seen, function(block) block$groups[[1]])), cbind(1, data$x))
  seen <- list()
  feed_design("builder", build_frame(parse_formula(y ~ 1 + (1 | g)), data), add_rows = collect)
  expect_length(seen, 0)
})
