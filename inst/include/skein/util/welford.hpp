// Running means, variances and covariances of vectors (Welford, 1962), stable in one pass.
#ifndef SKEIN_UTIL_WELFORD_HPP
#define SKEIN_UTIL_WELFORD_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "bytes.hpp"

namespace skein {
namespace util {

// Elementwise variances. After add() of x_1..x_n: mean = sum x / n, sum_squares = sum (x - mean)^2.
class WelfordVariance {
 public:
  explicit WelfordVariance(std::size_t dimension) : mean_(dimension), sum_squares_(dimension) {}

  void reset() {
    count_ = 0;
    std::fill(mean_.begin(), mean_.end(), 0.0);
    std::fill(sum_squares_.begin(), sum_squares_.end(), 0.0);
  }

  void add(const double* x) {
    count_ += 1;
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      const double delta = x[i] - mean_[i];
      mean_[i] += delta / count_;
      sum_squares_[i] += delta * (x[i] - mean_[i]);
    }
  }

  double count() const { return count_; }
  const double* mean() const { return mean_.data(); }

  // Unbiased (divisor n - 1); leaves `out` as it is when fewer than two values were added, as Stan does.
  void variance(double* out) const {
    if (count_ < 2) return;
    for (std::size_t i = 0; i < mean_.size(); ++i) out[i] = sum_squares_[i] / (count_ - 1);
  }

  void save(ByteWriter& writer) const {
    writer.put(count_);
    writer.put_array(mean_.data(), mean_.size());
    writer.put_array(sum_squares_.data(), sum_squares_.size());
  }

  void load(ByteReader& reader) {
    reader.get(count_);
    reader.get_array(mean_.data(), mean_.size());
    reader.get_array(sum_squares_.data(), sum_squares_.size());
  }

 private:
  double count_ = 0;
  std::vector<double> mean_;
  std::vector<double> sum_squares_;
};

// The full covariance matrix, of which only the lower triangle is kept while adding.
class WelfordCovariance {
 public:
  explicit WelfordCovariance(std::size_t dimension)
      : mean_(dimension), delta_(dimension), sum_products_(dimension * dimension) {}

  void reset() {
    count_ = 0;
    std::fill(mean_.begin(), mean_.end(), 0.0);
    std::fill(sum_products_.begin(), sum_products_.end(), 0.0);
  }

  void add(const double* x) {
    const std::size_t n = mean_.size();
    count_ += 1;
    for (std::size_t i = 0; i < n; ++i) {
      delta_[i] = x[i] - mean_[i];
      mean_[i] += delta_[i] / count_;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double after = x[i] - mean_[i];
      double* row = sum_products_.data() + i * n;
      for (std::size_t j = 0; j <= i; ++j) row[j] += after * delta_[j];
    }
  }

  double count() const { return count_; }
  const double* mean() const { return mean_.data(); }

  // dimension x dimension, symmetric, divisor n - 1; leaves `out` as it is below two values.
  void covariance(double* out) const {
    if (count_ < 2) return;
    const std::size_t n = mean_.size();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const double value = sum_products_[i * n + j] / (count_ - 1);
        out[i * n + j] = value;
        out[j * n + i] = value;
      }
    }
  }

  void save(ByteWriter& writer) const {
    writer.put(count_);
    writer.put_array(mean_.data(), mean_.size());
    writer.put_array(sum_products_.data(), sum_products_.size());
  }

  void load(ByteReader& reader) {
    reader.get(count_);
    reader.get_array(mean_.data(), mean_.size());
    reader.get_array(sum_products_.data(), sum_products_.size());
  }

 private:
  double count_ = 0;
  std::vector<double> mean_;
  std::vector<double> delta_;
  std::vector<double> sum_products_;
};

}  // namespace util
}  // namespace skein

#endif
