// Row log densities of the continuous families beyond gaussian and student; see family_reference.hpp, which includes
// this file.
#ifndef SKEIN_TESTS_FAMILY_REFERENCE_CONTINUOUS_HPP
#define SKEIN_TESTS_FAMILY_REFERENCE_CONTINUOUS_HPP

#include "family_reference.hpp"

namespace reference {

inline Dual log_normal_pdf(Dual z) { return -Dual(0.5L) * z * z - Dual(0.5L * std::log(2 * pi)); }

inline Dual log_lognormal(Dual y, Dual mu, Dual sigma) {
  return log_normal_pdf((log(y) - mu) / sigma) - log(sigma) - log(y);
}

// Shape and rate shape / mu; log(mu) is given.
inline Dual log_gamma_density(Dual y, Dual log_mu, Dual shape) {
  return shape * (log(shape) - log_mu) - lgamma(shape) + (shape - Dual(1)) * log(y) - shape * y * exp(-log_mu);
}

inline Dual log_mean(const std::string& link, Dual x) { return link == "log" ? x : log(mean(link, x)); }

// Location, scale and slant made of mean, standard deviation and slant.
inline Dual log_skew_normal(Dual y, Dual mu, Dual sigma, Dual alpha) {
  const Dual delta = alpha / sqrt(Dual(1) + alpha * alpha);
  const Dual omega = sigma / sqrt(Dual(1) - Dual(2 / pi) * delta * delta);
  const Dual z = (y - (mu - omega * delta * Dual(std::sqrt(2 / pi)))) / omega;
  return Dual(std::log(2.0L)) - log(omega) + log_normal_pdf(z) + log_normal_cdf(alpha * z);
}

// Stan's exp_mod_normal(mu - beta, sigma, 1 / beta); far below the mean by the continued fraction of Mills's ratio.
inline Dual log_exgaussian(Dual y, Dual mu, Dual sigma, Dual beta) {
  const Dual d = y - mu + beta, z = d / sigma, r = sigma / beta;
  const Dual a = z - r;
  if (a.value > -10) return -log(beta) + Dual(0.5L) * r * r - d / beta + log_normal_cdf(a);
  Dual denominator = -a;
  for (int k = 200; k >= 1; --k) denominator = -a + Dual(k) / denominator;
  return -log(beta) + log_normal_pdf(z) - log(denominator);
}

inline Dual log_beta_density(const LogProbability& mean, Real response, Dual phi) {
  const Dual a = exp(mean.log_p) * phi, b = exp(mean.log_q) * phi;
  return lgamma(phi) - lgamma(a) - lgamma(b) + (a - Dual(1)) * Dual(std::log(response)) +
         (b - Dual(1)) * Dual(std::log1p(-response));
}

inline Dual log_inverse_gaussian(Dual y, Dual mu, Dual shape) {
  const Dual distance = y / mu - Dual(1);
  return Dual(0.5L) * (log(shape) - Dual(std::log(2 * pi))) - Dual(1.5L) * log(y) -
         Dual(0.5L) * shape * distance * distance / y;
}

inline bool continuous_log_density(const std::string& family, const std::string& link, const Row& row, Dual& out) {
  const Dual y = row.response, eta = row.predictor;
  const bool hurdle = family.compare(0, 7, "hurdle_") == 0;
  const std::string positive = hurdle ? family.substr(7) : family;
  if (positive == "lognormal" || positive == "gamma") {
    const Dual hu = row.dpar[1];
    if (hurdle && row.response == 0)
      out = log(hu);
    else if (positive == "lognormal")
      out = log_lognormal(y, mean(link, eta), row.dpar[0]);
    else
      out = log_gamma_density(y, log_mean(link, eta), row.dpar[0]);
    if (hurdle && row.response != 0) out = out + log1p(-hu);
  } else if (family == "shifted_lognormal") {
    out = log_lognormal(y - row.dpar[1], mean(link, eta), row.dpar[0]);
  } else if (family == "exponential") {
    const Dual log_mu = log_mean(link, eta);
    out = -log_mu - y * exp(-log_mu);
  } else if (family == "weibull") {
    const Dual shape = row.dpar[0];
    const Dual t = shape * (log(y) - log_mean(link, eta) + lgamma(Dual(1) + Dual(1) / shape));
    out = log(shape) + t - log(y) - exp(t);
  } else if (family == "beta") {
    out = log_beta_density(probability(link, eta), row.response, row.dpar[0]);
  } else if (family == "inverse.gaussian") {
    out = log_inverse_gaussian(y, link == "1/mu^2" ? Dual(1) / sqrt(eta) : mean(link, eta), row.dpar[0]);
  } else if (family == "skew_normal") {
    out = log_skew_normal(y, mean(link, eta), row.dpar[0], row.dpar[1]);
  } else if (family == "exgaussian") {
    out = log_exgaussian(y, mean(link, eta), row.dpar[0], row.dpar[1]);
  } else {
    return false;
  }
  return true;
}

}  // namespace reference

#endif
