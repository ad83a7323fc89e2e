# Methods of class skeinsamples, what sample_density() returns.

#' @export
as_draws.skeinsamples <- function(x, ...) x$draws

#' @export
as_draws_array.skeinsamples <- function(x, inc_warmup = FALSE, ...) {
  if (!check_flag(inc_warmup, "inc_warmup")) {
    return(x$draws)
  }
  if (is.null(x$warmup_draws)) skein_stop("Draws of warm-up are kept by {.code save_warmup = TRUE} only.")
  posterior::bind_draws(x$warmup_draws, x$draws, along = "iteration")
}

#' @export
as_draws_matrix.skeinsamples <- function(x, ...) posterior::as_draws_matrix(x$draws)

#' @export
as_draws_df.skeinsamples <- function(x, ...) posterior::as_draws_df(x$draws)

#' @export
as_draws_list.skeinsamples <- function(x, ...) posterior::as_draws_list(x$draws)

#' @export
as_draws_rvars.skeinsamples <- function(x, ...) posterior::as_draws_rvars(x$draws)

#' @export
as.array.skeinsamples <- function(x, ...) unclass(x$draws)

#' @export
as.matrix.skeinsamples <- function(x, ...) as.matrix(posterior::as_draws_matrix(x$draws))

#' @export
as.data.frame.skeinsamples <- function(x, ...) as.data.frame(posterior::as_draws_df(x$draws))

#' @export
variables.skeinsamples <- function(x, ...) dimnames(x$draws)[[3]]

#' @export
nvariables.skeinsamples <- function(x, ...) dim(x$draws)[3]

#' @export
niterations.skeinsamples <- function(x) dim(x$draws)[1]

#' @export
nchains.skeinsamples <- function(x) dim(x$draws)[2]

#' @export
ndraws.skeinsamples <- function(x) prod(dim(x$draws)[1:2])

#' @export
rhat_nested.skeinsamples <- function(x, superchain_ids = NULL, ...) {
  if (is.null(superchain_ids)) superchain_ids <- superchains_of(x$settings)
  if (is.null(superchain_ids)) {
    skein_stop(c("These chains have no superchains.", i = "{.code sample_density(superchains = 16)} makes them."))
  }
  names <- dimnames(x$draws)[[3]]
  stats::setNames(vapply(names, function(v) {
    rhat_nested(matrix(unclass(x$draws)[, , v], dim(x$draws)[1]), superchain_ids)
  }, 0), names)
}

#' Summary of a run of many chains
#'
#' @param object,x What [sample_density()] returned.
#' @param probs Quantiles to show.
#' @param variables Names of variables; `NULL`: all.
#' @param digits Digits to print.
#' @param ... Unused.
#' @return A data frame with one row per variable: mean, sd, quantiles, `rhat` (or `rhat_nested` where there are
#'   superchains), `ess_bulk`, `ess_tail`; what else is printed is in its attribute `"run"`. Where chains outnumber the
#'   draws of each, effective draws are those whose mean would vary as the chains' means do: autocorrelations, from
#'   which \pkg{posterior} has them, cannot be seen in short chains.
#' @export
summary.skeinsamples <- function(object, probs = c(0.05, 0.5, 0.95), variables = NULL, ...) {
  draws <- object$draws
  if (!is.null(variables)) {
    check_names_known(variables, dimnames(draws)[[3]], "variable")
    draws <- draws[, , variables]
  }
  ids <- superchains_of(object$settings)
  rows <- lapply(seq_len(dim(draws)[3]), function(v) {
    x <- matrix(unclass(draws)[, , v], dim(draws)[1])
    quantiles <- stats::quantile(x, probs, names = FALSE)
    c(mean(x), stats::sd(x), quantiles, r_hat(x, ids), effective_bulk(x), effective_tail(x))
  })
  out <- as.data.frame(do.call(rbind, rows))
  names(out) <- c(
    "mean", "sd", paste0("q", format(100 * probs, trim = TRUE)), if (is.null(ids)) "rhat" else "rhat_nested",
    "ess_bulk",
    "ess_tail"
  )
  out <- cbind(variable = dimnames(draws)[[3]], out)
  attr(out, "run") <- run_lines(object)
  class(out) <- c("skeinsamples_summary", "data.frame")
  out
}

# What a reader wants to know of the run, line by line.
run_lines <- function(x) {
  s <- x$settings
  cost <- x$cost
  after <- x$diagnostics[seq_len(s$iter) > s$warmup, , , drop = FALSE]
  n_divergent <- sum(after[, , "divergent__"])
  steps <- after[, , "n_leapfrog__"]
  c(
    paste0(
      kernel_titles[[x$kernel$name]], ": ", s$chains, " chains of ", s$draws, " draws after ", s$warmup,
      " iterations of warm-up", if (s$thin > 1) paste0("; thin = ", s$thin), "; seed ", format(s$seed, digits = 17)
    ),
    paste0(
      "Schedule ", s$schedule, " on ", nrow(cost$workers), " core", if (nrow(cost$workers) > 1) "s", ": ",
      format(cost$wall, digits = 3), " s (CPU ", format(cost$cpu, digits = 3), " s), ",
      format(cost$gradients, big.mark = ",", scientific = FALSE), " gradients",
      if (cost$lanes > 1) paste0(", ", round(100 * cost$lanes_filled), " % of ", cost$lanes, " lanes filled"),
      if (nrow(cost$workers) > 1) paste0(", ", round(100 * cost$waiting), " % waiting")
    ),
    paste0("Leapfrog steps of a draw: ", min(steps), " to ", max(steps), ", mean ", format(mean(steps), digits = 3)),
    if (n_divergent > 0) paste0("Divergent: ", n_divergent, " of ", s$chains * nrow(after),
      " transitions after warm-up"),
    if (s$superchain_size > 0) paste0("R-hat compares ", s$chains / s$superchain_size, " superchains of ",
      s$superchain_size, " chains")
  )
}

#' @rdname summary.skeinsamples
#' @export
print.skeinsamples <- function(x, digits = 2, ...) {
  n <- dim(x$draws)[3]
  shown <- c(utils::head(dimnames(x$draws)[[3]][-n], 20), "lp__")
  print(summary(x, variables = shown), digits = digits)
  if (n > length(shown)) cat("# ", n - length(shown), " more variables\n", sep = "")
  invisible(x)
}

#' @export
print.skeinsamples_summary <- function(x, digits = 2, ...) {
  cat(attr(x, "run"), sep = "\n")
  numbers <- as.data.frame(x)
  rhat <- grep("^rhat", names(numbers), value = TRUE)
  numbers[[rhat]] <- sprintf("%.3f", numbers[[rhat]])
  for (name in c("ess_bulk", "ess_tail")) numbers[[name]] <- round(numbers[[name]])
  class(numbers) <- "data.frame"
  print(numbers, digits = digits + 2, row.names = FALSE)
  invisible(x)
}
