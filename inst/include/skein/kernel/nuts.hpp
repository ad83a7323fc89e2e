// The No-U-Turn sampler with multinomial weights as a state machine: it asks for one gradient at a time.
//
// Semantics are those of Stan's base_nuts (Hoffman and Gelman, 2014; Betancourt, 2017): trajectories double in random
// directions; states are drawn uniformly by weight inside a subtree and with a bias to the new half across doublings;
// a (sub)tree ends a trajectory when any of its three U-turn checks fails, or when the energy error exceeds the
// divergence threshold. Instead of recursion there is a stack of finished subtrees: two of equal depth at the top
// merge, like carries in a binary counter, so the state between two gradients is a plain value.
#ifndef SKEIN_KERNEL_NUTS_HPP
#define SKEIN_KERNEL_NUTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "config.hpp"
#include "leapfrog.hpp"
#include "math.hpp"
#include "metric.hpp"
#include "point.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

enum class Step { gradient_wanted, draw_ready };

// What one iteration reports, in Stan's terms.
struct Transition {
  double accept_stat = 0;  // mean over all leapfrog steps of min(1, exp(H0 - H))
  double step_size = 0;    // the one used, jitter included
  double energy = 0;       // Hamiltonian at the draw
  int treedepth = 0;       // doublings completed
  int n_leapfrog = 0;
  bool divergent = false;
};

template <class Metric>
class Nuts {
 public:
  // Starts with the unit metric and without a point: set_inverse() on metric() changes the one, set_point() the other.
  Nuts(std::size_t dimension, const NutsConfig& config)
      : config_(config), metric_(dimension), pool_(dimension, capacity(config.max_treedepth)), steps_(&step_table()) {
    subtrees_.reserve(static_cast<std::size_t>(config.max_treedepth) + 1);
    sample_.position = pool_.acquire();
    sample_.gradient = pool_.acquire();
  }

  std::size_t dimension() const { return metric_.dimension(); }
  Metric& metric() { return metric_; }
  const Metric& metric() const { return metric_; }

  // The current state of the Markov chain. During a transition: the state it started from.
  const double* position() const { return pool_[sample_.position]; }
  const double* gradient() const { return pool_[sample_.gradient]; }
  double log_density() const { return sample_.log_density; }
  // How the last transition came to the state; complete when draw_ready.
  const Transition& transition() const { return transition_; }

  // Leapfrog steps so far at whose end the log density was not finite.
  std::uint64_t n_not_finite() const { return n_not_finite_; }

  // Sets the state; `log_density` and all of `gradient` must be finite. Only between transitions.
  void set_point(const double* position, const double* gradient, double log_density) {
    std::copy(position, position + dimension(), pool_[sample_.position]);
    std::copy(gradient, gradient + dimension(), pool_[sample_.gradient]);
    sample_.log_density = log_density;
  }

  // Begins a transition; afterwards the first gradient is wanted. `key` names its random numbers.
  void begin(double step_size, const util::StreamKey& key);

  // Where the log density and gradient are wanted, and where the gradient is to be written.
  const double* position_wanted() const { return pool_[next_.position]; }
  double* gradient_wanted() { return pool_[next_.gradient]; }

  // Takes the log density at position_wanted(), whose gradient is in gradient_wanted().
  Step advance(double log_density);

  void save(util::ByteWriter& writer) const;
  void load(util::ByteReader& reader);

 private:
  // A candidate for the draw.
  struct Sample {
    VectorPool::Handle position;
    VectorPool::Handle gradient;
    double log_density;
    double energy;
  };

  // A finished subtree: its ends in the order of building, the sum of its momenta, and its candidate.
  struct Subtree {
    Sample sample;
    double log_weight;
    VectorPool::Handle momentum_begin, momentum_end, velocity_begin, velocity_end, rho;
    int depth;
  };

  // All states but those of the subtree in the making. Its ends are ends_.
  struct Trajectory {
    Sample sample;
    double log_weight;
    VectorPool::Handle rho;
    int depth;
  };

