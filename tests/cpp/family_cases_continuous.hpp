// Responses, predictors and parameters of the continuous families beyond gaussian and student, and what cancels in
// them.
#ifndef SKEIN_TESTS_FAMILY_CASES_CONTINUOUS_HPP
#define SKEIN_TESTS_FAMILY_CASES_CONTINUOUS_HPP

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace continuous {

inline bool has(const std::string& family) {
  for (const char* one : {"lognormal", "shifted_lognormal", "gamma", "exponential", "weibull", "beta",
                          "inverse.gaussian", "skew_normal", "exgaussian", "hurdle_lognormal", "hurdle_gamma"})
    if (family == one) return true;
  return false;
}

inline bool is_real(const std::string& family) { return family == "skew_normal" || family == "exgaussian"; }

inline std::vector<double> responses(const std::string& family) {
  if (is_real(family)) return {-20, 0.4, 1.8, 1000};
  if (family == "beta") return {1e-9, 0.35, 0.97};
  if (family == "hurdle_lognormal" || family == "hurdle_gamma") return {0, 1e-9, 0.4, 1000};
  if (family == "shifted_lognormal") return {0.4, 1.8, 1000};
  return {1e-9, 0.4, 1.8, 1000};
}

inline std::vector<double> predictors(const std::string& family, const std::string& link) {
  if (family == "beta") {
    if (link == "identity") return {1e-290, 1e-6, 0.2, 0.5, 0.999};
    if (link == "log") return {-690, -30, -3, -0.1, -1e-9};
    if (link == "probit" || link == "probit_approx") return {-20, -5, -0.5, 0, 0.3, 2, 20};
    if (link == "cloglog") return {-690, -30, -3, 0.1, 1.5, 6};
    return {-690, -30, -5, -0.5, 0, 0.3, 2, 30, 690};
  }
  const bool positive = family == "gamma" || family == "exponential" || family == "weibull" ||
                        family == "inverse.gaussian" || family == "hurdle_gamma";
  if (positive && (link == "identity" || link == "inverse" || link == "1/mu^2")) return {3e-6, 0.3, 2, 50, 1e6};
  if (link == "inverse") return {-700, -2, -0.01, 0.1, 3, 700};
  if (link == "log" && !positive) return {-700, -30, -2, 0.1, 3, 30};
  return {-700, -30, -2, 0.1, 3, 30, 700};
}

inline std::vector<double> dpar_values(const std::string& name) {
  if (name == "ndt") return {0, 0.1, 0.39};
  if (name == "alpha") return {-30, -2, 0, 0.5, 8};
  if (name == "hu") return {1e-9, 0.3, 0.999};
  if (name == "phi") return {1e-3, 0.7, 25, 1e6};
  if (name == "shape") return {1e-3, 0.5, 1, 9.5, 10, 37, 1e6};
  return {1e-8, 0.7, 1e6};
}

// The size of what cancels in a row's log density.
inline long double value_scale(const std::string& family, double y, double dpar) {
  if (family == "beta") return (1 + dpar) * (1 + std::fabs(std::log(y)) + std::fabs(std::log1p(-y)));
  return 0;
}

// The same of its derivative by the parameter called `name`, whose value is `dpar`; u: the response's distance from the
// mean in units of sigma, of which skew_normal at a slant of 0 leaves nothing.
inline long double dpar_scale(const std::string& name, long double u, double dpar) {
  if (name == "alpha") return 1e-2L * u;
  if (name == "beta" || name == "sigma" || name == "shape") return 1 / dpar;
  return 0;
}

}  // namespace continuous

#endif
