# brms's default priors: which parameters of a model take one, and what it is by the response and the link.

# The blocks that take a prior, in the table's order. `class` is that of a model in force, where correlations are held
# as Cholesky factors, class L; `dpars`, one for each element of `coefs`, is "" where priors do not name it; `repeats`:
# how many elements hold one coefficient, the levels of gr(by = ).
prior_slots <- function(table) {
  lapply(which(!table$class %in% c("z", "fixed")), function(i) {
    class <- table$class[i]
    coefs <- if (class == "cor") "" else table$coefs[[i]]
    dpars <- table$dpars[[i]]
    named <- class %in% c("b", "Intercept", "sd")
    list(
      row = i, class = if (class == "cor") "L" else class, group = table$group[i],
      dpars = if (named) ifelse(dpars == "mu", "", dpars) else rep("", length(coefs)),
      coefs = coefs, size = table$size[i],
      repeats = if (class == "sd" && table$rows[i] > 0) table$size[i] / table$rows[i] else 1,
      lower = table$lower[i], upper = table$upper[i], draw_names = table$draw_names[[i]]
    )
  })
}

# One row per prior that could be set, in brms's order; correlations as class `L` with cholesky = TRUE, else as `cor`.
default_prior_rows <- function(slots, frame, cholesky = FALSE) {
  rows <- lapply(slots, function(slot) {
    switch(slot$class,
      b = prior_rows(class = "b", coef = c("", slot$coefs), dpar = slot$dpars[1]),
      Intercept = prior_rows(default_intercept_prior(frame, slot$dpars), class = "Intercept", dpar = slot$dpars),
      sd = default_sd_rows(slot, frame),
      L = prior_rows(
        c(if (cholesky) "lkj_corr_cholesky(1)" else "lkj(1)", ""),
        class = if (cholesky) "L" else "cor", group = c("", slot$group)
      ),
      prior_rows(
        default_dpar_prior(slot$class, frame),
        class = slot$class, lb = bound_as_text(dpar_registry[[slot$class]]$lower),
        ub = bound_as_text(dpar_registry[[slot$class]]$upper)
      )
    )
  })
  rows <- do.call(c, c(list(empty_prior()), rows))
  rows$source <- rep("default", nrow(rows))
  rows <- rows[!duplicated(as.data.frame(rows)[prior_keys]), ]
  order_priors(rows, c("resp", "dpar", "nlpar", "class", "group", "coef"))
}

# A class, group and coefficients for each of the family's parameters that the term predicts.
default_sd_rows <- function(slot, frame) {
  rows <- lapply(unique(slot$dpars), function(dpar) {
    coefs <- unique(slot$coefs[slot$dpars == dpar])
    prior_rows(
      c(default_scale_prior(frame, frame$terms$family$link), rep("", 1 + length(coefs))),
      class = "sd", group = c("", rep(slot$group, 1 + length(coefs))), coef = c("", "", coefs), dpar = dpar,
      lb = c("0", rep("", 1 + length(coefs)))
    )
  })
  do.call(c, rows)
}

bound_as_text <- function(bound) {
  if (is.character(bound) || is.finite(bound)) as.character(bound) else ""
}

# Sorted as brms's order() does in most locales (letters without regard to case, other signs before them), but the same
# in every locale.
order_priors <- function(rows, columns) {
  keys <- lapply(rows[columns], function(x) tolower(gsub("[^[:alnum:]]", " ", x)))
  rows <- rows[do.call(order, c(unname(keys), unname(as.list(rows[columns])), method = "radix")), ]
  rownames(rows) <- NULL
  rows
}

# Parameters without a predictor, or predicted on their own scale (link identity).
default_dpar_prior <- function(dpar, frame) {
  own <- family_info(frame$terms$family)$dpar_priors[[dpar]]
  if (!is.null(own)) {
    return(own)
  }
  # sigma's scale is that of the response itself, whatever the link of mu.
  if (dpar == "sigma") default_scale_prior(frame, "identity") else dpar_registry[[dpar]]$prior
}

# student_t(3, 0, max(2.5, mad)) with the response on the link's scale.
default_scale_prior <- function(frame, link) {
  y <- response_on_link(frame, link)
  scale <- max(2.5, finite_or(round(stats::mad(y), 1), 2.5))
  sprintf("student_t(3, 0, %s)", as.character(scale))
}

