// Regularised incomplete gamma and beta functions: logarithms of both tails, with derivatives by all arguments.
#ifndef SKEIN_FAMILY_INCOMPLETE_HPP
#define SKEIN_FAMILY_INCOMPLETE_HPP

#include <cmath>
#include <limits>

#include "stirling.hpp"

namespace skein {
namespace family {
namespace detail {

constexpr int most_terms = 100000;  // of a series or continued fraction; about the square root of the arguments is used
constexpr double term_tolerance = 1e-16;

// A number with derivatives by two parameters.
struct Dual2 {
  double value, a, b;
};
inline Dual2 operator+(const Dual2& x, const Dual2& y) { return {x.value + y.value, x.a + y.a, x.b + y.b}; }
inline Dual2 operator*(const Dual2& x, const Dual2& y) {
  return {x.value * y.value, x.a * y.value + x.value * y.a, x.b * y.value + x.value * y.b};
}
inline Dual2 operator/(const Dual2& x, const Dual2& y) {
  const double ratio = x.value / y.value;
  return {ratio, (x.a - ratio * y.a) / y.value, (x.b - ratio * y.b) / y.value};
}
inline Dual2 plus(const Dual2& x, double number) { return {x.value + number, x.a, x.b}; }
inline Dual2 times(const Dual2& x, double number) { return {x.value * number, x.a * number, x.b * number}; }

// A continued fraction in the making, by Lentz's method as modified by Thompson and Barnett.
struct Lentz {
  Dual2 fraction, numerator, denominator;

