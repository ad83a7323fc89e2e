// ChEES-HMC's warm-up over a population of chains: the step size by the harmonic mean of acceptances, the trajectory
// length by the gradient of the Change in the Estimator of the Expected Square (Hoffman, Radul and Sountsov, 2021).
#ifndef SKEIN_ADAPT_CHEES_HPP
#define SKEIN_ADAPT_CHEES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../kernel/config.hpp"
#include "../kernel/hmc.hpp"
#include "../kernel/math.hpp"
#include "dual_averaging.hpp"
#include "metric.hpp"
#include "population.hpp"
#include "warmup.hpp"

namespace skein {
namespace adapt {

// Gradient ascent by Adam (Kingma and Ba, 2015) on one number.
class Adam {
 public:
  double step(double gradient, const kernel::CheesConfig& config) {
    ++count_;
    mean_ = config.beta1 * mean_ + (1 - config.beta1) * gradient;
    mean_square_ = config.beta2 * mean_square_ + (1 - config.beta2) * gradient * gradient;
    power1_ *= config.beta1;
    power2_ *= config.beta2;
    const double root = std::sqrt(mean_square_ / (1 - power2_));
    return root > 0 ? config.learning_rate * (mean_ / (1 - power1_)) / root : 0;
  }

 private:
  int count_ = 0;
  double mean_ = 0, mean_square_ = 0;
  double power1_ = 1, power2_ = 1;
};

class Chees {
 public:
  using Kernel = kernel::Hmc<kernel::DiagonalMetric>;

  Chees(std::size_t dimension, int warmup, const kernel::CheesConfig& config,
        const kernel::AdaptationConfig& adaptation)
      : config_(config),
        adaptation_(adaptation),
        schedule_(warmup_schedule(warmup, adaptation)),
        warmup_(warmup),
        dimension_(dimension),
        draws_(dimension),
        eigenvalue_(dimension) {
    adaptation_.delta = config.delta;
  }

  // Before the first iteration, from the initial points; key.iteration is 0.
  template <class Evaluate>
  void start(const std::vector<Kernel*>& chains, double step_size, const util::StreamKey& key,
             const Evaluate& evaluate) {
    parameters_.step_size = step_size;
    parameters_.max_steps = config_.max_steps;
    double length = config_.trajectory_length;
    if (adapts()) {
      if (config_.learns_metric) share_metric(chains);
      search(chains, key, evaluate);
      step_size_.restart(parameters_.step_size);
      if (config_.learns_metric && !(length > 0)) length = gaussian_length(chains) / distance(chains);
    }
    parameters_.trajectory_length = length > 0 ? length : parameters_.step_size;
    log_average_ = kernel::logarithm(parameters_.trajectory_length);
  }

  // After an iteration of warm-up, counted from 0. False if the estimated variances make no metric.
  template <class Evaluate>
  bool learn(int iteration, const std::vector<Kernel*>& chains, util::StreamKey key, const Evaluate& evaluate) {
    if (!adapts()) return true;
    learn_step_size(chains);
    learn_length(iteration, chains);
    if (config_.learns_metric && schedule_.in_window(iteration))
      for (const Kernel* chain : chains) draws_.add(chain->position());
    if (config_.learns_metric && schedule_.ends_window(iteration)) {
      if (!learn_metric(chains)) return false;
      key.iteration = static_cast<std::uint32_t>(iteration + 1);
      search(chains, key, evaluate);
      step_size_.restart(parameters_.step_size);
    }
    if (iteration + 1 == warmup_) {
      if (step_size_.has_learned()) parameters_.step_size = step_size_.final_step_size();
      parameters_.trajectory_length = kernel::exponential(log_average_);
    }
    return true;
  }

  // Those of all chains in the next iteration.
  const Kernel::Parameters& parameters(std::size_t) const { return parameters_; }

 private:
  bool adapts() const { return adaptation_.engaged && warmup_ > 0; }

  template <class Evaluate>
  void search(const std::vector<Kernel*>& chains, const util::StreamKey& key, const Evaluate& evaluate) {
    const double found = search_step_size<kernel::DiagonalMetric>(chains, parameters_.step_size, key, evaluate);
    if (found > 0) parameters_.step_size = found;
  }

