test_that("draws keep the sampler's values under brms's names and order", {
  fit <- mock_unsampled_fit(save_pars = save_pars(all = TRUE), sample_prior = "yes")
  plan <- mock_plan()
  result <- mock_result(fit, plan)
  sampled <- store_draws(fit, result, plan$run)
  names <- dimnames(sampled$fit$draws)[[3]]
  expect_identical(names[1:2], c("b_Intercept", "b_x"))
  at <- match(c("lprior", "lp__"), names)
  expect_identical(diff(at), 1L)
  expect_true(all(grepl("^prior_", names[(at[1] - 4):(at[1] - 1)])))
  expect_true(all(grepl("^[zL]_", names[-seq_len(at[2])])))
  own <- names[!grepl("^prior_|^lp__$", names)]
  for (k in seq_along(own)) expect_identical(unname(sampled$fit$draws[, , own[k]]), result$draws[, , k])
  expect_identical(unname(sampled$fit$draws[, , "lp__"]), result$draws[, , dim(result$draws)[3]])
  expect_false(anyNA(sampled$fit$draws))
})

test_that("warm-up draws are split off", {
  plan <- mock_plan(thin = 3, dots = list(refresh = 0, save_warmup = TRUE))
  fit <- mock_unsampled_fit()
  result <- mock_result(fit, plan)
  sampled <- store_draws(fit, result, plan$run)
  expect_identical(dim(sampled$fit$warmup_draws)[1], 4L)
  expect_identical(dim(sampled$fit$draws)[1], 4L)
  expect_identical(as.vector(sampled$fit$warmup_draws[, , 2]), as.vector(result$draws[1:4, , 2]))
  expect_identical(as.vector(sampled$fit$draws[, , 2]), as.vector(result$draws[5:8, , 2]))
  expect_identical(dim(sampled$fit$sampler_params), c(20L, 2L, 6L))
})

test_that("an interactive interrupt returns the fit so far, cut to the shortest chain", {
  fit <- mock_unsampled_fit()
  plan <- mock_plan(chains = 3)
  result <- mock_result(fit, plan, c(20, 15, 4))
  expect_warning(
    cut <- finish_interrupted(fit, result, plan$run, plan, interactive = TRUE),
    "2 chains of 5 draws.*chain 3", class = "skein_interrupted"
  )
  expect_identical(dim(cut$fit$draws)[1:2], c(5L, 2L))
  expect_identical(as.vector(cut$fit$draws[, , 1]), as.vector(result$draws[1:5, 1:2, 1]))
  expect_identical(dim(cut$fit$sampler_params)[1:2], c(15L, 2L))
  expect_identical(cut$fit$settings$iter, 15)
})

test_that("a script saves what it has and stops", {
  fit <- mock_unsampled_fit()
  file <- file.path(withr::local_tempdir(), "fit.rds")
  plan <- mock_plan(file = file)
  result <- mock_result(fit, plan, c(20, 15))
  expect_error(finish_interrupted(fit, result, plan$run, plan, interactive = FALSE), class = "skein_interrupted")
  expect_identical(dim(readRDS(file)$fit$draws)[1:2], c(5L, 2L))
  expect_warning(read_fit_file(file), "interrupted", class = "skein_interrupted")
  plan["file"] <- list(NULL)
  expect_error(finish_interrupted(fit, result, plan$run, plan, interactive = FALSE), class = "skein_interrupted")
})

test_that("without any draw an interrupt stays an interrupt", {
  fit <- mock_unsampled_fit()
  plan <- mock_plan()
  result <- mock_result(fit, plan, c(10, 3))
  caught <- tryCatch(
    finish_interrupted(fit, result, plan$run, plan, interactive = FALSE),
    interrupt = function(condition) "interrupt"
  )
  expect_identical(caught, "interrupt")
})

test_that("a start that fails names the parameters at fault", {
  fit <- mock_unsampled_fit()
  labels <- unconstrained_labels(fit$params)
  expect_identical(labels, c(
    "b_x", "Intercept", "sigma", "sd_g__Intercept", "sd_g__x", "z_1[1,1]", "z_1[2,1]", "z_1[1,2]", "z_1[2,2]",
    "L_1[2,1]"
  ))
  failure <- list(
    chain = 2, message = "no point has a finite log density", position = numeric(10),
    gradient = c(1, NaN, numeric(7), Inf)
  )
  expect_error(
    stop_failed_start(failure, fit), "Chain 2.*Intercept.*L_1", class = "skein_failed_start"
  )
})

test_that("positions and metrics are in the reference layout, in whatever order levels are sampled", {
  # Groups of unequal sizes, so that their order by size is not that of their levels.
  set.seed(3)
  size <- rep(c(2, 30, 5, 60, 1, 12), 10)
  data <- data.frame(g = factor(rep(seq_along(size), size)))
  data$y <- rpois(nrow(data), exp(1 + rnorm(length(size))[data$g]))
  for (metric in c("diag_e", "dense_e")) {
    fit <- suppressWarnings(brm(y ~ 1 + (1 | g), data, poisson(),
      chains = 1, iter = 600, seed = 1, refresh = 0, control = list(metric = metric),
      prior = prior(constant(1), class = sd, group = g)
    ))
    draws <- as.matrix(fit)
    effects <- draws[, grepl("^r_g", colnames(draws))]
    # With a standard deviation of 1 the standardised effects are the effects.
    expect_identical(unname(fit$fit$positions$last_draw[-1, 1]), unname(effects[nrow(effects), ]))
    inverse <- extract_warmup_info(fit)$inv_metric[[1]]
    if (metric == "dense_e") inverse <- diag(inverse)
    expect_gt(cor(inverse[-1], apply(effects, 2, var)), 0.8)
  }
})
