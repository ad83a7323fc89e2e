// What every prior shares: the log density of one value with its derivative.
#ifndef SKEIN_PRIOR_TERM_HPP
#define SKEIN_PRIOR_TERM_HPP

#include <limits>

#include "../simd/dispatch.hpp"

namespace skein {
namespace prior {

// Each prior is a class made from its arguments, in Stan's order, whose operator() gives this at a value. Densities
// are normalised over the prior's own support; formulas are those of Stan's functions reference.
struct Term {
  double log_density;
  double derivative;
};

constexpr double log_pi = 1.14472988584940017414;
constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double log_two = 0.69314718055994530942;

inline Term outside_support() { return {-std::numeric_limits<double>::infinity(), 0}; }

}  // namespace prior
}  // namespace skein

#endif
