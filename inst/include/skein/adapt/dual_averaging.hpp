// Dual averaging of the log step size towards a given acceptance (Hoffman and Gelman, 2014, section 3.2).
#ifndef SKEIN_ADAPT_DUAL_AVERAGING_HPP
#define SKEIN_ADAPT_DUAL_AVERAGING_HPP

#include <cmath>

#include "../kernel/config.hpp"
#include "../kernel/math.hpp"

namespace skein {
namespace adapt {

// A plain value: copying it saves it.
class DualAveraging {
 public:
  // Forgets what was learned; steps are then sought around 10 times `step_size`, so that trials err on the cheap side.
  void restart(double step_size) {
    mu_ = kernel::logarithm(10 * step_size);
    count_ = mean_error_ = mean_log_step_ = 0;
  }

  // Takes the acceptance statistic of one iteration, returns the step size for the next.
  double learn(double accept_stat, const kernel::AdaptationConfig& config) {
    count_ += 1;
    const double eta = 1 / (count_ + config.t0);
    mean_error_ = (1 - eta) * mean_error_ + eta * (config.delta - (accept_stat > 1 ? 1 : accept_stat));
    const double log_step = mu_ - mean_error_ * std::sqrt(count_) / config.gamma;
    const double weight = kernel::power(count_, -config.kappa);
    mean_log_step_ = (1 - weight) * mean_log_step_ + weight * log_step;
    return kernel::exponential(log_step);
  }

  bool has_learned() const { return count_ > 0; }

  // The averaged step size, for the iterations after warm-up; only if has_learned().
  double final_step_size() const { return kernel::exponential(mean_log_step_); }

 private:
  double mu_ = 0;
  double count_ = 0;
  double mean_error_ = 0;  // of delta minus acceptance
  double mean_log_step_ = 0;
};

}  // namespace adapt
}  // namespace skein

#endif
