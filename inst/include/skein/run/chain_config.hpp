// What a chain is told, and how it says that it could not go on.
#ifndef SKEIN_RUN_CHAIN_CONFIG_HPP
#define SKEIN_RUN_CHAIN_CONFIG_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "../kernel/config.hpp"

namespace skein {
namespace run {

struct ChainConfig {
  std::uint64_t seed = 0;
  std::uint32_t chain = 1;                           // part of every random number's key
  int iterations = kernel::SamplingDefaults().iter;  // warm-up included
  int warmup = kernel::SamplingDefaults().iter / 2;
  kernel::NutsConfig nuts;
  kernel::AdaptationConfig adaptation;                     // without warm-up nothing adapts
  double step_size = kernel::SamplingDefaults().stepsize;  // the first; adaptation starts its search there
  double init_radius = kernel::SamplingDefaults().init_radius;
  int max_init_tries = kernel::SamplingDefaults().max_init_tries;
  std::vector<double> init;            // empty or the whole unconstrained position; NaN elements are random
  std::vector<double> inverse_metric;  // empty: the unit metric. Diagonal, or all rows of a dense one
  kernel::HmcConfig hmc;
  std::uint32_t init_chain = 0;  // whose random initial values; 0: the chain's own

  template <class Config>
  const Config& kernel_config() const;
};

template <>
inline const kernel::NutsConfig& ChainConfig::kernel_config() const {
  return nuts;
}
template <>
inline const kernel::HmcConfig& ChainConfig::kernel_config() const {
  return hmc;
}

enum class FailureKind { none, initialization, step_size, metric };

// Why a chain could not go on, and where it stood; elements of `gradient` that are not finite name the culprits.
struct ChainFailure {
  FailureKind kind = FailureKind::none;
  std::string message;
  std::vector<double> position;
  double log_density = 0;
  std::vector<double> gradient;
};

}  // namespace run
}  // namespace skein

#endif
