# What benchmarks take from a fit: adaptation and single draws, in the shapes that update() takes.

#' Adaptation and single draws of a fit
#'
#' `extract_warmup_info()` gives what warm-up has found out, `extract_draw()` one draw; both as arguments of
#' [update()][update.skeinfit] for runs without warm-up that begin where another fit was:
#' `update(fit, warmup = 0, iter = 20, chains = 1, init = list(extract_draw(fit, 1)), adapt_engaged = FALSE,
#' step_size = info$step_size[[1]], inv_metric = info$inv_metric[[1]])`.
#'
#' @param bfit A fit of [brm()]. Fits of \pkg{brms} by \pkg{rstan} are understood too.
#' @param x A fit of [brm()], or a list of arrays whose first dimension is that of the draws, such as
#'   `rstan::extract(fit$fit)`.
#' @param draw Number of the draw; the chains' draws come one chain after the other.
#'
#' @return `extract_warmup_info()`: a list with `step_size` and `inv_metric`, each a list with one element per chain:
#'   a number, and the diagonal of the inverse metric (a matrix for dense metrics, nothing for unit ones) on the
#'   unconstrained scale in the order of [unconstrain_pars()]. `extract_draw()`: a list with one array per variable,
#'   whose first dimension has length 1. A fit without draws, or a draw beyond the last, is an error.
#'
#' @examples
#' fit <- brm(count ~ zAge, epilepsy, poisson(), chains = 1, iter = 200, refresh = 0)
#' extract_warmup_info(fit)
#' extract_draw(fit, 1)$b_zAge
#' @export
extract_warmup_info <- function(bfit) {
  if (inherits(bfit, "skeinfit")) {
    check_sampled(bfit$fit)
    return(list(step_size = unname(as.list(bfit$fit$step_size)), inv_metric = unname(bfit$fit$inverse_metric)))
  }
  if (is_brmsfit(bfit)) bfit <- bfit$fit
  chains <- lapply(get_adaptation_info(bfit), read_adaptation_text)
  list(
    step_size = lapply(chains, function(chain) chain$step_size),
    inv_metric = lapply(chains, function(chain) chain$inv_metric)
  )
}

# The inverse of adaptation_text(), which are Stan's lines.
read_adaptation_text <- function(text) {
  lines <- sub("^# *", "", strsplit(paste(text, collapse = "\n"), "\n")[[1]])
  lines <- lines[nzchar(lines)]
  numbers <- lapply(strsplit(lines[-(1:2)], ","), as.double)
  metric <- if (length(numbers) > 1) do.call(rbind, numbers) else as.double(unlist(numbers))
  list(step_size = as.double(sub(".*= *", "", lines[1])), inv_metric = metric)
}

#' @rdname extract_warmup_info
#' @export
extract_draw <- function(x, draw) {
  if (inherits(x, c("skeinfit", "skeinsampling"))) x <- extract_arrays(sampling_of(x))
  arrays <- is.list(x) && length(x) > 0 && all(vapply(x, is.numeric, NA))
  if (!arrays) skein_stop("{.arg x} must be a fit or a list of arrays of draws, not {describe_value(x)}.")
  n <- min(vapply(x, NROW, 0L))
  fine <- is.numeric(draw) && length(draw) > 0 && all(is.finite(draw)) && all(draw == floor(draw) & draw >= 1)
  if (!fine || any(draw > n)) {
    skein_stop("{.arg draw} must be whole numbers from 1 to {n}, not {describe_values(draw)}.")
  }
  lapply(x, take_draws, draw)
}

# x[draw, , ...] with all dimensions kept, whatever their number.
take_draws <- function(x, draw) {
  if (is.null(dim(x))) {
    return(x[draw])
  }
  everything <- rep(list(TRUE), length(dim(x)) - 1)
  do.call(`[`, c(list(x, draw), everything, list(drop = FALSE)))
}
