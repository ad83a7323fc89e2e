// Expected values of the discrete families, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_EXPECTED_DISCRETE_HPP
#define SKEIN_FAMILY_EXPECTED_DISCRETE_HPP

#include "../simd/dispatch.hpp"
#include "expected_continuous.hpp"

namespace skein {
namespace family {
namespace expected_of {

constexpr Mean poisson{};
constexpr Mean negbinomial{};
constexpr Mean bernoulli{};
inline double binomial(double mu, const double*, double trials) { return trials * mu; }
constexpr Mean geometric{};
inline double beta_binomial(double mu, const double*, double trials) { return trials * mu; }

inline double zero_inflated_poisson(double mu, const double* dpar, double) { return (1 - dpar[0]) * mu; }
inline double zero_inflated_negbinomial(double mu, const double* dpar, double) { return (1 - dpar[1]) * mu; }
inline double zero_inflated_binomial(double mu, const double* dpar, double trials) {
  return (1 - dpar[0]) * (trials * mu);
}

// (1 - hu) mu / (1 - P(0)), P(0) that of a count with mean mu; 1 - hu where mu is 0.
inline double hurdle_poisson(double mu, const double* dpar, double) {
  return (1 - dpar[0]) * (mu > 0 ? mu / -simd::expm1(-mu) : 1);
}
inline double hurdle_negbinomial(double mu, const double* dpar, double) {
  const double shape = dpar[0];
  return (1 - dpar[1]) * (mu > 0 ? mu / -simd::expm1(-shape * simd::log1p(mu / shape)) : 1);
}

}  // namespace expected_of
}  // namespace family
}  // namespace skein

#endif
