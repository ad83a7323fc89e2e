// Runs chains over one pool of threads and writes their draws and diagnostics where the caller wants them.
#ifndef SKEIN_RUN_RUNNER_HPP
#define SKEIN_RUN_RUNNER_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "../density.hpp"
#include "../parallel/launcher.hpp"
#include "../parallel/pool.hpp"
#include "../util/aligned.hpp"
#include "chain.hpp"
#include "monitor.hpp"
#include "output.hpp"

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

struct RunConfig {
  ChainConfig chain;  // of the first chain; the others' numbers follow
  MetricKind metric = MetricKind::diagonal;
  int n_chains = kernel::SamplingDefaults().chains;
  int thin = kernel::SamplingDefaults().thin;
  bool save_warmup = false;
  int cores = 1;              // chains at a time
  int threads = 0;            // per chain; 0 is the plain loop, without a team
  std::size_t grainsize = 0;  // as in EvaluationContext
  parallel::Launcher launcher = parallel::launch_threads;
  // Per chain, or empty: take `chain`'s.
  std::vector<std::vector<double>> inits;
  std::vector<std::vector<double>> inverse_metrics;
  std::vector<double> step_sizes;

  ChainConfig chain_config(std::size_t index) const {
    ChainConfig config = chain;
    config.chain += static_cast<std::uint32_t>(index);
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
  std::vector<double> inverse_metric;
  std::vector<double> warmup_end, first_draw, last_draw;  // unconstrained positions
  double warmup_seconds = 0;                              // from the search for an initial point on
  double sampling_seconds = 0;
  std::uint64_t n_not_finite = 0;  // leapfrog steps that ended where the log density is not finite
  ChainFailure failure;
};

struct RunResult {
  std::vector<ChainRecord> chains;
  bool stopped = false;       // by the monitor, with iterations left
  parallel::PoolReport pool;  // who did what: jobs are chains
};

// One call of run_chains().
class Runner {
 public:
  Runner(const Density& density, const RunConfig& config, const OutputArrays& output)
      : density_(density),
        config_(config),
        output_(output),
        records_(static_cast<std::size_t>(config.n_chains)),
        n_done_(new std::atomic<int>[records_.size()]) {
    for (std::size_t i = 0; i < records_.size(); ++i) n_done_[i].store(0, std::memory_order_relaxed);
  }

  RunResult run(Monitor& monitor);

 private:
  using Clock = std::chrono::steady_clock;

  template <class Metric>
  void run_chain(std::size_t index, parallel::Team& team, double* scratch, const parallel::StopFlag& stop);
  template <class Metric>
  void record_draw(const Chain<Metric>& chain, std::size_t index, const EvaluationContext& context, DrawWriter& writer);
  bool must_stop(const parallel::StopFlag& stop) const {
    return stop.requested() || failed_.load(std::memory_order_relaxed);
  }
  Progress progress() const;

