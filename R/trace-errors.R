# What stops a trace: conditions with the call in the user's function and its place there.

# For the code that records: the place is added by trace_function().
trace_stop <- function(message, envir = parent.frame()) {
  skein_stop(message, class = "skein_trace_error", envir = envir)
}

trace_advice <- function() {
  cli::format_inline(
    "Write it with functions that {.code ?density_r} lists, or use {.fn density_function} or {.fn density_cpp}."
  )
}

stop_unknown_function <- function(name) {
  trace_stop(c("The function {.fn {name}} cannot be differentiated by tracing.", i = "{trace_advice()}"))
}

stop_value_dependence <- function(what) {
  trace_stop(c(
    "{what} depends on a parameter's value, but the function is recorded once, for all values.",
    i = "Use {.fn ifelse} to choose between two values, or {.fn density_function} for a function that branches."
  ))
}

# Rethrows what went wrong inside the traced function `f`, which runs in frame number `frame`.
rethrow_trace_error <- function(condition, f, frame) {
  calls <- sys.calls()
  parents <- sys.parents()
  own <- which(parents == frame & seq_along(calls) > frame)
  own <- own[!vapply(calls[own], is_machinery, TRUE)]
  call <- conditionCall(condition)
  if (length(own)) {
    call <- calls[[own[length(own)]]]
    generic <- get0(".Generic", envir = sys.frame(own[length(own)]), inherits = FALSE)
    if (!is.null(generic)) call <- generic_call(generic, call, body(f))
  }
  text <- trace_error_text(condition)
  where <- describe_place(call, f)
  stop(structure(
    class = unique(c("skein_trace_error", setdiff(class(condition), c("simpleError", "error", "condition")),
      "skein_error", "error", "condition")),
    list(message = paste0(where, text), call = NULL, trace_call = call)
  ))
}

# A method's call as the user wrote it: the only one of that generic in the body, for a method may see values alone.
generic_call <- function(generic, call, body) {
  found <- calls_of(body, as.name(generic))
  if (length(found) == 1) {
    return(found[[1]])
  }
  call[[1]] <- as.name(generic)
  if (any(vapply(as.list(call)[-1], is.environment, TRUE))) call <- call(generic, quote(...))
  call
}

calls_of <- function(x, name) {
  if (!is.call(x)) {
    return(list())
  }
  parts <- Filter(is.call, as.list(x))
  c(if (identical(x[[1]], name)) list(x), unlist(lapply(parts, calls_of, name = name), recursive = FALSE))
}

# R's own errors are about the objects that stand for parameters; what they mean follows from the function that failed.
trace_error_text <- function(condition) {
  if (inherits(condition, "skein_error")) {
    return(conditionMessage(condition))
  }
  called <- conditionCall(condition)[[1]]
  name <- if (is.symbol(called)) as.character(called) else ""
  translated <- tryCatch(
    switch(name,
      `if` = , `while` = , `&&` = , `||` = stop_value_dependence(paste0("The condition of `", name, "`")),
      `for` = trace_stop(c("A loop cannot run over a parameter.", i = "Loop over {.fn seq_along} of it.")),
      `[` = , `[[` = trace_stop(c("An index depends on a parameter's value.", i = "Index by data only.")),
      NULL
    ),
    skein_error = conditionMessage
  )
  if (!is.null(translated)) {
    return(translated)
  }
  paste0(conditionMessage(condition), "\n", cli::symbol$info, " ", trace_advice())
}

is_machinery <- function(call) {
  is.function(call[[1]]) || (is.symbol(call[[1]]) && as.character(call[[1]]) %in% c(
    "h", ".handleSimpleError", "withCallingHandlers", "stop", "skein_stop", "trace_stop", "rethrow_trace_error"
  ))
}

# "In `call` (statement 2 of the function, line 14): ".
describe_place <- function(call, f) {
  if (is.null(call) || is.function(call[[1]])) {
    return("In the traced function: ")
  }
  attr(call, "srcref") <- NULL
  text <- paste(deparse(call, width.cutoff = 60, nlines = 2), collapse = " ")
  at <- statement_of(call, body(f))
  place <- ""
  if (at > 0) {
    line <- statement_line(f, at)
    place <- paste0(" (statement ", at, " of the function", if (!is.null(line)) paste0(", line ", line), ")")
  }
  paste0("In `", text, "`", place, ":\n")
}

# The number of the statement of `body` that contains `call`; 0 if none does.
statement_of <- function(call, body) {
  statements <- if (is.call(body) && identical(body[[1]], quote(`{`))) as.list(body)[-1] else list(body)
  for (k in seq_along(statements)) if (contains_call(statements[[k]], call)) return(k)
  0
}

contains_call <- function(x, call) {
  if (identical(x, call)) {
    return(TRUE)
  }
  if (!is.call(x)) {
    return(FALSE)
  }
  for (part in as.list(x)) {
    if (!missing(part) && is.call(part) && contains_call(part, call)) return(TRUE)
  }
  FALSE
}

statement_line <- function(f, at) {
  reference <- attr(body(f), "srcref")
  if (is.null(reference) || length(reference) < at + 1) {
    return(NULL)
  }
  as.integer(reference[[at + 1]])[1]
}
