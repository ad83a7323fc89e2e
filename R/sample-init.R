# Initial values of chains of a log density: sample_density()'s argument init as positions.

#' Initial values that differ from chain to chain
#'
#' @param ... One argument per parameter: a vector with one number per chain, or an array whose first dimension is the
#'   chains.
#' @return An object for the argument `init` of [sample_density()].
#' @examples
#' per_chain(loc = c(-1, 1, 2, 3), coef = matrix(0, 4, 2))
#' @export
per_chain <- function(...) {
  values <- list(...)
  if (length(values) == 0 || is.null(names(values)) || any(!nzchar(names(values)))) {
    skein_stop("{.fn per_chain} needs a name for every parameter.")
  }
  n <- vapply(values, NROW, 1L)
  if (any(n != n[1])) {
    skein_stop("{.fn per_chain}: {.val {names(values)[n != n[1]][1]}} has values for {n[n != n[1]][1]} chains, others for {n[1]}.")
  }
  for (name in names(values)) {
    if (!is.numeric(values[[name]])) skein_stop("{.fn per_chain}: {.val {name}} must hold numbers.")
  }
  structure(values, class = "skeinperchain")
}

# The values of one chain.
chain_values <- function(init, k) {
  lapply(unclass(init), function(x) {
    d <- dim(x)
    if (length(d) < 2) {
      return(x[[k]])
    }
    matrix(x, d[1])[k, , drop = TRUE] |> array(if (length(d) > 2) d[-1] else d[2])
  })
}

# Values that show the shapes of a function's parameters, or NULL. A density knows its own: draws tell it nothing.
first_init <- function(init, density) {
  if (inherits(init, "skeinperchain")) {
    return(chain_values(init, 1))
  }
  if (is.function(init)) {
    return(call_init(init, 1))
  }
  if (inherits(init, "skeinsamples") || posterior::is_draws(init)) {
    return(if (is.function(density)) values_of_draws(init))
  }
  if (is.numeric(init) || is.null(init)) {
    return(NULL)
  }
  if (is.list(init) && length(init) && all(vapply(init, is.list, TRUE))) {
    return(init[[1]])
  }
  if (!is.list(init)) {
    skein_stop(
      "{.arg init} must be a list, {.fn per_chain}, a function, draws or a number, not {describe_value(init)}."
    )
  }
  init
}

# The parameters of draws with values of the first, in their shapes.
values_of_draws <- function(draws) {
  variables <- posterior::as_draws_rvars(if (inherits(draws, "skeinsamples")) draws$draws else draws)
  variables <- unclass(variables)[setdiff(names(variables), "lp__")]
  lapply(variables, function(x) {
    values <- posterior::draws_of(x)
    value <- values[seq(1, length(values), by = nrow(values))]
    if (length(dim(x)) > 1) array(value, dim(x)) else value
  })
}

# A list: `positions`, dimension x chains, NA where random, and `radius`.
density_inits <- function(density, init, run) {
  if (is.list(init) && identical(names(init), c("positions", "radius")) && is.matrix(init$positions)) {
    return(init)
  }
  if (is.null(init)) init <- density$init
  out <- list(positions = matrix(NA_real_, density$dimension, run$chains), radius = run$init_radius)
  if (is.null(init)) {
    return(out)
  }
  if (is.numeric(init) && !posterior::is_draws(init)) {
    out$radius <- check_number(init, "init", 0, open = FALSE)
    if (out$radius == 0) out$positions[] <- 0
    return(out)
  }
  lists <- density_init_lists(init, density, run)
  if (inherits(lists, "positions")) {
    out$positions[] <- lists
    return(out)
  }
  same <- length(lists) == 1
  for (k in seq_along(lists)) {
    values <- lists[[k]]
    if (!is.null(density$parts)) values <- check_parameter_values(values, density$parts, "init")
    out$positions[, if (same) seq_len(run$chains) else k] <- density$unconstrain(values)
  }
  out
}

# One list of values per chain, or one for all; positions where an earlier run has them.
density_init_lists <- function(init, density, run) {
  if (inherits(init, "skeinsamples")) {
    last <- init$positions$last_draw
    if (nrow(last) != density$dimension) {
      skein_stop("{.arg init} is a run of {nrow(last)} unconstrained parameters; the density has {density$dimension}.")
    }
    return(structure(last[, (seq_len(run$chains) - 1) %% ncol(last) + 1], class = "positions"))
  }
  if (posterior::is_draws(init)) {
    return(lists_from_draws(init, density, run))
  }
  numbers <- run$first_chain - 1 + seq_len(run$chains)
  if (is.function(init)) {
    return(lapply(numbers, function(chain) call_init(init, chain)))
  }
  per_chain <- inherits(init, "skeinperchain")
  of_lists <- is.list(init) && length(init) > 0 && all(vapply(init, is.list, TRUE))
  if (!per_chain && !of_lists) {
    return(list(init))
  }
  n <- if (per_chain) NROW(init[[1]]) else length(init)
  if (n != run$chains) skein_stop("{.arg init} has values for {n} chain{?s}, but there are {run$chains}.")
  if (of_lists) init else lapply(seq_len(n), function(k) chain_values(init, k))
}

# The last draws, chain by chain and then again from the first.
lists_from_draws <- function(init, density, run) {
  if (is.null(density$parts)) {
    skein_stop("{.arg init}: draws can start densities of R or C++ functions; for a fit give a function or lists.")
  }
  draws <- posterior::as_draws_matrix(init)
  check_names_known(density$draw_names, posterior::variables(draws), "variable in `init`:")
  rows <- nrow(draws) - (seq_len(run$chains) - 1) %% nrow(draws)
  lapply(rows, function(row) {
    values <- as.vector(unclass(draws)[row, density$draw_names])
    at <- 0
    lapply(density$parts, function(part) {
      value <- values[at + seq_len(part$size)]
      at <<- at + part$size
      if (!is.null(part$dim)) dim(value) <- part$dim
      value
    })
  })
}
