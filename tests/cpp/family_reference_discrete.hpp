// Row log densities of the discrete families beyond poisson, negbinomial, bernoulli and binomial; see
// family_reference.hpp, which includes this file.
#ifndef SKEIN_TESTS_FAMILY_REFERENCE_DISCRETE_HPP
#define SKEIN_TESTS_FAMILY_REFERENCE_DISCRETE_HPP

#include "family_reference.hpp"

namespace reference {

inline Dual log_add(Dual a, Dual b) { return a.value > b.value ? a + log1p(exp(b - a)) : b + log1p(exp(a - b)); }

// The family whose counts a zero-inflated or hurdle family has besides its zeros; "" for any other.
inline std::string base_family(const std::string& family) {
  for (const std::string prefix : {"zero_inflated_", "hurdle_"})
    if (family.compare(0, prefix.size(), prefix) == 0) return family.substr(prefix.size());
  return "";
}

// By Stan's beta_binomial with a = mu phi, b = (1 - mu) phi; the first factors a and b as logarithms.
inline Dual log_beta_binomial(const LogProbability& p, const Row& row) {
  const Dual phi = row.dpar[0];
  const Real y = row.response, failures = row.trials - y;
  const Real choose = std::lgamma(row.trials + 1) - std::lgamma(y + 1) - std::lgamma(failures + 1);
  Dual sum = Dual(choose) - log_rising(phi, row.trials);
  if (y > 0) sum = sum + p.log_p + log(phi) + log_rising(exp(p.log_p) * phi + Dual(1), y - 1);
  if (failures > 0) sum = sum + p.log_q + log(phi) + log_rising(exp(p.log_q) * phi + Dual(1), failures - 1);
  return sum;
}

inline bool discrete_log_density(const std::string& family, const std::string& link, const Row& row, Dual& out) {
  if (family == "geometric") {
    const Dual mu = mean(link, row.predictor);
    const Dual log_mu = link == "log" ? row.predictor : log(mu);
    out = times(row.response, log_mu) - Dual(row.response + 1) * log1p(mu);
    return true;
  }
  if (family == "beta_binomial") {
    out = log_beta_binomial(probability(link, row.predictor), row);
    return true;
  }
  const std::string base = base_family(family);
  if (base != "poisson" && base != "negbinomial" && base != "binomial") return false;
  const Dual p = row.dpar[base == "negbinomial" ? 1 : 0];  // zi or hu
  const Dual counted = log1p(-p) + log_density(base, link, row);
  if (family != "hurdle_" + base) {
    out = row.response == 0 ? log_add(log(p), counted) : counted;
    return true;
  }
  Row zero = row;
  zero.response = 0;
  out = row.response == 0 ? log(p) : counted - log1m_exp(log_density(base, link, zero));
  return true;
}

}  // namespace reference

#endif
