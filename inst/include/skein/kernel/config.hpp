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

// Hamiltonian Monte Carlo with trajectories of a given length.
struct HmcConfig {
  // Leapfrog steps of a trajectory; 0: as many as trajectory_length takes.
  int steps = 0;
  // A quarter of a standard normal's period, after which a position has forgotten where it began: the right length
  // where the metric is.
  double trajectory_length = 1.5707963267948966;
  // The length is multiplied by a uniform number on 1 - jitter to 1 + jitter.
  double jitter = 0;
  // As for NUTS.
  double divergence_threshold = 1000;
  double stepsize_jitter = 0;
};

// ChEES-HMC, as Hoffman, Radul and Sountsov (2021) run it.
struct CheesConfig {
  // Of the harmonic mean of the chains' acceptances; the optimum for long trajectories (Beskos et al., 2013).
  double delta = 0.651;
  // Adam's rate and its two rates of forgetting, on the log trajectory length; no momentum, as chains average the
  // noise.
  double learning_rate = 0.025;
  double beta1 = 0;
  double beta2 = 0.95;
  // Weight of iteration t in the average of log lengths is t^-decay: one half forgets the climb and keeps the plateau.
  double decay = 0.5;
  // Where the climb begins; 0: at one step.
  double trajectory_length = 0;
  // A trajectory ends here in any case, NUTS's 1023 rounded.
  int max_steps = 1000;
  // Whether warm-up learns the scales too; the published algorithm leaves them alone.
  bool learns_metric = true;
};

// A change of the log trajectory length in one iteration is held to this: half a doubling.
constexpr double chees_largest_change = 0.35;

// With lengths uniform on 0 to T, ChEES of a standard normal is 1/2 - sin(2 T) / (4 T) but for a factor: its highest
// top.
constexpr double chees_gaussian_length = 2.2467047288;

// MEADS, as Hoffman and Sountsov (2022) run it.
struct MeadsConfig {
  // Chains in each fold learn their step size from the fold before, so that no chain steers itself.
  int folds = 4;
  // Step size in units of what the largest eigenvalue of the scaled gradients' covariance allows.
  double step_size_multiplier = 0.5;
  // Damping is at least this over the iteration's number: early on chains forget their momentum, and with it their
  // start.
  double damping_slowdown = 1;
  // In place of what is learned; 0: learned.
  double step_size = 0;
  double damping = 0;
  double divergence_threshold = 1000;
};

// The largest step size of MEADS, in units of the scales: for a standard normal 2 is the limit of stability.
constexpr double meads_largest_step = 1;
// Products of pairs of chains go into an eigenvalue's estimate within blocks of so many: it stays unbiased, and the
// cost grows with the chains, not with their square.
constexpr int eigenvalue_block = 32;

// Before populations begin to learn, each chain makes so many transitions of NUTS by itself, with trees of at most this
// depth. From the tails MEADS would crawl, since the steepest chain's gradient sets the step of all, and ChEES-HMC
// would leave chains behind that a common step size never fits.
constexpr int population_approach = 50;
constexpr int population_approach_treedepth = 6;

// Chains whose searches for a first step size are run for all: their median is as good as that of a thousand.
constexpr int step_search_chains = 16;

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
