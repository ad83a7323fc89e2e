// A chain of a population, as a state machine: an initial point, then transitions with parameters that the population
// sets between iterations.
#ifndef SKEIN_RUN_POOLED_CHAIN_HPP
#define SKEIN_RUN_POOLED_CHAIN_HPP

#include <cstddef>
#include <cstdint>

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
  PooledChain(std::size_t dimension, const ChainConfig& config, const typename Kernel::Config& kernel_config)
      : config_(config), kernel_(dimension, kernel_config), start_(dimension, config) {}

  ChainStatus status() const { return status_; }
  const double* position_wanted() const {
    return started_ ? kernel_.position_wanted() : start_.position();
  }
  double* gradient_wanted() { return started_ ? kernel_.gradient_wanted() : start_.gradient(); }

  ChainStatus advance(double log_density) {
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

  ChainConfig config_;
  Kernel kernel_;
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
