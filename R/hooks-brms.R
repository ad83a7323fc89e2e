# The model in brms's own terms, for those who want its Stan code: only where brms is installed.

#' Stan code and data of a model, by brms
#'
#' skein has no Stan code. Where package \pkg{brms} is installed, these functions hand formula, data, family and priors
#' to it and return what it makes of them: the program whose density skein computes.
#'
#' @param object A `skeinfit` or a formula. A `brmsfit` is handed on as it is.
#' @param data,family,prior For a formula, as in [brm()].
#' @param sample_prior As in [brm()].
#' @param threads Number of threads, a [threading()], or `NULL`: changes the code.
#' @param ... Further arguments of \pkg{brms}'s functions.
#' @return `stancode()` a string of class `brmsmodel`, `standata()` a list.
#' @name stancode
NULL

#' @rdname stancode
#' @export
stancode <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("stancode", object, ...))
  }
  UseMethod("stancode")
}

#' @rdname stancode
#' @export
standata <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("standata", object, ...))
  }
  UseMethod("standata")
}

#' @rdname stancode
#' @export
stancode.default <- function(object, data, family = stats::gaussian(), prior = NULL, sample_prior = "no",
                             threads = NULL, ...) {
  call_brms("make_stancode", as_brmsformula(object),
    data = data, family = as_brms_family(family), prior = as_brms_prior(prior), sample_prior = sample_prior,
    threads = as_brms_threads(threads), ...
  )
}

#' @rdname stancode
#' @export
standata.default <- function(object, data, family = stats::gaussian(), prior = NULL, sample_prior = "no",
                             threads = NULL, ...) {
  call_brms("make_standata", as_brmsformula(object),
    data = data, family = as_brms_family(family), prior = as_brms_prior(prior), sample_prior = sample_prior,
    threads = as_brms_threads(threads), ...
  )
}

#' @rdname stancode
#' @export
#' @rawNamespace S3method(brms::stancode, skeinfit)
stancode.skeinfit <- function(object, threads = object$threads, ...) {
  stancode.default(formula(object), object$data, object$family, object$prior, object$sample_prior, threads, ...)
}

#' @rdname stancode
#' @export
#' @rawNamespace S3method(brms::standata, skeinfit)
standata.skeinfit <- function(object, threads = object$threads, ...) {
  standata.default(formula(object), object$data, object$family, object$prior, object$sample_prior, threads, ...)
}

as_brmsformula <- function(formula) {
  if (!inherits(formula, "skeinformula")) {
    return(formula)
  }
  pieces <- c(unname(formula$pforms), formula$pfix)
  arguments <- c(list(formula$formula), if (length(pieces)) list(flist = pieces), list(center = formula$center))
  do.call(call_brms, c(list("brmsformula"), arguments))
}

as_brms_family <- function(family) {
  family <- parse_family(family)
  links <- family[grep("^link_", names(family))]
  do.call(call_brms, c(list("brmsfamily", family$family, link = family$link), links))
}

# brms's own columns, in the order of its version.
as_brms_prior <- function(prior) {
  if (!inherits(prior, "skeinprior")) {
    return(prior)
  }
  prior <- as.data.frame(prior)
  prior <- prior[prior$source %in% "user", ]
  is_cholesky <- prior$class == "L"
  prior$class[is_cholesky] <- "cor"
  prior$prior[is_cholesky] <- sub("^lkj_corr_cholesky", "lkj", prior$prior[is_cholesky])
  if (nrow(prior) == 0) {
    return(NULL)
  }
  rows <- lapply(seq_len(nrow(prior)), function(i) {
    one <- as.list(prior[i, c("prior", "class", "coef", "group", "resp", "dpar", "nlpar")])
    # Bounds that come with the class are not for the user to set.
    bounds <- lapply(prior[i, c("lb", "ub")], function(bound) if (bound %in% c(NA, "")) NA else as.numeric(bound))
    if (one$class != "b") bounds <- NULL
    do.call(call_brms, c(list("set_prior"), one, bounds))
  })
  Reduce(`+`, rows)
}

as_brms_threads <- function(threads) {
  if (is.null(threads) || is.numeric(threads) || inherits(threads, "brmsthreads")) {
    return(threads)
  }
  if (is.null(threads$threads)) {
    return(NULL)
  }
  call_brms("threading", threads$threads, grainsize = threads$grainsize)
}

# Generics of skein that hand a brmsfit on to brms and are not declared in NAMESPACE: brms's of the same names get
# skein's methods as far as the installed version has them.
shared_generics <- c(
  "add_criterion", "reloo", "model_weights", "pp_average", "posterior_average", "loo_epred", "restructure",
  "expose_functions", "LOO", "WAIC", "add_ic", "posterior_samples", "parnames", "stanplot", "marginal_effects"
)

register_methods_with_brms <- function() {
  theirs <- asNamespace("brms")
  ours <- environment(register_methods_with_brms)
  for (name in shared_generics) {
    if (exists(name, envir = theirs, inherits = FALSE)) {
      # Some of them are plain functions here.
      method <- get0(paste0(name, ".skeinfit"), envir = ours, ifnotfound = get(name, envir = ours))
      registerS3method(name, "skeinfit", method, envir = theirs)
    }
  }
}

hook_brms <- function() {
  register_priors_with_brms()
  register_methods_with_brms()
}
