# New data are accepted and refused as in predictions, without any being made.

test_that("new data are checked as predictions check them", {
  fit <- made_up_fit(y | trials(n) ~ x + f + (1 | g), data.frame(
    y = 0:5, n = 5, x = 1:6, f = factor(rep(c("a", "b"), 3)), g = rep(c("u", "v", "w"), 2)
  ), binomial())
  new <- data.frame(y = 1, n = 5, x = 2, f = "b", g = "u", other = 1)
  expect_setequal(names(validate_newdata(new, fit)), c("y", "n", "x", "f", "g"))
  expect_error(validate_newdata(new[c("n", "x", "f", "g")], fit), "y", class = "skein_error")
  expect_setequal(names(validate_newdata(new[c("n", "x", "f", "g")], fit, check_response = FALSE)),
    c("n", "x", "f", "g"))
  expect_setequal(names(validate_newdata(new[1:4], fit, re_formula = NA)), c("y", "n", "x", "f"))
  new$g <- "z"
  expect_error(validate_newdata(new, fit), "allow_new_levels", class = "skein_new_levels")
  expect_identical(validate_newdata(new, fit, allow_new_levels = TRUE)$g, "z")
  expect_identical(validate_newdata(new, fit, group_vars = "f")$g, "z")
  expect_error(validate_newdata(transform(new, f = "c"), fit, allow_new_levels = TRUE), "no level",
    class = "skein_error")
  expect_error(validate_newdata(transform(new, x = "1"), fit, allow_new_levels = TRUE), "numbers",
    class = "skein_error")
  expect_error(validate_newdata(transform(new, y = 9), fit, allow_new_levels = TRUE), class = "skein_error")
  expect_named(validate_newdata(new["x"], fit, req_vars = "x"), "x")
  expect_error(validate_newdata(NULL, fit), "newdata", class = "skein_error")
})

test_that("get_y() gives responses", {
  fit <- mock_fit()
  expect_identical(get_y(fit), fit$data$y)
  expect_identical(get_y(fit, newdata = fit$data[2:3, ]), fit$data$y[2:3])
  expect_error(get_y(fit, resp = "z"), "resp", class = "skein_error")
})
