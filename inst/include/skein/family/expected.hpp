// The expected response of any family: what posterior_epred() reports.
#ifndef SKEIN_FAMILY_EXPECTED_HPP
#define SKEIN_FAMILY_EXPECTED_HPP

#include <cmath>
#include <cstddef>

#include "expected_continuous.hpp"
#include "expected_discrete.hpp"
#include "registry.hpp"
#include "tile.hpp"

namespace skein {
namespace family {

// mu: on its natural scale, after the inverse link. dpar: parameters beyond mu on their natural scales, in the
// registry's order. trials: read only by families that have trials.
inline double expected(FamilyId id, double mu, const double* dpar, double trials) {
  switch (id) {
#define SKEIN_EXPECTED(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                           \
    return expected_of::name(mu, dpar, trials);
    SKEIN_FAMILIES(SKEIN_EXPECTED)
#undef SKEIN_EXPECTED
  }
  return NAN;
}

// The same for n sets of parameters, dpar[k] an array each: the family is chosen once.
inline void expected_n(FamilyId id, const double* mu, const double* const* dpar, std::size_t n_dpars, double trials,
                       std::size_t n, double* out) {
  switch (id) {
#define SKEIN_EXPECTED(name, links, has_trials, constant, dpars)  \
  case FamilyId::name:                                            \
    for (std::size_t i = 0; i < n; ++i) {                         \
      double one[max_dpars] = {};                                 \
      for (std::size_t k = 0; k < n_dpars; ++k) one[k] = dpar[k][i]; \
      out[i] = expected_of::name(mu[i], one, trials);             \
    }                                                             \
    return;
    SKEIN_FAMILIES(SKEIN_EXPECTED)
#undef SKEIN_EXPECTED
  }
}

}  // namespace family
}  // namespace skein

#endif