  enum Direction : int { backward = 0, forward = 1 };

  // Two ends, the states before and after a step, samples, sums; five vectors and two velocities per stacked subtree.
  static std::size_t capacity(int max_treedepth) {
    const std::size_t n_velocities = Metric::stores_velocity ? 1 : 0;
    return 4 * (3 + n_velocities) + 6 + (static_cast<std::size_t>(max_treedepth) + 1) * (5 + 2 * n_velocities);
  }

  double signed_step() const { return direction_ == forward ? transition_.step_size : -transition_.step_size; }
  Subtree leaf(const Point& point, double log_density, double energy);
  void extend();
  void begin_leapfrog();
  bool merge_top();
  bool join_trajectory();
  void replace_sample(Sample& old, const Sample& candidate, bool take);
  bool sum_runs(const RunArrays& a, const RunArrays& b, bool single_points, VectorPool::Handle& rho_out);
  void release_run(const Subtree& tree);
  void release_sample(const Sample& sample);
  Step finish();

  NutsConfig config_;
  Metric metric_;
  VectorPool pool_;
  const StepTable* steps_;

  Sample sample_{};
  Transition transition_;
  std::uint64_t n_not_finite_ = 0;

  // The transition under way.
  util::Stream stream_;
  double energy_start_ = 0;
  double sum_acceptance_ = 0;
  Direction direction_ = forward;
  Point ends_[2] = {};  // of the trajectory, by direction
  Point tip_ = {};      // the last state built
  Point next_ = {};     // the state whose gradient is wanted
  Trajectory trajectory_{};
  std::vector<Subtree> subtrees_;  // of the extension in the making, depths falling
};

template <class Metric>
void Nuts<Metric>::begin(double step_size, const util::StreamKey& key) {
  transition_ = Transition();
  transition_.step_size = step_size;
  if (config_.stepsize_jitter > 0) {
    util::Stream jitter(util::Purpose::step_size_jitter, key);
    transition_.step_size *= 1 + config_.stepsize_jitter * (2 * jitter.uniform() - 1);
  }
  stream_ = util::Stream(util::Purpose::tree, key);
  sum_acceptance_ = 0;

  Point start;
  start.position = pool_.share(sample_.position);
  start.gradient = pool_.share(sample_.gradient);
  start.momentum = pool_.acquire();
  start.velocity = Metric::stores_velocity ? pool_.acquire() : pool_.share(start.momentum);
  util::Stream momentum(util::Purpose::momentum, key);
  const double kinetic = refresh_momentum(metric_, momentum, arrays_of(pool_, start));
  energy_start_ = kinetic - sample_.log_density;

  trajectory_ = {{pool_.share(start.position), pool_.share(start.gradient), sample_.log_density, energy_start_},
                 0.0,
                 pool_.share(start.momentum),
                 0};
  ends_[backward] = start;
  ends_[forward] = share(pool_, start);
  extend();
}

template <class Metric>
Step Nuts<Metric>::advance(double log_density) {
  const double kinetic = leapfrog_end(metric_, signed_step(), arrays_of(pool_, next_));
  double energy = kinetic - log_density;
  if (!std::isfinite(log_density)) ++n_not_finite_;
  if (!std::isfinite(log_density) || std::isnan(energy)) energy = infinity;
  const double gain = energy_start_ - energy;
  ++transition_.n_leapfrog;
  sum_acceptance_ += gain > 0 ? 1 : exponential(gain);
  release(pool_, tip_);
  tip_ = next_;
  if (-gain > config_.divergence_threshold) {
    transition_.divergent = true;
    return finish();
  }

  subtrees_.push_back(leaf(tip_, log_density, energy));
  while (subtrees_.size() > 1 && subtrees_[subtrees_.size() - 2].depth == subtrees_.back().depth)
    if (!merge_top()) return finish();
  if (subtrees_.back().depth < trajectory_.depth) {
    begin_leapfrog();
    return Step::gradient_wanted;
  }
  if (!join_trajectory() || trajectory_.depth == config_.max_treedepth) return finish();
  release(pool_, tip_);
  extend();
  return Step::gradient_wanted;
}

