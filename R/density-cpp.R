# Log densities written in C++ by users.

#' A log density in C++
#'
#' A C++ struct with a function of the unconstrained position that returns the log density and sets its gradient runs at
#' full speed, in all of skein's threads. It needs the package's header only:
#' ```
#' // [[Rcpp::depends(skein)]]
#' #include <Rcpp.h>
#' #include <skein.hpp>
#'
#' struct Banana {
#'   double curvature;
#'   std::size_t dimension() const { return 2; }
#'   double log_density_gradient(const double* q, double* gradient) const {
#'     const double rest = q[1] - curvature * q[0] * q[0];
#'     gradient[0] = -q[0] + 2 * curvature * q[0] * rest;
#'     gradient[1] = -rest;
#'     return -0.5 * (q[0] * q[0] + rest * rest);
#'   }
#' };
#'
#' // [[Rcpp::export]]
#' SEXP banana(double curvature) {
#'   return Rcpp::XPtr< skein::Density >(skein::make_density(Banana{curvature}));
#' }
#' ```
#' Compile it by [Rcpp::sourceCpp()] (the comment in its first line finds the header and asks for C++17) or in a package
#' with `LinkingTo: skein`, or give the code or the file to `density_cpp()`. The functions of the struct must be `const`
#' and safe to call from several threads: they must not touch R. `std::domain_error` means a position outside the
#' support; `draw_size()` and `write_draw(position, out)` may report other values than the position.
#'
#' @param x The external pointer that such a function returns; or C++ code (one string of several lines) or the name of
#'   a `.cpp` file, with one exported function.
#' @param init Named list of values whose elements, in order, are the unconstrained position; names and shapes are those
#'   of the draws. If the struct writes draws of its own, their names are `draw_names`.
#' @param data Named list of arguments of the exported function, where `x` is code or a file.
#' @param draw_names Names of the values that `write_draw()` writes.
#' @param check Run [check_gradient()] at `init`?
#' @return An object of class `skeindensity`.
#' @export
density_cpp <- function(x, init, data = list(), draw_names = NULL, check = TRUE) {
  check_flag(check, "check")
  build <- NULL
  if (is.character(x)) {
    code <- x
    build <- function() compile_density(code, data)
    x <- build()
  }
  if (typeof(x) != "externalptr") {
    skein_stop("{.arg x} must be an external pointer to a {.code skein::Density} or C++ code, not {describe_value(x)}.")
  }
  if (!is_live(x)) skein_stop("The external pointer is null: make the density in this R process.")
  shapes <- parameter_shapes(init, NULL)
  parts <- density_parts(shapes, NULL)
  init <- check_parameter_values(init, parts, "init")
  facts <- density_facts(x)
  n <- length(unlist(init))
  if (n != facts$dimension) {
    skein_stop("The density has {facts$dimension} dimension{?s}, but {.arg init} has {n} number{?s}.")
  }
  density <- new_skeindensity("C++", x, parts, init, build, main_thread = facts$main_thread_only)
  if (facts$draw_size != n || !is.null(draw_names)) {
    if (length(draw_names) != facts$draw_size) {
      skein_stop("The density writes {facts$draw_size} value{?s} a draw: {.arg draw_names} must name them all.")
    }
    density$draw_names <- as.character(draw_names)
  }
  density$constrain <- function(u) constrain_identity(parts, u)
  if (check) check_gradient(density)
  density
}

constrain_identity <- function(parts, u) transformed_values(parts, NULL, as.double(u))

# Compiles the code or file and calls its one exported function.
compile_density <- function(code, data) {
  is_file <- length(code) == 1 && !grepl("\n", code)
  if (is_file && !file.exists(code)) skein_stop("There is no file {.path {code}}.")
  frame <- new.env(parent = globalenv())
  compiled <- if (is_file) {
    Rcpp::sourceCpp(code, env = frame)
  } else {
    Rcpp::sourceCpp(code = paste(code, collapse = "\n"), env = frame)
  }
  if (length(compiled$functions) != 1) {
    skein_stop("The code must export one function, but exports {length(compiled$functions)}.")
  }
  do.call(get(compiled$functions, envir = frame), as.list(data))
}

# Rcpp's hook: what `// [[Rcpp::depends(skein)]]` adds to a compilation.
inlineCxxPlugin <- function(...) {
  list(
    env = list(USE_CXX17 = "yes", PKG_LIBS = ""), includes = "#include <skein.hpp>",
    LinkingTo = c("Rcpp", "RcppEigen", "skein"),
    body = function(x) x, Depends = "Rcpp"
  )
}
