// Logarithms of both tail probabilities of a response, with derivatives by mu and the further parameters.
#ifndef SKEIN_FAMILY_CDF_TAILS_HPP
#define SKEIN_FAMILY_CDF_TAILS_HPP

#include <cmath>
#include <limits>

#include "../simd/dispatch.hpp"
#include "tile.hpp"

namespace skein {
namespace family {

// log P(Y <= y) and log P(Y > y). Derivatives: element 0 by mu on its natural scale, element k by the parameter k
// beyond mu; those of a tail of probability 0 mean nothing.
struct TailProbabilities {
  double log_lower = 0;
  double log_upper = 0;
  double d_log_lower[1 + max_dpars] = {};
  double d_log_upper[1 + max_dpars] = {};
};

namespace detail {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

// All probability above y, or all at or below it.
inline TailProbabilities all_above() {
  TailProbabilities tails;
  tails.log_lower = minus_infinity;
  return tails;
}
inline TailProbabilities all_below() {
  TailProbabilities tails;
  tails.log_upper = minus_infinity;
  return tails;
}

// The whole number at or below y; the largest count that is told from larger ones is 1e18.
inline double whole_below(double y) { return y < 1e18 ? std::floor(y) : 1e18; }

// exp(log_a - log_b), 0 where that is 0 / 0.
inline double ratio(double log_a, double log_b) { return log_a == minus_infinity ? 0 : simd::exp(log_a - log_b); }

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
