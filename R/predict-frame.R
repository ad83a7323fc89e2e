# A fit, new data and draws -> what src/prediction.cpp takes: the model's columns of draws, and blocks of rows.

# quantity: list(kind, dpar, residual), see quantity_of(). Returns class skeinprediction: n_rows, n_draws, parts (of the
# C++ model), block(from, to) (rows for C++), response (or NULL).
build_prediction <- function(object, newdata, re_formula, quantity, options) {
  needs <- quantity_needs(quantity)
  predictors <- prediction_predictors(object, quantity)
  groups <- prediction_groups(object, predictors, re_formula)
  check_saved_effects(object, groups)
  data <- check_newdata(object, newdata, needed_columns(object, predictors, groups, needs))
  check_new_types(object, data, predictors)
  n_rows <- nrow(data)
  response <- new_response(object, data, needs, !is.null(newdata))
  for (name in reserved_names(object$terms)) data[[name]] <- rep(1, n_rows)
  predictors <- lapply(predictors, function(predictor) {
    predictor$columns <- columns_on(predictor$columns, data)
    if (options$offset) {
      predictor$offset <- build_offset(object$terms$dpars[[predictor$dpar]], data, NULL)
    }
    predictor
  })
  pool <- new_draw_pool(object, options$draw_ids)
  groups <- place_groups(groups, data, options, pool)
  structure(class = "skeinprediction", list(
    n_rows = n_rows, n_draws = pool$n_draws, response = response$response,
    parts = prediction_parts(object, predictors, groups, pool, options),
    block = function(from, to) prediction_block(from, to, predictors, groups, response, isTRUE(object$terms$se_sigma))
  ))
}

# What of the left side a quantity needs: names of addition terms, and "response" for all of it.
quantity_needs <- function(quantity) {
  c(
    switch(quantity$kind, expected = c("trials", "rate", "trunc"), random = c("trials", "rate", "trunc", "se")),
    if (quantity$kind == "log_density" || quantity$residual) "response"
  )
}

# The predictors that the quantity depends on, in the model's order.
prediction_predictors <- function(object, quantity) {
  predictors <- object$frame$predictors
  if (!quantity$kind %in% c("linear", "parameter")) {
    return(predictors)
  }
  name <- c("mu", family_info(object$family)$dpars)[quantity$dpar + 1]
  predictors[names(predictors) == name]
}

check_saved_effects <- function(object, groups) {
  for (group in groups) {
    used <- group$effects[, unlist(lapply(group$parts, function(part) part$at))]
    if (!all(used %in% stored_variables(object))) {
      skein_stop(c(
        "The group-level effects of {.val {group$group}} were not saved.",
        i = "Fit the model with {.code save_pars = save_pars(group = TRUE)}, or leave them out by {.arg re_formula}."
      ))
    }
  }
}

# Columns of draws: those stored, and new ones added to them. Without draw_ids the stored array is used as it is.
new_draw_pool <- function(object, draw_ids) {
  pool <- new.env(parent = emptyenv())
  pool$names <- stored_variables(object)
  pool$n_stored <- length(pool$names)
  n_total <- ndraws.skeinfit(object)
  pool$ids <- if (is.null(draw_ids)) seq_len(n_total) else draw_ids
  pool$n_draws <- length(pool$ids)
  pool$draws <- if (is.null(draw_ids)) {
    object$fit$draws
  } else {
    object$fit$draws[outer(draw_ids, n_total * (seq_len(pool$n_stored) - 1), "+")]
  }
  pool$extra <- list()
  pool
}

# draws x variables.
pool_draws <- function(pool, names) {
  elements <- outer(seq_len(pool$n_draws), pool$n_draws * (pool_columns(pool, names) - 1), "+")
  matrix(pool$draws[elements], pool$n_draws)
}

# Adds the columns of a matrix and returns their numbers.
add_draws <- function(pool, values) {
  first <- pool$n_stored + sum(vapply(pool$extra, ncol, 0L))
  pool$extra <- c(pool$extra, list(values))
  first + seq_len(ncol(values))
}

pool_columns <- function(pool, names) {
  columns <- match(names, pool$names)
  if (anyNA(columns)) skein_stop("The fit has no draws of {.val {names[is.na(columns)][1]}}.")
  columns
}

