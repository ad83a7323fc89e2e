// What the tests of NUTS share: a start, a transition without segments, equality of how transitions came about.
#ifndef SKEIN_TESTS_KERNEL_HELPERS_HPP
#define SKEIN_TESTS_KERNEL_HELPERS_HPP

#include <skein/kernel/nuts.hpp>
#include <vector>

#include "sampler_densities.hpp"

namespace kernel_helpers {

using namespace skein::kernel;

template <class Metric>
void start_at(Nuts<Metric>& nuts, const densities::Simple& density, const std::vector<double>& position) {
  std::vector<double> gradient(density.dimension());
  const double log_density = density.log_density(position.data(), gradient.data());
  nuts.set_point(position.data(), gradient.data(), log_density);
}

template <class Metric>
void run_transition(Nuts<Metric>& nuts, const densities::Simple& density, double step_size,
                    const skein::util::StreamKey& key) {
  nuts.begin(step_size, key);
  double log_density;
  do log_density = density.log_density(nuts.position_wanted(), nuts.gradient_wanted());
  while (nuts.advance(log_density) == Step::gradient_wanted);
}

inline bool equal(const Transition& a, const Transition& b) {
  return a.accept_stat == b.accept_stat && a.step_size == b.step_size && a.energy == b.energy &&
         a.treedepth == b.treedepth && a.n_leapfrog == b.n_leapfrog && a.divergent == b.divergent;
}

}  // namespace kernel_helpers

#endif
