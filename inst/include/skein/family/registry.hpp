// The families and links the core knows: one line each makes the name, its parameters and the kernels' dispatch.
#ifndef SKEIN_FAMILY_REGISTRY_HPP
#define SKEIN_FAMILY_REGISTRY_HPP

#include <string>
#include <vector>

// Link functions by the kind of mean they serve; X(family, kind, link). kind##_##link names the link's code in
// link_mean.inc, link_count.inc, link_probability.inc or link_positive.inc. Names and formulas are those of brms and
// Stan; brms_name() has those that are no identifiers.
#define SKEIN_LINKS_MEAN(X, family) \
  X(family, mean, identity)         \
  X(family, mean, log)              \
  X(family, mean, inverse)          \
  X(family, mean, softplus)         \
  X(family, mean, squareplus)       \
  X(family, mean, logit)            \
  X(family, mean, probit)           \
  X(family, mean, probit_approx)    \
  X(family, mean, cloglog)          \
  X(family, mean, cauchit)          \
  X(family, mean, softit)

#define SKEIN_LINKS_COUNT(X, family) \
  X(family, count, log)              \
  X(family, count, identity)         \
  X(family, count, sqrt)             \
  X(family, count, softplus)         \
  X(family, count, squareplus)

#define SKEIN_LINKS_PROBABILITY_NOT_LOG(X, family) \
  X(family, probability, logit)                    \
  X(family, probability, probit)                   \
  X(family, probability, probit_approx)            \
  X(family, probability, cloglog)                  \
  X(family, probability, cauchit)                  \
  X(family, probability, softit)                   \
  X(family, probability, identity)

#define SKEIN_LINKS_PROBABILITY(X, family)   \
  SKEIN_LINKS_PROBABILITY_NOT_LOG(X, family) \
  X(family, probability, log)

#define SKEIN_LINKS_REAL(X, family) \
  X(family, mean, identity)         \
  X(family, mean, log)              \
  X(family, mean, inverse)          \
  X(family, mean, softplus)         \
  X(family, mean, squareplus)

#define SKEIN_LINKS_LOCATION(X, family) \
  X(family, mean, identity)             \
  X(family, mean, inverse)

#define SKEIN_LINKS_POSITIVE(X, family) \
  X(family, log_mean, log)              \
  X(family, log_mean, identity)         \
  X(family, log_mean, inverse)          \
  X(family, log_mean, softplus)         \
  X(family, log_mean, squareplus)

#define SKEIN_LINKS_INVERSE_SQUARE(X, family) \
  X(family, inverse_mean, inverse_square)     \
  X(family, inverse_mean, inverse)            \
  X(family, inverse_mean, identity)           \
  X(family, inverse_mean, log)                \
  X(family, inverse_mean, softplus)           \
  X(family, inverse_mean, squareplus)

#define SKEIN_DPARS(...) \
  { __VA_ARGS__ }

