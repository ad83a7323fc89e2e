# Every method after fitting, skein's beside brms's on the same draws: a fit by skein, and a brmsfit into which the same
# draws are put. No model is compiled. Values must be equal to rounding, and names, dimensions and row names too.
# Rscript tests/brms/beside_brms.R [numbers of models]; needs brms, rstan and skein. Prints what differs, then a count;
# the exit status is 1 if anything differs. The package's tests run it on a few models.

suppressMessages({
  library(skein)
  requireNamespace("brms")
  requireNamespace("rstan")
})

# A brmsfit of the same model that holds the draws of `fit`.
as_brmsfit <- function(fit, formula, data, family) {
  out <- suppressWarnings(suppressMessages(
    brms::brm(formula, data = data, family = family, empty = TRUE, save_pars = brms::save_pars(all = TRUE))
  ))
  draws <- unclass(posterior::as_draws_array(fit))
  variables <- c(setdiff(dimnames(draws)[[3]], "lp__"), "lp__")
  n_iter <- dim(draws)[1]
  chains <- seq_len(dim(draws)[2])
  block <- sub("\\[.*", "", variables)
  diagnostics <- skein::nuts_params(fit)
  samples <- lapply(chains, function(chain) {
    mine <- diagnostics[diagnostics$Chain == chain, ]
    structure(
      stats::setNames(lapply(variables, function(name) as.numeric(draws[, chain, name])), variables),
      sampler_params = split(mine$Value, mine$Parameter)
    )
  })
  settings <- lapply(chains, function(chain) list(
    chain_id = chain, iter = 2 * n_iter, thin = 1, seed = 1, warmup = n_iter, init = "random", algorithm = "NUTS",
    method = "sampling"
  ))
  dims <- lapply(split(variables, factor(block, unique(block))), dimensions_of_block)
  out$fit <- methods::new("stanfit",
    model_name = "", model_pars = unique(block), par_dims = dims, mode = 0L, inits = list(), stan_args = settings,
    stanmodel = methods::new("stanmodel"), date = "", .MISC = new.env(),
    sim = list(
      samples = samples, chains = length(chains), iter = 2 * n_iter, thin = 1, warmup = n_iter,
      n_save = rep(n_iter, length(chains)), warmup2 = rep(0, length(chains)),
      permutation = lapply(chains, function(chain) seq_len(n_iter)), pars_oi = unique(block), dims_oi = dims,
      fnames_oi = variables, n_flatnames = length(variables)
    )
  )
  out
}

# Dimensions of a variable from its elements' names: integer(0) for a scalar.
dimensions_of_block <- function(names) {
  if (!any(grepl("[", names, fixed = TRUE))) return(integer(0))
  index <- do.call(rbind, strsplit(sub(".*\\[(.*)\\]", "\\1", names), ","))
  vapply(seq_len(ncol(index)), function(j) length(unique(index[, j])), 1L)
}

# Without classes and attributes that have no bearing on values: names, dimensions and dimension names remain.
plain <- function(x) {
  if (is.function(x) || is.language(x) || is.environment(x)) return(NULL)
  x <- if (is.factor(x)) as.character(x) else unclass(x)
  names <- names(x)
  if (length(x) == 0 && is.null(dim(x))) return(NULL)
  if (is.list(x)) return(stats::setNames(lapply(seq_along(x), function(i) plain(x[[i]])), names))
  dims <- dim(x)
  dim_names <- if (all(lengths(dimnames(x)) == 0)) NULL else unname(lapply(dimnames(x), as.vector))
  x <- as.vector(x)
  if (is.numeric(x)) x <- as.double(x)
  # An absent value is NA of whatever type.
  if (length(x) && all(is.na(x))) x <- rep(NA, length(x))
  if (is.null(dims)) stats::setNames(x, names) else array(x, dims, dim_names)
}

# What a plot of conditional effects shows: variables held fixed that no effect depends on may differ.
shown <- function(effects) {
  lapply(effects, function(frame) {
    columns <- c(attr(frame, "effects"), grep("__$", names(frame), value = TRUE))
    c(as.list(frame)[columns], rows = nrow(attr(frame, "points")), attributes(frame)[c("response", "surface")])
  })
}

evaluate <- function(expression, package, fit, data) {
  values <- list2env(c(list(x = fit, shown = shown), data), parent = asNamespace(package))
  run <- function() suppressWarnings(suppressMessages(eval(expression, values)))
  withr::with_seed(1, tryCatch(run(), error = function(e) structure(conditionMessage(e), class = "failed")))
}

