# Threads within chains: threading(), and what brm() makes of its arguments cores and threads.

#' Threads within chains
#'
#' Says how many threads one chain may use for its likelihood sum. Draws do not depend on any of these arguments: sums
#' are cut by the data alone and joined in a fixed order, so that results are the same, to the last bit, for any number
#' of threads, cores and any grainsize.
#'
#' @param threads Number of threads per chain, a positive whole number, or `NULL` (the default) for none: the plain
#'   loop. In all, at most `min(cores, chains) * threads` threads run; those of a finished chain help the chains still
#'   running. `"auto"` shares the machine's cores among the chains that run at the same time, as far as one gradient
#'   of the model, which is timed for a few milliseconds, keeps that many threads busy; small models get none.
#' @param grainsize Number of rows that one task takes at least, a positive whole number. `NULL` lets skein choose.
#' @param static Accepted for brms's sake. Sums are always static.
#' @param force Accepted for brms's sake. There is no code to compile with threads.
#'
#' @return A list of class `skeinthreads` with elements `threads`, `grainsize`, `static` and `force`, for argument
#'   `threads` of [brm()] and [update()][update.skeinfit]. Impossible values are errors.
#'
#' @examples
#' threading(2)
#' threading(2, grainsize = 100)
#' threading("auto")
#' @export
threading <- function(threads = NULL, grainsize = NULL, static = FALSE, force = FALSE) {
  out <- list(
    threads = if (identical(threads, "auto")) threads else check_positive_count(threads, thread_sentence),
    grainsize = check_positive_count(grainsize, "The grainsize needs to be positive."),
    static = check_flag(static, "static"),
    force = check_flag(force, "force")
  )
  structure(out, class = "skeinthreads")
}

thread_sentence <- "Number of threads needs to be positive."

#' @export
print.skeinthreads <- function(x, ...) {
  threads <- if (is.null(x$threads)) "none (the plain loop)" else format(x$threads)
  if (threads == "auto") threads <- "chosen by skein"
  grainsize <- if (is.null(x$grainsize)) "chosen by skein" else paste(format(x$grainsize), "rows")
  cat("Threads per chain: ", threads, "\nGrainsize: ", grainsize, "\n", sep = "")
  invisible(x)
}

# x as a double, or NULL; `sentence` is brms's own wording of the error, so that scripts that look for it find it.
check_positive_count <- function(x, sentence) {
  if (is.null(x)) {
    return(NULL)
  }
  fine <- is.numeric(x) && length(x) == 1 && is.finite(x) && x == floor(x) && x >= 1 && x <= .Machine$integer.max
  if (!fine) {
    most <- .Machine$integer.max
    skein_stop(c(sentence, i = "It must be one whole number from 1 to {most}, not {describe_value(x)}."))
  }
  as.double(x)
}

# Argument threads of brm() as skeinthreads: NULL, a number, "auto", threading() of skein or of brms.
validate_threads <- function(threads) {
  if (is.null(threads)) {
    return(threading())
  }
  if (inherits(threads, "skeinthreads")) {
    return(threads)
  }
  if (inherits(threads, "brmsthreads")) {
    return(threading(threads$threads, threads$grainsize, isTRUE(threads$static), isTRUE(threads$force)))
  }
  if (is.numeric(threads) || identical(threads, "auto")) {
    return(threading(threads))
  }
  skein_stop(c(
    "{.arg threads} must be a number, {.val auto}, or made by {.fn threading}, not {describe_value(threads)}.",
    i = "For two threads per chain write {.code threads = threading(2)}."
  ))
}

# Cores and threads as the sampler takes them, once resolve_threads() has put numbers in place of "auto": threads 0 is
# the plain loop, grainsize 0 is chosen by the density.
# R CMD check allows two cores at most and says so by _R_CHECK_LIMIT_CORES_; draws do not depend on the cut.
thread_budget <- function(cores, chains, threads) {
  cores <- max(1, min(cores, chains))
  per_chain <- threads$threads
  limit <- Sys.getenv("_R_CHECK_LIMIT_CORES_")
  if (nzchar(limit) && !tolower(limit) %in% c("false", "no", "0")) {
    cores <- min(cores, 2)
    if (!is.null(per_chain)) per_chain <- min(per_chain, max(1, 2 %/% cores))
  }
  list(
    cores = cores,
    threads = if (is.null(per_chain)) 0 else per_chain,
    grainsize = if (is.null(threads$grainsize)) 0 else threads$grainsize
  )
}
