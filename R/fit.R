# The object that brm() returns: class skeinfit, with the sampling object of class skeinsampling in its element `fit`.

# A fit without draws. `model`: what prepare_model() made; `plan`: checked arguments of brm().
new_skeinfit <- function(model, plan) {
  sampling <- new_skeinsampling(model)
  structure(
    list(
      formula = model$terms$formula,
      data = model$data,
      data_name = model$data_name,
      family = model$terms$family,
      prior = model$prior,
      sample_prior = model$sample_prior,
      drop_unused_levels = model$drop_unused_levels,
      terms = model$terms,
      frame = model$frame,
      params = model$params,
      fit = sampling,
      algorithm = "sampling",
      save_pars = model$save_pars,
      threads = plan$run$threads,
      arguments = remembered_arguments(plan),
      version = list(skein = skein_version(), R = getRversion()),
      file = NULL
    ),
    class = "skeinfit"
  )
}

# The sampling object before sampling: no iterations, no chains. `handle` is an environment, so that all copies of a fit
# share one density; it does not hold the data, which the fit itself keeps.
new_skeinsampling <- function(model) {
  structure(
    list(
      draws = array(numeric(0), c(0, 0, length(model$variables)), list(NULL, NULL, model$variables)),
      warmup_draws = NULL,
      sampler_params = array(numeric(0), c(0, 0, 6), list(NULL, NULL, sampler_param_names)),
      step_size = numeric(0),
      inverse_metric = list(),
      positions = NULL,
      elapsed = matrix(numeric(0), 0, 2, dimnames = list(NULL, c("warmup", "sample"))),
      settings = list(chains = 0, iter = 0, warmup = 0, thin = 1),
      instruction_set = NULL,
      params = model$params,
      handle = model$handle
    ),
    class = "skeinsampling"
  )
}

sampler_param_names <- c("accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__", "energy__")

new_handle <- function(pointer = NULL) {
  handle <- new.env(parent = emptyenv())
  handle$pointer <- pointer
  handle
}

# An external pointer is null after a fit has been to a file or another process.
is_live <- function(pointer) !is.null(pointer) && !identical(pointer, methods::new("externalptr"))

# The density of a fit as the C++ functions take it, built anew from the fit's data where the fit came from a file.
density_of <- function(object) {
  handle <- sampling_of(object)$handle
  if (is_live(handle$pointer)) {
    return(handle$pointer)
  }
  if (!inherits(object, "skeinfit")) {
    skein_stop(c(
      "This sampling object came from a file or another process and cannot build its density.",
      i = "Give the whole fit instead of its element {.code fit}."
    ))
  }
  frame <- rebuilt_frame(object)
  handle$pointer <- build_density(frame, model_spec(frame, object))
  handle$pointer
}

# Draws kept after warm-up in each chain: every thin-th iteration, beginning with the first.
n_kept <- function(settings) ceiling((settings$iter - settings$warmup) / settings$thin)

# What update() remembers besides the model: init, silent, control and all of `...`. Cores, seed and file are forgotten
# on purpose.
remembered_arguments <- function(plan) {
  run <- plan$run
  out <- run[c("chains", "iter", "warmup", "thin", "init")]
  out$silent <- plan$silent
  out$settings <- run$control
  out$dots <- run$other_dots
  out$algorithm <- run$kernel
  out
}

#' @export
print.skeinsampling <- function(x, ...) {
  settings <- x$settings
  n <- dim(x$draws)
  title <- if (is.null(x$kernel)) "NUTS" else kernel_titles[[x$kernel$name]]
  cat("Draws of skein's ", title, ": ", n[1], " iterations x ", n[2], " chains x ", n[3], " variables\n", sep = "")
  if (settings$chains > 0) {
    cat("iter = ", settings$iter, "; warmup = ", settings$warmup, "; thin = ", settings$thin, "; seed = ",
      format(settings$seed, digits = 17), "\n",
      sep = ""
    )
    cat("Step size: ", paste(format(x$step_size, digits = 3), collapse = ", "), "\n", sep = "")
  }
  invisible(x)
}

skein_version <- function() utils::packageVersion("skein")
