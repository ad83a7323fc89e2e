// Times single gradients, by the plain loop, in threads, or in several plain loops at once.
#ifndef SKEIN_RUN_TIMED_GRADIENT_HPP
#define SKEIN_RUN_TIMED_GRADIENT_HPP

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "../density.hpp"
#include "../parallel/pool.hpp"
#include "../util/aligned.hpp"
#include "rounds.hpp"

namespace skein {
namespace run {

struct GradientTiming {
  std::size_t threads = 0;    // of one gradient; 0 is the plain loop without a pool
  std::size_t copies = 1;     // more: as many plain loops at once, each in its own thread
  std::size_t grainsize = 0;  // as in EvaluationContext
  int times = 1;              // batches
  double min_seconds = 0;     // of all batches
};

// Batches of equal numbers of gradients, found by doubling, each long enough for the clock.
class GradientBatches {
 public:
  explicit GradientBatches(const GradientTiming& timing) : timing_(timing) {}

  std::size_t size() const { return size_; }

  // Takes a batch's seconds; whether more are wanted.
  bool add(double seconds) {
    if (seconds * timing_.times < timing_.min_seconds) {
      size_ *= 2;
      return true;
    }
    microseconds_.push_back(1e6 * seconds / static_cast<double>(size_));
    return microseconds_.size() < static_cast<std::size_t>(timing_.times);
  }

  const std::vector<double>& microseconds() const { return microseconds_; }

 private:
  const GradientTiming& timing_;
  std::size_t size_ = 1;
  std::vector<double> microseconds_;
};

// One thread's gradients at one position.
class GradientLoop {
 public:
  GradientLoop(const Density& density, const double* position)
      : density_(density), position_(position), workspace_(density.workspace_size()), gradient_(density.dimension()) {}

  void run(std::size_t n, EvaluationContext context) {
    context.workspace = workspace_.data();
    Evaluation evaluation{position_, gradient_.data(), 0, {}};
    for (std::size_t i = 0; i < n; ++i) density_.evaluate(&evaluation, 1, context);
  }

 private:
  const Density& density_;
  const double* position_;
  util::AlignedArray<double> workspace_;
  std::vector<double> gradient_;
};

inline std::vector<double> time_gradient_alone(const Density& density, const double* position,
                                               const GradientTiming& timing) {
  GradientLoop loop(density, position);
  GradientBatches batches(timing);
  const auto measure = [&](const EvaluationContext& context) {
    double seconds = 0;
    do {
      const Rounds::Clock::time_point start = Rounds::Clock::now();
      loop.run(batches.size(), context);
      seconds = std::chrono::duration<double>(Rounds::Clock::now() - start).count();
    } while (batches.add(seconds));
  };
  EvaluationContext context;
  context.grainsize = timing.grainsize;
  if (timing.threads == 0) {
    util::AlignedArray<double> scratch(density.scratch_size());
    context.scratch = scratch.data();
    measure(context);
    return batches.microseconds();
  }
  parallel::PoolOptions options;
  options.workers = options.cores_allowed = timing.threads;
  options.scratch_size = density.scratch_size();
  parallel::Pool pool(options);
  pool.run(1, [&](std::size_t, parallel::Team& team, double* scratch, const parallel::StopFlag&) {
    context.team = &team;
    context.scratch = scratch;
    measure(context);
  });
  return batches.microseconds();
}

inline std::vector<double> time_gradient_copies(const Density& density, const double* position,
                                                const GradientTiming& timing) {
  std::vector<std::unique_ptr<GradientLoop>> loops;
  for (std::size_t i = 0; i < timing.copies; ++i) loops.emplace_back(new GradientLoop(density, position));
  GradientBatches batches(timing);
  Rounds rounds(timing.copies);
  parallel::PoolOptions options;
  options.workers = options.owners = options.cores_allowed = timing.copies;
  options.scratch_size = density.scratch_size();
  parallel::Pool pool(options);
  pool.run(timing.copies, [&](std::size_t copy, parallel::Team&, double* scratch, const parallel::StopFlag& stop) {
    EvaluationContext context;
    context.scratch = scratch;
    // Only the first thread writes to `batches`, between rounds.
    while (rounds.begin(stop)) {
      loops[copy]->run(batches.size(), context);
      if (!rounds.end(stop)) break;
      if (copy == 0 && !batches.add(rounds.take_seconds())) break;
    }
    rounds.leave();
  });
  return batches.microseconds();
}

// Microseconds of one gradient in each of timing.times batches; of copies, until the slowest has done one. Nothing
// where the system gave fewer threads than copies.
inline std::vector<double> time_gradient(const Density& density, const double* position, const GradientTiming& timing) {
  return timing.copies > 1 ? time_gradient_copies(density, position, timing)
                           : time_gradient_alone(density, position, timing);
}

}  // namespace run
}  // namespace skein

#endif
