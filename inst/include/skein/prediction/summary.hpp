// Summaries of the draws of one quantity: centre, spread, quantiles.
#ifndef SKEIN_PREDICTION_SUMMARY_HPP
#define SKEIN_PREDICTION_SUMMARY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "../simd/dispatch.hpp"

namespace skein {
namespace prediction {

struct SummaryOptions {
  bool robust = false;        // median and median absolute deviation for mean and standard deviation
  std::vector<double> probs;  // of quantiles, each within [0, 1]

  std::size_t n_values() const { return 2 + probs.size(); }
};

namespace detail {

// The k-th smallest of x[from], ..., x[n - 1], put in its place, where those before `from` are the smallest.
inline double place(double* x, std::size_t from, std::size_t k, std::size_t n) {
  std::nth_element(x + from, x + k, x + n);
  return x[k];
}

// Quantile of type 7 of Hyndman and Fan (1996), R's default. Reorders x.
inline double quantile(double* x, std::size_t n, double prob) {
  const double position = static_cast<double>(n - 1) * prob;
  // R's own tolerance, so that (n - 1) prob counts as whole where rounding alone says otherwise.
  const double below = std::floor(position + 4 * std::numeric_limits<double>::epsilon());
  const std::size_t k = static_cast<std::size_t>(below);
  const double low = place(x, 0, k, n);
  const double share = position - below;
  if (k + 1 >= n || std::fabs(share) < 1e-12) return low;
  const double high = place(x, k + 1, k + 1, n);
  return low + share * (high - low);
}

inline double median(double* x, std::size_t n) {
  const double high = place(x, 0, n / 2, n);
  return n % 2 == 1 ? high : 0.5 * (*std::max_element(x, x + n / 2) + high);
}

}  // namespace detail

// Writes centre, spread and quantiles to out[0], out[stride], ... `x` is reordered, `buffer` has n doubles. All are NaN
// if any value is.
inline void summarise(double* x, std::size_t n, const SummaryOptions& options, double* buffer, double* out,
                      std::size_t stride) {
  const simd::VectorOperations& operations = simd::vector_operations();
  const double total = operations.sum(x, n);
  if (std::isnan(total) && std::any_of(x, x + n, [](double value) { return std::isnan(value); })) {
    for (std::size_t k = 0; k < options.n_values(); ++k) out[k * stride] = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  if (options.robust) {
    const double centre = detail::median(x, n);
    for (std::size_t i = 0; i < n; ++i) buffer[i] = std::fabs(x[i] - centre);
    out[0] = centre;
    // 1 / qnorm(0.75) as R's mad() rounds it.
    out[stride] = 1.4826 * detail::median(buffer, n);
  } else {
    const double centre = total / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) buffer[i] = x[i] - centre;
    out[0] = centre;
    out[stride] = std::sqrt(operations.sum_of_squares(buffer, n) / (static_cast<double>(n) - 1));
  }
  for (std::size_t k = 0; k < options.probs.size(); ++k)
    out[(2 + k) * stride] = detail::quantile(x, n, options.probs[k]);
}

}  // namespace prediction
}  // namespace skein

#endif
