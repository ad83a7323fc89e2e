# hypothesis(): what the draws say about a statement on parameters.

#' Hypotheses on parameters
#'
#' Evaluates linear or non-linear statements on parameters, draw by draw.
#'
#' @param x A `skeinfit`, or draws: a data frame or matrix of draws x variables. A `brmsfit` is handed on to \pkg{brms}.
#' @param hypothesis Statements such as `"x > 0"`, `"x1 = 2 * x2"` or `"exp(Intercept) < 3"`, with one of `=`, `<` and
#'   `>` each; names of the vector become names of the rows. Parameters are named without the prefix that `class` and
#'   `group` stand for: `"x"` is `b_x`.
#' @param class Class of the parameters named: `"b"`, `"sd"`, `"cor"`, ...; `NULL` or `""` if full names are given.
#' @param group Grouping factor of classes `sd` and `cor`, and of `scope`.
#' @param scope `"standard"`: the parameters; `"ranef"` and `"coef"`: one test for each level of `group`, of what
#'   [ranef()][ranef.skeinfit] or [coef()][coef.skeinfit] give.
#' @param alpha Statements with `=` get a central interval of probability `1 - alpha`, others one of `1 - 2 * alpha`.
#' @param robust Median and median absolute deviation instead of mean and standard deviation?
#' @param seed Seed of the order in which draws of a prior that several parameters share are paired, or `NULL`.
#' @param ... Unused.
#' @return An object of class `skeinhypothesis`: a list of `hypothesis`, a data frame with columns Hypothesis, Estimate
#'   and Est.Error (of left side minus right side), CI.Lower, CI.Upper, Evid.Ratio, Post.Prob and Star; `samples` and
#'   `prior_samples`, the draws of left minus right; `class`; `alpha`. For `<` and `>` the evidence ratio is the
#'   posterior odds of the statement. For `=` it is the posterior over the prior density at equality (Savage and
#'   Dickey's ratio), known only if the model was fitted with `sample_prior = "yes"`.
#' @references Wagenmakers, Lodewyckx, Kuriyal and Grasman (2010), Bayesian hypothesis testing for psychologists: a
#'   tutorial on the Savage-Dickey method, Cognitive Psychology 60.
#' @examples
#' draws <- data.frame(a = rnorm(1000, 1), b = rnorm(1000))
#' hypothesis(draws, c("a > b", "a = 1"))
#' @export
hypothesis <- function(x, ...) {
  if (is_brmsfit(x)) {
    return(call_brms("hypothesis", x, ...))
  }
  UseMethod("hypothesis")
}

#' @rdname hypothesis
#' @export
hypothesis.default <- function(x, hypothesis, alpha = 0.05, robust = FALSE, ...) {
  stop_unused(...)
  if (!is.data.frame(x) && !is.matrix(x)) {
    skein_stop("{.arg x} must be a data frame or matrix of draws x variables, not {describe_value(x)}.")
  }
  sides <- parse_hypotheses(hypothesis)
  draws <- as.data.frame(x, optional = TRUE)
  test_hypotheses(sides, draws, NULL, check_alpha(alpha), check_flag(robust, "robust"), class = NULL)
}

#' @rdname hypothesis
#' @export
#' @rawNamespace S3method(brms::hypothesis, skeinfit)
hypothesis.skeinfit <- function(x, hypothesis, class = "b", group = "", scope = c("standard", "ranef", "coef"),
                                alpha = 0.05, robust = FALSE, seed = NULL, ...) {
  stop_unused(...)
  check_has_draws(x)
  sides <- parse_hypotheses(hypothesis)
  scope <- if (missing(scope)) "standard" else check_one_of(scope, c("standard", "ranef", "coef"), "scope")
  check_flag(robust, "robust")
  check_alpha(alpha)
  if (is.null(class)) class <- ""
  check_string(class, "class")
  check_string(group, "group")
  if (scope != "standard") {
    return(test_levels(x, sides, group, scope, alpha, robust))
  }
  prefix <- paste0(class, if (nzchar(class)) "_", group, if (nzchar(group)) "__")
  draws <- as.data.frame(x)
  names(draws) <- without_prefix(names(draws), prefix)
  draws <- draws[!duplicated(names(draws))]
  priors <- if (is.null(seed)) matching_priors(x, prefix) else with_pinned_seed(seed, matching_priors(x, prefix))
  test_hypotheses(sides, draws, priors, alpha, robust, class = sub("_+$", "", prefix))
}

