# The parameter table: the only owner of the parameters' names, order, sizes and bounds.

# One row per block, in the reference layout's order: b, Intercept, the family's parameters, then sd_i, z_i, L_i of each
# group term i. Returns class skeinparams, a data frame: name (Stan's), class (brms's prior class; "z" for z_i), dpar,
# group ("" if none), id (of the group term, else 0), size (constrained elements), transform, lower, upper, and list
# columns: coefs (coefficient of each element, "" where there is none), prior (data frames of set_priors()), constant
# (numeric, NA where sampled; empty if all are), draw_names (in the order of the elements).
# Elements: z_i of a correlated term is a matrix of coefficients by levels, column-major; of other terms the levels run
# fastest within a coefficient. L_i is K by K, column-major.
build_params <- function(frame) {
  blocks <- c(
    lapply(frame$predictors, population_blocks),
    list(lapply(family_info(frame$terms$family)$dpars, dpar_block)),
    lapply(frame$predictors, function(predictor) {
      unlist(lapply(predictor$groups, group_blocks, dpar = predictor$dpar), recursive = FALSE)
    })
  )
  blocks <- unlist(unname(blocks), recursive = FALSE)
  field <- function(name, type) vapply(blocks, function(block) block[[name]], type)
  column <- function(name) unname(lapply(blocks, function(block) block[[name]]))
  table <- data.frame(
    name = field("name", ""), class = field("class", ""), dpar = field("dpar", ""), group = field("group", ""),
    id = field("id", 0), size = field("size", 0), transform = field("transform", ""), lower = field("lower", 0),
    upper = field("upper", 0)
  )
  table$coefs <- column("coefs")
  table$prior <- lapply(blocks, function(block) no_priors())
  table$constant <- lapply(blocks, function(block) numeric(0))
  table$draw_names <- column("draw_names")
  check_draw_names(table, frame)
  class(table) <- c("skeinparams", "data.frame")
  table
}

# The form of the table's prior column.
no_priors <- function() {
  out <- data.frame(distribution = character(0), normalizer = numeric(0))
  out$elements <- out$arguments <- list()
  out[c("elements", "distribution", "arguments", "normalizer")]
}

new_block <- function(name, class, draw_names, ..., coefs = rep("", length(draw_names))) {
  block <- list(
    name = name, class = class, dpar = "mu", group = "", id = 0, size = as.double(length(draw_names)),
    transform = "identity", lower = -Inf, upper = Inf, coefs = coefs, draw_names = draw_names
  )
  given <- list(...)
  block[names(given)] <- given
  block
}

population_blocks <- function(predictor) {
  blocks <- list()
  if (length(predictor$coefs)) {
    blocks$b <- new_block("b", "b", paste0("b_", predictor$coefs), dpar = predictor$dpar, coefs = predictor$coefs)
  }
  if (predictor$centred) blocks$Intercept <- new_block("Intercept", "Intercept", "Intercept", dpar = predictor$dpar)
  blocks
}

dpar_block <- function(dpar) {
  bounds <- dpar_registry[[dpar]]
  new_block(dpar, dpar, dpar, dpar = dpar, transform = bounds_transform(bounds$lower, bounds$upper),
    lower = bounds$lower, upper = bounds$upper)
}

bounds_transform <- function(lower, upper) {
  bounded <- is.finite(c(lower, upper))
  if (all(bounded)) "interval" else if (bounded[1]) "lower" else if (bounded[2]) "upper" else "identity"
}

group_blocks <- function(group, dpar) {
  n_coefs <- length(group$coefs)
  n_levels <- length(group$levels)
  common <- list(dpar = dpar, group = group$group, id = as.double(group$id))
  block <- function(prefix, ...) do.call(new_block, c(list(paste0(prefix, "_", group$id), ...), common))
  blocks <- list(
    block("sd", class = "sd", paste0("sd_", group$group, "__", group$coefs), transform = "lower", lower = 0,
      coefs = group$coefs),
    block("z", class = "z", z_names(group$id, n_coefs, n_levels, group$correlated))
  )
  if (group$correlated) {
    names <- matrix_names(paste0("L_", group$id), n_coefs, n_coefs)
    blocks <- c(blocks, list(block("L", class = "cor", names, transform = "cholesky_corr")))
  }
  blocks
}

matrix_names <- function(name, n_rows, n_columns) {
  rows <- rep(seq_len(n_rows), times = n_columns)
  columns <- rep(seq_len(n_columns), each = n_rows)
  paste0(name, "[", rows, ",", columns, "]")
}

z_names <- function(id, n_coefs, n_levels, correlated) {
  names <- matrix_names(paste0("z_", id), n_coefs, n_levels)
  if (correlated) names else as.vector(t(matrix(names, n_coefs)))
}

# Names of what is derived from a group term: correlations (rows before columns: (1,2), (1,3), (2,3), (1,4) ...) and
# effects r (levels run fastest within a coefficient).
correlation_names <- function(group) {
  pairs <- which(upper.tri(diag(length(group$coefs))), arr.ind = TRUE)
  paste0("cor_", group$group, "__", group$coefs[pairs[, 1]], "__", group$coefs[pairs[, 2]])
}

effect_names <- function(group) {
  levels <- gsub("[ \t\r\n]", ".", group$levels)
  paste0("r_", group$group, "[", rep(levels, length(group$coefs)), ",", rep(group$coefs, each = length(levels)), "]")
}

# Two levels may differ by white space only, which draws' names do not keep; other clashes come from odd column names.
check_draw_names <- function(table, frame) {
  groups <- unlist(lapply(frame$predictors, function(predictor) predictor$groups), recursive = FALSE)
  spaced <- Filter(function(group) any(grepl("[ \t\r\n]", group$levels)), groups)
  names <- c(unlist(table$draw_names[table$class != "z"]), unlist(lapply(spaced, effect_names)))
  twice <- anyDuplicated(names)
  if (twice) {
    skein_stop(c(
      "Two quantities of the model would both be called {.val {names[twice]}}.",
      i = "Rename a column, or a level of a grouping factor."
    ))
  }
}
