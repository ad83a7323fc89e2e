// How R holds a density, whatever made it: an external pointer that owns it.
#ifndef SKEIN_SRC_DENSITY_POINTER_H
#define SKEIN_SRC_DENSITY_POINTER_H

#include <Rcpp.h>

#include <skein/density.hpp>

namespace skein_r {

using DensityPointer = Rcpp::XPtr<skein::Density>;

}  // namespace skein_r

#endif
