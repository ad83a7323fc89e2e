# What this machine offers and what skein uses of it.

#' What skein runs on
#'
#' @return A list of class `skeininfo`: `version`, `cores` (that the system lets this process use), `instruction_set` in
#'   force, `lanes` (chains of one evaluation of a small traced density, on every instruction set), `vector_doubles`
#'   (numbers in one vector register) and `launcher` of threads.
#' @examples
#' skein_info()
#' @export
skein_info <- function() {
  set <- instruction_set_in_force()
  structure(
    list(
      version = skein_version(), cores = available_cores(), instruction_set = set, lanes = 8,
      vector_doubles = c(baseline = 2, avx2 = 4, avx512 = 8)[[set]], launcher = "std::thread"
    ),
    class = "skeininfo"
  )
}

#' @export
print.skeininfo <- function(x, ...) {
  cat("skein ", format(x$version), "\n", sep = "")
  cat("Cores allowed:   ", x$cores, "\n", sep = "")
  cat("Instruction set: ", x$instruction_set, ", ", x$vector_doubles, " numbers a vector\n", sep = "")
  cat("Lanes:           ", x$lanes, " chains of a small density at once\n", sep = "")
  invisible(x)
}
