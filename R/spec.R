# Frame and parameter table -> spec, the plain list that the C++ core reads; its field names are written nowhere else.

# save_pars: from save_pars(). prior_only: the density leaves the likelihood out. Block and group numbers are 1-based,
# 0 means none. Attribute "draw_names": the names of all values of the outputs, in their order.
build_spec <- function(frame, table, save_pars = NULL, prior_only = FALSE) {
  block <- function(name) {
    found <- match(name, table$name)
    if (is.na(found)) 0L else found
  }
  dpars <- family_info(frame$terms$family)$dpars
  outputs <- spec_outputs(frame, table, save_pars, block)
  spec <- list(
    family = frame$terms$family$family, n_rows = frame$n_rows, response = frame$response, trials = frame$trials,
    weights = frame$weights, censored = frame$censored, response_upper = frame$response_upper,
    truncation_lower = frame$truncation_lower, truncation_upper = frame$truncation_upper, se = frame$se,
    se_sigma = frame$terms$se_sigma, rate = frame$rate, prior_only = prior_only,
    predictors = unname(lapply(frame$predictors, spec_predictor, block = block)),
    groups = lapply(frame$groups, spec_group, dpars = names(frame$predictors), block = block),
    dpar_blocks = vapply(dpars, dpar_block_number, 0L, frame = frame, block = block, USE.NAMES = FALSE),
    parameters = lapply(seq_len(nrow(table)), function(i) spec_parameter(table, i)),
    priors = unlist(lapply(seq_len(nrow(table)), function(i) spec_priors(table, i)), recursive = FALSE),
    outputs = lapply(outputs, function(output) output$spec)
  )
  if (is.null(spec$priors)) spec$priors <- list()
  structure(spec, draw_names = unlist(lapply(outputs, function(output) output$names)))
}

# 0 where the parameter is predicted, or known standard errors stand for sigma.
dpar_block_number <- function(dpar, frame, block) {
  known <- dpar == "sigma" && !is.null(frame$se) && !frame$terms$se_sigma
  if (known || !is.null(frame$predictors[[dpar]])) 0L else block(dpar)
}

spec_predictor <- function(predictor, block) {
  of_dpar <- function(class) block(dpar_suffix(class, predictor$dpar))
  list(
    dpar = predictor$dpar, link = predictor$link, n_columns = length(predictor$coefs), centred = predictor$centred,
    block_b = if (length(predictor$coefs)) of_dpar("b") else 0L,
    block_intercept = if (predictor$centred) of_dpar("Intercept") else 0L, offset = predictor$offset
  )
}

# dpars: those of the predictors, in their order.
spec_group <- function(group, dpars, block) {
  by <- if (length(group$by$labels) > 1) group$by$level else integer(0)
  list(
    n_levels = length(group$levels), n_coefficients = length(group$coefs), correlated = group$correlated,
    index = group$index, coefficient_predictor = match(group$dpars, dpars), coefficient_ones = group$ones,
    n_by = max(1L, length(group$by$labels)), by = by, block_sd = block(paste0("sd_", group$id)),
    block_z = block(paste0("z_", group$id)),
    block_cholesky = if (group$correlated) vapply(cholesky_names(group), block, 0L, USE.NAMES = FALSE) else 0L
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

# brms's order: b, sd, cor, the family's parameters, Intercept, r, lprior, each class with that of mu first and then in
# the family's order; after them what save_pars() adds.
spec_outputs <- function(frame, table, save_pars, block) {
  kept <- kept_parameters(save_pars, table)
  element <- function(name) {
    i <- block(name)
    list(list(spec = new_output("parameter", block = i), names = table$draw_names[[i]]))
  }
  elements <- function(names) unlist(lapply(names, element), recursive = FALSE)
  of_class <- function(class) elements(table$name[table$class == class])
  predicted <- intersect(c("mu", family_info(frame$terms$family)$dpars), names(frame$predictors))
  centred <- Filter(function(dpar) frame$predictors[[dpar]]$centred, predicted)
  intercepts <- lapply(centred, function(dpar) {
    number <- match(dpar, names(frame$predictors))
    name <- paste0("b_", dpar_prefix(dpar), "Intercept")
    list(spec = new_output("population_intercept", predictor = number), names = name)
  })
  c(
    intercepts, of_class("b"), of_class("sd"),
    unlist(lapply(frame$groups, correlation_outputs, block = block), recursive = FALSE),
    elements(intersect(family_info(frame$terms$family)$dpars, table$name)), of_class("Intercept"),
    unlist(lapply(frame$groups, function(group) if (keeps_group(kept$group, group$group)) {
      list(list(spec = new_output("group_effects", group = group$id), names = effect_names(group)))
    }), recursive = FALSE),
    list(list(spec = new_output("log_prior"), names = "lprior")),
    elements(kept$extra)
  )
}

# One for each matrix of correlations: the term's, or one a by-level.
correlation_outputs <- function(group, block) {
  if (!group$correlated) {
    return(NULL)
  }
  Map(function(name, labels) {
    list(spec = new_output("correlation", block = block(name)), names = correlation_names(group, labels))
  }, cholesky_names(group), correlated_labels(group), USE.NAMES = FALSE)
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
  stored <- which(!vapply(frame$groups, function(group) all(group$ones), logical(1)))
  columned <- which(vapply(frame$predictors, function(predictor) length(predictor$coefs) > 0, logical(1)))
  coefs <- lapply(c(frame$predictors[columned], frame$groups[stored]), function(part) part$coefs)
  n_columns <- sum(lengths(coefs))
  if (n_columns == 0) {
    return(invisible(builder))
  }
  n_rows <- min(50000, max(1000, block_elements %/% n_columns))
  for (from in seq.int(1, frame$n_rows, by = n_rows)) {
    to <- min(from + n_rows - 1, frame$n_rows)
    columns <- vector("list", length(frame$predictors))
    for (p in columned) columns[[p]] <- frame$predictors[[p]]$design(from, to)
    group_columns <- vector("list", length(frame$groups))
    for (g in stored) group_columns[[g]] <- group_block(frame$groups[[g]], from, to)
    add_rows(builder, from, columns, group_columns)
  }
  invisible(builder)
}
