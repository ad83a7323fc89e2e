# Families: links, their doors, and what each accepts as a response.

test_that("links and inverse links are inverse to each other", {
  ranges <- list(
    identity = c(-3, 3), log = c(0.1, 9), inverse = c(0.1, 9), sqrt = c(0.1, 9), softplus = c(0.1, 9),
    squareplus = c(0.1, 9), logm1 = c(1.1, 9), log1p = c(-0.9, 9), "1/mu^2" = c(0.1, 9)
  )
  for (name in names(link_functions)) {
    range <- ranges[[name]]
    if (is.null(range)) range <- c(0.05, 0.95)
    mu <- seq(range[1], range[2], length.out = 31)
    back <- inverse_link(name)(link_function(name)(mu))
    # Stan's Phi_approx is an approximation of the normal distribution function, good to 1.5e-4.
    tolerance <- if (name == "probit_approx") 2e-4 else 1e-12
    expect_equal(back, mu, tolerance = tolerance, label = name)
  }
})

test_that("inverse links hold in the tails", {
  expect_equal(inverse_link("cloglog")(-30), exp(-30), tolerance = 1e-12)
  expect_equal(inverse_link("softplus")(c(-40, 800)), c(exp(-40), 800), tolerance = 1e-12)
  expect_equal(inverse_link("softit")(-40), exp(-40), tolerance = 1e-12)
  expect_equal(inverse_link("probit")(-30), pnorm(-30))
})

test_that("a family comes as an object, a function, a name, or a name and a link", {
  same <- list(poisson(), poisson, "poisson", "Poisson", c("poisson", "log"), brmsfamily("poisson"))
  for (family in same) {
    expect_identical(parse_family(family)[c("family", "link")], list(family = "poisson", link = "log"))
  }
  brms <- structure(
    list(family = "student", link = "log", link_sigma = "identity", link_nu = "logm1"),
    class = c("brmsfamily", "family")
  )
  expect_identical(parse_family(brms)$link_sigma, "identity")
  expect_identical(bernoulli(probit)$link, "probit")
  link <- "sqrt"
  expect_identical(negbinomial(link)$link, "sqrt")
  expect_identical(brmsfamily("gaussian", softplus)$link, "softplus")
  expect_s3_class(student(), c("skeinfamily", "family"), exact = TRUE)
  expect_equal(student("log")$linkinv(0), 1)
})

test_that("unknown families and links are named", {
  expect_error(parse_family("poison"), "Did you mean \"poisson\"", class = "skein_error")
  expect_error(parse_family(c("poisson", "probit")), "Available: \"log\"", class = "skein_error")
  expect_error(negbinomial("logit"), "negbinomial", class = "skein_error")
  expect_error(student(link_nu = "log"), "nu of family student", class = "skein_error")
  expect_error(parse_family(3), "family", class = "skein_error")
})

test_that("families of brms that are not here yet say so", {
  for (name in names(later_families)) {
    expect_error(parse_family(name), "skein does not have .*\\(\\) yet", class = "skein_not_yet")
  }
  expect_error(frechet(), "skein does not have frechet() yet", fixed = TRUE)
  expect_error(mixture(gaussian, gaussian), "skein does not have mixture() yet", fixed = TRUE)
  expect_error(parse_family(structure(list(), class = c("mixfamily", "brmsfamily"))), "mixture")
})

test_that("every family of the registry has links, bounds and a reader", {
  positive <- c("gamma", "weibull", "exponential", "lognormal", "shifted_lognormal", "inverse.gaussian")
  for (info in family_registry()) {
    expect_true(all(info$links %in% names(link_functions)), label = info$name)
    expect_true(all(info$dpars %in% names(dpar_registry)), label = info$name)
    values <- c(0, 1, 1)
    if (info$name %in% positive) values <- c(2, 1, 1)
    if (info$name %in% c("beta")) values <- c(0.2, 0.9, 0.9)
    read <- info$read_response(values, "y", NULL, info$name)
    expect_equal(if (is.list(read)) read$values else read, values)
  }
})

test_that("counts must be whole and not negative, in any type", {
  expect_identical(read_count(c(2L, 0L), "y", NULL, "poisson"), c(2, 0))
  expect_identical(read_count(c(2, 0), "y", NULL, "poisson"), c(2, 0))
  expect_error(read_count(c(1L, -3L), "count", NULL, "poisson"), "count.*-3 in row 2", class = "skein_error")
  expect_error(read_count(c(1, 0.5), "count", c(4, 9), "poisson"), "0.5 in row 9", class = "skein_error")
  expect_error(read_count(c(1, Inf), "count", NULL, "poisson"), "Inf in row 2", class = "skein_error")
  expect_error(read_count(factor(1:2), "count", NULL, "poisson"), "factor", class = "skein_error")
})

test_that("a binary response is any two values", {
  binary <- function(y) read_binary(y, "y", NULL, "bernoulli")$values
  expect_identical(binary(c(0, 1, 0)), c(0, 1, 0))
  expect_identical(binary(c(TRUE, FALSE)), c(1, 0))
  expect_identical(binary(c("no", "yes", "no")), c(0, 1, 0))
  expect_identical(binary(factor(c("no", "yes"), levels = c("yes", "no"))), c(1, 0))
  expect_identical(binary(c(4, 5)), c(0, 1))
  expect_identical(binary(c(1, 1)), c(1, 1))
  expect_identical(binary(c(0, 0)), c(0, 0))
  expect_error(binary(1:3), "has 3", class = "skein_error")
})

test_that("positive, non-negative and unit responses name the row that is not", {
  expect_identical(read_positive(c(1L, 2L), "y", NULL, "gamma"), c(1, 2))
  expect_error(read_positive(c(1, 0), "time", NULL, "gamma"), "time.*greater than 0.*is 0 in row 2",
    class = "skein_error")
  expect_identical(read_nonnegative(c(0, 2), "y", NULL, "hurdle_gamma"), c(0, 2))
  expect_error(read_nonnegative(c(1, -1), "y", c(3, 8), "hurdle_gamma"), "-1 in row 8", class = "skein_error")
  expect_identical(read_proportion(c(0.1, 0.9), "y", NULL, "beta"), c(0.1, 0.9))
  expect_error(read_proportion(c(0.1, 1), "y", NULL, "beta"), "less than 1.*row 2", class = "skein_error")
  expect_error(read_proportion("a", "y", NULL, "beta"), "numbers", class = "skein_error")
})