  // The length does not shrink below one step, nor grow beyond as many as a trajectory may have; but step sizes on
  // trial do not move it.
  void move_length(double length) {
    double& now = parameters_.trajectory_length;
    const double least = std::min(parameters_.step_size, now);
    const double most = std::max(config_.max_steps * parameters_.step_size, now);
    now = std::min(std::max(length, least), most);
  }

  // The harmonic mean fears a single chain that gets stuck; those that diverged count as plain zeros beside it.
  void learn_step_size(const std::vector<Kernel*>& chains) {
    double sum_inverse = 0, n_finished = 0;
    for (const Kernel* chain : chains) {
      if (chain->transition().divergent) continue;
      sum_inverse += 1 / std::max(chain->transition().accept_stat, 1e-20);
      n_finished += 1;
    }
    const double n = static_cast<double>(chains.size());
    const double acceptance = n_finished > 0 ? (n_finished / sum_inverse) * (n_finished / n) : 0;
    parameters_.step_size = step_size_.learn(acceptance, adaptation_);
  }

  void learn_length(int iteration, const std::vector<Kernel*>& chains);
  bool learn_metric(const std::vector<Kernel*>& chains);
  static void share_metric(const std::vector<Kernel*>& chains);
  double gaussian_length(const std::vector<Kernel*>& chains);
  double distance(const std::vector<Kernel*>& chains) const;

