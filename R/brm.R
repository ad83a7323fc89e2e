# The front door: brm(), from formula and data to a fit, stage by stage.

#' Fit a Bayesian multilevel regression
#'
#' Fits a regression in the formula language of \pkg{brms} by the No-U-Turn sampler. Arguments, defaults, priors,
#' parameterisation and names of draws are those of \pkg{brms} 2.23; no model is compiled.
#'
#' Threads: in all, at most `min(cores, chains) * threads` threads run at a time, and those of a chain that is done help
#' the others. The default is one thread, whatever the machine has. Draws depend on the seed, the number of the chain
#' and the model, never on cores, threads or grainsize.
#'
#' Ctrl-C while sampling: in an interactive session the fit so far is returned, with a warning of class
#' `skein_interrupted`; elsewhere it is saved to `file`, if given, and the script stops. Draws are cut to those of the
#' shortest chain; chains still in warm-up are left out.
#'
#' @param formula A formula, such as `y ~ x + (1 | g)`, or one made by [bf()].
#' @param data A data frame, or a list of columns, with all variables of the formula. Rows with missing values are
#'   dropped with a warning.
#' @param family The distribution of the response: a family function such as `poisson()`, or its name. See
#'   [brmsfamily()].
#' @param prior Priors by [prior()] or [set_prior()], combined by `c()` or `+`. Others keep brms's defaults.
#' @param autocor,data2,cov_ranef,sparse,knots,stanvars,stan_funs Not in skein yet; anything but the default is an error
#'   that says so.
#' @param future Send each chain to a worker of package \pkg{future}'s plan? Draws are those of a local run; `cores`
#'   then does not matter, and there is no progress to see.
#' @param sample_prior `"no"`; `"yes"` adds draws from the priors, `prior_*`; `"only"` leaves out the likelihood, which
#'   needs proper priors.
#' @param drop_unused_levels Drop unused levels of factors?
#' @param fit `NA`, or a fit whose model, priors and data are used again; arguments that define them are then ignored.
#' @param save_pars Which parameters to keep, by [save_pars()].
#' @param save_ranef,save_mevars,save_all_pars Deprecated; use `save_pars`.
#' @param init Initial values: `NULL` or `"random"` (uniform on -2 to 2 on the unconstrained scale), `0`, a positive
#'   number (in place of 2), a list with one named list per chain, one named list for all chains, or a function of the
#'   chain's number (or of nothing) that returns one. Names are those of the parameter blocks that [constrain_pars()]
#'   shows (`b`, `Intercept`, `sigma`, `b_sigma`, `sd_1`, `z_1`, `L_1`) or names of draws (`b_x`, `sd_g__Intercept`,
#'   `r_g`). What is missing is random.
#' @param inits Deprecated; use `init`.
#' @param chains Number of chains; 0 gives a fit without draws.
#' @param iter Iterations per chain, warm-up included.
#' @param warmup Iterations of warm-up, less than `iter`.
#' @param thin Keep every `thin`-th iteration after warm-up.
#' @param cores Number of chains that run at the same time.
#' @param threads Threads within each chain: a number or [threading()]. `NULL`: none. `"auto"`: as many as the machine's
#'   cores and the model's size suggest.
#' @param opencl,normalize,backend,save_model,stan_model_args,rename These concern Stan programs; a message says that
#'   they are ignored.
#' @param control Settings of the sampler by rstan's or cmdstanr's names: `adapt_engaged`, `adapt_delta`, `adapt_gamma`,
#'   `adapt_kappa`, `adapt_t0`, `adapt_init_buffer`, `adapt_term_buffer`, `adapt_window`, `max_treedepth`, `stepsize`
#'   (`step_size`), `stepsize_jitter`, `metric` (`"unit_e"`, `"diag_e"`, `"dense_e"`), `inv_metric`.
#' @param algorithm `"sampling"`, or one of the kernels [nuts()], [hmc()], [chees_hmc()] and [meads()], which then has
#'   all settings: `algorithm = chees_hmc()` is for dozens of chains and more.
#' @param silent 0, 1 or 2: with 2, skein says nothing but warnings and progress. `refresh = 0` turns progress off.
#' @param seed A whole number; `NA` takes one from R's random number generator, so that `set.seed()` reproduces the fit.
#'   With a seed given, R's generator is left alone.
#' @param file Name of a file (extension .rds is added) in which the fit is kept. If it exists already, the fit is read
#'   from it instead of sampling. A file with anything else in it is an error.
#' @param file_compress Passed to [saveRDS()].
#' @param file_refit `"never"`; `"always"` fits and overwrites the file; `"on_change"` does so if formula, priors or
#'   data have changed.
#' @param empty Give a fit without draws, whose density is only built when it is needed?
#' @param ... Settings of the sampler by name, as in `control`: `adapt_delta`, `max_treedepth`, `adapt_engaged`,
#'   `step_size` (one, or one per chain), `inv_metric` (on the unconstrained scale: a vector or matrix, or a list of one
#'   per chain); also `refresh` (iterations between progress reports; 0 for silence), `save_warmup`, `init_r` (the
#'   radius of random initial values), `chain_id` (number of the first chain) and `until` (targets at which to stop
#'   before `iter`, by [until()]).
#'
#' @return A fit of class `skeinfit`. Errors have class `skein_error` and come before sampling wherever possible.
#'
#' @references Buerkner (2017). brms: An R Package for Bayesian Multilevel Models Using Stan. *Journal of Statistical
#'   Software* 80(1). \doi{10.18637/jss.v080.i01}. Hoffman and Gelman (2014). The No-U-Turn Sampler. *Journal of
#'   Machine Learning Research* 15, 1593-1623.
#'
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + zBase * Trt + (1 | patient),
#'   data = epilepsy, family = poisson(), chains = 2, iter = 500, refresh = 0
#' )
#' fit
#' }
#' @export
brm <- function(formula, data, family = stats::gaussian(), prior = NULL, autocor = NULL, data2 = NULL, cov_ranef = NULL,
                sample_prior = "no", sparse = NULL, knots = NULL, drop_unused_levels = TRUE, stanvars = NULL,
                stan_funs = NULL, fit = NA, save_pars = getOption("brms.save_pars", NULL), save_ranef = NULL,
                save_mevars = NULL, save_all_pars = NULL, init = NULL, inits = NULL, chains = 4,
                iter = getOption("brms.iter", 2000), warmup = floor(iter / 2), thin = 1,
                cores = getOption("mc.cores", 1), threads = getOption("brms.threads", NULL),
                opencl = getOption("brms.opencl", NULL), normalize = getOption("brms.normalize", TRUE), control = NULL,
                algorithm = getOption("brms.algorithm", "sampling"), backend = getOption("brms.backend", "rstan"),
                future = getOption("future", FALSE), silent = getOption("brms.silent", 1), seed = NA,
                save_model = NULL, stan_model_args = list(), file = NULL, file_compress = TRUE,
                file_refit = getOption("brms.file_refit", "never"), empty = FALSE, rename = TRUE, ...) {
  # Before the default of warmup computes with it.
  check_whole_number(iter, "iter")
  arguments <- as.list(environment())
  if (missing(formula)) arguments["formula"] <- list(NULL)
  if (missing(data)) arguments["data"] <- list(NULL)
  arguments$data_name <- data_name_of(substitute(data))
  fit_model(check_brm_arguments(arguments, list(...), names(match.call())))
}

