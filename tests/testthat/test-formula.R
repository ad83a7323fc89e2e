# Formulas: what they parse to, and that whatever is not here yet says so.

test_that("every call of brms's own documentation parses or stops by name", {
  calls <- read.delim(test_path("fixtures", "brms_calls.tsv"), stringsAsFactors = FALSE)
  parsed <- 0
  for (i in seq_len(nrow(calls))) {
    family <- sub("[( +].*", "", calls$family[i])
    link <- regmatches(calls$features[i], regexpr("(?<=link:)[a-z_]+", calls$features[i], perl = TRUE))
    outcome <- tryCatch(
      {
        formula <- eval(parse(text = calls$formula[i]))
        parse_formula(formula, c(family, link))
      },
      error = identity
    )
    label <- paste0("row ", calls$id[i], ": ", calls$formula[i])
    if (inherits(outcome, "skeinterms")) {
      parsed <- parsed + 1
    } else if (inherits(outcome, "skein_not_yet")) {
      expect_match(conditionMessage(outcome), "^skein does not have .* yet", label = label)
    } else {
      # brms stops at these calls too.
      expect_s3_class(outcome, "skein_error")
      expect_identical(calls$kind[i], "expect_error", label = label)
    }
  }
  # What needs nothing but this language must not be refused.
  here <- c(
    "", "re_cor", "re_uncor", "re_ID", "gr_by", "dpar", "dpar_fixed", "offset", "sample_prior", "file", "link:probit",
    "link:log", "ad:cens", "ad:se", "ad:weights", paste0("fam:", names(family_registry()))
  )
  plain <- vapply(strsplit(calls$needs, ","), function(needs) all(needs %in% here), NA) & calls$kind == "fit"
  expect_gt(sum(plain), 60)
  expect_gte(parsed, sum(plain))
})

test_that("each construct that is not here yet stops with its name", {
  right <- c(
    "s(x)", "t2(x, z)", "gp(x)", "mo(x)", "me(x, z)", "mi(x)", "cs(x)", "ar(p = 1)", "ma()", "arma()", "cosy()",
    "unstr(x, g)", "sar(W)", "car(W)", "fcor(V)", "mgcv::s(x)", "z * s(x)", "(s(x) | g)", "mmc(x, z)"
  )
  for (term in right) {
    name <- sub(".*?([a-z0-9]+)\\(.*", "\\1", sub("^\\(", "", sub("mgcv::|z \\* ", "", term)))
    expect_error(
      parse_formula(as.formula(paste("y ~ 1 +", term))), paste0("skein does not have ", name, "() yet"),
      fixed = TRUE, class = "skein_error"
    )
  }
  left <- c("cat", "dec", "thres", "index", "vint", "vreal", "mi", "bhaz")
  for (name in left) {
    expect_error(
      parse_formula(as.formula(paste0("y | ", name, "(a) ~ x"))), paste0("skein does not have ", name, "() yet"),
      fixed = TRUE, class = "skein_error"
    )
  }
  expect_error(parse_formula(y ~ (1 | mm(g, h))), "skein does not have mm() yet", fixed = TRUE)
  expect_error(parse_formula(y ~ (1 | gr(g, pw = w))), "skein does not have gr(pw = ) yet", fixed = TRUE)
  expect_error(parse_formula(y ~ (1 | gr(g, dist = "student"))), "skein does not have gr(dist = ) yet", fixed = TRUE)
  expect_error(parse_formula(y ~ (1 | gr(g, cov = A))), "skein does not have gr(cov = ) yet", fixed = TRUE)
  expect_error(parse_formula(mvbind(y, z) ~ x), "skein does not have mvbind() yet", fixed = TRUE)
  expect_error(bf(y ~ x, sigma = "beta"), "cannot be equated", class = "skein_error")
  expect_error(bf(y ~ x, sigma2 = "sigma1"), "skein does not have mixture() yet", fixed = TRUE)
  expect_error(bf(y ~ a * x, a ~ 1, nl = TRUE), "skein does not have non-linear formulas yet", class = "skein_error")
  expect_error(bf(y ~ x) + bf(z ~ x), "skein does not have multivariate formulas yet", class = "skein_error")
  expect_error(bf(y ~ x, decomp = "QR"), "yet", class = "skein_not_yet")
})

test_that("functions of R within a term are R's affair", {
  s <- function(x) x^2
  terms <- parse_formula(y ~ log(s(x)) + I(x | z))
  expect_length(terms$dpars$mu$groups, 0)
  expect_identical(format_formula(terms$dpars$mu$population), "~1 + log(s(x)) + I(x | z)")
})

test_that("the right side is split into population, offsets and groups", {
  terms <- parse_formula(y ~ x * f - x + offset(log(n)) + offset(z) + (x || g) + (1 | a / b))
  mu <- terms$dpars$mu
  expect_identical(format_formula(mu$population), "~1 + f + x:f")
  expect_identical(lapply(mu$offsets, deparse), list("log(n)", "z"))
  expect_identical(vapply(mu$groups, `[[`, "", "group"), c("a", "a:b", "g"))
  expect_identical(vapply(mu$groups, `[[`, NA, "correlated"), c(TRUE, TRUE, FALSE))
  expect_identical(mu$groups[[2]]$variables, c("a", "b"))
  expect_true(mu$center && mu$intercept && !mu$intercept_coef)
  none <- parse_formula(y ~ 0 + Intercept + x)$dpars$mu
  expect_true(none$intercept_coef && !none$intercept && !none$center)
  expect_false(parse_formula(bf(y ~ x, center = FALSE))$dpars$mu$center)
})

