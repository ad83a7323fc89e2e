# Traced values: what stands for parameters, and for all that is computed from them, while a function is recorded.

# A traced value is an environment, so that functions that know nothing of it fail instead of computing nonsense.
# Its elements are elements of the graph's nodes: either all those of `node`, in order, or those that `codes` name,
# where node * 2^31 + element (from 0) is one number. Indexing so is R's own, on the codes.
new_traced <- function(graph, node = NULL, length = 1, dim = NULL, codes = NULL) {
  value <- new.env(parent = emptyenv())
  value$graph <- graph
  value$node <- node
  value$codes <- codes
  value$length <- length
  value$dim <- dim
  class(value) <- "skein_traced"
  value
}

code_base <- 2^31

is_traced <- function(x) inherits(x, "skein_traced")

any_traced <- function(...) {
  for (x in list(...)) if (is_traced(x)) return(TRUE)
  FALSE
}

graph_in <- function(...) {
  for (x in list(...)) if (is_traced(x)) return(x$graph)
  NULL
}

# A constant's node; its values are kept for the check of missing ones.
constant_node <- function(graph, x) {
  if (!is.numeric(x) && !is.logical(x)) {
    trace_stop("Data must be numbers where they meet parameters, not {describe_value(x)}.")
  }
  node <- expression_constant(graph$pointer, as.double(x))
  graph$constants[[as.character(node)]] <- as.double(x)
  node
}

check_no_missing <- function(x) {
  if (anyNA(x)) {
    trace_stop(c(
      "The data have missing values where they meet parameters.",
      i = "Leave these rows out, for all vectors that go with them."
    ))
  }
}

# The codes of a traced or plain value, with its dim.
codes_of <- function(x, graph) {
  if (is_traced(x)) {
    codes <- if (is.null(x$codes)) x$node * code_base + seq_len(x$length) - 1 else x$codes
    dim(codes) <- x$dim
    return(codes)
  }
  codes <- constant_node(graph, x) * code_base + seq_along(x) - 1
  dim(codes) <- dim(x)
  codes
}

from_codes <- function(graph, codes) {
  if (length(codes) == 0) {
    return(numeric(0))
  }
  if (anyNA(codes)) trace_stop("An index goes beyond the end of a vector.")
  new_traced(graph, length = length(codes), dim = dim(codes), codes = as.vector(codes))
}

# The node of a value, made of its elements where need be.
node_of <- function(x, graph) {
  if (!is_traced(x)) {
    check_no_missing(x)
    return(constant_node(graph, x))
  }
  if (is.null(x$node)) {
    nodes <- floor(x$codes / code_base)
    elements <- x$codes - nodes * code_base
    for (node in unique(nodes)) {
      constant <- graph$constants[[as.character(node)]]
      if (!is.null(constant)) check_no_missing(constant[elements[nodes == node] + 1])
    }
    x$node <- expression_combine(graph$pointer, as.integer(nodes), as.integer(elements))
    x$codes <- NULL
  }
  x$node
}

# Values of a common length, by R's recycling: a list with their nodes, the length and the dim.
recycle_nodes <- function(graph, values) {
  lengths <- vapply(values, length, 1)
  n <- max(lengths)
  dims <- Filter(Negate(is.null), lapply(values, dim))
  if (length(dims) > 1 && !all(vapply(dims[-1], function(d) identical(as.integer(d), as.integer(dims[[1]])), TRUE))) {
    trace_stop("The matrices do not have the same dimensions.")
  }
  for (k in seq_along(values)) {
    if (lengths[k] == n || (lengths[k] == 1 && n > 1)) next
    if (n %% lengths[k] != 0) {
      trace_stop("Vectors of {n} and {lengths[k]} elements do not go together.")
    }
    values[[k]] <- from_codes(graph, rep_len(as.vector(codes_of(values[[k]], graph)), n))
  }
  list(
    nodes = vapply(values, node_of, 1L, graph = graph), length = n,
    dim = if (length(dims) && prod(dims[[1]]) == n) dims[[1]]
  )
}

# One operation of the graph, element by element.
traced_apply <- function(name, ...) {
  values <- list(...)
  graph <- graph_in(...)
  if (any(vapply(values, length, 1) == 0)) {
    return(numeric(0))
  }
  common <- recycle_nodes(graph, values)
  new_traced(graph, expression_apply(graph$pointer, name, common$nodes), common$length, common$dim)
}

traced_reduce <- function(name, x) {
  node <- expression_apply(x$graph$pointer, name, node_of(x, x$graph))
  new_traced(x$graph, node, if (name == "cumsum") x$length else 1)
}

traced_operators <- c(`+` = "add", `-` = "subtract", `*` = "multiply", `/` = "divide", `^` = "power")

