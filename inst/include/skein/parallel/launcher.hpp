// Where the pool's threads come from, as a function pointer, and the default: std::thread.
#ifndef SKEIN_PARALLEL_LAUNCHER_HPP
#define SKEIN_PARALLEL_LAUNCHER_HPP

#include <cstddef>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace skein {
namespace parallel {

// Runs entry(context, i) for i < n on n threads other than the caller's, meanwhile monitor(context) on the caller's,
// and returns when all of them have returned. Neither function throws. monitor returns once the pool's work is over;
// an entry that starts only then returns at once, so a launcher that gets fewer threads than n still works.
using Launcher = void (*)(std::size_t n, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*));

// Threads of this call alone, joined before it returns: a process that forks before or after is safe. If the system
// refuses some of them the others do the work; if it refuses all, throws std::system_error.
inline void launch_threads(std::size_t n, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*)) {
  std::vector<std::thread> threads;
  threads.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    try {
      threads.emplace_back(entry, context, i);
    } catch (...) {
      if (threads.empty()) throw;
      break;
    }
  }
  monitor(context);
  for (std::thread& thread : threads) thread.join();
}

// Cores that the system lets this process use; at least 1.
inline std::size_t available_cores() {
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0 && CPU_COUNT(&allowed) > 0)
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
#endif
  const unsigned n = std::thread::hardware_concurrency();
  return n > 0 ? n : 1;
}

}  // namespace parallel
}  // namespace skein

#endif