# Where brms is not the measure, by words in the deparsed model and method.
exceptions <- list(
  # Its log_lik() leaves out the truncation that its Stan code has.
  list("trunc(", c("log_lik", "loo", "waic")),
  # It shows no observations where nested or interacting group terms are included.
  list(c("g/h", "g:h"), "re_formula = NULL")
)

is_exception <- function(model, method) {
  has <- function(words, text) any(vapply(words, grepl, NA, text, fixed = TRUE))
  any(vapply(exceptions, function(one) has(one[[1]], model) && has(one[[2]], method), NA))
}

# "" where both give the same, NA where brms fails: then there is nothing to compare with.
difference <- function(expression, ours, theirs, data) {
  expected <- evaluate(expression, "brms", theirs, data)
  if (inherits(expected, "failed")) return(NA_character_)
  found <- evaluate(expression, "skein", ours, data)
  if (inherits(found, "failed")) return(paste("error:", unclass(found)))
  equal <- all.equal(plain(expected), plain(found), tolerance = 1e-10)
  if (isTRUE(equal)) "" else paste(utils::head(equal, 3), collapse = "; ")
}

make_data <- function(n = 120) {
  set.seed(2)
  d <- data.frame(
    x = rnorm(n), z = rnorm(n), f = factor(sample(c("a", "b", "c"), n, TRUE)),
    g = factor(sample(letters[1:8], n, TRUE)), h = factor(sample(LETTERS[1:5], n, TRUE)), weight = runif(n, 0.5, 2),
    size = 10L, shift = runif(n), known = runif(n, 0.2, 0.5), cen = sample(c(-1, 0, 1), n, TRUE)
  )
  d$half <- factor(ifelse(as.integer(d$g) <= 4, "u", "v"))
  d$y <- 1 + d$x + rnorm(n)
  d$positive <- exp(0.5 * d$x + rnorm(n, 0, 0.5))
  d$or_zero <- ifelse(runif(n) < 0.2, 0, d$positive)
  d$count <- rpois(n, exp(0.5 + 0.3 * d$x)) * (runif(n) < 0.8)
  d$yes <- rbinom(n, 1, plogis(d$x))
  d$successes <- rbinom(n, 10, plogis(d$x))
  d$share <- plogis(rnorm(n))
  d
}

# Formula and family of each model, in the words that both packages have.
models <- alist(
  list(y ~ x * f + (1 + x | g) + (1 | h), gaussian()),
  list(bf(y ~ x + (1 | ID | g), sigma ~ z + (1 | ID | g)), gaussian()),
  list(y ~ poly(x, 2) + (0 + f | g), student()),
  list(count ~ x + offset(shift) + (x || g), negbinomial()),
  list(bf(count ~ x, zi ~ z), zero_inflated_poisson()),
  list(count ~ x, zero_inflated_negbinomial()),
  list(count ~ x, hurdle_poisson()),
  list(count ~ x, hurdle_negbinomial()),
  list(or_zero ~ x, hurdle_gamma()),
  list(bf(or_zero ~ x, hu ~ z), hurdle_lognormal()),
  list(yes ~ x + (1 | g), bernoulli()),
  list(yes ~ x, bernoulli("probit")),
  list(successes | trials(size) ~ x + (1 | g), binomial()),
  list(successes | trials(size) ~ x, beta_binomial()),
  list(successes | trials(size) ~ x, zero_inflated_binomial()),
  list(positive ~ x, Gamma("log")),
  list(positive ~ x, lognormal()),
  list(positive ~ x, weibull()),
  list(positive ~ x, exponential()),
  list(positive ~ x, inverse.gaussian("log")),
  list(positive ~ x, shifted_lognormal()),
  list(y ~ x, skew_normal()),
  list(y ~ x, exgaussian()),
  list(share ~ x, Beta()),
  list(count ~ x, geometric()),
  list(y | weights(weight) ~ x, gaussian()),
  list(y | se(known, sigma = TRUE) ~ x + (1 | g), gaussian()),
  list(y | se(known) ~ x, gaussian()),
  list(positive | cens(cen) ~ x, weibull()),
  list(y | trunc(lb = -5, ub = 8) ~ x, gaussian()),
  list(count | rate(weight) ~ x, poisson()),
  list(y ~ x + (1 | g / h), gaussian()),
  list(y ~ x + (1 | gr(g, by = half)), gaussian()),
  list(y ~ 0 + Intercept + x, gaussian()),
  list(y ~ 1, gaussian()),
  list(y ~ 0 + f + (1 | g:h), gaussian())
)

