// Random numbers of the standard distributions from a stream of uniforms: exact methods, the same bits on machines with
// the same instruction set.
#ifndef SKEIN_FAMILY_RANDOM_BASE_HPP
#define SKEIN_FAMILY_RANDOM_BASE_HPP

#include <cmath>
#include <limits>

#include "../util/rng.hpp"
#include "random_rows.hpp"
#include "stirling.hpp"

namespace skein {
namespace family {
namespace detail {

using util::Stream;

inline double random_normal(Stream& stream) { return simd::std_normal_quantile(stream.uniform()); }

// Mean 1.
inline double random_exponential(Stream& stream) { return -simd::log(stream.uniform()); }

// shape >= 1, scale 1.
inline double random_gamma_large(double shape, Stream& stream) {
  if (!(shape < std::numeric_limits<double>::max())) return shape;
  for (;;) {
    const double u = stream.uniform(), v = stream.uniform();
    double out = 0;
    gamma_tries(&shape, &u, &v, 1, &out);
    if (out == out) return out;
  }
}

// The logarithm of a gamma variable of scale 1: shapes near 0 give values far below the smallest double.
inline double random_log_gamma(double shape, Stream& stream) {
  if (!(shape < 1)) return simd::log(random_gamma_large(shape, stream));
  const double log_large = simd::log(random_gamma_large(shape + 1, stream));
  return log_large + simd::log(stream.uniform()) / shape;
}

inline double random_gamma(double shape, Stream& stream) {
  return shape < 1 ? simd::exp(random_log_gamma(shape, stream)) : random_gamma_large(shape, stream);
}

// The logit of a beta variable.
inline double random_logit_beta(double a, double b, Stream& stream) {
  const double log_a = random_log_gamma(a, stream);
  return log_a - random_log_gamma(b, stream);
}

// mean < 10.
inline double random_poisson_small(double mean, Stream& stream) {
  for (;;) {
    const double u = stream.uniform();
    double out = 0;
    simd::vector_operations().poisson_quantile(&mean, &u, &out, 1);
    if (out == out) return out;
  }
}

// Hoermann (1993), "The transformed rejection method for generating Poisson random variables", PTRS: mean >= 10.
inline double random_poisson_large(double mean, Stream& stream) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = stream.uniform() - 0.5;
    const double v = stream.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (simd::log(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(k, mean)) return k;
  }
}

// Means beyond 1e15, where doubles no longer hold all whole numbers, and below 0 give the mean itself.
inline double random_poisson(double mean, Stream& stream) {
  if (!(mean >= 0 && mean <= 1e15)) return mean;
  return mean < 10 ? random_poisson_small(mean, stream) : random_poisson_large(mean, stream);
}

// Searches upward from 0: n p < 10, p <= 1 / 2.
inline double random_binomial_small(double n, double p, Stream& stream) {
  const double odds = p / (1 - p);
  const double none = simd::exp(n * simd::log1p(-p));
  for (;;) {
    double left = stream.uniform();
    double probability = none;
    for (double k = 0; k <= n && k < 200; ++k) {
      left -= probability;
      if (left < 0) return k;
      probability *= odds * ((n - k) / (k + 1));
    }
  }
}

// Hoermann (1993), "The generation of binomial random variates", BTRS: n p >= 10, p <= 1 / 2.
inline double random_binomial_large(double n, double p, Stream& stream) {
  const double q = 1 - p;
  const double root = std::sqrt(n * p * q);
  const double b = 1.15 + 2.53 * root;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double v_r = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * root;
  const double log_mode = log_binomial(std::floor((n + 1) * p), n, p, q);
  for (;;) {
    const double u = stream.uniform() - 0.5;
    const double v = stream.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > n) continue;
    if (simd::log(v * alpha / (a / (us * us) + b)) <= log_binomial(k, n, p, q) - log_mode) return k;
  }
}

// Successes in n trials; p is the probability of success, q = 1 - p.
inline double random_binomial(double n, double p, double q, Stream& stream) {
  if (!(p >= 0 && q >= 0)) return std::numeric_limits<double>::quiet_NaN();
  const double smaller = p < q ? p : q;
  const double k =
      n * smaller < 10 ? random_binomial_small(n, smaller, stream) : random_binomial_large(n, smaller, stream);
  return p < q ? k : n - k;
}

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
