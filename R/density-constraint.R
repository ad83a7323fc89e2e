# Constraints of a traced density's parameters, with the transforms to the unconstrained scale and their Jacobians.

#' Constraints of parameters
#'
#' Says which values a parameter of [density_r()] or [density_function()] may take. Samplers move on an unconstrained
#' scale; the log Jacobian determinant of the transform is added to the log density, so that the function itself is a
#' density of the constrained parameter. Transforms are those of Stan's reference manual: `log` for one bound, `logit`
#' for two, stick-breaking for a simplex, logarithms of differences for an ordered vector.
#'
#' @param type Empty for bounds; `"simplex"`, a vector of positive numbers with sum 1; or `"ordered"`, an increasing
#'   vector.
#' @param lower,upper Bounds, on the scale of the parameter: one number, or one for each element. Infinite: no bound.
#' @return An object of class `skeinconstraint`.
#' @examples
#' constraint(lower = 0)
#' constraint("simplex")
#' @export
constraint <- function(type = "bounds", lower = -Inf, upper = Inf) {
  check_one_of(type, c("bounds", "simplex", "ordered"), "type")
  if (!is.numeric(lower) || !is.numeric(upper) || anyNA(lower) || anyNA(upper) || !length(lower) || !length(upper)) {
    skein_stop("{.arg lower} and {.arg upper} must be numbers without missing values.")
  }
  if (type != "bounds" && (any(is.finite(lower)) || any(is.finite(upper)))) {
    skein_stop("A constraint of type {.val {type}} takes no bounds.")
  }
  if (type == "bounds" && any(lower >= upper)) {
    skein_stop("{.arg lower} must be below {.arg upper}, but {lower[which(lower >= upper)[1]]} is not.")
  }
  structure(list(type = type, lower = as.double(lower), upper = as.double(upper)), class = "skeinconstraint")
}

#' @export
print.skeinconstraint <- function(x, ...) {
  text <- if (x$type != "bounds") {
    x$type
  } else {
    paste0("lower = ", paste(x$lower, collapse = ", "), ", upper = ", paste(x$upper, collapse = ", "))
  }
  cat("<constraint: ", text, ">\n", sep = "")
  invisible(x)
}

# One part for each parameter: list(name, dim, size, n_unconstrained, constraint), dim NULL for vectors and numbers.
density_parts <- function(shapes, constraints) {
  check_constraints(constraints, names(shapes))
  parts <- lapply(names(shapes), function(name) {
    shape <- shapes[[name]]
    limit <- constraints[[name]]
    if (is.null(limit)) limit <- constraint()
    size <- prod(shape)
    if (limit$type != "bounds" && (length(shape) > 1 || size < 2)) {
      skein_stop(
        "The parameter {.val {name}} must be a vector of at least 2 elements for its constraint {.val {limit$type}}."
      )
    }
    for (side in c("lower", "upper")) {
      if (!length(limit[[side]]) %in% c(1, size)) {
        skein_stop(
          "The {side} bound of {.val {name}} has {length(limit[[side]])} element{?s}, but {.val {name}} has {size}."
        )
      }
    }
    list(
      name = name, dim = if (length(shape) > 1) as.integer(shape), size = size, constraint = limit,
      n_unconstrained = size - (limit$type == "simplex")
    )
  })
  names(parts) <- names(shapes)
  parts
}

check_constraints <- function(constraints, parameters) {
  if (length(constraints) == 0) {
    return(invisible())
  }
  if (!is.list(constraints) || is.null(names(constraints))) {
    skein_stop("{.arg constraints} must be a list with the parameters' names, not {describe_value(constraints)}.")
  }
  check_names_known(names(constraints), parameters, "parameter in `constraints`:")
  for (name in names(constraints)) {
    if (!inherits(constraints[[name]], "skeinconstraint")) {
      skein_stop(
        "The constraint of {.val {name}} must come from {.fn constraint}, not {describe_value(constraints[[name]])}."
      )
    }
  }
}

