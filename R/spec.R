# Frame and parameter table -> spec, the plain list that the C++ core reads; its field names are written nowhere else.

# save_pars: from save_pars(). prior_only: the density leaves the likelihood out. Block and group numbers are 1-based,
# 0 means none. Attribute "draw_names": the names of all values of the outputs, in their order.
build_spec <- function(frame, table, save_pars = NULL, prior_only = FALSE) {
  block <- function(name) {
    found <- match(name, table$name)
    if (is.na(found)) 0L else found
  }
  dpars <- family_info(frame$terms$family)$dpars
  predicted <- vapply(frame$predictors, function(predictor) predictor$dpar, "")
  groups <- frame_groups(frame)
  outputs <- spec_outputs(frame, table, save_pars, block)
  spec <- list(
    family = frame$terms$family$family, n_rows = frame$n_rows, response = frame$response, trials = frame$trials,
    weights = frame$weights, censored = frame$censored, response_upper = frame$response_upper,
    truncation_lower = frame$truncation_lower, truncation_upper = frame$truncation_upper, se = frame$se,
    se_sigma = isTRUE(frame$se_sigma), rate = frame$rate, prior_only = prior_only,
    predictors = unname(lapply(frame$predictors, spec_predictor, block = block)),
    groups = lapply(groups, spec_group, block = block),
    dpar_blocks = vapply(dpars, function(dpar) if (dpar %in% predicted) 0L else block(dpar), 0L, USE.NAMES = FALSE),
    parameters = lapply(seq_len(nrow(table)), function(i) spec_parameter(table, i)),
    priors = unlist(lapply(seq_len(nrow(table)), function(i) spec_priors(table, i)), recursive = FALSE),
    outputs = lapply(outputs, function(output) output$spec)
  )
  if (is.null(spec$priors)) spec$priors <- list()
  structure(spec, draw_names = unlist(lapply(outputs, function(output) output$names)))
}

spec_predictor <- function(predictor, block) {
  of_dpar <- function(name) block(dpar_name(name, predictor$dpar))
  list(
    dpar = predictor$dpar, link = predictor$link, n_columns = length(predictor$coefs), centred = predictor$centred,
    block_b = if (length(predictor$coefs)) of_dpar("b") else 0L,
    block_intercept = if (predictor$centred) of_dpar("Intercept") else 0L, offset = predictor$offset
  )
}

# A parameter's name in the reference layout: b, b_sigma.
dpar_name <- function(name, dpar) if (dpar == "mu") name else paste0(name, "_", dpar)

# All group terms of the model, each with coef_predictor, the number of the predictor that each coefficient belongs to,
# and design(from, to), the matrix of its coefficients' columns.
frame_groups <- function(frame) {
  unlist(lapply(seq_along(frame$predictors), function(p) {
    predictor <- frame$predictors[[p]]
    lapply(seq_along(predictor$groups), function(g) {
      c(predictor$groups[[g]], list(
        coef_predictor = rep(p, length(predictor$groups[[g]]$coefs)),
        design = function(from, to) predictor$group_design(g, from, to)
      ))
    })
  }), recursive = FALSE)
}

spec_group <- function(group, block) {
  n_coefs <- length(group$coefs)
  list(
    n_levels = length(group$levels), n_coefficients = n_coefs, correlated = group$correlated, index = group$index,
    coefficient_predictor = as.integer(group$coef_predictor), coefficient_ones = rep(group$intercept_only, n_coefs),
    n_by = 1L, by = integer(0), block_sd = block(paste0("sd_", group$id)), block_z = block(paste0("z_", group$id)),
    block_cholesky = if (group$correlated) block(paste0("L_", group$id)) else 0L
  )
}

spec_parameter <- function(table, i) {
  size <- table$size[i]
  list(
    name = table$name[i], size = size, transform = table$transform[i], lower = table$lower[i],
    upper = table$upper[i], dimension = if (table$transform[i] == "cholesky_corr") sqrt(size) else 0,
    constant = as.double(table$constant[[i]])
  )
}

