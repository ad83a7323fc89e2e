// The normal and lognormal priors.
#ifndef SKEIN_PRIOR_NORMAL_HPP
#define SKEIN_PRIOR_NORMAL_HPP

#include "term.hpp"

namespace skein {
namespace prior {

// normal(mu, sigma).
class Normal {
 public:
  explicit Normal(const double* arguments)
      : mean_(arguments[0]), inverse_sigma_(1 / arguments[1]), constant_(-half_log_two_pi - simd::log(arguments[1])) {}

  Term operator()(double x) const {
    const double z = (x - mean_) * inverse_sigma_;
    return {constant_ - 0.5 * z * z, -z * inverse_sigma_};
  }

 private:
  double mean_;
  double inverse_sigma_;
  double constant_;
};

// lognormal(mu, sigma): log(x) is normal(mu, sigma).
class Lognormal {
 public:
  explicit Lognormal(const double* arguments) : log_scale_(arguments) {}

  Term operator()(double x) const {
    if (x <= 0) return outside_support();
    const double log_x = simd::log(x);
    const Term term = log_scale_(log_x);
    return {term.log_density - log_x, (term.derivative - 1) / x};
  }

 private:
  Normal log_scale_;
};

}  // namespace prior
}  // namespace skein

#endif
