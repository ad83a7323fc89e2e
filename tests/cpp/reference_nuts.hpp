// The No-U-Turn sampler written as a recursion over plain vectors: what the state machine is held to, tree by tree.
#ifndef SKEIN_TESTS_REFERENCE_NUTS_HPP
#define SKEIN_TESTS_REFERENCE_NUTS_HPP

#include <cmath>
#include <skein/kernel/nuts.hpp>
#include <utility>
#include <vector>

#include "sampler_densities.hpp"

namespace reference {

using Values = std::vector<double>;

// The state machine keeps weights as plain numbers; here they are logarithms, as in Stan.
inline double log_sum_exp(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == -skein::kernel::infinity ? a : a + std::log1p(std::exp(b - a));
}

// One phase-space point with arrays of padded length, since the leapfrog step is shared with the state machine.
struct State {
  skein::util::AlignedArray<double> q, p, g, v;
  double log_density = 0;

  explicit State(std::size_t n) : q(padded(n)), p(padded(n)), g(padded(n)), v(padded(n)) {}
  State(const State& other) : State(other.q.size()) { *this = other; }
  State& operator=(const State& other) {
    for (std::size_t i = 0; i < q.size(); ++i) {
      q[i] = other.q[i];
      p[i] = other.p[i];
      g[i] = other.g[i];
      v[i] = other.v[i];
    }
    log_density = other.log_density;
    return *this;
  }
  static std::size_t padded(std::size_t n) { return skein::util::round_up_8(n); }
  skein::kernel::PointArrays arrays() { return {q.data(), g.data(), p.data(), v.data()}; }
};

struct Result {
  Values position;
  double log_density;
  skein::kernel::Transition transition;
};

template <class Metric>
class Nuts {
 public:
  Nuts(const densities::Simple& density, const Metric& metric, const skein::kernel::NutsConfig& config)
      : density_(density), metric_(metric), config_(config), n_(density.dimension()) {}

  Result transition(const Values& position, double step_size, const skein::util::StreamKey& key) {
    using skein::util::Purpose;
    result_ = Result();
    epsilon_ = step_size;
    if (config_.stepsize_jitter > 0) {
      skein::util::Stream jitter(Purpose::step_size_jitter, key);
      epsilon_ *= 1 + config_.stepsize_jitter * (2 * jitter.uniform() - 1);
    }
    uniform_ = skein::util::Stream(Purpose::tree, key);
    State start(n_);
    for (std::size_t i = 0; i < n_; ++i) start.q[i] = position[i];
    start.log_density = density_.log_density(start.q.data(), start.g.data());
    skein::util::Stream momentum(Purpose::momentum, key);
    start_energy_ = skein::kernel::refresh_momentum(metric_, momentum, start.arrays()) - start.log_density;

    State ends[2] = {start, start};
    Candidate sample = {copy(start.q), start.log_density, start_energy_};
    Values rho = copy(start.p);
    double log_weight = 0;
    int depth = 0;
    double sum_acceptance = 0;
    sum_acceptance_ = &sum_acceptance;
    while (depth < config_.max_treedepth) {
      const int side = uniform_.uniform() > 0.5 ? 1 : 0;
      const Values old_p = copy(ends[side].p), old_sharp = sharp(ends[side]);
      Tree tree;
      if (!build(depth, ends[side], side == 1 ? epsilon_ : -epsilon_, tree)) break;
      ++depth;
      const double log_ratio = tree.log_weight - log_weight;
      if (log_ratio > 0 || uniform_.uniform() < skein::simd::exp(log_ratio)) sample = tree.candidate;
      log_weight = log_sum_exp(log_weight, tree.log_weight);
      const Values far_sharp = sharp(ends[1 - side]);
      const bool goes_on = persists(far_sharp, tree.end_sharp, sum(rho, tree.rho)) &&
                           persists(far_sharp, tree.begin_sharp, sum(rho, tree.begin_p)) &&
                           persists(old_sharp, tree.end_sharp, sum(tree.rho, old_p));
      rho = sum(rho, tree.rho);
      if (!goes_on) break;
    }
    result_.position = sample.position;
    result_.log_density = sample.log_density;
    result_.transition.energy = sample.energy;
    result_.transition.step_size = epsilon_;
    result_.transition.treedepth = depth;
    result_.transition.accept_stat = sum_acceptance / result_.transition.n_leapfrog;
    return result_;
  }