// A subtree of one state, sharing that state's vectors.
template <class Metric>
typename Nuts<Metric>::Subtree Nuts<Metric>::leaf(const Point& point, double log_density, double energy) {
  Subtree tree;
  tree.sample = {pool_.share(point.position), pool_.share(point.gradient), log_density, energy};
  tree.log_weight = energy_start_ - energy;
  tree.momentum_begin = pool_.share(point.momentum);
  tree.momentum_end = pool_.share(point.momentum);
  tree.velocity_begin = pool_.share(point.velocity);
  tree.velocity_end = pool_.share(point.velocity);
  tree.rho = pool_.share(point.momentum);
  tree.depth = 0;
  return tree;
}

// Begins a subtree as deep as the trajectory, at a random end.
template <class Metric>
void Nuts<Metric>::extend() {
  direction_ = stream_.uniform() > 0.5 ? forward : backward;
  tip_ = share(pool_, ends_[direction_]);
  begin_leapfrog();
}

template <class Metric>
void Nuts<Metric>::begin_leapfrog() {
  next_ = acquire_point(pool_, Metric::stores_velocity);
  leapfrog_begin(metric_, signed_step(), arrays_of(pool_, tip_), arrays_of(pool_, next_));
}

// Merges the two subtrees on top of the stack; false if the result makes a U-turn.
template <class Metric>
bool Nuts<Metric>::merge_top() {
  const Subtree b = subtrees_.back();
  subtrees_.pop_back();
  Subtree& a = subtrees_.back();
  a.log_weight = log_sum_exp(a.log_weight, b.log_weight);
  replace_sample(a.sample, b.sample, stream_.uniform() < exponential(b.log_weight - a.log_weight));

  const RunArrays run_a = {pool_[a.momentum_begin], pool_[a.momentum_end], pool_[a.velocity_begin],
                           pool_[a.velocity_end], pool_[a.rho]};
  const RunArrays run_b = {pool_[b.momentum_begin], pool_[b.momentum_end], pool_[b.velocity_begin],
                           pool_[b.velocity_end], pool_[b.rho]};
  VectorPool::Handle rho;
  const bool goes_on = sum_runs(run_a, run_b, a.depth == 0, rho);

  pool_.share(a.momentum_begin);
  pool_.share(a.velocity_begin);
  pool_.share(b.momentum_end);
  pool_.share(b.velocity_end);
  release_run(a);
  release_run(b);
  a.momentum_end = b.momentum_end;
  a.velocity_end = b.velocity_end;
  a.rho = rho;
  ++a.depth;
  return goes_on;
}

// Takes the one subtree on the stack into the trajectory; false if the result makes a U-turn.
template <class Metric>
bool Nuts<Metric>::join_trajectory() {
  const Subtree b = subtrees_.back();
  subtrees_.pop_back();
  const double log_ratio = b.log_weight - trajectory_.log_weight;
  replace_sample(trajectory_.sample, b.sample, log_ratio > 0 || stream_.uniform() < exponential(log_ratio));
  trajectory_.log_weight = log_sum_exp(trajectory_.log_weight, b.log_weight);

  const Point& far_end = ends_[1 - direction_];
  Point& near_end = ends_[direction_];
  const RunArrays run_a = {pool_[far_end.momentum], pool_[near_end.momentum], pool_[far_end.velocity],
                           pool_[near_end.velocity], pool_[trajectory_.rho]};
  const RunArrays run_b = {pool_[b.momentum_begin], pool_[b.momentum_end], pool_[b.velocity_begin],
                           pool_[b.velocity_end], pool_[b.rho]};
  VectorPool::Handle rho;
  const bool goes_on = sum_runs(run_a, run_b, trajectory_.depth == 0, rho);

  pool_.release(trajectory_.rho);
  trajectory_.rho = rho;
  release_run(b);
  release(pool_, near_end);
  near_end = share(pool_, tip_);
  ++trajectory_.depth;
  return goes_on;
}

