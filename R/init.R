# Initial values: brm()'s argument init as positions on the unconstrained scale, NA where the sampler draws at random.

# A list: `positions`, a dimension x chains matrix, and `radius`, that of the random values (uniform within +- radius).
# `model` has params, and of the frame groups (levels and coefs of each group-level term) and predictors (with the means
# of their centred columns).
init_positions <- function(init, run, density, model) {
  dimension <- density_dimension(density)
  random <- list(positions = matrix(NA_real_, dimension, run$chains), radius = run$init_radius)
  if (is.null(init) || identical(init, "random")) {
    return(random)
  }
  if (identical(init, "0")) init <- 0
  if (is.numeric(init)) {
    radius <- check_number(init, "init", lower = 0, open = FALSE)
    random$radius <- radius
    if (radius == 0) random$positions[] <- 0
    return(random)
  }
  lists <- init_lists(init, run$chains, run$first_chain)
  layout <- block_layout(model$params)
  for (k in seq_len(run$chains)) {
    chain <- run$first_chain + k - 1
    values <- init_values(lists[[k]], chain, layout, model)
    random$positions[, k] <- density_unconstrain(density, values)
  }
  random
}

# One list of values per chain, from a function, a list of lists, or one named list for all chains.
init_lists <- function(init, chains, first_chain = 1) {
  if (is.function(init)) {
    lists <- lapply(first_chain - 1 + seq_len(chains), function(chain) call_init(init, chain))
  } else if (is.list(init) && length(init) > 0 && all(vapply(init, is_value_list, logical(1)))) {
    lists <- init
  } else if (is_value_list(init)) {
    lists <- rep(list(init), chains)
  } else {
    skein_stop(c(
      "{.arg init} must be \"random\", a number, a list of lists or a function, not {describe_value(init)}."
    ))
  }
  if (length(lists) != chains) {
    skein_stop("{.arg init} has {length(lists)} list{?s} for {chains} chain{?s}.")
  }
  for (x in lists) {
    if (!is_value_list(x) || (length(x) && (is.null(names(x)) || any(!nzchar(names(x)))))) {
      skein_stop(c(
        "{.arg init} must give each chain a list with a name for every parameter.",
        i = "For example {.code init = list(list(Intercept = 0, sd_1 = 1))} for one chain."
      ))
    }
  }
  lists
}

is_value_list <- function(x) is.list(x) && !is.data.frame(x) || is.data.frame(x) && nrow(x) == 1

call_init <- function(init, chain) {
  if ("chain_id" %in% names(formals(init))) {
    return(init(chain_id = chain))
  }
  if (length(formals(init))) init(chain) else init()
}

# The concatenated blocks of one chain, NA where nothing is given. Blocks come by their names (b, Intercept, sd_1, z_1,
# L_1, sigma), then by draw names (b_x, sd_g__Intercept, cor_g__Intercept__x, r_g).
init_values <- function(given, chain, layout, model) {
  fixed <- constant_values(model$params)
  values <- fixed
  given <- split_arrays(given, layout)
  for (name in intersect(names(given), layout$name)) {
    block <- layout[layout$name == name, ]
    values[block_positions(block)] <- block_to_storage(check_init_length(given[[name]], name, block$size), block)
  }
  values <- ifelse(is.na(fixed), values, fixed)
  rest <- given[setdiff(names(given), layout$name)]
  taken <- init_from_draws(rest, values, layout, model)
  warn_unknown_init(setdiff(names(rest), taken$used), layout, model)
  values <- ifelse(is.na(fixed), taken$values, fixed)
  check_init_bounds(values, chain, layout, model$params)
  values
}

check_init_length <- function(x, name, size) {
  if (!is.numeric(x)) skein_stop("{.arg init}: {.val {name}} must be numeric, not {describe_value(x)}.")
  if (length(x) != size) {
    skein_stop("{.arg init}: {.val {name}} has {length(x)} element{?s}, but {size} {?is/are} needed.")
  }
  if (anyNA(x)) skein_stop("{.arg init}: {.val {name}} has missing values.")
  x
}

