# The figures of a scaling study: cost of chunks, time per leapfrog step, runtime and speedup by cores.

#' Figures of benchmarks
#'
#' Draws two figures. By chunks: slowdown against the fewest chunks, and microseconds per leapfrog step. By cores:
#' seconds of a run, and speedup against one core, in a square panel with the line that perfect scaling would follow.
#' Points are medians, bars quartiles; dashed lines the reference; a dotted line stands at the number of physical cores,
#' and cores beyond those that the machine gives are shaded. A grey line in the panel of speedups shows what as many
#' independent runs at once gained: where it lies below the line of perfect scaling, the machine is the limit.
#'
#' @param x What [benchmark_threading()] has returned.
#' @param reference What [benchmark_reference()] has returned for the same model, drawn as dashed lines where
#'   iterations are the same. `NULL` draws the plain loop that the study itself has timed, in turns with its runs.
#' @param type `"chunks"` (runs with the fewest cores), `"cores"`, or `"auto"`: by cores if there are several, else by
#'   chunks.
#' @param plot Draw the figures?
#' @param ask Ask before the second one, when interactive?
#' @param ... Unused.
#'
#' @return A named list of two \pkg{ggplot2} plots, invisibly: `slowdown` and `leapfrog`, or `runtime` and `speedup`.
#'
#' @examples
#' fit <- brm(count ~ zAge + (1 | patient), epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' scaling <- benchmark_threading(fit, cores = 1:2, grainsize = c(59, 236), iter = 10)
#' plot(scaling, reference = benchmark_reference(fit, iter = 10), ask = FALSE)
#' @importFrom ggplot2 .data
#' @export
plot.skeinbenchmark <- function(x, reference = NULL, type = "auto", plot = TRUE, ask = TRUE, ...) {
  stop_unused(...)
  if (is_reference(x)) {
    skein_stop("A reference is drawn into the figures of {.fn benchmark_threading}, as argument {.arg reference}.")
  }
  check_benchmark(x)
  type <- check_one_of(type, c("auto", "chunks", "cores"), "type")
  for (flag in c("plot", "ask")) check_flag(get(flag), flag)
  if (type == "auto") type <- if (length(unique(x$cores)) > 1) "cores" else "chunks"
  table <- figure_table(x)
  if (is.null(reference)) reference <- attr(x, "reference")
  reference <- matching_reference(reference_table(reference), table)
  study <- attr(x, "study")
  study$allowed <- allowed_speedup(x)
  draw <- if (type == "cores") figures_by_cores else figures_by_chunks
  pages <- draw(table, reference, study)
  if (plot) show_pages(pages, ask, newpage = TRUE)
  invisible(pages)
}

# The summary's table with quartiles of runtime, slowdown, speedup and us_per_leapfrog, and factors for colours.
figure_table <- function(x) {
  table <- benchmark_table(x)
  at <- match(paste(table$grainsize, table$iter, table$cores), paste(x$grainsize, x$iter, x$cores))
  spread <- attr(x, "spread")[at, ]
  table$lower <- spread$lower / table$runtime
  table$upper <- spread$upper / table$runtime
  table$iterations <- factor(table$iter)
  table$rows <- factor(table$grainsize)
  table
}

# Rows of the reference whose iterations were measured with threads too.
matching_reference <- function(reference, table) {
  if (is.null(reference)) {
    return(NULL)
  }
  kept <- reference[reference$iter %in% table$iter, ]
  if (nrow(kept) == 0) {
    iter <- as.character(unique(table$iter))
    skein_inform("{.arg reference} has no runs of {iter} iterations: it is left out.", class = "skein_reference")
    return(NULL)
  }
  kept$iterations <- factor(kept$iter, levels(table$iterations))
  kept
}

# Speedup of as many independent runs at once as cores, from 1 core on; NULL where there were none.
allowed_speedup <- function(x) {
  independent <- attr(x, "independent")
  plain <- timed_rows(attr(x, "reference"), "reference")
  limits <- timed_rows(independent, "independent")
  if (nrow(plain) == 0 || nrow(limits) == 0) {
    return(NULL)
  }
  speedup <- vapply(seq_len(nrow(limits)), function(i) {
    ratio_of(plain[plain$iter == limits$iter[i], ], limits[i, ])[["ratio"]]
  }, 0)
  out <- data.frame(cores = c(1, limits$cores), speedup = c(1, speedup))
  out <- out[!is.na(out$speedup), ]
  if (nrow(out) > 1) out[order(out$cores), ]
}

