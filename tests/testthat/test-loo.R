# Criteria through loo: what loo itself makes of the log-likelihood matrix, names, stored criteria, refits.

loo_data <- withr::with_seed(1, data.frame(y = stats::rnorm(30), x = stats::rnorm(30), g = rep(c("a", "b", "c"), 10)))

# Draws near the least squares fit, so that importance weights behave.
loo_fit <- function(formula = y ~ x) {
  fit <- made_up_fit(formula, loo_data, n_draws = 200)
  fit$fit$draws[] <- fit$fit$draws * 0.2
  fit$fit$draws[, , "sigma"] <- 1 + fit$fit$draws[, , "sigma"]
  fit
}

test_that("loo() and waic() are loo's of the log-likelihood", {
  fit <- loo_fit()
  log_lik <- log_lik(fit)
  r_eff <- loo::relative_eff(exp(log_lik), chain_id = rep(1:2, each = 100))
  by_loo <- suppressWarnings(loo::loo(log_lik, r_eff = r_eff))
  ours <- suppressWarnings(loo(fit))
  expect_s3_class(ours, "psis_loo")
  expect_equal(ours$pointwise, by_loo$pointwise)
  expect_equal(suppressWarnings(waic(fit))$pointwise, suppressWarnings(loo::waic(log_lik))$pointwise)
  pointwise <- suppressWarnings(waic(fit, pointwise = TRUE))
  expect_equal(unname(pointwise$pointwise), unname(suppressWarnings(loo::waic(log_lik))$pointwise))
  expect_equal(suppressWarnings(LOO(fit))$estimates, ours$estimates)
  expect_equal(dim(suppressWarnings(loo(fit, newdata = loo_data[1:5, ], ndraws = 50))), c(50, 5))
})

test_that("several fits are compared under their names", {
  one <- loo_fit()
  two <- loo_fit(y ~ 1)
  both <- suppressWarnings(loo(one, two))
  expect_s3_class(both, "loolist")
  expect_named(both$loos, c("one", "two"))
  by_loo <- loo::loo_compare(unname(lapply(both$loos, function(x) structure(x, model_name = NULL))))
  expect_equal(as.vector(both$diffs[, "elpd_diff"]), as.vector(by_loo[, "elpd_diff"]))
  comparison <- suppressWarnings(loo_compare(one, two))
  # From loo 2.10 on a data frame with the models in a column.
  expect_setequal(if (is.data.frame(comparison)) comparison$model else rownames(comparison), c("one", "two"))
  named <- suppressWarnings(waic(one, two, model_names = c("first", "second")))
  expect_named(named$loos, c("first", "second"))
  expect_output(print(both), "Output of model 'two'")
  expect_error(loo_compare(one), "at least two", class = "skein_error")
  expect_error(loo(one, two, model_names = "x"), "model_names", class = "skein_error")
})

test_that("criteria are stored once and found again", {
  fit <- suppressWarnings(add_criterion(loo_fit(), c("loo", "waic", "bayes_R2")))
  expect_named(fit$criteria, c("loo", "waic", "bayes_R2"))
  fit$criteria$loo$marked <- TRUE
  expect_true(loo(fit)$marked)
  expect_null(suppressWarnings(loo(fit, draw_ids = 1:100))$marked)
  expect_true(suppressWarnings(add_criterion(fit, "loo"))$criteria$loo$marked)
  expect_null(suppressWarnings(add_criterion(fit, "loo", overwrite = TRUE))$criteria$loo$marked)
  expect_error(add_criterion(fit, "lo"), "loo", class = "skein_error")
  file <- withr::local_tempfile(fileext = ".rds")
  suppressWarnings(add_criterion(loo_fit(), "waic", file = file))
  expect_named(readRDS(file)$criteria, "waic")
})

test_that("kfold() leaves each fold out once", {
  folds <- data_folds(loo_data, list(K = 4))
  expect_setequal(folds$fold, 1:4)
  expect_identical(data_folds(loo_data, list(K = 10, folds = "loo"))$fold, 1:30)
  expect_identical(data_folds(loo_data, list(K = 10, group = "g"))$fold, rep(1:3, 10))
  grouped <- data_folds(loo_data, list(K = 2, folds = "grouped", group = "g"))$fold
  expect_true(all(tapply(grouped, loo_data$g, function(x) length(unique(x))) == 1))
  expect_error(data_folds(loo_data, list(K = 10, folds = "grouped")), "group", class = "skein_error")
  expect_error(data_folds(loo_data, list(K = 100)), "at most 30", class = "skein_error")
  expect_error(data_folds(loo_data, list(K = 10, group = "z")), "no column", class = "skein_error")
})

