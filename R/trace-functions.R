# The functions that a traced function sees in place of R's own where these cannot tell a traced value.

# Each calls R's own when no argument is traced.
traced_c <- function(...) {
  if (!any_traced(...)) {
    return(base::c(...))
  }
  graph <- graph_in(...)
  parts <- Filter(function(x) length(x) > 0, list(...))
  from_codes(graph, unlist(lapply(parts, function(x) as.vector(codes_of(x, graph)))))
}

traced_unlist <- function(x, ...) {
  if (is.list(x) && do.call(any_traced, unname(x))) do.call(traced_c, unname(x)) else base::unlist(x, ...)
}

traced_sum <- function(..., na.rm = FALSE) {
  if (any_traced(...)) Summary_of("sum", ..., na.rm = na.rm) else base::sum(..., na.rm = na.rm)
}

traced_prod <- function(..., na.rm = FALSE) {
  if (any_traced(...)) Summary_of("prod", ..., na.rm = na.rm) else base::prod(..., na.rm = na.rm)
}

# The group method, whichever argument is the traced one.
Summary_of <- function(.Generic, ..., na.rm) {
  method <- Summary.skein_traced
  environment(method) <- list2env(list(.Generic = .Generic), parent = environment(Summary.skein_traced))
  method(..., na.rm = na.rm)
}

traced_bracket_assign <- function(x, ..., value) {
  if (is_traced(value) || is_traced(x)) traced_assign(x, ..., value = value) else base::`[<-`(x, ..., value = value)
}

traced_bracket2_assign <- function(x, ..., value) {
  if (!is.list(x) && (is_traced(value) || is_traced(x))) {
    return(traced_assign(x, ..., value = value))
  }
  base::`[[<-`(x, ..., value = value)
}

traced_ifelse <- function(test, yes, no) {
  if (!any_traced(test, yes, no)) {
    return(base::ifelse(test, yes, no))
  }
  graph <- graph_in(test, yes, no)
  if (is_traced(test)) {
    common <- recycle_nodes(graph, list(test, yes, no))
    return(new_traced(graph, expression_apply(graph$pointer, "select", common$nodes), common$length, common$dim))
  }
  if (anyNA(test)) trace_stop("The condition of {.fn ifelse} has missing values.")
  n <- length(test)
  codes <- base::ifelse(
    test, rep_len(as.vector(codes_of(yes, graph)), n), rep_len(as.vector(codes_of(no, graph)), n)
  )
  from_codes(graph, codes)
}

traced_is_true <- function(x) {
  if (is_traced(x)) stop_value_dependence("`isTRUE()`")
  base::isTRUE(x)
}

traced_is_false <- function(x) {
  if (is_traced(x)) stop_value_dependence("`isFALSE()`")
  base::isFALSE(x)
}

traced_rep_len <- function(x, length.out) {
  if (is_traced(x)) rep(x, length.out = length.out) else base::rep_len(x, length.out)
}

traced_matrix <- function(data = NA, nrow = NULL, ncol = NULL, byrow = FALSE, dimnames = NULL) {
  arguments <- list(byrow = byrow, dimnames = dimnames)
  if (!is.null(nrow)) arguments$nrow <- nrow
  if (!is.null(ncol)) arguments$ncol <- ncol
  if (!is_traced(data)) {
    return(do.call(base::matrix, c(list(data), arguments)))
  }
  arguments$dimnames <- NULL
  from_codes(data$graph, do.call(base::matrix, c(list(as.vector(codes_of(data, data$graph))), arguments)))
}

traced_array <- function(data = NA, dim = length(data), dimnames = NULL) {
  if (!is_traced(data)) {
    return(base::array(data, dim, dimnames))
  }
  from_codes(data$graph, base::array(as.vector(codes_of(data, data$graph)), dim))
}

traced_bind <- function(bind) {
  function(...) {
    if (!any_traced(...)) {
      return(bind(...))
    }
    graph <- graph_in(...)
    from_codes(graph, unname(do.call(bind, lapply(list(...), codes_of, graph = graph))))
  }
}

traced_diag <- function(x = 1, nrow, ncol) {
  if (!is_traced(x)) {
    call <- match.call()
    call[[1]] <- base::diag
    return(eval(call, parent.frame()))
  }
  codes <- codes_of(x, x$graph)
  if (is.matrix(codes)) {
    return(from_codes(x$graph, base::diag(codes)))
  }
  n <- if (length(codes) == 1) trace_stop("{.fn diag} needs a vector or a matrix here.") else length(codes)
  result <- matrix(codes_of(0, x$graph), n, n)
  result[cbind(seq_len(n), seq_len(n))] <- codes
  from_codes(x$graph, result)
}

