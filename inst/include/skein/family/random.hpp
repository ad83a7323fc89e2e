// Random responses of any family, also within bounds: what posterior_predict() draws.
#ifndef SKEIN_FAMILY_RANDOM_HPP
#define SKEIN_FAMILY_RANDOM_HPP

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

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

// Whose streams the draws take their numbers from: row and draw name a stream of the seed.
struct RandomKeys {
  std::uint64_t seed = 0;
  std::uint32_t row = 0;
  const std::uint32_t* draws = nullptr;

  util::Stream stream(std::size_t i) const {
    return util::Stream(util::Purpose::prediction, {seed, row, draws[i]});
  }
};

namespace detail {

template <class F, class = void>
struct HasRows : std::false_type {};
template <class F>
struct HasRows<F, std::void_t<decltype(F::n_uniforms)>> : std::true_type {};

// Fills pairs of the uniform arrays, as many as `n_uniforms` needs.
inline void fill_uniforms(const RandomKeys& keys, std::size_t n, std::size_t n_uniforms, double* const* uniform) {
  constexpr std::uint32_t purpose = static_cast<std::uint32_t>(util::Purpose::prediction);
  for (std::size_t k = 0; k < n_uniforms; k += 2)
    simd::vector_operations().philox({keys.seed, static_cast<std::uint32_t>(k / 2), purpose, keys.row, keys.draws}, n,
                                     uniform[k], uniform[k + 1]);
}

template <class F>
void random_rows(const F& family, RandomRows& all, double trials, const RandomKeys& keys, double* const* uniform,
                 double* out) {
  constexpr bool has_rows = HasRows<F>::value;
  if constexpr (has_rows) {
    fill_uniforms(keys, all.n, F::n_uniforms, uniform);
    F::rows(all, out);
  } else {
    fill_uniforms(keys, all.n, 2, uniform);
  }
  for (std::size_t i = 0; i < all.n; ++i) {
    if (has_rows && !std::isnan(out[i])) continue;
    double dpar[max_dpars] = {};
    for (std::size_t k = 0; k < max_dpars; ++k)
      if (all.dpar[k] != nullptr) dpar[k] = all.dpar[k][i];
    util::Stream stream(util::Purpose::prediction, {keys.seed, keys.row, keys.draws[i]}, uniform[0][i], uniform[1][i]);
    out[i] = family(all.mu[i], dpar, trials, stream);
  }
}

}  // namespace detail

// One response for each of all.n sets of parameters, each from the start of its own stream: as random() gives it but
// for rounding. `uniform`: most_uniforms arrays of all.n doubles to work in.
inline void random_n(FamilyId id, RandomRows all, double trials, const RandomKeys& keys, double* const* uniform,
                     double* out) {
  for (std::size_t k = 0; k < most_uniforms; ++k) all.uniform[k] = uniform[k];
  switch (id) {
#define SKEIN_RANDOM(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                         \
    return detail::random_rows(random_of::name, all, trials, keys, uniform, out);
    SKEIN_FAMILIES(SKEIN_RANDOM)
#undef SKEIN_RANDOM
  }
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
