# One block of the parameter table: which prior holds for which element, its bounds, constants and densities.

# Adds to the slot: lower and upper, constant (a number per element, NA where sampled), densities (the data frame
# described at set_priors()) and flat (elements without any prior).
fill_slot <- function(slot, rows, read) {
  used <- vapply(seq_along(slot$coefs), function(j) used_prior_row(slot, j, rows), integer(1))
  for (row in unique(used[used > 0])) check_prior_class(slot, read[[row]], rows[row, ])
  bounds <- slot_bounds(slot, rows)
  slot$lower <- bounds[1]
  slot$upper <- bounds[2]
  kind <- vapply(used, function(row) if (row) read[[row]]$distribution else "flat", character(1))
  slot$constant <- rep(NA_real_, length(used))
  slot$constant[kind == "constant"] <- vapply(used[kind == "constant"], function(row) read[[row]]$arguments, numeric(1))
  check_constants(slot)
  slot$flat <- kind == "flat"
  sampled <- setdiff(unique(used[!kind %in% c("flat", "constant")]), 0)
  slot$densities <- slot_densities(slot, used, sampled, read, rows)
  slot
}

# Row of the prior that holds for element j of the slot: its own, else its group's, else the class's; 0 if all are
# empty. Where a group-level term spans several of the family's parameters, priors of mu stand in for those of the
# others that are empty, as in brms.
used_prior_row <- function(slot, j, rows) {
  dpar <- slot$dpars[j]
  dpars <- if (length(unique(slot$dpars)) > 1) unique(c(dpar, "")) else dpar
  fits <- rows$class == slot$class & nzchar(rows$prior)
  own <- which(fits & rows$dpar == dpar & rows$group == slot$group & rows$coef == slot$coefs[j])
  base <- which(fits & rows$dpar %in% dpars & rows$group %in% c(slot$group, "") & !nzchar(rows$coef))
  base <- base[order(rows$group[base] != slot$group, rows$dpar[base] != dpar)]
  c(own, base, 0L)[1]
}

check_prior_class <- function(slot, prior, row) {
  correlation <- prior$distribution == "lkj"
  if (slot$class == "L" && prior$distribution == "constant") stop_not_yet("constant() for correlations")
  if (slot$class == "L" && !correlation) {
    skein_stop("Correlations can only have lkj() priors, not {.val {row$prior}}.")
  }
  if (slot$class != "L" && correlation) {
    skein_stop("The prior {.val {row$prior}} is for correlations, class {.val cor}, not class {.val {slot$class}}.")
  }
}

# c(lower, upper) in force: those of the group's row if it has any, else the class's.
slot_bounds <- function(slot, rows) {
  bounds <- lapply(unique(slot$dpars), function(dpar) bounds_of_dpar(slot, dpar, rows))
  if (length(unique(bounds)) > 1) {
    skein_stop("The coefficients of {.val {slot$draw_names}} vary together and must have the same bounds.")
  }
  bounds[[1]]
}

bounds_of_dpar <- function(slot, dpar, rows) {
  fits <- rows$class == slot$class & rows$dpar == dpar & !nzchar(rows$coef) & rows$group %in% c(slot$group, "") &
    (nzchar(rows$lb) | nzchar(rows$ub))
  row <- which(fits)[order(!nzchar(rows$group[fits]))][1]
  if (is.na(row)) {
    return(c(-Inf, Inf))
  }
  shown <- format(rows[row, ])
  if (slot$class == "L") skein_stop("Correlations take no bounds: {.val {shown}}.")
  bounds <- c(
    read_bound(rows$lb[row], shown, -Inf, slot$upper), read_bound(rows$ub[row], shown, Inf, slot$upper)
  )
  if (bounds[1] == Inf || bounds[2] == -Inf || bounds[1] >= bounds[2]) {
    skein_stop("The lower bound of {.val {shown}} must be below its upper bound.")
  }
  positive <- slot$class == "sd" || isTRUE(dpar_registry[[slot$class]]$lower >= 0)
  if (positive && bounds[1] < 0) {
    skein_stop("The lower bound of {.val {shown}} is {bounds[1]}, but {.val {slot$class}} cannot be negative.")
  }
  if (slot$class %in% names(dpar_registry) && bounds[2] > slot$upper) {
    skein_stop(
      "The upper bound of {.val {shown}} is {bounds[2]}, but {.val {slot$class}} cannot be more than {slot$upper}."
    )
  }
  bounds
}

