// The configuration of a run from R's list: the only C++ reader of its names.
#ifndef SKEIN_SRC_RUN_FROM_R_H
#define SKEIN_SRC_RUN_FROM_R_H

#include <Rcpp.h>

#include <skein/density.hpp>
#include <skein/run/config.hpp>

// For a run of `density`, in its own order of coordinates. Stops with an R error if an entry is missing or lengths
// differ.
skein::run::RunConfig run_config_from_r(const Rcpp::List& config, const skein::Density& density);

#endif
