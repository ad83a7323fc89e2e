// The LKJ prior of a correlation matrix, on its Cholesky factor.
#ifndef SKEIN_PRIOR_LKJ_HPP
#define SKEIN_PRIOR_LKJ_HPP

#include <cstddef>

#include "term.hpp"

namespace skein {
namespace prior {

// Log of the factor that makes det(C)^(eta - 1) a density over K x K correlation matrices: the sum over k = 1 .. K - 1
// of lgamma(eta + (K - 1) / 2) - lgamma(eta + (K - 1 - k) / 2) - k log(pi) / 2 (Lewandowski, Kurowicka and Joe 2009,
// theorem 5, as in Stan).
inline double lkj_log_constant(double eta, std::size_t K) {
  if (K < 2) return 0;
  const double last = static_cast<double>(K - 1);
  double sum = last * simd::lgamma(eta + 0.5 * last);
  for (std::size_t k = 1; k < K; ++k) {
    const double order = static_cast<double>(k);
    sum -= simd::lgamma(eta + 0.5 * (last - order)) + 0.5 * order * log_pi;
  }
  return sum;
}

// Stan's lkj_corr_cholesky_lpdf(L | eta), constant included: sum over k = 2 .. K of (K - k + 2 eta - 2) log L_kk.
// `cholesky` is K x K column-major; the derivative by L_kk is added to the same place of `gradient`. `log_constant` is
// lkj_log_constant(eta, K), which callers keep.
inline double add_lkj_prior(double eta, double log_constant, const double* cholesky, std::size_t K, double* gradient) {
  double sum = log_constant;
  for (std::size_t k = 1; k < K; ++k) {
    const double exponent = static_cast<double>(K - 1 - k) + 2 * (eta - 1);
    const double diagonal = cholesky[k * K + k];
    if (exponent == 0) continue;
    sum += exponent * simd::log(diagonal);
    gradient[k * K + k] += exponent / diagonal;
  }
  return sum;
}

inline double add_lkj_prior(double eta, const double* cholesky, std::size_t K, double* gradient) {
  return add_lkj_prior(eta, lkj_log_constant(eta, K), cholesky, K, gradient);
}

}  // namespace prior
}  // namespace skein

#endif
