// Stan's warm-up: a fast stage, slow windows that double and end in a new metric, a fast stage; the step size always.
#ifndef SKEIN_ADAPT_WARMUP_HPP
#define SKEIN_ADAPT_WARMUP_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../kernel/config.hpp"
#include "../util/bytes.hpp"
#include "dual_averaging.hpp"
#include "metric.hpp"

namespace skein {
namespace adapt {

// Iterations count from 0. Draws of first_slow <= i < end_slow enter a window; the metric is updated after each
// iteration of window_ends, the last of which is end_slow - 1. Empty below 20 iterations.
struct WarmupSchedule {
  int first_slow = 0;
  int end_slow = 0;
  std::vector<int> window_ends;

  bool in_window(int iteration) const { return iteration >= first_slow && iteration < end_slow; }
  bool ends_window(int iteration) const {
    return std::binary_search(window_ends.begin(), window_ends.end(), iteration);
  }
};

// Windows double; one whose successor would not fit before the last stage is stretched up to that. Where the three
// stages do not fit at all, they become 15 %, 75 % and 10 % of the iterations, with one window.
inline WarmupSchedule warmup_schedule(int warmup, const kernel::AdaptationConfig& config) {
  WarmupSchedule schedule;
  if (warmup < kernel::min_warmup_for_metric) return schedule;
  int init_buffer = config.init_buffer;
  int term_buffer = config.term_buffer;
  int window = config.window;
  if (static_cast<long long>(init_buffer) + window + term_buffer > warmup) {
    init_buffer = static_cast<int>(kernel::short_init_fraction * warmup);
    term_buffer = static_cast<int>(kernel::short_term_fraction * warmup);
    window = warmup - (init_buffer + term_buffer);
  }
  schedule.first_slow = init_buffer;
  schedule.end_slow = warmup - term_buffer;
  const long long last = schedule.end_slow - 1;
  long long end = static_cast<long long>(init_buffer) + window - 1;
  long long size = window;
  schedule.window_ends.push_back(static_cast<int>(end));
  while (end != last) {
    size *= 2;
    end += size;
    if (end != last && end + 2 * size >= schedule.end_slow) end = last;
    schedule.window_ends.push_back(static_cast<int>(end));
  }
  return schedule;
}

enum class Learned { step_size, metric, bad_metric };

template <class Metric>
class Warmup {
 public:
  // `step_size` is the user's: the first search for steps is around 10 times that, not 10 times what the search for a
  // first step size finds, as in Stan.
  Warmup(std::size_t dimension, int warmup, const kernel::AdaptationConfig& config, double step_size)
      : config_(config), schedule_(warmup_schedule(warmup, config)), estimator_(dimension) {
    step_size_.restart(step_size);
  }

  // Learns from the iteration that ended; sets the step size for the next, and after a window the metric. After
  // `metric` a step size must be searched anew and given to restart_step_size().
  template <class Kernel>
  Learned learn(int iteration, Kernel& sampler, double& step_size) {
    step_size = step_size_.learn(sampler.transition().accept_stat, config_);
    if (!MetricEstimator<Metric>::learns) return Learned::step_size;
    if (schedule_.in_window(iteration)) estimator_.add(sampler.position());
    if (!schedule_.ends_window(iteration)) return Learned::step_size;
    return estimator_.update(sampler.metric()) ? Learned::metric : Learned::bad_metric;
  }

  void restart_step_size(double step_size) { step_size_.restart(step_size); }

  // For the iterations after warm-up; `current` if there was none since the last restart.
  double final_step_size(double current) const {
    return step_size_.has_learned() ? step_size_.final_step_size() : current;
  }

  void save(util::ByteWriter& writer) const {
    writer.put(step_size_);
    estimator_.save(writer);
  }

  void load(util::ByteReader& reader) {
    reader.get(step_size_);
    estimator_.load(reader);
  }

 private:
  kernel::AdaptationConfig config_;
  WarmupSchedule schedule_;
  MetricEstimator<Metric> estimator_;
  DualAveraging step_size_;
};

}  // namespace adapt
}  // namespace skein

#endif
