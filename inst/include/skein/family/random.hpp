// Random responses of any family, also within bounds: what posterior_predict() draws.
#ifndef SKEIN_FAMILY_RANDOM_HPP
#define SKEIN_FAMILY_RANDOM_HPP

#include <cmath>
#include <cstdint>
#include <cstring>

#include "cdf.hpp"
#include "random_continuous.hpp"
#include "random_discrete.hpp"
#include "registry.hpp"

namespace skein {
namespace family {

// One draw. mu: on its natural scale, after the inverse link. dpar: parameters beyond mu on their natural scales, in
// the registry's order. trials: read only by families that have trials. How many numbers of the stream a draw uses
// varies.
inline double random(FamilyId id, double mu, const double* dpar, double trials, util::Stream& stream) {
  switch (id) {
#define SKEIN_RANDOM(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                         \
    return random_of::name(mu, dpar, trials, stream);
    SKEIN_FAMILIES(SKEIN_RANDOM)
#undef SKEIN_RANDOM
  }
  return NAN;
}

}  // namespace family
}  // namespace skein

#endif
