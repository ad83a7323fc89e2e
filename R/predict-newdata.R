# New data for a fitted model: its columns evaluated with the bases, levels and contrasts of the data fitted.

# newdata: a data frame, or NULL for the fit's own data. names: the columns needed. Returns a data frame.
check_newdata <- function(object, newdata, names) {
  if (is.null(newdata)) {
    return(object$data)
  }
  if (!is.list(newdata) && !is.null(dim(newdata))) {
    newdata <- tryCatch(as.data.frame(newdata), error = function(e) NULL)
  }
  if (!is.list(newdata) || is.null(names(newdata))) {
    skein_stop("{.arg newdata} must be a data frame with the model's columns.")
  }
  n_rows <- if (is.data.frame(newdata)) nrow(newdata) else NROW(newdata[[1]])
  if (n_rows == 0) skein_stop("{.arg newdata} holds no rows.")
  missing <- setdiff(names, names(newdata))
  if (length(missing)) {
    message <- "The model needs {cli::qty(missing)}column{?s} {.val {missing}}, which {.arg newdata} lacks."
    stop_with_suggestion(message, missing[1], closest_name(missing[1], setdiff(names(newdata), names)))
  }
  columns <- lapply(names, function(name) newdata[[name]])
  for (i in seq_along(names)) check_column(columns[[i]], names[i], n_rows)
  new_data_frame(stats::setNames(columns, names), n_rows)
}

# Columns of predictors that were numbers must be numbers; grouping factors may be anything.
check_new_types <- function(object, data, predictors) {
  used <- lapply(predictors, function(predictor) {
    dpar <- object$terms$dpars[[predictor$dpar]]
    list(dpar$population[[2]], dpar$offsets)
  })
  for (name in intersect(unlist(lapply(used, expression_variables)), names(data))) {
    if (is.numeric(object$data[[name]]) && !is.numeric(data[[name]])) {
      skein_stop("{.arg newdata}: column {.val {name}} must hold numbers, as in the model's data.")
    }
  }
}

# A recipe of design columns (see build_columns()) with the variables of other data in it. absent: for each factor with
# NA, the rows where all of its columns are 0, as in brms.
columns_on <- function(columns, data) {
  if (length(columns$keep) == 0) {
    return(columns)
  }
  frame <- tryCatch(
    stats::model.frame(columns$terms, data, na.action = stats::na.pass),
    error = function(e) skein_stop("The predictors cannot be computed from {.arg newdata}: {conditionMessage(e)}")
  )
  variables <- unclass(frame)
  attributes(variables) <- list(names = names(frame))
  columns$absent <- list()
  for (name in names(variables)) {
    levels <- columns$xlevels[[name]]
    if (is.null(levels)) {
      check_new_numbers(variables[[name]], name, attr(columns$terms, "dataClasses")[[name]])
      next
    }
    x <- new_factor(variables[[name]], name, levels)
    if (anyNA(x)) {
      columns$absent[[name]] <- is.na(x)
      x[is.na(x)] <- levels[1]
    }
    variables[[name]] <- x
  }
  columns$frame <- variables
  columns
}

new_factor <- function(x, name, levels) {
  text <- as.character(x)
  unseen <- unique(text[!is.na(text) & !text %in% levels])
  if (length(unseen)) {
    skein_stop(c(
      "{.arg newdata}: the factor {.code {name}} has no level {.val {unseen}} in the model.",
      i = "Its levels are {.val {levels}}."
    ))
  }
  factor(text, levels, ordered = is.ordered(x))
}

check_new_numbers <- function(x, name, class) {
  is_logical <- identical(class, "logical")
  fine <- if (is_logical) is.logical(x) else is.numeric(unclass(x)) && !is.factor(x)
  if (!fine) {
    wanted <- if (is_logical) "TRUE or FALSE" else "a number"
    skein_stop(paste(
      "{.arg newdata}: {.code {name}} must be {wanted}, as in the model's data,",
      "not of class {.cls {class(x)[1]}}."
    ))
  }
  if (!is_logical && !is.finite(sum(unclass(x)))) {
    bad <- which(!is.finite(unclass(x)))
    if (length(bad) == 0) {
      return(invisible())
    }
    row <- (bad[1] - 1) %% NROW(x) + 1
    skein_stop("{.arg newdata}: {.code {name}} must be finite, but is {format(unclass(x)[bad[1]])} in row {row}.")
  }
}

# Rows from:to of the design, as columns_block(), with the columns of absent factors at 0.
new_columns_block <- function(columns, from, to) {
  if (length(columns$absent) == 0) {
    return(columns_block(columns, from, to))
  }
  block <- raw_block(columns, from, to)
  assign <- attr(block, "assign")
  factors <- attr(columns$terms, "factors")
  for (name in names(columns$absent)) {
    rows <- columns$absent[[name]][seq.int(from, to)]
    block[rows, assign %in% which(factors[name, ] > 0)] <- 0
  }
  block <- block[, columns$keep, drop = FALSE]
  attributes(block) <- list(dim = dim(block))
  storage.mode(block) <- "double"
  block
}

# What beside the predictors a prediction needs: a list of columns, response and addition_columns.
new_response <- function(object, data, needs, is_new) {
  terms <- object$terms
  if ("response" %in% needs) {
    # A response of levels keeps those of the data fitted, of which new data may lack one.
    built <- build_response(terms, data, NULL, levels = if (is_new) object$frame$response_levels)
    return(built[setdiff(names(built), "response_levels")])
  }
  terms$additions <- terms$additions[names(terms$additions) %in% needs]
  build_additions(terms, data, NULL)
}

# The columns that a prediction from `predictors` and `groups` reads, in no particular order.
needed_columns <- function(object, predictors, groups, needs) {
  terms <- object$terms
  used <- lapply(predictors, function(predictor) {
    dpar <- terms$dpars[[predictor$dpar]]
    list(dpar$population[[2]], dpar$offsets)
  })
  used <- c(used, lapply(groups, function(group) {
    designs <- lapply(group$parts, function(part) as.list(attr(part$columns$terms, "variables"))[-1])
    list(designs, lapply(group$variables, as.name), if (!is.null(group$by)) group$by$expression)
  }))
  additions <- terms$additions[setdiff(names(terms$additions), "subset")]
  if (!"response" %in% needs) additions <- additions[names(additions) %in% needs]
  used <- c(used, list(additions), if ("response" %in% needs) list(terms$response$expression))
  setdiff(unique(unlist(lapply(used, expression_variables))), reserved_names(terms))
}
