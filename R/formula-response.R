# The left side of a formula: `response | cens(c) + weights(w)`.

#' Additional response information
#'
#' What stands between response and `~`, as in `y | cens(c) + weights(w) ~ x`. These are no functions but part of the
#' formula language, as in \pkg{brms}; `resp_cens()` and the like mean the same.
#'
#' - `trials(n)`: number of trials of binomial families.
#' - `weights(w, scale = FALSE)`: multiplies each row's log density; `scale` divides the weights by their mean.
#' - `se(s, sigma = FALSE)`: known standard errors, in place of `sigma`, or with `sigma = TRUE` besides it: the scale is
#'   then `sqrt(sigma^2 + s^2)`.
#' - `cens(c, y2)`: censoring of the row: `"left"`, `"none"`, `"right"`, `"interval"` (or their first letters), -1, 0,
#'   1, 2, or `TRUE` for right and `FALSE` for none. Interval-censored responses lie between the response and `y2`.
#' - `trunc(lb, ub)`: bounds within which alone responses could be seen.
#' - `rate(d)`: denominators of rates: the mean is `mu * d` (for `negbinomial` the shape is multiplied too).
#' - `subset(l)`: rows to use, `TRUE` or 1, or not to use.
#'
#' @name addition-terms
NULL

# Addition terms of brms that are not here yet.
later_additions <- c("cat", "dec", "thres", "index", "vint", "vreal", "mi", "bhaz")

# Arguments of the addition terms, with the values of their flags.
addition_forms <- list(
  trials = function(x) NULL, weights = function(x, scale) NULL, se = function(x, sigma) NULL,
  cens = function(x, y2) NULL, trunc = function(lb, ub) NULL, rate = function(denom) NULL, subset = function(x) NULL
)
addition_flags <- c("scale", "sigma")

# Returns response (name: cleaned as brms cleans response names; text: as written; expression), additions (named list of
# expressions; of cens and trunc lists of them: x and y2, lb and ub), weights_scale and se_sigma.
parse_response <- function(left) {
  additions <- list()
  if (is.call(left) && identical(left[[1]], as.name("|"))) {
    additions <- split_sum(left[[3]])
    left <- left[[2]]
  }
  refuse_response(left)
  out <- list(additions = list(), weights_scale = FALSE, se_sigma = FALSE)
  for (addition in additions) {
    name <- addition_name(addition)
    if (!is.null(out$additions[[name]])) skein_stop("{.fn {name}} may be given only once.")
    arguments <- addition_arguments(addition, name)
    out$additions[[name]] <- arguments$values
    if (name == "weights") out$weights_scale <- arguments$flag
    if (name == "se") out$se_sigma <- arguments$flag
  }
  text <- format_language(left)
  out$response <- list(name = gsub("[._]", "", make.names(text)), text = text, expression = left)
  out
}

refuse_response <- function(left) {
  name <- call_name(left)
  if (identical(name, "mvbind")) stop_not_yet("mvbind()")
  if (identical(name, "cbind")) {
    skein_stop(c(
      "{.fn cbind} cannot be the response.",
      i = "Successes and failures are written {.code successes | trials(size)}; several responses are not here yet."
    ))
  }
  if (identical(name, "|")) {
    skein_stop("Only one {.code |} may follow the response; join addition terms by {.code +}.")
  }
  if (!length(all.vars(left))) {
    skein_stop("The response {.code {format_language(left)}} names no variable.")
  }
}

# Pieces of a + b + c.
split_sum <- function(x) {
  if (is.call(x) && identical(x[[1]], as.name("+")) && length(x) == 3) {
    return(c(split_sum(x[[2]]), split_sum(x[[3]])))
  }
  if (is.call(x) && identical(x[[1]], as.name("("))) {
    return(split_sum(x[[2]]))
  }
  list(x)
}

addition_name <- function(addition) {
  name <- call_name(addition)
  if (!is.null(name)) name <- sub("^resp_", "", name)
  if (!is.null(name) && name %in% later_additions) stop_not_yet(paste0(name, "()"))
  known <- names(addition_forms)
  if (is.null(name) || !name %in% known) {
    shown <- format_language(addition)
    stop_with_suggestion(
      "{.code {shown}} is not a term that can stand after {.code |} left of {.code ~}.",
      if (is.null(name)) shown else name, known
    )
  }
  name
}

# values: the argument's expression, or a list of several; flag: scale or sigma.
addition_arguments <- function(addition, name) {
  matched <- tryCatch(
    as.list(match.call(addition_forms[[name]], addition))[-1],
    error = function(e) skein_stop("{.code {format_language(addition)}} has arguments that {.fn {name}} does not take.")
  )
  flag <- intersect(names(matched), addition_flags)
  value <- if (length(flag)) check_flag(eval(matched[[flag]], baseenv()), flag) else FALSE
  values <- matched[setdiff(names(matched), addition_flags)]
  values <- Filter(function(x) !identical(x, NA), values)
  if (name == "trunc") {
    if (!length(values)) skein_stop("{.fn trunc} needs a bound, as in {.code trunc(lb = 0)}.")
    return(list(values = values))
  }
  if (!length(values) || (name == "cens" && is.null(values$x))) {
    skein_stop("{.fn {name}} needs a column, as in {.code {name}(n)}.")
  }
  list(values = if (name == "cens") values else values[[1]], flag = value)
}

check_additions <- function(additions, family) {
  info <- family_info(family)
  allowed <- c("weights", "subset", if (info$has_trials) "trials", info$additions)
  wrong <- setdiff(names(additions), allowed)
  if (length(wrong)) {
    skein_stop("{.fn {wrong[1]}} is not supported by family {.val {family$family}}.")
  }
  if (is.null(additions$trials) && info$has_trials) {
    skein_stop(c(
      "Family {.val {family$family}} needs the number of trials, as in {.code y | trials(n) ~ x}.",
      i = "A response of zeros and ones is fitted by family {.fn bernoulli}."
    ))
  }
}
