// Truncated responses: expected values within bounds.
#ifndef SKEIN_PREDICTION_BOUNDS_HPP
#define SKEIN_PREDICTION_BOUNDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../family/cdf.hpp"
#include "../family/expected.hpp"
#include "../regression/row_probability.hpp"
#include "../simd/dispatch.hpp"

namespace skein {
namespace prediction {

using regression::log_between;
using Distribution = regression::RowParameters;

namespace detail {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace detail

// Bounds that the response keeps to, both included. A whole number as lower bound counts, so P(Y <= lower) is taken
// just below it; for continuous responses that is the same.
struct Bounds {
  double lower = -detail::infinity, upper = detail::infinity;

  bool open() const { return lower == -detail::infinity && upper == detail::infinity; }
  family::TailProbabilities below(const Distribution& one) const {
    return one.tails(std::nextafter(lower, -detail::infinity));
  }
  family::TailProbabilities above(const Distribution& one) const { return one.tails(upper); }
};

namespace detail {

// Of Y within bounds: P(Y > t) and P(Y <= t).
class Within {
 public:
  Within(const Distribution& one, const Bounds& bounds)
      : one_(one), below_(bounds.below(one)), above_(bounds.above(one)), log_total_(log_between(below_, above_)) {}

  double exceeds(double t) const { return simd::exp(log_between(one_.tails(t), above_) - log_total_); }
  double at_most(double t) const { return simd::exp(log_between(below_, one_.tails(t)) - log_total_); }
  bool possible() const { return log_total_ > -infinity; }

 private:
  const Distribution& one_;
  const family::TailProbabilities below_, above_;
  const double log_total_;
};

// The integral of f over (0, length) by double exponential quadrature (Takahasi and Mori, 1974): a finite length by
// tanh-sinh, an infinite one by exp-sinh, whose points spread around `scale`.
template <class F>
double integrate(F&& f, double length, double scale) {
  constexpr double half_pi = 1.57079632679489661923, step = 0.0625;
  double sum = 0;
  for (int k = -64; k <= 64; ++k) {
    const double u = step * k, v = half_pi * std::sinh(u);
    double t, slope;
    if (length < infinity) {
      const double share = simd::inv_logit(2 * v);
      t = length * share;
      slope = length * 2 * share * simd::inv_logit(-2 * v) * half_pi * std::cosh(u);
    } else {
      t = scale * simd::exp(v);
      slope = t * half_pi * std::cosh(u);
    }
    const double term = t > 0 && t < length && slope > 0 && slope < infinity ? f(t) * slope : 0;
    if (std::isfinite(term)) sum += term;
  }
  return sum * step;
}

// For whole numbers: E Y = c + sum of P(Y > k), k >= c, - sum of P(Y <= k), k < c.
inline double expected_count(const Within& within, const Bounds& bounds, double c) {
  double sum = c;
  for (double k = c; k < bounds.upper; ++k) {
    const double term = within.exceeds(k);
    sum += term;
    if (term < 1e-17 * std::fabs(sum)) break;
  }
  for (double k = c - 1; k >= bounds.lower && k >= 0; --k) {
    const double term = within.at_most(k);
    sum -= term;
    if (term < 1e-17 * std::fabs(sum)) break;
  }
  return sum;
}

}  // namespace detail

// E(Y given that Y is within bounds) = c + integral of P(Y > t) over t > c - integral of P(Y <= t) over t < c, for any
// c within the bounds. NaN where the bounds have no probability.
inline double expected_within(const Distribution& one, const Bounds& bounds) {
  const detail::Within within(one, bounds);
  if (!within.possible()) return std::numeric_limits<double>::quiet_NaN();
  const double mean = family::expected(one.family, one.mu, one.dpar, one.trials);
  const bool from_zero = one.tails(-std::numeric_limits<double>::denorm_min()).log_lower == -detail::infinity;
  const double lower = from_zero ? std::max(bounds.lower, 0.0) : bounds.lower;
  if (one.discrete) {
    const double c = std::min(std::max(std::floor(mean), std::ceil(lower)), std::floor(bounds.upper));
    return detail::expected_count(within, {std::ceil(lower), std::floor(bounds.upper)}, c);
  }
  // Where P(Y = 0) > 0 the integrands jump at 0, so that nothing is integrated across it.
  const double c = from_zero ? lower : std::min(std::max(mean, lower), bounds.upper);
  // On the whole line the first further parameter is the family's standard deviation or scale.
  const double scale = from_zero && mean > c ? mean - c : from_zero ? std::fabs(mean) : one.dpar[0];
  const double up = detail::integrate([&](double t) { return within.exceeds(c + t); }, bounds.upper - c, scale);
  const double down = detail::integrate([&](double t) { return within.at_most(c - t); }, c - lower, scale);
  return c + up - down;
}

}  // namespace prediction
}  // namespace skein

#endif