# Fills `values` from draw names. `used`: the names understood. Group-level effects come after the standard deviations
# and correlations by which they are standardised, b_Intercept after the coefficients by which it is centred.
init_from_draws <- function(given, values, layout, model) {
  used <- grep("^(lprior|lp__|prior_.*)$", names(given), value = TRUE)
  for (k in seq_along(layout$name)) {
    labels <- model$params$draw_names[[k]]
    hits <- intersect(labels, names(given))
    if (model$params$class[k] %in% c("z", "cor") || length(hits) == 0) next
    at <- block_positions(layout[k, ])[match(hits, labels)]
    found <- vapply(hits, function(name) as.double(check_init_length(given[[name]], name, 1)), numeric(1))
    # What is fixed, or given under the block's own name, stays.
    values[at] <- ifelse(is.na(values[at]), found, values[at])
    used <- c(used, hits)
  }
  for (predictor in model$predictors) {
    name <- paste0("b_", dpar_prefix(predictor$dpar), "Intercept")
    if (!predictor$centred || !name %in% names(given) || name %in% used) next
    values <- init_intercept(given[[name]], name, values, predictor, layout)
    used <- c(used, name)
  }
  for (group in model$groups) {
    part <- init_group(given, values, group, layout)
    values <- part$values
    used <- c(used, part$used)
  }
  list(values = values, used = used)
}

# Intercept from b_Intercept, by the means of the centred columns; what is given for Intercept itself stays.
init_intercept <- function(value, name, values, predictor, layout) {
  at <- layout$first[match(dpar_suffix("Intercept", predictor$dpar), layout$name)]
  if (!is.na(values[at])) {
    return(values)
  }
  b <- numeric(0)
  block <- match(dpar_suffix("b", predictor$dpar), layout$name)
  if (!is.na(block)) b <- values[block_positions(layout[block, ])]
  b[is.na(b)] <- 0
  values[at] <- as.double(check_init_length(value, name, 1)) + sum(predictor$means * b)
  values
}

# L from cor_*, then z from r_*: r = sd z, or diag(sd) L z; with gr(by = ), sd and L are those of the level's by-level.
init_group <- function(given, values, group, layout) {
  row <- function(name) layout[layout$name == name, ]
  used <- character(0)
  m <- length(group$coefs)
  n_by <- max(1, length(group$by$labels))
  factors <- rep(list(diag(m)), n_by)
  labels <- correlated_labels(group)
  for (k in seq_len(n_by * group$correlated)) {
    at <- block_positions(row(cholesky_names(group)[k]))
    correlations <- init_correlations(given, group, labels[[k]])
    used <- c(used, correlations$used)
    if (anyNA(values[at]) && !is.null(correlations$matrix)) values[at] <- as.vector(t(chol(correlations$matrix)))
    factors[[k]] <- matrix(values[at], m)
  }
  effects <- init_effects(given, group)
  used <- c(used, effects$used)
  z_row <- row(paste0("z_", group$id))
  at <- block_positions(z_row)
  sd <- matrix(values[block_positions(row(paste0("sd_", group$id)))], m)
  if (is.null(effects$matrix) || !anyNA(values[at]) || anyNA(sd) || anyNA(unlist(factors))) {
    return(list(values = values, used = used))
  }
  by <- if (is.null(group$by)) rep(1L, length(group$levels)) else group$by$level
  z <- t(effects$matrix)
  for (k in seq_len(n_by)) z[, by == k] <- forwardsolve(factors[[k]], z[, by == k, drop = FALSE] / sd[, k])
  values[at] <- block_to_storage(z, z_row)
  list(values = values, used = used)
}