# Vectors count as columns, or as rows where only that conforms, as in R.
traced_matmul <- function(x, y) {
  if (!any_traced(x, y)) {
    return(base::`%*%`(x, y))
  }
  graph <- graph_in(x, y)
  dims <- matmul_dims(x, y)
  if (dims$x[2] != dims$y[1]) {
    trace_stop("The matrices do not conform: {dims$x[1]} x {dims$x[2]} times {dims$y[1]} x {dims$y[2]}.")
  }
  node <- expression_matmul(graph$pointer, node_of(x, graph), node_of(y, graph), dims$x[1], dims$x[2])
  result <- c(dims$x[1], dims$y[2])
  new_traced(graph, node, prod(result), as.integer(result))
}

matmul_dims <- function(x, y) {
  dim_x <- dim(x)
  dim_y <- dim(y)
  if (is.null(dim_x) && is.null(dim_y)) {
    dim_x <- if (length(x) == length(y)) c(1, length(x)) else c(length(x), 1)
    dim_y <- if (length(x) == length(y)) c(length(y), 1) else c(1, length(y))
  } else if (is.null(dim_x)) {
    dim_x <- if (length(x) == dim_y[1]) c(1, length(x)) else c(length(x), 1)
  } else if (is.null(dim_y)) {
    dim_y <- if (length(y) == dim_x[2]) c(length(y), 1) else c(1, length(y))
  }
  list(x = as.numeric(dim_x), y = as.numeric(dim_y))
}

as_traced_matrix <- function(x) {
  if (!is.null(dim(x))) x else if (is_traced(x)) same_elements(x, c(x$length, 1L)) else base::as.matrix(x)
}

traced_crossprod <- function(x, y = x) {
  if (any_traced(x, y)) traced_matmul(t(as_traced_matrix(x)), as_traced_matrix(y)) else base::crossprod(x, y)
}

traced_tcrossprod <- function(x, y = x) {
  if (any_traced(x, y)) traced_matmul(as_traced_matrix(x), t(as_traced_matrix(y))) else base::tcrossprod(x, y)
}

traced_outer <- function(X, Y, FUN = "*", ...) {
  if (!any_traced(X, Y)) {
    return(base::outer(X, Y, FUN, ...))
  }
  n <- c(length(X), length(Y))
  result <- match.fun(FUN)(rep(X, times = n[2]), rep(Y, rep(n[1], n[2])), ...)
  dim(result) <- n
  result
}

# A linear system of data with a right-hand side of parameters.
traced_solve <- function(a, b, ...) {
  if (is_traced(a)) trace_stop("The matrix of {.fn solve} depends on a parameter, but must be data.")
  if (missing(b)) {
    return(base::solve(a, ...))
  }
  if (!is_traced(b)) {
    return(base::solve(a, b, ...))
  }
  result <- traced_matmul(base::solve(a, ...), b)
  if (is.null(dim(b))) as.vector(result) else result
}

traced_diff <- function(x, lag = 1L, ...) {
  if (!is_traced(x)) {
    return(base::diff(x, lag, ...))
  }
  if (...length() || !is.null(dim(x))) trace_stop("{.fn diff} of parameters takes a vector and {.arg lag} alone.")
  n <- length(x)
  x[seq_len(n - lag) + lag] - x[seq_len(n - lag)]
}

traced_var <- function(x, ...) {
  if (!is_traced(x)) {
    return(stats::var(x, ...))
  }
  if (...length() || !is.null(dim(x))) trace_stop("{.fn var} of parameters takes one vector alone.")
  sum((x - mean(x))^2) / (length(x) - 1)
}

traced_sd <- function(x, na.rm = FALSE) if (is_traced(x)) sqrt(traced_var(x)) else stats::sd(x, na.rm)

# pmax() and pmin() of two: the derivative is that of the larger or smaller one.
traced_pmax <- function(..., na.rm = FALSE) {
  traced_extreme(base::pmax, function(a, b) traced_ifelse(a > b, a, b), na.rm, ...)
}

traced_pmin <- function(..., na.rm = FALSE) {
  traced_extreme(base::pmin, function(a, b) traced_ifelse(a < b, a, b), na.rm, ...)
}

