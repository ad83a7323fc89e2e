// Log probabilities of intervals of one response, with derivatives: what censored and truncated rows contribute.
#ifndef SKEIN_REGRESSION_ROW_PROBABILITY_HPP
#define SKEIN_REGRESSION_ROW_PROBABILITY_HPP

#include <algorithm>
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
};

namespace detail {

// log(exp(a) - exp(b)) of two tails, a >= b.
inline LogProbability log_difference(double a, const double* d_a, double b, const double* d_b) {
  LogProbability out;
  out.value = b < a ? a + simd::log1m_exp(b - a) : -std::numeric_limits<double>::infinity();
  const double share_a = simd::exp(a - out.value), share_b = simd::exp(b - out.value);
  // The derivatives of a tail of probability 0 mean nothing.
  for (std::size_t k = 0; k < 1 + family::max_dpars; ++k)
    out.derivative[k] = share_a * d_a[k] - (share_b == 0 ? 0.0 : share_b * d_b[k]);
  return out;
}

inline LogProbability one_tail(double value, const double* derivative) {
  LogProbability out;
  out.value = value;
  std::copy(derivative, derivative + 1 + family::max_dpars, out.derivative);
  return out;
}

}  // namespace detail

// log P(a < Y <= b); infinite bounds are open. Of the two differences, that of the smaller tails loses no digits.
inline LogProbability interval_probability(const RowParameters& row, double a, double b) {
  const auto tails = [&](double y) { return family::tails(row.family, y, row.mu, row.dpar, row.trials); };
  if (std::isinf(a) && std::isinf(b)) return {};
  if (std::isinf(a)) {
    const family::TailProbabilities at_b = tails(b);
    return detail::one_tail(at_b.log_lower, at_b.d_log_lower);
  }
  const family::TailProbabilities at_a = tails(a);
  if (std::isinf(b)) return detail::one_tail(at_a.log_upper, at_a.d_log_upper);
  const family::TailProbabilities at_b = tails(b);
  if (at_a.log_upper < at_a.log_lower)
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
