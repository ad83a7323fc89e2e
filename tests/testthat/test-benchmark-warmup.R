test_that("warm-up information comes per chain, for fits and for Stan's text", {
  fit <- mock_sampled_fit()
  info <- extract_warmup_info(fit)
  expect_identical(info$step_size, as.list(fit$fit$step_size))
  expect_identical(info$inv_metric, fit$fit$inverse_metric)
  text <- get_adaptation_info(fit)[[2]]
  expect_identical(read_adaptation_text(text), list(step_size = info$step_size[[2]], inv_metric = info$inv_metric[[2]]))
  dense <- read_adaptation_text(adaptation_text(0.25, matrix(c(2, 1, 1, 3), 2)))
  expect_identical(dense, list(step_size = 0.25, inv_metric = matrix(c(2, 1, 1, 3), 2)))
  expect_identical(read_adaptation_text(adaptation_text(0.5, NULL)), list(step_size = 0.5, inv_metric = numeric(0)))
  expect_error(extract_warmup_info(mock_unsampled_fit()), class = "skein_no_draws")
})

test_that("one draw keeps the shapes of all", {
  fit <- mock_sampled_fit()
  arrays <- extract_arrays(fit$fit)
  draw <- extract_draw(arrays, 13)
  expect_identical(draw, extract_draw(fit, 13))
  expect_identical(draw, extract_draw(fit$fit, 13))
  expect_identical(dim(draw$r_g), c(1L, 2L, 2L))
  expect_identical(draw$r_g[1, 2, 1], arrays$r_g[13, 2, 1])
  expect_identical(as.vector(draw$b_x), arrays$b_x[[13]])
  skip_if_not_installed("abind")
  expect_equal(draw, lapply(arrays, abind::asub, idx = 13, dim = 1, drop = FALSE), ignore_attr = TRUE)
})

test_that("draws that are not there are refused", {
  fit <- mock_sampled_fit()
  for (bad in list(0, 21, 1.5, "1", NA)) expect_error(extract_draw(fit, bad), "`draw`", class = "skein_error")
  expect_error(extract_draw("fit", 1), "`x`", class = "skein_error")
  expect_error(extract_draw(mock_unsampled_fit(), 1), class = "skein_no_draws")
})
