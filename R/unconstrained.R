# The unconstrained parameters of stored draws: standardised effects and Cholesky factors, which draws leave out, are
# worked out from the effects, standard deviations and correlations that they keep.

# dimension x draws. Stops where group-level effects were not saved.
unconstrained_draws <- function(object) {
  check_has_draws(object)
  values <- constrained_values(object)
  density <- density_of(object)
  out <- vapply(seq_len(ncol(values)), function(s) density_unconstrain(density, values[, s]),
    numeric(density_dimension(density)))
  matrix(out, ncol = ncol(values))
}

# All blocks in the order of the reference layout, elements x draws.
constrained_values <- function(object) {
  params <- object$params
  draws <- as.matrix.skeinfit(object)
  groups <- object$frame$groups
  names(groups) <- vapply(groups, function(group) as.character(group$id), "")
  blocks <- lapply(seq_len(nrow(params)), function(i) {
    group <- groups[[as.character(params$id[i])]]
    if (params$class[i] == "z") {
      return(standardised_effects(group, object, draws))
    }
    if (params$transform[i] == "cholesky_corr") {
      return(cholesky_draws(group, params$name[i], draws))
    }
    block_draws(params, i, draws)
  })
  do.call(rbind, blocks)
}

block_draws <- function(params, i, draws) {
  names <- params$draw_names[[i]]
  constant <- params$constant[[i]]
  if (!all(names %in% colnames(draws))) {
    if (length(constant) == 0 || anyNA(constant)) skein_stop("The fit has no draws of {.val {names}}.")
    return(matrix(constant, length(names), nrow(draws)))
  }
  t(draws[, names, drop = FALSE])
}

# L_1, or L_1[2] of the second level of a by-variable: K^2 x draws, column-major.
cholesky_draws <- function(group, name, draws) {
  labels <- correlated_labels(group)
  number <- if (is.null(group$by)) 1L else as.integer(sub(".*\\[(.*)\\]$", "\\1", name))
  cor <- draws[, correlation_names(group, labels[[number]]), drop = FALSE]
  apply(cor, 1, function(pairs) as.vector(t(chol(correlation_matrix(pairs, length(group$coefs))))))
}

correlation_matrix <- function(pairs, n) {
  out <- diag(n)
  out[upper.tri(out)] <- pairs
  out[lower.tri(out)] <- t(out)[lower.tri(out)]
  out
}

# z = L^-1 (r / sd), elements x draws in the order of the block z_i.
standardised_effects <- function(group, object, draws) {
  effects <- matrix(effect_names(group), length(group$levels))
  if (!all(effects %in% colnames(draws))) {
    skein_stop(c(
      "The group-level effects of {.val {group$group}} were not saved.",
      i = "Fit the model with {.code save_pars = save_pars(group = TRUE)}."
    ))
  }
  sd <- matrix(object$params$draw_names[[match(paste0("sd_", group$id), object$params$name)]], length(group$coefs))
  by <- if (is.null(group$by)) rep(1L, length(group$levels)) else group$by$level
  out <- vapply(seq_len(nrow(draws)), function(s) {
    r <- matrix(draws[s, effects], nrow(effects))
    z <- r / t(matrix(draws[s, sd[, by]], ncol(effects)))
    if (!group$correlated) {
      return(as.vector(z))
    }
    for (level in unique(by)) {
      names <- correlation_names(group, correlated_labels(group)[[level]])
      cholesky <- chol(correlation_matrix(draws[s, names], ncol(effects)))
      own <- by == level
      z[own, ] <- t(backsolve(cholesky, t(z[own, , drop = FALSE]), transpose = TRUE))
    }
    as.vector(t(z))
  }, numeric(length(effects)))
  matrix(out, length(effects))
}
