// Random draws from each continuous family, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_RANDOM_CONTINUOUS_HPP
#define SKEIN_FAMILY_RANDOM_CONTINUOUS_HPP

#include "random_base.hpp"
#include "random_rows.hpp"

namespace skein {
namespace family {
namespace random_of {

using util::Stream;

namespace many {

inline void gaussian(const RandomRows& all, double* out) {
  detail::normals(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] = all.mu[i] + all.dpar[0][i] * out[i];
}

inline void lognormal(const RandomRows& all, double* out) {
  gaussian(all, out);
  simd::vector_operations().exp_n(out, out, all.n);
}

inline void shifted_lognormal(const RandomRows& all, double* out) {
  lognormal(all, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] += all.dpar[1][i];
}

inline void hurdle_lognormal(const RandomRows& all, double* out) {
  RandomRows positive = all;
  positive.uniform[0] = all.uniform[1];
  lognormal(positive, out);
  detail::put_zeros(all.uniform[0], all.dpar[1], all.n, out);
}

inline void exponential(const RandomRows& all, double* out) {
  detail::exponentials(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] *= all.mu[i];
}

// mu e^(1 / shape) / Gamma(1 + 1 / shape) of an exponential variable e.
inline void weibull(const RandomRows& all, double* out) {
  const simd::VectorOperations& operations = simd::vector_operations();
  detail::exponentials(all.uniform[0], all.n, out);
  operations.log_n(out, out, all.n);
  for (std::size_t i = 0; i < all.n; ++i) {
    const double inverse_shape = 1 / all.dpar[0][i];
    out[i] = inverse_shape * out[i] - simd::lgamma1p(inverse_shape);
  }
  operations.exp_n(out, out, all.n);
  for (std::size_t i = 0; i < all.n; ++i) out[i] *= all.mu[i];
}

// Michael, Schucany and Haas (1976), "Generating random variates using transformations with multiple roots". In units
// of the mean the smaller root is 1 + e - sqrt(e (2 + e)) with e = chi^2 mu / (2 shape), here without its cancellation.
inline void inverse_gaussian(const RandomRows& all, double* out) {
  detail::normals(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) {
    const double mu = all.mu[i];
    const double e = 0.5 * out[i] * out[i] * (mu / all.dpar[0][i]);
    const double root = 1 / (1 + e + std::sqrt(e * (2 + e)));
    out[i] = all.uniform[1][i] * (1 + root) < 1 ? mu * root : mu / root;
  }
}

// delta |Z| + sqrt(1 - delta^2) Z' is skew normal with slant alpha (Azzalini 1985); then to mean 0 and variance 1.
inline void skew_normal(const RandomRows& all, double* out) {
  detail::normals(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) {
    const double alpha = all.dpar[1][i];
    const double inverse_root = 1 / std::sqrt(1 + alpha * alpha);
    const double delta = alpha * inverse_root;
    const double mean = 0.79788456080286535588 * delta;
    const double w = delta * std::fabs(out[i]) + inverse_root * simd::std_normal_quantile(all.uniform[1][i]);
    out[i] = all.mu[i] + all.dpar[0][i] * (w - mean) / std::sqrt(1 - mean * mean);
  }
}

inline void exgaussian(const RandomRows& all, double* out) {
  detail::normals(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) {
    const double exponential = -simd::log(all.uniform[1][i]);
    out[i] = all.mu[i] + all.dpar[0][i] * out[i] + all.dpar[1][i] * (exponential - 1);
  }
}

inline void gamma(const RandomRows& all, double* out) {
  detail::gamma_tries(all.dpar[0], all.uniform[0], all.uniform[1], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] *= all.mu[i] / all.dpar[0][i];
}

inline void hurdle_gamma(const RandomRows& all, double* out) {
  RandomRows positive = all;
  positive.uniform[0] = all.uniform[1];
  positive.uniform[1] = all.uniform[2];
  gamma(positive, out);
  detail::put_zeros(all.uniform[0], all.dpar[1], all.n, out);
}

}  // namespace many

inline double one_gamma(double mu, const double* dpar, double, Stream& stream) {
  return detail::random_gamma(dpar[0], stream) * (mu / dpar[0]);
}

inline double one_hurdle_gamma(double mu, const double* dpar, double, Stream& stream) {
  return stream.uniform() < dpar[1] ? 0 : one_gamma(mu, dpar, 0, stream);
}

// A normal variable over the root of a chi-squared one with nu degrees of freedom, over nu.
inline double student(double mu, const double* dpar, double, Stream& stream) {
  const double z = detail::random_normal(stream);
  const double half_nu = 0.5 * dpar[1];
  return mu + dpar[0] * z / std::sqrt(detail::random_gamma(half_nu, stream) / half_nu);
}

inline double beta(double mu, const double* dpar, double, Stream& stream) {
  return simd::inv_logit(detail::random_logit_beta(mu * dpar[0], (1 - mu) * dpar[0], stream));
}

constexpr RandomFormula<many::gaussian> gaussian{};
constexpr RandomFormula<many::lognormal> lognormal{};
constexpr RandomFormula<many::shifted_lognormal> shifted_lognormal{};
constexpr RandomFormula<many::hurdle_lognormal> hurdle_lognormal{};
constexpr RandomFormula<many::exponential> exponential{};
constexpr RandomFormula<many::weibull> weibull{};
constexpr RandomFormula<many::inverse_gaussian> inverse_gaussian{};
constexpr RandomFormula<many::skew_normal> skew_normal{};
constexpr RandomFormula<many::exgaussian> exgaussian{};
constexpr RandomPair<one_gamma, many::gamma, 2> gamma{};
constexpr RandomPair<one_hurdle_gamma, many::hurdle_gamma, 4> hurdle_gamma{};

}  // namespace random_of
}  // namespace family
}  // namespace skein

#endif
