// Times one chain, or copies of it at once: the same run again and again from the same start, with nothing but the run
// on the clock.
#ifndef SKEIN_RUN_TIMED_HPP
#define SKEIN_RUN_TIMED_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "../density.hpp"
#include "../parallel/pool.hpp"
#include "../util/aligned.hpp"
#include "chain.hpp"
#include "monitor.hpp"
#include "output.hpp"
#include "rounds.hpp"
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

// The runs of one chain, and what they need.
class ChainTimer {
 public:
  ChainTimer(const Density& density, const RunConfig& config)
      : density_(density),
        config_(config),
        workspace_(density.workspace_size()),
        n_iterations_(static_cast<std::size_t>(config.chain.iterations)),
        draws_(n_iterations_ * (density.draw_size() + 1)),
        diagnostics_(n_iterations_ * n_diagnostics),
        output_{draws_.data(), diagnostics_.data(), n_iterations_, n_iterations_, 1} {}

  ChainTimer(const ChainTimer&) = delete;
  ChainTimer& operator=(const ChainTimer&) = delete;

  // Runs once and keeps the seconds; false if the run did not get to its end. `begin()` is called before the clock
  // starts, and returns whether to go on.
  template <class Begin>
  bool run(parallel::Team* team, double* scratch, const parallel::StopFlag& stop, Begin&& begin);

  // Off the clock: compares the last run with the first.
  void compare_with_first();

  const TimedRuns& timed() const { return timed_; }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Metric, class Begin>
  bool run_with(const EvaluationContext& context, const parallel::StopFlag& stop, Begin&& begin);
  template <class Metric>
  bool sample(Chain<Metric>& chain, const EvaluationContext& context, const parallel::StopFlag& stop);
  template <class Metric>
  void evaluate(Chain<Metric>& chain, const EvaluationContext& context) const;
  std::uint64_t fingerprint() const;

  const Density& density_;
  const RunConfig& config_;
  util::AlignedArray<double> workspace_;
  std::size_t n_iterations_;
  std::vector<double> draws_, diagnostics_;
  OutputArrays output_;
  TimedRuns timed_;
};

template <class Begin>
bool ChainTimer::run(parallel::Team* team, double* scratch, const parallel::StopFlag& stop, Begin&& begin) {
  EvaluationContext context;
  context.workspace = workspace_.data();
  context.scratch = scratch;
  context.team = config_.threads > 0 ? team : nullptr;
  context.grainsize = config_.grainsize;
  if (config_.metric == MetricKind::unit) return run_with<kernel::UnitMetric>(context, stop, begin);
  if (config_.metric == MetricKind::dense) return run_with<kernel::DenseMetric>(context, stop, begin);
  return run_with<kernel::DiagonalMetric>(context, stop, begin);
}

// Off the clock: the chain's buffers, and the gradient at the start, which is no leapfrog step's and brings the helpers
// to their places.
template <class Metric, class Begin>
bool ChainTimer::run_with(const EvaluationContext& context, const parallel::StopFlag& stop, Begin&& begin) {
  Chain<Metric> chain(density_.dimension(), config_.chain_config(0), density_.segment_bounds());
  evaluate(chain, context);
  if (!begin()) return false;
  const Clock::time_point start = Clock::now();
  const bool ended = sample(chain, context, stop);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (chain.status() == ChainStatus::failed) timed_.failure = chain.failure();
  if (!ended || chain.status() == ChainStatus::failed) return false;
  timed_.seconds.push_back(seconds);
  return true;
}

// The chain's way to its end; false if it was stopped before.
template <class Metric>
bool ChainTimer::sample(Chain<Metric>& chain, const EvaluationContext& context, const parallel::StopFlag& stop) {
  DrawWriter writer(output_, 0, density_.draw_size());
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
  return true;
}

template <class Metric>
void ChainTimer::evaluate(Chain<Metric>& chain, const EvaluationContext& context) const {
  Evaluation evaluation = density_.calls_passes() ? chain.evaluation_wanted()
                                                  : Evaluation{chain.position_wanted(), chain.gradient_wanted(), 0, {}};
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
  ChainTimer timer(density, config);
  parallel::PoolOptions options;
  options.workers = static_cast<std::size_t>(std::max(config.threads, 1));
  options.scratch_size = density.scratch_size();
  parallel::Pool pool(options, config.launcher);
  const auto job = [&](std::size_t, parallel::Team& team, double* scratch, const parallel::StopFlag& stop) {
    double total = 0;
    do {
      if (!timer.run(&team, scratch, stop, [] { return true; })) return;
      timer.compare_with_first();
      total += timer.timed().seconds.back();
    } while (total < min_seconds);
  };
  pool.run(1, job, [&monitor] { return monitor.poll(Progress()); });
  return timer.timed();
}

// The same by the plain loop in n_copies threads at once that share nothing, in rounds: `seconds` are those of a round,
// from the moment at which all threads begin until the last has done its run. No round where the system gave fewer
// threads.
inline TimedRuns time_copies(const Density& density, const RunConfig& config, std::size_t n_copies, double min_seconds,
                             Monitor& monitor) {
  std::vector<std::unique_ptr<ChainTimer>> timers;
  for (std::size_t i = 0; i < n_copies; ++i) timers.emplace_back(new ChainTimer(density, config));
  Rounds rounds(n_copies);
  std::atomic<bool> stopped{false};
  std::vector<double> seconds;
  double total = 0;
  parallel::PoolOptions options;
  options.workers = options.owners = options.cores_allowed = n_copies;
  options.scratch_size = density.scratch_size();
  parallel::Pool pool(options, config.launcher);
  const auto job = [&](std::size_t copy, parallel::Team&, double* scratch, const parallel::StopFlag& stop) {
    ChainTimer& timer = *timers[copy];
    while (timer.run(nullptr, scratch, stop, [&] { return rounds.begin(stop); }) && rounds.end(stop)) {
      timer.compare_with_first();
      if (copy > 0) continue;
      seconds.push_back(rounds.take_seconds());
      total += seconds.back();
      if (total >= min_seconds) break;
    }
    rounds.leave();
    if (stop.requested()) stopped = true;
  };
  pool.run(n_copies, job, [&monitor] { return monitor.poll(Progress()); });
  TimedRuns out = timers[0]->timed();
  out.seconds = seconds;
  out.stopped = stopped;
  for (const auto& timer : timers) {
    const TimedRuns& timed = timer->timed();
    out.repeatable &= timed.repeatable && (seconds.empty() || timed.fingerprint == out.fingerprint);
    if (timed.failure.kind != FailureKind::none) out.failure = timed.failure;
  }
  return out;
}

}  // namespace run
}  // namespace skein

#endif
