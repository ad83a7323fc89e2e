// Every default of the samplers, stated once, each with its reason; R asks for them here.
#ifndef SKEIN_KERNEL_CONFIG_HPP
#define SKEIN_KERNEL_CONFIG_HPP

namespace skein {
namespace kernel {

// The No-U-Turn sampler, in Stan's terms.
struct NutsConfig {
  // A tree of depth 10 has 1023 leapfrog steps: longer ones mean a geometry that deserves a warning, not patience.
  int max_treedepth = 10;
  // A change of energy by 1000 is a simulation that has left the level set for good: exp(-1000) is zero in doubles.
  double divergence_threshold = 1000;
  // Fraction of the step size drawn anew each iteration. Zero: adaptation aims at one step size, and the
  // trees' random lengths already break the resonances that jitter is for.
  double stepsize_jitter = 0;
};

// Warm-up: Stan's three stages (fast, slow windows that double, fast), dual averaging and metric estimation.
struct AdaptationConfig {
  bool engaged = true;
  // The average acceptance aimed at: 0.8 costs little over the optimum near 0.6 and follows curvature better.
  double delta = 0.8;
  // Dual averaging as tuned by Hoffman and Gelman (2014, section 3.2.1): shrinkage towards mu, decay of the
  // averaging weights, and iterations that count less at the start.
  double gamma = 0.05;
  double kappa = 0.75;
  double t0 = 10;
  // Iterations to reach the typical set before any variance is worth estimating.
  int init_buffer = 75;
  // Iterations that settle the step size for the final metric.
  int term_buffer = 50;
  // First slow window; the next ones double, so that early and poor estimates are soon forgotten.
  int window = 25;
};

// Stan's limits and fractions for short warm-ups.
constexpr int min_warmup_for_metric = 20;     // below it only the step size is adapted
constexpr double short_init_fraction = 0.15;  // if the three stages do not fit: 15 % , 75 % , 10 %
constexpr double short_term_fraction = 0.1;

// Estimated variances are shrunk as if 5 draws of variance 1e-3 had been seen: the small value errs towards short
// steps where a window is too short to know better.
constexpr double metric_prior_draws = 5;
constexpr double metric_prior_variance = 1e-3;

// The search for a first step size doubles or halves it until the acceptance of one step crosses 0.8.
constexpr double step_search_acceptance = 0.8;
// A step size beyond it means that nothing holds the posterior together.
constexpr double step_search_limit = 1e7;

struct SamplingDefaults {
  int chains = 4;       // enough for Rhat to compare
  int iter = 2000;      // warm-up included; half of it is warm-up unless said otherwise
  int thin = 1;         // thinning throws information away
  double stepsize = 1;  // where the search for a step size starts: the right one for a standard normal
  // Random initial values are uniform within this distance of 0 on the unconstrained scale: wide enough that
  // chains which agree have found the same place from different ones.
  double init_radius = 2;
  int max_init_tries = 100;
};

}  // namespace kernel
}  // namespace skein

#endif
