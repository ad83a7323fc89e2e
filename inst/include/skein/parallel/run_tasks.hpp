// Independent tasks in threads of their own, for work outside sampling.
#ifndef SKEIN_PARALLEL_RUN_TASKS_HPP
#define SKEIN_PARALLEL_RUN_TASKS_HPP

#include <cstddef>

#include "../util/aligned.hpp"
#include "floating_point.hpp"
#include "pool.hpp"

namespace skein {
namespace parallel {

// body(task, scratch) for tasks 0 to n_tasks - 1, each once, in `threads` threads; with fewer than two a plain loop on
// the calling thread. `scratch`: scratch_size doubles of the thread that runs the task, not initialised.
template <class Body>
void run_tasks(std::size_t n_tasks, std::size_t threads, std::size_t scratch_size, const Body& body) {
  if (threads < 2) {
    const FloatingPointGuard floating_point;
    util::AlignedArray<double> scratch(scratch_size);
    for (std::size_t task = 0; task < n_tasks; ++task) body(task, scratch.data());
    return;
  }
  PoolOptions options;
  options.workers = threads;
  options.scratch_size = scratch_size;
  options.cores_allowed = threads;
  Pool pool(options);
  pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
    for_each_task(&team, n_tasks, scratch, body);
  });
}

}  // namespace parallel
}  // namespace skein

#endif
