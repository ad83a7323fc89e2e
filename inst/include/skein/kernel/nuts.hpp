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
#include <utility>
#include <vector>

#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "config.hpp"
#include "leapfrog.hpp"
#include "math.hpp"
#include "metric.hpp"
#include "point.hpp"
#include "steps.hpp"
#include "transition.hpp"
#include "tree.hpp"
#include "tree_step.hpp"
#include "uniforms.hpp"

namespace skein {
namespace kernel {

template <class Metric>
class Nuts {
 public:
  static constexpr const char* name = "nuts";
  using Config = NutsConfig;

  // Starts with the unit metric and without a point: set_inverse() on metric() changes the one, set_point() the other.
  // `segment_bounds`: as Density::segment_bounds(); empty is one segment.
  Nuts(std::size_t dimension, const NutsConfig& config, std::vector<std::size_t> segment_bounds = {})
      : config_(config),
        metric_(dimension),
        gradient_offset_(util::round_up_8(dimension)),
        states_(gradient_offset_ + dimension, n_states(config.max_treedepth)),
        momenta_(Metric::stores_velocity ? gradient_offset_ + dimension : dimension, n_momenta(config.max_treedepth)),
        energies_(n_states(config.max_treedepth)),
        subtrees_(static_cast<std::size_t>(config.max_treedepth) + 1),
        step_(dimension, std::move(segment_bounds), config.max_treedepth + 1),
        sample_(states_.acquire()) {}

  // A step under way points to the metric.
  Nuts(const Nuts&) = delete;
  Nuts& operator=(const Nuts&) = delete;

  std::size_t dimension() const { return metric_.dimension(); }
  Metric& metric() { return metric_; }
  const Metric& metric() const { return metric_; }

  // The current state of the Markov chain. During a transition: the state it started from.
  const double* position() const { return states_[sample_]; }
  const double* gradient() const { return states_[sample_] + gradient_offset_; }
  double log_density() const { return energies_[sample_].log_density; }
  // How the last transition came to the state; complete when draw_ready.
  const Transition& transition() const { return transition_; }

  // Leapfrog steps so far at whose end the log density was not finite.
  std::uint64_t n_not_finite() const { return n_not_finite_; }

  // Sets the state; `log_density` and all of `gradient` must be finite. Only between transitions.
  void set_point(const double* position, const double* gradient, double log_density) {
    std::copy(position, position + dimension(), states_[sample_]);
    std::copy(gradient, gradient + dimension(), states_[sample_] + gradient_offset_);
    energies_[sample_].log_density = log_density;
  }

  // Begins a transition; afterwards the first gradient is wanted. `key` names its random numbers.
  void begin(double step_size, const util::StreamKey& key);

  // Where the log density and gradient are wanted, and where the gradient is to be written.
  const double* position_wanted() {
    if (!moved_) step_.before_all();
    moved_ = true;
    return states_[next_.state];
  }
  double* gradient_wanted() { return states_[next_.state] + gradient_offset_; }

  // The same for a density that calls the passes: the position is written by them.
  Evaluation evaluation_wanted() {
    if (Metric::stores_velocity || moved_) return {position_wanted(), gradient_wanted(), 0, {}};
    moved_ = completed_ = true;
    return {states_[next_.state], gradient_wanted(), 0, step_.passes()};
  }

  // Takes the log density at position_wanted(), whose gradient is in gradient_wanted().
  Step advance(double log_density);

  void save(util::ByteWriter& writer) const;
  void load(util::ByteReader& reader);

 private:
  using Handle = tree::Handle;
  using Point = tree::Point;
  using Run = tree::Run;
  using Subtree = tree::Subtree;
  static constexpr Handle none = static_cast<Handle>(-1);

  enum Direction : int { backward = 0, forward = 1 };

  // Two ends, the states before and after a step, samples, sums of merges to come; a candidate per stacked subtree, and
  // its three vectors.
  static std::size_t n_states(int max_treedepth) { return 8 + static_cast<std::size_t>(max_treedepth); }
  static std::size_t n_momenta(int max_treedepth) { return 8 + 3 * (static_cast<std::size_t>(max_treedepth) + 1); }

