// The priors the core knows, by Stan's names: one line each makes the id, the name and the dispatch.
#ifndef SKEIN_PRIOR_REGISTRY_HPP
#define SKEIN_PRIOR_REGISTRY_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "beta.hpp"
#include "gamma.hpp"
#include "logistic.hpp"
#include "normal.hpp"
#include "student_t.hpp"

// X(Stan's name, class, number of arguments).
#define SKEIN_PRIORS(X)                       \
  X(normal, Normal, 2)                        \
  X(student_t, StudentT, 3)                   \
  X(cauchy, Cauchy, 2)                        \
  X(exponential, Exponential, 1)              \
  X(gamma, Gamma, 2)                          \
  X(inv_gamma, InverseGamma, 2)               \
  X(lognormal, Lognormal, 2)                  \
  X(beta, Beta, 2)                            \
  X(uniform, Uniform, 2)                      \
  X(logistic, Logistic, 2)                    \
  X(double_exponential, DoubleExponential, 2)

namespace skein {
namespace prior {

#define SKEIN_PRIOR_ID(name, type, n_arguments) name,
enum class PriorId { SKEIN_PRIORS(SKEIN_PRIOR_ID) };
#undef SKEIN_PRIOR_ID

// Sets `id` and returns true if `name` is a prior of the registry. Flat priors have no entry; lkj is in lkj.hpp.
inline bool find_prior(const std::string& name, PriorId& id) {
#define SKEIN_PRIOR_FIND(prior_name, type, n_arguments) \
  if (name == #prior_name) {                            \
    id = PriorId::prior_name;                           \
    return true;                                        \
  }
  SKEIN_PRIORS(SKEIN_PRIOR_FIND)
#undef SKEIN_PRIOR_FIND
  return false;
}

inline std::vector<std::string> prior_names() {
#define SKEIN_PRIOR_NAME(name, type, n_arguments) #name,
  return {SKEIN_PRIORS(SKEIN_PRIOR_NAME)};
#undef SKEIN_PRIOR_NAME
}

inline std::size_t n_arguments(PriorId id) {
#define SKEIN_PRIOR_COUNT(name, type, n) \
  case PriorId::name:                    \
    return n;
  switch (id) { SKEIN_PRIORS(SKEIN_PRIOR_COUNT) }
#undef SKEIN_PRIOR_COUNT
  return 0;
}

template <class Prior>
double add_terms(const Prior& prior, const double* value, const std::size_t* elements, std::size_t n,
                 double* gradient) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Term term = prior(value[elements[i]]);
    sum += term.log_density;
    gradient[elements[i]] += term.derivative;
  }
  return sum;
}

// Sum of the normalised log densities of value[elements[0]] .. value[elements[n - 1]], all with the same
// n_arguments(id) arguments, in Stan's order and scale. Derivatives are added to gradient at the same elements.
// A value outside the support gives -infinity and adds no derivative.
inline double add_prior(PriorId id, const double* arguments, const double* value, const std::size_t* elements,
                        std::size_t n, double* gradient) {
#define SKEIN_PRIOR_ADD(name, type, n_arguments) \
  case PriorId::name:                            \
    return add_terms(type(arguments), value, elements, n, gradient);
  switch (id) { SKEIN_PRIORS(SKEIN_PRIOR_ADD) }
#undef SKEIN_PRIOR_ADD
  return 0;
}

}  // namespace prior
}  // namespace skein

#endif