test_that("groups are sorted by name without regard to the locale, within a name as written", {
  names <- function(formula) vapply(parse_formula(formula)$dpars$mu$groups, `[[`, "", "group")
  expect_identical(names(y ~ (1 | patient) + (1 | obs)), c("obs", "patient"))
  expect_identical(names(y ~ (1 | b) + (1 | A) + (1 | a)), c("A", "a", "b"))
  groups <- parse_formula(y ~ (0 + x | g) + (1 | b) + (1 | g))$dpars$mu$groups
  expect_identical(lapply(groups, function(g) format_formula(g$formula)), list("~1", "~0 + x", "~1"))
  expect_identical(names(y ~ (1 | gr(g)) + (1 | h + k)), c("g", "h", "k"))
})

test_that("the left side takes a transformed response, trials and weights", {
  terms <- parse_formula(log(y.1) | weights(w / 2, scale = TRUE) ~ x)
  expect_identical(terms$response$text, "log(y.1)")
  expect_identical(terms$response$name, "logy1")
  expect_identical(terms$additions$weights, quote(w / 2))
  expect_true(terms$weights_scale)
  terms <- parse_formula(s | trials(n) + weights(w) ~ x, binomial())
  expect_named(terms$additions, c("trials", "weights"))
})

test_that("faults of a formula are named", {
  expect_error(parse_formula(~x), "no response", class = "skein_error")
  expect_error(parse_formula(1 ~ x), "names no variable", class = "skein_error")
  expect_error(parse_formula(cbind(a, b) ~ x, binomial()), "trials", class = "skein_error")
  expect_error(parse_formula(s ~ x, binomial()), "trials(n)", fixed = TRUE, class = "skein_error")
  expect_error(parse_formula(y | trials(n) ~ x), "not supported by family", class = "skein_error")
  expect_error(parse_formula(y | wieghts(w) ~ x), "Did you mean \"weights\"", class = "skein_error")
  expect_error(parse_formula(y | weights(w) + weights(v) ~ x), "only once", class = "skein_error")
  expect_error(parse_formula(y ~ (1 | factor(g))), "not a grouping factor", class = "skein_error")
  expect_error(parse_formula(y ~ (1 | 1)), "not a grouping factor", class = "skein_error")
  expect_error(parse_formula(y ~ (0 | g)), "no coefficients", class = "skein_error")
  expect_error(parse_formula(y ~ (1 | g) * x), "only be added", class = "skein_error")
  expect_error(parse_formula(y ~ (offset(x) | g)), "only be added", class = "skein_error")
  expect_error(parse_formula(y ~ ((1 | h) + x | g)), "holds another", class = "skein_error")
  expect_error(parse_formula("y ~~"), "not a formula", class = "skein_error")
  expect_error(parse_formula(3), "must be a formula", class = "skein_error")
  expect_error(parse_formula(y ~ .), "data", class = "skein_error")
  expect_warning(parse_formula(y ~ 0 + intercept), "Intercept", class = "skein_warning")
})

test_that("a dot stands for the columns that the left side leaves", {
  data <- data.frame(y = 1, n = 2, a = 3, b = 4)
  terms <- parse_formula(y | trials(n) ~ . - b, binomial(), data)
  expect_identical(format_formula(terms$dpars$mu$population), "~1 + a")
})

test_that("brms's formula objects are read by their fields", {
  object <- structure(
    list(formula = structure(y ~ x, nl = FALSE, loop = TRUE, center = FALSE), pforms = list(), pfix = list(),
      family = structure(list(family = "poisson", link = "sqrt"), class = c("brmsfamily", "family"))),
    class = c("brmsformula", "bform")
  )
  terms <- parse_formula(object)
  expect_identical(terms$family$link, "sqrt")
  expect_false(terms$dpars$mu$center)
  expect_s3_class(terms$formula, "skeinformula", exact = TRUE)
  object$pforms <- list(sigma = structure(sigma ~ z, center = FALSE))
  object$pfix <- list(nu = 4)
  object$family <- structure(list(family = "student", link = "identity"), class = c("brmsfamily", "family"))
  terms <- parse_formula(object)
  expect_named(terms$dpars, c("mu", "sigma"))
  expect_false(terms$dpars$sigma$center)
  expect_identical(terms$fixed, list(nu = 4))
  expect_error(parse_formula(structure(list(), class = c("mvbrmsformula", "bform"))), "multivariate")
})

test_that("a formula keeps the user's functions and nothing else of its environment", {
  make <- function() {
    large <- numeric(1e6)
    square <- function(x) x^2
    environment(square) <- globalenv()
    y ~ square(x) + log(x) + large
  }
  environment <- environment(parse_formula(make())$formula$formula)
  expect_identical(ls(environment), "square")
  expect_identical(environment(parse_formula(y ~ log(x) + poly(x, 2))$formula$formula), globalenv())
})

test_that("bf() adds families and prints as its formula", {
  formula <- bf(y ~ x, family = poisson()) + student()
  expect_identical(formula$family$family, "student")
  expect_output(print(formula), "y ~ x", fixed = TRUE)
  expect_identical(parse_formula(formula, gaussian())$family$family, "student")
  expect_error(bf(y ~ x) + 3, "family", class = "skein_error")
})
