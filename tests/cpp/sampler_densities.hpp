// Small densities with known moments or known trouble, on which the samplers' tests run.
#ifndef SKEIN_TESTS_SAMPLER_DENSITIES_HPP
#define SKEIN_TESTS_SAMPLER_DENSITIES_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <skein/density.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace densities {

// Fills in what every density here has in common: draws are positions, no buffers, batches one by one.
class Simple : public skein::Density {
 public:
  explicit Simple(std::size_t dimension) : dimension_(dimension) {}
  std::size_t dimension() const override { return dimension_; }
  std::size_t draw_size() const override { return dimension_; }
  std::size_t workspace_size() const override { return 0; }
  std::size_t scratch_size() const override { return 0; }
  void evaluate(skein::Evaluation* batch, std::size_t count, const skein::EvaluationContext&) const override {
    for (std::size_t i = 0; i < count; ++i) batch[i].log_density = log_density(batch[i].position, batch[i].gradient);
  }
  void write_draw(const double* position, double* out, const skein::EvaluationContext&) const override {
    for (std::size_t i = 0; i < dimension_; ++i) out[i] = position[i];
  }
  virtual double log_density(const double* x, double* gradient) const = 0;

 private:
  std::size_t dimension_;
};

// N(mean, Sigma) with sds 1, 2, ..., n / 2 ... and correlation rho^|i - j|, whose precision is tridiagonal.
class Gaussian : public Simple {
 public:
  Gaussian(std::size_t dimension, double rho) : Simple(dimension), rho_(rho) {}
  double mean(std::size_t i) const { return static_cast<double>(i % 3) - 1; }
  double sd(std::size_t i) const { return 0.5 * static_cast<double>(1 + i % 4); }
  double covariance(std::size_t i, std::size_t j) const {
    return sd(i) * sd(j) * std::pow(rho_, std::fabs(static_cast<double>(i) - static_cast<double>(j)));
  }
  double log_density(const double* x, double* gradient) const override {
    const std::size_t n = dimension();
    const double scale = 1 / (1 - rho_ * rho_);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double z = (x[i] - mean(i)) / sd(i);
      const bool inner = i > 0 && i + 1 < n;
      double precision_z = (n == 1 ? 1 / scale : inner ? 1 + rho_ * rho_ : 1) * z;
      if (i > 0) precision_z -= rho_ * (x[i - 1] - mean(i - 1)) / sd(i - 1);
      if (i + 1 < n) precision_z -= rho_ * (x[i + 1] - mean(i + 1)) / sd(i + 1);
      sum += z * precision_z;
      gradient[i] = -scale * precision_z / sd(i);
    }
    return -0.5 * scale * sum;
  }

 private:
  double rho_;
};

// Neal's funnel: v ~ N(0, 3), x_i ~ N(0, exp(v / 2)). Its neck makes large steps diverge.
class Funnel : public Simple {
 public:
  explicit Funnel(std::size_t dimension) : Simple(dimension) {}
  double log_density(const double* x, double* gradient) const override {
    const double v = x[0];
    const double precision = std::exp(-v);
    double sum = 0;
    for (std::size_t i = 1; i < dimension(); ++i) {
      sum += x[i] * x[i];
      gradient[i] = -x[i] * precision;
    }
    const double n = static_cast<double>(dimension() - 1);
    gradient[0] = -v / 9 - 0.5 * n + 0.5 * sum * precision;
    return -v * v / 18 - 0.5 * n * v - 0.5 * sum * precision;
  }
};

// A standard normal cut off at |x_0| < limit: not finite outside.
class Box : public Simple {
 public:
  Box(std::size_t dimension, double limit) : Simple(dimension), limit_(limit) {}
  double log_density(const double* x, double* gradient) const override {
    if (!(std::fabs(x[0]) < limit_)) return -std::numeric_limits<double>::infinity();
    double sum = 0;
    for (std::size_t i = 0; i < dimension(); ++i) {
      sum += x[i] * x[i];
      gradient[i] = -x[i];
    }
    return -0.5 * sum;
  }

 private:
  double limit_;
};

}  // namespace densities

#endif
