// One random draw from each discrete family, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_RANDOM_DISCRETE_HPP
#define SKEIN_FAMILY_RANDOM_DISCRETE_HPP

#include "random_base.hpp"

namespace skein {
namespace family {
namespace random_of {

using util::Stream;

inline double poisson(double mu, const double*, double, Stream& stream) { return detail::random_poisson(mu, stream); }

// Poisson with a gamma-distributed mean.
inline double negbinomial(double mu, const double* dpar, double, Stream& stream) {
  const double shape = dpar[0];
  return detail::random_poisson(detail::random_gamma(shape, stream) * (mu / shape), stream);
}

inline double bernoulli(double mu, const double*, double, Stream& stream) { return stream.uniform() < mu ? 1 : 0; }

inline double binomial(double mu, const double*, double trials, Stream& stream) {
  return detail::random_binomial(trials, mu, 1 - mu, stream);
}

}  // namespace random_of
}  // namespace family
}  // namespace skein

#endif