  const Density& density_;
  const RunConfig& config_;
  const OutputArrays& output_;
  std::vector<ChainRecord> records_;
  std::unique_ptr<std::atomic<int>[]> n_done_;
  std::atomic<bool> failed_{false};
};

inline Progress Runner::progress() const {
  Progress progress;
  for (std::size_t i = 0; i < records_.size(); ++i)
    progress.n_done.push_back(n_done_[i].load(std::memory_order_relaxed));
  progress.warmup = config_.chain.warmup;
  progress.iterations = config_.chain.iterations;
  return progress;
}

inline RunResult Runner::run(Monitor& monitor) {
  const std::size_t n_owners = std::min(static_cast<std::size_t>(std::max(config_.cores, 1)), records_.size());
  parallel::PoolOptions options;
  options.workers = n_owners * static_cast<std::size_t>(std::max(config_.threads, 1));
  options.owners = n_owners;
  options.scratch_size = density_.scratch_size();
  parallel::Pool pool(options, config_.launcher);

  const auto job = [this](std::size_t index, parallel::Team& team, double* scratch, const parallel::StopFlag& stop) {
    if (config_.metric == MetricKind::unit) run_chain<kernel::UnitMetric>(index, team, scratch, stop);
    if (config_.metric == MetricKind::diagonal) run_chain<kernel::DiagonalMetric>(index, team, scratch, stop);
    if (config_.metric == MetricKind::dense) run_chain<kernel::DenseMetric>(index, team, scratch, stop);
  };
  const auto poll = [this, &monitor] { return monitor.poll(progress()) || failed_.load(std::memory_order_relaxed); };
  pool.run(records_.size(), job, poll);
  monitor.poll(progress());

  RunResult result;
  if (!failed_.load(std::memory_order_relaxed))
    for (const ChainRecord& record : records_) result.stopped |= record.n_done < config_.chain.iterations;
  result.chains = std::move(records_);
  result.pool = pool.report();
  return result;
}

template <class Metric>
void Runner::run_chain(std::size_t index, parallel::Team& team, double* scratch, const parallel::StopFlag& stop) {
  const Clock::time_point start = Clock::now();
  ChainRecord& record = records_[index];
  Chain<Metric> chain(density_.dimension(), config_.chain_config(index));
  util::AlignedArray<double> workspace(density_.workspace_size());
  EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch;
  context.team = config_.threads > 0 ? &team : nullptr;
  context.grainsize = config_.grainsize;
  DrawWriter writer(output_, index, density_.draw_size());
  Evaluation evaluation;

  Clock::time_point warmup_end = start;
  while (chain.status() != ChainStatus::finished && chain.status() != ChainStatus::failed && !must_stop(stop)) {
    if (chain.status() == ChainStatus::gradient_wanted) {
      evaluation.position = chain.position_wanted();
      evaluation.gradient = chain.gradient_wanted();
      density_.evaluate(&evaluation, 1, context);
      chain.advance(evaluation.log_density);
      continue;
    }
    record_draw(chain, index, context, writer);
    chain.resume();
    if (record.n_done == config_.chain.warmup) warmup_end = Clock::now();
  }
  writer.flush();
  if (record.n_done < config_.chain.warmup) warmup_end = Clock::now();

  record.n_saved = writer.n_saved();
  record.step_size = chain.step_size();
  record.inverse_metric = chain.nuts().metric().inverse();
  record.n_not_finite = chain.nuts().n_not_finite();
  record.warmup_seconds = std::chrono::duration<double>(warmup_end - start).count();
  record.sampling_seconds = std::chrono::duration<double>(Clock::now() - warmup_end).count();
  if (chain.status() == ChainStatus::failed) {
    record.failure = chain.failure();
    failed_.store(true, std::memory_order_relaxed);
  }
}

template <class Metric>
void Runner::record_draw(const Chain<Metric>& chain, std::size_t index, const EvaluationContext& context,
                         DrawWriter& writer) {
  ChainRecord& record = records_[index];
  const double* position = chain.nuts().position();
  const std::size_t n = chain.nuts().dimension();
  const int iteration = chain.iteration();
  const int n_warmup = config_.chain.warmup;
  writer.write_diagnostics(iteration, chain.nuts().transition());
  const int since = chain.in_warmup() ? iteration : iteration - n_warmup;
  if (since % config_.thin == 0 && (config_.save_warmup || !chain.in_warmup())) {
    density_.write_draw(position, writer.next_draw(), context);
    writer.keep_draw(chain.nuts().log_density());
  }
  if (iteration == n_warmup - 1) record.warmup_end.assign(position, position + n);
  if (iteration == n_warmup) record.first_draw.assign(position, position + n);
  if (iteration >= n_warmup) record.last_draw.assign(position, position + n);
  record.n_done = iteration + 1;
  n_done_[index].store(record.n_done, std::memory_order_relaxed);
}

// Runs config.n_chains chains of `density` into `output`. Draws of a chain depend on the density, the seed, the chain's
// number and its configuration only, not on the number of chains, cores or threads, nor on grainsize. The monitor may
// stop the run; whole iterations done until then are kept. If a chain fails the others stop, and its record says why;
// exceptions of densities and of the monitor leave this function when all threads have ended.
inline RunResult run_chains(const Density& density, const RunConfig& config, const OutputArrays& output,
                            Monitor& monitor) {
  return Runner(density, config, output).run(monitor);
}

}  // namespace run
}  // namespace skein

#endif
