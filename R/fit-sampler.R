# What the sampler did: running times, adaptation, and its diagnostics, under rstan's names.

#' Running times, adaptation and diagnostics of a fit
#'
#' @param object A fit of [brm()], or its element `fit`.
#' @param inc_warmup Include the warm-up iterations?
#' @param ... Unused.
#'
#' @return `get_elapsed_time()`: a matrix chains x (warmup, sample) of seconds. `get_adaptation_info()`: a list with one
#'   string per chain, in the words of Stan's output files: the step size, then the inverse metric on the unconstrained
#'   scale, in the order of [unconstrain_pars()]; numbers have all their digits. `get_sampler_params()`: a list with one
#'   matrix per chain, iterations x (accept_stat__, stepsize__, treedepth__, n_leapfrog__, divergent__, energy__).
#'   `get_seed()`: the seed, one number.
#'
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' get_elapsed_time(fit)
#' cat(get_adaptation_info(fit)[[1]])
#' }
#' @name get_elapsed_time
NULL

#' @rdname get_elapsed_time
#' @export
get_elapsed_time <- function(object, ...) UseMethod("get_elapsed_time")

#' @rdname get_elapsed_time
#' @export
get_adaptation_info <- function(object, ...) UseMethod("get_adaptation_info")

#' @rdname get_elapsed_time
#' @export
get_sampler_params <- function(object, ...) UseMethod("get_sampler_params")

#' @rdname get_elapsed_time
#' @export
get_seed <- function(object, ...) UseMethod("get_seed")

#' @export
get_elapsed_time.skeinsampling <- function(object, ...) {
  check_sampled(object)
  object$elapsed
}

#' @export
get_adaptation_info.skeinsampling <- function(object, ...) {
  check_sampled(object)
  Map(adaptation_text, unname(as.list(object$step_size)), unname(object$inverse_metric), USE.NAMES = FALSE)
}

#' @rdname get_elapsed_time
#' @export
get_sampler_params.skeinsampling <- function(object, inc_warmup = TRUE, ...) {
  check_sampled(object)
  check_flag(inc_warmup, "inc_warmup")
  values <- sampler_array(list(fit = object), inc_warmup)
  lapply(seq_len(dim(values)[2]), function(chain) {
    array(values[, chain, ], dim(values)[c(1, 3)], list(NULL, dimnames(values)[[3]]))
  })
}

#' @export
get_seed.skeinsampling <- function(object, ...) object$settings$seed

#' @export
get_elapsed_time.skeinfit <- function(object, ...) get_elapsed_time(object$fit)

#' @export
get_adaptation_info.skeinfit <- function(object, ...) get_adaptation_info(object$fit)

#' @export
get_sampler_params.skeinfit <- function(object, ...) get_sampler_params(object$fit, ...)

#' @export
get_seed.skeinfit <- function(object, ...) get_seed(object$fit)

#' @export
get_elapsed_time.default <- function(object, ...) call_rstan("get_elapsed_time", object, ...)

#' @export
get_adaptation_info.default <- function(object, ...) call_rstan("get_adaptation_info", object, ...)

#' @export
get_sampler_params.default <- function(object, ...) call_rstan("get_sampler_params", object, ...)

#' @export
get_seed.default <- function(object, ...) call_rstan("get_seed", object, ...)

check_sampled <- function(object) {
  if (object$settings$chains == 0 || prod(dim(object$draws)[1:2]) == 0) {
    skein_stop("The model does not contain posterior draws.", class = "skein_no_draws")
  }
}

# Stan's lines; 17 digits, so that reading the text gives the same numbers.
adaptation_text <- function(step_size, inverse_metric) {
  digits <- function(x) paste(formatC(x, digits = 17, format = "g", width = 1), collapse = ", ")
  lines <- paste0("# Step size = ", digits(step_size))
  if (is.matrix(inverse_metric)) {
    lines <- c(lines, "# Elements of inverse mass matrix:", paste0("# ", apply(inverse_metric, 1, digits)))
  } else if (length(inverse_metric)) {
    lines <- c(lines, "# Diagonal elements of inverse mass matrix:", paste0("# ", digits(inverse_metric)))
  }
  paste0(lines, "\n", collapse = "")
}

# The draws under brms's names as arrays, chains one after the other, in the order in which they were drawn: a list
# with one element for each variable or indexed family of variables (r_g: draws x levels x coefficients). What
# rstan::extract() gives for a fit; permuted = FALSE gives the iterations x chains x variables array.
extract_arrays <- function(object, pars = NULL, permuted = TRUE, inc_warmup = FALSE, include = TRUE) {
  check_sampled(object)
  draws <- object$draws
  names <- dimnames(draws)[[3]]
  stems <- sub("\\[.*", "", names)
  chosen <- unique(stems)
  if (!is.null(pars)) {
    check_names_known(pars, c(chosen, names), "parameter")
    chosen <- if (include) pars else setdiff(chosen, pars)
  }
  if (!permuted) {
    return(draws[, , names %in% chosen | stems %in% chosen, drop = FALSE])
  }
  n <- prod(dim(draws)[1:2])
  out <- lapply(chosen, function(stem) {
    members <- which(names == stem)
    if (length(members) == 0) members <- which(stems == stem)
    values <- as.vector(draws[, , members])
    indexed <- grepl("[", names[members[1]], fixed = TRUE) && !stem %in% names
    array(values, c(n, if (indexed) index_sizes(names[members])), list(iterations = NULL)[1])
  })
  names(out) <- chosen
  out
}

# The extent of each index of names such as r_g[level,coef]; first indices vary fastest, levels may hold commas.
index_sizes <- function(names) {
  inner <- sub("\\]$", "", sub("^[^[]*\\[", "", names))
  if (!all(grepl(",", inner, fixed = TRUE))) {
    return(length(names))
  }
  columns <- length(unique(sub(".*,", "", inner)))
  c(length(names) %/% columns, columns)
}
