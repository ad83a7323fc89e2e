# What brm() makes of its arguments before it looks at formula or data: each is checked, ignored with one message, or
# refused by name.

# Arguments for Stan's tools, which skein has no use for: name -> is there something to ignore?
ignored_arguments <- list(
  opencl = function(x) !is.null(x),
  normalize = function(x) identical(x, FALSE),
  save_model = function(x) !is.null(x),
  stan_model_args = function(x) length(x) > 0,
  rename = function(x) identical(x, FALSE)
)

# Settings in `...` that only concern how Stan's programs are run and print.
ignored_dots <- c(
  "open_progress", "verbose", "show_messages", "show_exceptions", "validate_csv", "sig_figs", "diagnostics", "save_dso",
  "boost_lib", "eigen_lib", "check_data", "output_dir", "output_basename", "save_cmdstan_config", "recompile"
)

# Names of rstan's and cmdstanr's sampling functions that have another name in brm(), or none.
redirected_dots <- c(
  iter_warmup = "warmup", iter_sampling = "iter", parallel_chains = "cores", num_chains = "chains",
  num_cores = "cores", num_warmup = "warmup", num_samples = "iter", threads_per_chain = "threads",
  chain_ids = "chain_id"
)
refused_dots <- c(
  "pars", "include", "sample_file", "diagnostic_file", "test_grad", "fixed_param",
  "save_latent_dynamics"
)

# Names in `...` that mean something, besides setting_names of control.R.
other_dots <- c("refresh", "init_r", "save_warmup", "chain_id", "until")

# Everything brm() was called with -> the plan of a fit: a list with the arguments under their names, checked, with
# `run` holding those of the sampler. `given`: names the caller wrote.
check_brm_arguments <- function(arguments, dots, given) {
  refuse_arguments(arguments)
  check_dots(dots, names(arguments))
  plan <- arguments[c("formula", "data", "family", "prior", "data_name")]
  plan$sample_prior <- check_sample_prior(arguments$sample_prior)
  plan$drop_unused_levels <- check_flag(arguments$drop_unused_levels, "drop_unused_levels")
  plan$save_pars <- validate_save_pars(arguments$save_pars, arguments[c("save_ranef", "save_mevars", "save_all_pars")])
  plan$empty <- check_flag(arguments$empty, "empty")
  plan$silent <- check_silent(arguments$silent)
  plan$future <- check_flag(arguments$future, "future")
  plan$fit <- check_reused_fit(arguments$fit)
  plan$run <- check_run(arguments, dots)
  plan$quiet <- plan$silent >= 2 || plan$run$refresh == 0 || in_knitr()
  plan["file"] <- list(fit_file_name(arguments$file))
  plan$file_refit <- check_one_of(arguments$file_refit, c("never", "always", "on_change"), "file_refit")
  plan$file_compress <- arguments$file_compress
  if (!plan$quiet) tell_ignored(arguments, dots, given)
  plan
}

# Stops at what skein does not have; NULL, empty lists and the defaults ask for nothing.
refuse_arguments <- function(arguments) {
  asked <- function(x) length(x) > 0 && !identical(x, FALSE)
  for (name in c("autocor", "data2", "cov_ranef", "sparse", "knots", "stanvars", "stan_funs")) {
    if (asked(arguments[[name]])) stop_not_yet(name)
  }
  if (inherits(arguments$algorithm, "skeinkernel") || is.function(arguments$algorithm)) {
    check_kernel(arguments$algorithm, "algorithm")
    arguments$algorithm <- "sampling"
  }
  algorithms <- c("sampling", "meanfield", "fullrank", "pathfinder", "laplace", "fixed_param")
  algorithm <- check_one_of(arguments$algorithm, algorithms, "algorithm")
  if (algorithm != "sampling") stop_not_yet(paste0("algorithm = \"", algorithm, "\""))
  backend <- check_one_of(arguments$backend, c("rstan", "cmdstanr", "mock"), "backend")
  if (backend == "mock") stop_not_yet("backend = \"mock\"", "{.code chains = 0} gives a fit without draws.")
}

check_dots <- function(dots, formal_names) {
  if (length(dots) == 0) {
    return(invisible(NULL))
  }
  if (is.null(names(dots)) || any(!nzchar(names(dots)))) {
    skein_stop("{.fn brm} was given an argument without a name after its last one, {.arg rename}.")
  }
  for (name in names(dots)) {
    if (name %in% names(redirected_dots)) {
      better <- redirected_dots[[name]]
      skein_stop("{.fn brm} does not take {.arg {name}}: use {.arg {better}}.")
    }
    if (name %in% refused_dots) stop_not_yet(name)
  }
  known <- c(other_dots, setting_names, ignored_dots)
  check_names_known(setdiff(names(dots), known), setdiff(c(known, formal_names), c("data_name", "...")), "argument")
}

# One message for all that was given in vain.
tell_ignored <- function(arguments, dots, given) {
  names <- names(ignored_arguments)
  asked <- vapply(names, function(name) isTRUE(ignored_arguments[[name]](arguments[[name]])), logical(1))
  names <- c(if ("backend" %in% given) "backend", names[asked], intersect(names(dots), ignored_dots))
  if (length(names)) {
    skein_inform("skein needs no Stan program and ignores {.arg {names}}.", class = "skein_ignored")
  }
}

check_sample_prior <- function(x) {
  if (is.logical(x) && length(x) == 1 && !is.na(x)) x <- if (x) "yes" else "no"
  check_one_of(x, c("no", "yes", "only"), "sample_prior")
}

