// Generalised Hamiltonian Monte Carlo: one leapfrog step an iteration, a momentum that is refreshed in part, and
// acceptance by a slice that drifts (Horowitz, 1991; Neal, 2020), as a state machine.
//
// The momentum lives in units of the scales: another fold's scales leave it as it is.
#ifndef SKEIN_KERNEL_GHMC_HPP
#define SKEIN_KERNEL_GHMC_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../util/aligned.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "config.hpp"
#include "leapfrog.hpp"
#include "math.hpp"
#include "metric.hpp"
#include "transition.hpp"

namespace skein {
namespace kernel {

class Ghmc {
 public:
  using Config = MeadsConfig;

  // What a fold of chains shares. `metric` and `scale` (its square roots) outlive the transitions begun with them.
  struct Parameters {
    const DiagonalMetric* metric = nullptr;
    const double* scale = nullptr;
    double step_size = 1;
    double refreshed = 1;  // share of the momentum's variance that is drawn anew
    double drift = 0.5;    // of the slice, whose period is 2
    bool rests = false;    // an iteration in which the fold stays where it is
  };

  Ghmc(std::size_t dimension, const MeadsConfig& config)
      : config_(config),
        dimension_(dimension),
        states_{State(util::round_up_8(dimension)), State(util::round_up_8(dimension))},
        momentum_(util::round_up_8(dimension)),
        proposal_(util::round_up_8(dimension)),
        noise_(util::round_up_8(dimension)) {}

  std::size_t dimension() const { return dimension_; }
  const double* position() const { return states_[current_].position.data(); }
  const double* gradient() const { return states_[current_].gradient.data(); }
  double log_density() const { return states_[current_].log_density; }
  const Transition& transition() const { return transition_; }
  std::uint64_t n_not_finite() const { return n_not_finite_; }

  void set_point(const double* position, const double* gradient, double log_density) {
    State& state = states_[current_];
    std::copy(position, position + dimension_, state.position.data());
    std::copy(gradient, gradient + dimension_, state.gradient.data());
    state.log_density = log_density;
  }

  // The momentum in units of the scales and the slice, for those who drive the kernel by hand.
  const double* momentum() const { return momentum_.data(); }
  double slice() const { return slice_; }
  void set_momentum(const double* momentum, double slice) {
    std::copy(momentum, momentum + dimension_, momentum_.data());
    slice_ = slice;
  }

  // Begins a transition; draw_ready at once if the chain rests. Iteration 0 draws the slice and the whole momentum.
  Step begin(const Parameters& parameters, const util::StreamKey& key);

  const double* position_wanted() const { return states_[1 - current_].position.data(); }
  double* gradient_wanted() { return states_[1 - current_].gradient.data(); }
  Step advance(double log_density);

 private:
  struct State {
    explicit State(std::size_t n) : position(n), gradient(n) {}
    util::AlignedArray<double> position, gradient;
    double log_density = 0;
  };

  MeadsConfig config_;
  std::size_t dimension_;
  State states_[2];
  util::AlignedArray<double> momentum_;
  util::AlignedArray<double> proposal_;  // momentum of the step, in the density's units
  util::AlignedArray<double> noise_;
  const Parameters* parameters_ = nullptr;
  double slice_ = 0;
  int current_ = 0;
  double energy_start_ = 0;
  Transition transition_;
  std::uint64_t n_not_finite_ = 0;
};

inline Step Ghmc::begin(const Parameters& parameters, const util::StreamKey& key) {
  parameters_ = &parameters;
  transition_ = Transition();
  transition_.step_size = parameters.step_size;
  if (key.iteration == 0) slice_ = 2 * util::Stream(util::Purpose::tree, key).uniform() - 1;
  if (parameters.rests) {
    transition_.accept_stat = 1;
    transition_.energy = energy_start_;
    return Step::draw_ready;
  }
  util::Stream stream(util::Purpose::momentum, key);
  fill_standard_normal(stream, noise_.data(), dimension_);
  const double refreshed = key.iteration == 0 ? 1 : parameters.refreshed;
  const double kept = std::sqrt(1 - refreshed), drawn = std::sqrt(refreshed);
  for (std::size_t i = 0; i < dimension_; ++i) {
    momentum_[i] = kept * momentum_[i] + drawn * noise_[i];
    proposal_[i] = momentum_[i] / parameters.scale[i];
  }
  // The slice turns on a circle of length 2.
  slice_ += 1 + parameters.drift;
  slice_ -= 2 * std::floor(slice_ / 2) + 1;

  State& start = states_[current_];
  State& tip = states_[1 - current_];
  const PointArrays from = {start.position.data(), start.gradient.data(), proposal_.data(), proposal_.data()};
  const PointArrays to = {tip.position.data(), tip.gradient.data(), proposal_.data(), proposal_.data()};
  energy_start_ = leapfrog_end(*parameters.metric, 0.0, from) - start.log_density;
  leapfrog_begin(*parameters.metric, parameters.step_size, from, to);
  return Step::gradient_wanted;
}

// A rejected step turns the momentum round, which keeps the distribution although the momentum is not forgotten.
inline Step Ghmc::advance(double log_density) {
  State& tip = states_[1 - current_];
  tip.log_density = log_density;
  const PointArrays at = {tip.position.data(), tip.gradient.data(), proposal_.data(), proposal_.data()};
  double energy = leapfrog_end(*parameters_->metric, parameters_->step_size, at) - log_density;
  if (!std::isfinite(log_density)) ++n_not_finite_;
  if (!std::isfinite(log_density) || std::isnan(energy)) energy = infinity;
  const double gain = energy_start_ - energy;
  transition_.n_leapfrog = 1;
  transition_.divergent = -gain > config_.divergence_threshold;
  transition_.accept_stat = exponential(std::min(gain, 0.0));
  const bool accepted = std::fabs(slice_) < exponential(gain);
  if (accepted) {
    slice_ *= exponential(-gain);
    current_ = 1 - current_;
    for (std::size_t i = 0; i < dimension_; ++i) momentum_[i] = proposal_[i] * parameters_->scale[i];
  } else {
    for (std::size_t i = 0; i < dimension_; ++i) momentum_[i] = -momentum_[i];
  }
  transition_.energy = energy_start_ = accepted ? energy : energy_start_;
  return Step::draw_ready;
}

}  // namespace kernel
}  // namespace skein

#endif
