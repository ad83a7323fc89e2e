# Printing of fits and of their summaries, in brms's layout.

#' @rdname summary.skeinfit
#' @export
print.skeinfit <- function(x, digits = 2, short = getOption("brms.short_summary", FALSE), ...) {
  print(summary(x, ...), digits = digits, short = short)
  invisible(x)
}

#' @rdname summary.skeinfit
#' @export
print.skeinsummary <- function(x, digits = 2, short = getOption("brms.short_summary", FALSE), ...) {
  check_whole_number(digits, "digits", min = 0)
  check_flag(short, "short")
  cat(" Family:", x$family$family, "\n")
  cat("  Links:", paste0(names(x$links), " = ", x$links, collapse = "; "), "\n")
  formula <- format_formula_lines(x$formula)
  cat(paste0(c("Formula: ", rep("         ", length(formula) - 1)), formula, " \n"), sep = "")
  cat(sprintf("   Data: %s (Number of observations: %d) \n", x$data_name, x$nobs))
  if (is.null(x$sampler)) {
    cat("\nThe model does not contain posterior draws.\n")
    return(invisible(x))
  }
  if (!short) print_draws_line(x)
  cat("\n")
  print_sections(x, digits)
  if (!short) print_footer(x)
  invisible(x)
}

print_draws_line <- function(x) {
  number <- function(value) format(value, scientific = FALSE)
  cat(
    "  Draws: ", number(x$chains), " chains, each with iter = ", number(x$iter), "; warmup = ", number(x$warmup),
    "; thin = ", number(x$thin), ";\n", "         total post-warmup draws = ", number(x$total_ndraws), "\n",
    sep = ""
  )
}

print_sections <- function(x, digits) {
  if (NROW(x$prior)) {
    cat("Priors:\n")
    print(x$prior, show_df = FALSE)
    cat("\n")
  }
  print_section("Correlation Structures:", x$cor_pars, digits)
  if (length(x$random)) {
    cat("Multilevel Hyperparameters:\n")
    for (group in names(x$random)) {
      print_section(sprintf("~%s (Number of levels: %d) ", group, x$ngrps[[group]]), x$random[[group]], digits)
    }
  }
  print_section("Regression Coefficients:", x$fixed, digits)
  print_section("Further Distributional Parameters:", x$spec_pars, digits)
}

print_section <- function(title, rows, digits) {
  if (NROW(rows) == 0) {
    return(invisible())
  }
  cat(title, "\n", sep = "")
  print(format_rows(rows, digits), quote = FALSE, right = TRUE)
  cat("\n")
}

# A character matrix: fixed decimals, none for effective sample sizes.
format_rows <- function(rows, digits) {
  text <- vapply(names(rows), function(column) {
    decimals <- if (column %in% c("Bulk_ESS", "Tail_ESS")) 0 else digits
    sprintf("%.*f", as.integer(decimals), rows[[column]])
  }, character(nrow(rows)))
  matrix(text, nrow(rows), dimnames = list(rownames(rows), names(rows)))
}

print_footer <- function(x) {
  cat("Draws were sampled using ", x$sampler, ". For each parameter, Bulk_ESS\n", sep = "")
  cat("and Tail_ESS are effective sample size measures, and Rhat is the potential\n")
  cat("scale reduction factor on ", if (x$superchains > 0) paste(x$superchains, "super") else "split ",
    "chains (at convergence, Rhat = 1).\n", sep = "")
}