test_that("kfold() joins log densities by part and group, and leaves out groups of single rows", {
  parts <- list(c(1, 4, 2), c(3, 5))
  expect_identical(joined_rows(parts, "obs", NULL), as.list(1:5))
  expect_identical(joined_rows(parts, "fold", NULL), list(1:3, 4:5))
  group <- c("b", "a", "a", "b", "c")
  expect_identical(joined_rows(parts, "group", group), list(1:2, 3L, 4L, 5L))
  log_lik <- matrix(log(1:10), 2)
  expect_equal(joint_elpd(log_lik, list(1:2, 5L)), log(c((1 * 3 + 2 * 4) / 2, 9.5)))
  fit <- suppressWarnings(brm(y ~ x, loo_data[1:9, ], chains = 1, iter = 60, seed = 1, refresh = 0))
  grouped <- loo_data[1:9, ]
  fit$data <- grouped
  out <- suppressMessages(suppressWarnings(
    kfold(fit, folds = "loo", group = "g", Ksub = as.array(2), save_fits = TRUE, newdata = grouped, seed = 1)
  ))
  expect_equal(unlist(out$fits[1, c("omitted", "predicted")], use.names = FALSE), c(2, 5, 8, 2))
  joint <- suppressMessages(suppressWarnings(kfold(fit, folds = grouped$g, joint = "fold", iter = 60, seed = 1)))
  expect_identical(nrow(joint$pointwise), 3L)
  expect_error(kfold(fit, joint = "group"), "group", class = "skein_error")
  expect_error(kfold(fit, joint = "rows"), "joint", class = "skein_error")
})

test_that("kfold() and reloo() refit without the rows", {
  fit <- suppressWarnings(brm(y ~ x, loo_data, chains = 1, iter = 200, seed = 1, refresh = 0))
  out <- suppressMessages(suppressWarnings(kfold(fit, K = 2, seed = 2, save_fits = TRUE)))
  expect_s3_class(out, "kfold")
  expect_identical(colnames(out$fits), c("fit", "omitted", "predicted"))
  one <- out$fits[1, ]
  expect_equal(nobs(one$fit) + length(one$omitted), 30)
  density <- log_lik(one$fit, newdata = loo_data[one$omitted, ])
  expect_equal(unname(out$pointwise[one$omitted, "elpd_kfold"]), log(colMeans(exp(density))))
  predicted <- kfold_predict(out, method = "posterior_epred")
  expect_equal(predicted$y, stats::setNames(loo_data$y, 1:30))
  expect_equal(unname(predicted$yrep[, one$predicted]), posterior_epred(one$fit, newdata = loo_data[one$predicted, ]))
  without <- suppressMessages(kfold(fit, K = 2, Ksub = 1, chains = 1, iter = 50))
  expect_error(kfold_predict(without), "save_fits", class = "skein_error")
  expect_equal(unname(out$estimates["elpd_kfold", "Estimate"]), sum(out$pointwise[, "elpd_kfold"]))
  expect_output(print(out), "2-fold")
  criterion <- suppressWarnings(loo(fit))
  criterion$diagnostics$pareto_k[] <- 0.1
  criterion$diagnostics$pareto_k[3] <- 0.9
  again <- suppressMessages(suppressWarnings(reloo(fit, criterion, seed = 4)))
  expect_equal(again$pointwise[-3, "elpd_loo"], criterion$pointwise[-3, "elpd_loo"])
  expect_lt(abs(again$pointwise[3, "elpd_loo"] - criterion$pointwise[3, "elpd_loo"]), 0.3)
  expect_equal(again$estimates["elpd_loo", "Estimate"], sum(again$pointwise[, "elpd_loo"]))
})

test_that("R squared is the share of explained variance", {
  fit <- loo_fit()
  epred <- posterior_epred(fit)
  explained <- apply(epred, 1, stats::var)
  by_hand <- explained / (explained + apply(sweep(epred, 2, loo_data$y), 1, stats::var))
  expect_equal(as.vector(bayes_R2(fit, summary = FALSE)), by_hand)
  expect_equal(bayes_R2(fit), posterior_summary(cbind(R2 = by_hand)))
  set.seed(1)
  out <- suppressWarnings(loo_R2(fit, summary = FALSE))
  expect_equal(dim(out), c(nrow(epred), 1))
  expect_true(all(out <= 1))
  one <- suppressWarnings(loo_R2(fit, seed = 3))
  before <- .Random.seed
  expect_identical(suppressWarnings(loo_R2(fit, seed = 3)), one)
  expect_identical(.Random.seed, before)
  expect_error(loo_R2(fit, args_epred = 1), "args_epred", class = "skein_error")
})