template <class Metric>
bool Nuts<Metric>::sum_runs(const RunArrays& a, const RunArrays& b, bool single_points, VectorPool::Handle& rho_out) {
  rho_out = pool_.acquire();
  const MergeArrays arrays = {a, b, metric_.diagonal()};
  const std::size_t n = pool_.padded_length();
  return single_points ? steps_->merge_points(arrays, pool_[rho_out], n)
                       : steps_->merge_runs(arrays, pool_[rho_out], n);
}

template <class Metric>
void Nuts<Metric>::replace_sample(Sample& old, const Sample& candidate, bool take) {
  release_sample(take ? old : candidate);
  if (take) old = candidate;
}

template <class Metric>
void Nuts<Metric>::release_run(const Subtree& tree) {
  pool_.release(tree.momentum_begin);
  pool_.release(tree.momentum_end);
  pool_.release(tree.velocity_begin);
  pool_.release(tree.velocity_end);
  pool_.release(tree.rho);
}

template <class Metric>
void Nuts<Metric>::release_sample(const Sample& sample) {
  pool_.release(sample.position);
  pool_.release(sample.gradient);
}

// The trajectory's candidate becomes the state; everything else goes back to the pool.
template <class Metric>
Step Nuts<Metric>::finish() {
  transition_.treedepth = trajectory_.depth;
  transition_.accept_stat = sum_acceptance_ / transition_.n_leapfrog;
  transition_.energy = trajectory_.sample.energy;
  replace_sample(sample_, trajectory_.sample, true);
  pool_.release(trajectory_.rho);
  release(pool_, ends_[backward]);
  release(pool_, ends_[forward]);
  release(pool_, tip_);
  for (const Subtree& tree : subtrees_) {
    release_run(tree);
    release_sample(tree.sample);
  }
  subtrees_.clear();
  return Step::draw_ready;
}

template <class Metric>
void Nuts<Metric>::save(util::ByteWriter& writer) const {
  metric_.save(writer);
  pool_.save(writer);
  writer.put(sample_);
  writer.put(transition_.accept_stat);
  writer.put(transition_.step_size);
  writer.put(transition_.energy);
  writer.put(transition_.treedepth);
  writer.put(transition_.n_leapfrog);
  writer.put(transition_.divergent);
  writer.put(n_not_finite_);
  stream_.save(writer);
  writer.put(energy_start_);
  writer.put(sum_acceptance_);
  writer.put(direction_);
  writer.put(ends_);
  writer.put(tip_);
  writer.put(next_);
  writer.put(trajectory_);
  writer.put(static_cast<std::uint64_t>(subtrees_.size()));
  for (const Subtree& tree : subtrees_) writer.put(tree);
}

template <class Metric>
void Nuts<Metric>::load(util::ByteReader& reader) {
  metric_.load(reader);
  pool_.load(reader);
  reader.get(sample_);
  reader.get(transition_.accept_stat);
  reader.get(transition_.step_size);
  reader.get(transition_.energy);
  reader.get(transition_.treedepth);
  reader.get(transition_.n_leapfrog);
  reader.get(transition_.divergent);
  reader.get(n_not_finite_);
  stream_.load(reader);
  reader.get(energy_start_);
  reader.get(sum_acceptance_);
  reader.get(direction_);
  reader.get(ends_);
  reader.get(tip_);
  reader.get(next_);
  reader.get(trajectory_);
  subtrees_.clear();
  for (std::uint64_t n = reader.get<std::uint64_t>(); n > 0; --n) subtrees_.push_back(reader.get<Subtree>());
}

}  // namespace kernel
}  // namespace skein

#endif