// X(name, links of mu, has trials, row constant, parameters beyond mu). name##_kernel<link> in name.inc is the code.
#define SKEIN_FAMILIES(X)                                                                           \
  X(gaussian, SKEIN_LINKS_MEAN, false, none, SKEIN_DPARS("sigma"))                                  \
  X(student, SKEIN_LINKS_MEAN, false, none, SKEIN_DPARS("sigma", "nu"))                             \
  X(poisson, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS())                                \
  X(negbinomial, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS("shape"))                     \
  X(bernoulli, SKEIN_LINKS_PROBABILITY, false, none, SKEIN_DPARS())                                 \
  X(binomial, SKEIN_LINKS_PROBABILITY, true, log_choose, SKEIN_DPARS())                             \
  X(geometric, SKEIN_LINKS_COUNT, false, none, SKEIN_DPARS())                                       \
  X(beta_binomial, SKEIN_LINKS_PROBABILITY_NOT_LOG, true, log_choose, SKEIN_DPARS("phi"))           \
  X(zero_inflated_poisson, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS("zi"))              \
  X(zero_inflated_negbinomial, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS("shape", "zi")) \
  X(zero_inflated_binomial, SKEIN_LINKS_PROBABILITY, true, log_choose, SKEIN_DPARS("zi"))           \
  X(hurdle_poisson, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS("hu"))                     \
  X(hurdle_negbinomial, SKEIN_LINKS_COUNT, false, log_factorial, SKEIN_DPARS("shape", "hu"))        \
  X(lognormal, SKEIN_LINKS_LOCATION, false, none, SKEIN_DPARS("sigma"))                             \
  X(shifted_lognormal, SKEIN_LINKS_LOCATION, false, none, SKEIN_DPARS("sigma", "ndt"))              \
  X(gamma, SKEIN_LINKS_POSITIVE, false, none, SKEIN_DPARS("shape"))                                 \
  X(exponential, SKEIN_LINKS_POSITIVE, false, none, SKEIN_DPARS())                                  \
  X(weibull, SKEIN_LINKS_POSITIVE, false, none, SKEIN_DPARS("shape"))                               \
  X(beta, SKEIN_LINKS_PROBABILITY, false, none, SKEIN_DPARS("phi"))                                 \
  X(inverse_gaussian, SKEIN_LINKS_INVERSE_SQUARE, false, none, SKEIN_DPARS("shape"))                \
  X(skew_normal, SKEIN_LINKS_MEAN, false, none, SKEIN_DPARS("sigma", "alpha"))                      \
  X(exgaussian, SKEIN_LINKS_REAL, false, none, SKEIN_DPARS("sigma", "beta"))                        \
  X(hurdle_lognormal, SKEIN_LINKS_LOCATION, false, none, SKEIN_DPARS("sigma", "hu"))                \
  X(hurdle_gamma, SKEIN_LINKS_POSITIVE, false, none, SKEIN_DPARS("shape", "hu"))

namespace skein {
namespace family {

namespace detail {

constexpr bool same_text(const char* a, const char* b) {
  for (; *a && *a == *b; ++a) ++b;
  return *a == *b;
}

}  // namespace detail

// brms's name of what the registry calls `identifier`.
constexpr const char* brms_name(const char* identifier) {
  if (detail::same_text(identifier, "inverse_gaussian")) return "inverse.gaussian";
  if (detail::same_text(identifier, "inverse_square")) return "1/mu^2";
  return identifier;
}

// The part of a row's log density that depends on the data alone: nothing, -log(y!) or log(trials choose y).
enum class RowConstant { none, log_factorial, log_choose };

#define SKEIN_FAMILY_ID(name, links, has_trials, constant, dpars) name,
enum class FamilyId { SKEIN_FAMILIES(SKEIN_FAMILY_ID) };
#undef SKEIN_FAMILY_ID

struct FamilyInfo {
  FamilyId id;
  const char* name;
  std::vector<std::string> dpars;  // distributional parameters beyond mu, in the order of FamilyTile::dpar
  std::vector<std::string> links;  // links allowed for mu, the default first
  bool has_trials;
  RowConstant row_constant;
};

#define SKEIN_LINK_NAME(family, kind, link) brms_name(#link),
#define SKEIN_FAMILY_INFO(name, links, has_trials, constant, dpars) \
  {FamilyId::name, brms_name(#name), dpars, {links(SKEIN_LINK_NAME, name)}, has_trials, RowConstant::constant},

// All families, in the order of the registry.
inline const std::vector<FamilyInfo>& families() {
  static const std::vector<FamilyInfo> all = {SKEIN_FAMILIES(SKEIN_FAMILY_INFO)};
  return all;
}

#undef SKEIN_LINK_NAME
#undef SKEIN_FAMILY_INFO

// The family called `name`, or null. The pointer is good for the life of the program.
inline const FamilyInfo* find_family(const std::string& name) {
  for (const FamilyInfo& one : families())
    if (name == one.name) return &one;
  return nullptr;
}

// Whether responses are whole numbers: a discrete family's name says of which distribution of counts it is made.
inline bool is_discrete(const FamilyInfo& family) {
  for (const char* counts : {"poisson", "binomial", "geometric", "bernoulli"})
    if (std::string(family.name).find(counts) != std::string::npos) return true;
  return false;
}

// Whether a parameter is the probability of a zero beside those of the base distribution: FamilyTile::complement_rows
// is about it.
inline bool is_zero_probability(const std::string& dpar) { return dpar == "zi" || dpar == "hu"; }

inline std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const FamilyInfo& one : families()) names.push_back(one.name);
  return names;
}

}  // namespace family
}  // namespace skein

#endif
