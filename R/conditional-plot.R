# Plots of conditional effects by ggplot2.

#' Plot conditional effects
#'
#' @param x What [conditional_effects()] returns.
#' @param ncol Number of columns of panels, or `NULL`.
#' @param points Show the observations? A number is their transparency.
#' @param rug Show the observations on the axis?
#' @param mean With spaghetti: show the estimate too?
#' @param jitter_width Width by which points of a discrete predictor are jittered.
#' @param stype Surfaces as `"contour"` or `"raster"`.
#' @param line_args,cat_args,errorbar_args,surface_args,spaghetti_args,point_args,rug_args Lists of arguments of the
#'   \pkg{ggplot2} layers: `geom_smooth()`, `geom_point()` of discrete predictors, `geom_errorbar()`, `geom_contour()`
#'   or `geom_tile()`, `geom_line()`, `geom_jitter()`, `geom_rug()`.
#' @param facet_args Arguments of `facet_wrap()`.
#' @param theme A \pkg{ggplot2} theme, or `NULL`.
#' @param ask Ask before each new page, when interactive?
#' @param plot Draw the plots?
#' @param ... Unused.
#' @return A list of plots, one for each effect; invisibly if they are drawn. `print()` draws them.
#' @export
plot.skein_conditional_effects <- function(x, ncol = NULL, points = getOption("brms.plot_points", FALSE),
                                           rug = getOption("brms.plot_rug", FALSE), mean = TRUE, jitter_width = 0,
                                           stype = c("contour", "raster"), line_args = list(), cat_args = list(),
                                           errorbar_args = list(), surface_args = list(), spaghetti_args = list(),
                                           point_args = list(), rug_args = list(), facet_args = list(), theme = NULL,
                                           ask = TRUE, plot = TRUE, ...) {
  stop_unused(...)
  for (flag in c("rug", "mean", "ask", "plot")) check_flag(get(flag), flag)
  stype <- if (missing(stype)) "contour" else check_one_of(stype, c("contour", "raster"), "stype")
  look <- list(
    ncol = ncol, points = points, rug = rug, mean = mean, jitter_width = jitter_width, stype = stype, line = line_args,
    cat = cat_args, errorbar = errorbar_args, surface = surface_args, spaghetti = spaghetti_args, point = point_args,
    rug_args = rug_args, facet = facet_args, theme = theme
  )
  plots <- lapply(x, effect_plot, look)
  if (!plot) {
    return(plots)
  }
  before <- grDevices::devAskNewPage()
  on.exit(grDevices::devAskNewPage(before))
  for (i in seq_along(plots)) {
    grDevices::devAskNewPage(ask && i > 1 && interactive())
    print(plots[[i]])
  }
  invisible(plots)
}

#' @rdname plot.skein_conditional_effects
#' @export
print.skein_conditional_effects <- function(x, ...) {
  plot(x, ...)
  invisible(x)
}

effect_plot <- function(data, look) {
  effects <- attr(data, "effects")
  out <- if (attr(data, "surface")) surface_layers(data, look) else line_layers(data, look)
  if (nlevels(data$cond__) > 1) {
    facet <- look$facet
    if (is.null(facet$ncol)) facet$ncol <- look$ncol
    out <- out + do.call(ggplot2::facet_wrap, c(list("cond__"), facet))
  }
  theme <- if (is.null(look$theme)) bayesplot::theme_default() else look$theme
  out + ggplot2::labs(x = effects[1]) + theme
}

# Options of a layer, those of the user first.
with_defaults <- function(given, ...) utils::modifyList(list(...), as.list(given))

add_layer <- function(layer, given, ...) do.call(layer, with_defaults(given, ...))

line_layers <- function(data, look) {
  two <- length(attr(data, "effects")) == 2
  aes <- if (two) {
    ggplot2::aes(x = .data$effect1__, y = .data$estimate__, colour = .data$effect2__, fill = .data$effect2__)
  } else {
    ggplot2::aes(x = .data$effect1__, y = .data$estimate__)
  }
  second <- if (two) attr(data, "effects")[2]
  out <- ggplot2::ggplot(data, aes) +
    ggplot2::labs(y = attr(data, "response"), colour = second, fill = second)
  out <- add_observations(out, data, look)
  if (!is.numeric(data$effect1__)) {
    return(add_levels(out, data, look))
  }
  add_lines(out, data, look)
}

