// Elementwise transforms between an unconstrained value and one with bounds, as in Stan's reference manual.
#ifndef SKEIN_TRANSFORM_SCALAR_HPP
#define SKEIN_TRANSFORM_SCALAR_HPP

#include "../simd/dispatch.hpp"

namespace skein {
namespace transform {

enum class ScalarTransform { identity, lower, upper, interval };

// A transform with the bounds that it uses; the others are ignored.
struct Scalar {
  ScalarTransform kind = ScalarTransform::identity;
  double lower = 0;
  double upper = 0;
};

// The constrained value at u with what a log density needs: log |d value / d u| and both derivatives by u.
struct Constrained {
  double value;
  double log_jacobian;
  double d_value;
  double d_log_jacobian;
};

inline Constrained constrain_lower(double lower, double u) {
  const double e = simd::exp(u);
  return {lower + e, u, e, 1};
}

inline Constrained constrain_upper(double upper, double u) {
  const double e = simd::exp(u);
  return {upper - e, u, -e, 1};
}

// lower + (upper - lower) inv_logit(u). With p = inv_logit(u), log p + log(1 - p) = -|u| - 2 log1p(exp(-|u|)) and
// 1 - 2 p = -tanh(u / 2).
inline Constrained constrain_interval(double lower, double upper, double u) {
  const double width = upper - lower;
  const double magnitude = u < 0 ? -u : u;
  const double p = simd::inv_logit(u);
  return {lower + width * p, simd::log(width) - magnitude - 2 * simd::log1p_exp(-magnitude),
          width * p * simd::inv_logit(-u), -simd::tanh(0.5 * u)};
}

inline Constrained constrain(const Scalar& transform, double u) {
  switch (transform.kind) {
    case ScalarTransform::lower:
      return constrain_lower(transform.lower, u);
    case ScalarTransform::upper:
      return constrain_upper(transform.upper, u);
    case ScalarTransform::interval:
      return constrain_interval(transform.lower, transform.upper, u);
    default:
      return {u, 0, 1, 0};
  }
}

// The inverse of constrain(): infinite at a bound, NaN beyond it.
inline double unconstrain(const Scalar& transform, double value) {
  switch (transform.kind) {
    case ScalarTransform::lower:
      return simd::log(value - transform.lower);
    case ScalarTransform::upper:
      return simd::log(transform.upper - value);
    case ScalarTransform::interval:
      return simd::log(value - transform.lower) - simd::log(transform.upper - value);
    default:
      return value;
  }
}

}  // namespace transform
}  // namespace skein

#endif
