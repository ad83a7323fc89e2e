// Log probabilities of intervals of one response, with derivatives: what censored and truncated rows contribute.
#ifndef SKEIN_REGRESSION_ROW_PROBABILITY_HPP
#define SKEIN_REGRESSION_ROW_PROBABILITY_HPP

#include <cmath>
#include <limits>

#include "../family/cdf.hpp"
#include "../family/registry.hpp"
#include "../family/tile.hpp"
#include "../simd/dispatch.hpp"

namespace skein {
namespace regression {

// A log probability and its derivatives by natural-scale mu and the parameters beyond it.
struct LogProbability {
  double value = 0;
  double derivative[1 + family::max_dpars] = {};
};

// The distribution of one response; mu and dpar on their natural scales.
struct RowParameters {
  family::FamilyId family{};
  bool discrete = false;
  double mu = 0;
  double dpar[family::max_dpars] = {};
  double trials = 1;

  family::TailProbabilities tails(double y) const {
    if (std::isinf(y)) return y < 0 ? family::detail::all_above() : family::detail::all_below();
    return family::tails(family, y, mu, dpar, trials);
  }
};

namespace detail {

// log(exp(a) - exp(b)), a >= b.
inline double log_diff_exp(double a, double b) {
  return b < a ? a + simd::log1m_exp(b - a) : -std::numeric_limits<double>::infinity();
}

// Of P(a < Y <= b): whether the difference is that of the upper tails. That of the smaller tails loses no digits.
inline bool by_upper_tails(const family::TailProbabilities& a, const family::TailProbabilities& b) {
  return a.log_upper < b.log_lower;
}

// The same of two tails, a >= b, with derivatives.
inline LogProbability log_difference(double a, const double* d_a, double b, const double* d_b) {
  LogProbability out;
  out.value = log_diff_exp(a, b);
  const double share_a = simd::exp(a - out.value), share_b = simd::exp(b - out.value);
  // The derivatives of a tail of probability 0 mean nothing.
  for (std::size_t k = 0; k < 1 + family::max_dpars; ++k)
    out.derivative[k] = share_a * d_a[k] - (share_b == 0 ? 0.0 : share_b * d_b[k]);
  return out;
}

}  // namespace detail

// log P(a < Y <= b) from the tails at a and at b.
inline double log_between(const family::TailProbabilities& a, const family::TailProbabilities& b) {
  return detail::by_upper_tails(a, b) ? detail::log_diff_exp(a.log_upper, b.log_upper)
                                      : detail::log_diff_exp(b.log_lower, a.log_lower);
}

// The same with derivatives; infinite bounds are open.
inline LogProbability interval_probability(const RowParameters& row, double a, double b) {
  const family::TailProbabilities at_a = row.tails(a), at_b = row.tails(b);
  if (detail::by_upper_tails(at_a, at_b))
    return detail::log_difference(at_a.log_upper, at_a.d_log_upper, at_b.log_upper, at_b.d_log_upper);
  return detail::log_difference(at_b.log_lower, at_b.d_log_lower, at_a.log_lower, at_a.d_log_lower);
}

// brms's cens(): code -1 is log P(Y <= y), 1 log P(Y > y), 2 log P(y < Y <= upper).
inline LogProbability censored_probability(const RowParameters& row, int code, double y, double upper) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (code < 0) return interval_probability(row, -infinity, y);
  return interval_probability(row, y, code == 1 ? infinity : upper);
}

// brms's trunc(): log P(lower <= Y <= upper), by which the density of a truncated response is divided.
inline LogProbability truncation_probability(const RowParameters& row, double lower, double upper) {
  // Of a discrete response the bound itself is possible.
  return interval_probability(row, row.discrete ? std::ceil(lower) - 1 : lower, upper);
}

}  // namespace regression
}  // namespace skein

#endif
