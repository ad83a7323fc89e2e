# conditional_effects(): predictions over a grid of one or two predictors, all others held fixed.

#' Conditional effects of predictors
#'
#' Estimates of the response, or of a parameter of its distribution, as one or two predictors vary and all others stay
#' at the mean (numbers) or the first level (factors), or as `conditions` says.
#'
#' @param x A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param effects Names of predictors, `"x"`, or of pairs, `"x:z"`. By default all terms of one or two predictors that
#'   the population-level formulas have.
#' @param conditions A data frame with a row for each set of values at which to hold predictors, or `NULL`; its row
#'   names or a column `cond__` label the panels. See [make_conditions()].
#' @param int_conditions A named list of values, or functions of the variable that give them, for predictors in pairs.
#'   The second of two numeric predictors is else shown at its mean and one standard deviation to both sides.
#' @param re_formula Group-level terms to include: `NA` for none, `NULL` for all, or a formula of some. Grouping factors
#'   that are not in `conditions` are at a new level.
#' @param prob Probability of the central intervals.
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param method `"posterior_epred"`, `"posterior_predict"` or `"posterior_linpred"`, also as brms's older names
#'   `"fitted"`, `"predict"`, `"linear"`.
#' @param spaghetti Keep the draws too, for a line each?
#' @param surface Show effects of two numeric predictors as surfaces? Other effects stay lines.
#' @param categorical,ordinal For families that skein does not have yet: `FALSE`.
#' @param transform A function applied to all draws before they are summarised, or `NULL`.
#' @param resolution Number of values of a numeric predictor.
#' @param select_points Of the data in the plots, show points whose numeric predictors differ from the conditions by at
#'   most this share of their range; 0 shows all.
#' @param too_far For surfaces: leave out points of the grid that are farther than this from any observation, each axis
#'   scaled to 0 to 1; 0 leaves none out.
#' @param probs Older form of `prob`: two probabilities.
#' @param ... Arguments of the method: `dpar`, `ndraws`, `draw_ids`, `sample_new_levels`, ...
#' @return A list of class `skein_conditional_effects` with a data frame for each effect: the model's variables,
#'   `cond__`, `effect1__` (and `effect2__`), and `estimate__`, `se__`, `lower__`, `upper__`. The observations to plot
#'   stand in its attribute `points`, draws in `spaghetti`.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + zBase * Trt + (1 | patient), epilepsy, poisson(),
#'   chains = 2, iter = 400, refresh = 0
#' )
#' conditional_effects(fit, "zBase:Trt")
#' plot(conditional_effects(fit, "zBase", conditions = make_conditions(fit, "Trt")), points = TRUE)
#' }
#' @export
conditional_effects <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("conditional_effects", x, ...))
  }
  UseMethod("conditional_effects")
}

#' @rdname conditional_effects
#' @export
#' @rawNamespace S3method(brms::conditional_effects, skeinfit)
conditional_effects.skeinfit <- function(x, effects = NULL, conditions = NULL, int_conditions = NULL, re_formula = NA,
                                         prob = 0.95, robust = TRUE, method = "posterior_epred", spaghetti = FALSE,
                                         surface = FALSE, categorical = FALSE, ordinal = FALSE, transform = NULL,
                                         resolution = 100, select_points = 0, too_far = 0, probs = NULL, ...) {
  check_has_draws(x)
  for (flag in c("robust", "spaghetti", "surface", "categorical", "ordinal")) check_flag(get(flag), flag)
  if (categorical || ordinal) stop_not_yet("conditional effects of categories")
  if (surface && spaghetti) skein_stop("{.arg spaghetti} and {.arg surface} cannot be combined.")
  choices <- list(
    int_conditions = check_int_conditions(x, int_conditions), surface = surface, robust = robust,
    spaghetti = spaghetti, resolution = check_whole_number(resolution, "resolution", min = 2),
    probs = interval_probs(prob, probs), predict = conditional_method(method),
    transform = if (!is.null(transform)) match.fun(transform),
    too_far = check_number(too_far, "too_far", 0, open = FALSE),
    select_points = check_number(select_points, "select_points", 0, 1, open = FALSE)
  )
  effects <- check_effects(x, effects)
  conditions <- complete_conditions(x, conditions, re_formula)
  out <- lapply(effects, one_conditional_effect, object = x, conditions, re_formula, choices, ...)
  names(out) <- vapply(effects, paste, "", collapse = ":")
  structure(out, class = "skein_conditional_effects")
}

check_int_conditions <- function(object, int_conditions) {
  if (is.null(int_conditions)) {
    return(list())
  }
  if (!is.list(int_conditions) || is.null(names(int_conditions))) {
    skein_stop("{.arg int_conditions} must be a named list of values or functions.")
  }
  check_names_known(names(int_conditions), names(object$data), "variable in `int_conditions`:")
  int_conditions
}

