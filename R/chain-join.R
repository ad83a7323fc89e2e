# Chains side by side: how the results of runs of some chains become those of a run of all.

# arrays: iterations x chains x variables, cut to the fewest iterations. Names of the variables are the first's.
bind_chains <- function(arrays) {
  n <- min(vapply(arrays, function(x) dim(x)[1], numeric(1)))
  chains <- vapply(arrays, function(x) dim(x)[2], numeric(1))
  out <- array(0, c(n, sum(chains), dim(arrays[[1]])[3]))
  before <- c(0, cumsum(chains))
  for (k in seq_along(arrays)) {
    out[, before[k] + seq_len(chains[k]), ] <- arrays[[k]][seq_len(n), , , drop = FALSE]
  }
  names <- dimnames(arrays[[1]])
  if (!is.null(names)) {
    dimnames(out) <- stats::setNames(list(NULL, NULL, names[[3]]), names(names))
  }
  out
}

# The first of `parts` with the fields of all: `arrays` by bind_chains(), `vectors` (one element per chain) end to end,
# and positions (a list of matrices parameters x chains) and elapsed (chains x phases), which all results have. A field
# that a part lacks is NULL.
join_runs <- function(parts, arrays, vectors) {
  from <- function(name) lapply(parts, `[[`, name)
  join <- function(name, bind) {
    values <- from(name)
    if (any(vapply(values, is.null, NA))) NULL else bind(values)
  }
  out <- parts[[1]]
  for (name in arrays) out[name] <- list(join(name, bind_chains))
  for (name in vectors) out[name] <- list(join(name, function(values) do.call(c, values)))
  out$positions <- lapply(stats::setNames(nm = names(out$positions)), function(at) {
    do.call(cbind, lapply(from("positions"), `[[`, at))
  })
  out$elapsed <- do.call(rbind, from("elapsed"))
  out
}

# Costs as cost_report() gives them, of runs at the same time.
join_costs <- function(costs) {
  total <- function(name) sum(vapply(costs, `[[`, 0, name))
  workers <- do.call(rbind, lapply(costs, `[[`, "workers"))
  workers$worker <- seq_len(nrow(workers))
  lanes <- costs[[1]]$lanes
  list(
    wall = max(vapply(costs, `[[`, 0, "wall")), cpu = total("cpu"), gradients = total("gradients"), lanes = lanes,
    lanes_filled = sum(workers$gradients) / (lanes * sum(workers$evaluations)),
    waiting = sum(workers$waiting) / (sum(workers$waiting) + sum(workers$busy)), workers = workers, chains = NULL
  )
}
