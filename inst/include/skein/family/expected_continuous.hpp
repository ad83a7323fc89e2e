// Expected values of the continuous families, by family name: mu on its natural scale, further parameters in the
// registry's order.
#ifndef SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP
#define SKEIN_FAMILY_EXPECTED_CONTINUOUS_HPP

namespace skein {
namespace family {
namespace expected_of {

inline double gaussian(double mu, const double*, double) { return mu; }
// The location, as in brms, even where nu <= 1 leaves no mean.
inline double student(double mu, const double*, double) { return mu; }

}  // namespace expected_of
}  // namespace family
}  // namespace skein

#endif