  kernel::CheesConfig config_;
  kernel::AdaptationConfig adaptation_;
  WarmupSchedule schedule_;
  int warmup_;
  std::size_t dimension_;
  MetricEstimator<kernel::DiagonalMetric> draws_;
  EigenvalueEstimate eigenvalue_;
  DualAveraging step_size_;
  Adam adam_;
  double log_average_ = 0;
  Kernel::Parameters parameters_;
};

// With q, q' the positions before and after a trajectory of length h T, m and m' their means over chains (that of q'
// weighted by the acceptances a), p' the momentum at the end and |x|^2 = x' M x:
//   d ChEES / d log T ~ sum a h T (|q' - m'|^2 - |q - m|^2) (q' - m')'p' / sum a.
// In the metric's own units, so that the length which is best for the rescaled density is sought.
inline void Chees::learn_length(int iteration, const std::vector<Kernel*>& chains) {
  std::vector<double> mean_start(dimension_), mean_end(dimension_);
  double sum_weights = 0;
  const auto weight_of = [](const Kernel* chain) {
    return chain->transition().divergent ? 0.0 : chain->transition().accept_stat;
  };
  for (const Kernel* chain : chains) {
    const double weight = weight_of(chain);
    const double* start = chain->start_position();
    const double* end = chain->end_position();
    for (std::size_t i = 0; i < dimension_; ++i) mean_start[i] += start[i];
    if (weight == 0) continue;
    for (std::size_t i = 0; i < dimension_; ++i) mean_end[i] += weight * end[i];
    sum_weights += weight;
  }
  if (sum_weights > 0) {
    const double n = static_cast<double>(chains.size());
    for (std::size_t i = 0; i < dimension_; ++i) {
      mean_start[i] /= n;
      mean_end[i] /= sum_weights;
    }
    double gradient = 0;
    const double* inverse_metric = chains.front()->metric().diagonal();
    for (const Kernel* chain : chains) {
      const double weight = weight_of(chain);
      if (weight == 0) continue;
      double change = 0, direction = 0;
      const double* start = chain->start_position();
      const double* end = chain->end_position();
      const double* momentum = chain->end_momentum();
      for (std::size_t i = 0; i < dimension_; ++i) {
        const double before = start[i] - mean_start[i], after = end[i] - mean_end[i];
        change += (after * after - before * before) / inverse_metric[i];
        direction += after * momentum[i];
      }
      gradient += weight * change * direction;
    }
    gradient *= kernel::van_der_corput(static_cast<std::uint32_t>(iteration) + 1) * parameters_.trajectory_length /
                sum_weights;
    const double largest = kernel::chees_largest_change;
    if (std::isfinite(gradient)) {
      const double change = std::min(std::max(adam_.step(gradient, config_), -largest), largest);
      move_length(parameters_.trajectory_length * kernel::exponential(change));
    }
  }
  const double weight = kernel::power(iteration + 1, -config_.decay);
  log_average_ = (1 - weight) * log_average_ + weight * kernel::logarithm(parameters_.trajectory_length);
}

// With the metric the unit of lengths changes. The climb goes on from the length that is best for a Gaussian with the
// population's longest axis; from one carried over it could end on a later top of the criterion, periods away.
inline bool Chees::learn_metric(const std::vector<Kernel*>& chains) {
  kernel::DiagonalMetric& first = chains.front()->metric();
  if (!draws_.update(first)) return false;
  const std::vector<double> inverse = first.inverse();
  for (std::size_t k = 1; k < chains.size(); ++k) chains[k]->metric().set_inverse(inverse.data(), inverse.size());
  const double length = gaussian_length(chains);
  if (length > 0) {
    parameters_.trajectory_length = length;
    log_average_ = kernel::logarithm(length);
  }
  return true;
}

// The median of what the chains bring with them, and sd(position) / sd(gradient) over chains, the diagonal metric of the
// least Fisher divergence: chains on their way have seen scales of the way only, but how gradients change with positions
// is right all along. Medians, as some chains come late; the fewer there are, the more the first counts.
inline void Chees::share_metric(const std::vector<Kernel*>& chains) {
  const double n = static_cast<double>(chains.size());
  const double share = n / (n + kernel::metric_prior_draws);
  std::vector<double> shared(chains.front()->dimension()), of_chains(chains.size());
  const auto spread = [&](std::size_t i, const double* (Kernel::*values)() const) {
    for (std::size_t k = 0; k < chains.size(); ++k) of_chains[k] = (chains[k]->*values)()[i];
    const double middle = median(of_chains);
    for (double& value : of_chains) value = std::fabs(value - middle);
    return median(of_chains);
  };
  for (std::size_t i = 0; i < shared.size(); ++i) {
    for (std::size_t k = 0; k < chains.size(); ++k) of_chains[k] = chains[k]->metric().diagonal()[i];
    shared[i] = median(of_chains);
    const double ratio = spread(i, &Kernel::position) / spread(i, &Kernel::gradient);
    if (ratio > 0 && std::isfinite(ratio)) shared[i] = kernel::power(shared[i], 1 - share) * kernel::power(ratio, share);
  }
  for (Kernel* chain : chains) chain->metric().set_inverse(shared.data(), shared.size());
}

// By the chains' standard deviation along their longest axis, in units of the metric; 0 if that makes no length.
inline double Chees::gaussian_length(const std::vector<Kernel*>& chains) {
  std::vector<const double*> positions;
  for (const Kernel* chain : chains) positions.push_back(chain->position());
  const Moments now = moments(positions, dimension_);
  std::vector<double> scale = chains.front()->metric().inverse();
  for (double& value : scale) value = 1 / std::sqrt(value);
  const double length =
      kernel::chees_gaussian_length * std::sqrt(eigenvalue_(positions, now.mean.data(), scale.data()));
  return std::isfinite(length) ? length : 0;
}

// With m the chains' mean, -(x - m)'gradient / dimension is 1 on average over a posterior of any shape; for chains that
// are far out it is larger by the square of their distance. The root of its median over chains, at least 1.
inline double Chees::distance(const std::vector<Kernel*>& chains) const {
  std::vector<const double*> positions;
  for (const Kernel* chain : chains) positions.push_back(chain->position());
  const Moments now = moments(positions, dimension_);
  std::vector<double> squares;
  for (const Kernel* chain : chains) {
    double sum = 0;
    for (std::size_t i = 0; i < dimension_; ++i) sum -= (chain->position()[i] - now.mean[i]) * chain->gradient()[i];
    squares.push_back(sum / static_cast<double>(dimension_));
  }
  return std::sqrt(std::max(median(squares), 1.0));
}

}  // namespace adapt
}  // namespace skein

#endif
