# Reference models made with brms and Stan: what their fixtures hold, and the data sets that their calls name.

# fixtures/density/NAME.json: call (what a user types), points (unconstrained, lp, grad, params without z_*).
read_density_references <- function() {
  files <- list.files(test_path("fixtures", "density"), full.names = TRUE)
  references <- lapply(files, jsonlite::read_json, simplifyVector = TRUE, simplifyDataFrame = FALSE)
  names(references) <- sub("\\.json$", "", basename(files))
  references
}

# An environment with the data sets by the names of the calls, in which the calls can be evaluated.
reference_data <- function(parent = parent.frame()) {
  sets <- new.env(parent = parent)
  sets$sim <- utils::read.csv(test_path("fixtures", "sim.csv"))
  for (name in c("g", "h")) sets$sim[[name]] <- factor(sets$sim[[name]])
  for (name in c("m", "ord")) sets$sim[[name]] <- factor(sets$sim[[name]], ordered = TRUE)
  sets$toy <- simulate_toy_poisson()
  sets$epilepsy <- skein::epilepsy
  sets$kidney <- skein::kidney
  utils::data(list = c("sleepstudy", "Penicillin", "cbpp", "grouseticks"), package = "lme4", envir = sets)
  sets
}

# The fit without draws that a reference's call describes. `text`: a call of brm().
reference_fit <- function(text, data) {
  call <- str2lang(text)
  call$chains <- 0
  eval(call, data)
}

# Runs body(name) with each instruction set that this CPU has; afterwards the one before is in force again.
with_each_instruction_set <- function(body) {
  before <- instruction_set_in_force()
  on.exit(instruction_set_in_force(before))
  ran <- character()
  for (name in c("baseline", "avx2", "avx512")) {
    there <- tryCatch(instruction_set_in_force(name) == name, error = function(e) FALSE)
    if (!there) next
    body(name)
    ran <- c(ran, name)
  }
  ran
}