# Names that begin with the prefix come first, without it; all others stay as they are.
without_prefix <- function(names, prefix) {
  if (nzchar(prefix)) {
    has <- startsWith(names, prefix)
    names[has] <- substring(names[has], nchar(prefix) + 1)
  }
  names
}

check_alpha <- function(alpha) check_number(alpha, "alpha", lower = 0, upper = 1)

# A list of list(label, sign, left, right: expressions' text), one for each statement.
parse_hypotheses <- function(hypothesis) {
  if (!is.character(hypothesis) || length(hypothesis) == 0 || anyNA(hypothesis)) {
    skein_stop("{.arg hypothesis} must be statements such as {.val x > 0}, not {describe_value(hypothesis)}.")
  }
  out <- lapply(hypothesis, function(one) {
    sides <- strsplit(one, "[=<>]+")[[1]]
    signs <- regmatches(one, gregexpr("[=<>]", one))[[1]]
    if (length(sides) != 2 || length(signs) != 1 || any(!nzchar(trimws(sides)))) {
      skein_stop(
        "Hypothesis {.val {one}} must be of the form {.val left = right}, {.val left < right} or {.val left > right}."
      )
    }
    sides <- gsub("[ \t\r\n]", "", sides)
    difference <- paste0("(", sides[1], ")", if (sides[2] != "0") paste0("-(", sides[2], ")"))
    list(label = paste(difference, signs, "0"), sign = signs, difference = difference, text = one)
  })
  names(out) <- names(hypothesis)
  out
}

# Parameter names may hold what R's grammar takes for operators (x1:x2, r_g[1,Intercept]): they are found as whole
# words, longest first, and stand as backquoted names.
hypothesis_expression <- function(side, variables) {
  text <- side$difference
  for (name in unique(variables[order(-nchar(variables))])) {
    if (name == make.names(name) || !grepl(name, text, fixed = TRUE)) next
    text <- quote_name(text, name)
  }
  expression <- tryCatch(parse(text = text)[[1]], error = function(e) {
    skein_stop("Hypothesis {.val {side$text}} cannot be read: {conditionMessage(e)}")
  })
  unknown <- setdiff(all.vars(expression), c(variables, "pi"))
  if (length(unknown)) {
    stop_with_suggestion(
      "Hypothesis {.val {side$text}} names {.val {unknown[1]}}, which is no parameter here.", unknown[1], variables
    )
  }
  expression
}

quote_name <- function(text, name) {
  at <- gregexpr(name, text, fixed = TRUE)[[1]]
  for (k in rev(at)) {
    before <- substring(text, 1, k - 1)
    after <- substring(text, k + nchar(name))
    inside_quotes <- nchar(gsub("[^`]", "", before)) %% 2 == 1
    if (inside_quotes || grepl("[[:alnum:]._]$", before) || grepl("^[[:alnum:]._]", after)) next
    text <- paste0(before, "`", name, "`", after)
  }
  text
}

# The draws of left minus right, and the row of the table.
test_hypotheses <- function(sides, draws, priors, alpha, robust, class) {
  variables <- names(draws)
  tests <- lapply(sides, function(side) {
    expression <- hypothesis_expression(side, variables)
    samples <- hypothesis_values(expression, draws, side)
    known <- !is.null(priors) && all(setdiff(all.vars(expression), "pi") %in% names(priors))
    prior <- if (known) hypothesis_values(expression, priors, side) else rep(NA_real_, length(samples))
    list(row = hypothesis_row(side, samples, prior, alpha, robust), samples = samples, prior = prior)
  })
  table <- do.call(rbind, lapply(tests, `[[`, "row"))
  if (!is.null(names(sides))) table$Hypothesis <- ifelse(nzchar(names(sides)), names(sides), table$Hypothesis)
  rownames(table) <- NULL
  columns <- paste0("H", seq_along(tests))
  new_hypothesis(table, columns_of(tests, "samples", columns), columns_of(tests, "prior", columns), class, alpha)
}

columns_of <- function(tests, what, names) {
  stats::setNames(as.data.frame(lapply(tests, `[[`, what), optional = TRUE), names)
}

new_hypothesis <- function(table, samples, prior_samples, class, alpha) {
  structure(
    list(hypothesis = table, samples = samples, prior_samples = prior_samples, class = class, alpha = alpha),
    class = "skeinhypothesis"
  )
}

