# How many of the brm() calls of brms's own documentation run: each row of brms_calls.tsv is built without sampling and
# then sampled for 50 iterations. Rscript tests/calls/brms_calls.R [rows.tsv]; needs skein installed. Prints the counts
# by what rows need, then what stopped each row that did not run; a file name writes the rows with their outcomes.
# Data are brms's where skein or an installed package has them, else stand-ins with the columns that the formula names;
# priors, which the table holds as tags only, are left at their defaults.
library(skein)

directory <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
fixtures <- file.path(directory, "..", "testthat", "fixtures")
calls <- utils::read.delim(file.path(fixtures, "brms_calls.tsv"), stringsAsFactors = FALSE, quote = "\"")
calls <- calls[calls$kind %in% c("fit", "mock", "empty"), ]

# The data set of a row by name, or NULL.
known_data <- function(name) {
  if (name == "dat[1:40, ]") name <- "dat"
  if (name %in% c("epilepsy", "kidney", "inhaler", "loss")) {
    return(getExportedValue("skein", name))
  }
  for (package in c("datasets", "lme4")) {
    if (!requireNamespace(package, quietly = TRUE)) next
    found <- new.env()
    suppressWarnings(utils::data(list = name, package = package, envir = found))
    if (exists(name, found)) {
      return(as.data.frame(get(name, found)))
    }
  }
  NULL
}

# Names that are read as levels: of grouping factors, of interactions with text, of codes.
group_names <- c(
  "g", "g1", "g2", "h", "patient", "visit", "obs", "subject", "dam", "fosternest", "phylo", "species", "AY", "fac",
  "group", "state", "sex", "disease", "Trt", "district", "s1", "s2", "gender", "treat", "camper"
)

# One column of n values that suits its name.
stand_in <- function(name, n) {
  if (name %in% c("cens", "censored")) {
    return(rep(0:1, length.out = n))
  }
  if (name %in% c("n", "ntrials", "size")) {
    return(rep(10, n))
  }
  if (name == "visit_num") {
    return(rep(1:4, length.out = n))
  }
  if (name %in% group_names) {
    return(factor(rep(c("a", "b", "c", "d", "e"), length.out = n)))
  }
  0.5 + stats::runif(n)
}

# A response that the family can have.
stand_in_response <- function(family, n) {
  switch(family,
    poisson = , negbinomial = , geometric = , zero_inflated_poisson = , zero_inflated_negbinomial = ,
    hurdle_poisson = , hurdle_negbinomial = , binomial = stats::rpois(n, 1) %% 9,
    bernoulli = rep(0:1, length.out = n),
    beta = , zero_inflated_beta = stats::rbeta(n, 2, 2),
    cumulative = , sratio = , cratio = , categorical = rep(1:3, length.out = n),
    0.5 + stats::rexp(n)
  )
}

# The call's data: the named set with columns added that the formula names and the set lacks.
make_data <- function(row, formula, family) {
  data <- known_data(row$data)
  if (is.null(data)) data <- data.frame(row.names = seq_len(60))
  n <- nrow(data)
  text <- row$formula
  names <- unique(unlist(regmatches(text, gregexpr("[A-Za-z][A-Za-z0-9._]*", text))))
  left <- if (is.call(formula) || inherits(formula, "formula")) all.vars(formula[[2]]) else character(0)
  main <- if (inherits(formula, "skeinformula")) all.vars(formula$formula[[2]]) else left
  if (length(main) && !main[1] %in% names(data)) data[[main[1]]] <- stand_in_response(family, n)
  for (name in setdiff(names, names(data))) data[[name]] <- stand_in(name, n)
  data
}

# What brm() is told besides formula, data and family.
other_arguments <- function(row) {
  out <- list()
  if (grepl("sample_prior=(yes|TRUE)", row$args)) out$sample_prior <- "yes"
  if (grepl("sample_prior=only", row$args)) {
    out$sample_prior <- "only"
    out$prior <- set_prior("normal(0, 1)", class = "b")
  }
  if (grepl("autocor", row$args)) out$autocor <- list(1)
  if (grepl("data2", row$args)) out$data2 <- list(V = diag(2))
  if (grepl("stanvars", row$args)) out$stanvars <- list(1)
  if (grepl("knots", row$args)) out$knots <- list(1)
  algorithm <- regmatches(row$args, regexpr("(?<=algorithm=)[a-z]+", row$args, perl = TRUE))
  if (length(algorithm)) out$algorithm <- algorithm
  out
}

family_of <- function(row) {
  name <- sub("[( +].*", "", row$family)
  link <- regmatches(row$features, regexpr("(?<=link:)[a-z_]+", row$features, perl = TRUE))
  c(name, link)
}

# "" if the row runs, else what stopped it.
outcome_of <- function(row) {
  set.seed(1)
  tryCatch({
    family <- family_of(row)
    formula <- eval(parse(text = row$formula)[[1]])
    arguments <- c(
      list(formula = formula, data = make_data(row, formula, family[1]), family = family),
      other_arguments(row)
    )
    call_brm <- function(...) {
      if (grepl("brm_multiple", row$needs)) {
        arguments$data <- list(arguments$data, arguments$data)
        return(do.call(brm_multiple, c(arguments, list(...))))
      }
      do.call(brm, c(arguments, list(...)))
    }
    settings <- list(refresh = 0, silent = 2)
    suppressMessages(suppressWarnings({
      if (!grepl("brm_multiple", row$needs)) do.call(call_brm, c(settings, chains = 0))
      if (row$kind != "empty") do.call(call_brm, c(settings, chains = 1, iter = 50, cores = 1, seed = 1))
    }))
    ""
  }, error = function(e) conditionMessage(e))
}

calls$outcome <- vapply(seq_len(nrow(calls)), function(i) outcome_of(calls[i, ]), "")
calls$runs <- calls$outcome == ""

# A row counts under each of its needs.
needs <- strsplit(calls$needs, ",", fixed = TRUE)
needs[lengths(needs) == 0] <- "none"
rows <- rep(seq_len(nrow(calls)), lengths(needs))
by_need <- data.frame(need = unlist(needs), runs = calls$runs[rows])
counts <- stats::aggregate(cbind(run = runs, rows = TRUE) ~ need, by_need, sum)
counts <- counts[order(-counts$run, -counts$rows, counts$need), ]
cat(sprintf("%d of %d calls run.\n\n", sum(calls$runs), nrow(calls)))
print(counts, row.names = FALSE)

stopped <- calls[!calls$runs, ]
cat("\nWhat stopped the others:\n")
first_line <- sub("\n.*", "", stopped$outcome)
reasons <- sort(table(first_line), decreasing = TRUE)
cat(sprintf("%4d  %s\n", reasons, names(reasons)), sep = "")
unexpected <- stopped[!grepl("^skein does not have .* yet", stopped$outcome), ]
if (nrow(unexpected)) {
  cat("\nStopped by anything but a missing construct:\n")
  cat(sprintf("%4d  %s: %s\n", unexpected$id, unexpected$formula, sub("\n.*", "", unexpected$outcome)), sep = "")
}
output <- commandArgs(TRUE)
if (length(output)) utils::write.table(calls, output[1], sep = "\t", row.names = FALSE)
