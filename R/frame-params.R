# The parameter table: the only owner of the parameters' names, order, sizes and bounds.

# One row per block, in the reference layout's order: for mu and each further parameter of the family its coefficients
# b and Intercept where it is predicted (b_sigma, Intercept_sigma), else the parameter itself; then sd_i, z_i, L_i of
# each group term i. With gr(by = ), L_i is one block for each level: L_i[1], L_i[2].
# Returns class skeinparams, a data frame: name (Stan's), class (brms's prior class; "z" for z_i; "fixed" for parameters
# fixed by the formula, which have no prior), dpar (the family's parameter; "" for sd_i, z_i, L_i that span several),
# group ("" if none), id (of the group term, else 0), size (constrained elements), rows (of a matrix, 0 for vectors and
# numbers), transform, lower, upper, and list columns: coefs and dpars (coefficient and family's parameter of each
# element, "" where there is none), prior (data frames of set_priors()), constant (numeric, NA where sampled; empty if
# all are), draw_names (in the order of the elements).
# Elements: z_i of a correlated term is a matrix of coefficients by levels, column-major; of other terms the levels run
# fastest within a coefficient. sd_i with gr(by = ) is coefficients by levels of the by-variable, column-major. L_i is K
# by K, column-major.
build_params <- function(frame) {
  dpars <- c("mu", family_info(frame$terms$family)$dpars)
  blocks <- c(
    lapply(dpars, function(dpar) {
      predictor <- frame$predictors[[dpar]]
      if (!is.null(predictor)) {
        return(population_blocks(predictor))
      }
      fixed <- frame$fixed[[dpar]]
      list(if (is.null(fixed)) dpar_block(dpar, frame) else fixed_block(dpar, fixed))
    }),
    lapply(frame$groups, group_blocks)
  )
  blocks <- unlist(unname(blocks), recursive = FALSE)
  field <- function(name, type) vapply(blocks, function(block) block[[name]], type, USE.NAMES = FALSE)
  column <- function(name) unname(lapply(blocks, function(block) block[[name]]))
  table <- data.frame(
    name = field("name", ""), class = field("class", ""), dpar = field("dpar", ""), group = field("group", ""),
    id = field("id", 0), size = field("size", 0), rows = field("rows", 0), transform = field("transform", ""),
    lower = field("lower", 0), upper = field("upper", 0)
  )
  table$coefs <- column("coefs")
  table$dpars <- column("dpars")
  table$prior <- lapply(blocks, function(block) no_priors())
  table$constant <- column("constant")
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
    name = name, class = class, dpar = "mu", group = "", id = 0, size = as.double(length(draw_names)), rows = 0,
    transform = "identity", lower = -Inf, upper = Inf, coefs = coefs, draw_names = draw_names, constant = numeric(0)
  )
  given <- list(...)
  block[names(given)] <- given
  if (is.null(block$dpars)) block$dpars <- rep(block$dpar, length(draw_names))
  block
}

population_blocks <- function(predictor) {
  dpar <- predictor$dpar
  name <- function(class) dpar_suffix(class, dpar)
  blocks <- list()
  if (length(predictor$coefs)) {
    names <- paste0("b_", dpar_prefix(dpar), predictor$coefs)
    blocks$b <- new_block(name("b"), "b", names, dpar = dpar, coefs = predictor$coefs)
  }
  if (predictor$centred) {
    blocks$Intercept <- new_block(name("Intercept"), "Intercept", name("Intercept"), dpar = dpar)
  }
  blocks
}

# "b_sigma", "Intercept_sigma" and the like; b and Intercept for mu.
dpar_suffix <- function(class, dpar) if (dpar == "mu") class else paste0(class, "_", dpar)

