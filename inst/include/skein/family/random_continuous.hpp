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

inline double lognormal(double mu, const double* dpar, double, Stream& stream) {
  return simd::exp(mu + dpar[0] * detail::random_normal(stream));
}

inline double shifted_lognormal(double mu, const double* dpar, double, Stream& stream) {
  return dpar[1] + lognormal(mu, dpar, 0, stream);
}

inline double gamma(double mu, const double* dpar, double, Stream& stream) {
  return detail::random_gamma(dpar[0], stream) * (mu / dpar[0]);
}

inline double exponential(double mu, const double*, double, Stream& stream) {
  return mu * detail::random_exponential(stream);
}

inline double weibull(double mu, const double* dpar, double, Stream& stream) {
  const double inverse_shape = 1 / dpar[0];
  const double log_power = inverse_shape * simd::log(detail::random_exponential(stream));
  return mu * simd::exp(log_power - simd::lgamma1p(inverse_shape));
}

inline double beta(double mu, const double* dpar, double, Stream& stream) {
  return simd::inv_logit(detail::random_logit_beta(mu * dpar[0], (1 - mu) * dpar[0], stream));
}

// Michael, Schucany and Haas (1976), "Generating random variates using transformations with multiple roots". In units
// of the mean the smaller root is 1 + e - sqrt(e (2 + e)) with e = chi^2 mu / (2 shape), here without its cancellation.
inline double inverse_gaussian(double mu, const double* dpar, double, Stream& stream) {
  const double z = detail::random_normal(stream);
  const double e = 0.5 * z * z * (mu / dpar[0]);
  const double root = 1 / (1 + e + std::sqrt(e * (2 + e)));
  return stream.uniform() * (1 + root) < 1 ? mu * root : mu / root;
}

// delta |Z| + sqrt(1 - delta^2) Z' is skew normal with slant alpha (Azzalini 1985); then to mean 0 and variance 1.
inline double skew_normal(double mu, const double* dpar, double, Stream& stream) {
  const double alpha = dpar[1];
  const double inverse_root = 1 / std::sqrt(1 + alpha * alpha);
  const double delta = alpha * inverse_root;
  const double mean = 0.79788456080286535588 * delta;
  const double half_normal = std::fabs(detail::random_normal(stream));
  const double w = delta * half_normal + inverse_root * detail::random_normal(stream);
  return mu + dpar[0] * (w - mean) / std::sqrt(1 - mean * mean);
}

inline double exgaussian(double mu, const double* dpar, double, Stream& stream) {
  const double normal = dpar[0] * detail::random_normal(stream);
  return mu + normal + dpar[1] * (detail::random_exponential(stream) - 1);
}

inline double hurdle_lognormal(double mu, const double* dpar, double, Stream& stream) {
  return stream.uniform() < dpar[1] ? 0 : lognormal(mu, dpar, 0, stream);
}

inline double hurdle_gamma(double mu, const double* dpar, double, Stream& stream) {
  return stream.uniform() < dpar[1] ? 0 : gamma(mu, dpar, 0, stream);
}

}  // namespace random_of
}  // namespace family
}  // namespace skein

#endif
