// Expected values of the continuous families, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP
#define SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP

#include "../simd/dispatch.hpp"

namespace skein {
namespace family {
namespace expected_of {

// Of families whose mean is mu itself.
struct Mean {
  double operator()(double mu, const double*, double) const { return mu; }
};

constexpr Mean gaussian{};
// The location, as in brms, even where nu <= 1 leaves no mean.
constexpr Mean student{};
inline double lognormal(double mu, const double* dpar, double) { return simd::exp(mu + 0.5 * dpar[0] * dpar[0]); }
inline double shifted_lognormal(double mu, const double* dpar, double) { return lognormal(mu, dpar, 0) + dpar[1]; }
constexpr Mean gamma{};
constexpr Mean exponential{};
constexpr Mean weibull{};
constexpr Mean beta{};
constexpr Mean inverse_gaussian{};
constexpr Mean skew_normal{};
constexpr Mean exgaussian{};
inline double hurdle_lognormal(double mu, const double* dpar, double) { return lognormal(mu, dpar, 0) * (1 - dpar[1]); }
inline double hurdle_gamma(double mu, const double* dpar, double) { return mu * (1 - dpar[1]); }

}  // namespace expected_of
}  // namespace family
}  // namespace skein

#endif
