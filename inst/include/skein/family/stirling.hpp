// Log densities of poisson and binomial kind for real arguments, in Loader's saddle-point form: no terms of the size of
// lgamma that would cancel.
#ifndef SKEIN_FAMILY_STIRLING_HPP
#define SKEIN_FAMILY_STIRLING_HPP

#include <cmath>

#include "../simd/dispatch.hpp"

namespace skein {
namespace family {
namespace detail {

constexpr double half_log_two_pi = 0.91893853320467274178;

// lgamma(x) - (x - 1/2) log x + x - log(2 pi) / 2, x > 0. From 10 on by its series, sum of
// B_2k / (2k (2k - 1) x^(2k - 1)), whose first omitted term is 3e-17 there.
inline double stirling_remainder(double x) {
  if (x < 10) return simd::lgamma(x) - ((x - 0.5) * simd::log(x) - x + half_log_two_pi);
  const double z = 1 / (x * x);
  const double series =
      1.0 / 12 -
      z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360360 - z / 156)))));
  return series / x;
}

// x log(x / m) + m - x for x, m >= 0 (Loader, 2000, "Fast and accurate computation of binomial probabilities"); near
// m, with v = (x - m) / (x + m), the series (x - m) v + 2 x (v^3 / 3 + v^5 / 5 + ...).
inline double deviance(double x, double m) {
  if (x == 0) return m;
  const double difference = x - m;
  if (!(std::fabs(difference) < 0.1 * (x + m))) return x * simd::log(x / m) - difference;
  const double v = difference / (x + m);
  double power = 2 * x * v;
  double sum = difference * v;
  for (int k = 3; k < 60; k += 2) {
    power *= v * v;
    const double next = sum + power / k;
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

// log(m^k exp(-m) / gamma(k + 1)), k >= 0, m >= 0: for whole k the poisson log probability.
inline double log_poisson(double k, double m) {
  if (k == 0) return -m;
  return -deviance(k, m) - 0.5 * simd::log(k) - half_log_two_pi - stirling_remainder(k);
}

// log(x^a y^b gamma(a + b) / (gamma(a) gamma(b))), a, b > 0, x + y = 1.
inline double log_beta_kernel(double a, double b, double x, double y) {
  const double n = a + b;
  return 0.5 * (simd::log(a / n) + simd::log(b)) - half_log_two_pi + stirling_remainder(n) - stirling_remainder(a) -
         stirling_remainder(b) - deviance(a, n * x) - deviance(b, n * y);
}

// Log probability of k successes in n trials; p is that of success, q = 1 - p.
inline double log_binomial(double k, double n, double p, double q) {
  if (k == 0) return n == 0 ? 0 : (p < q ? n * simd::log1p(-p) : n * simd::log(q));
  if (k == n) return q < p ? n * simd::log1p(-q) : n * simd::log(p);
  // choose(n, k) = n / (k (n - k)) / B(k, n - k)
  return log_beta_kernel(k, n - k, p, q) + simd::log(n / k) - simd::log(n - k);
}

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
