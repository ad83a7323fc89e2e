# Log densities as R objects: class skeindensity, whatever made them.

# handle: external pointer to the C++ density; parts: see density_parts(); init: named list or NULL; build: function
# that makes the handle anew after the object was in a file or another process.
new_skeindensity <- function(kind, handle, parts, init, build, main_thread = FALSE) {
  dims <- lapply(parts, function(part) if (is.null(part$dim)) as.integer(part$size) else part$dim)
  density <- list(
    kind = kind, handle = handle, dimension = sum(vapply(parts, `[[`, 1, "n_unconstrained")),
    draw_names = unlist(lapply(parts, part_names), use.names = FALSE), parameters = dims, parts = parts, init = init,
    main_thread = main_thread, build = build
  )
  density$unconstrain <- function(values) unconstrain_values(parts, values)
  density$constrain <- function(u) constrain_values(density_handle(density), parts, u)
  structure(density, class = "skeindensity")
}

# The live pointer of a density.
density_handle <- function(density) {
  if (is_live(density$handle)) {
    return(density$handle)
  }
  if (is.null(density$build)) {
    skein_stop("This density came from a file or another process and cannot be built anew there.")
  }
  density$build()
}

# Names of the draws of one parameter.
part_names <- function(part) {
  if (is.null(part$dim)) {
    return(if (part$size == 1) part$name else paste0(part$name, "[", seq_len(part$size), "]"))
  }
  index <- arrayInd(seq_len(part$size), part$dim)
  paste0(part$name, "[", apply(index, 1, paste, collapse = ","), "]")
}

# The names of unconstrained coordinates: those of the draws, or by number where there are fewer.
coordinate_names <- function(density) {
  unlist(lapply(density$parts, function(part) {
    names <- part_names(part)
    if (part$n_unconstrained == part$size) names else paste0(part$name, "[", seq_len(part$n_unconstrained), "]")
  }), use.names = FALSE)
}

unconstrain_values <- function(parts, values) {
  values <- check_parameter_values(values, parts, "values")
  unlist(lapply(parts, function(part) unconstrain_value(part, values[[part$name]])), use.names = FALSE)
}

constrain_values <- function(handle, parts, u) {
  draw <- density_draws(handle, matrix(as.double(u)))
  at <- 0
  lapply(parts, function(part) {
    value <- draw[at + seq_len(part$size)]
    at <<- at + part$size
    if (!is.null(part$dim)) dim(value) <- part$dim
    value
  })
}

# The shape of each parameter from initial values or from `dims`: integer vectors, of length 1 for numbers and vectors.
parameter_shapes <- function(init, dims) {
  if (is.null(init) == is.null(dims)) {
    skein_stop("Give either {.arg init}, a value of each parameter, or {.arg dims}, their shapes.")
  }
  given <- if (is.null(init)) dims else init
  argument <- if (is.null(init)) "dims" else "init"
  if (!is.list(given)) given <- as.list(given)
  if (length(given) == 0 || is.null(names(given)) || any(!nzchar(names(given))) || anyDuplicated(names(given))) {
    skein_stop("{.arg {argument}} must be a list with one name for every parameter.")
  }
  lapply(given, function(x) {
    if (!is.numeric(x) || length(x) == 0 || anyNA(x)) {
      skein_stop("{.arg {argument}} must hold numbers without missing values, not {describe_value(x)}.")
    }
    if (!is.null(dims)) {
      if (any(x < 1 | x != floor(x))) skein_stop("{.arg dims} must hold whole numbers of at least 1.")
      return(as.integer(x))
    }
    if (is.null(dim(x))) length(x) else as.integer(dim(x))
  })
}

# Values of all parameters in the order of the parts, as double; stops where a name, a length or a number is wrong.
check_parameter_values <- function(values, parts, argument) {
  if (!is.list(values)) values <- as.list(values)
  names <- names(parts)
  if (is.null(names(values)) && length(values)) {
    skein_stop("{.arg {argument}} must be a list with the parameters' names.")
  }
  missing <- setdiff(names, names(values))
  if (length(missing)) skein_stop("{.arg {argument}} lacks the parameter{?s} {.val {missing}}.")
  check_names_known(names(values), names, paste0("parameter in `", argument, "`:"))
  out <- lapply(parts, function(part) {
    value <- values[[part$name]]
    if (!is.numeric(value) || any(!is.finite(value))) {
      skein_stop("{.arg {argument}}: {.val {part$name}} must hold finite numbers, not {describe_value(value)}.")
    }
    if (length(value) != part$size) {
      skein_stop("{.arg {argument}}: {.val {part$name}} must have {part$size} number{?s}, not {length(value)}.")
    }
    value <- as.double(value)
    if (!is.null(part$dim)) dim(value) <- part$dim
    unconstrain_value(part, value)
    value
  })
  names(out) <- names
  out
}

