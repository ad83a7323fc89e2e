// Expected values of the discrete families, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_EXPECTED_DISCRETE_HPP
#define SKEIN_FAMILY_EXPECTED_DISCRETE_HPP

namespace skein {
namespace family {
namespace expected_of {

inline double poisson(double mu, const double*, double) { return mu; }
inline double negbinomial(double mu, const double*, double) { return mu; }
inline double bernoulli(double mu, const double*, double) { return mu; }
inline double binomial(double mu, const double*, double trials) { return trials * mu; }

}  // namespace expected_of
}  // namespace family
}  // namespace skein

#endif
