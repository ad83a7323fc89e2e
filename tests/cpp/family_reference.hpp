// The families' row log densities, straight from Stan's and brms's formulas, in long double with derivatives.
#ifndef SKEIN_TESTS_FAMILY_REFERENCE_HPP
#define SKEIN_TESTS_FAMILY_REFERENCE_HPP

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "dual.hpp"

namespace reference {

// One row: response, number of trials, linear predictor of mu, further parameters.
struct Row {
  Real response;
  Real trials;
  Dual predictor;
  Dual dpar[2];
};

struct LogProbability {
  Dual log_p;
  Dual log_q;
};

inline LogProbability logistic(Dual x) {
  const Dual tail = log1p(exp(-abs(x)));
  return x.value < 0 ? LogProbability{x - tail, -tail} : LogProbability{-tail, -x - tail};
}

// log P(t <= x), t standard Cauchy.
inline Dual log_cauchy_cdf(Dual x) { return x.value < 0 ? log(atan(Dual(-1) / x) / pi) : log(atan(x) / pi + 0.5L); }

// log(1 - exp(x)), x < 0.
inline Dual log1m_exp(Dual x) { return x.value < -1 ? log1p(-exp(x)) : log(-expm1(x)); }

inline LogProbability probability(const std::string& link, Dual x) {
  if (link == "logit") return logistic(x);
  if (link == "probit_approx") return logistic(Dual(0.07056) * x * x * x + Dual(1.5976) * x);
  if (link == "probit") return {log_normal_cdf(x), log_normal_cdf(-x)};
  if (link == "cloglog") return {log1m_exp(-exp(x)), -exp(x)};
  if (link == "cauchit") return {log_cauchy_cdf(x), log_cauchy_cdf(-x)};
  if (link == "softit") {
    const Dual s = log1p(exp(x));
    return {log(s / (Dual(1) + s)), -log1p(s)};
  }
  if (link == "identity") return {log(x), log1p(-x)};
  if (link == "log") return {x, log1m_exp(x)};
  throw std::invalid_argument(link);
}

inline Dual mean(const std::string& link, Dual x) {
  if (link == "identity") return x;
  if (link == "log") return exp(x);
  if (link == "inverse") return Dual(1) / x;
  if (link == "sqrt") return x * x;
  if (link == "softplus") return x.value > 50 ? x + log1p(exp(-x)) : log1p(exp(x));
  if (link == "squareplus") {
    const Dual root = sqrt(x * x + Dual(4));
    return x.value < 0 ? Dual(2) / (root - x) : (x + root) / Dual(2);
  }
  return exp(probability(link, x).log_p);
}

// log(a (a + 1) ... (a + y - 1)) for a whole number y. Kept once computed: few values of a and y, asked for many times.
inline Dual log_rising(Dual a, Real y) {
  static std::map<std::pair<Real, Real>, Dual> known;  // with the derivative by a
  const auto found = known.emplace(std::make_pair(a.value, y), Dual());
  Dual& sum = found.first->second;
  for (Real k = 0; k < y && found.second; k += 1) sum = sum + log(Dual(a.value, 1) + Dual(k));
  return chain(a, sum.value, sum.slope);
}

inline Dual times(Real count, Dual log_value) { return count == 0 ? Dual(0) : Dual(count) * log_value; }

// Of the families that family_reference_discrete.hpp or family_reference_continuous.hpp has; false for any other.
bool discrete_log_density(const std::string& family, const std::string& link, const Row& row, Dual& out);
bool continuous_log_density(const std::string& family, const std::string& link, const Row& row, Dual& out);

inline Dual log_density(const std::string& family, const std::string& link, const Row& row) {
  Dual found;
  if (continuous_log_density(family, link, row, found)) return found;
  if (discrete_log_density(family, link, row, found)) return found;
  const Dual y = row.response;
  if (family == "gaussian") {
    const Dual z = (y - mean(link, row.predictor)) / row.dpar[0];
    return -Dual(0.5L) * z * z - log(row.dpar[0]) - Dual(0.5L * std::log(2 * pi));
  }
  if (family == "student") {
    const Dual nu = row.dpar[1];
    const Dual z = (y - mean(link, row.predictor)) / row.dpar[0];
    const Dual half = 0.5L;
    return lgamma((nu + Dual(1)) * half) - lgamma(nu * half) - half * log(nu * Dual(pi)) - log(row.dpar[0]) -
           (nu + Dual(1)) * half * log1p(z * z / nu);
  }
  if (family == "poisson" || family == "negbinomial") {
    const Dual mu = mean(link, row.predictor);
    const Dual log_mu = link == "log" ? row.predictor : log(mu);
    const Dual constant = -lgamma(Dual(row.response + 1));
    if (family == "poisson") return times(row.response, log_mu) - mu + constant;
    const Dual a = row.dpar[0];
    return log_rising(a, row.response) + constant - times(row.response, log1p(a / mu)) - a * log1p(mu / a);
  }
  const LogProbability p = probability(link, row.predictor);
  if (family == "bernoulli") return row.response == 1 ? p.log_p : p.log_q;
  const Real failures = row.trials - row.response;
  const Real choose = std::lgamma(row.trials + 1) - std::lgamma(row.response + 1) - std::lgamma(failures + 1);
  return times(row.response, p.log_p) + times(failures, p.log_q) + Dual(choose);
}

}  // namespace reference

#include "family_reference_continuous.hpp"
#include "family_reference_discrete.hpp"

#endif
