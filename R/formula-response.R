# The left side of a formula: `response | trials(n) + weights(w)`.

# Addition terms of brms that are not here yet.
later_additions <- c(
  "se", "cens", "trunc", "rate", "cat", "dec", "thres", "subset", "index", "vint", "vreal", "mi", "bhaz"
)

# Returns response (name: cleaned as brms cleans response names; text: as written; expression), additions (named list of
# expressions: trials, weights) and weights_scale.
parse_response <- function(left) {
  additions <- list()
  if (is.call(left) && identical(left[[1]], as.name("|"))) {
    additions <- split_sum(left[[3]])
    left <- left[[2]]
  }
  refuse_response(left)
  out <- list(additions = list(), weights_scale = FALSE)
  for (addition in additions) {
    name <- addition_name(addition)
    if (!is.null(out$additions[[name]])) skein_stop("{.fn {name}} may be given only once.")
    arguments <- addition_arguments(addition, name)
    out$additions[[name]] <- arguments$x
    if (name == "weights") out$weights_scale <- arguments$scale
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
  known <- c("trials", "weights")
  if (is.null(name) || !name %in% known) {
    shown <- format_language(addition)
    stop_with_suggestion(
      "{.code {shown}} is not a term that can stand after {.code |} left of {.code ~}.",
      if (is.null(name)) shown else name, known
    )
  }
  name
}

addition_arguments <- function(addition, name) {
  takes <- switch(name, trials = function(x) NULL, weights = function(x, scale) NULL)
  matched <- tryCatch(
    as.list(match.call(takes, addition))[-1],
    error = function(e) skein_stop("{.code {format_language(addition)}} has arguments that {.fn {name}} does not take.")
  )
  if (is.null(matched$x)) skein_stop("{.fn {name}} needs a column, as in {.code {name}(n)}.")
  scale <- if (is.null(matched$scale)) FALSE else eval(matched$scale, baseenv())
  list(x = matched$x, scale = check_flag(scale, "scale"))
}

check_additions <- function(additions, family) {
  info <- family_info(family)
  if (!is.null(additions$trials) && !info$has_trials) {
    skein_stop("{.fn trials} is not supported by family {.val {family$family}}.")
  }
  if (is.null(additions$trials) && info$has_trials) {
    skein_stop(c(
      "Family {.val {family$family}} needs the number of trials, as in {.code y | trials(n) ~ x}.",
      i = "A response of zeros and ones is fitted by family {.fn bernoulli}."
    ))
  }
}