dpar_block <- function(dpar, frame) {
  bounds <- dpar_registry[[dpar]]
  upper <- if (identical(bounds$upper, "min_Y")) min(frame$response) else bounds$upper
  new_block(dpar, dpar, dpar, dpar = dpar, transform = bounds_transform(bounds$lower, upper), lower = bounds$lower,
    upper = upper)
}

fixed_block <- function(dpar, value) new_block(dpar, "fixed", dpar, dpar = dpar, constant = value)

bounds_transform <- function(lower, upper) {
  bounded <- is.finite(c(lower, upper))
  if (all(bounded)) "interval" else if (bounded[1]) "lower" else if (bounded[2]) "upper" else "identity"
}

group_blocks <- function(group) {
  n_coefs <- length(group$coefs)
  n_levels <- length(group$levels)
  n_by <- max(1, length(group$by$labels))
  dpar <- if (length(unique(group$dpars)) == 1) group$dpars[1] else ""
  common <- list(dpar = dpar, group = group$group, id = as.double(group$id))
  block <- function(name, ...) do.call(new_block, c(list(name, ...), common))
  blocks <- list(
    block(paste0("sd_", group$id), class = "sd", paste0("sd_", group$group, "__", group_labels(group)),
      rows = if (is.null(group$by)) 0 else n_coefs, transform = "lower", lower = 0, coefs = rep(group$coefs, n_by),
      dpars = rep(group$dpars, n_by)),
    block(paste0("z_", group$id), class = "z", z_names(group$id, n_coefs, n_levels, group$correlated), rows = n_coefs)
  )
  if (group$correlated) {
    for (name in cholesky_names(group)) {
      names <- matrix_names(name, n_coefs, n_coefs)
      blocks <- c(blocks, list(block(name, class = "cor", names, rows = n_coefs, transform = "cholesky_corr")))
    }
  }
  blocks
}

cholesky_names <- function(group) {
  name <- paste0("L_", group$id)
  if (is.null(group$by)) name else paste0(name, "[", seq_along(group$by$labels), "]")
}

# Coefficients as their standard deviations are labelled: "x", "sigma_x", or "x:byA" for each level of a by-variable.
group_labels <- function(group) {
  if (is.null(group$by)) group$labels else as.vector(outer(group$labels, group$by$labels, paste, sep = ":"))
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

# Pairs of correlated coefficients as positions in the labels, first and second: (1,2), (1,3), (2,3), (1,4) ...
correlation_positions <- function(n) which(upper.tri(diag(n)), arr.ind = TRUE)

# Names of what is derived from a group term: correlations, those of one by-level after the other, and effects r (levels
# run fastest within a coefficient).
correlation_names <- function(group, labels = group$labels) {
  pairs <- correlation_positions(length(labels))
  paste0("cor_", group$group, "__", labels[pairs[, 1]], "__", labels[pairs[, 2]])
}

# The labels of each matrix of correlations of a term: one, or one for each by-level.
correlated_labels <- function(group) {
  if (is.null(group$by)) list(group$labels) else lapply(group$by$labels, function(by) paste0(group$labels, ":", by))
}

effect_names <- function(group) {
  levels <- gsub("[ \t\r\n]", ".", group$levels)
  stem <- paste0("r_", group$group, ifelse(group$dpars == "mu", "", paste0("__", group$dpars)))
  paste0(rep(stem, each = length(levels)), "[", levels, ",", rep(group$coefs, each = length(levels)), "]")
}

# Two levels may differ by white space only, which draws' names do not keep; other clashes come from odd column names.
check_draw_names <- function(table, frame) {
  spaced <- Filter(function(group) any(grepl("[ \t\r\n]", group$levels)), frame$groups)
  names <- c(unlist(table$draw_names[table$class != "z"]), unlist(lapply(spaced, effect_names)))
  twice <- anyDuplicated(names)
  if (twice) {
    skein_stop(c(
      "Two quantities of the model would both be called {.val {names[twice]}}.",
      i = "Rename a column, or a level of a grouping factor."
    ))
  }
}