# One entry for each part of each term: predictor, index (0-based level of each row), draw_columns (numbers of columns
# of draws of each level and coefficient, level by level, new levels last), columns (recipe), keep, ones.
place_groups <- function(groups, data, options, pool) {
  by_factor <- vapply(groups, function(group) group$group, "")
  out <- list()
  for (name in unique(by_factor)) {
    own <- groups[by_factor == name]
    levels <- new_levels(own[[1]], data)
    n_new <- length(levels$new)
    check_new_levels(name, levels$new, options$allow_new_levels)
    draws <- if (n_new) {
      by <- lapply(own, new_by_levels, index = levels$index, n_new = n_new, data = data)
      draw_new_levels(own, by, n_new, options$sample_new_levels, pool$n_draws, function(names) pool_draws(pool, names))
    }
    for (i in seq_along(own)) {
      parts <- lapply(own[[i]]$parts, place_part, group = own[[i]], draws = draws[[i]], index = levels$index,
        data = data,
        pool = pool)
      out <- c(out, parts)
    }
  }
  out
}

place_part <- function(part, group, draws, index, data, pool) {
  numbers <- matrix(pool_columns(pool, group$effects[, part$at]), length(group$levels))
  if (!is.null(draws)) {
    new <- add_draws(pool, matrix(draws[, , part$at, drop = FALSE], pool$n_draws))
    numbers <- rbind(numbers, matrix(new, dim(draws)[2]))
  }
  part$draw_columns <- as.integer(t(numbers))
  part$index <- index
  if (!part$ones) part$columns <- columns_on(part$columns, data)
  part
}

# The list that prediction_model() reads.
prediction_parts <- function(object, predictors, groups, pool, options) {
  info <- family_info(object$family)
  # Fixed parameters make columns of their own, so that the pool is complete only then.
  dpars <- vapply(info$dpars, dpar_column, 0L, object = object, pool = pool, USE.NAMES = FALSE)
  list(
    family = object$family$family, draw_ids = pool$ids,
    predictors = unname(lapply(predictors, predictor_part, object = object, pool = pool)),
    groups = lapply(groups, function(group) {
      list(predictor = group$predictor, n_coefficients = length(group$keep), effects = group$draw_columns)
    }),
    dpars = dpars,
    seed = options$seed, rated = !is.null(object$terms$additions$rate), extra = unlist_columns(pool),
    draws = pool$draws
  )
}

unlist_columns <- function(pool) if (length(pool$extra)) do.call(cbind, pool$extra) else numeric(0)

predictor_part <- function(predictor, object, pool) {
  prefix <- if (predictor$dpar == "mu") "b_" else paste0("b_", predictor$dpar, "_")
  list(
    dpar = dpar_number(object, predictor$dpar), link = predictor$link,
    intercept = if (predictor$centred) pool_columns(pool, paste0(prefix, "Intercept")) else 0L,
    coefficients = if (length(predictor$coefs)) pool_columns(pool, paste0(prefix, predictor$coefs)) else integer(0)
  )
}

# 0 for a parameter that is predicted or that the model leaves out.
dpar_column <- function(dpar, object, pool) {
  if (dpar %in% names(object$terms$dpars)) {
    return(0L)
  }
  if (dpar %in% pool$names) {
    return(pool_columns(pool, dpar))
  }
  fixed <- unlist(object$params$constant[object$params$name == dpar])
  if (length(fixed)) add_draws(pool, matrix(fixed[1], pool$n_draws)) else 0L
}

# Rows from:to as prediction_rows() reads them.
prediction_block <- function(from, to, predictors, groups, response, se_sigma) {
  rows <- seq.int(from, to)
  values <- lapply(response, function(x) if (is.null(x)) NULL else as.double(x[rows]))
  out <- list(
    first = from, n = to - from + 1, se_sigma = se_sigma,
    designs = unname(lapply(predictors, function(predictor) new_columns_block(predictor$columns, from, to))),
    offsets = unname(lapply(predictors, function(predictor) predictor$offset[rows])),
    levels = lapply(groups, function(group) group$index[rows]),
    group_designs = lapply(groups, function(group) {
      if (!group$ones) new_columns_block(group$columns, from, to)[, group$keep, drop = FALSE]
    })
  )
  fields <- c(
    "response", "trials", "weights", "rate", "se", "censored", "response_upper", "truncation_lower", "truncation_upper"
  )
  for (name in fields) out[name] <- list(values[[name]])
  out
}

# Results: draws x rows, or with `summary` (robust, probs) rows x statistics. Rows go to C++ in blocks, so that a
# summary never holds the draws of all rows.
run_prediction <- function(prediction, quantity, options, summary = NULL, block_values = 1e7) {
  model <- prediction_model(prediction$parts)
  n_rows <- prediction$n_rows
  out <- if (is.null(summary)) {
    prediction_matrix(prediction$n_draws, n_rows)
  } else {
    prediction_matrix(n_rows, 2 + length(summary$probs))
  }
  step <- max(256, min(50000, block_values %/% prediction$n_draws))
  for (from in seq.int(1, n_rows, by = step)) {
    rows <- prediction$block(from, min(from + step - 1, n_rows))
    prediction_rows(model, rows, quantity, out, n_rows, summary, options$threads)
  }
  out
}
