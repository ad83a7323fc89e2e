// Threads from TBB's market, for a package that already carries TBB; the only file that includes it.
#ifndef SKEIN_PARALLEL_LAUNCHER_TBB_HPP
#define SKEIN_PARALLEL_LAUNCHER_TBB_HPP

#ifndef TBB_PREVIEW_GLOBAL_CONTROL
#define TBB_PREVIEW_GLOBAL_CONTROL 1  // TBB before 2020 hides it otherwise
#endif
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <cstddef>

namespace skein {
namespace parallel {

// A Launcher (see launcher.hpp). TBB's threads outlive the call, so a forked child must not use it after its parent
// did: there it would wait for threads that do not exist. TBB may also give fewer threads than asked.
inline void launch_tbb(std::size_t n, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*)) {
  // Without this TBB never has more threads than cores, and owners that the user asked for would run one by one.
  tbb::global_control enough(tbb::global_control::max_allowed_parallelism, n + 1);
  tbb::task_arena arena(static_cast<int>(n) + 1);
  tbb::task_group group;
  arena.execute([&] {
    for (std::size_t i = 0; i < n; ++i) group.run([=] { entry(context, i); });
  });
  monitor(context);
  arena.execute([&] { group.wait(); });
}

}  // namespace parallel
}  // namespace skein

#endif
