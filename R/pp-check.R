# Posterior predictive checks by bayesplot's ppc_ and ppd_ functions.

#' Posterior predictive checks
#'
#' @param object A `skeinfit`.
#' @param type Kind of plot: what follows `ppc_` (or `ppd_`) in the names of \pkg{bayesplot}'s functions.
#' @param ndraws Number of draws; by default 10, or all for types that sum up draws.
#' @param prefix `"ppc"` for checks against the data, `"ppd"` for predictions alone.
#' @param group,x Names of columns of the data: a grouping variable, and one for the horizontal axis.
#' @param newdata,draw_ids As for [posterior_predict()][predictions-skein].
#' @param resp Name of the response.
#' @param nsamples,subset Older names of `ndraws` and `draw_ids`.
#' @param ... Arguments of that function, and of [posterior_predict()][predictions-skein].
#' @return The plot, of class `ggplot`.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' pp_check(fit, ndraws = 20)
#' pp_check(fit, type = "stat_grouped", group = "Trt", newdata = epilepsy)
#' }
#' @method pp_check skeinfit
#' @export
pp_check.skeinfit <- function(object, type, ndraws = NULL, prefix = c("ppc", "ppd"), group = NULL, x = NULL,
                              newdata = NULL, resp = NULL, draw_ids = NULL, nsamples = NULL, subset = NULL, ...) {
  prefix <- check_one_of(prefix[1], c("ppc", "ppd"), "prefix")
  type <- if (missing(type)) "dens_overlay" else check_string(type, "type")
  draw_plot <- predictive_plot(prefix, type)
  takes <- names(formals(draw_plot))
  if (is.null(draw_ids)) draw_ids <- subset
  if (is.null(ndraws)) ndraws <- nsamples
  if (is.null(ndraws) && is.null(draw_ids)) ndraws <- default_check_draws(object, type)
  dots <- list(...)
  given <- dots[names(dots) %in% names(prediction_defaults)]
  plotted <- dots[!names(dots) %in% c(names(prediction_defaults), "re_formula", "method")]
  given <- c(given, list(resp = resp, ndraws = ndraws, draw_ids = draw_ids))
  # Weights and random responses must be of the same draws.
  given$draw_ids <- chosen_draws(object, given)
  given[c("ndraws", "nsamples", "subset")] <- NULL
  method <- if (is.null(dots$method)) "posterior_predict" else dots$method
  method <- check_one_of(method, c("posterior_predict", "posterior_epred"), "method")
  kind <- if (method == "posterior_predict") "random" else "expected"
  yrep <- compute_prediction(object, quantity_of(object, kind), newdata, dots$re_formula, given)
  arguments <- if (prefix == "ppc") list(y = response_in(object, newdata), yrep = yrep) else list(ypred = yrep)
  data <- if (is.null(newdata)) object$data else newdata
  if (!is.null(group)) arguments$group <- check_column_name(data, group, "group")
  if (!is.null(x)) {
    arguments$x <- check_column_name(data, x, "x")
    if (is.factor(arguments$x)) arguments$x <- as.numeric(arguments$x)
  }
  if ("group" %in% required_arguments(draw_plot) && is.null(group)) {
    skein_stop("Argument {.arg group} is required for {.fn {paste0(prefix, '_', type)}}.")
  }
  if (any(c("psis_object", "lw") %in% takes) && !any(c("psis_object", "lw") %in% names(plotted))) {
    log_lik <- compute_prediction(object, quantity_of(object, "log_density"), newdata, dots$re_formula, given)
    arguments <- c(arguments, loo_plot_weights(object, log_lik, takes))
  }
  do.call(draw_plot, c(arguments, plotted))
}

predictive_plot <- function(prefix, type) {
  stem <- paste0("^", prefix, "_")
  types <- sub(stem, "", grep(stem, getNamespaceExports("bayesplot"), value = TRUE))
  types <- types[!grepl("_data$", types)]
  # Plots that take something else than draws of responses.
  types <- sort(setdiff(types, c("km_overlay", "km_overlay_grouped")[prefix == "ppd"]))
  if (!type %in% types) stop_with_suggestion("Type {.val {type}} is not a valid {prefix} type.", type, types)
  getExportedValue("bayesplot", paste0(prefix, "_", type))
}

# Types that show all draws at once would be slow and full with all of them; the others use all.
default_check_draws <- function(object, type) {
  summing <- "^(error_scatter_avg|intervals|loo|pit|ribbon|rootogram|scatter_avg|stat|violin_grouped|ecdf_pit|bars)"
  if (grepl(summing, type)) {
    return(NULL)
  }
  n <- min(10, ndraws.skeinfit(object))
  skein_inform("Using {n} posterior draws for ppc type '{type}' by default.")
  n
}

check_column_name <- function(data, name, argument) {
  check_string(name, argument)
  if (!name %in% names(data)) {
    stop_with_suggestion("{.arg {argument}}: there is no column {.val {name}} in the data.", name, names(data))
  }
  data[[name]]
}

required_arguments <- function(f) {
  formals <- formals(f)
  names(formals)[vapply(formals, function(value) is.name(value) && !nzchar(as.character(value)), NA)]
}

loo_plot_weights <- function(object, log_lik, takes) {
  psis <- quietly(loo::psis(-log_lik, r_eff = rep(1, ncol(log_lik))))
  if ("psis_object" %in% takes) list(psis_object = psis) else list(lw = stats::weights(psis))
}
