// One random draw from each discrete family, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_RANDOM_DISCRETE_HPP
#define SKEIN_FAMILY_RANDOM_DISCRETE_HPP

#include "random_base.hpp"

namespace skein {
namespace family {
namespace random_of {

using util::Stream;

inline double poisson(double mu, const double*, double, Stream& stream) { return detail::random_poisson(mu, stream); }

// Poisson with a gamma-distributed mean.
inline double negbinomial(double mu, const double* dpar, double, Stream& stream) {
  const double shape = dpar[0];
  return detail::random_poisson(detail::random_gamma(shape, stream) * (mu / shape), stream);
}

inline double bernoulli(double mu, const double*, double, Stream& stream) { return stream.uniform() < mu ? 1 : 0; }

inline double binomial(double mu, const double*, double trials, Stream& stream) {
  return detail::random_binomial(trials, mu, 1 - mu, stream);
}

// P(Y >= k) = (mu / (1 + mu))^k.
inline double geometric(double mu, const double*, double, Stream& stream) {
  return std::floor(detail::random_exponential(stream) / simd::log1p(1 / mu));
}

inline double beta_binomial(double mu, const double* dpar, double trials, Stream& stream) {
  const double logit = detail::random_logit_beta(mu * dpar[0], (1 - mu) * dpar[0], stream);
  return detail::random_binomial(trials, simd::inv_logit(logit), simd::inv_logit(-logit), stream);
}

inline double zero_inflated_poisson(double mu, const double* dpar, double trials, Stream& stream) {
  return stream.uniform() < dpar[0] ? 0 : poisson(mu, dpar, trials, stream);
}

inline double zero_inflated_negbinomial(double mu, const double* dpar, double trials, Stream& stream) {
  return stream.uniform() < dpar[1] ? 0 : negbinomial(mu, dpar, trials, stream);
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
