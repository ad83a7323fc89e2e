# Conditions of classes skein_error and skein_warning, and the checks of arguments that raise them.

# message: a character vector in cli's inline markup, evaluated in envir; elements after the first are bullets, named
# as in cli ("i" hint, "x" problem, "*" or no name plain).
format_condition <- function(message, envir) {
  text <- vapply(message, function(line) cli::format_inline(line, .envir = envir), character(1), USE.NAMES = FALSE)
  marks <- c(i = cli::symbol$info, x = cli::symbol$cross, "!" = "!", "*" = cli::symbol$bullet)
  names <- names(message)
  if (is.null(names)) names <- rep("", length(message))
  mark <- unname(marks[names])
  mark[is.na(mark)] <- cli::symbol$bullet
  mark[1] <- ""
  paste0(ifelse(mark == "", "", paste0(mark, " ")), text, collapse = "\n")
}

# Stops with a condition of class c(class, "skein_error", "error", "condition").
# `...`: further elements of the condition.
skein_stop <- function(message, class = NULL, call = NULL, envir = parent.frame(), ...) {
  stop(structure(
    class = c(class, "skein_error", "error", "condition"),
    list(message = format_condition(message, envir), call = call, ...)
  ))
}

# Warns with a condition of class c(class, "skein_warning", "warning", "condition").
skein_warn <- function(message, class = NULL, call = NULL, envir = parent.frame()) {
  warning(structure(
    class = c(class, "skein_warning", "warning", "condition"),
    list(message = format_condition(message, envir), call = call)
  ))
}

# Tells the user something that needs no action; `silent` callers simply do not call it.
skein_inform <- function(message, class = NULL, envir = parent.frame()) {
  message(structure(
    class = c(class, "skein_message", "message", "condition"),
    list(message = paste0(format_condition(message, envir), "\n"), call = NULL)
  ))
}

# The one sentence for whatever of brms's language is not built: `what` is the construct as the user wrote it.
stop_not_yet <- function(what, hint = NULL) {
  if (is.null(hint)) {
    skein_stop("skein does not have {what} yet", class = "skein_not_yet")
  }
  skein_stop(c("skein does not have {what} yet", i = hint), class = "skein_not_yet")
}

# The closest of choices to x, or NULL when none is near enough to be a slip of the finger.
closest_name <- function(x, choices) {
  if (length(choices) == 0 || length(x) != 1 || is.na(x)) {
    return(NULL)
  }
  distance <- utils::adist(x, choices, ignore.case = TRUE)[1, ]
  best <- which.min(distance)
  near <- distance[best] <= max(1, ceiling(nchar(x) / 3)) && distance[best] < nchar(x)
  if (near) choices[best] else NULL
}

# As skein_stop, with a last bullet: "Did you mean x?" where a choice is near, else what there is to choose from.
stop_with_suggestion <- function(message, x, choices, class = NULL, envir = parent.frame()) {
  best <- closest_name(x, choices)
  hint <- if (!is.null(best)) {
    cli::format_inline("Did you mean {.val {best}}?")
  } else if (length(choices)) {
    cli::format_inline("Available: {.val {choices}}.")
  }
  text <- format_condition(message, envir)
  if (!is.null(hint)) text <- paste0(text, "\n", cli::symbol$info, " ", hint)
  stop(structure(class = c(class, "skein_error", "error", "condition"), list(message = text, call = NULL)))
}

# Returns x as double; stops unless one whole number from min to max. The default max is what C++'s int holds.
check_whole_number <- function(x, name, min = 1, max = .Machine$integer.max, allow_null = FALSE) {
  if (is.null(x) && allow_null) {
    return(NULL)
  }
  fine <- is.numeric(x) && length(x) == 1 && is.finite(x) && x == floor(x) && x >= min
  if (!fine) {
    least <- if (is.finite(min)) paste(" of at least", min) else ""
    skein_stop("{.arg {name}} must be one whole number{least}, not {describe_value(x)}.")
  }
  if (x > max) skein_stop("{.arg {name}} must be at most {format(max, digits = 16)}, not {describe_value(x)}.")
  as.double(x)
}

# Returns x as double; stops unless one finite number strictly (or not) within the bounds.
check_number <- function(x, name, lower = -Inf, upper = Inf, open = TRUE, allow_null = FALSE) {
  if (is.null(x) && allow_null) {
    return(NULL)
  }
  fine <- is.numeric(x) && length(x) == 1 && is.finite(x)
  if (fine) fine <- if (open) x > lower && x < upper else x >= lower && x <= upper
  if (!fine) {
    range <- if (is.finite(lower) && is.finite(upper)) {
      paste0(" between ", lower, " and ", upper)
    } else if (is.finite(lower)) {
      paste0(if (open) " greater than " else " of at least ", lower)
    } else if (is.finite(upper)) {
      paste0(if (open) " less than " else " of at most ", upper)
    }
    skein_stop("{.arg {name}} must be one finite number{range}, not {describe_value(x)}.")
  }
  as.double(x)
}

check_flag <- function(x, name, allow_null = FALSE) {
  if (is.null(x) && allow_null) {
    return(NULL)
  }
  if (!is.logical(x) || length(x) != 1 || is.na(x)) {
    skein_stop("{.arg {name}} must be TRUE or FALSE, not {describe_value(x)}.")
  }
  x
}

check_string <- function(x, name, allow_null = FALSE) {
  if (is.null(x) && allow_null) {
    return(NULL)
  }
  if (!is.character(x) || length(x) != 1 || is.na(x)) {
    skein_stop("{.arg {name}} must be one string, not {describe_value(x)}.")
  }
  x
}

# Returns x; stops unless it is exactly one of choices.
check_one_of <- function(x, choices, name) {
  if (is.character(x) && length(x) == 1 && !is.na(x) && x %in% choices) {
    return(x)
  }
  message <- "{.arg {name}} must be one of {.or {.val {choices}}}, not {describe_value(x)}."
  near <- if (is.character(x)) closest_name(x, choices)
  stop_with_suggestion(message, x, near)
}

# Stops at the first name that is not among choices, with the nearest one.
check_names_known <- function(names, choices, what) {
  unknown <- setdiff(names, choices)
  if (length(unknown)) {
    first <- unknown[1]
    stop_with_suggestion("Unknown {what} {.val {first}}.", first, choices)
  }
  invisible(names)
}

# A value as a reader would say it, short enough for a message.
describe_value <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.function(x)) {
    return("a function")
  }
  if (length(x) != 1 || !is.atomic(x)) {
    return(paste0("an object of class ", class(x)[1], " and length ", length(x)))
  }
  if (is.character(x)) encodeString(x, quote = "\"", na.encode = TRUE) else format(x)
}
