// Random responses of any family, also within bounds: what posterior_predict() draws.
#ifndef SKEIN_FAMILY_RANDOM_HPP
#define SKEIN_FAMILY_RANDOM_HPP

#include <cmath>
#include <cstdint>
#include <cstring>

#include "cdf.hpp"
#include "random_continuous.hpp"
#include "random_discrete.hpp"
#include "registry.hpp"

namespace skein {
namespace family {

// One draw. mu: on its natural scale, after the inverse link. dpar: parameters beyond mu on their natural scales, in
// the registry's order. trials: read only by families that have trials. How many numbers of the stream a draw uses
// varies.
inline double random(FamilyId id, double mu, const double* dpar, double trials, util::Stream& stream) {
  switch (id) {
#define SKEIN_RANDOM(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                         \
    return random_of::name(mu, dpar, trials, stream);
    SKEIN_FAMILIES(SKEIN_RANDOM)
#undef SKEIN_RANDOM
  }
  return NAN;
}

namespace detail {

// Doubles in their order as whole numbers: neighbours differ by 1, and 0 and -0 are one.
inline std::int64_t order_key(double x) {
  std::int64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}

inline double from_order_key(std::int64_t key) {
  const std::int64_t bits = key < 0 ? std::numeric_limits<std::int64_t>::min() - key : key;
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// log((1 - u) exp(a) + u exp(b)).
inline double log_mix(double u, double a, double b) {
  const double x = simd::log1p(-u) + a, y = simd::log(u) + b;
  const double larger = x > y ? x : y;
  return larger == minus_infinity ? larger : larger + simd::log1p(simd::exp((x > y ? y : x) - larger));
}

// The distribution function's inverse between the bounds, by bisection over the doubles: the smallest y at which the
// probability below has reached its share u. For whole numbers and at atoms that y is exact. Of the two tails it takes
// the one that is small, so that bounds far out in a tail lose no digits.
inline double quantile_between(FamilyId id, double mu, const double* dpar, double trials, const double* bounds,
                               double u) {
  constexpr double largest = std::numeric_limits<double>::max();
  std::int64_t low = order_key(std::fmax(bounds[0], -largest)) - 1, high = order_key(std::fmin(bounds[1], largest));
  const TailProbabilities first = tails(id, from_order_key(low), mu, dpar, trials);
  const TailProbabilities last = tails(id, from_order_key(high), mu, dpar, trials);
  if (first.log_upper == minus_infinity) return bounds[0];
  if (last.log_lower == minus_infinity) return bounds[1];
  const bool by_upper = first.log_upper < last.log_lower;
  const double target =
      by_upper ? log_mix(u, first.log_upper, last.log_upper) : log_mix(u, first.log_lower, last.log_lower);
  while (high - 1 > low) {
    const std::int64_t middle = (low & high) + ((low ^ high) >> 1);
    const TailProbabilities at = tails(id, from_order_key(middle), mu, dpar, trials);
    if (by_upper ? at.log_upper <= target : at.log_lower >= target)
      high = middle;
    else
      low = middle;
  }
  return from_order_key(high);
}

}  // namespace detail

// One draw given that it lies in [lower, upper], both bounds included; either may be infinite. A few free draws are
// tried first, then the inverse of the distribution function is taken between the bounds. Bounds without probability
// give the bound nearer to what is likely.
inline double random_truncated(FamilyId id, double mu, const double* dpar, double trials, double lower, double upper,
                               util::Stream& stream) {
  constexpr int tries = 8;
  for (int i = 0; i < tries; ++i) {
    const double y = random(id, mu, dpar, trials, stream);
    if ((y >= lower && y <= upper) || std::isnan(y)) return y;
  }
  const double bounds[2] = {lower, upper};
  return detail::quantile_between(id, mu, dpar, trials, bounds, stream.uniform());
}

}  // namespace family
}  // namespace skein

#endif
