// A chain of a population, as a state machine: an initial point, perhaps an approach to the typical set by itself, then
// transitions with parameters that the population sets between iterations.
#ifndef SKEIN_RUN_POOLED_CHAIN_HPP
#define SKEIN_RUN_POOLED_CHAIN_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "../kernel/ghmc.hpp"
#include "../kernel/hmc.hpp"
#include "../kernel/metric.hpp"
#include "chain.hpp"
#include "initial_point.hpp"

namespace skein {
namespace run {

// `Kernel` is begun with its own Parameters. The interface is that of Chain.
template <class Kernel>
class PooledChain {
 public:
  using Approach = Chain<kernel::DiagonalMetric, kernel::Nuts>;

  // `segment_bounds`: as in Chain.
  PooledChain(std::size_t dimension, const ChainConfig& config, const typename Kernel::Config& kernel_config,
              std::vector<std::size_t> segment_bounds = {})
      : config_(config),
        kernel_(dimension, kernel_config),
        segment_bounds_(std::move(segment_bounds)),
        start_(dimension, config) {}

  // Begins with a chain of NUTS, `n` iterations of warm-up and no more. If `hands_on`, a kernel with a metric of its
  // own takes over the one that was learned.
  void approach_first(int n, int max_treedepth, bool hands_on) {
    hands_on_ = hands_on;
    ChainConfig approach = config_;
    approach.init_chain = config_.init_chain > 0 ? config_.init_chain : config_.chain;
    approach.chain = config_.chain | approach_bit;
    approach.iterations = approach.warmup = n;
    approach.nuts.max_treedepth = max_treedepth;
    approach_.reset(new Approach(kernel_.dimension(), approach, segment_bounds_));
  }

  ChainStatus status() const { return status_; }
  const double* position_wanted() {
    if (approach_) return approach_->position_wanted();
    return started_ ? kernel_.position_wanted() : start_.position();
  }
  double* gradient_wanted() {
    if (approach_) return approach_->gradient_wanted();
    return started_ ? kernel_.gradient_wanted() : start_.gradient();
  }
  Evaluation evaluation_wanted() {
    if (approach_) return approach_->evaluation_wanted();
    return {position_wanted(), gradient_wanted(), 0, {}};
  }

  ChainStatus advance(double log_density) {
    if (approach_) return go_on_approaching(log_density);
    if (!started_) return take_initial_point(log_density);
    if (kernel_.advance(log_density) == kernel::Step::draw_ready) status_ = ChainStatus::draw_ready;
    return status_;
  }

  int iteration() const { return iteration_; }
  bool in_warmup() const { return iteration_ < config_.warmup; }
  const Kernel& kernel() const { return kernel_; }
  Kernel& kernel() { return kernel_; }
  double step_size() const { return parameters_ == nullptr ? config_.step_size : parameters_->step_size; }
  const ChainFailure& failure() const { return failure_; }

  // Before each resume(), as long as the population learns: the parameters of the next iteration.
  void set_parameters(const typename Kernel::Parameters& parameters) { parameters_ = &parameters; }

  // Leaves started or draw_ready: begins the next iteration, unless all are done.
  ChainStatus resume() {
    if (status_ == ChainStatus::draw_ready) ++iteration_;
    if (iteration_ == config_.iterations) return status_ = ChainStatus::finished;
    status_ = begin(kernel_) == kernel::Step::draw_ready ? ChainStatus::draw_ready : ChainStatus::gradient_wanted;
    return status_;
  }

 private:
  util::StreamKey key() const { return {config_.seed, config_.chain, static_cast<std::uint32_t>(iteration_)}; }

  kernel::Step begin(kernel::Ghmc& sampler) { return sampler.begin(*parameters_, key()); }
  template <class Metric>
  kernel::Step begin(kernel::Hmc<Metric>& sampler) {
    sampler.begin(*parameters_, key());
    return kernel::Step::gradient_wanted;
  }

  static void take_metric(kernel::Ghmc&, const std::vector<double>&) {}
  template <class Metric>
  static void take_metric(kernel::Hmc<Metric>& sampler, const std::vector<double>& inverse) {
    sampler.metric().set_inverse(inverse.data(), inverse.size());
  }

  ChainStatus go_on_approaching(double log_density) {
    ChainStatus status = approach_->advance(log_density);
    if (status == ChainStatus::draw_ready) status = approach_->resume();
    if (status == ChainStatus::gradient_wanted) return status_;
    if (status == ChainStatus::failed) {
      failure_ = approach_->failure();
      return status_ = ChainStatus::failed;
    }
    const auto& found = approach_->kernel();
    kernel_.set_point(found.position(), found.gradient(), found.log_density());
    if (hands_on_) take_metric(kernel_, found.metric().inverse());
    started_ = true;
    approach_.reset();
    return status_ = ChainStatus::started;
  }

  ChainStatus take_initial_point(double log_density) {
    const InitialPoint::Answer answer = start_.take(log_density);
    if (answer == InitialPoint::Answer::try_again) return status_;
    if (answer == InitialPoint::Answer::failed) {
      failure_ = start_.failure(log_density);
      return status_ = ChainStatus::failed;
    }
    kernel_.set_point(start_.position(), start_.gradient(), log_density);
    started_ = true;
    return status_ = ChainStatus::started;
  }

  // Sets the approach's random numbers apart: no chain has such a number.
  static constexpr std::uint32_t approach_bit = 0x80000000u;

  ChainConfig config_;
  Kernel kernel_;
  std::vector<std::size_t> segment_bounds_;
  std::unique_ptr<Approach> approach_;
  bool hands_on_ = false;
  InitialPoint start_;
  bool started_ = false;
  ChainStatus status_ = ChainStatus::gradient_wanted;
  int iteration_ = 0;
  const typename Kernel::Parameters* parameters_ = nullptr;
  ChainFailure failure_;
};

}  // namespace run
}  // namespace skein

#endif