traced_extreme <- function(own, choose, na.rm, ...) {
  if (any_traced(...)) Reduce(choose, list(...)) else own(..., na.rm = na.rm)
}

traced_row_sums <- function(x, ...) {
  if (is_traced(x)) as.vector(traced_matmul(x, rep(1, dim(x)[2]))) else base::rowSums(x, ...)
}

traced_column_sums <- function(x, ...) {
  if (is_traced(x)) as.vector(traced_matmul(rep(1, dim(x)[1]), x)) else base::colSums(x, ...)
}

traced_sapply <- function(X, FUN, ...) {
  values <- if (is_traced(X)) lapply(seq_along(X), function(i) FUN(X[i], ...)) else lapply(X, FUN, ...)
  if (!do.call(any_traced, unname(values))) {
    return(simplify2array(values))
  }
  sizes <- lengths(values)
  result <- do.call(traced_c, unname(values))
  if (all(sizes == sizes[1]) && sizes[1] > 1) dim(result) <- c(sizes[1], length(values))
  result
}

traced_vapply <- function(X, FUN, FUN.VALUE, ..., USE.NAMES = TRUE) traced_sapply(X, FUN, ...)

# lower.tail and log.p as in R, from the two functions of a distribution that is symmetric about 0.
traced_pnorm <- function(q, mean = 0, sd = 1, lower.tail = TRUE, log.p = FALSE) {
  if (!any_traced(q, mean, sd)) {
    return(stats::pnorm(q, mean, sd, lower.tail, log.p))
  }
  z <- (q - mean) / sd
  if (!lower.tail) z <- -z
  traced_apply(if (log.p) "normal_log_cdf" else "normal_cdf", z)
}

traced_plogis <- function(q, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE) {
  if (!any_traced(q, location, scale)) {
    return(stats::plogis(q, location, scale, lower.tail, log.p))
  }
  z <- (q - location) / scale
  if (!lower.tail) z <- -z
  if (log.p) -traced_apply("log1p_exp", -z) else traced_apply("inv_logit", z)
}

traced_qlogis <- function(p, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE) {
  if (!any_traced(p, location, scale)) {
    return(stats::qlogis(p, location, scale, lower.tail, log.p))
  }
  z <- if (log.p) p - traced_apply("log1m_exp", p) else log(p) - log1p(-p)
  if (!lower.tail) z <- -z
  location + scale * z
}

traced_lbeta <- function(a, b) {
  if (any_traced(a, b)) lgamma(a) + lgamma(b) - lgamma(a + b) else base::lbeta(a, b)
}

traced_beta <- function(a, b) if (any_traced(a, b)) exp(traced_lbeta(a, b)) else base::beta(a, b)

# k must be data: R rounds it.
traced_lchoose <- function(n, k) {
  if (is_traced(k)) trace_stop("The argument {.arg k} of {.fn lchoose} depends on a parameter, but must be data.")
  k <- base::round(k)
  if (is_traced(n)) lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) else base::lchoose(n, k)
}

traced_lfactorial <- function(x) if (is_traced(x)) lgamma(x + 1) else base::lfactorial(x)

traced_factorial <- function(x) if (is_traced(x)) exp(lgamma(x + 1)) else base::factorial(x)

traced_functions <- function() {
  c(list(
    c = traced_c, unlist = traced_unlist, sum = traced_sum, prod = traced_prod, `[<-` = traced_bracket_assign,
    `[[<-` = traced_bracket2_assign, ifelse = traced_ifelse, isTRUE = traced_is_true, isFALSE = traced_is_false,
    rep_len = traced_rep_len, matrix = traced_matrix, array = traced_array, cbind = traced_bind(base::cbind),
    rbind = traced_bind(base::rbind), diag = traced_diag, `%*%` = traced_matmul, crossprod = traced_crossprod,
    tcrossprod = traced_tcrossprod, outer = traced_outer, rowSums = traced_row_sums, colSums = traced_column_sums,
    sapply = traced_sapply, vapply = traced_vapply, pnorm = traced_pnorm, plogis = traced_plogis,
    qlogis = traced_qlogis, lbeta = traced_lbeta, beta = traced_beta, solve = traced_solve, diff = traced_diff,
    var = traced_var, sd = traced_sd, pmax = traced_pmax, pmin = traced_pmin, lchoose = traced_lchoose,
    lfactorial = traced_lfactorial, factorial = traced_factorial
  ), traced_densities())
}