hypothesis_values <- function(expression, draws, side) {
  values <- eval(expression, draws, baseenv())
  if (length(values) == 1) values <- rep(values, nrow(draws))
  if (!is.numeric(values) || length(values) != nrow(draws)) {
    skein_stop("Hypothesis {.val {side$text}} must give one number for each draw.")
  }
  as.vector(values)
}

hypothesis_row <- function(side, samples, prior, alpha, robust) {
  two_sided <- side$sign == "="
  probs <- if (two_sided) c(alpha / 2, 1 - alpha / 2) else c(alpha, 1 - alpha)
  estimates <- summarise_columns(matrix(samples), probs, robust)
  if (two_sided) {
    evidence <- density_ratio_at_zero(samples, prior)
    probability <- if (is.infinite(evidence) && !is.na(evidence)) 1 else evidence / (1 + evidence)
    star <- estimates[3] > 0 || estimates[4] < 0
  } else {
    probability <- mean(if (side$sign == "<") samples < 0 else samples > 0)
    evidence <- probability / (1 - probability)
    star <- probability > 1 - alpha
  }
  data.frame(
    Hypothesis = side$label, Estimate = estimates[1], Est.Error = estimates[2], CI.Lower = estimates[3],
    CI.Upper = estimates[4], Evid.Ratio = evidence, Post.Prob = probability, Star = if (isTRUE(star)) "*" else ""
  )
}

# Posterior over prior density at 0, both by kernel estimates; NA without prior draws.
density_ratio_at_zero <- function(samples, prior) {
  if (anyNA(prior) || stats::sd(samples) == 0) {
    return(NA_real_)
  }
  at_zero <- function(x) {
    range <- range(x, 0)
    estimate <- stats::density(x, from = range[1], to = range[2], n = 4096)
    stats::approx(estimate$x, estimate$y, xout = 0)$y
  }
  at_zero(samples) / at_zero(prior)
}

# Prior draws under the names that hypotheses use. A prior of a whole class is drawn once: each of its parameters takes
# its draws in an order of its own, as if drawn apart.
matching_priors <- function(x, prefix) {
  names <- stored_variables(x)
  stored <- grep("^prior_", names, value = TRUE)
  if (length(stored) == 0) {
    return(NULL)
  }
  draws <- as.data.frame(x, variable = stored)
  parameters <- names[startsWith(names, prefix)]
  out <- list()
  for (parameter in parameters) {
    # prior_b_x, else prior_b; prior_sd_g__x, else prior_sd_g.
    candidates <- paste0("prior_", c(parameter, sub("__.*", "", parameter), sub("_.*", "", parameter)))
    found <- candidates[candidates %in% stored][1]
    if (is.na(found)) next
    values <- draws[[found]]
    if (found != candidates[1]) values <- values[sample.int(length(values))]
    out[[substring(parameter, nchar(prefix) + 1)]] <- values
  }
  if (length(out)) as.data.frame(out, optional = TRUE) else NULL
}

# One test for each statement and level of the group.
test_levels <- function(x, sides, group, scope, alpha, robust) {
  groups <- names(ngrps(x))
  if (!nzchar(group)) skein_stop("{.arg group} must name a grouping factor if {.arg scope} is {.val {scope}}.")
  check_one_of(group, groups, "group")
  effects <- if (scope == "coef") coef.skeinfit(x, summary = FALSE) else ranef.skeinfit(x, summary = FALSE)
  effects <- effects[[group]]
  levels <- dimnames(effects)[[2]]
  by_level <- lapply(seq_along(levels), function(k) {
    draws <- as.data.frame(matrix(effects[, k, ], dim(effects)[1]))
    names(draws) <- dimnames(effects)[[3]]
    test_hypotheses(sides, draws, NULL, alpha, robust, class = NULL)
  })
  # Statement by statement, the levels of each side by side.
  order <- as.vector(t(matrix(seq_len(length(levels) * length(sides)), length(sides))))
  table <- do.call(rbind, lapply(by_level, `[[`, "hypothesis"))
  table <- cbind(Group = rep(levels, each = length(sides)), table)[order, ]
  rownames(table) <- NULL
  bind <- function(what) {
    all <- do.call(cbind, lapply(by_level, `[[`, what))[order]
    stats::setNames(all, paste0("H", seq_along(all)))
  }
  new_hypothesis(table, bind("samples"), bind("prior_samples"), class = NULL, alpha = alpha)
}