# Of mu, the same around the response's median, less the mean offset (which is not rounded); of other parameters what
# dpar_registry says, sigma's by the spread of the response on its link's scale.
default_intercept_prior <- function(frame, dpar) {
  if (nzchar(dpar)) {
    link <- frame$predictors[[dpar]]$link
    if (link == "identity") {
      return(default_dpar_prior(dpar, frame))
    }
    return(if (dpar == "sigma") default_scale_prior(frame, link) else dpar_registry[[dpar]]$intercept_prior)
  }
  y <- response_on_link(frame, frame$terms$family$link)
  scale <- max(2.5, finite_or(round(stats::mad(y), 1), 2.5))
  location <- finite_or(round(stats::median(y), 1), 0)
  offset <- frame$predictors$mu$offset
  if (length(y) && length(offset)) location <- location - finite_or(mean(offset), 0)
  sprintf("student_t(3, %s, %s)", as.character(location), as.character(scale))
}

finite_or <- function(x, otherwise) {
  if (length(x) == 1 && is.finite(x)) x else otherwise
}

# The response on the scale of the linear predictor; none where brms does not look at the data.
response_on_link <- function(frame, link) {
  if (family_info(frame$terms$family)$log_scale) link <- "log"
  if (!link %in% c("identity", "log", "inverse", "sqrt", "1/mu^2") || response_is_category(frame)) {
    return(numeric(0))
  }
  y <- as.numeric(frame$response)
  if (link %in% c("log", "inverse", "1/mu^2")) y[y == 0] <- 0.1
  suppressWarnings(link_function(link)(y))
}

# A factor, text or logical, which stands as 0 and 1 in the frame.
response_is_category <- function(frame) {
  y <- eval_column(frame$terms$response$expression, frame$data, environment(frame$terms$formula$formula))
  is.factor(y) || is.character(y) || is.logical(y)
}

#' Default priors of a model
#'
#' Lists all parameters of a model that priors can be set for, with the priors that brm() takes where none is given.
#' These are brms's, to the digit: intercept and scales by median and median absolute deviation of the response on the
#' scale of the linear predictor, flat for coefficients.
#'
#' @param object,formula A formula, or the result of `bf()`.
#' @param data A data frame.
#' @param family A family; see [brm()].
#' @param drop_unused_levels Drop unused levels of factors in the data?
#' @param ... For methods; `get_prior()` hands them on.
#' @return A `skeinprior`, one row per prior that can be set, as [set_prior()] would make it. An error of class
#'   `skein_error` for whatever is wrong with formula or data. Fits of brms are handed on to brms.
#' @examples
#' default_prior(count ~ zAge + (1 | patient), data = epilepsy, family = poisson())
#' @export
default_prior <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("default_prior", object, ...))
  }
  UseMethod("default_prior")
}

#' @rdname default_prior
#' @export
default_prior.default <- function(object, data, family = stats::gaussian(), drop_unused_levels = TRUE, ...) {
  model <- prior_model(object, data, family, drop_unused_levels)
  default_prior_rows(prior_slots(model$table), model$frame)
}

#' @rdname default_prior
#' @export
default_prior.skeinfit <- function(object, ...) {
  skein_stop("Use {.fn prior_summary} to see the priors of a fit.")
}

#' @rdname default_prior
#' @export
get_prior <- function(formula, data, family = stats::gaussian(), ...) {
  if (is_brmsfit(formula)) {
    return(call_brms("get_prior", formula, ...))
  }
  default_prior(formula, data = data, family = family, ...)
}

#' Check priors against a model
#'
#' Does what [brm()] does with its priors before sampling: matches them to the parameters, fills in the defaults, and
#' reads distributions and bounds.
#'
#' @param prior A prior; see [set_prior()].
#' @param formula A formula, or a call of [bf()].
#' @param sample_prior `"no"`, `"yes"` or `"only"`, as in [brm()].
#' @inheritParams default_prior
#' @return A `skeinprior` with all priors in force, as [prior_summary()] shows them. An error of class `skein_error`
#'   names the prior that matches no parameter, is given twice, cannot be read or contradicts its bounds.
#' @export
validate_prior <- function(prior, formula, data, family = stats::gaussian(), sample_prior = "no",
                           drop_unused_levels = TRUE, ...) {
  model <- prior_model(formula, data, family, drop_unused_levels)
  table <- set_priors(model$table, prior, model$frame, check_sample_prior(sample_prior))
  attr(table, "priors_in_force")
}

# The stages of brm() up to the priors.
prior_model <- function(formula, data, family, drop_unused_levels) {
  check_flag(drop_unused_levels, "drop_unused_levels")
  frame <- build_frame(parse_formula(formula, family, data), data, drop_unused_levels)
  list(frame = frame, table = build_params(frame))
}
