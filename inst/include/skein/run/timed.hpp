// Times one chain: the same run again and again from the same start, with nothing but the run on the clock.
#ifndef SKEIN_RUN_TIMED_HPP
#define SKEIN_RUN_TIMED_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../density.hpp"
#include "../parallel/pool.hpp"
#include "../util/aligned.hpp"
#include "chain.hpp"
#include "monitor.hpp"
#include "output.hpp"
#include "runner.hpp"

namespace skein {
namespace run {

struct TimedRuns {
  std::vector<double> seconds;    // of each run that was done
  std::uint64_t n_leapfrog = 0;   // of one run
  std::uint64_t fingerprint = 0;  // of the bits of its draws and log densities
  bool repeatable = true;         // all runs took the same steps to the same draws
  bool stopped = false;           // by the monitor
  ChainFailure failure;
};

// One call of time_chain().
class ChainTimer {
 public:
  ChainTimer(const Density& density, const RunConfig& config, double min_seconds)
      : density_(density),
        config_(config),
        min_seconds_(min_seconds),
        workspace_(density.workspace_size()),
        n_iterations_(static_cast<std::size_t>(config.chain.iterations)),
        draws_(n_iterations_ * (density.draw_size() + 1)),
        diagnostics_(n_iterations_ * n_diagnostics),
        output_{draws_.data(), diagnostics_.data(), n_iterations_, n_iterations_, 1} {}

  ChainTimer(const ChainTimer&) = delete;
  ChainTimer& operator=(const ChainTimer&) = delete;

  TimedRuns run(Monitor& monitor);

 private:
  using Clock = std::chrono::steady_clock;

  template <class Metric>
  void run_repeatedly(const EvaluationContext& context, const parallel::StopFlag& stop);
  template <class Metric>
  bool run_once(const EvaluationContext& context, const parallel::StopFlag& stop);
  template <class Metric>
  void evaluate(Chain<Metric>& chain, const EvaluationContext& context) const;
  void compare_with_first();
  std::uint64_t fingerprint() const;

  const Density& density_;
  const RunConfig& config_;
  const double min_seconds_;
  util::AlignedArray<double> workspace_;
  std::size_t n_iterations_;
  std::vector<double> draws_, diagnostics_;
  OutputArrays output_;
  TimedRuns timed_;
};

inline TimedRuns ChainTimer::run(Monitor& monitor) {
  parallel::PoolOptions options;
  options.workers = static_cast<std::size_t>(std::max(config_.threads, 1));
  options.scratch_size = density_.scratch_size();
  parallel::Pool pool(options, config_.launcher);
  const auto job = [this](std::size_t, parallel::Team& team, double* scratch, const parallel::StopFlag& stop) {
    EvaluationContext context;
    context.workspace = workspace_.data();
    context.scratch = scratch;
    context.team = config_.threads > 0 ? &team : nullptr;
    context.grainsize = config_.grainsize;
    if (config_.metric == MetricKind::unit) run_repeatedly<kernel::UnitMetric>(context, stop);
    if (config_.metric == MetricKind::diagonal) run_repeatedly<kernel::DiagonalMetric>(context, stop);
    if (config_.metric == MetricKind::dense) run_repeatedly<kernel::DenseMetric>(context, stop);
  };
  pool.run(1, job, [&monitor] { return monitor.poll(Progress()); });
  return timed_;
}

template <class Metric>
void ChainTimer::run_repeatedly(const EvaluationContext& context, const parallel::StopFlag& stop) {
  double total = 0;
  do {
    if (!run_once<Metric>(context, stop)) return;
    compare_with_first();
    total += timed_.seconds.back();
  } while (total < min_seconds_);
}

// False if the run did not get to its end. Off the clock: the chain's buffers, and the gradient at the start, which is
// no leapfrog step's and brings the helpers to their places.
template <class Metric>
bool ChainTimer::run_once(const EvaluationContext& context, const parallel::StopFlag& stop) {
  Chain<Metric> chain(density_.dimension(), config_.chain_config(0));
  DrawWriter writer(output_, 0, density_.draw_size());
  evaluate(chain, context);
  const Clock::time_point start = Clock::now();
  while (chain.status() == ChainStatus::gradient_wanted || chain.status() == ChainStatus::draw_ready) {
    if (chain.status() == ChainStatus::gradient_wanted) {
      evaluate(chain, context);
      continue;
    }
    if (stop.requested()) {
      timed_.stopped = true;
      return false;
    }
    writer.write_diagnostics(chain.iteration(), chain.kernel().transition());
    density_.write_draw(chain.kernel().position(), writer.next_draw(), context);
    writer.keep_draw(chain.kernel().log_density());
    chain.resume();
  }
  writer.flush();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (chain.status() == ChainStatus::failed) {
    timed_.failure = chain.failure();
    return false;
  }
  timed_.seconds.push_back(seconds);
  return true;
}

template <class Metric>
void ChainTimer::evaluate(Chain<Metric>& chain, const EvaluationContext& context) const {
  Evaluation evaluation{chain.position_wanted(), chain.gradient_wanted(), 0};
  density_.evaluate(&evaluation, 1, context);
  chain.advance(evaluation.log_density);
}

inline void ChainTimer::compare_with_first() {
  constexpr std::size_t leapfrog_column = 3;
  const double* column = diagnostics_.data() + leapfrog_column * n_iterations_;
  double sum = 0;
  for (std::size_t i = 0; i < n_iterations_; ++i) sum += column[i];
  const std::uint64_t n_leapfrog = static_cast<std::uint64_t>(sum);
  if (timed_.seconds.size() == 1) {
    timed_.n_leapfrog = n_leapfrog;
    timed_.fingerprint = fingerprint();
  }
  timed_.repeatable &= timed_.n_leapfrog == n_leapfrog && timed_.fingerprint == fingerprint();
}

// FNV-1a over words of 64 bits, their high bits folded in.
inline std::uint64_t ChainTimer::fingerprint() const {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const double value : draws_) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3u;
    hash ^= hash >> 32;
  }
  return hash;
}

// Runs chain config.chain, without warm-up and with all draws written, on config.threads workers until min_seconds have
// passed on the clock, at least once. Its settings must give the whole initial point.
inline TimedRuns time_chain(const Density& density, const RunConfig& config, double min_seconds, Monitor& monitor) {
  return ChainTimer(density, config, min_seconds).run(monitor);
}

}  // namespace run
}  // namespace skein

#endif
