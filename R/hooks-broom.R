# tidy(), glance() and augment(), as package broom.mixed has them for models of this kind.

#' Support for packages broom and broom.mixed
#'
#' `tidy()` gives a data frame with a row for each parameter: `effect` ("fixed" or "ran_pars"), `component` ("cond", or
#' the name of a predicted parameter), `group`, `term`, `estimate`, `std.error`, `conf.low` and `conf.high`. `glance()`
#' gives one row about the fit, `augment()` the data with `.fitted` and `.se.fit`.
#' @name broom-skein
#' @keywords internal
NULL

#' @rawNamespace S3method(generics::tidy, skeinfit)
tidy.skeinfit <- function(x, effects = c("fixed", "ran_pars"), robust = FALSE, conf.int = TRUE, conf.level = 0.95,
                          exponentiate = FALSE, ...) {
  for (effect in effects) check_one_of(effect, c("fixed", "ran_pars"), "effects")
  probs <- (1 + c(-1, 1) * check_number(conf.level, "conf.level", 0, 1)) / 2
  rows <- tidy_rows(x)
  rows <- rows[rows$effect %in% effects, , drop = FALSE]
  values <- posterior_summary.default(as.matrix(x, variable = rows$variable), probs = probs, robust = robust)
  if (exponentiate) {
    values[, 2] <- values[, 2] * exp(values[, 1])
    values[, -2] <- exp(values[, -2])
  }
  out <- cbind(
    rows[c("effect", "component", "group", "term")], estimate = unname(values[, 1]), std.error = unname(values[, 2])
  )
  if (conf.int) out <- cbind(out, conf.low = unname(values[, 3]), conf.high = unname(values[, 4]))
  rownames(out) <- NULL
  as_tibble_if_possible(out)
}

# One row for each shown parameter: variable, effect, component, group, term.
tidy_rows <- function(x) {
  parts <- summary_parts(x)
  predicted <- setdiff(names(x$terms$dpars), "mu")
  label <- names(parts$fixed)
  dpar <- vapply(label, function(name) {
    found <- predicted[startsWith(name, paste0(predicted, "_"))]
    if (length(found)) found[1] else "cond"
  }, "")
  term <- ifelse(dpar == "cond", label, substring(label, nchar(dpar) + 2))
  term[term == "Intercept"] <- "(Intercept)"
  fixed <- data.frame(
    variable = unname(parts$fixed), effect = rep("fixed", length(label)), component = unname(dpar),
    group = rep(NA_character_, length(label)), term = unname(term)
  )
  random <- do.call(rbind, lapply(names(parts$random), function(group) {
    labels <- names(parts$random[[group]])
    term <- sub("Intercept", "(Intercept)", gsub("\\(|\\)$", "", sub("\\(", "__", labels)), fixed = TRUE)
    term <- gsub(",", ".", term)
    data.frame(variable = unname(parts$random[[group]]), effect = "ran_pars", component = "cond", group = group,
      term = term)
  }))
  spec <- data.frame(
    variable = unname(parts$spec_pars), effect = rep("ran_pars", length(parts$spec_pars)),
    component = rep("cond", length(parts$spec_pars)), group = rep("Residual", length(parts$spec_pars)),
    term = sub("^sigma$", "sd__Observation", names(parts$spec_pars))
  )
  rbind(fixed, random, spec)
}

as_tibble_if_possible <- function(x) {
  if (nzchar(system.file(package = "tibble"))) getExportedValue("tibble", "as_tibble")(x) else x
}

#' @rawNamespace S3method(generics::glance, skeinfit)
glance.skeinfit <- function(x, looic = FALSE, ...) {
  settings <- x$fit$settings
  out <- data.frame(
    algorithm = x$algorithm, pss = ndraws.skeinfit(x), nobs = nobs.skeinfit(x),
    sigma = if ("sigma" %in% stored_variables(x)) stats::median(as.matrix(x, variable = "sigma")) else NA_real_
  )
  out$n_divergent <- sum(sampler_values(x, "divergent__"))
  out$max_rhat <- max(quietly(rhat.skeinfit(x, shown_variables(x))), na.rm = TRUE)
  out$iter <- settings$iter
  if (looic) {
    criterion <- loo.skeinfit(x)
    out$looic <- criterion$estimates["looic", "Estimate"]
    out$elpd_loo <- criterion$estimates["elpd_loo", "Estimate"]
  }
  as_tibble_if_possible(out)
}

#' @rawNamespace S3method(generics::augment, skeinfit)
augment.skeinfit <- function(x, data = x$data, newdata = NULL, se.fit = TRUE, ...) {
  values <- fitted.skeinfit(x, newdata = newdata, ...)
  out <- cbind(if (is.null(newdata)) data else newdata, .fitted = values[, "Estimate"])
  if (se.fit) out$.se.fit <- values[, "Est.Error"]
  as_tibble_if_possible(out)
}
