// Runs chains of any kernel by any schedule: picks the types, the engine does the rest.
#ifndef SKEIN_RUN_RUNNER_HPP
#define SKEIN_RUN_RUNNER_HPP

#include <cstddef>
#include <memory>
#include <stdexcept>

#include "../density.hpp"
#include "chain.hpp"
#include "config.hpp"
#include "engine.hpp"
#include "monitor.hpp"
#include "output.hpp"
#include "population.hpp"

namespace skein {
namespace run {

namespace detail {

template <class Metric, template <class> class Kernel>
RunResult run_independent(const Density& density, const RunConfig& config, const OutputArrays& output,
                          Monitor& monitor) {
  using Machine = Chain<Metric, Kernel>;
  Independent<Machine> nobody;
  return Engine<Machine, Independent<Machine>>(
             density, config, output, nobody,
             [&](std::size_t index) {
               return std::unique_ptr<Machine>(
                   new Machine(density.dimension(), config.chain_config(index), density.segment_bounds()));
             })
      .run(monitor);
}

template <template <class> class Kernel>
RunResult run_metric(const Density& density, const RunConfig& config, const OutputArrays& output, Monitor& monitor) {
  if (config.metric == MetricKind::unit)
    return run_independent<kernel::UnitMetric, Kernel>(density, config, output, monitor);
  if (config.metric == MetricKind::diagonal)
    return run_independent<kernel::DiagonalMetric, Kernel>(density, config, output, monitor);
  return run_independent<kernel::DenseMetric, Kernel>(density, config, output, monitor);
}

template <class Population>
RunResult run_pooled(const Density& density, const RunConfig& config, const OutputArrays& output, Monitor& monitor) {
  using Machine = typename Population::Machine;
  if (config.metric == MetricKind::dense)
    throw std::invalid_argument("populations of chains learn diagonal metrics only");
  Population population(density.dimension(), config, density.segment_bounds());
  return Engine<Machine, Population>(density, config, output, population, [&](std::size_t index) {
           return std::unique_ptr<Machine>(
               new Machine(population.make(density.dimension(), config.chain_config(index))));
         }).run(monitor);
}

}  // namespace detail

// Runs config.n_chains chains of `density` into `output`. Draws of a chain of NUTS or HMC depend on the density, the
// seed, the chain's number and its configuration only; those of ChEES-HMC and MEADS on the other chains too, since all
// of them learn together. Never do they depend on schedule, cores, threads or grainsize. The monitor may stop the run;
// whole iterations done until then are kept. If a chain fails the others stop, and its record says why; exceptions of
// densities and of the monitor leave this function when all threads have ended.
inline RunResult run_chains(const Density& density, const RunConfig& config, const OutputArrays& output,
                            Monitor& monitor) {
  switch (config.kernel) {
    case KernelKind::hmc:
      return detail::run_metric<kernel::Hmc>(density, config, output, monitor);
    case KernelKind::chees:
      return detail::run_pooled<CheesPopulation>(density, config, output, monitor);
    case KernelKind::meads:
      return detail::run_pooled<MeadsPopulation>(density, config, output, monitor);
    default:
      return detail::run_metric<kernel::Nuts>(density, config, output, monitor);
  }
}

}  // namespace run
}  // namespace skein

#endif
