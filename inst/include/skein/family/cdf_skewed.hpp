// Tail probabilities of skew_normal and exgaussian; any real y is allowed.
#ifndef SKEIN_FAMILY_CDF_SKEWED_HPP
#define SKEIN_FAMILY_CDF_SKEWED_HPP

#include "cdf_positive.hpp"
#include "quadrature.hpp"

namespace skein {
namespace family {
namespace detail {

constexpr double log_pi = 1.14472988584940017414;

// Integral of exp(-h^2 (x^2 - from^2) / 2) / (1 + x^2) for x from `from` to `to`, in four panels. The range must end
// where the exponential is negligible or be no wider than 10: the poles at +-i set the nodes' number.
inline double slant_integral(double h, double from, double to) {
  constexpr int panels = 4;
  double exponents[panels * quadrature_points], x[panels * quadrature_points];
  const double width = (to - from) / panels;
  for (int p = 0, i = 0; p < panels; ++p) {
    for (int k = 0; k < quadrature_points; ++k, ++i) {
      const double step = width * (p + quadrature_node[k]);
      x[i] = from + step;
      exponents[i] = -0.5 * h * h * step * (2 * from + step);
    }
  }
  simd::vector_operations().exp_n(exponents, exponents, panels * quadrature_points);
  double sum = 0;
  for (int p = 0, i = 0; p < panels; ++p)
    for (int k = 0; k < quadrature_points; ++k, ++i) sum += quadrature_weight[k] * (exponents[i] / (1 + x[i] * x[i]));
  return width * sum;
}

// log P(W <= -h) of the skew normal W with density 2 phi(w) Phi(slant w): its light tail, h >= 0, slant >= 0. It is
// the integral of exp(-h^2 (1 + x^2) / 2) / (pi (1 + x^2)) over x > slant, or Phi(-h) - 2 T(h, slant) by Owen's
// function T (Owen 1956), whose slants above 1 are turned into slants below 1.
inline double log_light_tail(double h, double slant) {
  if (h >= 1) {
    if (!(h < 1e150)) return minus_infinity;
    const double to = std::sqrt(slant * slant + 80 / (h * h));
    return -0.5 * h * h * (1 + slant * slant) - log_pi + simd::log(slant_integral(h, slant, to));
  }
  constexpr double inverse_pi = 0.31830988618379067154;
  const double middle = 2 * normal_difference(h, h);  // P(|Z| < h)
  if (slant <= 1) {
    const double owen = inverse_pi * simd::exp(-0.5 * h * h) * slant_integral(h, 0, slant);
    return simd::log(0.5 * (1 - middle) - owen);
  }
  const double scaled = slant * h;
  const double owen = 2.50662827463100050242 * inverse_pi * slant_integral(scaled, 0, 1 / slant);
  return simd::std_normal_log_pdf(scaled) + simd::log(owen - mills_ratio(scaled) * middle);
}

}  // namespace detail

namespace tails_of {

// In the notation of skew_normal.inc; beyond the light tail, P(W <= -h) + P(W > h) = P(|Z| > h).
inline TailProbabilities skew_normal(double y, double mu, const double* dpar, double) {
  const double sigma = dpar[0], alpha = dpar[1];
  const double s = 0.79788456080286535588;
  const double inverse_root = 1 / std::sqrt(1 + alpha * alpha);
  const double shift = s * alpha * inverse_root;
  const double scale = std::sqrt(1 - shift * shift);
  const double d_shift = s * inverse_root * inverse_root * inverse_root;
  const double u = (y - mu) / sigma;
  const double w = u * scale + shift;
  if (std::fabs(w) == detail::plus_infinity) return w < 0 ? detail::all_above() : detail::all_below();
  const double size = std::fabs(w);
  const bool is_lower = w < 0;
  double log_tail = detail::log_light_tail(size, std::fabs(alpha));
  if (is_lower == (alpha < 0)) {
    const double log_both = 0.69314718055994530942 + simd::std_normal_log_cdf(-size);
    log_tail = log_both + simd::log1m_exp(std::fmin(log_tail - log_both, -1e-300));
  }
  // P(W <= w) by w over phi(w), and by the slant at fixed w.
  const double d_w = 2 * simd::std_normal_cdf(alpha * w);
  const double d_slant = -s * simd::exp(-0.5 * alpha * alpha * w * w) * inverse_root * inverse_root;
  const double d_w_alpha = d_shift - u * shift * d_shift / scale;
  const double d[3] = {-d_w * scale / sigma, -d_w * u * scale / sigma, d_w * d_w_alpha + d_slant};
  return detail::tails_of_one(log_tail, is_lower, simd::std_normal_log_pdf(w), d, 3);
}

// In the notation of exgaussian.inc, with f the density: P(Y > y) = Phi(-z) + beta f. The lower tail, Phi(z) - beta f,
// is phi(z) (m(-z) - m(r - z)) for z < 0 with Mills's ratio m, else Phi(z) - Phi(a) + Phi(a) (1 - exp(r (r / 2 - z))).
inline TailProbabilities exgaussian(double y, double mu, const double* dpar, double) {
  const double sigma = dpar[0], beta = dpar[1];
  const double z = (y - mu + beta) / sigma, r = sigma / beta;
  if (std::fabs(z) == detail::plus_infinity) return z < 0 ? detail::all_above() : detail::all_below();
  const double a = z - r;
  const bool far = a <= 0;
  const double excess = far ? simd::std_normal_excess_hazard(-a) : 0;
  const double h = far ? excess : simd::std_normal_hazard(a);
  const double log_scaled_density =
      far ? simd::std_normal_log_pdf(z) - simd::log(excess - a) : r * (0.5 * r - z) + simd::std_normal_log_cdf(a);
  const double log_rest = simd::std_normal_log_cdf(-z);
  const double larger = std::fmax(log_rest, log_scaled_density);
  if (larger == detail::minus_infinity) return detail::all_below();
  double log_tail = larger + simd::log1p(simd::exp(std::fmin(log_rest, log_scaled_density) - larger));
  bool is_lower = false;
  if (z < 0) {
    is_lower = true;
    log_tail = simd::std_normal_log_pdf(z) + simd::log(detail::mills_difference(-z, r));
  } else if (r < 0.5 && log_tail > -0.69314718055994530942) {
    is_lower = true;
    log_tail = simd::log(detail::normal_difference(z, r) - simd::std_normal_cdf(a) * simd::expm1(r * (0.5 * r - z)));
  }
  // By mu, sigma and beta, over the density.
  const double d[3] = {-1, h - (far ? z : r), 1 - r * (far ? h : a + h)};
  return detail::tails_of_one(log_tail, is_lower, log_scaled_density - simd::log(beta), d, 3);
}

}  // namespace tails_of
}  // namespace family
}  // namespace skein

#endif
