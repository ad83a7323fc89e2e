# What scripts for brms call besides models and their methods: names of classes, functions about compiling, older names.

#' Functions that scripts for brms call
#'
#' For scripts that move from \pkg{brms}. `is.brmsfit()` and kin are `TRUE` for skein's objects and for brms's.
#' `restructure()`, `recompile_model()` and `add_rstan_model()` return a `skeinfit` as it is, as there is nothing to
#' compile; `expose_functions()` stops, as there is no Stan function. `make_stancode()` and `make_standata()` are older
#' names of [stancode()] and [standata()], `pp_expect()` of [posterior_epred()][predictions-skein]. `opencl()` gives
#' what [brm()] ignores with a message. Objects of brms are handed on to brms.
#'
#' @param x,object Any object; a fit.
#' @param formula A formula.
#' @param adform A one-sided formula of addition terms, as in `~ trials(size)`.
#' @param action `"update"` replaces terms of the same functions and keeps others, `"replace"` replaces all.
#' @param recompile,overwrite,vectorize,env Ignored.
#' @param ids Two whole numbers.
#' @param what A function or its name.
#' @param args A list of its arguments.
#' @param pkg The package of the function, if `what` is a name.
#' @param envir Where to evaluate the call.
#' @param value Names of criteria.
#' @param base_size,base_family Size and family of the font.
#' @param ... Further arguments.
#' @return `is.*()` `TRUE` or `FALSE`; the others see above. `update_adterms()` a formula; `do_call()` what the function
#'   returns; `theme_black()` a theme of \pkg{ggplot2}.
#' @examples
#' is.brmsformula(bf(y ~ x))
#' update_adterms(y | trials(size) ~ x, ~ weights(w))
#' @name brms-names
NULL

#' @rdname brms-names
#' @export
is.brmsfit <- function(x) inherits(x, c("skeinfit", "brmsfit"))

#' @rdname brms-names
#' @export
is.brmsfit_multiple <- function(x) inherits(x, "brmsfit_multiple") || (inherits(x, "skeinfit") && !is.null(x$rhats))

#' @rdname brms-names
#' @export
is.brmsformula <- function(x) inherits(x, c("skeinformula", "brmsformula"))

#' @rdname brms-names
#' @export
is.mvbrmsformula <- function(x) inherits(x, "mvbrmsformula")

#' @rdname brms-names
#' @export
is.brmsprior <- function(x) inherits(x, c("skeinprior", "brmsprior"))

#' @rdname brms-names
#' @export
restructure <- function(x, ...) if (is_brmsfit(x)) call_brms("restructure", x, ...) else check_is_fit(x)

#' @rdname brms-names
#' @export
recompile_model <- function(x, recompile = NULL) {
  if (is_brmsfit(x)) call_brms("recompile_model", x, recompile = recompile) else check_is_fit(x)
}

#' @rdname brms-names
#' @export
add_rstan_model <- function(x, overwrite = FALSE) {
  if (is_brmsfit(x)) call_brms("add_rstan_model", x, overwrite = overwrite) else check_is_fit(x)
}

check_is_fit <- function(x) {
  if (!inherits(x, "skeinfit")) skein_stop("{.arg x} must be a fit of {.fn brm}, not {describe_value(x)}.")
  x
}

#' @rdname brms-names
#' @export
expose_functions <- function(x, vectorize = FALSE, env = globalenv(), ...) {
  if (is_brmsfit(x)) {
    return(call_brms("expose_functions", x, vectorize = vectorize, env = env, ...))
  }
  skein_stop("skein has no Stan functions: there is nothing to expose.")
}

#' @rdname brms-names
#' @export
make_stancode <- function(formula, ...) stancode(formula, ...)

#' @rdname brms-names
#' @export
make_standata <- function(formula, ...) standata(formula, ...)

#' @rdname brms-names
#' @export
pp_expect <- function(object, ...) forward_deprecated("pp_expect", "posterior_epred", object, ...)

# brms's other name of log_lik(): not a number with degrees of freedom.
#' @rawNamespace S3method(stats::logLik, skeinfit)
logLik.skeinfit <- function(object, ...) log_lik.skeinfit(object, ...)

#' @rdname brms-names
#' @export
`add_ic<-` <- function(x, ..., value) add_ic(x, ic = value, ...)

#' @rdname brms-names
#' @export
opencl <- function(ids = NULL) {
  if (!is.null(ids) && !(is.numeric(ids) && length(ids) == 2)) {
    skein_stop("{.arg ids} must be two whole numbers, not {describe_value(ids)}.")
  }
  structure(list(ids = ids), class = "brmsopencl")
}

#' @rdname brms-names
#' @export
do_call <- function(what, args, pkg = NULL, envir = parent.frame()) {
  if (!is.list(args)) skein_stop("{.arg args} must be a list, not {describe_value(args)}.")
  if (is.character(what)) {
    what <- if (is.null(pkg)) get(what, envir = envir, mode = "function") else getExportedValue(pkg, what)
  }
  # Arguments go by name, so that errors do not print their values.
  where <- new.env(parent = envir)
  names <- sprintf(".x%d", seq_along(args))
  for (i in seq_along(args)) assign(names[i], args[[i]], envir = where)
  eval(as.call(c(list(what), stats::setNames(lapply(names, as.name), names(args)))), where)
}

#' @rdname brms-names
#' @export
update_adterms <- function(formula, adform, action = c("update", "replace")) {
  action <- check_one_of(action[1], c("update", "replace"), "action")
  formula <- stats::as.formula(formula)
  adform <- stats::as.formula(adform)
  if (length(formula) != 3) skein_stop("{.arg formula} must have a response.")
  left <- formula[[2]]
  has_additions <- is.call(left) && identical(left[[1]], as.name("|"))
  old <- if (has_additions) summands(left[[3]]) else list()
  new <- summands(adform[[length(adform)]])
  of <- function(terms) vapply(terms, function(term) sub("^resp_", "", deparse1(term[[1]])), "")
  kept <- if (action == "update") old[!of(old) %in% of(new)] else list()
  additions <- Reduce(function(a, b) call("+", a, b), c(kept, new))
  formula[[2]] <- call("|", if (has_additions) left[[2]] else left, additions)
  formula
}

# The terms of a sum of calls.
summands <- function(x) {
  if (is.call(x) && identical(x[[1]], as.name("+")) && length(x) == 3) {
    return(c(summands(x[[2]]), summands(x[[3]])))
  }
  if (!is.call(x)) skein_stop("{.code {deparse1(x)}} is no addition term.")
  list(x)
}

#' @importFrom bayesplot theme_default
#' @export
bayesplot::theme_default

#' @rdname brms-names
#' @export
theme_black <- function(base_size = 12, base_family = "") {
  light <- "grey90"
  ggplot2::theme_grey(base_size, base_family) + ggplot2::theme(
    text = ggplot2::element_text(colour = light), title = ggplot2::element_text(colour = light),
    axis.text = ggplot2::element_text(colour = light), axis.ticks = ggplot2::element_line(colour = light),
    strip.text = ggplot2::element_text(colour = light), legend.background = ggplot2::element_rect(fill = "black"),
    legend.key = ggplot2::element_rect(fill = "black", colour = NA),
    panel.background = ggplot2::element_rect(fill = "black", colour = NA),
    panel.grid.major = ggplot2::element_line(colour = "grey35"),
    panel.grid.minor = ggplot2::element_line(colour = "grey20"),
    plot.background = ggplot2::element_rect(fill = "black", colour = "black"),
    strip.background = ggplot2::element_rect(fill = "grey30", colour = "grey10")
  )
}