speedup_notes <- function(allowed) {
  c("dashed: perfect scaling", if (!is.null(allowed)) "grey: independent runs at once")
}

allowed_line <- function(allowed) {
  if (is.null(allowed)) {
    return(NULL)
  }
  ggplot2::geom_path(ggplot2::aes(.data[["cores"]], .data[["speedup"]]), allowed,
    inherit.aes = FALSE, colour = "grey55", linewidth = 0.8
  )
}

figures_by_chunks <- function(table, reference, study) {
  table <- table[table$cores == min(table$cores), ]
  cores <- paste("One chain on", count_of(min(table$cores), "core"))
  axes <- ggplot2::labs(x = "Chunks", colour = "Iterations", shape = "Iterations")
  slowdown <- figure_base(table, "chunks", "slowdown", "iterations") +
    ggplot2::geom_hline(yintercept = 1, colour = "grey60", linewidth = 0.3) +
    scale_measured(table$chunks, "x") + scale_round(c(0.95, spread_of(table, "slowdown"), 1.2)) +
    figure_labels("Slowdown by number of chunks", paste(cores, "against the fewest chunks"), study) +
    axes + ggplot2::labs(y = "Slowdown")
  leapfrog <- figure_base(table, "chunks", "us_per_leapfrog", "iterations") +
    reference_lines(reference, "us_per_leapfrog") + scale_measured(table$chunks, "x") +
    scale_round(widened(c(spread_of(table, "us_per_leapfrog"), reference$us_per_leapfrog))) +
    figure_labels("Time per leapfrog step by number of chunks", join_notes(cores, reference_note(reference)), study) +
    axes + ggplot2::labs(y = "Microseconds per leapfrog step")
  list(slowdown = finish_figure(slowdown), leapfrog = finish_figure(leapfrog))
}

figures_by_cores <- function(table, reference, study) {
  machine <- machine_notes(table$cores, study$machine)
  axes <- ggplot2::labs(x = "Cores", colour = "Grainsize", shape = "Grainsize")
  seconds <- widened(c(spread_of(table, "runtime"), reference$runtime))
  runtime <- figure_base(table, "cores", "runtime", "rows", study) +
    reference_lines(reference, "runtime") + scale_measured(table$cores, "x") + scale_seconds(seconds) +
    facet_iterations(table) +
    figure_labels("Runtime by number of cores", add_line(reference_note(reference), machine), study) + axes
  pages <- list(runtime = finish_figure(runtime))
  scaled <- table[!is.na(table$speedup), ]
  if (nrow(scaled) == 0) {
    skein_inform("No speedup is drawn: it needs runs on one core.", class = "skein_no_speedup")
    return(pages)
  }
  widest <- range(scaled$cores, spread_of(scaled, "speedup"), study$allowed$speedup)
  speedup <- figure_base(scaled, "cores", "speedup", "rows", study) +
    ggplot2::geom_abline(slope = 1, intercept = 0, linetype = 2, colour = "grey40") + allowed_line(study$allowed) +
    scale_measured(scaled$cores, "x") + scale_measured(scaled$cores, "y") + facet_iterations(scaled) +
    ggplot2::coord_fixed(xlim = widest, ylim = widest) +
    figure_labels("Speedup by number of cores", add_line(speedup_notes(study$allowed), machine), study) +
    axes + ggplot2::labs(y = "Speedup against one core")
  c(pages, list(speedup = finish_figure(speedup)))
}

# Lines through medians with bars from quartile to quartile; the machine's marks come behind them. Series stand a little
# beside each other, in units of the log2 axis, lest bars hide each other.
figure_base <- function(table, x, y, series, study = NULL) {
  beside <- ggplot2::position_dodge(width = 0.012 * max(1, diff(range(log2(table[[x]])))) * nlevels(table[[series]]))
  ends <- spread_of(table, y)
  table$low <- ends$low
  table$high <- ends$high
  mapping <- ggplot2::aes(.data[[x]], .data[[y]], colour = .data[[series]], shape = .data[[series]])
  plot <- ggplot2::ggplot(table, mapping)
  if (!is.null(study)) plot <- plot + machine_layers(table$cores, study$machine)
  plot +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["low"]], ymax = .data[["high"]]),
      linewidth = 0.4, alpha = 0.6, show.legend = FALSE, position = beside
    ) +
    ggplot2::geom_line(position = beside) + ggplot2::geom_point(size = 2.2, position = beside)
}

