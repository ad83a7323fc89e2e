# The user's priors joined to the defaults, and both written into the parameter table.

# Fills columns prior, constant, lower, upper and transform of the table. `prior` is the user's, brms's or NULL;
# sample_prior = "only" asks for proper priors. Attribute "priors_in_force" of the result is the skeinprior of all
# priors, user's and default. Each row of a block's prior is one density over some of its elements: elements,
# distribution, arguments, normalizer (added to the density: less the log of the mass within the bounds, times the
# elements) and draw_names (of the draws for sample_prior = "yes").
set_priors <- function(table, prior, frame, sample_prior = "no") {
  slots <- prior_slots(table)
  rows <- priors_in_force(prior, default_prior_rows(slots, frame, cholesky = TRUE))
  # The smallest response, in the priors of ndt.
  min_y <- format(min(frame$response), digits = 17)
  read <- lapply(gsub("\\bmin_Y\\b", paste0("(", min_y, ")"), rows$prior), read_prior)
  slots <- lapply(slots, fill_slot, rows = rows, read = read)
  for (slot in slots) {
    i <- slot$row
    table$prior[[i]] <- slot$densities
    if (!all(is.na(slot$constant))) table$constant[[i]] <- slot$constant
    if (slot$class == "L") next
    table$lower[i] <- slot$lower
    table$upper[i] <- slot$upper
    table$transform[i] <- bounds_transform(slot$lower, slot$upper)
  }
  if (sample_prior == "only") check_proper(slots)
  attr(table, "priors_in_force") <- rows
  table
}

# All priors of a model as brms's prior_summary() lists them: the user's rows in place of the defaults' they match.
priors_in_force <- function(prior, defaults) {
  given <- as.skeinprior(prior)
  if (any(!nzchar(given$class))) stop_not_yet("set_prior(check = FALSE)")
  given$class <- ifelse(given$class == "cor", "L", given$class)
  given$prior <- sub("^\\s*lkj(_corr)?\\s*\\(", "lkj_corr_cholesky(", given$prior)
  key <- function(rows) do.call(paste, c(as.data.frame(rows)[prior_keys], sep = "\r"))
  twice <- duplicated(key(given))
  if (any(twice)) {
    skein_stop("Duplicated prior specifications are not allowed: {.val {format(given[twice, ])[1]}}.")
  }
  at <- match(key(given), key(defaults))
  if (anyNA(at)) stop_unmatched_priors(given[is.na(at), ], defaults)
  given <- complete_bounds(given, defaults, at)
  rows <- order_priors(c(defaults, given, replace = TRUE), c("class", "group", "resp", "dpar", "nlpar", "coef"))
  check_prior_bounds(rows)
  warn_unused_priors(rows)
  rows
}

stop_unmatched_priors <- function(rows, defaults) {
  lines <- format(rows)
  near <- nearest_prior_key(rows[1, ], defaults)
  skein_stop(c(
    "The following priors do not correspond to any model parameter:",
    sprintf("{lines[%d]}", seq_along(lines)),
    i = paste0(if (!is.null(near)) "Did you mean {.val {near}}? ", "{.fn default_prior} lists what can be set.")
  ))
}

# The class, coefficient or group that was probably meant by an unmatched row.
nearest_prior_key <- function(row, defaults) {
  same_class <- defaults[defaults$class == row$class, ]
  if (nrow(same_class) == 0) {
    return(closest_name(row$class, c(unique(defaults$class), "cor")))
  }
  key <- if (row$coef %in% same_class$coef) "group" else "coef"
  closest_name(row[[key]], setdiff(same_class[[key]], ""))
}

# Bounds that the user left open are those of the default row; if only one is given, the other is that of the class.
complete_bounds <- function(given, defaults, at) {
  inherited <- fill_inherited_priors(defaults)
  for (bound in c("lb", "ub")) {
    other <- given[[setdiff(c("lb", "ub"), bound)]]
    open <- is.na(given[[bound]])
    whole_class <- !nzchar(given$coef)
    paired <- !is.na(other) & nzchar(other)
    given[[bound]] <- ifelse(!open, given[[bound]], ifelse(
      !whole_class, "", ifelse(paired, inherited[[bound]][at], defaults[[bound]][at])
    ))
  }
  given
}

# A prior that lives on part of the line only, for a parameter without that bound, is seldom meant.
check_prior_bounds <- function(rows) {
  filled <- fill_inherited_priors(rows)
  name <- sub("\\s*\\(.*", "", trimws(rows$prior))
  user <- rows$source == "user" & nzchar(rows$prior)
  open_below <- name %in% c("lognormal", "exponential", "gamma", "inv_gamma", "beta", "uniform") & !nzchar(filled$lb)
  open_above <- name %in% c("beta", "uniform") & !nzchar(filled$ub)
  for (i in which(user & (open_below | open_above))) {
    side <- if (open_below[i]) "lower" else "upper"
    argument <- if (open_below[i]) "lb" else "ub"
    skein_warn(c(
      "The prior {.val {format(rows[i, ])}} is bounded, but its parameter has no {side} bound.",
      i = "If the parameter is to be bounded too, set {.arg {argument}} in a prior for the whole class."
    ), class = "skein_prior_bound")
  }
}

warn_unused_priors <- function(rows) {
  for (i in which(rows$source == "user" & nzchar(rows$prior) & !nzchar(rows$coef))) {
    below <- nzchar(rows$coef) & rows$class == rows$class[i] & rows$group == rows$group[i] & rows$dpar == rows$dpar[i]
    if (any(below) && all(nzchar(rows$prior[below]))) {
      skein_warn("The prior {.val {format(rows[i, ])}} is not used: all its coefficients have priors of their own.")
    }
  }
}
