// The floating-point environment in which every evaluating thread runs: round to nearest, denormals kept.
#ifndef SKEIN_PARALLEL_FLOATING_POINT_HPP
#define SKEIN_PARALLEL_FLOATING_POINT_HPP

#include <cfenv>
#include <cstdint>

#if defined(__x86_64__) || (defined(__i386__) && defined(__SSE__))
#include <xmmintrin.h>
#define SKEIN_HAS_MXCSR 1
#endif

namespace skein {
namespace parallel {

// Sets the calling thread's environment for its own lifetime and puts back what it found. Threads inherit their
// creator's flags or a library's (-ffast-math start-up code flushes denormals), so bits could depend on who started
// them.
class FloatingPointGuard {
 public:
  FloatingPointGuard() : rounding_(std::fegetround()) {
    std::fesetround(FE_TONEAREST);
#if defined(SKEIN_HAS_MXCSR)
    control_ = _mm_getcsr();
    constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    _mm_setcsr(control_ & ~(flush_to_zero | denormals_are_zero));
#elif defined(__aarch64__)
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(control_));
    constexpr std::uint64_t flush_to_zero = std::uint64_t(1) << 24;
    __asm__ __volatile__("msr fpcr, %0" ::"r"(control_ & ~flush_to_zero));
#endif
  }

  ~FloatingPointGuard() {
#if defined(SKEIN_HAS_MXCSR)
    _mm_setcsr(control_);
#elif defined(__aarch64__)
    __asm__ __volatile__("msr fpcr, %0" ::"r"(control_));
#endif
    if (rounding_ >= 0) std::fesetround(rounding_);
  }

  FloatingPointGuard(const FloatingPointGuard&) = delete;
  FloatingPointGuard& operator=(const FloatingPointGuard&) = delete;

 private:
  int rounding_;
#if defined(SKEIN_HAS_MXCSR)
  unsigned control_;
#elif defined(__aarch64__)
  std::uint64_t control_;
#endif
};

}  // namespace parallel
}  // namespace skein

#undef SKEIN_HAS_MXCSR

#endif
