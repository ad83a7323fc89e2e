// Which instruction set is in force, and the vector operations and elementary functions compiled for it.
//
// All sets sum in the same order; avx2 and avx512 give equal bits throughout, the x86 baseline differs from them
// in the last bits as it has no fused multiply-add. Wherever a draw depends on a value, use these functions and
// never libm, whose results differ among machines.
#ifndef SKEIN_SIMD_DISPATCH_HPP
#define SKEIN_SIMD_DISPATCH_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

// Windows: its stack is not aligned for wide vectors under GCC (bug 54412), so it stays on the baseline.
#if defined(__x86_64__) && !defined(_WIN32)
#define SKEIN_X86_TARGETS 1
#else
#define SKEIN_X86_TARGETS 0
#endif

namespace skein {
namespace simd {

enum class InstructionSet { baseline, avx2, avx512 };

// Elementwise functions: name_n(in, out, n) on arrays, name(x) on one value, name(Vec) in kernels. `out` may be `in`.
#define SKEIN_VECTOR_FUNCTIONS(F) \
  F(exp)                          \
  F(expm1)                        \
  F(log)                          \
  F(log1p)                        \
  F(log1p_exp)                    \
  F(log1m_exp)                    \
  F(inv_logit)                    \
  F(tanh)                         \
  F(sqrt)                         \
  F(lgamma)                       \
  F(lgamma1p)                     \
  F(digamma)                      \
  F(std_normal_pdf)               \
  F(std_normal_log_pdf)           \
  F(std_normal_cdf)               \
  F(std_normal_log_cdf)           \
  F(std_normal_hazard)            \
  F(std_normal_excess_hazard)     \
  F(std_normal_quantile)          \
  F(atan)                         \
  F(inv_cauchit)

// constant + alpha[0] x[0] + alpha[1] x[1] + ..., added in this order.
struct LinearCombination {
  double constant;
  const double* alpha;
  const double* const* x;
  std::size_t n_terms;
};

// Streams of util/rng.hpp that differ in the iteration only: block number `block` of each.
struct PhiloxCounters {
  std::uint64_t seed;
  std::uint32_t block, purpose, chain;
  const std::uint32_t* iterations;
};

// Arrays hold n elements and need no alignment. They may be identical where one is written; they may not overlap
// in any other way.
struct VectorOperations {
  InstructionSet instruction_set;
  double (*dot)(const double* a, const double* b, std::size_t n);
  double (*weighted_dot)(const double* weights, const double* a, const double* b, std::size_t n);  // sum w a b
  double (*sum)(const double* x, std::size_t n);
  double (*sum_of_squares)(const double* x, std::size_t n);
  void (*axpy)(double alpha, const double* x, double* y, std::size_t n);                          // y += alpha x
  void (*scale_add)(double alpha, const double* x, const double* y, double* out, std::size_t n);  // alpha x + y
  void (*multiply)(const double* x, const double* y, double* out, std::size_t n);                 // x y
  void (*combine)(const LinearCombination& terms, double* out, std::size_t n);
  // The two uniforms of each stream's block.
  void (*philox)(const PhiloxCounters& at, std::size_t n, double* first, double* second);
  // The smallest k with P(Y <= k) > u for Poisson means below 10; NaN for other means and where u is next to 1.
  void (*poisson_quantile)(const double* mean, const double* u, double* out, std::size_t n);
#define SKEIN_FUNCTION(name) void (*name##_n)(const double* in, double* out, std::size_t n);
  SKEIN_VECTOR_FUNCTIONS(SKEIN_FUNCTION)
#undef SKEIN_FUNCTION
};

}  // namespace simd
}  // namespace skein

#if defined(SKEIN_SEPARATE_KERNELS)
// To compile faster: one file per set includes kernels.inc inside that set's namespace, all others link to it.
namespace skein {
namespace baseline {
const simd::VectorOperations& vector_operations();
}
#if SKEIN_X86_TARGETS
namespace avx2 {
const simd::VectorOperations& vector_operations();
}
namespace avx512 {
const simd::VectorOperations& vector_operations();
}
#endif
}  // namespace skein
#else
// The order of these includes matters.
// clang-format off
#define SKEIN_TARGET 0
#include "begin_target.inc"
#include "kernels.inc"
#include "end_target.inc"

#if SKEIN_X86_TARGETS
#define SKEIN_TARGET 1
#include "begin_target.inc"
#include "kernels.inc"
#include "end_target.inc"

#define SKEIN_TARGET 2
#include "begin_target.inc"
#include "kernels.inc"
#include "end_target.inc"
#endif
// clang-format on
#endif

namespace skein {
namespace simd {

// The best set that this CPU and operating system offer.
inline InstructionSet detected_instruction_set() {
#if SKEIN_X86_TARGETS
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return InstructionSet::baseline;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw")) {
    return InstructionSet::avx512;
  }
  return InstructionSet::avx2;
#else
  return InstructionSet::baseline;
#endif
}

// The operations compiled for `set`, which need not be in force. Calling them needs a CPU that has it.
inline const VectorOperations& vector_operations(InstructionSet set) {
#if SKEIN_X86_TARGETS
  if (set == InstructionSet::avx512) return avx512::vector_operations();
  if (set == InstructionSet::avx2) return avx2::vector_operations();
#else
  (void)set;
#endif
  return baseline::vector_operations();
}

namespace detail {
inline std::atomic<const VectorOperations*>& operations_in_force() {
  static std::atomic<const VectorOperations*> operations{&vector_operations(detected_instruction_set())};
  return operations;
}
}  // namespace detail

// The operations of the set in force.
inline const VectorOperations& vector_operations() {
  return *detail::operations_in_force().load(std::memory_order_acquire);
}

// The set in force: the detected one unless another was forced.
inline InstructionSet instruction_set() { return vector_operations().instruction_set; }

inline const char* instruction_set_name(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    default:
      return "baseline";
  }
}
inline const char* instruction_set_name() { return instruction_set_name(instruction_set()); }

// Puts `set` in force for all threads from now on; throws std::invalid_argument if this CPU lacks it. What was
// looked up before keeps its set.
inline void force_instruction_set(InstructionSet set) {
  if (set > detected_instruction_set()) {
    throw std::invalid_argument(std::string("this machine lacks the instruction set ") + instruction_set_name(set));
  }
  detail::operations_in_force().store(&vector_operations(set), std::memory_order_release);
}

// The functions on one value, with the bits that they have on arrays and in kernels of the set in force.
#define SKEIN_FUNCTION(name)                      \
  inline double name(double x) {                  \
    double result;                                \
    vector_operations().name##_n(&x, &result, 1); \
    return result;                                \
  }
SKEIN_VECTOR_FUNCTIONS(SKEIN_FUNCTION)
#undef SKEIN_FUNCTION

}  // namespace simd
}  // namespace skein

#endif
