// The transform of K (K - 1) / 2 unconstrained values into the Cholesky factor of a K x K correlation matrix.
#ifndef SKEIN_TRANSFORM_CHOLESKY_CORR_HPP
#define SKEIN_TRANSFORM_CHOLESKY_CORR_HPP

#include <cmath>
#include <cstddef>

#include "../simd/dispatch.hpp"

namespace skein {
namespace transform {

// Stan's cholesky_corr_constrain: canonical partial correlations z = tanh(u), taken row by row below the diagonal,
// L_ij = z_ij sqrt(r_ij) with r_ij the product of 1 - z_il^2 over l < j, and L_ii = sqrt(r_ii). As 1 - z^2 is taken
// from u, as 1 / cosh(u)^2, factors near singularity keep their digits.
//
// All matrices are K x K, column-major, with zeros above the diagonal; u has K (K - 1) / 2 elements.
namespace cholesky_corr {

inline std::size_t n_unconstrained(std::size_t K) { return K * (K - 1) / 2; }

// z = tanh(u), 1 - z^2 and its logarithm.
struct PartialCorrelation {
  double z;
  double complement;
  double log_complement;
};

inline PartialCorrelation partial_correlation(double u) {
  const double magnitude = std::fabs(u);
  const double e = simd::exp(-2 * magnitude);
  const double log_complement = 2 * (0.69314718055994530942 - magnitude - simd::log1p(e));
  return {simd::tanh(u), 4 * e / ((1 + e) * (1 + e)), log_complement};
}

// Writes L and returns the log Jacobian: the sum over i > j of log(1 - z_ij^2) (1 + (i - 1 - j) / 2), rows and columns
// counted from 0.
inline double constrain(const double* u, std::size_t K, double* L) {
  double log_jacobian = 0;
  for (std::size_t i = 0; i < K; ++i) {
    double remainder = 1;
    for (std::size_t j = 0; j < i; ++j) {
      const PartialCorrelation partial = partial_correlation(*u++);
      L[j * K + i] = partial.z * std::sqrt(remainder);
      remainder *= partial.complement;
      log_jacobian += partial.log_complement * (1 + 0.5 * static_cast<double>(i - 1 - j));
    }
    L[i * K + i] = std::sqrt(remainder);
    for (std::size_t j = i + 1; j < K; ++j) L[j * K + i] = 0;
  }
  return log_jacobian;
}

// Adds to d_u the derivative of f(L) + log Jacobian (of f(L) alone if `jacobian` is false), where d_L holds the
// derivatives of f by the elements of L on and below the diagonal and L is what constrain() wrote at u. Rows are walked
// from the diagonal to the left: `remainder` is r_ij as a sum of squares, `d_log_remainder` the derivative of f by the
// logarithm of r_i,j+1.
inline void backward(const double* u, std::size_t K, const double* L, const double* d_L, double* d_u,
                     bool jacobian = true) {
  for (std::size_t i = 1; i < K; ++i) {
    const std::size_t first = i * (i - 1) / 2;
    double behind = L[i * K + i] * L[i * K + i];
    double d_log_remainder = 0.5 * d_L[i * K + i] * L[i * K + i];
    for (std::size_t j = i; j-- > 0;) {
      const double value = L[j * K + i];
      const double remainder = behind + value * value;
      const bool underflow = remainder == 0;
      const double root = std::sqrt(remainder);
      const double z = underflow ? simd::tanh(u[first + j]) : value / root;
      const double complement = underflow ? 0 : behind / remainder;
      const double d_jacobian = jacobian ? 1 + 0.5 * static_cast<double>(i - 1 - j) : 0;
      const double d_log_complement = d_log_remainder + d_jacobian;
      d_u[first + j] += d_L[j * K + i] * root * complement - 2 * z * d_log_complement;
      d_log_remainder += 0.5 * d_L[j * K + i] * value;
      behind = remainder;
    }
  }
}

// The inverse of constrain(), from the rows of L below the diagonal: u_ij = asinh(L_ij / sqrt(s)) where s sums the
// squares of the row behind column j. A row with s = 0 (a correlation of 1) gives an infinite value.
inline void unconstrain(const double* L, std::size_t K, double* u) {
  for (std::size_t i = 1; i < K; ++i) {
    double squares = L[i * K + i] * L[i * K + i];
    for (std::size_t j = i; j-- > 0;) {
      const double value = L[j * K + i];
      const double t = std::fabs(value) / std::sqrt(squares);
      const double magnitude = simd::log1p(t + t * (t / (1 + std::sqrt(1 + t * t))));
      u[i * (i - 1) / 2 + j] = value < 0 ? -magnitude : magnitude;
      squares += value * value;
    }
  }
}

}  // namespace cholesky_corr
}  // namespace transform
}  // namespace skein

#endif
