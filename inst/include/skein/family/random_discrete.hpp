// Random draws from each discrete family, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_RANDOM_DISCRETE_HPP
#define SKEIN_FAMILY_RANDOM_DISCRETE_HPP

#include "random_base.hpp"
#include "random_rows.hpp"

namespace skein {
namespace family {
namespace random_of {

using util::Stream;

namespace many {

inline void bernoulli(const RandomRows& all, double* out) {
  for (std::size_t i = 0; i < all.n; ++i) out[i] = all.uniform[0][i] < all.mu[i] ? 1 : 0;
}

// P(Y >= k) = (mu / (1 + mu))^k.
inline void geometric(const RandomRows& all, double* out) {
  detail::exponentials(all.uniform[0], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] = std::floor(out[i] / simd::log1p(1 / all.mu[i]));
}

inline void poisson(const RandomRows& all, double* out) {
  simd::vector_operations().poisson_quantile(all.mu, all.uniform[0], out, all.n);
}

inline void zero_inflated_poisson(const RandomRows& all, double* out) {
  simd::vector_operations().poisson_quantile(all.mu, all.uniform[1], out, all.n);
  detail::put_zeros(all.uniform[0], all.dpar[0], all.n, out);
}

// Poisson with a gamma-distributed mean, from three uniforms on from the k-th.
inline void negbinomial_from(std::size_t k, const RandomRows& all, double* out) {
  detail::gamma_tries(all.dpar[0], all.uniform[k], all.uniform[k + 1], all.n, out);
  for (std::size_t i = 0; i < all.n; ++i) out[i] *= all.mu[i] / all.dpar[0][i];
  simd::vector_operations().poisson_quantile(out, all.uniform[k + 2], out, all.n);
}

inline void negbinomial(const RandomRows& all, double* out) { negbinomial_from(0, all, out); }

inline void zero_inflated_negbinomial(const RandomRows& all, double* out) {
  negbinomial_from(1, all, out);
  detail::put_zeros(all.uniform[0], all.dpar[1], all.n, out);
}

}  // namespace many

inline double one_poisson(double mu, const double*, double, Stream& stream) {
  return detail::random_poisson(mu, stream);
}

inline double one_negbinomial(double mu, const double* dpar, double, Stream& stream) {
  const double shape = dpar[0];
  return detail::random_poisson(detail::random_gamma(shape, stream) * (mu / shape), stream);
}

inline double one_zero_inflated_poisson(double mu, const double* dpar, double, Stream& stream) {
  return stream.uniform() < dpar[0] ? 0 : detail::random_poisson(mu, stream);
}

inline double one_zero_inflated_negbinomial(double mu, const double* dpar, double, Stream& stream) {
  return stream.uniform() < dpar[1] ? 0 : one_negbinomial(mu, dpar, 0, stream);
}

constexpr RandomFormula<many::bernoulli> bernoulli{};
constexpr RandomFormula<many::geometric> geometric{};
constexpr RandomPair<one_poisson, many::poisson, 2> poisson{};
constexpr RandomPair<one_zero_inflated_poisson, many::zero_inflated_poisson, 2> zero_inflated_poisson{};
constexpr RandomPair<one_negbinomial, many::negbinomial, 4> negbinomial{};
constexpr RandomPair<one_zero_inflated_negbinomial, many::zero_inflated_negbinomial, 4> zero_inflated_negbinomial{};

inline double binomial(double mu, const double*, double trials, Stream& stream) {
  return detail::random_binomial(trials, mu, 1 - mu, stream);
}

inline double beta_binomial(double mu, const double* dpar, double trials, Stream& stream) {
  const double logit = detail::random_logit_beta(mu * dpar[0], (1 - mu) * dpar[0], stream);
  return detail::random_binomial(trials, simd::inv_logit(logit), simd::inv_logit(-logit), stream);
}

inline double zero_inflated_binomial(double mu, const double* dpar, double trials, Stream& stream) {
  return stream.uniform() < dpar[0] ? 0 : binomial(mu, dpar, trials, stream);
}

// A count that is not zero is one more than the events after the first in a process of rate 1 over a time of mu, given
// that there is a first: its time is an exponential variable below mu.
inline double hurdle_poisson(double mu, const double* dpar, double, Stream& stream) {
  if (stream.uniform() < dpar[0]) return 0;
  const double first = -simd::log1p(stream.uniform() * simd::expm1(-mu));
  return 1 + detail::random_poisson(std::fmax(mu - first, 0), stream);
}

// Likewise by the birth process with immigration: started empty, with rate `shape` of arrivals and 1 of births, it is
// negative binomial with mean shape (exp(t) - 1) at time t. After the first arrival its `shape` is one more.
inline double hurdle_negbinomial(double mu, const double* dpar, double, Stream& stream) {
  if (stream.uniform() < dpar[1]) return 0;
  const double shape = dpar[0];
  const double time = simd::log1p(mu / shape);
  const double first = -simd::log1p(stream.uniform() * simd::expm1(-shape * time)) / shape;
  const double after[1] = {shape + 1};
  return 1 + negbinomial(after[0] * simd::expm1(std::fmax(time - first, 0)), after, 0, stream);
}

}  // namespace random_of
}  // namespace family
}  // namespace skein

#endif