 private:
  struct Candidate {
    Values position;
    double log_density = 0;
    double energy = 0;
  };
  struct Tree {
    Values rho, begin_p, end_p, begin_sharp, end_sharp;
    double log_weight = 0;
    Candidate candidate;
  };

  Values copy(const skein::util::AlignedArray<double>& x) const { return Values(x.data(), x.data() + n_); }
  Values sum(const Values& a, const Values& b) const {
    Values out(n_);
    for (std::size_t i = 0; i < n_; ++i) out[i] = a[i] + b[i];
    return out;
  }
  Values sharp(const State& state) const {
    const Values inverse = metric_.inverse();
    Values out(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      if (inverse.size() == n_)
        out[i] = inverse[i] * state.p[i];
      else
        for (std::size_t j = 0; j < n_; ++j) out[i] += inverse[i * n_ + j] * state.p[j];
    }
    return out;
  }
  static bool persists(const Values& begin, const Values& end, const Values& rho) {
    double at_begin = 0, at_end = 0;
    for (std::size_t i = 0; i < rho.size(); ++i) {
      at_begin += begin[i] * rho[i];
      at_end += end[i] * rho[i];
    }
    return at_begin > 0 && at_end > 0;
  }

  // Moves `state` 2^depth steps on and describes the states passed; false if the tree is to be thrown away.
  bool build(int depth, State& state, double epsilon, Tree& tree) {
    if (depth == 0) return step(state, epsilon, tree);
    Tree first, last;
    if (!build(depth - 1, state, epsilon, first)) return false;
    if (!build(depth - 1, state, epsilon, last)) return false;
    tree.log_weight = log_sum_exp(first.log_weight, last.log_weight);
    const bool take_last = uniform_.uniform() < skein::simd::exp(last.log_weight - tree.log_weight);
    tree.candidate = take_last ? last.candidate : first.candidate;
    tree.rho = sum(first.rho, last.rho);
    tree.begin_p = first.begin_p;
    tree.begin_sharp = first.begin_sharp;
    tree.end_p = last.end_p;
    tree.end_sharp = last.end_sharp;
    return persists(tree.begin_sharp, tree.end_sharp, tree.rho) &&
           persists(first.begin_sharp, last.begin_sharp, sum(first.rho, last.begin_p)) &&
           persists(first.end_sharp, last.end_sharp, sum(last.rho, first.end_p));
  }

  bool step(State& state, double epsilon, Tree& tree) {
    State next(n_);
    leapfrog_begin(metric_, epsilon, state.arrays(), next.arrays());
    next.log_density = density_.log_density(next.q.data(), next.g.data());
    double energy = leapfrog_end(metric_, epsilon, next.arrays()) - next.log_density;
    if (!std::isfinite(next.log_density) || std::isnan(energy)) energy = skein::kernel::infinity;
    state = next;
    ++result_.transition.n_leapfrog;
    *sum_acceptance_ += energy < start_energy_ ? 1 : skein::simd::exp(start_energy_ - energy);
    tree.log_weight = start_energy_ - energy;
    tree.candidate = {copy(state.q), state.log_density, energy};
    tree.rho = tree.begin_p = tree.end_p = copy(state.p);
    tree.begin_sharp = tree.end_sharp = sharp(state);
    result_.transition.divergent = energy - start_energy_ > config_.divergence_threshold;
    return !result_.transition.divergent;
  }

  const densities::Simple& density_;
  const Metric& metric_;
  skein::kernel::NutsConfig config_;
  std::size_t n_;
  double epsilon_ = 0;
  double start_energy_ = 0;
  double* sum_acceptance_ = nullptr;
  skein::util::Stream uniform_;
  Result result_;
};

}  // namespace reference

#endif
