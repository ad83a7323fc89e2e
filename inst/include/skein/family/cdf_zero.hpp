// Tail probabilities of counts with a part for zeros, from those of their other part; and of the beta-binomial
// distribution, by summation.
#ifndef SKEIN_FAMILY_CDF_ZERO_HPP
#define SKEIN_FAMILY_CDF_ZERO_HPP

#include "cdf_tails.hpp"

namespace skein {
namespace family {
namespace detail {

// log(exp(a) + exp(b)).
inline double log_add(double a, double b) {
  const double larger = a > b ? a : b;
  return larger == minus_infinity ? larger : larger + simd::log1p(simd::exp((a > b ? b : a) - larger));
}

// The lower tail as 1 minus the upper one where that is accurate, else `sum`; and its derivatives, -S'/F.
inline void complete_lower(TailProbabilities& tails, double sum) {
  tails.log_lower = tails.log_upper < -0.6931471805599453 ? simd::log1m_exp(tails.log_upper) : sum;
  const double odds = ratio(tails.log_upper, tails.log_lower);
  for (std::size_t k = 0; k <= max_dpars; ++k)
    tails.d_log_lower[k] = tails.d_log_upper[k] == 0 ? 0 : -odds * tails.d_log_upper[k];
}

// S = (1 - zi) S_base for y >= 0; zi is parameter `index`.
inline TailProbabilities zero_inflated(const TailProbabilities& base, double zi, int index) {
  const double log_counted = simd::log1p(-zi);
  TailProbabilities tails = base;
  tails.log_upper = log_counted + base.log_upper;
  tails.d_log_upper[index] = -1 / (1 - zi);
  complete_lower(tails, log_add(simd::log(zi), log_counted + base.log_lower));
  return tails;
}

// S = (1 - hu) S_base(y) / S_base(0) for y >= 0; hu is parameter `index`.
inline TailProbabilities hurdle(const TailProbabilities& base, const TailProbabilities& zero, double hu, int index) {
  const double log_counted = simd::log1p(-hu);
  TailProbabilities tails;
  tails.log_upper = log_counted + (base.log_upper - zero.log_upper);
  for (std::size_t k = 0; k <= max_dpars; ++k) tails.d_log_upper[k] = base.d_log_upper[k] - zero.d_log_upper[k];
  tails.d_log_upper[index] = -1 / (1 - hu);
  const double between = base.log_lower > zero.log_lower
                             ? base.log_lower + simd::log1m_exp(zero.log_lower - base.log_lower)
                             : minus_infinity;
  complete_lower(tails, log_add(simd::log(hu), log_counted + between - zero.log_upper));
  return tails;
}

// The sum of terms w, and the means of their log derivatives with weights w.
struct TermSum {
  double log_sum, d_a, d_b;
};

// Sums P(k) / P(y) of the beta-binomial distribution over k <= y (step -1) or k > y (step 1), each term from the one
// before. All n terms are taken: with a or b below 1 there are modes at both ends.
inline TermSum sum_beta_binomial(double y, double a, double b, double n, int step) {
  constexpr double huge = 1e200;
  double term = 1, d_a = 0, d_b = 0;  // of P(k) / P(y)
  double sum = 0, sum_a = 0, sum_b = 0, log_scale = 0;
  for (double k = y;; k += step) {
    if (step < 0 || k > y) {
      sum += term;
      sum_a += term * d_a;
      sum_b += term * d_b;
    }
    if (k == (step < 0 ? 0 : n)) break;
    if (sum + term > huge) {
      for (double* one : {&term, &sum, &sum_a, &sum_b}) *one /= huge;
      log_scale += simd::log(huge);
    }
    const double i = step < 0 ? k - 1 : k;  // P(i + 1) / P(i) = (n - i) (a + i) / ((i + 1) (b + n - i - 1))
    const double up = (n - i) * (a + i) / ((i + 1) * (b + n - i - 1));
    term = step < 0 ? term / up : term * up;
    d_a += step / (a + i);
    d_b -= step / (b + n - i - 1);
  }
  return {simd::log(sum) + log_scale, sum_a / sum, sum_b / sum};
}

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
