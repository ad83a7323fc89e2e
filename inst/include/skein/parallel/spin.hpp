// Waiting for a few microseconds without the operating system.
#ifndef SKEIN_PARALLEL_SPIN_HPP
#define SKEIN_PARALLEL_SPIN_HPP

#include <cstddef>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace skein {
namespace parallel {

// What one core writes and others poll stands this far apart: Intel fetches lines of 64 bytes in pairs, Apple's have
// 128.
constexpr std::size_t cache_line = 128;

// Tells the core that this thread polls.
inline void cpu_pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb" ::: "memory");  // `yield` does nothing on cores without SMT
#endif
}

// Polls politely: pauses at first, then gives the core away at each turn, since the thread waited for may need it.
class Backoff {
 public:
  void wait() {
    if (n_turns_ < n_pauses) {
      ++n_turns_;
      cpu_pause();
    } else {
      std::this_thread::yield();
    }
  }

 private:
  static constexpr int n_pauses = 1000;  // 10 to 50 us, more than the tasks in flight take on idle cores
  int n_turns_ = 0;
};

}  // namespace parallel
}  // namespace skein

#endif
