# Formulas and fixed values of parameters beyond the mean: lf(), and their part of a skeinformula.

#' @rdname brmsformula
#' @export
lf <- function(..., flist = NULL, dpar = NULL, resp = NULL, center = NULL, cmc = NULL, sparse = NULL, decomp = NULL) {
  if (!is.null(dpar)) skein_warn("{.arg dpar} of {.fn lf} is defunct: write the parameter left of {.code ~}.")
  if (!is.null(resp)) stop_not_yet("lf(resp = )")
  for (name in c("sparse", "decomp")) {
    if (!is.null(get(name)) && !isFALSE(get(name))) stop_not_yet(paste0("lf(", name, " = )"))
  }
  check_flag(center, "center", allow_null = TRUE)
  check_flag(cmc, "cmc", allow_null = TRUE)
  lapply(c(list(...), flist), function(x) {
    if (inherits(x, "formula")) {
      attr(x, "center") <- center
      attr(x, "cmc") <- cmc
    }
    x
  })
}

# Adds the parts given to bf(): formulas and values, named or not, or lists of them. Later ones replace earlier ones.
add_parameters <- function(formula, parts) {
  for (part in parts) {
    if (is.list(part) && !is.null(attr(part, "resp"))) stop_not_yet("lf(resp = )")
  }
  parts <- unlist(lapply(seq_along(parts), function(i) {
    if (is.list(parts[[i]])) parts[[i]] else parts[i]
  }), recursive = FALSE)
  names <- if (is.null(names(parts))) rep("", length(parts)) else names(parts)
  defined <- unlist(Map(parameter_definition, parts, names, USE.NAMES = FALSE), recursive = FALSE)
  if (length(defined) == 0) {
    return(formula)
  }
  all <- c(formula$pforms, formula$pfix, defined)
  again <- duplicated(names(all), fromLast = TRUE)
  if (any(again)) {
    skein_inform("Replacing initial definitions of parameters {.val {unique(names(all)[again])}}.")
    all <- all[!again]
  }
  is_formula <- vapply(all, inherits, logical(1), what = "formula")
  formula$pforms <- all[is_formula]
  formula$pfix <- all[!is_formula]
  check_equated(formula$pfix)
  formula
}

# One part -> list(parameter = formula or value), with one formula for each parameter left of `~`.
parameter_definition <- function(part, name) {
  if (inherits(part, "acformula")) stop_not_yet("acformula()")
  if (is.character(part) && length(part) == 1 && grepl("~", part, fixed = TRUE)) {
    part <- stats::as.formula(part, env = globalenv())
  }
  if (!inherits(part, "formula")) {
    return(fixed_value(part, name))
  }
  if (isTRUE(attr(part, "nl"))) stop_not_yet("non-linear formulas")
  refuse_formula_flags(list(sparse = attr(part, "sparse"), decomp = attr(part, "decomp")))
  if (length(part) == 2) {
    if (!nzchar(name)) {
      skein_stop(c(
        "The formula {.code {format_formula(part)}} does not say which parameter it predicts.",
        i = "Write it as in {.code sigma ~ x}."
      ))
    }
    part[[3]] <- part[[2]]
    part[[2]] <- as.name(name)
  }
  parameters <- all.vars(part[[2]])
  check_parameter_names(parameters)
  out <- lapply(parameters, function(parameter) {
    part[[2]] <- as.name(parameter)
    part
  })
  stats::setNames(out, parameters)
}

# A number, or the name of a parameter to be equal to.
fixed_value <- function(value, name) {
  if (!nzchar(name)) {
    skein_stop("{.fn bf} was given {describe_value(value)} without the name of the parameter to fix.")
  }
  if (!is.atomic(value) || length(value) != 1 || is.na(value)) {
    skein_stop("{.fn bf} takes one number to fix {.val {name}}, not {describe_value(value)}.")
  }
  check_parameter_names(name)
  number <- suppressWarnings(as.numeric(value))
  stats::setNames(list(if (is.na(number)) as.character(value) else number), name)
}

check_parameter_names <- function(names) {
  wrong <- grep("[._]", names, value = TRUE)
  if (length(wrong)) skein_stop("Names of parameters hold neither dots nor underscores: {.val {wrong[1]}}.")
}

# Without mixtures no two parameters of a family are of the same kind, so that none can be set equal to another.
check_equated <- function(pfix) {
  for (name in names(pfix)) {
    value <- pfix[[name]]
    if (!is.character(value)) next
    if (identical(value, name)) skein_stop("Equating {.val {name}} with itself is not meaningful.")
    kind <- function(x) sub("[0-9]+$", "", x)
    if (kind(name) == kind(value)) stop_not_yet("mixture()", "Equated parameters belong to mixtures.")
    skein_stop(c(
      "{.val {name}} cannot be equated with {.val {value}}.",
      i = "Only parameters of the same kind can be equal, such as sigma1 and sigma2 of a mixture."
    ))
  }
}

# As in brms, a formula of mu stands for all of the main formula's right side.
with_mu_formula <- function(formula) {
  mu <- formula$pforms[["mu"]]
  if (is.null(mu)) {
    return(formula)
  }
  main <- formula$formula
  if (length(main) == 3 && !identical(main[[3]], 1) && !identical(main[[3]], mu[[3]])) {
    skein_warn(c(
      "The formula {.code {format_formula(mu)}} takes the place of {.code {deparse1(main[[3]])}} in the main formula.",
      i = "Write the terms of the mean in one of the two only."
    ))
  }
  main[[3]] <- mu[[3]]
  environment(main) <- environment(mu)
  formula$formula <- main
  formula$center <- !isFALSE(attr(mu, "center"))
  formula$cmc <- !isFALSE(attr(mu, "cmc"))
  formula$pforms[["mu"]] <- NULL
  formula
}

# Every formula and value must belong to a parameter of the family, and every value lie within its bounds. `left`: from
# parse_response().
check_parameters <- function(formula, family, left) {
  given <- c(names(formula$pforms), names(formula$pfix))
  if ("mu" %in% given) {
    skein_stop(c("{.val mu} cannot be fixed.", i = "Write an {.fn offset} and {.code 0 +} for a known mean."))
  }
  unknown <- setdiff(given, family$dpars)
  if (length(unknown)) {
    stop_with_suggestion(
      "Family {.val {family$family}} has no parameter {.val {unknown[1]}} that could be predicted or fixed.",
      unknown[1], setdiff(family$dpars, "mu")
    )
  }
  if (!is.null(left$additions$se) && !left$se_sigma && "sigma" %in% given) {
    skein_stop(c(
      "{.val sigma} can be neither predicted nor fixed where {.fn se} stands for it.",
      i = "Write {.code se(x, sigma = TRUE)} to have it besides the known errors."
    ))
  }
  for (name in names(formula$pfix)) check_fixed_value(formula$pfix[[name]], name)
}

check_fixed_value <- function(value, name) {
  bounds <- dpar_registry[[name]]
  upper <- if (is.character(bounds$upper)) Inf else bounds$upper
  if (!is.finite(value) || value < bounds$lower || value > upper) {
    range <- if (is.finite(upper)) "between {bounds$lower} and {upper}" else "at least {bounds$lower}"
    skein_stop(paste0("{.val {name}} is fixed to {value} but must be ", range, "."))
  }
}