# The stages, from a checked plan to a fit.
fit_model <- function(plan) {
  stored <- if (plan$file_refit != "on_change") stored_fit(plan)
  if (!is.null(stored)) {
    return(stored)
  }
  model <- if (is.null(plan$fit)) prepare_model(plan) else model_of_fit(plan$fit)
  if (plan$file_refit == "on_change") stored <- stored_fit(plan, model)
  if (!is.null(stored)) {
    return(stored)
  }
  if (!plan$empty) model <- finish_model(model)
  fit <- new_skeinfit(model, plan)
  if (!plan$empty && plan$run$chains > 0) fit <- sample_fit(fit, plan)
  # An interrupted fit in the file would stand in for the whole one at the next call.
  if (!is.null(plan$file) && is.null(fit$interrupted)) fit <- write_fit_file(fit, plan$file, plan$file_compress)
  fit
}

# Formula, data and priors -> everything about the model but its density: terms, frame (light) and full_frame, params
# with priors, prior (in force), spec, data, variables (names of the draws), handle (of the density, not built yet).
prepare_model <- function(plan) {
  if (is.null(plan$formula)) skein_stop("{.arg formula} must be given.")
  if (is.null(plan$data)) skein_stop("{.arg data} must be given.")
  terms <- parse_formula(plan$formula, plan$family, plan$data)
  frame <- build_frame(terms, plan$data, plan$drop_unused_levels)
  table <- build_params(frame)
  params <- set_priors(table, with_old_priors(plan$prior, plan$old_prior, table, frame), frame, plan$sample_prior)
  model <- list(
    terms = terms, full_frame = frame, frame = light_frame(frame), params = params,
    prior = attr(params, "priors_in_force"), data = frame$data, handle = new_handle()
  )
  attr(model$params, "priors_in_force") <- NULL
  model <- c(model, plan[c("data_name", "sample_prior", "save_pars", "drop_unused_levels")])
  model$spec <- model_spec(frame, model)
  model$variables <- draw_variables(attr(model$spec, "draw_names"), params, plan$sample_prior)
  model
}

