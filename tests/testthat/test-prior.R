# Syntax of priors: rows, quoting, vectors, combination, printing, brms's own objects.

test_that("prior() quotes everything but check", {
  cls <- "sd"
  x <- prior(normal(0, 10), class = cls, coef = zBase:Trt1, group = "a:b")
  expect_s3_class(x, "skeinprior")
  expect_named(x, c("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub", "tag", "source"))
  expect_identical(x$prior, "normal(0, 10)")
  expect_identical(x$class, "cls")
  expect_identical(x$coef, "zBase:Trt1")
  expect_identical(x$group, "a:b")
  expect_identical(x$source, "user")
  expect_identical(prior(normal(0, 1), class = b), prior("normal(0, 1)", class = "b"))
  expect_identical(prior(normal(0, 1), b, x), set_prior("normal(0, 1)", "b", "x"))
  expect_identical(prior(normal(0, 1), lb = -1)$lb, "-1")
  expect_identical(prior(normal(0, 1), lb = NA)$lb, NA_character_)
  checked <- TRUE
  expect_identical(prior(normal(0, 1), check = checked), prior(normal(0, 1)))
  expect_identical(prior(normal(0, 1), dpar = mu)$dpar, "")
})

test_that("set_prior() evaluates and recycles; prior_() and prior_string() are brms's variants", {
  scale <- 3
  x <- set_prior(sprintf("normal(0, %s)", scale), coef = c("x", "z"))
  expect_identical(x$prior, rep("normal(0, 3)", 2))
  expect_identical(x$coef, c("x", "z"))
  expect_identical(prior_string("normal(0, 3)", coef = c("x", "z")), x)
  expect_identical(prior_(~ normal(0, 3), class = ~sd, group = "g"), prior(normal(0, 3), class = sd, group = g))
  expect_identical(prior_(quote(normal(0, 3)), class = quote(sd)), prior(normal(0, 3), class = sd))
  expect_error(set_prior("normal(0, 1)", coef = c("a", "b"), group = c("a", "b", "c")), "1 or 3", class = "skein_error")
  expect_error(set_prior(1), "prior", class = "skein_error")
  expect_error(prior_(list(1)), class = "skein_error")
  expect_error(set_prior("target += 1", check = FALSE), "does not have", class = "skein_not_yet")
})

test_that("bounds cannot be joined with a coefficient", {
  expect_error(prior(normal(0, 1), coef = x, lb = 0), "x", class = "skein_error")
  expect_identical(prior(normal(0, 1), class = b, lb = 0, ub = sqrt(2))$ub, "sqrt(2)")
})

test_that("priors combine by c() and +, and only with priors", {
  a <- prior(normal(0, 1))
  b <- prior(exponential(1), class = sd)
  expect_identical(c(a, b), a + b)
  expect_identical(nrow(a + b + NULL), 2L)
  expect_identical(c(a, NULL, empty_prior()), a)
  expect_error(a + "normal(0, 1)", "prior()", class = "skein_error")
  expect_error(c(a, 1), class = "skein_error")
  merged <- c(a, b, prior(normal(0, 5)), replace = TRUE)
  expect_identical(merged$prior, c("exponential(1)", "normal(0, 5)"))
  expect_identical(nrow(empty_prior()), 0L)
  expect_true(is.skeinprior(empty_prior()))
})

test_that("brms's own objects are read, also those of brms 2.18 that have no tag", {
  theirs <- structure(
    data.frame(
      prior = "normal(0, 2)", class = "b", coef = "", group = "", resp = "", dpar = "", nlpar = "", lb = "0",
      ub = NA_character_, source = "user"
    ),
    class = c("brmsprior", "data.frame")
  )
  expect_identical(as.skeinprior(theirs), set_prior("normal(0, 2)", lb = 0))
  expect_identical(c(prior(exponential(1), class = sd), theirs)$class, c("sd", "b"))
  expect_identical(as.brmsprior(theirs), as.skeinprior(theirs))
  expect_identical(as.skeinprior(NULL), empty_prior())
  expect_error(as.skeinprior("normal(0, 1)"), "prior", class = "skein_error")
  expect_error(as.skeinprior(list(1)), class = "skein_error")
  expect_s3_class(prior(normal(0, 1)), "brmsprior")
})

test_that("priors print as in brms", {
  one <- prior(normal(0, 1), class = sd, group = g, coef = x)
  expect_output(print(one), "^sd_g__x ~ normal\\(0, 1\\)$")
  bounded <- prior(normal(0, 2), class = b, lb = -1, ub = 3)
  expect_output(print(bounded), "<lower=-1,upper=3> b ~ normal(0, 2)", fixed = TRUE)
  expect_identical(format(prior_rows(class = "b", coef = "x")), "b_x ~ (flat)")
  expect_identical(format(prior(normal(0, 1), class = sd, group = g)), "sd_g ~ normal(0, 1)")
  rows <- c(
    prior_rows(c("normal(0, 1)", ""), class = "b", coef = c("", "x"), source = "default"),
    prior_rows(c("student_t(3, 0, 2.5)", ""), class = "sd", group = c("", "g"), lb = c("0", ""), source = "default"),
    prior_rows("", class = "Intercept")
  )
  filled <- fill_inherited_priors(rows)
  expect_identical(filled$prior, rep(c("normal(0, 1)", "student_t(3, 0, 2.5)", "(flat)"), c(2, 2, 1)))
  expect_identical(filled$source, c("default", "(vectorized)", "default", "(vectorized)", "(unknown)"))
  expect_identical(filled$lb, c("", "", "0", "0", ""))
  expect_output(print(rows), "(vectorized)", fixed = TRUE)
  expect_output(print(rows, show_df = FALSE), "b_x ~ normal(0, 1)", fixed = TRUE)
})

test_that("shrinkage priors are not here yet", {
  skip_if("package:brms" %in% search(), "brms's own functions are in front")
  expect_error(horseshoe(1), "skein does not have horseshoe() yet", fixed = TRUE, class = "skein_not_yet")
  expect_error(R2D2(), "R2D2()", fixed = TRUE, class = "skein_not_yet")
  expect_error(lasso(), "lasso()", fixed = TRUE, class = "skein_not_yet")
})
