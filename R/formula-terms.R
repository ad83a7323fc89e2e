# parse_formula(): from a formula's text to its terms, without seeing the data.

# formula: anything as_skeinformula takes; family: anything parse_family takes, in force unless the formula has its own;
# data: only its column names are used, and only to write out a `.` in the formula.
# Returns class skeinterms: formula, family, response, additions, weights_scale, se_sigma (see parse_response), dpars
# (one entry per predicted parameter, mu first, then as written, as brms numbers group-level terms: see
# parse_predictor), fixed (values of fixed parameters), and contrasts: R's default contrasts now, so that a model built
# again later has the same columns.
parse_formula <- function(formula, family = stats::gaussian(), data = NULL) {
  formula <- with_mu_formula(as_skeinformula(formula))
  language <- formula$formula
  if (length(language) != 3) {
    skein_stop("The formula {.code {format_formula(language)}} has no response.")
  }
  for (form in c(list(language), formula$pforms)) refuse_special_terms(form[[3]])
  left <- parse_response(language[[2]])
  family <- parse_family(if (is.null(formula$family)) family else formula$family)
  check_additions(left$additions, family)
  check_parameters(formula, family, left)
  formula$formula <- settle_formula(language, data)
  formula$pforms <- lapply(formula$pforms, settle_formula, data = data)
  formula$family <- family
  fixed <- formula$pfix
  if (!is.null(left$additions$se) && !left$se_sigma) fixed$sigma <- 0
  terms <- list(
    formula = formula, family = family, response = left$response, additions = left$additions,
    weights_scale = left$weights_scale, se_sigma = left$se_sigma,
    dpars = parse_predictors(formula, family), fixed = fixed, contrasts = getOption("contrasts")
  )
  structure(terms, class = "skeinterms")
}

# The formula with `.` written out and only what it needs of its environment; attributes center and cmc stay.
settle_formula <- function(formula, data) {
  out <- expand_dot(formula, data)
  environment(out) <- trim_environment(out)
  out
}

parse_predictors <- function(formula, family) {
  mu <- parse_predictor(formula$formula, formula$center, formula$cmc, "mu", family$link)
  others <- lapply(names(formula$pforms), function(dpar) {
    form <- formula$pforms[[dpar]]
    link <- family[[paste0("link_", dpar)]]
    parse_predictor(form, !isFALSE(attr(form, "center")), !isFALSE(attr(form, "cmc")), dpar, link)
  })
  c(list(mu = mu), stats::setNames(others, names(formula$pforms)))
}

# The right side of a formula: dpar, link, population (one-sided, without group terms and offsets), intercept,
# intercept_coef (written `0 + Intercept`), center (centred columns, with Intercept as a parameter of its own), cmc,
# offsets, groups.
parse_predictor <- function(formula, center, cmc, dpar, link) {
  environment <- environment(formula)
  right <- stats::as.formula(call("~", formula[[3]]), env = environment)
  terms <- tryCatch(
    stats::terms(right),
    error = function(e) skein_stop("The formula cannot be read: {conditionMessage(e)}")
  )
  variables <- as.list(attr(terms, "variables"))[-1]
  calls <- term_calls(terms)
  grouped <- vapply(calls, is_bar, logical(1))
  lapply(calls[!grouped], refuse_hidden_bar)
  lapply(variables[attr(terms, "offset")], refuse_hidden_bar)
  intercept <- attr(terms, "intercept") == 1
  population <- sum_formula(intercept, calls[!grouped], environment)
  intercept_coef <- !intercept && any(c("Intercept", "intercept") %in% all.vars(population))
  if (intercept_coef && "intercept" %in% all.vars(population)) {
    skein_warn("The variable name {.val intercept} is deprecated: please write {.val Intercept}.")
  }
  list(
    dpar = dpar, link = link, population = population, intercept = intercept, intercept_coef = intercept_coef,
    center = intercept && center, cmc = cmc,
    offsets = lapply(variables[attr(terms, "offset")], function(call) call[[2]]),
    groups = parse_groups(calls[grouped], environment)
  )
}

# A group-level term that is not a term of its own: part of an interaction, or taken for an offset by terms(), which
# looks at the first letters only.
refuse_hidden_bar <- function(call) {
  bars <- all_bars(call)
  if (length(bars)) {
    shown <- format_language(bars[[1]])
    skein_stop(c(
      "The group-level term {.code ({shown})} can only be added to other terms.",
      i = "It cannot interact with them, and holds no {.fn offset}."
    ))
  }
}

# The terms of a terms object as calls: x, f(x), x:z.
term_calls <- function(terms) {
  variables <- as.list(attr(terms, "variables"))[-1]
  factors <- attr(terms, "factors")
  join <- function(column) Reduce(function(a, b) call(":", a, b), variables[factors[, column] > 0])
  lapply(seq_len(NCOL(factors) * (length(factors) > 0)), join)
}

# ~ 1 + a + b:c from its parts.
sum_formula <- function(intercept, calls, environment) {
  right <- Reduce(function(a, b) call("+", a, b), calls, as.numeric(intercept))
  stats::as.formula(call("~", right), env = environment)
}

format_language <- function(x) paste(trimws(deparse(x, width.cutoff = 500L)), collapse = " ")

# Replaces `.` by the sum of all columns that the left side does not use.
expand_dot <- function(language, data) {
  if (!"." %in% all.vars(language[[3]])) {
    return(language)
  }
  if (is.null(data)) {
    skein_stop("A {.code .} in a formula needs {.arg data} to say what it stands for.")
  }
  names <- lapply(setdiff(names(data), all.vars(language[[2]])), as.name)
  if (!length(names)) skein_stop("There is no column left in {.arg data} that {.code .} could stand for.")
  sum <- call("(", Reduce(function(a, b) call("+", a, b), names))
  language[[3]] <- do.call(substitute, list(language[[3]], list(. = sum)))
  language
}

# The formula's environment without all that the model does not need: of what stands outside attached packages only
# the functions that the formula calls, so that a saved fit does not carry the user's workspace.
trim_environment <- function(language) {
  environment <- environment(language)
  if (is.null(environment)) environment <- globalenv()
  called <- setdiff(all.names(language), all.vars(language))
  kept <- list()
  for (name in called) {
    value <- get0(name, envir = environment, mode = "function")
    attached <- get0(name, envir = parent.env(globalenv()), mode = "function")
    if (!is.null(value) && !identical(value, attached)) kept[[name]] <- value
  }
  if (length(kept)) list2env(kept, parent = globalenv()) else globalenv()
}
