// What the tests of the pool and of its sums share: options, uneven work, and ways to meet a helper.
#ifndef SKEIN_TESTS_PARALLEL_HELPERS_HPP
#define SKEIN_TESTS_PARALLEL_HELPERS_HPP

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <skein/parallel/pool.hpp>

namespace parallel_helpers {

using namespace skein::parallel;
using Clock = std::chrono::steady_clock;

const std::size_t all_workers[] = {1, 2, 4, 8};

inline PoolOptions options(std::size_t workers, std::size_t owners, std::size_t cores = 0) {
  PoolOptions result;
  result.workers = workers;
  result.owners = owners;
  result.scratch_size = 5;
  result.cores_allowed = cores > 0 ? cores : workers;
  return result;
}

inline std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
  return x ^ (x >> 29);
}

// A task's work: up to some 1 us, unequal from task to task.
inline double busy(std::uint64_t key) {
  double x = 1.0;
  for (std::uint64_t i = mix(key) % 300; i > 0; --i) x = x * 1.0000001 + 1e-9;
  return x;
}

// Runs a reduction whose tasks count themselves; true if each of them ran exactly once.
inline bool each_task_once(Team* team, std::size_t n_tasks, double* scratch, std::uint64_t key) {
  std::vector<int> runs(n_tasks, 0);
  for_each_task(team, n_tasks, scratch, [&](std::size_t task, double* own) {
    own[0] = busy(key + task);
    runs[task] += own[0] > 0 ? 1 : 100;
  });
  for (const int n : runs)
    if (n != 1) return false;
  return true;
}

// Two tasks that both return only when both have begun, or at `deadline`: true if two threads met.
inline bool meet(Team& team, double* scratch, Clock::time_point deadline) {
  std::atomic<int> n_begun{0}, n_met{0};
  for_each_task(&team, 2, scratch, [&](std::size_t, double*) {
    n_begun.fetch_add(1);
    while (n_begun.load() < 2 && Clock::now() < deadline) std::this_thread::yield();
    if (n_begun.load() == 2 && Clock::now() < deadline) n_met.fetch_add(1);
  });
  return n_met.load() == 2;
}

// Repeats short meetings until a helper is there; from then on it can only be asleep.
inline bool wait_for_helper(Team& team, double* scratch) {
  const Clock::time_point end = Clock::now() + std::chrono::seconds(20);
  while (Clock::now() < end)
    if (meet(team, scratch, Clock::now() + std::chrono::milliseconds(2))) return true;
  return false;
}

template <class Condition>
bool wait_until(Condition condition) {
  const Clock::time_point end = Clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace parallel_helpers

#endif
