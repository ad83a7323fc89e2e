// Hamiltonian Monte Carlo with trajectories of a given length, as a state machine (Duane et al., 1987; Neal, 2011).
#ifndef SKEIN_KERNEL_HMC_HPP
#define SKEIN_KERNEL_HMC_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../density.hpp"
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

// Element `index` of van der Corput's sequence in base 2, on (0, 1): the index with its bits mirrored at the point.
inline double van_der_corput(std::uint32_t index) {
  double value = 0;
  for (double bit = 0.5; index > 0; index /= 2, bit /= 2) value += static_cast<double>(index % 2) * bit;
  return value;
}

template <class Metric>
class Hmc {
 public:
  static constexpr const char* name = "hmc";
  using Config = HmcConfig;

  // What a population of chains shares: trajectories are van_der_corput(iteration + 1) times the length, so that all
  // chains of an iteration take equally many steps.
  struct Parameters {
    double step_size = 1;
    double trajectory_length = 1;
    int max_steps = 1;
  };

  // Its passes over vectors are not made in segments: the bounds are not used.
  Hmc(std::size_t dimension, const HmcConfig& config, const std::vector<std::size_t>& = {})
      : config_(config),
        metric_(dimension),
        states_{State(util::round_up_8(dimension)), State(util::round_up_8(dimension))},
        momentum_(util::round_up_8(dimension)),
        velocity_(Metric::stores_velocity ? util::round_up_8(dimension) : 0) {}

  std::size_t dimension() const { return metric_.dimension(); }
  Metric& metric() { return metric_; }
  const Metric& metric() const { return metric_; }

  const double* position() const { return states_[current_].position.data(); }
  const double* gradient() const { return states_[current_].gradient.data(); }
  double log_density() const { return states_[current_].log_density; }
  const Transition& transition() const { return transition_; }
  std::uint64_t n_not_finite() const { return n_not_finite_; }

  void set_point(const double* position, const double* gradient, double log_density) {
    State& state = states_[current_];
    std::copy(position, position + dimension(), state.position.data());
    std::copy(gradient, gradient + dimension(), state.gradient.data());
    state.log_density = log_density;
  }

  // Begins a transition of the length that the configuration gives.
  void begin(double step_size, const util::StreamKey& key);
  // Begins a transition with the parameters of a population.
  void begin(const Parameters& parameters, const util::StreamKey& key);

  const double* position_wanted() const { return states_[1 - current_].position.data(); }
  double* gradient_wanted() { return states_[1 - current_].gradient.data(); }
  Evaluation evaluation_wanted() { return {position_wanted(), gradient_wanted(), 0, {}}; }
  Step advance(double log_density);

  // After a transition: where it began and where its trajectory ended, accepted or not, with the momentum there. Its
  // position may not be finite if the transition diverged.
  const double* start_position() const { return states_[accepted_ ? 1 - current_ : current_].position.data(); }
  const double* end_position() const { return states_[accepted_ ? current_ : 1 - current_].position.data(); }
  const double* end_momentum() const { return momentum_.data(); }

  void save(util::ByteWriter& writer) const;
  void load(util::ByteReader& reader);

 private:
  // The state at rest and the trajectory's tip; which is which changes when a draw is accepted.
  struct State {
    explicit State(std::size_t n) : position(n), gradient(n) {}
    util::AlignedArray<double> position, gradient;
    double log_density = 0;
  };

  PointArrays arrays_of(State& state) {
    return {state.position.data(), state.gradient.data(), momentum_.data(),
            Metric::stores_velocity ? velocity_.data() : momentum_.data()};
  }
  void begin_trajectory(double step_size, int n_steps, const util::StreamKey& key);
  Step finish(double energy);

  HmcConfig config_;
  Metric metric_;
  State states_[2];
  util::AlignedArray<double> momentum_;
  util::AlignedArray<double> velocity_;
  int current_ = 0;
  bool accepted_ = false;
  Transition transition_;
  std::uint64_t n_not_finite_ = 0;

  util::Stream stream_;
  double energy_start_ = 0;
  int n_steps_ = 0;
};

