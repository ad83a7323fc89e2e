# Arguments that all predictions share: which draws, which levels, which parameter, how many threads.

# What may stand in `...` of a prediction, with defaults; brms's prepare_predictions() takes the same.
prediction_defaults <- list(
  allow_new_levels = FALSE, sample_new_levels = "uncertainty", ndraws = NULL, draw_ids = NULL, nsamples = NULL,
  subset = NULL, re.form = NULL, resp = NULL, nlpar = NULL, sort = FALSE, ntrys = 5, cores = NULL, negative_rt = FALSE,
  incl_autocor = TRUE, newdata2 = NULL, offset = TRUE, incl_thres = NULL, oos = NULL, point_estimate = NULL,
  ndraws_point_estimate = 1
)

# given: a named list of arguments, those of a method's own formals and of its `...`. Returns them checked, in the form
# of prediction_defaults, with draw_ids in whole numbers and `threads`.
check_prediction_arguments <- function(object, given) {
  names <- names(given)
  if (length(given) && (is.null(names) || !all(nzchar(names)))) stop_unused(1)
  check_names_known(names, names(prediction_defaults), "argument")
  out <- prediction_defaults
  out[names] <- given
  for (flag in c("allow_new_levels", "sort", "negative_rt", "incl_autocor", "offset")) check_flag(out[[flag]], flag)
  check_one_of(out$sample_new_levels, c("uncertainty", "gaussian", "old_levels"), "sample_new_levels")
  if (!is.null(out$nlpar)) skein_stop("The model has no non-linear parameters, so that {.arg nlpar} must be NULL.")
  check_response_name(object, out$resp)
  out$ntrys <- check_whole_number(out$ntrys, "ntrys")
  out$draw_ids <- chosen_draws(object, out)
  out$threads <- prediction_threads(out$cores)
  out
}

# The only response may be named.
check_response_name <- function(object, resp) {
  if (is.null(resp)) {
    return(invisible())
  }
  check_string(resp, "resp")
  name <- object$terms$response$name
  if (resp != name) stop_with_suggestion("{.arg resp}: the model has no response {.val {resp}}.", resp, name)
}

# Numbers of the draws to use, ascending and each once, as posterior's subset_draws() and so brms take them. nsamples
# and subset are brms's older names.
chosen_draws <- function(object, given) {
  total <- ndraws.skeinfit(object)
  ids <- if (is.null(given$draw_ids)) given$subset else given$draw_ids
  if (!is.null(ids)) {
    if (is.logical(ids) && length(ids) == total && !anyNA(ids)) ids <- which(ids)
    fine <- is.numeric(ids) && length(ids) > 0 && !anyNA(ids) && all(ids == floor(ids) & ids >= 1 & ids <= total)
    if (!fine) skein_stop("{.arg draw_ids} must be whole numbers from 1 to {total}, the number of draws.")
    return(sort(unique(as.integer(ids))))
  }
  n <- if (is.null(given$ndraws)) given$nsamples else given$ndraws
  if (is.null(n)) {
    return(NULL)
  }
  n <- check_whole_number(n, "ndraws", max = total)
  sort(sample.int(total, n))
}

# cores: a number, or NULL for the option mc.cores, as in brms. Predictions do not depend on it.
prediction_threads <- function(cores) {
  if (is.null(cores)) cores <- getOption("mc.cores", 1)
  cores <- check_whole_number(cores, "cores")
  thread_budget(cores, cores, threading())$cores
}

# The position of a parameter: 0 for mu, k for the family's k-th further one.
dpar_number <- function(object, dpar) {
  names <- c("mu", family_info(object$family)$dpars)
  check_string(dpar, "dpar")
  if (!dpar %in% names) {
    family <- object$family$family
    stop_with_suggestion("Family {.val {family}} has no distributional parameter {.val {dpar}}.", dpar, names)
  }
  match(dpar, names) - 1L
}

# The fit with `n` equal draws, the mean or median of each variable.
point_fit <- function(object, estimate = NULL, n = 1) {
  if (is.null(estimate)) estimate <- "median"
  check_one_of(estimate, c("mean", "median"), "point_estimate")
  n <- check_whole_number(n, "ndraws_point_estimate")
  draws <- as.matrix.skeinfit(object)
  point <- if (estimate == "mean") colMeans(draws) else apply(draws, 2, stats::median)
  with_draws(object, matrix(point, n, length(point), byrow = TRUE))
}

# Arguments of a prediction from a point estimate, which has one draw.
point_options <- function(given) {
  given[!names(given) %in% c("ndraws", "draw_ids", "nsamples", "subset", "point_estimate")]
}