#' @export
Ops.skein_traced <- function(e1, e2) {
  operator <- .Generic
  if (missing(e2)) {
    return(switch(operator,
      `+` = e1,
      `-` = traced_apply("multiply", -1, e1),
      `!` = 1 - e1,
      trace_stop("The operator {.code {operator}} is not understood here.")
    ))
  }
  if (operator %in% names(traced_operators)) {
    return(traced_apply(traced_operators[[operator]], e1, e2))
  }
  switch(operator,
    `<` = traced_apply("less", e1, e2),
    `>` = traced_apply("less", e2, e1),
    `<=` = traced_apply("less_equal", e1, e2),
    `>=` = traced_apply("less_equal", e2, e1),
    `==` = traced_apply("equal", e1, e2),
    `!=` = 1 - traced_apply("equal", e1, e2),
    `&` = traced_apply("multiply", e1, e2),
    `|` = 1 - traced_apply("multiply", 1 - e1, 1 - e2),
    trace_stop("The operator {.code {operator}} has no derivative and is not understood.")
  )
}

traced_math <- c(
  exp = "exp", expm1 = "expm1", log1p = "log1p", sqrt = "sqrt", sin = "sin", cos = "cos", tan = "tan", tanh = "tanh",
  atan = "atan", abs = "abs", lgamma = "lgamma", digamma = "digamma"
)

#' @export
Math.skein_traced <- function(x, ...) {
  if (.Generic %in% names(traced_math)) {
    return(traced_apply(traced_math[[.Generic]], x))
  }
  switch(.Generic,
    log = if (...length() == 0) traced_apply("log", x) else traced_apply("log", x) / log(..1),
    log2 = traced_apply("log", x) / log(2),
    log10 = traced_apply("log", x) / log(10),
    gamma = exp(traced_apply("lgamma", x)),
    sinh = (exp(x) - exp(-x)) / 2,
    cosh = (exp(x) + exp(-x)) / 2,
    cumsum = traced_reduce("cumsum", x),
    stop_unknown_function(.Generic)
  )
}

#' @export
Summary.skein_traced <- function(..., na.rm = FALSE) {
  values <- list(...)
  if (.Generic == "sum") {
    return(Reduce(`+`, lapply(values,
      function(x) if (is_traced(x)) traced_reduce("sum", x) else sum(x, na.rm = na.rm))))
  }
  if (.Generic == "prod") {
    parts <- lapply(values, function(x) if (is_traced(x)) traced_reduce("product", x) else prod(x, na.rm = na.rm))
    return(Reduce(`*`, parts))
  }
  stop_unknown_function(.Generic)
}

#' @export
mean.skein_traced <- function(x, ...) traced_reduce("sum", x) / x$length

#' @export
length.skein_traced <- function(x) x$length

#' @export
dim.skein_traced <- function(x) x$dim

#' @export
`dim<-.skein_traced` <- function(x, value) {
  codes <- codes_of(x, x$graph)
  dim(codes) <- value
  same_elements(x, dim(codes))
}

# The same elements in another shape.
same_elements <- function(x, dim) new_traced(x$graph, x$node, x$length, dim, x$codes)

# An index must not depend on parameters.
check_index <- function(...) {
  indices <- eval(substitute(alist(...)))
  given <- which(vapply(indices, function(i) !identical(i, quote(expr = )), TRUE))
  for (k in given) {
    if (is.character(...elt(k))) trace_stop("Elements of parameters have no names: index them by number.")
    if (is_traced(...elt(k))) {
      trace_stop(c("An index depends on a parameter's value.", i = "Index by data only."))
    }
  }
}

#' @export
`[.skein_traced` <- function(x, ..., drop = TRUE) {
  check_index(...)
  from_codes(x$graph, codes_of(x, x$graph)[..., drop = drop])
}

#' @export
`[[.skein_traced` <- function(x, ...) {
  check_index(...)
  from_codes(x$graph, codes_of(x, x$graph)[[...]])
}

#' @export
`[<-.skein_traced` <- function(x, ..., value) traced_assign(x, ..., value = value)

#' @export
`[[<-.skein_traced` <- function(x, ..., value) traced_assign(x, ..., value = value)

traced_assign <- function(x, ..., value) {
  check_index(...)
  graph <- graph_in(x, value)
  codes <- codes_of(x, graph)
  codes[...] <- as.vector(codes_of(value, graph))
  from_codes(graph, codes)
}

#' @export
rep.skein_traced <- function(x, ...) from_codes(x$graph, rep(as.vector(codes_of(x, x$graph)), ...))

#' @export
rev.skein_traced <- function(x) from_codes(x$graph, rev(as.vector(codes_of(x, x$graph))))

#' @export
t.skein_traced <- function(x) from_codes(x$graph, t(codes_of(x, x$graph)))

#' @export
as.vector.skein_traced <- function(x, mode = "any") same_elements(x, NULL)

#' @export
as.double.skein_traced <- function(x, ...) same_elements(x, NULL)

#' @export
is.numeric.skein_traced <- function(x) TRUE

# Names are not kept.
#' @export
`names<-.skein_traced` <- function(x, value) x

#' @export
print.skein_traced <- function(x, ...) {
  shape <- if (is.null(x$dim)) x$length else paste(x$dim, collapse = " x ")
  cat("<a value traced by skein, ", shape, if (is.null(x$dim)) if (x$length == 1) " element" else " elements", ">\n",
    sep = "")
  invisible(x)
}
