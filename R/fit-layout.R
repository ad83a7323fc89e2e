# The reference layout as R sees it: which element of the concatenated parameter blocks is which, and the shapes of
# the blocks in the Stan program that brms would write.

# One row per block of a parameter table (class skeinparams), in its order: name, first (1-based position in the
# concatenation), size, kind ("scalar", "vector", "matrix"), rows, columns, and by_row: array[M] vector[N] is stored
# vector after vector, matrix[M, N] column after column.
block_layout <- function(params) {
  name <- params$name
  size <- as.integer(params$size)
  is_matrix <- params$rows > 0
  rows <- ifelse(is_matrix, as.integer(params$rows), size)
  kind <- ifelse(is_matrix, "matrix", ifelse(params$class %in% c("b", "sd"), "vector", "scalar"))
  correlated <- params$id[params$class == "cor"]
  data.frame(
    name = name,
    first = cumsum(c(1L, size))[seq_along(size)],
    size = size,
    kind = kind,
    rows = rows,
    columns = ifelse(rows > 0, size %/% pmax(rows, 1L), 0L),
    by_row = params$class == "z" & !params$id %in% correlated,
    stringsAsFactors = FALSE
  )
}

# Positions of one block within the concatenation; `block` is one row of block_layout().
block_positions <- function(block) block$first - 1L + seq_len(block$size)

# The block's stored values in the shape that rstan gives them: a number, a vector, or an M x N matrix.
block_from_storage <- function(values, block) {
  if (block$kind == "scalar") {
    return(as.vector(values))
  }
  if (block$kind == "vector") {
    return(array(values, block$size))
  }
  matrix(values, block$rows, block$columns, byrow = block$by_row)
}

# The inverse. Leading dimensions of 1, as single draws have them, and plain vectors (column-major) are fine.
block_to_storage <- function(values, block) {
  values <- as.double(values)
  if (block$kind == "matrix" && block$by_row) {
    values <- as.vector(t(matrix(values, block$rows, block$columns)))
  }
  values
}

# Stan's arrays of matrices, as L_1 of gr(by = ), are several blocks here: L_1[1], L_1[2]. join_arrays() puts such
# elements of a list together as arrays with the first index leading; split_arrays() takes them apart.
join_arrays <- function(blocks) {
  stem <- sub("\\[[0-9]+\\]$", "", names(blocks))
  for (name in unique(stem[stem != names(blocks)])) {
    parts <- blocks[stem == name]
    joined <- aperm(array(unlist(parts), c(dim(parts[[1]]), length(parts))), c(3, 1, 2))
    blocks[[match(name, stem)]] <- joined
    names(blocks)[match(name, stem)] <- name
    blocks <- blocks[!names(blocks) %in% names(parts)]
    stem <- sub("\\[[0-9]+\\]$", "", names(blocks))
  }
  blocks
}

split_arrays <- function(given, layout) {
  for (name in grep("[", layout$name, fixed = TRUE, value = TRUE)) {
    stem <- sub("\\[.*", "", name)
    whole <- given[[stem]]
    k <- as.integer(gsub(".*\\[|\\]", "", name))
    if (length(dim(whole)) == 3 && dim(whole)[1] >= k) given[[name]] <- whole[k, , ]
  }
  given[setdiff(names(given), setdiff(sub("\\[.*", "", layout$name), layout$name))]
}

# Fixed values of all blocks in the concatenation, NA where the element is sampled.
constant_values <- function(params) {
  fixed <- Map(function(constant, size) {
    if (length(constant) == size) as.double(constant) else rep(NA_real_, size)
  }, params$constant, params$size)
  as.double(unlist(fixed, use.names = FALSE))
}