#' Printing and plotting hypotheses
#'
#' @param x What [hypothesis()] returns.
#' @param digits Decimals.
#' @param chars Labels longer than this are cut; `NULL` leaves them.
#' @param nvariables Hypotheses per page.
#' @param ignore_prior Leave the prior's density out?
#' @param colors Colours of prior and posterior.
#' @param theme A \pkg{ggplot2} theme, or `NULL`.
#' @param ask Ask before each new page, when interactive?
#' @param plot Draw the plots?
#' @param ... Unused.
#' @return `print()`: `x`, invisibly. `plot()`: the pages, a list of plots, invisibly.
#' @name hypothesis-methods
NULL

#' @rdname hypothesis-methods
#' @export
print.skeinhypothesis <- function(x, digits = 2, chars = 20, ...) {
  table <- x$hypothesis
  table$Hypothesis <- cut_labels(table$Hypothesis, chars)
  numbers <- vapply(table, is.numeric, logical(1))
  table[numbers] <- lapply(table[numbers], round, digits = digits)
  title <- if (is.null(x$class) || !nzchar(x$class)) "" else paste0(" for class ", sub("_+$", "", x$class))
  percent <- function(p) paste0(format(100 * p), "%")
  cat("Hypothesis Tests", title, ":\n", sep = "")
  print(table, quote = FALSE)
  cat(
    "---\nCI: ", percent(1 - 2 * x$alpha), " interval for < and >, ", percent(1 - x$alpha), " for =.\n",
    "Star: for < and >, a posterior probability above ", percent(1 - x$alpha), "; for =, 0 outside the interval.\n",
    "Post.Prob of = takes both hypotheses to be equally probable beforehand.\n",
    sep = ""
  )
  invisible(x)
}

cut_labels <- function(labels, chars) {
  if (is.null(chars)) {
    return(labels)
  }
  check_whole_number(chars, "chars")
  long <- nchar(labels) > chars
  labels[long] <- paste0(substring(labels[long], 1, chars - 3), "...")
  labels
}

#' @rdname hypothesis-methods
#' @export
plot.skeinhypothesis <- function(x, nvariables = 5, ignore_prior = FALSE, chars = 40, colors = NULL, theme = NULL,
                                 ask = TRUE, plot = TRUE, ...) {
  stop_unused(...)
  nvariables <- check_whole_number(nvariables, "nvariables")
  for (flag in c("ignore_prior", "ask", "plot")) check_flag(get(flag), flag)
  if (is.null(colors)) colors <- unname(unlist(bayesplot::color_scheme_get()[c(1, 5)]))
  if (length(colors) != 2) skein_stop("{.arg colors} must be two colours, for prior and posterior.")
  labels <- cut_labels(x$hypothesis$Hypothesis, chars)
  if (!is.null(x$hypothesis$Group)) labels <- paste0(x$hypothesis$Group, ": ", labels)
  n <- length(labels)
  pages <- lapply(split(seq_len(n), ceiling(seq_len(n) / nvariables)), function(on_page) {
    hypothesis_page(x, on_page, labels, ignore_prior, colors, theme)
  })
  pages <- unname(pages)
  if (plot) {
    before <- grDevices::devAskNewPage()
    on.exit(grDevices::devAskNewPage(before))
    for (i in seq_along(pages)) {
      grDevices::devAskNewPage(ask && i > 1 && interactive())
      print(pages[[i]])
    }
  }
  invisible(pages)
}

hypothesis_page <- function(x, on_page, labels, ignore_prior, colors, theme) {
  long <- function(samples, type) {
    values <- lapply(on_page, function(k) data.frame(values = samples[[k]], ind = k, Type = type))
    do.call(rbind, values)
  }
  data <- long(x$samples, "Posterior")
  if (!ignore_prior) data <- rbind(data, long(x$prior_samples, "Prior"))
  data <- data[!is.na(data$values), ]
  data$ind <- factor(data$ind, levels = on_page, labels = labels[on_page])
  ggplot2::ggplot(data, ggplot2::aes(.data$values, fill = .data$Type)) +
    ggplot2::geom_density(alpha = 0.7) +
    ggplot2::scale_fill_manual(values = c(Prior = colors[1], Posterior = colors[2])) +
    ggplot2::facet_wrap(~ind, ncol = 1, scales = "free") +
    ggplot2::labs(x = NULL, y = NULL, fill = NULL) +
    (if (is.null(theme)) bayesplot::theme_default() else theme)
}
