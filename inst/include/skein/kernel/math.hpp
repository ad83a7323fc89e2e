// Scalar functions on which draws depend, from simd/ and never from libm, and standard normal vectors.
#ifndef SKEIN_KERNEL_MATH_HPP
#define SKEIN_KERNEL_MATH_HPP

#include <cstddef>
#include <limits>

#include "../simd/dispatch.hpp"
#include "../util/rng.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

constexpr double infinity = std::numeric_limits<double>::infinity();

// x^y for x > 0.
inline double power(double x, double y) { return simd::exp(y * simd::log(x)); }

inline double exponential(double x) { return simd::exp(x); }

inline double logarithm(double x) { return simd::log(x); }

// n independent standard normals by the inverse distribution function, so that each takes one uniform.
inline void fill_standard_normal(util::Stream& stream, double* out, std::size_t n) {
  stream.fill_uniform(out, n);
  step_table().normal_from_uniform(out, n);
}

}  // namespace kernel
}  // namespace skein

#endif
