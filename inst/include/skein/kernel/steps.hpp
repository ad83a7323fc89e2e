// The table of the sampler's vector passes for the instruction set in force.
#ifndef SKEIN_KERNEL_STEPS_HPP
#define SKEIN_KERNEL_STEPS_HPP

#include <cstddef>
#include <cstdint>

#include "../simd/dispatch.hpp"

namespace skein {
namespace kernel {

// All arrays of this file: 64-byte aligned, padded with zeros to a multiple of 8; so are n, begin and end.
struct StepArrays {
  const double* position;
  const double* momentum;
  const double* gradient;
  const double* inverse_metric;  // diagonal; null for the unit metric
  double* new_position;
  double* new_momentum;
};

// A run of neighbouring states: the momenta at its ends, in the order of building, and the sum of all.
// `velocity` is the momentum itself where MergeArrays::inverse_metric is to be applied, M^-1 p otherwise.
struct RunArrays {
  const double* momentum_begin;
  const double* momentum_end;
  const double* velocity_begin;
  const double* velocity_end;
  const double* rho;
};

// `b` was built after `a` and adjoins a's end. `rho` receives the sum of both.
struct MergeArrays {
  RunArrays a;
  RunArrays b;
  const double* inverse_metric;
  double* rho;
};

// Sums of the checks of two runs, and of two single points.
constexpr std::size_t n_run_checks = 6;
constexpr std::size_t n_point_checks = 2;

struct StepTable {
  // Of the coordinates begin to end - 1.
  void (*begin_step)(const StepArrays& arrays, double epsilon, std::size_t begin, std::size_t end);
  double (*finish_step)(double* momentum, const double* gradient, const double* inverse_metric, double epsilon,
                        std::size_t begin, std::size_t end);
  void (*merge_runs)(const MergeArrays& arrays, std::size_t begin, std::size_t end, double* sums);
  void (*merge_points)(const MergeArrays& arrays, std::size_t begin, std::size_t end, double* sums);
  double (*dot_product)(const double* x, const double* y, std::size_t n);
  void (*multiply_rows)(const double* rows, std::size_t n_rows, const double* x, double* out, std::size_t n);
  // exp of one number.
  double (*exponential)(double x);
  // What util::Stream::uniform() gives from number 2 * first_block on: the even ones, then the odd ones. `words` are
  // the last three of the stream's counters.
  void (*sixteen_uniforms)(const std::uint32_t* words, std::uint64_t key, std::uint32_t first_block, double* out);
  // n uniforms in (0, 1) to standard normals, in place; any n and alignment.
  void (*normal_from_uniform)(double* values, std::size_t n);
};

}  // namespace kernel
}  // namespace skein

// The order of these includes matters.
// clang-format off
#define SKEIN_TARGET 0
#include "../simd/begin_target.inc"
#include "normal.inc"
#include "uniform.inc"
#include "steps.inc"
#include "../simd/end_target.inc"

#if SKEIN_X86_TARGETS
#define SKEIN_TARGET 1
#include "../simd/begin_target.inc"
#include "normal.inc"
#include "uniform.inc"
#include "steps.inc"
#include "../simd/end_target.inc"

#define SKEIN_TARGET 2
#include "../simd/begin_target.inc"
#include "normal.inc"
#include "uniform.inc"
#include "steps.inc"
#include "../simd/end_target.inc"
#endif
// clang-format on

namespace skein {
namespace kernel {

// Looked up once per object: the instruction set does not change during a run.
inline const StepTable& step_table() {
#if SKEIN_X86_TARGETS
  if (simd::instruction_set() == simd::InstructionSet::avx512) return avx512::kernel_step_table();
  if (simd::instruction_set() == simd::InstructionSet::avx2) return avx2::kernel_step_table();
#endif
  return baseline::kernel_step_table();
}

}  // namespace kernel
}  // namespace skein

#endif
