// One random draw from each continuous family, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_RANDOM_CONTINUOUS_HPP
#define SKEIN_FAMILY_RANDOM_CONTINUOUS_HPP

#include "random_base.hpp"

namespace skein {
namespace family {
namespace random_of {

using util::Stream;

inline double gaussian(double mu, const double* dpar, double, Stream& stream) {
  return mu + dpar[0] * detail::random_normal(stream);
}

// A normal variable over the root of a chi-squared one with nu degrees of freedom, over nu.
inline double student(double mu, const double* dpar, double, Stream& stream) {
  const double z = detail::random_normal(stream);
  const double half_nu = 0.5 * dpar[1];
  return mu + dpar[0] * z / std::sqrt(detail::random_gamma(half_nu, stream) / half_nu);
}

}  // namespace random_of
}  // namespace family
}  // namespace skein

#endif
