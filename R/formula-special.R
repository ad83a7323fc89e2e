# What of brms's formula language is not here yet: recognised, so that it stops instead of being misread.

# Term functions of brms's right sides. Only whole terms (or parts of interactions) count: f(s(x)) is R's affair.
later_terms <- c(
  "s", "t2", "te", "ti", "gp", "mo", "me", "mi", "cs", "cse", "mm", "mmc", "ar", "ma", "arma", "cosy", "unstr", "sar",
  "car", "fcor", "set_rescor", "set_mecor", "mvbind"
)

# The name of the function that a call calls, without `package::`; NULL if there is none.
call_name <- function(x) {
  if (!is.call(x)) {
    return(NULL)
  }
  head <- x[[1]]
  if (is.call(head) && length(head) == 3 && as.character(head[[1]]) %in% c("::", ":::")) head <- head[[3]]
  if (is.name(head)) as.character(head) else NULL
}

is_formula_operator <- function(x) {
  is.name(x[[1]]) && as.character(x[[1]]) %in% c("+", "-", "*", "/", ":", "^", "%in%", "(", "|", "||")
}

# Walks the right side of a formula through its operators and stops at the first construct of later_terms, and at gr()
# with options that are not here yet.
refuse_special_terms <- function(x) {
  if (!is.call(x)) {
    return(invisible())
  }
  name <- call_name(x)
  if (!is.null(name) && name %in% later_terms) stop_not_yet(paste0(name, "()"))
  if (identical(name, "gr")) gr_arguments(x)
  if (is_formula_operator(x)) lapply(as.list(x)[-1], refuse_special_terms)
  invisible()
}
