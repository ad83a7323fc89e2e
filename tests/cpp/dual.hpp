// Long double numbers that carry one derivative: reference formulas written once give values and gradients.
#ifndef SKEIN_TESTS_DUAL_HPP
#define SKEIN_TESTS_DUAL_HPP

#include <cmath>

namespace reference {

using Real = long double;

struct Dual {
  Real value = 0;
  Real slope = 0;
  Dual() = default;
  Dual(Real v, Real d = 0) : value(v), slope(d) {}
};

inline Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
inline Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
inline Dual operator-(Dual a) { return {-a.value, -a.slope}; }
inline Dual operator*(Dual a, Dual b) { return {a.value * b.value, a.slope * b.value + a.value * b.slope}; }
inline Dual operator/(Dual a, Dual b) {
  const Real ratio = a.value / b.value;
  return {ratio, (a.slope - ratio * b.slope) / b.value};
}

// f(a) by the chain rule; a slope of 0 stays 0 even if f' is infinite.
inline Dual chain(Dual a, Real value, Real derivative) { return {value, a.slope == 0 ? 0 : a.slope * derivative}; }

inline Dual exp(Dual a) { return chain(a, std::exp(a.value), std::exp(a.value)); }
inline Dual expm1(Dual a) { return chain(a, std::expm1(a.value), std::exp(a.value)); }
inline Dual log(Dual a) { return chain(a, std::log(a.value), 1 / a.value); }
inline Dual log1p(Dual a) { return chain(a, std::log1p(a.value), 1 / (1 + a.value)); }
inline Dual sqrt(Dual a) { return chain(a, std::sqrt(a.value), 0.5L / std::sqrt(a.value)); }
inline Dual tanh(Dual a) { return chain(a, std::tanh(a.value), 1 / (std::cosh(a.value) * std::cosh(a.value))); }
inline Dual atan(Dual a) { return chain(a, std::atan(a.value), 1 / (1 + a.value * a.value)); }
inline Dual abs(Dual a) { return a.value < 0 ? -a : a; }

// Digamma by recurrence up to 30, then its asymptotic series.
inline Real digamma(Real x) {
  Real sum = 0;
  for (; x < 30; x += 1) sum -= 1 / x;
  const Real z = 1 / (x * x);
  const Real series =
      z * (1.0L / 12 -
           z * (1.0L / 120 - z * (1.0L / 252 - z * (1.0L / 240 - z * (1.0L / 132 - z * (691.0L / 32760 - z / 12))))));
  return sum + std::log(x) - 0.5L / x - series;
}
inline Dual lgamma(Dual a) { return chain(a, std::lgamma(a.value), digamma(a.value)); }

const Real pi = 3.14159265358979323846264338327950288L;

// log Phi(x): by erfc, below -10 by the continued fraction of Mills' ratio 1 / (t + 1 / (t + 2 / (t + ...))), t = -x.
inline Dual log_normal_cdf(Dual a) {
  const Real x = a.value;
  const Real log_pdf = -0.5L * x * x - 0.5L * std::log(2 * pi);
  Real value;
  if (x > -10) {
    value =
        x > 0 ? std::log1p(-0.5L * std::erfc(x / std::sqrt(2.0L))) : std::log(0.5L * std::erfc(-x / std::sqrt(2.0L)));
    return chain(a, value, std::exp(log_pdf - value));
  }
  Real denominator = -x;
  for (int k = 200; k >= 1; --k) denominator = -x + k / denominator;
  return chain(a, log_pdf - std::log(denominator), denominator);
}

}  // namespace reference

#endif
