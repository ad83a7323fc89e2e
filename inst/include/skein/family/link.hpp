// Link functions on single values, for what stands outside the tile kernels: predictions, censored rows, distributional
// parameters.
#ifndef SKEIN_FAMILY_LINK_HPP
#define SKEIN_FAMILY_LINK_HPP

#include <cmath>
#include <stdexcept>
#include <string>

#include "../simd/dispatch.hpp"

// X(identifier, name): all links of mu and of further parameters. links::identifier is the code. Names are brms's.
#define SKEIN_LINK_FUNCTIONS(X)     \
  X(identity, "identity")           \
  X(log, "log")                     \
  X(inverse, "inverse")             \
  X(inverse_square, "1/mu^2")       \
  X(sqrt, "sqrt")                   \
  X(softplus, "softplus")           \
  X(squareplus, "squareplus")       \
  X(logit, "logit")                 \
  X(probit, "probit")               \
  X(probit_approx, "probit_approx") \
  X(cloglog, "cloglog")             \
  X(cauchit, "cauchit")             \
  X(softit, "softit")               \
  X(logm1, "logm1")                 \
  X(log1p, "log1p")

namespace skein {
namespace family {

#define SKEIN_LINK_ID(id, name) id,
enum class LinkId { SKEIN_LINK_FUNCTIONS(SKEIN_LINK_ID) };
#undef SKEIN_LINK_ID

// Each link: the parameter at a predictor, its derivative by the predictor, the predictor of a parameter.
// to_predictor() may call libm: no draw depends on it.
namespace links {

struct identity {
  static double to_parameter(double eta) { return eta; }
  static double derivative(double) { return 1; }
  static double to_predictor(double mu) { return mu; }
};

struct log {
  static double to_parameter(double eta) { return simd::exp(eta); }
  static double derivative(double eta) { return simd::exp(eta); }
  static double to_predictor(double mu) { return simd::log(mu); }
};

struct inverse {
  static double to_parameter(double eta) { return 1 / eta; }
  static double derivative(double eta) { return -1 / (eta * eta); }
  static double to_predictor(double mu) { return 1 / mu; }
};

// eta = 1 / mu^2.
struct inverse_square {
  static double to_parameter(double eta) { return 1 / std::sqrt(eta); }
  static double derivative(double eta) { return -0.5 / (eta * std::sqrt(eta)); }
  static double to_predictor(double mu) { return 1 / (mu * mu); }
};

struct sqrt {
  static double to_parameter(double eta) { return eta * eta; }
  static double derivative(double eta) { return 2 * eta; }
  static double to_predictor(double mu) { return std::sqrt(mu); }
};

struct softplus {
  static double to_parameter(double eta) { return simd::log1p_exp(eta); }
  static double derivative(double eta) { return simd::inv_logit(eta); }
  static double to_predictor(double mu) { return mu + simd::log1m_exp(-mu); }
};

// (eta + sqrt(eta^2 + 4)) / 2, as 2 / (sqrt(eta^2 + 4) - eta) for eta < 0.
struct squareplus {
  static double to_parameter(double eta) {
    const double larger = 0.5 * (std::fabs(eta) + std::sqrt(eta * eta + 4));
    return eta < 0 ? 1 / larger : larger;
  }
  static double derivative(double eta) { return to_parameter(eta) / std::sqrt(eta * eta + 4); }
  static double to_predictor(double mu) { return mu - 1 / mu; }
};

struct logit {
  static double to_parameter(double eta) { return simd::inv_logit(eta); }
  static double derivative(double eta) { return simd::inv_logit(eta) * simd::inv_logit(-eta); }
  static double to_predictor(double mu) { return simd::log(mu) - simd::log1p(-mu); }
};

struct probit {
  static double to_parameter(double eta) { return simd::std_normal_cdf(eta); }
  static double derivative(double eta) { return simd::std_normal_pdf(eta); }
  static double to_predictor(double mu) { return simd::std_normal_quantile(mu); }
};

// Stan's Phi_approx, inv_logit(0.07056 x^3 + 1.5976 x); its link is that of probit, as in brms.
struct probit_approx {
  static double cubic(double eta) { return eta * (0.07056 * eta * eta + 1.5976); }
  static double to_parameter(double eta) { return simd::inv_logit(cubic(eta)); }
  static double derivative(double eta) { return logit::derivative(cubic(eta)) * (3 * 0.07056 * eta * eta + 1.5976); }
  static double to_predictor(double mu) { return simd::std_normal_quantile(mu); }
};

struct cloglog {
  static double to_parameter(double eta) { return -simd::expm1(-simd::exp(eta)); }
  static double derivative(double eta) { return simd::exp(eta - simd::exp(eta)); }
  static double to_predictor(double mu) { return simd::log(-simd::log1p(-mu)); }
};

struct cauchit {
  static double to_parameter(double eta) { return simd::inv_cauchit(eta); }
  static double derivative(double eta) { return 0.31830988618379067154 / (1 + eta * eta); }
  static double to_predictor(double mu) { return std::tan(3.14159265358979323846 * (mu - 0.5)); }
};

// s / (1 + s) with s = log1p_exp(eta).
struct softit {
  static double to_parameter(double eta) {
    const double s = simd::log1p_exp(eta);
    return s / (1 + s);
  }
  static double derivative(double eta) {
    const double q = 1 / (1 + simd::log1p_exp(eta));
    return simd::inv_logit(eta) * q * q;
  }
  static double to_predictor(double mu) { return softplus::to_predictor(mu / (1 - mu)); }
};

struct logm1 {
  static double to_parameter(double eta) { return simd::exp(eta) + 1; }
  static double derivative(double eta) { return simd::exp(eta); }
  static double to_predictor(double mu) { return simd::log(mu - 1); }
};

struct log1p {
  static double to_parameter(double eta) { return simd::expm1(eta); }
  static double derivative(double eta) { return simd::exp(eta); }
  static double to_predictor(double mu) { return simd::log1p(mu); }
};

}  // namespace links

#define SKEIN_LINK_CASE(id, name) \
  case LinkId::id:                \
    return links::id::SKEIN_LINK_PART;

// The parameter at predictor `eta`. What the link's range excludes (a negative probability, say) is returned as it is.
inline double inverse_link(LinkId id, double eta) {
  switch (id) {
#define SKEIN_LINK_PART to_parameter(eta)
    SKEIN_LINK_FUNCTIONS(SKEIN_LINK_CASE)
#undef SKEIN_LINK_PART
  }
  return NAN;
}

// d inverse_link(eta) / d eta.
inline double inverse_link_derivative(LinkId id, double eta) {
  switch (id) {
#define SKEIN_LINK_PART derivative(eta)
    SKEIN_LINK_FUNCTIONS(SKEIN_LINK_CASE)
#undef SKEIN_LINK_PART
  }
  return NAN;
}

// The predictor of the parameter `mu`.
inline double link(LinkId id, double mu) {
  switch (id) {
#define SKEIN_LINK_PART to_predictor(mu)
    SKEIN_LINK_FUNCTIONS(SKEIN_LINK_CASE)
#undef SKEIN_LINK_PART
  }
  return NAN;
}

#undef SKEIN_LINK_CASE

inline const char* link_name(LinkId id) {
#define SKEIN_LINK_CASE(link_id, name) \
  if (id == LinkId::link_id) return name;
  SKEIN_LINK_FUNCTIONS(SKEIN_LINK_CASE)
#undef SKEIN_LINK_CASE
  return "";
}

// The link called `name`; throws std::invalid_argument if there is none.
inline LinkId find_link(const std::string& name) {
#define SKEIN_LINK_CASE(id, link_text) \
  if (name == link_text) return LinkId::id;
  SKEIN_LINK_FUNCTIONS(SKEIN_LINK_CASE)
#undef SKEIN_LINK_CASE
  throw std::invalid_argument("unknown link '" + name + "'");
}

}  // namespace family
}  // namespace skein

#endif
