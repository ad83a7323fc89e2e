// Tail probabilities of the discrete families, by family name: P(Y <= y) with y itself. Between whole numbers they are
// those of the number below.
#ifndef SKEIN_FAMILY_CDF_DISCRETE_HPP
#define SKEIN_FAMILY_CDF_DISCRETE_HPP

#include "cdf_tails.hpp"
#include "cdf_zero.hpp"
#include "incomplete.hpp"

namespace skein {
namespace family {
namespace tails_of {

// P(Y <= y) is the upper tail of the gamma distribution with shape y + 1 at mu.
inline TailProbabilities poisson(double y, double mu, const double*, double) {
  y = detail::whole_below(y);
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
  y = detail::whole_below(y);
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
  y = detail::whole_below(y);
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

// P(Y > y) = (mu / (1 + mu))^(y + 1).
inline TailProbabilities geometric(double y, double mu, const double*, double) {
  y = detail::whole_below(y);
  if (y < 0) return detail::all_above();
  TailProbabilities tails;
  tails.log_upper = -(y + 1) * simd::log1p(1 / mu);
  tails.log_lower = simd::log1m_exp(tails.log_upper);
  tails.d_log_upper[0] = (y + 1) / (mu * (1 + mu));
  tails.d_log_lower[0] = -detail::ratio(tails.log_upper, tails.log_lower) * tails.d_log_upper[0];
  return tails;
}

inline TailProbabilities beta_binomial(double y, double mu, const double* dpar, double trials) {
  y = detail::whole_below(y);
  if (y < 0) return detail::all_above();
  if (y >= trials) return detail::all_below();
  const double phi = dpar[0], a = mu * phi, b = (1 - mu) * phi;
  if (!(a > 0)) return detail::all_below();
  if (!(b > 0)) return detail::all_above();
  const detail::TermSum low = detail::sum_beta_binomial(y, a, b, trials, -1);
  const detail::TermSum high = detail::sum_beta_binomial(y, a, b, trials, 1);
  const double difference = high.log_sum - low.log_sum;
  TailProbabilities tails;
  tails.log_lower = -simd::log1p_exp(difference);
  tails.log_upper = -simd::log1p_exp(-difference);
  const double by_a = low.d_a - high.d_a, by_b = low.d_b - high.d_b;
  const double d[2] = {phi * (by_a - by_b), mu * by_a + (1 - mu) * by_b};
  for (int k = 0; k < 2; ++k) {
    tails.d_log_lower[k] = simd::inv_logit(difference) * d[k];
    tails.d_log_upper[k] = -simd::inv_logit(-difference) * d[k];
  }
  return tails;
}

inline TailProbabilities zero_inflated_poisson(double y, double mu, const double* dpar, double trials) {
  return y < 0 ? detail::all_above() : detail::zero_inflated(poisson(y, mu, dpar, trials), dpar[0], 1);
}

inline TailProbabilities zero_inflated_negbinomial(double y, double mu, const double* dpar, double trials) {
  return y < 0 ? detail::all_above() : detail::zero_inflated(negbinomial(y, mu, dpar, trials), dpar[1], 2);
}

inline TailProbabilities zero_inflated_binomial(double y, double mu, const double* dpar, double trials) {
  return y < 0 ? detail::all_above() : detail::zero_inflated(binomial(y, mu, dpar, trials), dpar[0], 1);
}

inline TailProbabilities hurdle_poisson(double y, double mu, const double* dpar, double trials) {
  if (y < 0) return detail::all_above();
  return detail::hurdle(poisson(y, mu, dpar, trials), poisson(0, mu, dpar, trials), dpar[0], 1);
}

inline TailProbabilities hurdle_negbinomial(double y, double mu, const double* dpar, double trials) {
  if (y < 0) return detail::all_above();
  return detail::hurdle(negbinomial(y, mu, dpar, trials), negbinomial(0, mu, dpar, trials), dpar[1], 2);
}

}  // namespace tails_of
}  // namespace family
}  // namespace skein

#endif
