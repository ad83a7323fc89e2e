# R's log densities of distributions, on traced values: each checks its data and becomes one node of the graph.

traced_density <- function(name, log, ...) {
  graph <- graph_in(...)
  values <- list(...)
  if (any(vapply(values, length, 1) == 0)) {
    return(numeric(0))
  }
  common <- recycle_nodes(graph, values)
  result <- new_traced(graph, expression_density(graph$pointer, name, common$nodes), common$length, common$dim)
  if (log) result else exp(result)
}

# Counts are data: nothing can be differentiated by them.
check_count <- function(x, name) {
  if (is_traced(x)) {
    trace_stop(c(
      "The first argument of {.fn {name}} depends on a parameter, but must be data.",
      i = "A sampler by gradients has no discrete parameters: sum them out."
    ))
  }
  if (any(x < 0 | x != floor(x), na.rm = TRUE)) {
    trace_stop("The data of {.fn {name}} must be whole numbers of at least 0.")
  }
}

check_support <- function(x, name, fine, what) {
  if (!is_traced(x) && !all(fine(x), na.rm = TRUE)) {
    trace_stop("The data of {.fn {name}} must be {what}: the density is 0 elsewhere.")
  }
}

traced_dnorm <- function(x, mean = 0, sd = 1, log = FALSE) {
  if (!any_traced(x, mean, sd)) {
    return(stats::dnorm(x, mean, sd, log))
  }
  # x and mean may change places: data come first, where sums over them are reduced.
  if (is_traced(x) && !is_traced(mean) && length(mean) > 1) {
    return(traced_density("dnorm", log, mean, x, sd))
  }
  traced_density("dnorm", log, x, mean, sd)
}

traced_dt <- function(x, df, ncp, log = FALSE) {
  if (!missing(ncp)) {
    if (any_traced(x, df, ncp)) trace_stop("The argument {.arg ncp} of {.fn dt} is not understood.")
    return(stats::dt(x, df, ncp, log))
  }
  if (any_traced(x, df)) traced_density("dt", log, x, df) else stats::dt(x, df, log = log)
}

traced_dcauchy <- function(x, location = 0, scale = 1, log = FALSE) {
  if (!any_traced(x, location, scale)) {
    return(stats::dcauchy(x, location, scale, log))
  }
  traced_density("dcauchy", log, x, location, scale)
}

traced_dlogis <- function(x, location = 0, scale = 1, log = FALSE) {
  if (!any_traced(x, location, scale)) {
    return(stats::dlogis(x, location, scale, log))
  }
  traced_density("dlogis", log, x, location, scale)
}

traced_dpois <- function(x, lambda, log = FALSE) {
  if (!any_traced(x, lambda)) {
    return(stats::dpois(x, lambda, log))
  }
  check_count(x, "dpois")
  traced_density("dpois", log, x, lambda)
}

traced_dbinom <- function(x, size, prob, log = FALSE) {
  if (!any_traced(x, size, prob)) {
    return(stats::dbinom(x, size, prob, log))
  }
  check_count(x, "dbinom")
  check_count(size, "dbinom")
  if (any(x > size, na.rm = TRUE)) trace_stop("The data of {.fn dbinom} must not exceed {.arg size}.")
  traced_density("dbinom", log, x, size, prob)
}

traced_dnbinom <- function(x, size, prob, mu, log = FALSE) {
  if (missing(mu)) {
    if (!any_traced(x, size, prob)) {
      return(stats::dnbinom(x, size, prob, log = log))
    }
    check_count(x, "dnbinom")
    return(traced_density("dnbinom", log, x, size, prob))
  }
  if (!missing(prob)) trace_stop("{.fn dnbinom} takes {.arg prob} or {.arg mu}, not both.")
  if (!any_traced(x, size, mu)) {
    return(stats::dnbinom(x, size, mu = mu, log = log))
  }
  check_count(x, "dnbinom")
  traced_density("dnbinom_mu", log, x, size, mu)
}

traced_dgamma <- function(x, shape, rate = 1, scale = 1 / rate, log = FALSE) {
  if (!any_traced(x, shape, scale)) {
    return(stats::dgamma(x, shape, scale = scale, log = log))
  }
  check_support(x, "dgamma", function(x) x > 0, "greater than 0")
  traced_density("dgamma", log, x, shape, if (missing(scale)) rate else 1 / scale)
}

traced_dbeta <- function(x, shape1, shape2, ncp = 0, log = FALSE) {
  if (!any_traced(x, shape1, shape2)) {
    return(if (missing(ncp)) stats::dbeta(x, shape1, shape2, log = log) else stats::dbeta(x, shape1, shape2, ncp, log))
  }
  if (!missing(ncp)) trace_stop("The argument {.arg ncp} of {.fn dbeta} is not understood.")
  check_support(x, "dbeta", function(x) x > 0 & x < 1, "between 0 and 1")
  traced_density("dbeta", log, x, shape1, shape2)
}

traced_dexp <- function(x, rate = 1, log = FALSE) {
  if (!any_traced(x, rate)) {
    return(stats::dexp(x, rate, log))
  }
  check_support(x, "dexp", function(x) x >= 0, "at least 0")
  traced_density("dexp", log, x, rate)
}

traced_dlnorm <- function(x, meanlog = 0, sdlog = 1, log = FALSE) {
  if (!any_traced(x, meanlog, sdlog)) {
    return(stats::dlnorm(x, meanlog, sdlog, log))
  }
  check_support(x, "dlnorm", function(x) x > 0, "greater than 0")
  traced_density("dlnorm", log, x, meanlog, sdlog)
}

traced_dweibull <- function(x, shape, scale = 1, log = FALSE) {
  if (!any_traced(x, shape, scale)) {
    return(stats::dweibull(x, shape, scale, log))
  }
  check_support(x, "dweibull", function(x) x > 0, "greater than 0")
  traced_density("dweibull", log, x, shape, scale)
}

traced_dunif <- function(x, min = 0, max = 1, log = FALSE) {
  if (any_traced(x, min, max)) traced_density("dunif", log, x, min, max) else stats::dunif(x, min, max, log)
}

traced_densities <- function() {
  list(
    dnorm = traced_dnorm, dt = traced_dt, dcauchy = traced_dcauchy, dlogis = traced_dlogis, dpois = traced_dpois,
    dbinom = traced_dbinom, dnbinom = traced_dnbinom, dgamma = traced_dgamma, dbeta = traced_dbeta, dexp = traced_dexp,
    dlnorm = traced_dlnorm, dweibull = traced_dweibull, dunif = traced_dunif
  )
}
