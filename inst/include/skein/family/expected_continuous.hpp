// Expected values of the continuous families, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP
#define SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP

#include "../simd/dispatch.hpp"

namespace skein {
namespace family {
namespace expected_of {

inline double gaussian(double mu, const double*, double) { return mu; }
// The location, as in brms, even where nu <= 1 leaves no mean.
inline double student(double mu, const double*, double) { return mu; }
inline double lognormal(double mu, const double* dpar, double) { return simd::exp(mu + 0.5 * dpar[0] * dpar[0]); }
inline double shifted_lognormal(double mu, const double* dpar, double) { return lognormal(mu, dpar, 0) + dpar[1]; }
inline double gamma(double mu, const double*, double) { return mu; }
inline double exponential(double mu, const double*, double) { return mu; }
inline double weibull(double mu, const double*, double) { return mu; }
inline double beta(double mu, const double*, double) { return mu; }
inline double inverse_gaussian(double mu, const double*, double) { return mu; }
inline double skew_normal(double mu, const double*, double) { return mu; }
inline double exgaussian(double mu, const double*, double) { return mu; }
inline double hurdle_lognormal(double mu, const double* dpar, double) { return lognormal(mu, dpar, 0) * (1 - dpar[1]); }
inline double hurdle_gamma(double mu, const double* dpar, double) { return mu * (1 - dpar[1]); }

}  // namespace expected_of
}  // namespace family
}  // namespace skein

#endif
