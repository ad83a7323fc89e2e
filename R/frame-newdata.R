# The frame of new data: the same design, levels and additions as the model's, built by the recipes that a fit keeps.

# object: a skeinfit; newdata: a data frame; dpars: the predictors that are wanted; groups: ids of the group-level terms
# that are wanted (numbers of object$frame$groups), whose columns newdata must have; response: is the response wanted, as
# for log densities? If not, addition terms are built as far as newdata has their columns.
# Returns a list: n_rows, data, response and fields of addition_columns (see build_response), predictors (those asked for,
# by name: dpar, link, coefs, offset, means, centred, design(from, to)), groups (those asked for: the fit's entries with
# index, the level of each row, 0 where it is new; new_levels, names of new levels, and new_index, the number of the new
# level of each row, else 0; by_level, the by-level of each row, where the term has gr(by = ); design(from, to), with zeros
# in the columns of predictors that are not asked for).
# Rows with missing values stay and give missing predictors; only what is needed must be there.
frame_for_newdata <- function(object, newdata, dpars = names(object$frame$predictors),
                              groups = seq_along(object$frame$groups), response = FALSE) {
  terms <- object$terms
  data <- newdata_columns(object, newdata, dpars, groups, response)
  n_rows <- nrow(data)
  out <- list(n_rows = n_rows, data = data, terms = terms)
  if (response) {
    out <- c(out, build_response(terms, data, NULL, object$frame$response_levels))
  } else {
    out <- c(out, available_additions(terms, data))
  }
  out$predictors <- lapply(stats::setNames(nm = dpars), function(dpar) {
    predictor_for_newdata(object$frame$predictors[[dpar]], terms$dpars[[dpar]], terms, data)
  })
  out$groups <- lapply(object$frame$groups[groups], group_for_newdata, data = data, dpars = dpars)
  out
}

# The columns of newdata that are needed, checked; factors have the levels of the fit's data.
newdata_columns <- function(object, newdata, dpars, groups, response) {
  data <- check_newdata(newdata)
  terms <- object$terms
  expressions <- lapply(terms$dpars[dpars], function(dpar) list(dpar$population[[2]], dpar$offsets))
  for (group in object$frame$groups[groups]) {
    parts <- lapply(group$parts, function(part) if (part$dpar %in% dpars) attr(part$columns$terms, "variables"))
    expressions <- c(expressions, list(parts, lapply(group$variables, as.name), group$by$expression))
  }
  needed <- expression_variables(Filter(Negate(is.null), flatten_expressions(expressions)))
  if (response) needed <- c(needed, expression_variables(list(terms$response$expression, terms$additions)))
  needed <- setdiff(unique(needed), reserved_names(terms))
  missing <- setdiff(needed, names(data))
  if (length(missing)) {
    skein_stop("{.arg newdata} lacks the column{?s} {.val {missing}}, which the model needs.", class = "skein_newdata")
  }
  extra <- intersect(expression_variables(list(terms$response$expression, terms$additions)), names(data))
  names <- unique(c(needed, extra))
  columns <- lapply(names, function(name) data[[name]])
  n_rows <- nrow(data)
  new_data_frame(stats::setNames(columns, names), n_rows)
}

check_newdata <- function(newdata) {
  if (!is.data.frame(newdata)) newdata <- tryCatch(as.data.frame(newdata), error = function(e) NULL)
  if (is.null(newdata) || is.null(names(newdata))) skein_stop("{.arg newdata} must be a data frame.")
  if (nrow(newdata) == 0) skein_stop("{.arg newdata} holds no rows.")
  newdata
}

flatten_expressions <- function(x) if (is.list(x)) unlist(lapply(unname(x), flatten_expressions)) else list(x)

# Addition terms whose columns newdata has; a model's predictions need trials and denominators of rates at most.
available_additions <- function(terms, data) {
  there <- Filter(function(x) all(expression_variables(list(x)) %in% names(data)), terms$additions)
  terms$additions <- there
  build_additions(terms, data, NULL)
}

predictor_for_newdata <- function(predictor, term, terms, data) {
  if (term$intercept_coef) {
    for (name in c("Intercept", "intercept")) data[[name]] <- rep(1, nrow(data))
  }
  columns <- columns_for_newdata(predictor$columns, data)
  out <- predictor[c("dpar", "link", "coefs", "centred", "intercept", "means")]
  out$offset <- build_offset(term, data, NULL)
  out$design <- function(from, to) columns_block(columns, from, to)
  out
}

# The recipe with its variables evaluated on other data: bases, levels and contrasts are those of the fit.
columns_for_newdata <- function(columns, data) {
  classes <- attr(columns$terms, "dataClasses")
  for (name in intersect(names(columns$xlevels), names(data))) {
    levels <- columns$xlevels[[name]]
    value <- data[[name]]
    unknown <- setdiff(unique(as.character(value)), c(levels, NA))
    if (length(unknown)) {
      skein_stop(c(
        "The factor {.val {name}} has the level {.val {unknown[1]}} in {.arg newdata}, which the model has never seen.",
        i = "Its levels are {.val {levels}}."
      ), class = "skein_newdata")
    }
    data[[name]] <- factor(as.character(value), levels, ordered = identical(classes[[name]], "ordered"))
  }
  frame <- tryCatch(
    stats::model.frame(columns$terms, data, na.action = stats::na.pass, xlev = columns$xlevels),
    error = function(e) skein_stop("The predictors cannot be computed on {.arg newdata}: {conditionMessage(e)}")
  )
  variables <- unclass(frame)
  attributes(variables) <- list(names = names(frame))
  columns$frame <- variables
  columns
}

group_for_newdata <- function(group, data, dpars) {
  for (name in group$variables) {
    check_values(data[[name]], !is.na(data[[name]]), name, NULL, "is a grouping factor and must not be missing")
  }
  grouping <- build_grouping(group, data)
  known <- match(grouping$levels, group$levels)
  new_levels <- grouping$levels[is.na(known)]
  group$index <- known[grouping$index]
  group$new_levels <- new_levels
  group$new_index <- match(grouping$levels, new_levels, nomatch = 0L)[grouping$index]
  group$index[is.na(group$index)] <- 0L
  group["by_level"] <- list(by_level_of_rows(group, data))
  columns <- lapply(group$parts, function(part) {
    if (part$dpar %in% dpars) columns_for_newdata(part$columns, data)
  })
  group$design <- function(from, to) {
    do.call(cbind, Map(function(part, recipe) {
      if (is.null(recipe)) matrix(0, to - from + 1, length(part$coefs)) else columns_block(recipe, from, to)
    }, group$parts, columns))
  }
  group
}

by_level_of_rows <- function(group, data) {
  if (is.null(group$by)) {
    return(NULL)
  }
  text <- format_language(group$by$expression)
  value <- eval_column(group$by$expression, data, globalenv())
  labels <- paste0(text, gsub("[[:space:]]", "", as.character(value)))
  level <- match(labels, group$by$labels)
  if (anyNA(level)) {
    bad <- as.character(value)[which(is.na(level))[1]]
    skein_stop(
      "{.code {text}} has the level {.val {bad}} in {.arg newdata}, which the model has never seen.",
      class = "skein_newdata"
    )
  }
  level
}
