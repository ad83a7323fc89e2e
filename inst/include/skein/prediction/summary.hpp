// Summaries of the draws of one quantity: centre, spread, quantiles.
#ifndef SKEIN_PREDICTION_SUMMARY_HPP
#define SKEIN_PREDICTION_SUMMARY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
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

// Order statistics of x: its values go to `sorted` in slices of equal width, in order, so that few are left to search
// for each rank.
class Ordered {
 public:
  Ordered(const double* x, std::size_t n, double* sorted) : x_(sorted), n_(n) {
    const auto range = std::minmax_element(x, x + n);
    const double low = *range.first;
    const double scale = n_slices / (*range.second - low) * (1 - 1e-12);
    std::vector<std::size_t>& end = ends_;
    end.assign(n_slices, 0);
    // Infinite values, or all equal: one slice.
    if (!(scale > 0 && std::isfinite(scale))) {
      std::copy(x, x + n, sorted);
      end.assign(n_slices, n);
      return;
    }
    const auto slice = [&](double value) { return static_cast<std::size_t>(static_cast<int>((value - low) * scale)); };
    for (std::size_t i = 0; i < n; ++i) ++end[slice(x[i])];
    std::size_t begin = 0;
    for (std::size_t& one : end) {
      begin += one;
      one = begin - one;
    }
    for (std::size_t i = 0; i < n; ++i) sorted[end[slice(x[i])]++] = x[i];
  }

  // The k-th smallest, k < n.
  double at(std::size_t k) {
    const auto slice = std::upper_bound(ends_.begin(), ends_.end(), k);
    const std::size_t begin = slice == ends_.begin() ? 0 : *(slice - 1);
    std::nth_element(x_ + begin, x_ + k, x_ + *slice);
    return x_[k];
  }

  // Quantile of type 7 of Hyndman and Fan (1996), R's default.
  double quantile(double prob) {
    const double position = static_cast<double>(n_ - 1) * prob;
    // R's own tolerance, so that (n - 1) prob counts as whole where rounding alone says otherwise.
    const double below = std::floor(position + 4 * std::numeric_limits<double>::epsilon());
    const std::size_t k = static_cast<std::size_t>(below);
    const double low = at(k);
    const double share = position - below;
    if (k + 1 >= n_ || std::fabs(share) < 1e-12) return low;
    return low + share * (at(k + 1) - low);
  }

  double median() { return n_ % 2 == 1 ? at(n_ / 2) : 0.5 * (at(n_ / 2 - 1) + at(n_ / 2)); }

 private:
  static constexpr int n_slices = 256;

  double* const x_;
  const std::size_t n_;
  std::vector<std::size_t> ends_;  // of the slices
};

}  // namespace detail

// Writes centre, spread and quantiles to out[0], out[stride], ... `x` is spoiled, `buffer` has n doubles. All are NaN
// if any value is.
inline void summarise(double* x, std::size_t n, const SummaryOptions& options, double* buffer, double* out,
                      std::size_t stride) {
  const simd::VectorOperations& operations = simd::vector_operations();
  const double total = operations.sum(x, n);
  if (std::isnan(total) && std::any_of(x, x + n, [](double value) { return std::isnan(value); })) {
    for (std::size_t k = 0; k < options.n_values(); ++k) out[k * stride] = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  if (!options.robust) {
    const double centre = total / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) buffer[i] = x[i] - centre;
    out[0] = centre;
    out[stride] = std::sqrt(operations.sum_of_squares(buffer, n) / (static_cast<double>(n) - 1));
    if (options.probs.empty()) return;
  }
  detail::Ordered ordered(x, n, buffer);
  for (std::size_t k = 0; k < options.probs.size(); ++k) out[(2 + k) * stride] = ordered.quantile(options.probs[k]);
  if (!options.robust) return;
  out[0] = ordered.median();
  for (std::size_t i = 0; i < n; ++i) x[i] = std::fabs(x[i] - out[0]);
  // 1 / qnorm(0.75) as R's mad() rounds it.
  out[stride] = 1.4826 * detail::Ordered(x, n, buffer).median();
}

}  // namespace prediction
}  // namespace skein

#endif