# The correlation matrix from cor_g__a__b, in any order of a and b; missing ones are 0; NULL if none is given.
init_correlations <- function(given, group, labels) {
  matrix <- diag(length(labels))
  used <- character(0)
  for (i in seq_along(labels)[-1]) {
    for (j in seq_len(i - 1)) {
      names <- paste0("cor_", group$group, "__", labels[c(j, i)], "__", labels[c(i, j)])
      name <- intersect(names, names(given))
      if (length(name) == 0) next
      matrix[i, j] <- matrix[j, i] <- check_init_length(given[[name[1]]], name[1], 1)
      used <- c(used, name)
    }
  }
  if (length(used) && inherits(try(chol(matrix), silent = TRUE), "try-error")) {
    skein_stop("{.arg init}: the correlations of group {.val {group$group}} make no positive definite matrix.")
  }
  list(matrix = if (length(used)) matrix, used = used)
}

# Levels x coefficients from r_g (and r_g__sigma) as arrays, or from r_g[level,coef] one by one; NULL unless complete.
init_effects <- function(given, group) {
  n_levels <- length(group$levels)
  names <- effect_names(group)
  out <- matrix(NA_real_, n_levels, length(group$coefs))
  used <- character(0)
  for (base in unique(sub("\\[.*", "", names))) {
    columns <- which(sub("\\[.*", "", names)[(seq_along(group$coefs) - 1) * n_levels + 1] == base)
    if (!base %in% names(given)) next
    out[, columns] <- as.double(check_init_length(given[[base]], base, n_levels * length(columns)))
    used <- c(used, base)
  }
  single <- intersect(names, names(given))
  out[match(single, names)] <- vapply(given[single], as.double, numeric(1))
  list(matrix = if (!anyNA(out)) out, used = c(used, single))
}

warn_unknown_init <- function(names, layout, model) {
  fixed <- model$params$draw_names[lengths(model$params$constant) > 0]
  for (name in setdiff(names, unlist(fixed))) {
    near <- closest_name(name, c(layout$name, unlist(model$params$draw_names[!model$params$class %in% c("z", "cor")])))
    skein_warn(c(
      "{.arg init}: the model has no parameter {.val {name}}; it is ignored.",
      if (!is.null(near)) c(i = "Did you mean {.val {near}}?")
    ))
  }
}

# Strictly within the bounds: on a bound the unconstrained value is infinite.
check_init_bounds <- function(values, chain, layout, params) {
  for (k in seq_along(layout$name)) {
    x <- values[block_positions(layout[k, ])]
    known <- !is.na(x) & is.na(constant_values(params[k, ]))
    if (any(!is.finite(x[known]))) {
      skein_stop("{.arg init}: {.val {layout$name[k]}} of chain {chain} is not finite.")
    }
    if (params$transform[k] == "cholesky_corr") {
      check_init_cholesky(x, chain, layout[k, ])
      next
    }
    outside <- known & (x <= params$lower[k] | x >= params$upper[k])
    if (any(outside)) {
      label <- params$draw_names[[k]][which(outside)[1]]
      bounds <- c(paste("greater than", params$lower[k]), paste("less than", params$upper[k]))
      bounds <- bounds[is.finite(c(params$lower[k], params$upper[k]))]
      skein_stop(c(
        "{.arg init}: {.val {label}} of chain {chain} is {x[outside][1]}, out of bounds.",
        i = "It must be {bounds}."
      ))
    }
  }
}

check_init_cholesky <- function(x, chain, block) {
  if (all(is.na(x))) {
    return(invisible(NULL))
  }
  factor <- matrix(x, block$rows)
  fine <- all(is.finite(factor)) && all(factor[upper.tri(factor)] == 0) && all(diag(factor) > 0) &&
    all(abs(rowSums(factor^2) - 1) < 1e-8)
  if (!fine) {
    skein_stop("{.arg init}: {.val {block$name}} of chain {chain} is no Cholesky factor of a correlation matrix.")
  }
}