  // Appends a partial quotient over / (next + ...); false once neither value nor derivatives move.
  bool append(const Dual2& over, const Dual2& next) {
    constexpr double tiny = 1e-290;
    denominator = next + over * denominator;
    if (std::fabs(denominator.value) < tiny) denominator.value = tiny;
    numerator = next + over / numerator;
    if (std::fabs(numerator.value) < tiny) numerator.value = tiny;
    denominator = Dual2{1, 0, 0} / denominator;
    const Dual2 factor = numerator * denominator;
    fraction = fraction * factor;
    const auto moved = [](double change, double total) {
      return std::fabs(change) > term_tolerance * (1 + std::fabs(total));
    };
    return std::fabs(factor.value - 1) > 2 * term_tolerance || moved(factor.a, fraction.a / fraction.value) ||
           moved(factor.b, fraction.b / fraction.value);
  }
};

// log P and log Q = log(1 - P), each with its derivatives by the parameters and by the log or logit of the point.
struct LogTails {
  double log_lower, log_upper;
  double d_lower[3], d_upper[3];  // by a, b, point
};

// Of the tail that was computed and 1 minus it.
inline LogTails both_tails(double log_tail, const double* d, bool is_lower) {
  LogTails tails;
  const double log_other = log_tail < 0 ? simd::log1m_exp(log_tail) : -std::numeric_limits<double>::infinity();
  const double odds = log_tail < 0 ? simd::exp(log_tail - log_other) : 0;
  tails.log_lower = is_lower ? log_tail : log_other;
  tails.log_upper = is_lower ? log_other : log_tail;
  for (int i = 0; i < 3; ++i) {
    const double other = odds > 0 ? -odds * d[i] : 0;
    tails.d_lower[i] = is_lower ? d[i] : other;
    tails.d_upper[i] = is_lower ? other : d[i];
  }
  return tails;
}

inline LogTails certain_tail(bool is_lower) {
  const double none[3] = {0, 0, 0};
  return both_tails(0, none, is_lower);
}

// P(a, x) = integral of t^(a - 1) exp(-t) / gamma(a) up to x, a > 0. Derivatives by a (index 0) and log x (index 2).
// Below a + 1 the series P = k (1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...), k = x^a exp(-x) / gamma(a + 1); above
// it Legendre's continued fraction Q = a k / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)).
inline LogTails incomplete_gamma(double a, double x) {
  if (!(x > 0)) return certain_tail(false);
  if (x == std::numeric_limits<double>::infinity()) return certain_tail(true);
  const double log_kernel = log_poisson(a, x);
  const bool is_lower = x < a + 1;
  Dual2 factor;
  if (is_lower) {
    Dual2 term = {1, 0, 0};
    factor = term;
    for (int n = 1; n < most_terms; ++n) {
      term = times(term, x) / Dual2{a + n, 1, 0};
      factor = factor + term;
      // Not <: both sides are 0 where x is next to 0.
      if (term.value <= term_tolerance * factor.value && std::fabs(term.a) <= term_tolerance * std::fabs(factor.a))
        break;
    }
  } else {
    Lentz lentz;
    const Dual2 first = {x + 1 - a, -1, 0};
    lentz.denominator = lentz.fraction = Dual2{1, 0, 0} / first;
    lentz.numerator = {1e290, 0, 0};
    for (int n = 1; n < most_terms; ++n) {
      const Dual2 over = {-n * (n - a), static_cast<double>(n), 0};
      if (!lentz.append(over, {x + 1 - a + 2 * n, -1, 0})) break;
    }
    factor = times(lentz.fraction, a);
    factor.a += lentz.fraction.value;
  }
  const double log_tail = std::fmin(0.0, log_kernel + simd::log(factor.value));
  const double d_kernel = simd::log(x / a) + (simd::log(a) - simd::digamma(a + 1));
  const double density = a * simd::exp(log_kernel - log_tail);
  const double d[3] = {d_kernel + factor.a / factor.value, 0, is_lower ? density : -density};
  return both_tails(log_tail, d, is_lower);
}

// I(a, b; x) at x = u / (u + v), u, v >= 0, a, b > 0. Derivatives by a, b (indices 0, 1) and logit x (index 2). The
// continued fraction (DLMF 8.17.22) is taken on the side where it converges fast.
inline LogTails incomplete_beta(double a, double b, double u, double v) {
  if (!(u > 0) || v == std::numeric_limits<double>::infinity()) return certain_tail(false);
  if (!(v > 0) || u == std::numeric_limits<double>::infinity()) return certain_tail(true);
  const double x = 1 / (1 + v / u), y = 1 / (1 + u / v);
  const bool is_lower = x * (a + b + 2) < a + 1;
  const double log_kernel = log_beta_kernel(a, b, x, y);
  const double z = is_lower ? x : y;
  const Dual2 p = is_lower ? Dual2{a, 1, 0} : Dual2{b, 0, 1};
  const Dual2 q = is_lower ? Dual2{b, 0, 1} : Dual2{a, 1, 0};
  const Dual2 sum = p + q;
  const Dual2 one = {1, 0, 0};
  Lentz lentz;
  lentz.numerator = one;
  const Dual2 first = one / (one + times(sum / plus(p, 1), -z));
  lentz.denominator = lentz.fraction = first;
  for (int m = 1; m < most_terms; ++m) {
    const Dual2 even = times(plus(times(q, m), -1.0 * m * m), z) / (plus(p, 2 * m - 1) * plus(p, 2 * m));
    const Dual2 odd = times(plus(p, m) * plus(sum, m), -z) / (plus(p, 2 * m) * plus(p, 2 * m + 1));
    const bool moving = lentz.append(even, one);
    if (!lentz.append(odd, one) && !moving) break;
  }
  const Dual2 factor = lentz.fraction / p;
  const double log_tail = std::fmin(0.0, log_kernel + simd::log(factor.value));
  const double psi = simd::digamma(a + b);
  const double density = simd::exp(log_kernel - log_tail);
  const double d[3] = {-simd::log1p(v / u) + psi - simd::digamma(a) + factor.a / factor.value,
                       -simd::log1p(u / v) + psi - simd::digamma(b) + factor.b / factor.value,
                       is_lower ? density : -density};
  return both_tails(log_tail, d, is_lower);
}

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
