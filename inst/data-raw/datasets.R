# Writes data/*.rda from the packages that carry these published values, and checks them against each other.
# Run from the package's root with MASS, survival and brms installed: Rscript inst/data-raw/datasets.R

of_brms <- new.env()
utils::data(list = c("epilepsy", "kidney", "inhaler", "loss"), package = "brms", envir = of_brms)

# Four two-week periods of 59 patients, the first period of all patients first.
epil <- MASS::epil[order(MASS::epil$period, MASS::epil$subject), ]
epilepsy <- data.frame(
  Age = as.numeric(epil$age),
  Base = as.numeric(epil$base),
  Trt = factor(as.integer(epil$trt) - 1),
  patient = factor(epil$subject),
  visit = factor(epil$period),
  count = as.numeric(epil$y),
  obs = factor(seq_len(nrow(epil)))
)
epilepsy$zAge <- as.numeric(scale(epilepsy$Age))
epilepsy$zBase <- as.numeric(scale(epilepsy$Base))
stopifnot(all.equal(epilepsy, of_brms$epilepsy, tolerance = 1e-14))

# Rows in brms's order, values of survival: each patient's two times are told apart by status, then by order.
order_of_brms <- of_brms$kidney
catheters <- survival::kidney
key_of_brms <- with(order_of_brms, paste(patient, time, censored))
catheters <- catheters[match(key_of_brms, with(catheters, paste(id, time, 1 - status))), ]
kidney <- data.frame(
  time = catheters$time,
  censored = 1 - catheters$status,
  patient = catheters$id,
  recur = order_of_brms$recur,
  age = catheters$age,
  sex = factor(catheters$sex, 1:2, c("male", "female")),
  disease = factor(tolower(catheters$disease), c("other", "gn", "an", "pkd"), c("other", "GN", "AN", "PKD"))
)
stopifnot(all.equal(kidney, order_of_brms))

inhaler <- as.data.frame(lapply(of_brms$inhaler, as.vector))
loss <- as.data.frame(lapply(of_brms$loss, as.vector))
stopifnot(all.equal(inhaler, of_brms$inhaler), all.equal(loss, of_brms$loss))

for (name in c("epilepsy", "kidney", "inhaler", "loss")) {
  save(list = name, file = file.path("data", paste0(name, ".rda")), compress = "xz", version = 2)
}