interval_probs <- function(prob, probs) {
  if (is.null(probs)) {
    check_number(prob, "prob", 0, 1)
    return((1 + c(-1, 1) * prob) / 2)
  }
  check_probs(probs)
  if (length(probs) != 2) skein_stop("{.arg probs} must be two probabilities.")
  probs
}

conditional_method <- function(method) {
  methods <- c(
    posterior_epred = "posterior_epred", posterior_predict = "posterior_predict",
    posterior_linpred = "posterior_linpred", fitted = "posterior_epred", predict = "posterior_predict",
    linear = "posterior_linpred", linpred = "posterior_linpred"
  )
  switch(methods[[check_one_of(method, names(methods), "method")]],
    posterior_epred = posterior_epred.skeinfit,
    posterior_predict = posterior_predict.skeinfit,
    posterior_linpred = posterior_linpred.skeinfit
  )
}

one_conditional_effect <- function(effect, object, conditions, re_formula, choices, ...) {
  choices$surface <- choices$surface && length(effect) == 2 && !any(vapply(object$data[effect], is_discrete, NA))
  grid <- effect_grid(object, effect, conditions, choices)
  if (choices$surface && choices$too_far > 0) grid <- near_data(object, effect, grid, choices$too_far)
  newdata <- grid[setdiff(names(grid), c("cond__", "effect1__", "effect2__"))]
  draws <- choices$predict(object, newdata = newdata, re_formula = re_formula, allow_new_levels = TRUE, ...)
  if (!is.null(choices$transform)) draws <- choices$transform(draws)
  estimates <- summarise_columns(draws, choices$probs, choices$robust)
  colnames(estimates) <- c("estimate__", "se__", "lower__", "upper__")
  out <- cbind(grid, as.data.frame(estimates))
  structure(out,
    effects = effect, response = effect_label(object, ...), surface = choices$surface,
    points = effect_points(object, effect, conditions, re_formula, choices$select_points),
    spaghetti = if (choices$spaghetti) spaghetti_lines(grid, draws)
  )
}

# What the plot's axis says: the formula's left-hand side, or the parameter asked for.
effect_label <- function(object, dpar = NULL, ...) if (is.null(dpar)) deparse1(formula(object)$formula[[2]]) else dpar

# The draws in long form: one line for each draw and combination of second effect and condition.
spaghetti_lines <- function(grid, draws) {
  n_draws <- nrow(draws)
  out <- grid[rep(seq_len(nrow(grid)), each = n_draws), , drop = FALSE]
  rownames(out) <- NULL
  second <- if (is.null(grid$effect2__)) 1 else as.integer(as.factor(grid$effect2__))
  line <- interaction(as.integer(grid$cond__), second, drop = TRUE)
  out$sample__ <- paste(rep(seq_len(n_draws), nrow(grid)), rep(as.integer(line), each = n_draws), sep = "_")
  out$estimate__ <- as.vector(draws)
  out
}

# Observations for each set of conditions: those of its levels, given or by default, and, if asked, near its numbers.
effect_points <- function(object, effect, conditions, re_formula, select_points) {
  data <- object$data
  used <- c(population_variables(object), grouping_variables(object), if (!identical(re_formula, NA)) names(data))
  fixed <- setdiff(intersect(names(conditions), used),
    c(effect, expression_variables(list(object$terms$response$expression))))
  response <- observed_response(object)
  pieces <- lapply(seq_len(nrow(conditions)), function(k) {
    keep <- rep(TRUE, nrow(data))
    for (name in fixed) {
      x <- data[[name]]
      value <- if (!is.matrix(x)) conditions[[name]][k]
      if (is.null(value) || is.na(value)) next
      if (is_discrete(x) || name %in% setdiff(grouping_variables(object), population_variables(object))) {
        keep <- keep & as.character(x) == as.character(value)
      } else if (select_points > 0) {
        keep <- keep & abs(x - value) <= select_points * diff(range(x))
      }
    }
    piece <- data[keep, , drop = FALSE]
    piece$resp__ <- response[keep]
    piece$cond__ <- rep(conditions$cond__[k], nrow(piece))
    piece
  })
  out <- do.call(rbind, pieces)
  out$effect1__ <- out[[effect[1]]]
  if (length(effect) == 2) {
    second <- out[[effect[2]]]
    # Points of a numeric second predictor would belong to no line.
    if (is_discrete(second)) out$effect2__ <- as.factor(second)
  }
  out
}

observed_response <- function(object) {
  terms <- object$terms
  y <- build_response(terms, object$data, NULL)
  if (is.null(y$trials)) y$response else y$response / y$trials
}

near_data <- function(object, effect, grid, too_far) {
  scaled <- function(x, by) (x - min(by)) / diff(range(by))
  x <- object$data[[effect[1]]]
  z <- object$data[[effect[2]]]
  distance <- vapply(seq_len(nrow(grid)), function(i) {
    min((scaled(grid[[effect[1]]][i], x) - scaled(x, x))^2 + (scaled(grid[[effect[2]]][i], z) - scaled(z, z))^2)
  }, numeric(1))
  grid[sqrt(distance) <= too_far, , drop = FALSE]
}