spec_priors <- function(table, i) {
  priors <- table$prior[[i]]
  lapply(seq_len(NROW(priors)), function(row) {
    list(
      block = i, elements = as.integer(priors$elements[[row]]), distribution = priors$distribution[row],
      arguments = as.double(priors$arguments[[row]]), normalizer = priors$normalizer[row]
    )
  })
}

# brms's order: b, sd, cor, the family's parameters, Intercept, r, lprior; after them what save_pars() adds.
spec_outputs <- function(frame, table, save_pars, block) {
  kept <- kept_parameters(save_pars, table)
  groups <- frame_groups(frame)
  element <- function(name) {
    i <- block(name)
    list(list(spec = new_output("parameter", block = i), names = table$draw_names[[i]]))
  }
  centred <- which(vapply(frame$predictors, function(predictor) predictor$centred, logical(1)))
  intercepts <- lapply(centred, function(p) {
    list(spec = new_output("population_intercept", predictor = p), names = "b_Intercept")
  })
  of_groups <- function(one) unlist(lapply(groups, one), recursive = FALSE)
  c(
    unname(intercepts),
    if (block("b")) element("b"),
    of_groups(function(group) element(paste0("sd_", group$id))),
    of_groups(function(group) if (group$correlated) {
      spec <- new_output("correlation", block = block(paste0("L_", group$id)))
      list(list(spec = spec, names = correlation_names(group)))
    }),
    unlist(lapply(family_info(frame$terms$family)$dpars, element), recursive = FALSE),
    if (length(centred)) element("Intercept"),
    unlist(lapply(seq_along(groups), function(g) if (keeps_group(kept$group, groups[[g]]$group)) {
      list(list(spec = new_output("group_effects", group = g), names = effect_names(groups[[g]])))
    }), recursive = FALSE),
    list(list(spec = new_output("log_prior"), names = "lprior")),
    unlist(lapply(kept$extra, element), recursive = FALSE)
  )
}

new_output <- function(kind, predictor = 0L, group = 0L, block = 0L) {
  list(
    kind = kind, predictor = as.integer(predictor), group = as.integer(group), block = as.integer(block),
    elements = integer(0)
  )
}

keeps_group <- function(group, name) if (is.character(group)) name %in% group else isTRUE(group)

# group: which r_ stay; extra: names of blocks (z_i, L_i) to report as well.
kept_parameters <- function(save_pars, table) {
  if (is.null(save_pars)) {
    return(list(group = TRUE, extra = character(0)))
  }
  hidden <- table$name[table$class == "z" | table$transform == "cholesky_corr"]
  extra <- if (isTRUE(save_pars$all)) hidden else intersect(hidden, save_pars$manual)
  list(group = save_pars$group, extra = extra)
}

# Hands the design to a C++ builder (from regression_builder()) in blocks of rows, so that the whole model matrix
# never exists in R. Rows are 1-based. add_rows: where a block goes.
feed_design <- function(builder, frame, block_elements = 1e6, add_rows = regression_rows) {
  groups <- frame_groups(frame)
  stored <- which(!vapply(groups, function(group) group$intercept_only, logical(1)))
  columned <- which(vapply(frame$predictors, function(predictor) length(predictor$coefs) > 0, logical(1)))
  coefs <- lapply(c(frame$predictors[columned], groups[stored]), function(part) part$coefs)
  n_columns <- sum(lengths(coefs))
  if (n_columns == 0) {
    return(invisible(builder))
  }
  n_rows <- min(50000, max(1000, block_elements %/% n_columns))
  for (from in seq.int(1, frame$n_rows, by = n_rows)) {
    to <- min(from + n_rows - 1, frame$n_rows)
    columns <- vector("list", length(frame$predictors))
    for (p in columned) columns[[p]] <- frame$predictors[[p]]$design(from, to)
    group_columns <- vector("list", length(groups))
    for (g in stored) group_columns[[g]] <- groups[[g]]$design(from, to)
    add_rows(builder, from, columns, group_columns)
  }
  invisible(builder)
}
