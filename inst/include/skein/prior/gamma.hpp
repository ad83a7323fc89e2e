// The gamma, exponential and inverse gamma priors.
#ifndef SKEIN_PRIOR_GAMMA_HPP
#define SKEIN_PRIOR_GAMMA_HPP

#include "term.hpp"

namespace skein {
namespace prior {

// gamma(alpha, beta) with shape alpha and inverse scale beta.
class Gamma {
 public:
  explicit Gamma(const double* arguments)
      : shape_(arguments[0]), rate_(arguments[1]), constant_(shape_ * simd::log(rate_) - simd::lgamma(shape_)) {}

  Term operator()(double x) const {
    if (x < 0) return outside_support();
    if (shape_ == 1) return {constant_ - rate_ * x, -rate_};
    return {constant_ + (shape_ - 1) * simd::log(x) - rate_ * x, (shape_ - 1) / x - rate_};
  }

 private:
  double shape_;
  double rate_;
  double constant_;
};

// exponential(beta) with inverse scale beta.
class Exponential {
 public:
  explicit Exponential(const double* arguments) : rate_(arguments[0]), log_rate_(simd::log(arguments[0])) {}

  Term operator()(double x) const {
    if (x < 0) return outside_support();
    return {log_rate_ - rate_ * x, -rate_};
  }

 private:
  double rate_;
  double log_rate_;
};

// inv_gamma(alpha, beta): 1 / x is gamma(alpha, beta).
class InverseGamma {
 public:
  explicit InverseGamma(const double* arguments)
      : shape_(arguments[0]), scale_(arguments[1]), constant_(shape_ * simd::log(scale_) - simd::lgamma(shape_)) {}

  Term operator()(double x) const {
    if (x <= 0) return outside_support();
    const double inverse = 1 / x;
    return {constant_ - (shape_ + 1) * simd::log(x) - scale_ * inverse, (scale_ * inverse - (shape_ + 1)) * inverse};
  }

 private:
  double shape_;
  double scale_;
  double constant_;
};

}  // namespace prior
}  // namespace skein

#endif
