// The expected response of any family: what posterior_epred() reports.
#ifndef SKEIN_FAMILY_EXPECTED_HPP
#define SKEIN_FAMILY_EXPECTED_HPP

#include <cmath>

#include "expected_continuous.hpp"
#include "expected_discrete.hpp"
#include "registry.hpp"

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

}  // namespace family
}  // namespace skein

#endif
