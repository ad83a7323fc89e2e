# Fits kept in files: brm()'s arguments file, file_refit and file_compress.

# The file's name with its extension, or NULL. Stops if nothing could be written there, before any time is spent.
fit_file_name <- function(file) {
  if (is.null(file)) {
    return(NULL)
  }
  file <- check_string(file, "file")
  if (!grepl("\\.rds$", file, ignore.case = TRUE)) file <- paste0(file, ".rds")
  # As in brms 2.23, a name alone is one in this folder.
  folder <- getOption("brms.cache_folder")
  if (!is.null(folder) && dirname(file) == ".") file <- file.path(check_string(folder, "brms.cache_folder"), file)
  file
}

# Opening the file for appending is the only test that holds on every file system and for every user.
check_writable <- function(file) {
  directory <- dirname(file)
  if (!dir.exists(directory)) {
    skein_stop(c(
      "{.arg file}: the directory {.path {directory}} does not exist.",
      i = "Choose an existing directory, or create it first."
    ))
  }
  existed <- file.exists(file)
  connection <- tryCatch(suppressWarnings(base::file(file, open = "ab")), error = function(e) NULL)
  if (is.null(connection)) {
    skein_stop("{.arg file}: {.path {file}} cannot be written.")
  }
  close(connection)
  if (!existed) unlink(file)
  invisible(file)
}

# The fit in the file, or NULL if there is no such file. Whatever else a file holds is left alone.
read_fit_file <- function(file) {
  if (!file.exists(file)) {
    return(NULL)
  }
  fit <- tryCatch(readRDS(file), error = function(e) NULL, warning = function(w) NULL)
  if (!inherits(fit, "skeinfit")) {
    held <- if (is.null(fit)) "no R object that can be read" else paste("an object of class", class(fit)[1])
    skein_stop(c(
      "{.arg file}: {.path {file}} holds {held}, not a fit of skein.",
      i = "Choose another file, or overwrite this one by {.code file_refit = \"always\"}."
    ))
  }
  if (isTRUE(fit$interrupted)) {
    skein_warn(c(
      "{.arg file}: the fit in {.path {file}} is one that was interrupted.",
      i = "Use {.code file_refit = \"always\"} to fit the model again."
    ), class = "skein_interrupted")
  }
  fit$file <- file
  fit
}

# Written next to its place and moved there, so that an interrupted write never destroys an older fit.
write_fit_file <- function(fit, file, compress = TRUE) {
  fit$file <- file
  draft <- tempfile("skein-", tmpdir = dirname(file), fileext = ".rds")
  on.exit(unlink(draft))
  saveRDS(fit, draft, compress = compress)
  if (!file.rename(draft, file)) skein_stop("{.arg file}: {.path {file}} cannot be written.")
  fit
}

# The fit that makes sampling unnecessary, or NULL. `model` is what would be fitted, asked for only by "on_change".
stored_fit <- function(plan, model = NULL) {
  if (is.null(plan$file)) {
    return(NULL)
  }
  if (plan$file_refit == "always") {
    check_writable(plan$file)
    return(NULL)
  }
  fit <- read_fit_file(plan$file)
  if (is.null(fit)) check_writable(plan$file)
  if (is.null(fit) || plan$file_refit == "never") {
    return(fit)
  }
  change <- model_change(fit, model)
  if (is.null(change)) {
    return(fit)
  }
  if (!plan$quiet) skein_inform("{.path {plan$file}}: {change}, so the model is fitted again.")
  check_writable(plan$file)
  NULL
}

# In words what differs between a stored fit and a model about to be fitted, or NULL: the formula, the parameters with
# their priors, or the data. Settings of the sampler do not count, as in brms.
model_change <- function(fit, model) {
  bare <- function(x) {
    attributes(x) <- attributes(x)[c("names", "row.names")]
    x
  }
  if (!identical(formula_text(fit$terms), formula_text(model$terms))) {
    return("the formula or family has changed")
  }
  if (!isTRUE(all.equal(bare(fit$params), bare(model$params), check.environment = FALSE)) ||
    !identical(fit$sample_prior, model$sample_prior)) {
    return("parameters or priors have changed")
  }
  if (!isTRUE(all.equal(bare(fit$data), bare(model$data)))) {
    return("the data have changed")
  }
  NULL
}

# Formula and family as text, free of environments.
formula_text <- function(terms) {
  links <- vapply(terms$dpars, function(dpar) dpar$link, "")
  flags <- vapply(terms$dpars, function(dpar) paste(dpar$center, dpar$cmc), "")
  c(format_formula_lines(terms$formula), unlist(terms$fixed), terms$family$family, links, flags)
}
