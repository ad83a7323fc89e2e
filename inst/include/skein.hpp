// skein's C++ core in one include: densities, samplers and the runner, for packages that bring a density of their own.
// The regression density needs the kernels of src/target_*.cpp besides, and is included by skein/regression/*.hpp.
#ifndef SKEIN_HPP
#define SKEIN_HPP

#include "skein/adapt/dual_averaging.hpp"
#include "skein/adapt/metric.hpp"
#include "skein/adapt/warmup.hpp"
#include "skein/density.hpp"
#include "skein/kernel/config.hpp"
#include "skein/kernel/nuts.hpp"
#include "skein/parallel/pool.hpp"
#include "skein/parallel/reduce_sum.hpp"
#include "skein/run/chain.hpp"
#include "skein/run/checkpoint.hpp"
#include "skein/run/runner.hpp"
#include "skein/user_density.hpp"

#endif
