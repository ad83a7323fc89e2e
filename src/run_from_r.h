// The configuration of a run from R's list: the only C++ reader of its names.
#ifndef SKEIN_SRC_RUN_FROM_R_H
#define SKEIN_SRC_RUN_FROM_R_H

#include <Rcpp.h>

#include <skein/run/config.hpp>

// Stops with an R error if an entry is missing or lengths differ.
skein::run::RunConfig run_config_from_r(const Rcpp::List& config);

#endif