  PointArrays arrays_of(const Point& point) {
    double* state = states_[point.state];
    double* momentum = momenta_[point.momentum];
    return {state, state + gradient_offset_, momentum, velocity_of(momentum)};
  }
  double* velocity_of(double* momentum) const {
    return Metric::stores_velocity ? momentum + gradient_offset_ : momentum;
  }
  RunArrays arrays_of(const Run& run) {
    double* first = momenta_[run.begin];
    double* last = momenta_[run.end];
    return {first, last, velocity_of(first), velocity_of(last), momenta_[run.rho]};
  }
  Point share(const Point& point) { return {states_.share(point.state), momenta_.share(point.momentum)}; }
  void release(const Point& point) {
    states_.release(point.state);
    momenta_.release(point.momentum);
  }

  double signed_step() const { return direction_ == forward ? transition_.step_size : -transition_.step_size; }
  double weigh(double energy);
  void lower_unit(double energy);
  void extend();
  void begin_leapfrog();
  int depth_after_merges() const;
  void plan_step();
  bool merge_top(std::size_t merge);
  bool join_trajectory(std::size_t merge);
  void replace_sample(Handle& old, Handle candidate, bool take);
  void release_run(const Subtree& subtree);
  Step finish();

  NutsConfig config_;
  Metric metric_;
  std::size_t gradient_offset_;  // in a state's vector, and of the velocity in a momentum's
  VectorPool states_;
  VectorPool momenta_;
  std::vector<tree::Energies> energies_;  // by handle of a state

  Transition transition_;
  std::uint64_t n_not_finite_ = 0;

  // The transition under way.
  Uniforms uniforms_;
  double energy_start_ = 0;
  double energy_of_one_ = 0;  // of a state of weight 1: the start's, unless the trajectory falls far below
  double sum_acceptance_ = 0;
  Direction direction_ = forward;
  Point ends_[2] = {};  // of the trajectory, by direction
  Point tip_ = {};      // the last state built
  Point next_ = {};     // the state whose gradient is wanted
  tree::Trajectory trajectory_{};
  std::vector<Subtree> subtrees_;  // of the extension in the making: the first n_subtrees_, depths falling
  std::size_t n_subtrees_ = 0;

  // The step under way. What its merges will write is taken from the pool when it begins.
  TreeStep<Metric> step_;
  Handle rho_of_points_ = none;      // of the merge with a single state
  Handle rho_of_trajectory_ = none;  // of the one with the trajectory
  bool moved_ = false;               // the position wanted is written, or will be by the passes
  bool completed_ = false;           // the passes see to the momentum and the merges

