# Log densities and gradients that stay R functions.

#' A log density and its gradient as R functions
#'
#' For functions that [density_r()] cannot record: with branches on parameters, calls of other software, solvers. R
#' evaluates them, so chains take turns on R's main thread; nothing else is lost. The gradient is compared with finite
#' differences at `init` before anything is sampled.
#'
#' @param f Function of the parameters, by name as in [density_r()] or one list, that returns the log density as one
#'   number. `-Inf` or `NaN` outside the support.
#' @param gradient Function of the same arguments that returns the derivatives of `f`: a list with the parameters' names
#'   and shapes, or one vector in the order of `init`. Both functions see parameters on their own scale, and know
#'   nothing of `constraints`.
#' @param init Named list with a value of each parameter.
#' @param data Named list of further arguments of both functions, or `NULL`.
#' @param constraints As for [density_r()].
#' @param check Run [check_gradient()] at `init`?
#' @return An object of class `skeindensity`.
#' @examples
#' d <- density_function(
#'   function(x) if (x > 0) -x^2 / 2 else -x^4,
#'   gradient = function(x) if (x > 0) -x else -4 * x^3,
#'   init = list(x = 1)
#' )
#' log_prob(d, -1, gradient = TRUE)
#' @export
density_function <- function(f, gradient, init, data = NULL, constraints = NULL, check = TRUE) {
  if (!is.function(f)) skein_stop("{.arg f} must be a function, not {describe_value(f)}.")
  if (missing(gradient) || !is.function(gradient)) {
    skein_stop("{.arg gradient} must be a function that returns the derivatives of {.arg f}.")
  }
  check_flag(check, "check")
  shapes <- parameter_shapes(init, NULL)
  check_function_arguments(f, names(shapes), data)
  check_function_arguments(gradient, names(shapes), data)
  parts <- density_parts(shapes, constraints)
  init <- check_parameter_values(init, parts, "init")
  transform <- recorded_transforms(parts)
  build <- function() {
    density_from_functions(
      function(u) evaluate_functions(f, gradient, data, parts, transform, u),
      function(u) unlist(transformed_values(parts, transform, u), use.names = FALSE),
      sum(vapply(parts, `[[`, 1, "n_unconstrained")), sum(vapply(parts, `[[`, 1, "size"))
    )
  }
  density <- new_skeindensity("R functions, on the main thread", build(), parts, init, build, main_thread = TRUE)
  if (check) check_gradient(density)
  density
}

# The constrained elements and the log Jacobian as traced programs: each element's derivatives come by one evaluation of
# a density whose log is sum(weights * elements) + log Jacobian, with the weights as further coordinates. NULL where
# nothing is constrained.
recorded_transforms <- function(parts) {
  if (all(vapply(parts, is_unbounded, TRUE))) {
    return(NULL)
  }
  shapes <- lapply(parts, `[[`, "n_unconstrained")
  sizes <- lapply(parts, `[[`, "size")
  graph <- new.env(parent = emptyenv())
  graph$pointer <- expression_graph()
  graph$constants <- list()
  n <- sum(unlist(shapes))
  at <- 0
  weight_at <- n
  target <- 0
  reported <- integer(0)
  for (k in seq_along(parts)) {
    u <- new_traced(graph, expression_parameter(graph$pointer, at, shapes[[k]]), shapes[[k]])
    weights <- new_traced(graph, expression_parameter(graph$pointer, weight_at, sizes[[k]]), sizes[[k]])
    at <- at + shapes[[k]]
    weight_at <- weight_at + sizes[[k]]
    constrained <- constrain_traced(parts[[k]], u)
    value <- as.vector(constrained$value)
    target <- target + constrained$log_jacobian + traced_sum(value * weights)
    reported[k] <- node_of(value, graph)
  }
  expression_finish(graph$pointer, node_of(target, graph), reported, weight_at, TRUE)
}

transformed_values <- function(parts, transform, u) {
  sizes <- vapply(parts, `[[`, 1, "size")
  flat <- if (is.null(transform)) u else density_draws(transform, matrix(c(u, numeric(sum(sizes)))))
  ends <- cumsum(sizes)
  values <- lapply(seq_along(parts), function(k) {
    value <- flat[(ends[k] - sizes[k]) + seq_len(sizes[k])]
    if (!is.null(parts[[k]]$dim)) dim(value) <- parts[[k]]$dim
    value
  })
  names(values) <- names(parts)
  values
}

# list(log density, gradient) on the unconstrained scale. Chain rule: the transforms' derivatives times the user's.
evaluate_functions <- function(f, gradient, data, parts, transform, u) {
  values <- transformed_values(parts, transform, u)
  log_density <- as.double(do.call(f, function_arguments(f, values, data), quote = TRUE))
  if (length(log_density) != 1) {
    skein_stop("{.arg f} must return one number, not {length(log_density)}.")
  }
  if (!is.finite(log_density)) {
    return(list(log_density, rep(NaN, length(u))))
  }
  slopes <- flat_gradient(do.call(gradient, function_arguments(gradient, values, data), quote = TRUE), parts)
  if (is.null(transform)) {
    return(list(log_density, slopes))
  }
  found <- density_evaluate(transform, matrix(c(u, slopes)))
  moved <- sum(unlist(values) * slopes)
  list(log_density + found$log_density - moved, found$gradient[seq_along(u), 1])
}

flat_gradient <- function(gradient, parts) {
  if (is.list(gradient)) {
    missing <- setdiff(names(parts), names(gradient))
    if (length(missing)) skein_stop("The list that {.arg gradient} returns lacks {.val {missing}}.")
    gradient <- unlist(gradient[names(parts)], use.names = FALSE)
  }
  n <- sum(vapply(parts, `[[`, 1, "size"))
  if (!is.numeric(gradient) || length(gradient) != n) {
    skein_stop(
      "{.arg gradient} must return {n} number{?s}, one for each element of the parameters, not {length(gradient)}."
    )
  }
  as.double(gradient)
}
