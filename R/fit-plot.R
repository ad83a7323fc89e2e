# Plots of draws by bayesplot.

#' Trace and density plots of a fit
#'
#' @param x A `skeinfit`.
#' @param combo Names of plots of \pkg{bayesplot} set side by side: what follows `mcmc_`.
#' @param nvariables Variables per page.
#' @param variable,regex As for [as_draws()][as_draws.skeinfit]; by default the variables that `summary()` shows.
#' @param pars,fixed Deprecated: use `variable` and `regex`. `pars` are regular expressions unless `fixed` is `TRUE`.
#' @param bins Bins of histograms.
#' @param theme A \pkg{ggplot2} theme, or `NULL` for that in force in \pkg{bayesplot}.
#' @param plot Draw the plots?
#' @param ask Ask before each new page, when interactive?
#' @param newpage Begin the first plot on a new page?
#' @param N Older name of `nvariables`.
#' @param ... Arguments of [bayesplot::mcmc_combo()].
#' @return The pages, a list of plots, invisibly.
#' @examples
#' \donttest{
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 2, iter = 200, refresh = 0)
#' plot(fit, variable = "^b_", regex = TRUE)
#' }
#' @export
plot.skeinfit <- function(x, pars = NA, combo = c("hist", "trace"), nvariables = 5, N = NULL, variable = NULL,
                          regex = FALSE, fixed = FALSE, bins = 30, theme = NULL, plot = TRUE, ask = TRUE,
                          newpage = TRUE, ...) {
  nvariables <- check_whole_number(if (is.null(N)) nvariables else N, "nvariables")
  for (flag in c("plot", "ask", "newpage")) check_flag(get(flag), flag)
  chosen <- chosen_variables(variable, regex, pars, fixed)
  draws <- plotted_draws(x, chosen$variable, chosen$regex)
  n <- dim(draws)[3]
  # Only newer bayesplots know bins; other arguments of one kind of plot reach all kinds, which may say they are unused.
  bins <- if ("bins" %in% names(formals(bayesplot::mcmc_hist))) list(bins = check_whole_number(bins, "bins"))
  pages <- lapply(split(seq_len(n), ceiling(seq_len(n) / nvariables)), function(on_page) {
    arguments <- c(list(draws[, , on_page, drop = FALSE], combo = combo, gg_theme = theme), bins, list(...))
    suppressMessages(quietly(do.call(bayesplot::mcmc_combo, arguments)))
  })
  pages <- unname(pages)
  if (plot) show_pages(pages, ask, newpage)
  invisible(pages)
}

plotted_draws <- function(x, variable, regex) {
  check_has_draws(x)
  if (is.null(variable)) as.array(x, variable = shown_variables(x)) else as.array(x, variable = variable, regex = regex)
}

show_pages <- function(pages, ask, newpage) {
  before <- grDevices::devAskNewPage()
  on.exit(grDevices::devAskNewPage(before))
  for (i in seq_along(pages)) {
    grDevices::devAskNewPage(ask && i > 1 && interactive())
    plot(pages[[i]], newpage = newpage || i > 1)
  }
}

#' Pairs plot of draws
#'
#' Divergent transitions and those that reached the maximum tree depth are marked.
#'
#' @param x A `skeinfit`.
#' @param variable,regex,pars,fixed As for [plot()][plot.skeinfit].
#' @param ... Arguments of [bayesplot::mcmc_pairs()].
#' @return The plot, of class `bayesplot_grid`.
#' @importFrom graphics pairs
#' @method pairs skeinfit
#' @export
pairs.skeinfit <- function(x, pars = NA, variable = NULL, regex = FALSE, fixed = FALSE, ...) {
  chosen <- chosen_variables(variable, regex, pars, fixed)
  draws <- plotted_draws(x, chosen$variable, chosen$regex)
  settings <- x$fit$settings
  bayesplot::mcmc_pairs(draws, np = nuts_params.skeinfit(x), max_treedepth = settings$max_treedepth, ...)
}

#' Plots of draws by their name in bayesplot
#'
#' @param object A `skeinfit`; a `brmsfit` is handed on to \pkg{brms}.
#' @param type Kind of plot: what follows `mcmc_` in the names of \pkg{bayesplot}'s functions, such as `"intervals"`,
#'   `"areas"`, `"trace"`, `"pairs"`, `"rhat"`, `"nuts_energy"`.
#' @param variable,regex,pars,fixed As for [plot()][plot.skeinfit].
#' @param ... Arguments of that function.
#' @return The plot.
#' @export
mcmc_plot <- function(object, ...) {
  if (is_brmsfit(object)) {
    return(call_brms("mcmc_plot", object, ...))
  }
  UseMethod("mcmc_plot")
}

#' @rdname mcmc_plot
#' @export
#' @rawNamespace S3method(brms::mcmc_plot, skeinfit)
mcmc_plot.skeinfit <- function(object, pars = NA, type = "intervals", variable = NULL, regex = FALSE, fixed = FALSE,
                               ...) {
  shown <- chosen_variables(variable, regex, pars, fixed)
  draw_plot <- bayesplot_function(type)
  formals <- names(formals(draw_plot))
  # The first arguments tell what a plot is of.
  if (formals[1] %in% c("rhat", "ratio")) {
    chosen <- dimnames(plotted_draws(object, shown$variable, shown$regex))[[3]]
    values <- if (formals[1] == "rhat") rhat.skeinfit(object, chosen) else neff_ratio.skeinfit(object, chosen)
    return(draw_plot(values, ...))
  }
  if (formals[2] == "lp") {
    return(draw_plot(nuts_params.skeinfit(object), log_posterior.skeinfit(object), ...))
  }
  if (type == "nuts_energy") {
    return(draw_plot(nuts_params.skeinfit(object), ...))
  }
  draws <- plotted_draws(object, shown$variable, shown$regex)
  if ("np" %in% formals) draw_plot(draws, np = nuts_params.skeinfit(object), ...) else draw_plot(draws, ...)
}

bayesplot_function <- function(type) {
  types <- sub("^mcmc_", "", grep("^mcmc_", getNamespaceExports("bayesplot"), value = TRUE))
  # The others make data for plots, or compare with true values.
  types <- sort(types[!grepl("_data$|^recover_|^combo$", types)])
  getExportedValue("bayesplot", paste0("mcmc_", check_one_of(type, types, "type")))
}