  Handle sample_;  // the state of the Markov chain
};

template <class Metric>
void Nuts<Metric>::begin(double step_size, const util::StreamKey& key) {
  transition_ = Transition();
  transition_.step_size = step_size;
  if (config_.stepsize_jitter > 0) {
    util::Stream jitter(util::Purpose::step_size_jitter, key);
    transition_.step_size *= 1 + config_.stepsize_jitter * (2 * jitter.uniform() - 1);
  }
  uniforms_ = Uniforms(util::Purpose::tree, key);
  sum_acceptance_ = 0;

  const Point start = {states_.share(sample_), momenta_.acquire()};
  util::Stream momentum(util::Purpose::momentum, key);
  const double kinetic = refresh_momentum(metric_, momentum, arrays_of(start));
  energy_start_ = energy_of_one_ = kinetic - log_density();
  energies_[sample_].hamiltonian = energy_start_;

  trajectory_ = {1.0, states_.share(start.state), momenta_.share(start.momentum), 0};
  ends_[backward] = start;
  ends_[forward] = share(start);
  extend();
}

template <class Metric>
Step Nuts<Metric>::advance(double log_density) {
  if (!completed_) step_.after_all();
  step_.join();
  double energy = step_.kinetic_energy() - log_density;
  if (!std::isfinite(log_density)) ++n_not_finite_;
  if (!std::isfinite(log_density) || std::isnan(energy)) energy = infinity;
  ++transition_.n_leapfrog;
  const double weight = weigh(energy);
  release(tip_);
  tip_ = next_;
  if (energy - energy_start_ > config_.divergence_threshold) {
    transition_.divergent = true;
    return finish();
  }

  // A subtree of one state.
  energies_[tip_.state] = {log_density, energy};
  Subtree& leaf = subtrees_[n_subtrees_++];
  leaf.weight = weight;
  leaf.sample = states_.share(tip_.state);
  leaf.run.begin = leaf.run.end = leaf.run.rho = momenta_.share(tip_.momentum);
  leaf.depth = 0;
  std::size_t merge = 0;
  while (n_subtrees_ > 1 && subtrees_[n_subtrees_ - 2].depth == subtrees_[n_subtrees_ - 1].depth)
    if (!merge_top(merge++)) return finish();
  if (subtrees_[n_subtrees_ - 1].depth < trajectory_.depth) {
    begin_leapfrog();
    return Step::gradient_wanted;
  }
  if (!join_trajectory(merge) || trajectory_.depth == config_.max_treedepth) return finish();
  release(tip_);
  extend();
  return Step::gradient_wanted;
}

// The weight of a state of this energy; adds its acceptance statistic, min(1, exp(H0 - H)). One exponential serves both
// while the unit is the start's energy, and no branch on the energy's sign, which nobody could predict.
template <class Metric>
double Nuts<Metric>::weigh(double energy) {
  if (energy_of_one_ - energy > 600) lower_unit(energy);
  const double weight = metric_.steps().exponential(energy_of_one_ - energy);
  const double acceptance =
      energy_of_one_ == energy_start_ ? weight : metric_.steps().exponential(std::min(energy_start_ - energy, 0.0));
  sum_acceptance_ += std::min(acceptance, 1.0);
  return weight;
}

// Makes `energy` the unit, or weights would overflow. Those that underflow are of states that nobody would see drawn.
template <class Metric>
void Nuts<Metric>::lower_unit(double energy) {
  const double factor = metric_.steps().exponential(energy - energy_of_one_);
  trajectory_.weight *= factor;
  for (std::size_t k = 0; k < n_subtrees_; ++k) subtrees_[k].weight *= factor;
  energy_of_one_ = energy;
}

// Begins a subtree as deep as the trajectory, at a random end.
template <class Metric>
void Nuts<Metric>::extend() {
  direction_ = uniforms_.next(metric_.steps()) > 0.5 ? forward : backward;
  tip_ = share(ends_[direction_]);
  begin_leapfrog();
}

template <class Metric>
void Nuts<Metric>::begin_leapfrog() {
  next_ = {states_.acquire(), momenta_.acquire()};
  if (n_subtrees_ > 0 && subtrees_[n_subtrees_ - 1].depth == 0) rho_of_points_ = momenta_.acquire();
  if (depth_after_merges() == trajectory_.depth) rho_of_trajectory_ = momenta_.acquire();
  moved_ = completed_ = false;
  plan_step();
}

// Of the subtree in which the next state ends up: carries go as in a binary counter.
template <class Metric>
int Nuts<Metric>::depth_after_merges() const {
  int depth = 0;
  for (std::size_t k = n_subtrees_; k > 0 && subtrees_[k - 1].depth == depth; --k) ++depth;
  return depth;
}

// The step to the next state and its merges, whose vectors are those that merge_top() and join_trajectory() will find.
template <class Metric>
void Nuts<Metric>::plan_step() {
  step_.plan(metric_, signed_step(), arrays_of(tip_), arrays_of(next_));
  const double* const diagonal = metric_.diagonal();
  Run run = {next_.momentum, next_.momentum, next_.momentum};
  int depth = 0;
  for (std::size_t k = n_subtrees_; k > 0 && subtrees_[k - 1].depth == depth; --k, ++depth) {
    const Run& before = subtrees_[k - 1].run;
    const Handle rho = depth == 0 ? rho_of_points_ : before.rho;
    step_.plan_merge({arrays_of(before), arrays_of(run), diagonal, momenta_[rho]}, depth == 0);
    run = {before.begin, run.end, rho};
  }
  if (depth != trajectory_.depth) return;
  const Run whole = {ends_[1 - direction_].momentum, ends_[direction_].momentum, trajectory_.rho};
  step_.plan_merge({arrays_of(whole), arrays_of(run), diagonal, momenta_[rho_of_trajectory_]}, depth == 0);
}

// Merges the two subtrees on top of the stack, as planned; false if the result makes a U-turn.
template <class Metric>
bool Nuts<Metric>::merge_top(std::size_t merge) {
  Subtree& a = subtrees_[n_subtrees_ - 2];
  const Subtree& b = subtrees_[n_subtrees_ - 1];
  a.weight += b.weight;
  replace_sample(a.sample, b.sample, uniforms_.next(metric_.steps()) * a.weight < b.weight);

  // Two single states hand their momenta on as the ends of the new subtree; others leave what lies inside it.
  const bool single_points = a.depth == 0;
  const Handle rho = single_points ? std::exchange(rho_of_points_, none) : a.run.rho;
  if (!single_points) {
    momenta_.release(a.run.end);
    momenta_.release(b.run.begin);
    momenta_.release(b.run.rho);
  }
  a.run.end = b.run.end;
  a.run.rho = rho;
  ++a.depth;
  --n_subtrees_;
  return step_.goes_on(merge);
}

// Takes the one subtree on the stack into the trajectory; false if the result makes a U-turn.
template <class Metric>
bool Nuts<Metric>::join_trajectory(std::size_t merge) {
  const Subtree& b = subtrees_[--n_subtrees_];
  replace_sample(trajectory_.sample, b.sample,
                 b.weight > trajectory_.weight || uniforms_.next(metric_.steps()) * trajectory_.weight < b.weight);
  trajectory_.weight += b.weight;

  Point& near_end = ends_[direction_];
  momenta_.release(trajectory_.rho);
  trajectory_.rho = std::exchange(rho_of_trajectory_, none);
  release_run(b);
  release(near_end);
  near_end = share(tip_);
  ++trajectory_.depth;
  return step_.goes_on(merge);
}

// Without a branch: at half of all merges it would be mispredicted.
template <class Metric>
void Nuts<Metric>::replace_sample(Handle& old, Handle candidate, bool take) {
  const Handle pair[2] = {old, candidate};
  states_.release(pair[1 - static_cast<int>(take)]);
  old = pair[static_cast<int>(take)];
}

template <class Metric>
void Nuts<Metric>::release_run(const Subtree& subtree) {
  momenta_.release(subtree.run.begin);
  if (subtree.depth == 0) return;
  momenta_.release(subtree.run.end);
  momenta_.release(subtree.run.rho);
}

// The trajectory's candidate becomes the state; everything else goes back to the pools.
template <class Metric>
Step Nuts<Metric>::finish() {
  transition_.treedepth = trajectory_.depth;
  transition_.accept_stat = sum_acceptance_ / transition_.n_leapfrog;
  transition_.energy = energies_[trajectory_.sample].hamiltonian;
  replace_sample(sample_, trajectory_.sample, true);
  momenta_.release(trajectory_.rho);
  release(ends_[backward]);
  release(ends_[forward]);
  release(tip_);
  for (Handle* rho : {&rho_of_points_, &rho_of_trajectory_})
    if (*rho != none) momenta_.release(std::exchange(*rho, none));
  for (std::size_t k = 0; k < n_subtrees_; ++k) {
    release_run(subtrees_[k]);
    states_.release(subtrees_[k].sample);
  }
  n_subtrees_ = 0;
  return Step::draw_ready;
}

}  // namespace kernel
}  // namespace skein

#include "nuts_checkpoint.hpp"

#endif
