# Log densities written as R functions: traced once, then run in C++.

#' A log density from an R function
#'
#' Runs the function once with values that record what is done to them, and keeps the recorded program: from then on the
#' log density and its gradient are computed in C++, by reverse differentiation, and R is not called again. What depends
#' on data alone is computed once. Sums over many observations run in tiles of rows, in threads; a sum of `dnorm` over
#' data with one mean and one standard deviation, for instance, becomes three numbers. Small programs run for 8 points
#' at once. The result has the same bits on any number of threads, and for a point alone as among others.
#'
#' The function may use: arithmetic and comparison; `exp`, `log`, `log1p`, `expm1`, `log2`, `log10`, `sqrt`, `sin`,
#' `cos`, `tan`, `tanh`, `sinh`, `cosh`, `atan`, `abs`, `lgamma`, `gamma`, `digamma`, `lbeta`, `beta`, `lchoose`,
#' `lfactorial`, `factorial` (gamma functions at positive numbers), `plogis`, `qlogis`, `pnorm`; `sum`, `mean`, `prod`,
#' `cumsum`, `diff`, `var`, `sd`, `pmax`, `pmin`, `%*%`, `crossprod`, `tcrossprod`, `outer`, `rowSums`, `colSums`, `t`,
#' `solve` of a data matrix; indexing and index assignment by
#' data, `c`, `rep`, `rev`, `matrix`, `array`, `diag`, `cbind`, `rbind`; `ifelse`; `lapply`, `sapply`, `Reduce` and
#' loops; your own functions made of these; and the densities `dnorm`, `dt`, `dcauchy`, `dlogis`, `dpois`, `dbinom`,
#' `dnbinom`, `dgamma`, `dbeta`, `dexp`, `dlnorm`, `dweibull` and `dunif`. On data alone, any function at all.
#'
#' A comparison of parameters gives 1 or 0 and has no derivative; `if` cannot depend on a parameter.
#'
#' @param f A function that returns the log density as one number. The names in `init` are its parameters; other
#'   arguments with defaults are data. If `f` has no arguments of those names, it gets one list of all parameters.
#' @param data Named list of further arguments of `f`, or `NULL`.
#' @param init Named list: one value of each parameter, on its own (constrained) scale, which says its shape: a number,
#'   a vector, a matrix or an array. Samplers start there unless told otherwise.
#' @param dims Instead of `init`, a named list of shapes: `list(loc = 1, theta = 8, m = c(2, 3))`.
#' @param constraints Named list with the [constraint()] of each parameter that has one.
#' @param reduce Replace sums over data by sufficient statistics where that is exact?
#' @param check Compare the recorded program with the function itself at `init`?
#'
#' @return A log density, an object of class `skeindensity`.
#' @seealso [density_function()] for functions that cannot be traced, [density_cpp()], [check_gradient()].
#' @examples
#' observed <- c(8, 15, -3, 20)
#' logdensity <- function(loc, log_scale) {
#'   log_scale + sum(dnorm(observed, loc, exp(log_scale), log = TRUE))
#' }
#' d <- density_r(logdensity, init = list(loc = 1, log_scale = 1))
#' d
#' log_prob(d, c(1, 1), gradient = TRUE)
#' @export
density_r <- function(f, data = NULL, init = NULL, dims = NULL, constraints = NULL, reduce = TRUE, check = TRUE) {
  if (!is.function(f)) skein_stop("{.arg f} must be a function, not {describe_value(f)}.")
  check_flag(reduce, "reduce")
  check_flag(check, "check")
  shapes <- parameter_shapes(init, dims)
  check_function_arguments(f, names(shapes), data)
  data <- c(data, self_named_defaults(f, names(data)))
  parts <- density_parts(shapes, constraints)
  if (!is.null(init)) init <- check_parameter_values(init, parts, "init")
  traced <- trace_function(f, parts, data)
  build <- function() {
    recorded <- if (is.null(traced)) trace_function(f, parts, data) else traced
    expression_finish(recorded$graph$pointer, recorded$target, recorded$reported, recorded$dimension, reduce)
  }
  handle <- build()
  traced <- NULL
  density <- new_skeindensity("traced R function", handle, parts, init, build)
  density$source <- f
  density$plan <- expression_plan(handle)
  if (check) check_against_function(density, f, data)
  density
}

# Data of arguments written `observed = observed`, which R would look up in the call itself, for ever.
self_named_defaults <- function(f, given) {
  formals <- formals(f)
  own <- vapply(names(formals), function(name) !name %in% given && identical(formals[[name]], as.name(name)), TRUE)
  stats::setNames(lapply(names(formals)[own], get, envir = environment(f)), names(formals)[own])
}

# The function itself, at the initial values, against the program: a function that takes a traced value for something
# else than a number would be recorded wrongly.
check_against_function <- function(density, f, data) {
  values <- density$init
  if (is.null(values)) values <- density$constrain(rep(0.1, density$dimension))
  expected <- do.call(f, function_arguments(f, values, data), quote = TRUE)
  u <- density$unconstrain(values)
  found <- density_evaluate(density$handle, matrix(u))$log_density - log_jacobian_at(density$parts, u)
  same <- isTRUE(all.equal(found, as.double(expected), tolerance = 1e-6)) ||
    (!is.finite(found) && !is.finite(expected))
  if (!same) {
    skein_stop(c(
      "The recorded program and the function differ at the initial values: {format(found, digits = 10)} and
       {format(as.double(expected), digits = 10)}.",
      i = "The function may draw random numbers, or call one that skein does not know; {trace_advice()}"
    ))
  }
}

# By the same transforms, run on numbers.
log_jacobian_at <- function(parts, u) {
  if (all(vapply(parts, is_unbounded, TRUE))) {
    return(0)
  }
  graph <- new.env(parent = emptyenv())
  graph$pointer <- expression_graph()
  graph$constants <- list()
  total <- 0
  at <- 0
  for (part in parts) {
    element <- at + seq_len(part$n_unconstrained)
    at <- at + part$n_unconstrained
    node <- constant_node(graph, u[element])
    total <- total + constrain_traced(part, new_traced(graph, node, part$n_unconstrained))$log_jacobian
  }
  if (!is_traced(total)) {
    return(total)
  }
  expression_value(graph$pointer, node_of(total, graph))
}

is_unbounded <- function(part) {
  part$constraint$type == "bounds" && all(is.infinite(part$constraint$lower)) && all(is.infinite(part$constraint$upper))
}
