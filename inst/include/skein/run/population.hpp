// How the engine asks a population of chains to learn between rounds: nothing for independent chains.
#ifndef SKEIN_RUN_POPULATION_HPP
#define SKEIN_RUN_POPULATION_HPP

#include <cstddef>
#include <memory>
#include <vector>

#include "../adapt/chees.hpp"
#include "../adapt/meads.hpp"
#include "config.hpp"
#include "pooled_chain.hpp"

namespace skein {
namespace run {

template <class Machine>
struct Independent {
  static constexpr bool pools = false;
};

template <class Machine>
std::vector<typename std::remove_reference<decltype(std::declval<Machine>().kernel())>::type*> kernels_of(
    const std::vector<std::unique_ptr<Machine>>& machines) {
  std::vector<typename std::remove_reference<decltype(std::declval<Machine>().kernel())>::type*> out;
  for (const std::unique_ptr<Machine>& machine : machines) out.push_back(&machine->kernel());
  return out;
}

// Where nothing adapts chains begin where they are told.
template <class Machine>
void approach_first(Machine& machine, const ChainConfig& config, bool hands_on) {
  if (config.adaptation.engaged && config.warmup > 0)
    machine.approach_first(kernel::population_approach, kernel::population_approach_treedepth, hands_on);
}

class CheesPopulation {
 public:
  static constexpr bool pools = true;
  using Machine = PooledChain<adapt::Chees::Kernel>;

  CheesPopulation(std::size_t dimension, const RunConfig& config, const std::vector<std::size_t>& segment_bounds)
      : chees_(dimension, config.chain.warmup, config.chees, config.chain.adaptation),
        config_(config),
        segment_bounds_(segment_bounds) {}

  Machine make(std::size_t dimension, const ChainConfig& config) const {
    Machine machine(dimension, config, config_.chain.hmc, segment_bounds_);
    if (!config.inverse_metric.empty() &&
        !machine.kernel().metric().set_inverse(config.inverse_metric.data(), config.inverse_metric.size()))
      throw std::invalid_argument("an inverse metric has the wrong size or is not positive");
    approach_first(machine, config, config_.chees.learns_metric);
    return machine;
  }

  template <class Evaluate>
  void start(const std::vector<std::unique_ptr<Machine>>& machines, const Evaluate& evaluate) {
    chees_.start(kernels_of(machines), config_.chain.step_size, {config_.chain.seed, 0, 0}, evaluate);
  }

  template <class Evaluate>
  bool learn(int iteration, const std::vector<std::unique_ptr<Machine>>& machines, const Evaluate& evaluate) {
    return chees_.learn(iteration, kernels_of(machines), {config_.chain.seed, 0, 0}, evaluate);
  }

  const adapt::Chees::Kernel::Parameters& parameters(std::size_t chain) const { return chees_.parameters(chain); }

  void describe(ChainRecord& record, std::size_t chain, const Machine& machine) const {
    record.trajectory_length = parameters(chain).trajectory_length;
    record.inverse_metric = machine.kernel().metric().inverse();
  }

 private:
  adapt::Chees chees_;
  const RunConfig& config_;
  std::vector<std::size_t> segment_bounds_;
};

class MeadsPopulation {
 public:
  static constexpr bool pools = true;
  using Machine = PooledChain<adapt::Meads::Kernel>;

  MeadsPopulation(std::size_t dimension, const RunConfig& config, const std::vector<std::size_t>& segment_bounds)
      : meads_(dimension, config.chain.adaptation.engaged ? config.chain.warmup : 0, config.meads,
               config.inverse_metrics.empty() ? std::vector<double>() : config.inverse_metrics.front()),
        config_(config),
        segment_bounds_(segment_bounds) {}

  Machine make(std::size_t dimension, const ChainConfig& config) const {
    Machine machine(dimension, config, config_.meads, segment_bounds_);
    approach_first(machine, config, false);
    return machine;
  }

  template <class Evaluate>
  void start(const std::vector<std::unique_ptr<Machine>>& machines, const Evaluate&) {
    meads_.start(kernels_of(machines), {config_.chain.seed, 0, 0});
  }

  template <class Evaluate>
  bool learn(int iteration, const std::vector<std::unique_ptr<Machine>>& machines, const Evaluate&) {
    if (config_.chain.adaptation.engaged) meads_.learn(iteration, kernels_of(machines), {config_.chain.seed, 0, 0});
    return true;
  }

  const adapt::Meads::Kernel::Parameters& parameters(std::size_t chain) const { return meads_.parameters(chain); }

  void describe(ChainRecord& record, std::size_t chain, const Machine&) const {
    const adapt::Meads::Kernel::Parameters& used = parameters(chain);
    record.trajectory_length = used.refreshed;
    if (used.metric != nullptr) record.inverse_metric = used.metric->inverse();
  }

 private:
  adapt::Meads meads_;
  const RunConfig& config_;
  std::vector<std::size_t> segment_bounds_;
};

}  // namespace run
}  // namespace skein

#endif