add_lines <- function(out, data, look) {
  lines <- attr(data, "spaghetti")
  if (!is.null(lines)) {
    defaults <- list(data = lines, mapping = ggplot2::aes(group = .data$sample__), alpha = 0.2, linewidth = 0.3)
    if (is.null(data$effect2__)) defaults$colour <- "royalblue"
    out <- out + do.call(ggplot2::geom_line, utils::modifyList(defaults, look$spaghetti))
    if (!look$mean) {
      return(out)
    }
    return(out + add_layer(ggplot2::geom_line, look$line, linewidth = 1))
  }
  band <- ggplot2::aes(ymin = .data$lower__, ymax = .data$upper__)
  defaults <- list(mapping = band, stat = "identity", alpha = 0.3)
  if (is.null(data$effect2__)) defaults$colour <- "blue"
  out + do.call(ggplot2::geom_smooth, utils::modifyList(defaults, look$line))
}

add_levels <- function(out, data, look) {
  dodge <- ggplot2::position_dodge(width = 0.4)
  bars <- ggplot2::aes(ymin = .data$lower__, ymax = .data$upper__)
  out + add_layer(ggplot2::geom_point, look$cat, position = dodge, size = 4 / (1 + 0.15 * nlevels(data$cond__))) +
    add_layer(ggplot2::geom_errorbar, look$errorbar, mapping = bars, position = dodge, width = 0.3)
}

add_observations <- function(out, data, look) {
  observed <- attr(data, "points")
  # Numbers in the legend stand for lines, not for observations.
  coloured <- !is.null(observed$effect2__) || is.null(data$effect2__)
  if (!isFALSE(look$points)) {
    defaults <- list(
      data = observed, mapping = ggplot2::aes(y = .data$resp__), width = look$jitter_width, height = 0,
      alpha = if (is.numeric(look$points)) look$points else 1
    )
    if (!coloured) defaults <- c(defaults, list(inherit.aes = FALSE))
    if (!coloured) defaults$mapping <- ggplot2::aes(x = .data$effect1__, y = .data$resp__)
    out <- out + do.call(ggplot2::geom_jitter, utils::modifyList(defaults, look$point))
  }
  if (look$rug) {
    mapping <- ggplot2::aes(x = .data$effect1__)
    out <- out + add_layer(ggplot2::geom_rug, look$rug_args,
      data = observed, mapping = mapping, sides = "b", alpha = 0.7, inherit.aes = FALSE
    )
  }
  out
}

surface_layers <- function(data, look) {
  effects <- attr(data, "effects")
  aes <- ggplot2::aes(x = .data$effect1__, y = .data$effect2__)
  out <- ggplot2::ggplot(data, aes) + ggplot2::labs(y = effects[2])
  label <- attr(data, "response")
  colours <- c("#0D0887", "#9C179E", "#ED7953", "#F0F921")
  out <- if (look$stype == "contour") {
    level <- ggplot2::aes(z = .data$estimate__, colour = ggplot2::after_stat(.data$level))
    out + add_layer(ggplot2::geom_contour, look$surface, mapping = level, bins = 30, linewidth = 1.3) +
      ggplot2::scale_colour_gradientn(colours = colours, name = label)
  } else {
    fill <- ggplot2::aes(fill = .data$estimate__)
    out + add_layer(ggplot2::geom_tile, look$surface, mapping = fill) +
      ggplot2::scale_fill_gradientn(colours = colours, name = label)
  }
  if (isFALSE(look$points)) {
    return(out)
  }
  observed <- attr(data, "points")
  out + add_layer(ggplot2::geom_jitter, look$point,
    data = observed, mapping = ggplot2::aes(x = .data[[effects[1]]], y = .data[[effects[2]]]),
    width = look$jitter_width, height = 0, inherit.aes = FALSE
  )
}
