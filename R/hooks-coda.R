# Packages coda and shinystan: the draws in their formats.

#' Draws for packages coda and shinystan
#'
#' `as.mcmc()` gives an object of \pkg{coda}, `launch_shinystan()` opens the fit in \pkg{shinystan}; each needs that
#' package.
#'
#' @param x,object A `skeinfit`; other objects go to the packages' own functions.
#' @param pars Names or patterns of variables, by default all.
#' @param fixed Are `pars` exact names instead of regular expressions?
#' @param combine_chains Give one matrix of all chains instead of a list of matrices?
#' @param inc_warmup Include the draws of warm-up?
#' @param rstudio As in shinystan.
#' @param ... Further arguments.
#' @return `as.mcmc()` an object of class `mcmc.list`, or `mcmc` of all chains together.
#' @name coda-skein
NULL

#' @rdname coda-skein
#' @export
as.mcmc <- function(x, ...) {
  if (!nzchar(system.file(package = "coda"))) {
    skein_stop("{.fn as.mcmc} needs package {.pkg coda}, which is not installed.")
  }
  getExportedValue("coda", "as.mcmc")(x, ...)
}

#' @rdname coda-skein
#' @rawNamespace S3method(coda::as.mcmc, skeinfit)
as.mcmc.skeinfit <- function(x, pars = NA, fixed = FALSE, combine_chains = FALSE, inc_warmup = FALSE, ...) {
  say_deprecated("as.mcmc", "as_draws")
  for (flag in c("fixed", "combine_chains", "inc_warmup")) check_flag(get(flag), flag)
  if (combine_chains && inc_warmup) skein_stop("Warm-up draws cannot be included with {.code combine_chains = TRUE}.")
  thin <- x$fit$settings$thin
  if (inc_warmup && thin > 1) skein_stop("Warm-up draws cannot be included where {.arg thin} is above 1.")
  variable <- if (!anyNA(pars)) pars
  draws <- select_draws(x, variable, regex = !fixed && !is.null(variable), inc_warmup = inc_warmup)
  iter <- x$fit$settings$iter
  as_mcmc <- function(values, end) {
    structure(values, mcpar = c(end - (nrow(values) - 1) * thin, end, thin), class = "mcmc")
  }
  if (combine_chains) {
    values <- draw_matrix(draws)
    dimnames(values) <- list(NULL, colnames(values))
    return(as_mcmc(values, iter * dim(draws)[2]))
  }
  names <- dimnames(draws)[[3]]
  chains <- lapply(seq_len(dim(draws)[2]), function(chain) {
    as_mcmc(matrix(unclass(draws)[, chain, ], dim(draws)[1], dimnames = list(NULL, names)), iter)
  })
  structure(chains, class = "mcmc.list")
}

#' @rdname coda-skein
#' @export
launch_shinystan <- function(object, ...) {
  if (!nzchar(system.file(package = "shinystan"))) {
    skein_stop("{.fn launch_shinystan} needs package {.pkg shinystan}, which is not installed.")
  }
  getExportedValue("shinystan", "launch_shinystan")(object, ...)
}

#' @rdname coda-skein
#' @rawNamespace S3method(shinystan::launch_shinystan, skeinfit)
launch_shinystan.skeinfit <- function(object, rstudio = getOption("shinystan.rstudio"), ...) {
  getExportedValue("shinystan", "launch_shinystan")(shinystan_object(object), rstudio = rstudio, ...)
}

# The fit as an object of shinystan, with warm-up where that was kept.
shinystan_object <- function(object) {
  check_has_draws(object)
  settings <- object$fit$settings
  inc_warmup <- !is.null(object$fit$warmup_draws)
  # shinystan wants a row of diagnostics for each draw.
  kept <- seq.int(settings$warmup + 1, settings$iter, by = settings$thin)
  if (inc_warmup) kept <- c(seq.int(1, settings$warmup, by = settings$thin), kept)
  params <- lapply(seq_len(nchains.skeinfit(object)), function(chain) object$fit$sampler_params[kept, chain, ])
  getExportedValue("shinystan", "as.shinystan")(
    as_plain_array(select_draws(object, inc_warmup = inc_warmup)), model_name = "skein",
    warmup = if (inc_warmup) dim(object$fit$warmup_draws)[1] else 0, sampler_params = params,
    max_treedepth = if (is.null(settings$max_treedepth)) 10 else settings$max_treedepth, algorithm = "NUTS"
  )
}

as_plain_array <- function(draws) array(unclass(draws), dim(draws), list(NULL, NULL, dimnames(draws)[[3]]))
