# The group-level terms of a fit with the names that their draws have in the parameter table.

# One entry per term: group, levels, coefs and labels (of its effects: "x", "sigma_x"; of its standard deviations:
# the same, or "x:byA" with gr(by = )), sd (variables), effects (variables, levels x coefs), cor (NULL, or a data frame
# with a row per correlation: the labels of the two coefficients and the variable).
group_terms <- function(object) {
  lapply(object$frame$groups, function(group) {
    list(
      group = group$group, levels = group$levels, coefs = group$labels, labels = group_labels(group),
      sd = object$params$draw_names[[match(paste0("sd_", group$id), object$params$name)]],
      effects = matrix(effect_names(group), length(group$levels)),
      cor = if (group$correlated) do.call(rbind, lapply(correlated_labels(group), correlation_pairs, group = group))
    )
  })
}

correlation_pairs <- function(labels, group) {
  pairs <- correlation_positions(length(labels))
  data.frame(
    first = labels[pairs[, 1]], second = labels[pairs[, 2]], variable = correlation_names(group, labels)
  )
}

# Terms of the same grouping factor together, in order of first appearance.
split_by_group <- function(terms) {
  groups <- vapply(terms, function(term) term$group, character(1))
  split(terms, factor(groups, unique(groups)))
}

group_coefs <- function(terms) unlist(lapply(terms, function(term) term$coefs))

group_sd_labels <- function(terms) unlist(lapply(terms, function(term) term$labels))

# All correlations of one grouping factor's terms, or NULL.
group_correlations <- function(terms) do.call(rbind, lapply(terms, function(term) term$cor))

# The hyperparameters of one grouping factor, labelled as summary() shows them: sd(x), cor(Intercept,x).
group_hyperparameters <- function(terms) {
  sd <- unlist(lapply(terms, function(term) term$sd))
  names(sd) <- paste0("sd(", group_sd_labels(terms), ")")
  pairs <- group_correlations(terms)
  cor <- pairs$variable
  if (!is.null(pairs)) names(cor) <- paste0("cor(", pairs$first, ",", pairs$second, ")")
  c(sd, cor)
}