# Quartiles of column y. More time means less speedup, so that there they change places.
spread_of <- function(table, y) {
  if (y == "speedup") {
    return(data.frame(low = table[[y]] / table$upper, high = table[[y]] / table$lower))
  }
  data.frame(low = table[[y]] * table$lower, high = table[[y]] * table$upper)
}

# Shade over cores that the machine does not give, and a dotted line at its physical ones.
machine_layers <- function(cores, machine) {
  shade <- grid::rectGrob(gp = grid::gpar(fill = "grey80", alpha = 0.45, col = NA))
  list(
    # An annotation is placed in the units of the transformed axis.
    if (any(cores > machine$usable)) {
      ggplot2::annotation_custom(shade, xmin = log2(machine$usable) + 0.1, xmax = Inf, ymin = -Inf, ymax = Inf)
    },
    if (marks_physical(cores, machine)) {
      ggplot2::geom_vline(xintercept = machine$physical, linetype = 3, colour = "grey30")
    }
  )
}

# Where the axis ends before the machine's cores do, a line at them would only stretch it.
marks_physical <- function(cores, machine) !is.na(machine$physical) && machine$physical <= max(cores)

machine_notes <- function(cores, machine) {
  c(
    if (marks_physical(cores, machine)) "dotted: physical cores",
    if (any(cores > machine$usable)) "shaded: more than the machine gives"
  )
}

reference_note <- function(reference) if (!is.null(reference)) "dashed: the plain loop, without threads"

join_notes <- function(...) {
  text <- paste(c(...), collapse = "; ")
  if (nzchar(text)) paste0(toupper(substr(text, 1, 1)), substring(text, 2))
}

add_line <- function(first, second) paste(c(join_notes(first), join_notes(second)), collapse = "\n")

reference_lines <- function(reference, y) {
  if (is.null(reference)) {
    return(NULL)
  }
  if (y == "runtime") {
    return(ggplot2::geom_hline(ggplot2::aes(yintercept = .data[[y]]), reference, linetype = 2, colour = "grey25"))
  }
  ggplot2::geom_hline(ggplot2::aes(yintercept = .data[[y]], colour = .data[["iterations"]]), reference,
    linetype = 2, show.legend = FALSE
  )
}

facet_iterations <- function(table) {
  if (length(unique(table$iter)) < 2) {
    return(NULL)
  }
  ggplot2::facet_wrap("iterations", labeller = ggplot2::as_labeller(function(n) paste(n, "iterations")))
}

# A log2 axis with breaks at what was measured.
scale_measured <- function(values, axis) {
  scale <- if (axis == "x") ggplot2::scale_x_continuous else ggplot2::scale_y_continuous
  scale(trans = "log2", breaks = sort(unique(values)), minor_breaks = NULL)
}

# A log2 axis over the range of `values`, with breaks at round numbers.
scale_round <- function(values, ...) {
  limits <- range(values)
  ggplot2::scale_y_continuous(trans = "log2", limits = limits, breaks = pretty(limits, 6), minor_breaks = NULL, ...)
}

# Seconds, written as milliseconds where all are short.
scale_seconds <- function(values) {
  short <- max(values) < 0.1
  scale_round(values,
    name = if (short) "Milliseconds of a run" else "Seconds of a run",
    labels = if (short) function(x) format(1e3 * x) else function(x) format(x)
  )
}

# The range of times, widened to a factor of 1.6 at least, so that noise looks as small as it is.
widened <- function(values) {
  range <- range(values)
  middle <- sqrt(prod(range))
  range(range, middle / sqrt(1.6), middle * sqrt(1.6))
}

figure_labels <- function(title, subtitle, study) {
  text <- study_text(study)
  caption <- paste0("Medians and quartiles; ", sub("; ", ".\n", text, fixed = TRUE), ".")
  ggplot2::labs(title = title, subtitle = subtitle, caption = caption)
}

finish_figure <- function(plot) {
  plot + ggplot2::scale_colour_viridis_d(end = 0.85) + ggplot2::theme_bw() +
    ggplot2::theme(plot.caption = ggplot2::element_text(colour = "grey40", hjust = 0))
}