# The constrained value of a traced unconstrained vector, and the log Jacobian: a traced number or 0.
constrain_traced <- function(part, u) {
  result <- switch(part$constraint$type,
    simplex = constrain_simplex(u),
    ordered = constrain_ordered(u),
    constrain_bounds(u, part$constraint$lower, part$constraint$upper)
  )
  if (!is.null(part$dim)) result$value <- same_elements(result$value, part$dim)
  result
}

# Elements with the same kinds of bounds go together.
constrain_bounds <- function(u, lower, upper) {
  n <- length(u)
  lower <- rep_len(lower, n)
  upper <- rep_len(upper, n)
  kind <- 1 + is.finite(lower) + 2 * is.finite(upper)
  if (all(kind == 1)) {
    return(list(value = u, log_jacobian = 0))
  }
  value <- u
  jacobian <- 0
  for (one in unique(kind[kind > 1])) {
    at <- which(kind == one)
    part <- if (length(at) == n) u else u[at]
    if (one == 4) {
      width <- upper[at] - lower[at]
      bounded <- same_or_vector(lower[at]) + same_or_vector(width) * traced_apply("inv_logit", part)
      jacobian <- jacobian + sum(log(width)) -
        traced_sum(traced_apply("log1p_exp", part) + traced_apply("log1p_exp", -part))
    } else {
      bounded <- if (one == 2) same_or_vector(lower[at]) + exp(part) else same_or_vector(upper[at]) - exp(part)
      jacobian <- jacobian + traced_sum(part)
    }
    value <- if (length(at) == n) bounded else traced_assign(value, at, value = bounded)
  }
  list(value = value, log_jacobian = jacobian)
}

# Bounds that are all the same are one number: cheaper than a vector.
same_or_vector <- function(x) if (all(x == x[1])) x[1] else x

# Stick-breaking: z_k = inv_logit(u_k - log(K - k)) of what is left; on the log scale, so that small parts stay exact.
constrain_simplex <- function(u) {
  n <- length(u)
  shifted <- u - log(n:1)
  log_share <- -traced_apply("log1p_exp", -shifted)
  log_rest <- -traced_apply("log1p_exp", shifted)
  left <- if (n > 1) traced_reduce("cumsum", log_rest) else log_rest
  before <- if (n > 1) traced_c(0, left[-n]) else 0
  list(
    value = exp(traced_c(log_share + before, left[n])),
    log_jacobian = traced_sum(log_share + log_rest + before)
  )
}

constrain_ordered <- function(u) {
  steps <- traced_c(u[1], exp(u[-1]))
  list(value = traced_reduce("cumsum", steps), log_jacobian = traced_sum(u[-1]))
}

# The unconstrained values of a constrained one; stops where it is not within the constraint.
unconstrain_value <- function(part, value) {
  value <- as.double(value)
  limit <- part$constraint
  if (limit$type == "simplex") {
    return(unconstrain_simplex(part, value))
  }
  if (limit$type == "ordered") {
    if (any(diff(value) <= 0)) {
      skein_stop("The initial value of {.val {part$name}} must increase from element to element.")
    }
    return(c(value[1], log(diff(value))))
  }
  lower <- rep_len(limit$lower, part$size)
  upper <- rep_len(limit$upper, part$size)
  bad <- which(value <= lower | value >= upper)
  if (length(bad)) {
    at <- bad[1]
    skein_stop(
      "The initial value of {.val {part$name}}, {value[at]}, is not between its bounds {lower[at]} and {upper[at]}."
    )
  }
  below <- is.finite(lower)
  above <- is.finite(upper)
  u <- value
  u[below & !above] <- log(value - lower)[below & !above]
  u[above & !below] <- log(upper - value)[above & !below]
  both <- below & above
  u[both] <- (log(value - lower) - log(upper - value))[both]
  u
}

unconstrain_simplex <- function(part, value) {
  if (any(value <= 0) || abs(sum(value) - 1) > 1e-8) {
    skein_stop("The initial value of {.val {part$name}} must be positive and sum to 1, not to {format(sum(value))}.")
  }
  n <- length(value)
  left <- rev(cumsum(rev(value)))
  log(value[-n]) - log(left[-1]) + log((n - 1):1)
}
