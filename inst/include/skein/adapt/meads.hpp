// MEADS: step size and damping of generalised HMC from maximum eigenvalues, folds of chains learning from each other
// (Hoffman and Sountsov, 2022, algorithm 3), for as long as warm-up lasts.
#ifndef SKEIN_ADAPT_MEADS_HPP
#define SKEIN_ADAPT_MEADS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "../kernel/config.hpp"
#include "../kernel/ghmc.hpp"
#include "../kernel/math.hpp"
#include "population.hpp"

namespace skein {
namespace adapt {

class Meads {
 public:
  using Kernel = kernel::Ghmc;

  // `inverse_metric`: empty, or the squares of scales that stay as they are.
  Meads(std::size_t dimension, int warmup, const kernel::MeadsConfig& config, const std::vector<double>& inverse_metric)
      : config_(config), warmup_(warmup), dimension_(dimension), eigenvalue_(dimension), given_(inverse_metric) {
    for (int fold = 0; fold < std::max(config.folds, 1); ++fold) folds_.emplace_back(dimension);
  }

  void start(const std::vector<Kernel*>& chains, const util::StreamKey& key) {
    fold_of_.resize(chains.size());
    if (warmup_ > 0)
      set_folds(0, chains, key);
    else
      freeze(chains);
  }

  // After an iteration of warm-up, counted from 0.
  void learn(int iteration, const std::vector<Kernel*>& chains, util::StreamKey key) {
    key.iteration = static_cast<std::uint32_t>(iteration + 1);
    if (iteration + 1 < warmup_)
      set_folds(iteration + 1, chains, key);
    else
      freeze(chains);
  }

  const Kernel::Parameters& parameters(std::size_t chain) const {
    return folds_[fold_of_.empty() ? 0 : fold_of_[chain]].parameters;
  }

 private:
  // What is learned from the chains of a fold, and what they will use.
  struct Fold {
    explicit Fold(std::size_t dimension) : metric(dimension), scale(dimension, 1.0) {}
    kernel::DiagonalMetric metric;
    std::vector<double> scale;
    Kernel::Parameters parameters;
    Moments moments;
    double step_size = 0;
    double largest_axis = 0;  // standard deviation along the longest axis of the scaled positions
  };

  void set_folds(int iteration, const std::vector<Kernel*>& chains, const util::StreamKey& key);
  void freeze(const std::vector<Kernel*>& chains);
  void shuffle(std::size_t n_chains, const util::StreamKey& key);
  void measure(Fold& fold, const std::vector<Kernel*>& chains);
  void set_parameters(Fold& fold, const Fold& from, double least_damping);

  kernel::MeadsConfig config_;
  int warmup_;
  std::size_t dimension_;
  EigenvalueEstimate eigenvalue_;
  std::vector<double> given_;
  std::vector<Fold> folds_;
  std::vector<std::size_t> order_;    // a permutation of the chains
  std::vector<std::size_t> fold_of_;  // each chain's
};

// Moments of the fold's own chains, the largest step size that its gradients allow, and its longest axis.
inline void Meads::measure(Fold& fold, const std::vector<Kernel*>& chains) {
  std::vector<const double*> positions, gradients;
  for (const Kernel* chain : chains) {
    positions.push_back(chain->position());
    gradients.push_back(chain->gradient());
  }
  fold.moments = moments(positions, dimension_);
  std::vector<double>& sd = fold.moments.sd;
  for (std::size_t i = 0; i < dimension_; ++i) {
    if (!given_.empty()) sd[i] = std::sqrt(given_[i]);
    // Chains that all start at one point say nothing of scales; their gradients still hold the step size back.
    if (!(sd[i] > 0) || !std::isfinite(sd[i])) sd[i] = 1;
  }
  fold.step_size = config_.step_size;
  if (!(fold.step_size > 0)) {
    const double eigenvalue = eigenvalue_(gradients, nullptr, sd.data());
    fold.step_size = std::min(kernel::meads_largest_step, config_.step_size_multiplier / std::sqrt(eigenvalue));
    if (!(fold.step_size > 0)) fold.step_size = kernel::meads_largest_step;
  }
  std::vector<double> inverse(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) inverse[i] = 1 / sd[i];
  fold.largest_axis = std::sqrt(eigenvalue_(positions, fold.moments.mean.data(), inverse.data()));
}

// Scales and step size of `from`, damping by the fold's own longest axis.
inline void Meads::set_parameters(Fold& fold, const Fold& from, double least_damping) {
  fold.scale = from.moments.sd;
  std::vector<double> inverse(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) inverse[i] = fold.scale[i] * fold.scale[i];
  fold.metric.set_inverse(inverse.data(), dimension_);
  fold.parameters.metric = &fold.metric;
  fold.parameters.scale = fold.scale.data();
  fold.parameters.step_size = from.step_size;
  double damping = config_.damping > 0 ? config_.damping * from.step_size : from.step_size / fold.largest_axis;
  if (!(damping >= least_damping)) damping = least_damping;
  fold.parameters.refreshed = 1 - kernel::exponential(-2 * damping);
  fold.parameters.drift = fold.parameters.refreshed / 2;
  fold.parameters.rests = false;
}

inline void Meads::set_folds(int iteration, const std::vector<Kernel*>& chains, const util::StreamKey& key) {
  const std::size_t n_folds = folds_.size();
  if (iteration % static_cast<int>(n_folds) == 0) shuffle(chains.size(), key);
  for (std::size_t k = 0; k < n_folds; ++k) {
    std::vector<Kernel*> members;
    for (std::size_t i = 0; i < chains.size(); ++i)
      if (fold_of_[i] == k) members.push_back(chains[i]);
    measure(folds_[k], members);
  }
  const double least_damping = config_.damping_slowdown / std::max(iteration, 1);
  for (std::size_t k = 0; k < n_folds; ++k)
    set_parameters(folds_[k], folds_[(k + n_folds - 1) % n_folds], least_damping);
  if (n_folds > 1) folds_[static_cast<std::size_t>(iteration) % n_folds].parameters.rests = true;
}

// Parameters for good, from all chains together: from here on chains are independent of each other.
inline void Meads::freeze(const std::vector<Kernel*>& chains) {
  std::fill(fold_of_.begin(), fold_of_.end(), 0);
  measure(folds_[0], chains);
  const Fold all = std::move(folds_[0]);
  folds_[0] = Fold(dimension_);
  folds_[0].largest_axis = all.largest_axis;
  set_parameters(folds_[0], all, 0);
}

// Fisher and Yates, with numbers of a chain that does not exist, 0.
inline void Meads::shuffle(std::size_t n_chains, const util::StreamKey& key) {
  util::Stream stream(util::Purpose::tree, {key.seed, 0, key.iteration});
  order_.resize(n_chains);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  for (std::size_t i = n_chains; i > 1; --i)
    std::swap(order_[i - 1], order_[static_cast<std::size_t>(stream.uniform() * static_cast<double>(i))]);
  for (std::size_t i = 0; i < n_chains; ++i) fold_of_[order_[i]] = i % folds_.size();
}

}  // namespace adapt
}  // namespace skein

#endif
