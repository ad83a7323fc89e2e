# Readers of responses that have a support of their own: positive numbers, numbers from 0 on, proportions.

# Positive numbers, as doubles. rows: numbers of the rows in the user's data, for messages.
read_positive <- function(y, name, rows, family) {
  y <- read_real(y, name, rows, family)
  if (length(y) && min(y) <= 0) check_values(y, y > 0, name, rows, paste0("must be greater than 0 in family ", family))
  y
}

read_nonnegative <- function(y, name, rows, family) {
  y <- read_real(y, name, rows, family)
  if (length(y) && min(y) < 0) check_values(y, y >= 0, name, rows, paste0("must be at least 0 in family ", family))
  y
}

# Strictly between 0 and 1.
read_proportion <- function(y, name, rows, family) {
  y <- read_real(y, name, rows, family)
  what <- paste0("must be greater than 0 and less than 1 in family ", family)
  if (length(y) && (min(y) <= 0 || max(y) >= 1)) check_values(y, y > 0 & y < 1, name, rows, what)
  y
}
