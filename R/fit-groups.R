# The group-level terms of a fit with the names that their draws have in the parameter table.

# One entry per term: group, levels, coefs (as output labels them), sd (variables), effects (variables, levels x coefs),
# cor (NULL, or a data frame with a row per correlation: the two coefficients and the variable).
group_terms <- function(object) {
  groups <- lapply(object$frame$predictors, function(predictor) predictor$groups)
  lapply(unlist(unname(groups), recursive = FALSE), function(group) {
    sd <- object$params$draw_names[[match(paste0("sd_", group$id), object$params$name)]]
    coefs <- substring(sd, nchar(paste0("sd_", group$group, "__")) + 1)
    list(
      group = group$group, levels = group$levels, coefs = coefs, sd = sd,
      effects = matrix(effect_names(group), length(group$levels)),
      cor = if (group$correlated) correlation_pairs(group, coefs)
    )
  })
}

correlation_pairs <- function(group, coefs) {
  pairs <- which(upper.tri(diag(length(coefs))), arr.ind = TRUE)
  data.frame(first = coefs[pairs[, 1]], second = coefs[pairs[, 2]], variable = correlation_names(group))
}

# Terms of the same grouping factor together, in order of first appearance.
split_by_group <- function(terms) {
  groups <- vapply(terms, function(term) term$group, character(1))
  split(terms, factor(groups, unique(groups)))
}

group_coefs <- function(terms) unlist(lapply(terms, function(term) term$coefs))

# All correlations of one grouping factor's terms, or NULL.
group_correlations <- function(terms) do.call(rbind, lapply(terms, function(term) term$cor))

# The hyperparameters of one grouping factor, labelled as summary() shows them: sd(x), cor(Intercept,x).
group_hyperparameters <- function(terms) {
  sd <- unlist(lapply(terms, function(term) term$sd))
  names(sd) <- paste0("sd(", group_coefs(terms), ")")
  pairs <- group_correlations(terms)
  cor <- pairs$variable
  if (!is.null(pairs)) names(cor) <- paste0("cor(", pairs$first, ",", pairs$second, ")")
  c(sd, cor)
}
