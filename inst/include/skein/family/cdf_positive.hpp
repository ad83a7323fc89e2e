// Tail probabilities of the families with positive responses, of beta and of the continuous hurdle families, by family
// name; any real y is allowed.
#ifndef SKEIN_FAMILY_CDF_POSITIVE_HPP
#define SKEIN_FAMILY_CDF_POSITIVE_HPP

#include "cdf_continuous.hpp"
#include "incomplete.hpp"
#include "quadrature.hpp"

namespace skein {
namespace family {
namespace detail {

constexpr double plus_infinity = std::numeric_limits<double>::infinity();

// P(Y > y) = exp(-exp(t)); the derivatives of t stand in d_t.
inline TailProbabilities hazard_tails(double t, const double* d_t, int n) {
  const double e = simd::exp(t);
  TailProbabilities tails;
  tails.log_upper = -e;
  tails.log_lower = t < -37 ? t : simd::log1m_exp(-e);  // exp(-e) is 1 - e to rounding
  const double d_lower = t < -37 ? 1 : (e < 700 ? e / simd::expm1(e) : 0);
  for (int k = 0; k < n; ++k) {
    tails.d_log_upper[k] = e == 0 ? 0 : -e * d_t[k];
    tails.d_log_lower[k] = d_lower * d_t[k];
  }
  return tails;
}

// From one tail, log-scale, and the derivatives of P(Y <= y) over exp(log_unit); n of them.
inline TailProbabilities tails_of_one(double log_tail, bool is_lower, double log_unit, const double* d, int n) {
  if (log_tail == minus_infinity) return is_lower ? all_above() : all_below();
  const double bounded = std::fmin(log_tail, -1e-300);
  const double log_other = simd::log1m_exp(bounded);
  TailProbabilities tails;
  tails.log_lower = is_lower ? log_tail : log_other;
  tails.log_upper = is_lower ? log_other : log_tail;
  for (int k = 0; k < n; ++k) {
    tails.d_log_lower[k] = d[k] == 0 ? 0 : d[k] * simd::exp(log_unit - tails.log_lower);
    tails.d_log_upper[k] = d[k] == 0 ? 0 : -d[k] * simd::exp(log_unit - tails.log_upper);
  }
  return tails;
}

}  // namespace detail

namespace tails_of {

inline TailProbabilities lognormal(double y, double mu, const double* dpar, double) {
  if (y <= 0) return detail::all_above();
  return gaussian(simd::log(y), mu, dpar, 0);
}

inline TailProbabilities shifted_lognormal(double y, double mu, const double* dpar, double) {
  const double shifted = y - dpar[1];
  if (shifted <= 0) return detail::all_above();
  TailProbabilities tails = lognormal(shifted, mu, dpar, 0);
  tails.d_log_lower[2] = tails.d_log_lower[0] / shifted;
  tails.d_log_upper[2] = tails.d_log_upper[0] / shifted;
  return tails;
}

// P(shape, shape y / mu).
inline TailProbabilities gamma(double y, double mu, const double* dpar, double) {
  if (y <= 0) return detail::all_above();
  if (y == detail::plus_infinity) return detail::all_below();
  const double shape = dpar[0];
  const detail::LogTails gamma = detail::incomplete_gamma(shape, shape * (y / mu));
  TailProbabilities tails;
  tails.log_lower = gamma.log_lower;
  tails.log_upper = gamma.log_upper;
  tails.d_log_lower[0] = -gamma.d_lower[2] / mu;
  tails.d_log_upper[0] = -gamma.d_upper[2] / mu;
  tails.d_log_lower[1] = gamma.d_lower[0] + gamma.d_lower[2] / shape;
  tails.d_log_upper[1] = gamma.d_upper[0] + gamma.d_upper[2] / shape;
  return tails;
}

inline TailProbabilities exponential(double y, double mu, const double*, double) {
  if (y <= 0) return detail::all_above();
  if (y == detail::plus_infinity) return detail::all_below();
  const double d_t = -1 / mu;
  return detail::hazard_tails(simd::log(y) - simd::log(mu), &d_t, 1);
}

// P(Y > y) = exp(-(y / scale)^shape), scale = mu / gamma(1 + 1 / shape).
inline TailProbabilities weibull(double y, double mu, const double* dpar, double) {
  if (y <= 0) return detail::all_above();
  if (y == detail::plus_infinity) return detail::all_below();
  const double shape = dpar[0];
  const double inner = simd::log(y) - simd::log(mu) + simd::lgamma1p(1 / shape);
  const double d_t[2] = {-shape / mu, inner - simd::digamma(1 + 1 / shape) / shape};
  return detail::hazard_tails(shape * inner, d_t, 2);
}

inline TailProbabilities beta(double y, double mu, const double* dpar, double) {
  if (y <= 0) return detail::all_above();
  if (y >= 1) return detail::all_below();
  const double phi = dpar[0];
  const detail::LogTails beta = detail::incomplete_beta(mu * phi, (1 - mu) * phi, y, 1 - y);
  TailProbabilities tails;
  tails.log_lower = beta.log_lower;
  tails.log_upper = beta.log_upper;
  tails.d_log_lower[0] = phi * (beta.d_lower[0] - beta.d_lower[1]);
  tails.d_log_upper[0] = phi * (beta.d_upper[0] - beta.d_upper[1]);
  tails.d_log_lower[1] = mu * beta.d_lower[0] + (1 - mu) * beta.d_lower[1];
  tails.d_log_upper[1] = mu * beta.d_upper[0] + (1 - mu) * beta.d_upper[1];
  return tails;
}

// P(Y <= y) = Phi(a) + exp(2 shape / mu) Phi(-b) with a, b = sqrt(shape / y) (y / mu -+ 1) (Chhikara and Folks 1974).
// As exp(2 shape / mu) = phi(a) / phi(b), it is phi(a) (m(-a) + m(b)) for a < 0, and P(Y > y) = phi(a) (m(a) - m(b))
// for a > 0, with Mills's ratio m.
inline TailProbabilities inverse_gaussian(double y, double mu, const double* dpar, double) {
  if (y <= 0) return detail::all_above();
  if (y == detail::plus_infinity) return detail::all_below();
  const double shape = dpar[0];
  const double root = std::sqrt(shape / y);
  const double a = root * ((y - mu) / mu), b = root * ((y + mu) / mu);
  const bool is_lower = a < 0;
  const double mills = detail::mills_ratio(b);
  const double sum = is_lower ? detail::mills_ratio(-a) + mills : detail::mills_difference(a, 2 * root);
  const double log_density = simd::std_normal_log_pdf(a);
  const double d[2] = {-2 * shape / (mu * mu) * mills, mills / (root * y) * (a - simd::std_normal_excess_hazard(b))};
  return detail::tails_of_one(log_density + simd::log(sum), is_lower, log_density, d, 2);
}

// 0 with probability hu, the last parameter, else `positive`, the tails of a positive response.
inline TailProbabilities continuous_hurdle(double y, const TailProbabilities& positive, double hu, int at_hu) {
  if (y < 0) return detail::all_above();
  const double log_hu = simd::log(hu), log_rest = simd::log1p(-hu);
  const double log_part = log_rest + positive.log_lower;
  const double larger = std::fmax(log_hu, log_part);
  TailProbabilities tails;
  tails.log_upper = log_rest + positive.log_upper;
  tails.log_lower = tails.log_upper < -1 ? simd::log1m_exp(tails.log_upper)
                                         : larger + simd::log1p(simd::exp(std::fmin(log_hu, log_part) - larger));
  const double share = simd::exp(log_part - tails.log_lower);
  for (int k = 0; k < at_hu; ++k) {
    tails.d_log_upper[k] = positive.d_log_upper[k];
    tails.d_log_lower[k] = share == 0 ? 0 : share * positive.d_log_lower[k];
  }
  tails.d_log_upper[at_hu] = -1 / (1 - hu);
  tails.d_log_lower[at_hu] = simd::exp(positive.log_upper - tails.log_lower);
  return tails;
}

inline TailProbabilities hurdle_lognormal(double y, double mu, const double* dpar, double) {
  return continuous_hurdle(y, lognormal(y, mu, dpar, 0), dpar[1], 2);
}

inline TailProbabilities hurdle_gamma(double y, double mu, const double* dpar, double) {
  return continuous_hurdle(y, gamma(y, mu, dpar, 0), dpar[1], 2);
}

}  // namespace tails_of
}  // namespace family
}  // namespace skein

#endif
