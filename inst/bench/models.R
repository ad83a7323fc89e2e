# The models of the benchmarks, with simulated data of the sizes of well-known ones.

toy_model <- function(n, ...) {
  brm(y ~ 1 + x1 + x2 + (1 | g),
    data = simulate_toy_poisson(N = n), family = poisson(), refresh = 0, ...,
    prior = prior(normal(0, 1), class = b) + prior(constant(1), class = sd, group = g)
  )
}

# Radon in houses, nested in counties (12,573 rows, 386 counties): a cheap likelihood, unequal groups.
radon_model <- function(...) {
  set.seed(386)
  county <- sample.int(386, 12573, replace = TRUE, prob = stats::rexp(386))
  county <- match(county, unique(county))
  uranium <- stats::rnorm(max(county), 0, 0.4)[county]
  floor <- stats::rbinom(12573, 1, 0.17)
  effect <- stats::rnorm(max(county), 0, 0.3)[county]
  log_radon <- 1.3 - 0.6 * floor + 0.7 * uranium + effect + stats::rnorm(12573, 0, 0.75)
  brm(log_radon ~ floor + uranium + (1 | county), data.frame(log_radon, floor, uranium, county), refresh = 0, ...)
}

# Votes by demographic groups and states (11,566 rows, five groupings): logistic, crossed factors of few levels.
election_model <- function(...) {
  set.seed(88)
  n <- 11566
  data <- data.frame(
    female = stats::rbinom(n, 1, 0.55), black = stats::rbinom(n, 1, 0.1), age = sample.int(4, n, TRUE),
    edu = sample.int(4, n, TRUE), state = sample.int(51, n, TRUE, stats::rexp(51))
  )
  data$age_edu <- 4 * data$age + data$edu
  data$region <- data$state %% 5
  effect <- function(levels, sd) stats::rnorm(60, 0, sd)[levels + 1]
  eta <- 0.1 * data$female - 1.7 * data$black + effect(data$age, 0.1) + effect(data$edu, 0.15) +
    effect(data$age_edu, 0.1) + effect(data$state, 0.3) + effect(data$region, 0.2)
  data$y <- stats::rbinom(n, 1, stats::plogis(0.4 + eta))
  brm(y ~ female + black + (1 | age) + (1 | edu) + (1 | age_edu) + (1 | state) + (1 | region), data, bernoulli(),
    refresh = 0, ...
  )
}

models <- list(
  toy = function(...) toy_model(1e4, ...), radon = radon_model, election88 = election_model,
  `toy 1e6` = function(...) toy_model(1e6, ...)
)
