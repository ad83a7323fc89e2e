# The grids of conditional_effects(): which effects a model has, and the values at which they are computed.

# Names of the model's predictors by term, at most two per term: list(c("x"), c("x", "f")), main effects first.
model_effects <- function(object) {
  labels <- unlist(lapply(object$terms$dpars, function(dpar) {
    attr(stats::terms(dpar$population, keep.order = TRUE), "term.labels")
  }))
  effects <- lapply(unique(labels), function(label) {
    unique(intersect(expression_variables(list(str2lang(label))), names(object$data)))
  })
  effects <- unique(effects[lengths(effects) %in% 1:2])
  effects[order(lengths(effects))]
}

# The variables that population-level terms read.
population_variables <- function(object) {
  used <- lapply(object$terms$dpars, function(dpar) list(dpar$population[[2]]))
  intersect(expression_variables(unlist(used)), names(object$data))
}

grouping_variables <- function(object) {
  unique(unlist(lapply(object$terms$dpars, function(dpar) lapply(dpar$groups, `[[`, "variables"))))
}

# effects: NULL, or strings "x" and "x:f". Returns a list of one or two names each.
check_effects <- function(object, effects) {
  known <- model_effects(object)
  if (is.null(effects)) {
    if (length(known) == 0) skein_stop("The model has no predictors to show effects of.")
    return(known)
  }
  if (!is.character(effects) || length(effects) == 0 || anyNA(effects)) {
    skein_stop("{.arg effects} must be names of predictors, such as {.val x} or {.val x:z}.")
  }
  variables <- names(object$data)
  lapply(strsplit(effects, ":", fixed = TRUE), function(names) {
    if (length(names) > 2) skein_stop("{.arg effects} are of one predictor or two, as in {.val x:z}.")
    possible <- union(population_variables(object), variables)
    for (name in names) {
      if (!name %in% possible) {
        stop_with_suggestion("{.arg effects}: the model has no predictor {.val {name}}.", name, unique(unlist(known)))
      }
    }
    names
  })
}

is_discrete <- function(x) is.factor(x) || is.character(x) || is.logical(x)

discrete_values <- function(x) {
  if (is.factor(x)) {
    return(factor(levels(x), levels(x), ordered = is.ordered(x)))
  }
  sort(unique(x))
}

# The value that a variable has where it is not varied: the mean of numbers, the first of levels.
reference_value <- function(x) {
  if (is_discrete(x)) {
    return(discrete_values(x)[1])
  }
  if (is.matrix(x)) {
    return(matrix(colMeans(x), 1, dimnames = list(NULL, colnames(x))))
  }
  mean(x)
}

# One row per set of conditions, with every variable of the model, and cond__, the label of the set.
complete_conditions <- function(object, conditions, re_formula) {
  if (is.null(conditions)) conditions <- new_data_frame(list(), 1)
  if (!is.data.frame(conditions) || nrow(conditions) == 0) {
    skein_stop("{.arg conditions} must be a data frame with a row for each set of conditions.")
  }
  labels <- conditions$cond__
  if (is.null(labels)) labels <- rownames(conditions)
  if (anyDuplicated(labels)) {
    skein_stop("{.arg conditions}: labels of the sets (row names or {.field cond__}) must differ.")
  }
  given <- conditions[setdiff(names(conditions), "cond__")]
  check_names_known(names(given), names(object$data), "variable in `conditions`:")
  out <- given
  for (name in setdiff(names(object$data), names(given))) {
    out[[name]] <- rep_rows(default_condition(object, name), nrow(given))
  }
  for (name in names(given)) check_condition(object$data[[name]], given[[name]], name)
  out$cond__ <- factor(labels, labels)
  out
}

# A grouping factor that is no predictor is at a level unknown to the model. Trials are 1.
default_condition <- function(object, name) {
  x <- object$data[[name]]
  if (name %in% trials_variables(object)) {
    skein_inform("Setting all {.field trials} variables to 1 where {.arg conditions} does not say otherwise.",
      class = "skein_trials_set"
    )
    return(1)
  }
  if (name %in% grouping_variables(object) && !name %in% population_variables(object)) {
    return(if (is.numeric(x)) NA_real_ else NA_character_)
  }
  reference_value(x)
}

trials_variables <- function(object) {
  trials <- object$terms$additions$trials
  if (is.null(trials)) character() else expression_variables(list(trials))
}

rep_rows <- function(value, n) {
  if (is.matrix(value)) value[rep(1, n), , drop = FALSE] else rep(value, n)
}

check_condition <- function(x, value, name) {
  if (is.numeric(x) && !is.numeric(value)) {
    skein_stop("{.arg conditions}: column {.val {name}} must hold numbers, as in the model's data.")
  }
}

