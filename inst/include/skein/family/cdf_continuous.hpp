// Tail probabilities of the continuous families, by family name; any real y is allowed.
#ifndef SKEIN_FAMILY_CDF_CONTINUOUS_HPP
#define SKEIN_FAMILY_CDF_CONTINUOUS_HPP

#include "cdf_tails.hpp"
#include "incomplete.hpp"

namespace skein {
namespace family {
namespace tails_of {

inline TailProbabilities gaussian(double y, double mu, const double* dpar, double) {
  const double sigma = dpar[0];
  const double z = (y - mu) / sigma;
  TailProbabilities tails;
  tails.log_lower = simd::std_normal_log_cdf(z);
  tails.log_upper = simd::std_normal_log_cdf(-z);
  const double lower = simd::std_normal_hazard(z) / sigma, upper = simd::std_normal_hazard(-z) / sigma;
  tails.d_log_lower[0] = -lower;
  tails.d_log_upper[0] = upper;
  tails.d_log_lower[1] = lower == 0 ? 0 : -z * lower;
  tails.d_log_upper[1] = upper == 0 ? 0 : z * upper;
  return tails;
}

// With t = (y - mu) / sigma: P(T > |t|) = I(nu / 2, 1 / 2; nu / (nu + t^2)) / 2.
inline TailProbabilities student(double y, double mu, const double* dpar, double) {
  const double sigma = dpar[0], nu = dpar[1];
  const double t = (y - mu) / sigma, size = std::fabs(t);
  const double root = std::sqrt(nu);
  const double u = size > root ? (root / size) * (root / size) : 1, v = size > root ? 1 : (size / root) * (size / root);
  const detail::LogTails beta = detail::incomplete_beta(0.5 * nu, 0.5, u, v);
  // Student's density, lgamma((nu + 1) / 2) - lgamma(nu / 2) by Stirling's series.
  const double half = 0.5 * nu;
  const double log_density = half * simd::log1p(0.5 / half) - 0.5 + detail::stirling_remainder(half + 0.5) -
                             detail::stirling_remainder(half) - detail::half_log_two_pi -
                             (half + 0.5) * simd::log1p(v / u);
  const double log_tail = beta.log_lower - 0.69314718055994530942;
  const double log_rest = simd::log1p(-simd::exp(log_tail));
  const double d_tail_t = -detail::ratio(log_density, log_tail);
  const double d_tail_nu = 0.5 * beta.d_lower[0] + beta.d_lower[2] / nu;
  const double odds = -simd::exp(log_tail - log_rest);
  const double sign = t < 0 ? -1 : 1;
  const double far[3] = {-sign * d_tail_t / sigma, -size * d_tail_t / sigma, d_tail_nu};
  TailProbabilities tails;
  tails.log_lower = t < 0 ? log_tail : log_rest;
  tails.log_upper = t < 0 ? log_rest : log_tail;
  for (int k = 0; k < 3; ++k) {
    tails.d_log_lower[k] = t < 0 ? far[k] : odds * far[k];
    tails.d_log_upper[k] = t < 0 ? odds * far[k] : far[k];
  }
  return tails;
}

}  // namespace tails_of
}  // namespace family
}  // namespace skein

#endif
