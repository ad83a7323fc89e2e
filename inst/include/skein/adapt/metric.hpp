// Estimation of inverse metrics from the draws of a window: nothing, variances, or covariances, regularised as by Stan.
#ifndef SKEIN_ADAPT_METRIC_HPP
#define SKEIN_ADAPT_METRIC_HPP

#include <cstddef>
#include <vector>

#include "../kernel/config.hpp"
#include "../kernel/metric.hpp"
#include "../util/bytes.hpp"
#include "../util/welford.hpp"

namespace skein {
namespace adapt {

// add() takes the positions of a window; update() sets the metric from them and begins anew, and is false (leaving the
// metric as it was) if the estimate is not positive definite and finite. The unit metric learns nothing.
template <class Metric>
class MetricEstimator;

template <>
class MetricEstimator<kernel::UnitMetric> {
 public:
  static constexpr bool learns = false;
  explicit MetricEstimator(std::size_t) {}
  void add(const double*) {}
  bool update(kernel::UnitMetric&) { return true; }
  void save(util::ByteWriter&) const {}
  void load(util::ByteReader&) {}
};

// With n draws: n / (n + 5) variance + 1e-3 5 / (n + 5).
struct Shrinkage {
  explicit Shrinkage(double n)
      : weight(n / (n + kernel::metric_prior_draws)),
        constant(kernel::metric_prior_variance * (kernel::metric_prior_draws / (n + kernel::metric_prior_draws))) {}
  double weight;
  double constant;
};

template <>
class MetricEstimator<kernel::DiagonalMetric> {
 public:
  static constexpr bool learns = true;
  explicit MetricEstimator(std::size_t dimension) : draws_(dimension) {}

  void add(const double* position) { draws_.add(position); }

  bool update(kernel::DiagonalMetric& metric) {
    std::vector<double> values = metric.inverse();
    draws_.variance(values.data());
    const Shrinkage shrinkage(draws_.count());
    for (double& value : values) value = shrinkage.weight * value + shrinkage.constant;
    draws_.reset();
    return metric.set_inverse(values.data(), values.size());
  }

  void save(util::ByteWriter& writer) const { draws_.save(writer); }
  void load(util::ByteReader& reader) { draws_.load(reader); }

 private:
  util::WelfordVariance draws_;
};

template <>
class MetricEstimator<kernel::DenseMetric> {
 public:
  static constexpr bool learns = true;
  explicit MetricEstimator(std::size_t dimension) : draws_(dimension), dimension_(dimension) {}

  void add(const double* position) { draws_.add(position); }

  bool update(kernel::DenseMetric& metric) {
    std::vector<double> values = metric.inverse();
    draws_.covariance(values.data());
    const Shrinkage shrinkage(draws_.count());
    for (double& value : values) value *= shrinkage.weight;
    for (std::size_t i = 0; i < dimension_; ++i) values[i * dimension_ + i] += shrinkage.constant;
    draws_.reset();
    return metric.set_inverse(values.data(), values.size());
  }

  void save(util::ByteWriter& writer) const { draws_.save(writer); }
  void load(util::ByteReader& reader) { draws_.load(reader); }

 private:
  util::WelfordCovariance draws_;
  std::size_t dimension_;
};

}  // namespace adapt
}  // namespace skein

#endif
