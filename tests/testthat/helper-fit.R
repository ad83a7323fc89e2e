# mock_fit(): a skeinfit made by hand with seeded draws, so that methods of fits are tested without sampling.

# Variables of mock_model() -> what their draws are centred on.
mock_centers <- c(
  b_Intercept = 2, b_x = -1, sd_g__Intercept = 0.7, sd_g__x = 0.3, cor_g__Intercept__x = 0.2, sigma = 1.5,
  Intercept = 1.5, "r_g[a,Intercept]" = -0.5, "r_g[b,Intercept]" = -0.3, "r_g[new.york,Intercept]" = -0.1,
  "r_g[a,x]" = 0.1, "r_g[b,x]" = 0.3, "r_g[new.york,x]" = 0.5, lprior = -4, lp__ = -50
)

# iterations x chains x variables.
mock_draws <- function(iterations, chains, phase) {
  draws <- array(NA_real_, c(iterations, chains, length(mock_centers)), list(NULL, NULL, names(mock_centers)))
  for (v in seq_along(mock_centers)) draws[, , v] <- mock_centers[v] + phase + 0.1 * stats::rnorm(iterations * chains)
  draws
}

mock_sampler_params <- function(iterations, chains) {
  names <- c("accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__", "energy__")
  out <- array(0, c(iterations, chains, 6), list(NULL, NULL, names))
  out[, , "accept_stat__"] <- stats::runif(iterations * chains)
  out[, , "stepsize__"] <- rep(seq(0.5, 0.6, length.out = chains), each = iterations)
  out[, , "treedepth__"] <- 3
  out[, , "n_leapfrog__"] <- 7
  out[, , "energy__"] <- 55 + stats::rnorm(iterations * chains)
  out
}

# n_divergent transitions diverge after warm-up, and 2 before it. constant: sigma is fixed at 1.5.
mock_fit <- function(chains = 2, iter = 100, warmup = 50, thin = 1, n_divergent = 0, constant = FALSE,
                     save_warmup = FALSE) {
  withr::local_seed(1, .rng_kind = "Mersenne-Twister", .rng_normal_kind = "Inversion")
  n_saved <- ceiling((iter - warmup) / thin)
  draws <- mock_draws(n_saved, chains, 0)
  if (constant) draws[, , "sigma"] <- 1.5
  sampler_params <- mock_sampler_params(iter, chains)
  sampler_params[c(1, 2), 1, "divergent__"] <- 1
  sampler_params[warmup + seq_len(n_divergent), 1, "divergent__"] <- 1
  structure(class = "skeinfit", c(mock_model(), list(
    fit = structure(class = "skeinsampling", list(
      draws = draws,
      sampler_params = sampler_params,
      warmup_draws = if (save_warmup) mock_draws(ceiling(warmup / thin), chains, 5),
      settings = list(
        iter = iter, warmup = warmup, thin = thin, chains = chains, seed = 1, adapt_delta = 0.8, adapt_engaged = TRUE,
        max_treedepth = 10, metric = "diag_e"
      )
    )),
    algorithm = "sampling", sample_prior = "no"
  )))
}

# Everything of the fit but its draws.
mock_model <- function() {
  data <- data.frame(y = c(1.5, 2, 0.3, 2.2, 1.9, 3), x = c(0, 1, 2, 0, 1, 2), g = rep(c("a", "b", "new york"), 2))
  prior <- prior(normal(0, 1), class = b) + prior(student_t(3, 0, 2.5), class = sigma, lb = 0)
  terms <- parse_formula(y ~ x + (1 + x | g), gaussian())
  frame <- build_frame(terms, data)
  list(
    formula = terms$formula, data = frame$data, data_name = "mock_data", family = terms$family, prior = prior,
    terms = terms, frame = light_frame(frame), params = build_params(frame)
  )
}
