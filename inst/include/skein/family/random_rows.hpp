// Random responses of many draws at once: each a formula of the first numbers of its own stream.
#ifndef SKEIN_FAMILY_RANDOM_ROWS_HPP
#define SKEIN_FAMILY_RANDOM_ROWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../simd/dispatch.hpp"
#include "../util/rng.hpp"
#include "tile.hpp"

namespace skein {
namespace family {

constexpr std::size_t most_uniforms = 4;

// n draws: parameters on their natural scales and the first numbers of the draws' streams, an array each.
struct RandomRows {
  std::size_t n = 0;
  const double* mu = nullptr;
  const double* dpar[max_dpars] = {};
  const double* uniform[most_uniforms] = {};
};

namespace detail {

inline void normals(const double* uniform, std::size_t n, double* out) {
  simd::vector_operations().std_normal_quantile_n(uniform, out, n);
}

// Exponential variables of mean 1.
inline void exponentials(const double* uniform, std::size_t n, double* out) {
  simd::vector_operations().log_n(uniform, out, n);
  for (std::size_t i = 0; i < n; ++i) out[i] = -out[i];
}

// One try each of Marsaglia and Tsang (2000), "A simple method for generating gamma variables", from two uniforms: a
// gamma variable of scale 1, or NaN if the try fails or the shape is below 1.
inline void gamma_tries(const double* shape, const double* u, const double* v, std::size_t n, double* out) {
  constexpr std::size_t block = 64;
  const simd::VectorOperations& operations = simd::vector_operations();
  double z[block], log_v[block], cube[block], log_cube[block];
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t m = std::min(block, n - first);
    normals(u + first, m, z);
    operations.log_n(v + first, log_v, m);
    for (std::size_t i = 0; i < m; ++i) {
      const double root = 1 + z[i] / std::sqrt(9 * (shape[first + i] - 1.0 / 3));
      cube[i] = root * root * root;
    }
    operations.log_n(cube, log_cube, m);
    for (std::size_t i = 0; i < m; ++i) {
      const double d = shape[first + i] - 1.0 / 3;
      const bool accepted = shape[first + i] >= 1 && log_v[i] < 0.5 * z[i] * z[i] + d * (1 - cube[i] + log_cube[i]);
      out[first + i] = accepted ? d * cube[i] : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

// out = 0 where the uniform falls below the probability of a zero.
inline void put_zeros(const double* uniform, const double* probability, std::size_t n, double* out) {
  for (std::size_t i = 0; i < n; ++i)
    if (uniform[i] < probability[i]) out[i] = 0;
}

}  // namespace detail

// A family whose response is `rows` of the first two uniforms of a stream.
template <void (*rows_function)(const RandomRows&, double*)>
struct RandomFormula {
  static constexpr std::size_t n_uniforms = 2;
  static void rows(const RandomRows& all, double* out) { rows_function(all, out); }

  double operator()(double mu, const double* dpar, double, util::Stream& stream) const {
    const double first = stream.uniform(), second = stream.uniform();
    RandomRows one;
    one.n = 1;
    one.mu = &mu;
    for (std::size_t k = 0; k < max_dpars; ++k) one.dpar[k] = dpar + k;
    one.uniform[0] = &first;
    one.uniform[1] = &second;
    double out = 0;
    rows_function(one, &out);
    return out;
  }
};

// A family with a function for single draws, and one for many that leaves NaN where the numbers do not suffice.
template <double (*one)(double, const double*, double, util::Stream&),
          void (*rows_function)(const RandomRows&, double*), std::size_t uniforms>
struct RandomPair {
  static constexpr std::size_t n_uniforms = uniforms;
  static void rows(const RandomRows& all, double* out) { rows_function(all, out); }

  double operator()(double mu, const double* dpar, double trials, util::Stream& stream) const {
    return one(mu, dpar, trials, stream);
  }
};

}  // namespace family
}  // namespace skein

#endif
