// What a run is told, and what it tells besides draws: chains' configurations and records, what it all cost.
#ifndef SKEIN_RUN_CONFIG_HPP
#define SKEIN_RUN_CONFIG_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../kernel/config.hpp"
#include "../parallel/launcher.hpp"
#include "../parallel/pool.hpp"
#include "chain.hpp"

namespace skein {
namespace run {

enum class MetricKind { unit, diagonal, dense };

// unit_e, diag_e, dense_e; throws std::invalid_argument for anything else.
inline MetricKind metric_kind(const std::string& name) {
  if (name == kernel::UnitMetric::name) return MetricKind::unit;
  if (name == kernel::DiagonalMetric::name) return MetricKind::diagonal;
  if (name == kernel::DenseMetric::name) return MetricKind::dense;
  throw std::invalid_argument("unknown metric '" + name + "'");
}

enum class KernelKind { nuts, hmc, chees, meads };

inline KernelKind kernel_kind(const std::string& name) {
  if (name == "nuts") return KernelKind::nuts;
  if (name == "hmc") return KernelKind::hmc;
  if (name == "chees") return KernelKind::chees;
  if (name == "meads") return KernelKind::meads;
  throw std::invalid_argument("unknown kernel '" + name + "'");
}

// Who waits for whom. No draw depends on it.
// lockstep: chains stand in lanes as they are numbered, and every draw waits for all chains.
// parallel: a worker takes one chain to its end, then the next.
// async: a worker has a chain in each of the density's lanes, all at their own places; those ahead step aside.
enum class Schedule { lockstep, parallel, async };

inline Schedule schedule(const std::string& name) {
  if (name == "lockstep") return Schedule::lockstep;
  if (name == "parallel") return Schedule::parallel;
  if (name == "async") return Schedule::async;
  throw std::invalid_argument("unknown schedule '" + name + "'");
}

struct RunConfig {
  ChainConfig chain;  // of the first chain; the others' numbers follow
  MetricKind metric = MetricKind::diagonal;
  KernelKind kernel = KernelKind::nuts;
  kernel::CheesConfig chees;
  kernel::MeadsConfig meads;
  Schedule schedule = Schedule::parallel;
  int n_chains = kernel::SamplingDefaults().chains;
  int thin = kernel::SamplingDefaults().thin;
  bool save_warmup = false;
  int cores = 1;              // workers that own chains
  int threads = 0;            // per chain; 0 is the plain loop, without a team
  std::size_t grainsize = 0;  // as in EvaluationContext
  int lanes = 0;              // chains of one evaluation; 0: as many as the density asks for
  parallel::Launcher launcher = parallel::launch_threads;
  // Per chain, or empty: take `chain`'s.
  std::vector<std::vector<double>> inits;
  std::vector<std::vector<double>> inverse_metrics;
  std::vector<double> step_sizes;
  // Chains of one superchain draw the same random initial point. 0: each draws its own.
  int superchain_size = 0;
  // Called on the calling thread when all chains have done so many iterations (0 at first): how many they shall do
  // before the next call, or no more than that to end. Null: all of them.
  std::function<int(int n_done)> next_stop;

  ChainConfig chain_config(std::size_t index) const {
    ChainConfig config = chain;
    config.chain += static_cast<std::uint32_t>(index);
    config.init_chain = config.chain;
    if (superchain_size > 0) config.init_chain = (config.chain - 1) / static_cast<std::uint32_t>(superchain_size) + 1;
    if (!inits.empty()) config.init = inits.at(index);
    if (!inverse_metrics.empty()) config.inverse_metric = inverse_metrics.at(index);
    if (!step_sizes.empty()) config.step_size = step_sizes.at(index);
    return config;
  }
};

// What remains of a chain beside its draws. Positions are empty where the chain did not get that far.
struct ChainRecord {
  int n_done = 0;   // iterations, warm-up included
  int n_saved = 0;  // draws written
  double step_size = 0;
  double trajectory_length = 0;  // of ChEES-HMC; of MEADS the share of the momentum that is refreshed
  std::vector<double> inverse_metric;
  std::vector<double> warmup_end, first_draw, last_draw;  // unconstrained positions
  double warmup_seconds = 0;                              // from the search for an initial point on, waiting included
  double sampling_seconds = 0;
  std::uint64_t n_not_finite = 0;  // leapfrog steps that ended where the log density is not finite
  ChainFailure failure;
};

// What a worker did.
struct WorkerCost {
  std::uint64_t n_gradients = 0;
  std::uint64_t n_batches = 0;   // calls of evaluate()
  std::uint64_t n_draws = 0;     // iterations, warm-up included
  double busy_seconds = 0;       // with chains of its own
  double waiting_seconds = 0;    // for other workers' chains, or helping them
  std::vector<std::uint32_t> draws_of_chain;
};

struct Cost {
  std::vector<WorkerCost> workers;
  std::size_t lanes = 1;  // that an evaluation has room for
  double seconds = 0;

  std::uint64_t n_gradients() const {
    std::uint64_t n = 0;
    for (const WorkerCost& worker : workers) n += worker.n_gradients;
    return n;
  }
};

struct RunResult {
  std::vector<ChainRecord> chains;
  bool stopped = false;       // by the monitor, with iterations left
  parallel::PoolReport pool;  // of the last pool; its jobs are chains, each with the worker that ended it
  Cost cost;
};

}  // namespace run
}  // namespace skein

#endif