# What is asked of each fit `x`; `seen` are rows of the data, `unseen` the same with a new level.
methods_after_fitting <- expression(
  fixef(x), fixef(x, summary = FALSE), fixef(x, robust = TRUE, probs = c(0.1, 0.9)), ranef(x),
  ranef(x, summary = FALSE),
  coef(x), VarCorr(x), VarCorr(x, summary = FALSE), ngrps(x), nobs(x), variables(x), ndraws(x), nchains(x),
  niterations(x), vcov(x), vcov(x, correlation = TRUE), posterior_summary(x), posterior_summary(x, robust = TRUE),
  posterior_interval(x, prob = 0.5), as.data.frame(x), as.matrix(x), as.array(x), prior_draws(x),
  log_posterior(x), nuts_params(x)[c("Iteration", "Parameter", "Value")], family(x)$family, family(x)$link,
  posterior_epred(x), posterior_epred(x, newdata = seen), posterior_epred(x, newdata = seen, re_formula = NA),
  posterior_epred(x, newdata = unseen, re_formula = NA, draw_ids = c(3, 1, 3)),
  posterior_linpred(x), posterior_linpred(x, transform = TRUE), posterior_linpred(x, dpar = "sigma"),
  posterior_epred(x, dpar = "sigma"), posterior_epred(x, dpar = "zi"), posterior_epred(x, dpar = "hu"),
  log_lik(x), log_lik(x, newdata = seen), fitted(x), fitted(x, scale = "linear", probs = c(0.1, 0.5)),
  fitted(x, summary = FALSE, draw_ids = 1:3), residuals(x, method = "posterior_epred"), dim(posterior_predict(x)),
  dim(predict(x)), dimnames(predict(x)), dimnames(predictive_interval(x)), bayes_R2(x), bayes_R2(x, summary = FALSE),
  loo(x)$estimates, loo(x)$pointwise, waic(x)$estimates, dim(loo_R2(x, summary = FALSE)),
  hypothesis(x, "x > 0")$hypothesis, hypothesis(x, c("x = 0", "Intercept + x < 1"))$hypothesis,
  hypothesis(x, "x > 0", scope = "coef", group = "g")$hypothesis,
  hypothesis(x, "Intercept > 0", scope = "ranef", group = "g")$hypothesis, hypothesis(x, "x > 0")$class,
  shown(conditional_effects(x)), shown(conditional_effects(x, re_formula = NULL, robust = FALSE)),
  shown(conditional_effects(x, method = "posterior_linpred", prob = 0.8, resolution = 20)),
  shown(conditional_effects(x, "x:f", surface = TRUE, resolution = 5)),
  shown(conditional_effects(x, "x:f", conditions = data.frame(h = c("A", "B"), g = "a"), re_formula = NULL)),
  shown(conditional_effects(x, "x:z", int_conditions = list(z = c(-1, 2)))),
  summary(x)$fixed, summary(x)$spec_pars, summary(x)$random, summary(x)$nobs, summary(x)$ngrps, summary(x)$group,
  summary(x, robust = TRUE, prob = 0.9)$fixed, summary(x)$thin, names(mcmc_plot(x)$data)
)

compare_model <- function(number, data) {
  model <- models[[number]]
  in_words <- function(package) eval(model, list2env(list(), parent = asNamespace(package)))
  ours <- in_words("skein")
  theirs <- in_words("brms")
  fit <- suppressWarnings(suppressMessages(
    brm(ours[[1]], data, ours[[2]], chains = 2, iter = 200, seed = 1, refresh = 0)
  ))
  brmsfit <- as_brmsfit(fit, theirs[[1]], data, theirs[[2]])
  seen <- data[1:7, ]
  given <- list(seen = seen, unseen = transform(seen, g = "new"))
  found <- vapply(methods_after_fitting, difference, "", fit, brmsfit, given)
  found[vapply(methods_after_fitting, function(m) is_exception(deparse1(model), deparse1(m)), NA)] <- NA
  for (i in which(nzchar(found) & !is.na(found))) {
    cat(deparse1(model), "\n  ", deparse1(methods_after_fitting[[i]]), "\n    ", found[i], "\n")
  }
  c(compared = sum(!is.na(found)), different = sum(nzchar(found) & !is.na(found)))
}

if (sys.nframe() == 0L) {
  numbers <- as.integer(commandArgs(TRUE))
  if (length(numbers) == 0L) numbers <- seq_along(models)
  counts <- rowSums(vapply(numbers, compare_model, c(1L, 1L), data = make_data()))
  cat(length(numbers), "models,", counts["compared"], "results compared,", counts["different"], "different\n")
  quit(status = as.integer(counts["different"] > 0L))
}
