// The expected response of any family: what posterior_epred() reports.
#ifndef SKEIN_FAMILY_EXPECTED_HPP
#define SKEIN_FAMILY_EXPECTED_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

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

// The same for n sets of parameters, dpar[k] an array each: the family is chosen once. `out` may be `mu`.
inline void expected_n(FamilyId id, const double* mu, const double* const* dpar, std::size_t n_dpars, double trials,
                       std::size_t n, double* out) {
  const auto fill = [&](const auto& one_value) {
    if constexpr (std::is_same<decltype(one_value), const expected_of::Mean&>::value) {
      if (out != mu) std::copy(mu, mu + n, out);
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        double one[max_dpars] = {};
        for (std::size_t k = 0; k < n_dpars; ++k) one[k] = dpar[k][i];
        out[i] = one_value(mu[i], one, trials);
      }
    }
  };
  switch (id) {
#define SKEIN_EXPECTED(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                           \
    return fill(expected_of::name);
    SKEIN_FAMILIES(SKEIN_EXPECTED)
#undef SKEIN_EXPECTED
  }
}

}  // namespace family
}  // namespace skein

#endif