template <class Metric>
void Hmc<Metric>::begin(double step_size, const util::StreamKey& key) {
  if (config_.stepsize_jitter > 0) {
    util::Stream jitter(util::Purpose::step_size_jitter, key);
    step_size *= 1 + config_.stepsize_jitter * (2 * jitter.uniform() - 1);
  }
  stream_ = util::Stream(util::Purpose::tree, key);
  double steps = config_.steps > 0 ? config_.steps : config_.trajectory_length / step_size;
  if (config_.jitter > 0) steps *= 1 + config_.jitter * (2 * stream_.uniform() - 1);
  steps = std::min(std::max(std::round(steps), 1.0), 1e9);
  begin_trajectory(step_size, static_cast<int>(steps), key);
}

template <class Metric>
void Hmc<Metric>::begin(const Parameters& parameters, const util::StreamKey& key) {
  stream_ = util::Stream(util::Purpose::tree, key);
  const double length = van_der_corput(key.iteration + 1) * parameters.trajectory_length;
  const double steps = std::ceil(length / parameters.step_size);
  begin_trajectory(parameters.step_size,
                   static_cast<int>(std::min(std::max(steps, 1.0), static_cast<double>(parameters.max_steps))), key);
}

template <class Metric>
void Hmc<Metric>::begin_trajectory(double step_size, int n_steps, const util::StreamKey& key) {
  transition_ = Transition();
  transition_.step_size = step_size;
  n_steps_ = n_steps;
  accepted_ = false;
  State& start = states_[current_];
  util::Stream momentum(util::Purpose::momentum, key);
  energy_start_ = refresh_momentum(metric_, momentum, arrays_of(start)) - start.log_density;
  leapfrog_begin(metric_, step_size, arrays_of(start), arrays_of(states_[1 - current_]));
}

// A trajectory that leaves the support or diverges would be rejected at its end: it ends here.
template <class Metric>
Step Hmc<Metric>::advance(double log_density) {
  State& tip = states_[1 - current_];
  tip.log_density = log_density;
  double energy = leapfrog_end(metric_, transition_.step_size, arrays_of(tip)) - log_density;
  if (!std::isfinite(log_density)) ++n_not_finite_;
  if (!std::isfinite(log_density) || std::isnan(energy)) energy = infinity;
  ++transition_.n_leapfrog;
  transition_.divergent = energy - energy_start_ > config_.divergence_threshold;
  if (transition_.divergent || transition_.n_leapfrog == n_steps_) return finish(energy);
  leapfrog_begin(metric_, transition_.step_size, arrays_of(tip), arrays_of(tip));
  return Step::gradient_wanted;
}

template <class Metric>
Step Hmc<Metric>::finish(double energy) {
  transition_.accept_stat = transition_.divergent ? 0 : exponential(std::min(energy_start_ - energy, 0.0));
  accepted_ = stream_.uniform() < transition_.accept_stat;
  if (accepted_) current_ = 1 - current_;
  transition_.energy = accepted_ ? energy : energy_start_;
  return Step::draw_ready;
}

template <class Metric>
void Hmc<Metric>::save(util::ByteWriter& writer) const {
  metric_.save(writer);
  for (const State& state : states_) {
    writer.put_array(state.position.data(), dimension());
    writer.put_array(state.gradient.data(), dimension());
    writer.put(state.log_density);
  }
  writer.put_array(momentum_.data(), dimension());
  writer.put_array(velocity_.data(), velocity_.size());
  writer.put(current_);
  writer.put(accepted_);
  writer.put(transition_.accept_stat);
  writer.put(transition_.step_size);
  writer.put(transition_.energy);
  writer.put(transition_.n_leapfrog);
  writer.put(transition_.divergent);
  writer.put(n_not_finite_);
  stream_.save(writer);
  writer.put(energy_start_);
  writer.put(n_steps_);
}

template <class Metric>
void Hmc<Metric>::load(util::ByteReader& reader) {
  metric_.load(reader);
  for (State& state : states_) {
    reader.get_array(state.position.data(), dimension());
    reader.get_array(state.gradient.data(), dimension());
    reader.get(state.log_density);
  }
  reader.get_array(momentum_.data(), dimension());
  reader.get_array(velocity_.data(), velocity_.size());
  reader.get(current_);
  reader.get(accepted_);
  reader.get(transition_.accept_stat);
  reader.get(transition_.step_size);
  reader.get(transition_.energy);
  reader.get(transition_.n_leapfrog);
  reader.get(transition_.divergent);
  reader.get(n_not_finite_);
  stream_.load(reader);
  reader.get(energy_start_);
  reader.get(n_steps_);
}

}  // namespace kernel
}  // namespace skein

#endif