# min_y: the value of "min_Y", the smallest response.
read_bound <- function(text, shown, none, min_y = Inf) {
  text <- trimws(text)
  if (text == "min_Y") {
    return(min_y)
  }
  if (text %in% c("", "NA")) {
    return(none)
  }
  if (text %in% c("Inf", "-Inf")) {
    return(as.numeric(text))
  }
  call <- tryCatch(parse(text = text, keep.source = FALSE), error = function(e) NULL)
  if (length(call) != 1) skein_stop("The bound {.val {text}} of {.val {shown}} is not a number.")
  prior_number(call[[1]], shown)
}

check_constants <- function(slot) {
  outside <- which(slot$constant < slot$lower | slot$constant > slot$upper)
  if (length(outside)) {
    value <- slot$constant[outside[1]]
    skein_stop(c(
      "The prior constant({value}) is out of the bounds of {.val {slot$draw_names[outside[1]]}}.",
      i = "They are {slot$lower} and {slot$upper}."
    ))
  }
}

# One row per prior row in use: those elements of the slot that it holds for.
slot_densities <- function(slot, used, sampled, read, rows) {
  # A term that spans several parameters of the family has no prior for all of its coefficients at once.
  by_coef <- any(nzchar(rows$coef[used])) || (length(unique(slot$dpars)) > 1 && length(unique(used)) > 1)
  elements <- lapply(sampled, function(row) which(used == row))
  out <- data.frame(
    distribution = vapply(read[sampled], function(prior) prior$distribution, character(1)),
    normalizer = as.numeric(Map(
      function(prior, row, at) slot_normalizer(slot, length(at) / slot$repeats, prior, rows[row, ]),
      read[sampled], sampled, elements
    ))
  )
  out$elements <- if (slot$class == "L") rep(list(seq_len(slot$size)), nrow(out)) else elements
  out$arguments <- lapply(read[sampled], function(prior) prior$arguments)
  out$draw_names <- lapply(elements, function(at) {
    prior_draw_names(slot, if (by_coef) at[at <= slot$size / slot$repeats])
  })
  out[c("elements", "distribution", "arguments", "normalizer", "draw_names")]
}

# As in brms, a density is divided by its mass within the bounds where they cut into its support; a uniform counts as
# unbounded.
slot_normalizer <- function(slot, n, prior, row) {
  if (prior$distribution == "lkj") {
    return(0)
  }
  support <- prior_distributions()[[prior$distribution]]$support
  lower <- if (slot$lower > support[1]) slot$lower else -Inf
  upper <- if (slot$upper < support[2]) slot$upper else Inf
  if (lower == -Inf && upper == Inf) {
    return(0)
  }
  log_mass <- prior_log_mass(prior, lower, upper)
  if (!is.finite(log_mass)) {
    skein_stop("The prior {.val {format(row)}} has no mass between its bounds {slot$lower} and {slot$upper}.")
  }
  -n * log_mass
}

# brms's names: prior_b for a whole class, prior_b_x once some coefficient has a prior of its own; prior_sd_g,
# prior_sd_g__x, prior_b_sigma_x; prior_cor_g. `at`: elements of the slot, NULL for all of it.
prior_draw_names <- function(slot, at = NULL) {
  suffix <- if (nzchar(slot$dpars[1])) paste0("_", slot$dpars[1]) else ""
  switch(slot$class,
    b = paste0("prior_b", suffix, if (length(at)) paste0("_", slot$coefs[at])),
    sd = paste0(
      "prior_sd_", slot$group, if (length(at)) sub(paste0("sd_", slot$group), "", slot$draw_names[at], fixed = TRUE)
    ),
    L = paste0("prior_cor_", slot$group),
    paste0("prior_", slot$class, suffix)
  )
}

check_proper <- function(slots) {
  flat <- unlist(lapply(slots, function(slot) if (slot$class == "L") character(0) else slot$draw_names[slot$flat]))
  if (length(flat)) {
    skein_stop(c(
      "Sampling from priors is not possible: {.val {flat}} {?has/have} no proper prior{?s}.",
      i = "Set one for each, as in {.code prior(normal(0, 1), class = b)}."
    ))
  }
}