condition_labels <- function(conditions, digits = 2, sep = " & ") {
  parts <- lapply(names(conditions), function(name) paste(name, "=", shown_values(conditions[[name]], digits)))
  do.call(paste, c(parts, sep = sep))
}

shown_values <- function(x, digits = 2) if (is.numeric(x)) format(round(x, digits), trim = TRUE) else as.character(x)

# Values of one effect. The first of two numeric predictors runs over its range, the second takes three values or those
# of int_conditions.
effect_values <- function(object, name, is_second, choices) {
  x <- object$data[[name]]
  chosen <- choices$int_conditions[[name]]
  if (!is.null(chosen)) {
    values <- if (is.function(chosen)) chosen(x) else chosen
    if (is.factor(x)) values <- factor(values, levels(x), ordered = is.ordered(x))
    if (length(values) == 0 || anyNA(values)) {
      skein_stop("{.arg int_conditions}: values of {.val {name}} must be values that the variable can have.")
    }
    return(values)
  }
  if (is_discrete(x)) {
    return(discrete_values(x))
  }
  if (is_second && !choices$surface) {
    return(mean(x) + stats::sd(x) * c(-1, 0, 1))
  }
  seq(min(x), max(x), length.out = choices$resolution)
}

# All combinations of the effect's values and the conditions, the second effect fastest, with effect1__ and effect2__.
effect_grid <- function(object, effect, conditions, choices) {
  for (name in effect) {
    if (is.matrix(object$data[[name]])) skein_stop("{.arg effects}: {.val {name}} is a matrix, which cannot be varied.")
  }
  values <- lapply(seq_along(effect), function(k) effect_values(object, effect[k], k == 2, choices))
  n <- lengths(values)
  n_conditions <- nrow(conditions)
  each <- if (length(n) == 2) n[1] * n[2] else n[1]
  out <- stats::setNames(lapply(seq_along(effect), function(k) {
    within <- if (k == 1) rep(values[[1]], each = each / n[1]) else rep(values[[2]], times = n[1])
    unname(rep(within, times = n_conditions))
  }), effect)
  at <- rep(seq_len(n_conditions), each = each)
  for (name in setdiff(names(conditions), effect)) {
    column <- conditions[[name]]
    out[[name]] <- if (is.matrix(column)) column[at, , drop = FALSE] else column[at]
  }
  out$effect1__ <- out[[effect[1]]]
  if (length(effect) == 2) out$effect2__ <- second_effect(out[[effect[2]]], values[[2]], choices)
  new_data_frame(out, each * n_conditions)
}

# Numbers become the levels of a legend, highest first, as lines stand in the plot.
second_effect <- function(x, values, choices) {
  if (!is.numeric(x) || choices$surface) {
    return(if (is.numeric(x)) x else as.factor(x))
  }
  levels <- sort(unique(values), decreasing = TRUE)
  labels <- shown_values(levels)
  if (anyDuplicated(labels)) labels <- format(levels, digits = 4, trim = TRUE)
  named <- names(values)
  if (!is.null(named)) labels <- named[match(levels, values)]
  factor(match(x, levels), seq_along(levels), labels)
}

#' Sets of conditions
#'
#' All combinations of values of some variables, as `conditions` of [conditional_effects()]: the levels of factors, and
#' mean and mean plus and minus one standard deviation of numbers.
#'
#' @param x A `skeinfit` or a data frame; a `brmsfit` is handed on to \pkg{brms}.
#' @param vars Names of variables.
#' @param incl_vars Put the names into the labels?
#' @param digits Decimals of numbers in the labels.
#' @param sep What stands between the variables in the labels.
#' @param ... Unused.
#' @return A data frame with a row per combination and the labels in column `cond__`.
#' @examples
#' make_conditions(epilepsy, c("Trt", "zAge"))
#' @export
make_conditions <- function(x, vars, incl_vars = TRUE, digits = 2, sep = " & ", ...) {
  if (is_brmsfit(x)) {
    return(call_brms("make_conditions", x, vars, ...))
  }
  stop_unused(...)
  data <- if (inherits(x, "skeinfit")) x$data else x
  if (!is.data.frame(data)) skein_stop("{.arg x} must be a fit or a data frame, not {describe_value(x)}.")
  check_names_known(vars, names(data), "variable")
  values <- lapply(data[unique(vars)], function(column) {
    if (is_discrete(column)) discrete_values(column) else mean(column) + stats::sd(column) * c(-1, 0, 1)
  })
  out <- expand.grid(values, KEEP.OUT.ATTRS = FALSE, stringsAsFactors = FALSE)
  out$cond__ <- if (incl_vars) {
    condition_labels(out, digits, sep)
  } else {
    do.call(paste, c(unname(lapply(out, shown_values, digits = digits)), sep = sep))
  }
  out
}
