// The only C++ reader of the field names that R/spec.R writes.
#ifndef SKEIN_SRC_SPEC_FROM_R_H
#define SKEIN_SRC_SPEC_FROM_R_H

#include <Rcpp.h>

#include <skein/regression/spec.hpp>

// Converts build_spec()'s list; block and element numbers count from 1 in R, with 0 for none. Throws
// std::invalid_argument for an unknown name.
skein::regression::Spec spec_from_r(const Rcpp::List& spec);

#endif
