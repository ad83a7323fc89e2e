# Recording an R function as an expression graph: what the function sees, and the run that records it.

# A copy of `f` that finds the functions of traced_functions() before R's own, as do the functions of the user's that it
# calls. `seen` remembers these, for functions that call each other. The user's own variables and functions of such
# names (`sd`, `c`, `beta`) stay what they are.
with_traced_functions <- function(f, seen = new.env(parent = emptyenv())) {
  own <- environment(f)
  replacing <- list2env(traced_functions(), parent = own)
  assign("::", traced_namespace_access, envir = replacing)
  # A layer of its own: R looks past variables for a function, so `sd(x)` and `sd` may both be found.
  variables <- new.env(parent = replacing)
  traced <- f
  environment(traced) <- variables
  seen$originals <- c(seen$originals, list(f))
  seen$copies <- c(seen$copies, list(traced))
  for (name in unique(c(all.names(body(f)), unlist(lapply(formals(f), all.names))))) {
    replaced <- exists(name, envir = replacing, inherits = FALSE)
    if (replaced && exists(name, envir = own)) {
      value <- get(name, envir = own)
      if (!is.function(value)) assign(name, value, envir = variables)
    }
    called <- get0(name, envir = own, mode = "function")
    if (!is.function(called) || is.primitive(called)) next
    if (isNamespace(environment(called))) {
      renamed <- if (!replaced) Position(function(g) identical(g, called), replaced_functions())
      if (isTRUE(renamed > 0)) assign(name, traced_functions()[[renamed]], envir = replacing)
      next
    }
    known <- Position(function(g) identical(g, called), seen$originals)
    assign(name, if (is.na(known)) with_traced_functions(called, seen) else seen$copies[[known]], envir = replacing)
  }
  traced
}

# R's own functions, in the order of traced_functions().
replaced_functions <- function() {
  lapply(names(traced_functions()), function(name) get(name, envir = asNamespace("stats")))
}

traced_namespace_access <- function(pkg, name) {
  name <- as.character(substitute(name))
  replaced <- traced_functions()[[name]]
  if (is.null(replaced)) getExportedValue(as.character(substitute(pkg)), name) else replaced
}

# Runs `f` once on traced arguments.
run_traced <- function(f, arguments) {
  traced <- with_traced_functions(f)
  frame <- NULL
  call_traced <- function() {
    frame <<- sys.nframe() + 2L
    do.call("traced", arguments, quote = TRUE, envir = environment())
  }
  withCallingHandlers(call_traced(), error = function(condition) rethrow_trace_error(condition, f, frame))
}

# Records `f`: list(graph, target, reported, parts). `parts`: what density_parts() made of the parameters.
trace_function <- function(f, parts, data) {
  graph <- new.env(parent = emptyenv())
  graph$pointer <- expression_graph()
  graph$constants <- list()
  values <- list()
  jacobian <- 0
  nodes <- integer(0)
  at <- 0
  for (name in names(parts)) {
    part <- parts[[name]]
    node <- expression_parameter(graph$pointer, at, part$n_unconstrained)
    at <- at + part$n_unconstrained
    nodes[name] <- node
    constrained <- constrain_traced(part, new_traced(graph, node, part$n_unconstrained))
    values[[name]] <- constrained$value
    jacobian <- jacobian + constrained$log_jacobian
  }
  result <- run_traced(f, function_arguments(f, values, data))
  target <- check_traced_result(result, jacobian, graph)
  unused <- names(parts)[!expression_depends(graph$pointer, target, nodes)]
  if (length(unused)) {
    skein_stop(c(
      "The log density does not depend on {.val {unused}}.",
      i = "Leave {cli::qty(unused)}{?it/them} out of {.arg init}, or give {?it/them} a prior."
    ))
  }
  list(
    graph = graph, target = target, dimension = at,
    reported = vapply(values, node_of, 1L, graph = graph, USE.NAMES = FALSE)
  )
}

check_traced_result <- function(result, jacobian, graph) {
  if (!is_traced(result)) {
    skein_stop(c(
      "The function's result does not depend on its parameters.",
      x = "It returned {describe_value(result)}.",
      i = "It must return the log density, one number computed from the parameters."
    ))
  }
  if (length(result) != 1) {
    shape <- if (is.null(dim(result))) length(result) else paste(dim(result), collapse = " x ")
    skein_stop(c(
      "The function must return the log density as one number, not {shape} numbers.",
      i = "Sum over the observations: {.code sum(dnorm(y, mu, sigma, log = TRUE))}."
    ))
  }
  node_of(as.vector(result) + jacobian, graph)
}

# Parameters go to the formals of their names, or all in one list where the function has no such formals.
function_arguments <- function(f, values, data) {
  formals <- names(formals(f))
  if (all(names(values) %in% formals) || "..." %in% formals) {
    return(c(values, data))
  }
  c(list(values), data)
}

# Checks which way `f` takes its parameters and that all it needs is there.
check_function_arguments <- function(f, parameters, data) {
  if (is.primitive(f)) skein_stop("{.arg f} must be an R function with a body, not a primitive.")
  formals <- formals(f)
  names <- names(formals)
  has_default <- vapply(formals, function(value) !identical(value, quote(expr = )), TRUE)
  check_data_list(data, names)
  free <- setdiff(names[!has_default], c("...", names(data)))
  if (all(parameters %in% names)) {
    missing <- setdiff(free, parameters)
  } else if (!any(parameters %in% names) && length(free) == 1 && identical(free, setdiff(names, names(data))[1])) {
    return(invisible())
  } else {
    unknown <- setdiff(parameters, names)
    skein_stop(c(
      "{.arg init} names {.val {unknown}}, but the function has no such argument{cli::qty(unknown)}{?s}.",
      i = "The function's arguments are {.val {names}}.",
      i = "A function may also take all parameters as one list, its only argument without a default."
    ))
  }
  if (length(missing)) {
    skein_stop(c(
      "The function's argument{cli::qty(missing)}{?s} {.val {missing}} {?has/have} neither an initial value nor a default.",
      i = "Name parameters in {.arg init}, and give data by {.arg data} or as defaults."
    ))
  }
}

check_data_list <- function(data, formals) {
  if (length(data) == 0) {
    return(invisible())
  }
  if (!is.list(data) || is.null(names(data)) || any(!nzchar(names(data)))) {
    skein_stop("{.arg data} must be a list with a name for every element, not {describe_value(data)}.")
  }
  if (!"..." %in% formals) {
    unknown <- setdiff(names(data), formals)
    if (length(unknown)) {
      stop_with_suggestion("{.arg data} names {.val {unknown[1]}}, which is no argument of the function.", unknown[1],
        formals)
    }
  }
}
