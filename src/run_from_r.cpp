// The configuration of a run from R's list.
#include "run_from_r.h"

#include <cstdint>
#include <string>
#include <vector>

#include "coordinates.h"

namespace run = skein::run;

namespace {

SEXP entry(const Rcpp::List& config, const char* name) {
  if (!config.containsElementNamed(name)) Rcpp::stop("the sampler's configuration lacks '%s'", name);
  return config[name];
}

double number(const Rcpp::List& config, const char* name) { return Rcpp::as<double>(entry(config, name)); }

int whole(const Rcpp::List& config, const char* name) { return static_cast<int>(number(config, name)); }

bool flag(const Rcpp::List& config, const char* name) { return Rcpp::as<bool>(entry(config, name)); }

run::ChainConfig chain_config(const Rcpp::List& config) {
  run::ChainConfig chain;
  chain.seed = static_cast<std::uint64_t>(static_cast<std::int64_t>(number(config, "seed")));
  chain.chain = static_cast<std::uint32_t>(number(config, "first_chain"));
  chain.iterations = whole(config, "iter");
  chain.warmup = whole(config, "warmup");
  chain.step_size = number(config, "stepsize");
  chain.init_radius = number(config, "init_radius");
  chain.nuts.max_treedepth = whole(config, "max_treedepth");
  chain.nuts.stepsize_jitter = number(config, "stepsize_jitter");
  chain.hmc.stepsize_jitter = chain.nuts.stepsize_jitter;
  chain.adaptation.engaged = flag(config, "adapt_engaged");
  chain.adaptation.delta = number(config, "adapt_delta");
  chain.adaptation.gamma = number(config, "adapt_gamma");
  chain.adaptation.kappa = number(config, "adapt_kappa");
  chain.adaptation.t0 = number(config, "adapt_t0");
  chain.adaptation.init_buffer = whole(config, "adapt_init_buffer");
  chain.adaptation.term_buffer = whole(config, "adapt_term_buffer");
  chain.adaptation.window = whole(config, "adapt_window");
  return chain;
}

// Columns of a dimension x chains matrix.
std::vector<std::vector<double>> columns(const Rcpp::NumericMatrix& matrix) {
  std::vector<std::vector<double>> out;
  for (int j = 0; j < matrix.ncol(); ++j)
    out.emplace_back(matrix.begin() + static_cast<R_xlen_t>(j) * matrix.nrow(),
                     matrix.begin() + static_cast<R_xlen_t>(j + 1) * matrix.nrow());
  return out;
}

// Settings of kernels beside those of NUTS, which chain_config() reads.
void read_kernel(const Rcpp::List& kernel, run::RunConfig& out) {
  out.kernel = run::kernel_kind(Rcpp::as<std::string>(entry(kernel, "name")));
  if (out.kernel == run::KernelKind::hmc) {
    out.chain.hmc.steps = whole(kernel, "steps");
    out.chain.hmc.trajectory_length = number(kernel, "trajectory_length");
    out.chain.hmc.jitter = number(kernel, "jitter");
  }
  if (out.kernel == run::KernelKind::chees) {
    out.chees.delta = number(kernel, "adapt_delta");
    out.chees.learning_rate = number(kernel, "learning_rate");
    out.chees.trajectory_length = number(kernel, "trajectory_length");
    out.chees.max_steps = whole(kernel, "max_steps");
    out.chees.learns_metric = flag(kernel, "learns_metric");
  }
  if (out.kernel == run::KernelKind::meads) {
    out.meads.folds = whole(kernel, "folds");
    out.meads.step_size_multiplier = number(kernel, "step_size_multiplier");
    out.meads.damping_slowdown = number(kernel, "damping_slowdown");
    out.meads.step_size = number(kernel, "step_size");
    out.meads.damping = number(kernel, "damping");
  }
}

// What only runs of many chains give.
void read_schedule(const Rcpp::List& config, run::RunConfig& out) {
  if (config.containsElementNamed("kernel")) read_kernel(config["kernel"], out);
  if (config.containsElementNamed("schedule"))
    out.schedule = run::schedule(Rcpp::as<std::string>(config["schedule"]));
  if (config.containsElementNamed("lanes")) out.lanes = whole(config, "lanes");
  if (config.containsElementNamed("superchain_size")) out.superchain_size = whole(config, "superchain_size");
}

}  // namespace

run::RunConfig run_config_from_r(const Rcpp::List& config, const skein::Density& density) {
  const skein_r::Coordinates coordinates(density);
  run::RunConfig out;
  out.chain = chain_config(config);
  out.metric = run::metric_kind(Rcpp::as<std::string>(entry(config, "metric")));
  out.n_chains = whole(config, "chains");
  out.thin = whole(config, "thin");
  out.save_warmup = flag(config, "save_warmup");
  out.cores = whole(config, "cores");
  out.threads = whole(config, "threads");
  out.grainsize = static_cast<std::size_t>(number(config, "grainsize"));
  for (const std::vector<double>& init : columns(entry(config, "init"))) out.inits.push_back(coordinates.own(init));
  const Rcpp::RObject metrics = entry(config, "inverse_metric");
  if (!metrics.isNULL())
    for (const SEXP metric : Rcpp::List(metrics))
      out.inverse_metrics.push_back(coordinates.own(Rcpp::as<std::vector<double>>(metric)));
  const Rcpp::RObject step_sizes = entry(config, "step_sizes");
  if (!step_sizes.isNULL()) out.step_sizes = Rcpp::as<std::vector<double>>(step_sizes);
  const std::size_t n_chains = static_cast<std::size_t>(out.n_chains);
  if (out.inits.size() != n_chains || (!metrics.isNULL() && out.inverse_metrics.size() != n_chains) ||
      (!step_sizes.isNULL() && out.step_sizes.size() != n_chains))
    Rcpp::stop("init, inverse_metric and step_sizes must have one element per chain");
  read_schedule(config, out);
  return out;
}