#' Log densities
#'
#' [density_r()], [density_function()] and [density_cpp()] make objects of class `skeindensity`. `log_prob()` and its
#' kin evaluate them, as they do for fits of [brm()]; `as_skeindensity()` makes one of a function or a fit.
#'
#' @param x,object A log density; for `as_skeindensity()` also a function, taken as [density_r()] does, or a fit of
#'   [brm()].
#' @param init Named list of initial values; see [density_r()]. Needed for a function.
#' @param upars Unconstrained parameters, in the order of `init`.
#' @param pars Named list of values of all parameters, on their own scale.
#' @param gradient Also return the gradient by `upars`, as attribute `"gradient"`?
#' @param ... For a function, further arguments of [density_r()].
#' @return `as_skeindensity()`: an object of class `skeindensity`. The others as for [log_prob()].
#' @examples
#' d <- as_skeindensity(function(x) sum(dnorm(x, log = TRUE)), init = list(x = c(0, 0)))
#' log_prob(d, c(1, 2))
#' @export
as_skeindensity <- function(x, init = NULL, ...) {
  if (inherits(x, "skeindensity")) {
    if (!is_live(x$handle)) x$handle <- density_handle(x)
    if (!is.null(init) && !is.null(x$parts)) x$init <- check_parameter_values(init, x$parts, "init")
    return(x)
  }
  if (inherits(x, "skeinfit")) {
    return(density_of_fit(x))
  }
  if (is.function(x)) {
    if (is.null(init)) {
      skein_stop(c(
        "A log density given as a function needs {.arg init}.",
        i = "Its names say which arguments are parameters: {.code init = list(loc = 1)}."
      ))
    }
    return(density_r(x, init = init, ...))
  }
  skein_stop("A log density must be a function, a density or a fit of {.fn brm}, not {describe_value(x)}.")
}

# A fit's density, with the fit's own names and transforms.
density_of_fit <- function(fit) {
  handle <- density_of(fit)
  layout <- block_layout(sampling_of(fit)$params)
  structure(
    list(
      kind = "fit of brm()", handle = handle, dimension = density_dimension(handle),
      draw_names = setdiff(dimnames(fit$fit$draws)[[3]], "lp__"),
      parameters = stats::setNames(as.list(layout$size), layout$name),
      init = NULL, main_thread = FALSE, build = function() density_of(fit),
      unconstrain = function(values) unconstrain_pars(fit, values), constrain = function(u) constrain_pars(fit, u)
    ),
    class = "skeindensity"
  )
}

#' @rdname as_skeindensity
#' @export
log_prob.skeindensity <- function(object, upars, gradient = FALSE, ...) {
  check_flag(gradient, "gradient")
  result <- evaluate_skeindensity(object, upars)
  if (gradient) structure(result$log_density, gradient = as.vector(result$gradient)) else result$log_density
}

#' @rdname as_skeindensity
#' @export
grad_log_prob.skeindensity <- function(object, upars, ...) {
  result <- evaluate_skeindensity(object, upars)
  structure(as.vector(result$gradient), log_prob = result$log_density)
}

evaluate_skeindensity <- function(density, upars) {
  density_evaluate(density_handle(density), matrix(check_unconstrained(upars, density)))
}

check_unconstrained <- function(upars, density) {
  if (!is.numeric(upars) || anyNA(upars) || length(upars) != density$dimension) {
    skein_stop(
      "{.arg upars} must be {density$dimension} number{?s} without missing values, not {describe_value(upars)}."
    )
  }
  as.double(upars)
}

#' @rdname as_skeindensity
#' @export
constrain_pars.skeindensity <- function(object, upars, ...) object$constrain(check_unconstrained(upars, object))

#' @rdname as_skeindensity
#' @export
unconstrain_pars.skeindensity <- function(object, pars, ...) object$unconstrain(pars)

#' @rdname as_skeindensity
#' @export
get_num_upars.skeindensity <- function(object, ...) as.integer(object$dimension)

#' @rdname as_skeindensity
#' @export
print.skeindensity <- function(x, ...) {
  cat("Log density: ", x$kind, "\n", sep = "")
  shapes <- vapply(x$parameters, function(d) {
    if (identical(as.integer(d), 1L)) "" else paste0("[", paste(d, collapse = ","), "]")
  }, "")
  names <- paste0(names(x$parameters), shapes, collapse = ", ")
  cat("Parameters:  ", names, " (", x$dimension, " unconstrained)\n", sep = "")
  plan <- x$plan
  if (!is.null(plan)) {
    rows <- if (plan$loops > 0) paste(plan$rows, "rows in tiles") else "whole vectors"
    how <- if (plan$lanes) "8 points at once" else rows
    cat("Program:     ", plan$instructions, " instructions, ", how, "\n", sep = "")
    if (plan$reduced_sums > 0) {
      cat("Reduced:     ", plan$reduced_sums, " sum", if (plan$reduced_sums > 1) "s", " over ", plan$reduced_rows,
        " rows to sufficient statistics\n", sep = "")
    }
  }
  invisible(x)
}
