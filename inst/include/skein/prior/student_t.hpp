// The Student t and Cauchy priors.
#ifndef SKEIN_PRIOR_STUDENT_T_HPP
#define SKEIN_PRIOR_STUDENT_T_HPP

#include "term.hpp"

namespace skein {
namespace prior {

// student_t(nu, mu, sigma).
class StudentT {
 public:
  explicit StudentT(const double* arguments)
      : nu_(arguments[0]),
        location_(arguments[1]),
        scale_(arguments[2]),
        constant_(shape_constant(arguments[0]) - simd::log(arguments[2])) {}

  Term operator()(double x) const {
    const double z = (x - location_) / scale_;
    const double ratio = z * z / nu_;
    return {constant_ - 0.5 * (nu_ + 1) * simd::log1p(ratio), -(nu_ + 1) / nu_ * z / ((1 + ratio) * scale_)};
  }

 private:
  // lgamma((nu + 1) / 2) - lgamma(nu / 2) - log(nu pi) / 2, for large nu by its asymptotic series in a = nu / 2.
  static double shape_constant(double nu) {
    const double a = 0.5 * nu;
    if (a > 500) return -half_log_two_pi - (1 - (1 / 24.0 - 1 / (80 * a * a)) / (a * a)) / (8 * a);
    return simd::lgamma(a + 0.5) - simd::lgamma(a) - 0.5 * (simd::log(nu) + log_pi);
  }

  double nu_;
  double location_;
  double scale_;
  double constant_;
};

// cauchy(mu, sigma).
class Cauchy {
 public:
  explicit Cauchy(const double* arguments)
      : location_(arguments[0]), scale_(arguments[1]), constant_(-log_pi - simd::log(arguments[1])) {}

  Term operator()(double x) const {
    const double z = (x - location_) / scale_;
    const double square = z * z;
    return {constant_ - simd::log1p(square), -2 * z / ((1 + square) * scale_)};
  }

 private:
  double location_;
  double scale_;
  double constant_;
};

}  // namespace prior
}  // namespace skein

#endif
