// The logistic and double exponential (Laplace) priors.
#ifndef SKEIN_PRIOR_LOGISTIC_HPP
#define SKEIN_PRIOR_LOGISTIC_HPP

#include "term.hpp"

namespace skein {
namespace prior {

// logistic(mu, sigma): with z = (x - mu) / sigma, -log(sigma) - |z| - 2 log1p(exp(-|z|)), which never overflows.
class Logistic {
 public:
  explicit Logistic(const double* arguments)
      : location_(arguments[0]), inverse_scale_(1 / arguments[1]), log_scale_(simd::log(arguments[1])) {}

  Term operator()(double x) const {
    const double z = (x - location_) * inverse_scale_;
    const double magnitude = z < 0 ? -z : z;
    return {-log_scale_ - magnitude - 2 * simd::log1p_exp(-magnitude), -simd::tanh(0.5 * z) * inverse_scale_};
  }

 private:
  double location_;
  double inverse_scale_;
  double log_scale_;
};

// double_exponential(mu, sigma); the derivative at mu is taken as 0.
class DoubleExponential {
 public:
  explicit DoubleExponential(const double* arguments)
      : location_(arguments[0]), inverse_scale_(1 / arguments[1]), constant_(-log_two - simd::log(arguments[1])) {}

  Term operator()(double x) const {
    const double z = (x - location_) * inverse_scale_;
    if (z < 0) return {constant_ + z, inverse_scale_};
    return {constant_ - z, z > 0 ? -inverse_scale_ : 0.0};
  }

 private:
  double location_;
  double inverse_scale_;
  double constant_;
};

}  // namespace prior
}  // namespace skein

#endif
