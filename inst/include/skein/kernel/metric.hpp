// Euclidean metrics as policies of the samplers: unit, diagonal and dense inverse mass matrices.
//
// A metric draws momenta and turns a momentum into a velocity M^-1 p. The first two apply M^-1 within the passes of
// steps.inc; the dense one stores velocities (`stores_velocity`), since each costs a matrix-vector product.
// All arrays have the padded length of a VectorPool of the metric's dimension.
#ifndef SKEIN_KERNEL_METRIC_HPP
#define SKEIN_KERNEL_METRIC_HPP

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "../simd/dispatch.hpp"
#include "../util/aligned.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "math.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

// The passes for the instruction set in force, looked up once.
class WithSteps {
 public:
  const StepTable& steps() const { return *steps_; }

 private:
  const StepTable* steps_ = &step_table();
};

class UnitMetric : public WithSteps {
 public:
  static constexpr const char* name = "unit_e";
  static constexpr bool stores_velocity = false;

  explicit UnitMetric(std::size_t dimension) : dimension_(dimension) {}

  std::size_t dimension() const { return dimension_; }
  // The diagonal as the passes of steps.inc want it.
  const double* diagonal() const { return nullptr; }
  // The elements that describe the inverse metric, for records: the diagonal, ones here.
  std::vector<double> inverse() const { return std::vector<double>(dimension_, 1.0); }
  // Nothing to set: true if the values are as many as inverse() has.
  bool set_inverse(const double*, std::size_t size) { return size == dimension_; }

  // momentum ~ N(0, M)
  void sample_momentum(util::Stream& stream, double* momentum) const {
    fill_standard_normal(stream, momentum, dimension_);
  }

  void save(util::ByteWriter&) const {}
  void load(util::ByteReader&) {}

 private:
  std::size_t dimension_;
};

class DiagonalMetric : public WithSteps {
 public:
  static constexpr const char* name = "diag_e";
  static constexpr bool stores_velocity = false;

  explicit DiagonalMetric(std::size_t dimension)
      : dimension_(dimension), inverse_(util::round_up_8(dimension)), scale_(dimension) {
    const std::vector<double> ones(dimension, 1.0);
    set_inverse(ones.data(), dimension);
  }

  std::size_t dimension() const { return dimension_; }
  const double* diagonal() const { return inverse_.data(); }
  std::vector<double> inverse() const { return std::vector<double>(inverse_.data(), inverse_.data() + dimension_); }

  // False, with nothing changed, unless there is one positive finite number per dimension.
  bool set_inverse(const double* values, std::size_t size) {
    if (size != dimension_) return false;
    for (std::size_t i = 0; i < size; ++i)
      if (!(values[i] > 0) || !std::isfinite(values[i])) return false;
    for (std::size_t i = 0; i < size; ++i) {
      inverse_[i] = values[i];
      scale_[i] = 1 / std::sqrt(values[i]);
    }
    return true;
  }

  void sample_momentum(util::Stream& stream, double* momentum) const {
    fill_standard_normal(stream, momentum, dimension_);
    for (std::size_t i = 0; i < dimension_; ++i) momentum[i] *= scale_[i];
  }

  void save(util::ByteWriter& writer) const { writer.put_array(inverse_.data(), dimension_); }

  void load(util::ByteReader& reader) {
    std::vector<double> values(dimension_);
    reader.get_array(values.data(), dimension_);
    if (!set_inverse(values.data(), dimension_)) throw std::runtime_error("a saved inverse metric is not positive");
  }

 private:
  std::size_t dimension_;
  util::AlignedArray<double> inverse_;
  std::vector<double> scale_;
};

class DenseMetric : public WithSteps {
 public:
  static constexpr const char* name = "dense_e";
  static constexpr bool stores_velocity = true;

  explicit DenseMetric(std::size_t dimension)
      : dimension_(dimension),
        stride_(util::round_up_8(dimension)),
        inverse_(stride_ * dimension),
        cholesky_(stride_ * dimension) {
    for (std::size_t i = 0; i < dimension_; ++i) inverse_[i * stride_ + i] = cholesky_[i * stride_ + i] = 1;
  }

  std::size_t dimension() const { return dimension_; }
  const double* diagonal() const { return nullptr; }

  // dimension x dimension, symmetric.
  std::vector<double> inverse() const {
    std::vector<double> out(dimension_ * dimension_);
    for (std::size_t i = 0; i < dimension_; ++i)
      for (std::size_t j = 0; j < dimension_; ++j) out[i * dimension_ + j] = inverse_[i * stride_ + j];
    return out;
  }

  // Of the dimension x dimension values the lower triangle of rows counts. False, with nothing changed, if they are
  // not that many or not positive definite.
  bool set_inverse(const double* values, std::size_t size) {
    if (size != dimension_ * dimension_) return false;
    util::AlignedArray<double> factor(stride_ * dimension_);
    if (!factorise(values, factor)) return false;
    cholesky_ = std::move(factor);
    for (std::size_t i = 0; i < dimension_; ++i)
      for (std::size_t j = 0; j <= i; ++j)
        inverse_[i * stride_ + j] = inverse_[j * stride_ + i] = values[i * dimension_ + j];
    return true;
  }

  // With M^-1 = L L', the solution of L' p = u has variance M. Backwards by rows of L, which lie together.
  void sample_momentum(util::Stream& stream, double* momentum) const {
    fill_standard_normal(stream, momentum, dimension_);
    for (std::size_t i = dimension_; i-- > 0;) {
      const double* row = cholesky_.data() + i * stride_;
      momentum[i] /= row[i];
      simd::vector_operations().axpy(-momentum[i], row, momentum, i);
    }
  }

  // velocity = M^-1 momentum
  void velocity(const double* momentum, double* velocity) const {
    steps().multiply_rows(inverse_.data(), dimension_, momentum, velocity, stride_);
  }

  void save(util::ByteWriter& writer) const {
    const std::vector<double> values = inverse();
    writer.put_array(values.data(), values.size());
  }

  void load(util::ByteReader& reader) {
    std::vector<double> values(dimension_ * dimension_);
    reader.get_array(values.data(), values.size());
    if (!set_inverse(values.data(), values.size()))
      throw std::runtime_error("a saved inverse metric is not positive definite");
  }

 private:
  // L with L L' = values, row by row; own code, because Eigen's sums depend on how it was compiled.
  bool factorise(const double* values, util::AlignedArray<double>& factor) const {
    for (std::size_t i = 0; i < dimension_; ++i) {
      double* row = factor.data() + i * stride_;
      for (std::size_t j = 0; j <= i; ++j) {
        const double* other = factor.data() + j * stride_;
        const double rest = values[i * dimension_ + j] - simd::vector_operations().dot(row, other, j);
        if (j < i) {
          row[j] = rest / other[j];
        } else {
          if (!(rest > 0) || !std::isfinite(rest)) return false;
          row[i] = std::sqrt(rest);
        }
      }
    }
    return true;
  }

  std::size_t dimension_;
  std::size_t stride_;
  util::AlignedArray<double> inverse_;   // rows of stride_ elements
  util::AlignedArray<double> cholesky_;  // lower triangle, rows of stride_ elements
};

}  // namespace kernel
}  // namespace skein

#endif
