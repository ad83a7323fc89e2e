// Tail probabilities of the discrete families, by family name: P(Y <= y) with y itself. y may be any whole number.
#ifndef SKEIN_FAMILY_CDF_DISCRETE_HPP
#define SKEIN_FAMILY_CDF_DISCRETE_HPP

#include "cdf_tails.hpp"
#include "incomplete.hpp"

namespace skein {
namespace family {
namespace tails_of {

// P(Y <= y) is the upper tail of the gamma distribution with shape y + 1 at mu.
inline TailProbabilities poisson(double y, double mu, const double*, double) {
  if (y < 0) return detail::all_above();
  const detail::LogTails gamma = detail::incomplete_gamma(y + 1, mu);
  const double log_density = detail::log_poisson(y, mu);
  TailProbabilities tails;
  tails.log_lower = gamma.log_upper;
  tails.log_upper = gamma.log_lower;
  tails.d_log_lower[0] = -detail::ratio(log_density, tails.log_lower);
  tails.d_log_upper[0] = detail::ratio(log_density, tails.log_upper);
  return tails;
}

// P(Y <= y) = I(shape, y + 1; shape / (shape + mu)).
inline TailProbabilities negbinomial(double y, double mu, const double* dpar, double) {
  if (y < 0) return detail::all_above();
  const double shape = dpar[0];
  const detail::LogTails beta = detail::incomplete_beta(shape, y + 1, shape, mu);
  TailProbabilities tails;
  tails.log_lower = beta.log_lower;
  tails.log_upper = beta.log_upper;
  tails.d_log_lower[0] = -beta.d_lower[2] / mu;
  tails.d_log_upper[0] = -beta.d_upper[2] / mu;
  tails.d_log_lower[1] = beta.d_lower[0] + beta.d_lower[2] / shape;
  tails.d_log_upper[1] = beta.d_upper[0] + beta.d_upper[2] / shape;
  return tails;
}

// P(Y <= y) = I(trials - y, y + 1; 1 - mu).
inline TailProbabilities binomial(double y, double mu, const double*, double trials) {
  if (y < 0) return detail::all_above();
  if (y >= trials) return detail::all_below();
  const detail::LogTails beta = detail::incomplete_beta(trials - y, y + 1, 1 - mu, mu);
  TailProbabilities tails;
  tails.log_lower = beta.log_lower;
  tails.log_upper = beta.log_upper;
  tails.d_log_lower[0] = -beta.d_lower[2] / (mu * (1 - mu));
  tails.d_log_upper[0] = -beta.d_upper[2] / (mu * (1 - mu));
  return tails;
}

inline TailProbabilities bernoulli(double y, double mu, const double* dpar, double) { return binomial(y, mu, dpar, 1); }

}  // namespace tails_of
}  // namespace family
}  // namespace skein

#endif
