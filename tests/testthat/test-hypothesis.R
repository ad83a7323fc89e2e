# hypothesis(): the table against direct computation, names with operators, evidence at a point, and clear errors.

test_that("one-sided and two-sided statements give what the draws say", {
  fit <- mock_fit()
  draws <- as.matrix(fit)
  out <- hypothesis(fit, c("x < 0", down = "x > 0", "2 * x = Intercept"))
  table <- out$hypothesis
  expect_named(table, c(
    "Hypothesis", "Estimate", "Est.Error", "CI.Lower", "CI.Upper", "Evid.Ratio", "Post.Prob", "Star"
  ))
  expect_identical(table$Hypothesis, c("(x) < 0", "down", "(2*x)-(Intercept) = 0"))
  x <- draws[, "b_x"]
  expect_equal(table$Estimate[1], mean(x))
  expect_equal(c(table$CI.Lower[1], table$CI.Upper[1]), unname(quantile(x, c(0.05, 0.95))))
  expect_identical(table$Post.Prob[1:2], c(1, 0))
  expect_identical(table$Evid.Ratio[1:2], c(Inf, 0))
  difference <- 2 * x - draws[, "b_Intercept"]
  expect_equal(c(table$CI.Lower[3], table$CI.Upper[3]), unname(quantile(difference, c(0.025, 0.975))))
  expect_identical(table$Star, c("*", "", "*"))
  expect_identical(table$Evid.Ratio[3], NA_real_)
  expect_equal(unname(out$samples$H3), unname(difference))
  robust <- hypothesis(fit, "x < 0", robust = TRUE, alpha = 0.2)$hypothesis
  expect_equal(c(robust$Estimate, robust$Est.Error), c(median(x), mad(x)))
  expect_equal(robust$CI.Upper, unname(quantile(x, 0.8)))
})

test_that("classes, groups, levels and names with operators are found", {
  fit <- mock_fit()
  draws <- as.matrix(fit)
  expect_equal(
    hypothesis(fit, "Intercept > x", class = "sd", group = "g")$samples$H1,
    unname(draws[, "sd_g__Intercept"] - draws[, "sd_g__x"])
  )
  full <- "r_g[a,Intercept] - r_g[new.york,x] > 0"
  expect_equal(
    hypothesis(fit, full, class = NULL)$samples$H1, unname(draws[, "r_g[a,Intercept]"] - draws[, "r_g[new.york,x]"])
  )
  interaction <- data.frame(a = c(1, 2), `a:b` = c(3, 5), b = c(0, 1), check.names = FALSE)
  expect_equal(hypothesis(interaction, "a:b - a > b")$samples$H1, c(2, 2))
  by_level <- hypothesis(fit, c("Intercept > 0", "x = 0"), group = "g", scope = "coef")
  expect_identical(by_level$hypothesis$Group, rep(c("a", "b", "new york"), 2)[seq_len(nrow(by_level$hypothesis))])
  expect_equal(by_level$samples$H1, unname(draws[, "b_Intercept"] + draws[, "r_g[a,Intercept]"]))
})

test_that("the evidence at a point is the ratio of two normal densities", {
  withr::local_seed(3)
  fit <- mock_fit(iter = 40050, warmup = 50)
  prior <- rnorm(prod(dim(fit$fit$draws)[1:2]), 0, 1)
  draws <- fit$fit$draws
  names <- c(dimnames(draws)[[3]], "prior_b")
  fit$fit$draws <- array(c(draws, prior), dim(draws) + c(0, 0, 1), list(NULL, NULL, names))
  # b_x is normal(-1, 0.1); tested against its mean, where kernel estimates are best.
  row <- hypothesis(fit, "x = -1", seed = 1)$hypothesis
  expected <- dnorm(0, 0, 0.1) / dnorm(-1)
  expect_equal(row$Evid.Ratio, expected, tolerance = 0.05)
  expect_equal(row$Post.Prob, row$Evid.Ratio / (1 + row$Evid.Ratio))
  expect_identical(hypothesis(fit, "x = -1", seed = 1), hypothesis(fit, "x = -1", seed = 1))
})

test_that("statements that name nothing or say nothing are errors", {
  fit <- mock_fit()
  expect_error(hypothesis(fit, "z > 0"), "names \"z\"", class = "skein_error")
  expect_error(hypothesis(fit, "x"), "must be of the form", class = "skein_error")
  expect_error(hypothesis(fit, "x > 0 > 1"), "must be of the form", class = "skein_error")
  expect_error(hypothesis(fit, "x + > 0"), "cannot be read", class = "skein_error")
  expect_error(hypothesis(fit, "x > 0", alpha = 2), "alpha", class = "skein_error")
  expect_error(hypothesis(fit, "x > 0", scope = "coef", group = "h"), "group", class = "skein_error")
  expect_error(hypothesis(fit, 1), "hypothesis", class = "skein_error")
})

test_that("tables print and pages plot", {
  out <- hypothesis(mock_fit(), c("x < 0", "Intercept > 1"))
  text <- capture.output(print(out))
  expect_identical(text[1], "Hypothesis Tests for class b:")
  expect_match(text[2], "Hypothesis Estimate Est.Error CI.Lower CI.Upper")
  pages <- plot(out, plot = FALSE)
  expect_length(pages, 1)
  data <- ggplot2::layer_data(pages[[1]])
  expect_identical(nlevels(factor(data$PANEL)), 2L)
  expect_identical(length(plot(out, nvariables = 1, plot = FALSE)), 2L)
})
