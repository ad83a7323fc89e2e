// The beta and uniform priors.
#ifndef SKEIN_PRIOR_BETA_HPP
#define SKEIN_PRIOR_BETA_HPP

#include "term.hpp"

namespace skein {
namespace prior {

// beta(alpha, beta) on [0, 1].
class Beta {
 public:
  explicit Beta(const double* arguments)
      : alpha_(arguments[0]),
        beta_(arguments[1]),
        constant_(simd::lgamma(alpha_ + beta_) - simd::lgamma(alpha_) - simd::lgamma(beta_)) {}

  // An exponent of 0 drops its factor, so that x = 0 or 1 gives no 0 * infinity.
  Term operator()(double x) const {
    if (x < 0 || x > 1) return outside_support();
    Term term = {constant_, 0};
    if (alpha_ != 1) {
      term.log_density += (alpha_ - 1) * simd::log(x);
      term.derivative += (alpha_ - 1) / x;
    }
    if (beta_ != 1) {
      term.log_density += (beta_ - 1) * simd::log1p(-x);
      term.derivative -= (beta_ - 1) / (1 - x);
    }
    return term;
  }

 private:
  double alpha_;
  double beta_;
  double constant_;
};

// uniform(lower, upper), bounds included.
class Uniform {
 public:
  explicit Uniform(const double* arguments)
      : lower_(arguments[0]), upper_(arguments[1]), constant_(-simd::log(upper_ - lower_)) {}

  Term operator()(double x) const {
    if (x < lower_ || x > upper_) return outside_support();
    return {constant_, 0};
  }

 private:
  double lower_;
  double upper_;
  double constant_;
};

}  // namespace prior
}  // namespace skein

#endif