# The model of an earlier fit, which shares its density.
model_of_fit <- function(fit) {
  model <- fit[c(
    "terms", "frame", "params", "prior", "data", "data_name", "sample_prior", "save_pars", "drop_unused_levels"
  )]
  model$variables <- dimnames(fit$fit$draws)[[3]]
  model$handle <- fit$fit$handle
  model
}

# The priors given to update(), and before them those of the old fit that they do not replace and whose parameters the
# changed formula still has.
with_old_priors <- function(prior, old, table, frame) {
  if (is.null(old)) {
    return(prior)
  }
  key <- function(rows) do.call(paste, c(as.data.frame(rows)[prior_keys], sep = "\r"))
  prior <- as.skeinprior(prior)
  replaced <- key(prior)
  # Priors in force call the class of correlations L.
  replaced <- c(replaced, sub("^cor\r", "L\r", replaced))
  known <- default_prior_rows(prior_slots(table), frame, cholesky = TRUE)
  c(old[key(old) %in% setdiff(key(known), replaced), ], prior)
}

# Builds the density, unless an earlier fit has it, and takes from it the means by which columns are centred.
finish_model <- function(model) {
  if (!is_live(model$handle$pointer)) {
    frame <- model$full_frame
    if (is.null(frame)) frame <- rebuilt_frame(model)
    spec <- if (is.null(model$spec)) model_spec(frame, model) else model$spec
    model$handle$pointer <- build_density(frame, spec)
  }
  model$full_frame <- model$spec <- NULL
  means <- regression_means(model$handle$pointer)
  for (p in seq_along(means)) model$frame$predictors[[p]]$means <- means[[p]]
  model
}

model_spec <- function(frame, model) {
  build_spec(frame, model$params, model$save_pars, prior_only = model$sample_prior == "only")
}

# spec -> builder -> density, design rows fed block by block.
build_density <- function(frame, spec) {
  builder <- regression_builder(spec)
  feed_design(builder, frame)
  regression_finish(builder)
}

# The frame from a fit's own data; warnings about them were given when the model was fitted.
rebuilt_frame <- function(fit) suppressWarnings(build_frame(fit$terms, fit$data, fit$drop_unused_levels))

# Names of the draws in brms's order: those of the density with lprior, before it the draws from the priors, after it
# lp__, and last what save_pars() adds.
draw_variables <- function(own, params, sample_prior) {
  from_priors <- if (sample_prior == "yes") names(prior_draw_list(params))
  at <- match("lprior", own)
  c(own[seq_len(at - 1)], from_priors, "lprior", "lp__", own[-seq_len(at)])
}

# What stands in for the data's name in summaries.
data_name_of <- function(expression) {
  if (is.name(expression)) {
    return(as.character(expression))
  }
  if (!is.call(expression)) {
    return("data")
  }
  text <- deparse(expression, nlines = 1, width.cutoff = 50L)[1]
  if (nchar(text) > 50) paste0(substr(text, 1, 47), "...") else text
}
