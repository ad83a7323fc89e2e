// Tail probabilities of any family: what censored and truncated responses and truncated draws need.
#ifndef SKEIN_FAMILY_CDF_HPP
#define SKEIN_FAMILY_CDF_HPP

#include "cdf_continuous.hpp"
#include "cdf_discrete.hpp"
#include "cdf_positive.hpp"
#include "cdf_skewed.hpp"
#include "registry.hpp"

namespace skein {
namespace family {

// Whether tails() knows the family. All families so far have a distribution function.
inline bool has_tails(FamilyId) { return true; }

// log P(Y <= y), log P(Y > y) and their derivatives. mu: on its natural scale, after the inverse link. dpar: parameters
// beyond mu on their natural scales, in the registry's order. trials: read only by families that have trials. y: any
// real number; P(Y <= y) includes what probability y itself has.
inline TailProbabilities tails(FamilyId id, double y, double mu, const double* dpar, double trials) {
  switch (id) {
#define SKEIN_TAILS(name, links, has_trials, constant, dpars) \
  case FamilyId::name:                                        \
    return tails_of::name(y, mu, dpar, trials);
    SKEIN_FAMILIES(SKEIN_TAILS)
#undef SKEIN_TAILS
  }
  return {};
}

}  // namespace family
}  // namespace skein

#endif