# 0, 1 or 2; TRUE and FALSE mean 1 and 0.
check_silent <- function(x) {
  fine <- (is.numeric(x) || is.logical(x)) && length(x) == 1 && !is.na(x) && x %in% 0:2
  if (!fine) skein_stop("{.arg silent} must be 0, 1 or 2, not {describe_value(x)}.")
  as.integer(x)
}

# NULL, or the skeinfit whose model and data are used again.
check_reused_fit <- function(fit) {
  if (is.null(fit) || (is.atomic(fit) && length(fit) == 1 && is.na(fit))) {
    return(NULL)
  }
  if (!inherits(fit, "skeinfit")) {
    skein_stop("{.arg fit} must be a fit of skein's {.fn brm}, not {describe_value(fit)}.")
  }
  fit
}

# The sampler's part of brm()'s arguments: chains, iter, warmup, thin, cores, threads, seed, init and settings.
check_run <- function(arguments, dots) {
  run <- list(
    chains = check_whole_number(arguments$chains, "chains", min = 0),
    iter = check_whole_number(arguments$iter, "iter"),
    warmup = check_whole_number(arguments$warmup, "warmup", min = 0),
    thin = check_whole_number(arguments$thin, "thin"),
    cores = check_whole_number(arguments$cores, "cores"),
    threads = validate_threads(arguments$threads),
    seed = check_seed(arguments$seed)
  )
  if (run$warmup >= run$iter) {
    skein_stop(c(
      "{.arg warmup} ({run$warmup}) must be less than {.arg iter} ({run$iter}).",
      i = "{.arg iter} counts the warmup iterations too."
    ))
  }
  run["init"] <- list(init_of_arguments(arguments$init, arguments$inits))
  run$refresh <- check_refresh(dots$refresh, run$iter)
  run$init_radius <- init_radius_of(dots$init_r)
  run$save_warmup <- check_flag(if (is.null(dots$save_warmup)) FALSE else dots$save_warmup, "save_warmup")
  run$first_chain <- check_chain_id(dots$chain_id, run$chains)
  is_setting <- names(dots) %in% setting_names
  run$control <- merge_control(arguments$control, dots[is_setting])
  if (inherits(arguments$algorithm, "skeinkernel")) run$kernel <- arguments$algorithm
  run$settings <- settings_in_force(run)
  run$until <- check_until(dots$until)
  if (run$warmup == 0) run$settings$adapt_engaged <- FALSE
  run$other_dots <- dots[!is_setting & !names(dots) %in% ignored_dots]
  run
}

# Of brm()'s own NUTS, or of the kernel given as `algorithm`, which then has all of them.
settings_in_force <- function(run) {
  if (is.null(run$kernel)) {
    return(sampler_settings(run$control, max(1, run$chains)))
  }
  if (length(run$control)) {
    skein_stop(c(
      "{.arg {names(run$control)[1]}} is given, but so is a kernel as {.arg algorithm}.",
      i = "Give settings to the kernel, as in {.code nuts(adapt_delta = 0.95)}."
    ))
  }
  if (run$chains == 0) sampler_settings(run$kernel$given, 1) else kernel_settings(run$kernel, run$chains)
}

# NA until the run begins, or a whole number.
check_seed <- function(seed) {
  if (is.null(seed) || (length(seed) == 1 && is.na(seed))) {
    return(NA_real_)
  }
  # Beyond it doubles skip whole numbers.
  check_whole_number(seed, "seed", min = 0, max = 2^53)
}

# Stan's default: ten reports a chain. None in a knitr document.
check_refresh <- function(refresh, iter) {
  if (in_knitr()) {
    return(0)
  }
  if (is.null(refresh)) {
    return(max(1, floor(iter / 10)))
  }
  max(0, check_whole_number(refresh, "refresh", min = -Inf))
}

in_knitr <- function() isTRUE(getOption("knitr.in.progress"))

# The number of the first chain: chain_id is one number or consecutive numbers, one a chain.
check_chain_id <- function(chain_id, chains) {
  if (is.null(chain_id)) {
    return(1)
  }
  first <- check_whole_number(chain_id[1], "chain_id")
  if (length(chain_id) > 1 && !isTRUE(all.equal(as.double(chain_id), first + seq_len(chains) - 1))) {
    skein_stop("{.arg chain_id} must be consecutive numbers, one for each of {chains} chain{?s}.")
  }
  first
}

init_radius_of <- function(init_r) {
  if (is.null(init_r)) init_r <- sampler_defaults()$init_radius
  check_number(init_r, "init_r", 0, open = FALSE)
}

init_of_arguments <- function(init, inits) {
  if (is.null(inits)) {
    return(init)
  }
  skein_warn(c("{.arg inits} is deprecated.", i = "Please use argument {.arg init} instead."))
  if (is.null(init)) inits else init
}

# Values of brm()'s defaults, for callers that go past it.
brm_defaults <- function() {
  defaults <- formals(brm)
  defaults <- defaults[setdiff(names(defaults), c("formula", "data", "warmup", "..."))]
  values <- lapply(defaults, eval, envir = environment(brm))
  values["warmup"] <- list(default_warmup(values$iter))
  values
}

# As the default of brm()'s argument; whatever iter is, it is checked later.
default_warmup <- function(iter) if (is.numeric(iter)) floor(iter / 2) else 0
