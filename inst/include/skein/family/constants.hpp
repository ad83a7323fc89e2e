// The terms of a family's log density that depend on the data alone.
#ifndef SKEIN_FAMILY_CONSTANTS_HPP
#define SKEIN_FAMILY_CONSTANTS_HPP

#include <cstddef>
#include <stdexcept>
#include <string>

#include "../simd/dispatch.hpp"
#include "registry.hpp"

namespace skein {
namespace family {

// Writes what FamilyTile::row_constant takes, one value a row, unweighted: -log(y!) for counts, log(trials choose y)
// for binomial, else 0. `trials` is read only if the family has trials. Throws std::invalid_argument if the registry
// has no such family.
inline void row_constants(const char* family_name, const double* response, const double* trials, std::size_t n,
                          double* out) {
  const FamilyInfo* family = find_family(family_name);
  if (!family) throw std::invalid_argument(std::string("unknown family '") + family_name + "'");
  for (std::size_t i = 0; i < n; ++i) {
    const double y = response[i];
    switch (family->row_constant) {
      case RowConstant::none:
        out[i] = 0;
        break;
      case RowConstant::log_factorial:
        out[i] = -simd::lgamma(y + 1);
        break;
      case RowConstant::log_choose:
        out[i] = simd::lgamma(trials[i] + 1) - simd::lgamma(y + 1) - simd::lgamma(trials[i] - y + 1);
        break;
    }
  }
}

}  // namespace family
}  // namespace skein

#endif
