// The pool runs every task once, shares, stops and cleans up as it says; sums join in one order.
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/wait.h>
#include <unistd.h>
#define SKEIN_CAN_FORK 1
#endif

#include <skein/parallel/pool.hpp>
#include <skein/parallel/reduce_sum.hpp>

#include "check.hpp"

namespace {

using namespace skein::parallel;
using Clock = std::chrono::steady_clock;

const std::size_t all_workers[] = {1, 2, 4, 8};

PoolOptions options(std::size_t workers, std::size_t owners, std::size_t cores = 0) {
  PoolOptions result;
  result.workers = workers;
  result.owners = owners;
  result.scratch_size = 5;
  result.cores_allowed = cores > 0 ? cores : workers;
  return result;
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
  return x ^ (x >> 29);
}

// A task's work: up to some 1 us, unequal from task to task.
double busy(std::uint64_t key) {
  double x = 1.0;
  for (std::uint64_t i = mix(key) % 300; i > 0; --i) x = x * 1.0000001 + 1e-9;
  return x;
}

// Runs a reduction whose tasks count themselves; true if each of them ran exactly once.
bool each_task_once(Team* team, std::size_t n_tasks, double* scratch, std::uint64_t key) {
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
bool meet(Team& team, double* scratch, Clock::time_point deadline) {
  std::atomic<int> n_begun{0}, n_met{0};
  for_each_task(&team, 2, scratch, [&](std::size_t, double*) {
    n_begun.fetch_add(1);
    while (n_begun.load() < 2 && Clock::now() < deadline) std::this_thread::yield();
    if (n_begun.load() == 2 && Clock::now() < deadline) n_met.fetch_add(1);
  });
  return n_met.load() == 2;
}

// Repeats short meetings until a helper is there; from then on it can only be asleep.
bool wait_for_helper(Team& team, double* scratch) {
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

CHECK_TEST(every_task_runs_once) {
  for (const std::size_t workers : all_workers) {
    Pool pool(options(workers, 1));
    std::atomic<int> n_bad{0};
    std::size_t n_total = 0;
    pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
      for (std::uint64_t i = 0; i < 300; ++i) {
        const std::size_t n_tasks = mix(i) % 300;
        n_total += n_tasks;
        if (!each_task_once(&team, n_tasks, scratch, i << 20)) ++n_bad;
      }
    });
    CHECK(n_bad.load() == 0);
    std::uint64_t n_counted = 0;
    for (std::size_t w = 0; w < workers; ++w) n_counted += pool.report().n_tasks(w, 0);
    CHECK(n_counted == n_total);
  }
}

CHECK_TEST(more_tasks_than_one_word_counts) {
  for (const std::size_t n_tasks : {65534u, 65535u, 65536u, 200000u}) {
    Pool pool(options(2, 1));
    bool ok = false;
    pool.run(1, [&](std::size_t, Team& team, double*, const StopFlag&) {
      std::vector<unsigned char> runs(n_tasks, 0);
      for_each_task(&team, n_tasks, nullptr, [&](std::size_t task, double*) { ++runs[task]; });
      ok = std::count(runs.begin(), runs.end(), 1) == static_cast<std::ptrdiff_t>(n_tasks);
    });
    CHECK(ok);
  }
}

// A helper that comes late to one reduction meets the next ones, whose contexts lie elsewhere.
CHECK_TEST(reductions_reopened_quickly) {
  for (const std::size_t workers : all_workers) {
    Pool pool(options(workers, 1));
    std::size_t n_bad = 0;
    pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
      for (std::size_t i = 0; i < 10000; ++i) {
        const std::size_t n_tasks = 2 + i % 4;
        std::vector<std::size_t> out(n_tasks, 0);
        for_each_task(&team, n_tasks, scratch, [&out, i](std::size_t task, double*) { out[task] += i + task; });
        for (std::size_t task = 0; task < n_tasks; ++task) n_bad += out[task] != i + task;
      }
    });
    CHECK(n_bad == 0);
  }
}

CHECK_TEST(several_owners_at_once) {
  for (const std::size_t owners : {2u, 3u, 4u}) {
    Pool pool(options(6, owners));
    std::atomic<int> n_bad{0};
    pool.run(owners, [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
      for (std::uint64_t i = 0; i < 300; ++i)
        if (!each_task_once(&team, mix(job * 1000 + i) % 40, scratch, job * 7919 + i)) ++n_bad;
    });
    CHECK(n_bad.load() == 0);
    CHECK(pool.report().n_slots == owners);
  }
}

CHECK_TEST(more_jobs_than_owners) {
  Pool pool(options(4, 2));
  std::atomic<int> n_now{0}, n_most{0};
  std::vector<int> runs(25, 0);
  pool.run(runs.size(), [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
    const int now = ++n_now;
    int most = n_most.load();
    while (now > most && !n_most.compare_exchange_weak(most, now)) {
    }
    ++runs[job];
    for (std::uint64_t i = 0; i < 20; ++i) each_task_once(&team, 30, scratch, i);
    --n_now;
  });
  CHECK(n_most.load() <= 2);
  for (const int n : runs) CHECK(n == 1);
  for (const PoolReport::JobPlace& place : pool.report().jobs) CHECK(place.worker < 4 && place.slot < 2);
}

CHECK_TEST(jobs_begin_in_order) {
  Pool pool(options(2, 1));
  std::vector<std::size_t> order;
  pool.run(9, [&](std::size_t job, Team&, double*, const StopFlag&) { order.push_back(job); });
  CHECK(order.size() == 9);
  for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == i);
}

CHECK_TEST(no_jobs_and_odd_options) {
  Pool pool(options(2, 1));
  pool.run(0, [](std::size_t, Team&, double*, const StopFlag&) {});
  CHECK(pool.report().jobs.empty());
  PoolOptions zero;
  zero.workers = 0;
  zero.owners = 7;
  Pool smallest(zero);
  int n_runs = 0;
  smallest.run(3, [&](std::size_t, Team&, double*, const StopFlag&) { ++n_runs; });
  CHECK(n_runs == 3);
  CHECK(smallest.report().n_workers == 1 && smallest.report().n_slots == 1);
  Team alone;
  CHECK(each_task_once(&alone, 17, std::vector<double>(1).data(), 1));
  CHECK(each_task_once(nullptr, 17, std::vector<double>(1).data(), 1));
  CHECK(alone.n_run() == 17);
}

CHECK_TEST(scratch_is_aligned_and_ones_own) {
  Pool pool(options(4, 4));
  std::atomic<int> n_ready{0}, n_misaligned{0}, n_spoiled{0};
  pool.run(4, [&](std::size_t job, Team&, double* scratch, const StopFlag&) {
    n_misaligned += reinterpret_cast<std::uintptr_t>(scratch) % 64 != 0;
    for (int i = 0; i < 5; ++i) scratch[i] = static_cast<double>(job);
    ++n_ready;
    wait_until([&] { return n_ready.load() == 4; });
    for (int i = 0; i < 5; ++i) n_spoiled += scratch[i] != static_cast<double>(job);
  });
  CHECK(n_misaligned.load() == 0);
  CHECK(n_spoiled.load() == 0);
}

CHECK_TEST(exception_in_a_job_stops_the_others) {
  Pool pool(options(3, 2));
  std::atomic<int> n_begun{0}, n_stopped{0};
  std::string message;
  try {
    pool.run(10, [&](std::size_t job, Team&, double*, const StopFlag& stop) {
      ++n_begun;
      if (job == 1) {
        wait_until([&] { return n_begun.load() == 2; });
        throw std::runtime_error("job 1");
      }
      n_stopped += wait_until([&] { return stop.requested(); });
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message == "job 1");
  CHECK(n_begun.load() == 2);
  CHECK(n_stopped.load() == 1);
}

CHECK_TEST(the_first_of_several_failed_jobs_is_reported) {
  for (int repeat = 0; repeat < 20; ++repeat) {
    Pool pool(options(3, 3));
    std::atomic<int> n_begun{0};
    std::string message;
    try {
      pool.run(3, [&](std::size_t job, Team&, double*, const StopFlag&) {
        ++n_begun;
        wait_until([&] { return n_begun.load() == 3; });
        if (job > 0) throw std::runtime_error(std::to_string(job));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message == "1");
  }
}

CHECK_TEST(exception_in_a_task_reaches_its_owner) {
  for (const std::size_t workers : all_workers) {
    Pool pool(options(workers, 1));
    int n_caught = 0, n_bad = 0;
    pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
      for (std::size_t i = 0; i < 500; ++i) {
        std::vector<int> runs(40, 0);
        try {
          for_each_task(&team, runs.size(), scratch, [&](std::size_t task, double*) {
            ++runs[task];
            busy(i + task);
            if (task == i % runs.size() || task == 39) throw std::domain_error("task");
          });
        } catch (const std::domain_error&) {
          ++n_caught;
        }
        for (const int n : runs) n_bad += n > 1;
        n_bad += !each_task_once(&team, 11, scratch, i);
      }
    });
    CHECK(n_caught == 500);
    CHECK(n_bad == 0);
  }
}

CHECK_TEST(poll_runs_on_the_calling_thread_and_stops_jobs) {
  const std::thread::id caller = std::this_thread::get_id();
  for (const std::size_t workers : {1u, 2u}) {
    Pool pool(options(workers, 1));
    std::atomic<int> n_polls{0}, n_elsewhere{0}, n_begun{0};
    pool.run(
        5,
        [&](std::size_t, Team&, double*, const StopFlag& stop) {
          ++n_begun;
          n_elsewhere += std::this_thread::get_id() == caller;
          wait_until([&] { return stop.requested(); });
        },
        [&] {
          n_elsewhere += std::this_thread::get_id() != caller;
          return ++n_polls == 3;
        });
    CHECK(n_polls.load() == 3);
    CHECK(n_elsewhere.load() == 0);
    CHECK(n_begun.load() == 1);
  }
}

CHECK_TEST(exception_in_poll_goes_before_a_jobs) {
  Pool pool(options(2, 2));
  bool caught = false;
  std::atomic<int> n_stopped{0};
  try {
    pool.run(
        2,
        [&](std::size_t, Team&, double*, const StopFlag& stop) {
          n_stopped += wait_until([&] { return stop.requested(); });
          throw std::runtime_error("job");
        },
        []() -> bool { throw std::logic_error("poll"); });
  } catch (const std::logic_error&) {
    caught = true;
  }
  CHECK(caught);
  CHECK(n_stopped.load() == 2);
}

// Both sides of the 50 us after which helpers park, where a wake-up could be lost; then well beyond.
CHECK_TEST(parked_helpers_wake) {
  for (const std::size_t workers : {2u, 4u}) {
    Pool pool(options(workers, 1));
    bool helper_came = false;
    int n_alone = 0;
    pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
      helper_came = wait_for_helper(team, scratch);
      for (std::uint64_t i = 0; i < 500 && n_alone == 0; ++i) {
        const auto pause = std::chrono::microseconds(mix(i) % 120);
        const Clock::time_point resume = Clock::now() + pause;
        while (Clock::now() < resume) cpu_pause();
        n_alone += !meet(team, scratch, Clock::now() + std::chrono::seconds(20));
      }
      for (int i = 0; i < 20 && n_alone == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        n_alone += !meet(team, scratch, Clock::now() + std::chrono::seconds(20));
      }
    });
    CHECK(helper_came);
    CHECK(n_alone == 0);
  }
}

CHECK_TEST(a_finished_owner_helps_the_others) {
  Pool pool(options(2, 2));
  bool helped = false;
  pool.run(2, [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
    if (job == 1) helped = wait_for_helper(team, scratch);
  });
  CHECK(helped);
  const PoolReport& report = pool.report();
  // Either one worker ran both jobs and the other never owned, or each ran one: the worker that is not job 1's helped.
  const std::size_t owner = report.jobs[1].worker;
  CHECK(report.n_tasks(1 - owner, report.jobs[1].slot) > 0);
}

CHECK_TEST(help_goes_round) {
  Pool pool(options(3, 2));
  std::atomic<int> n_helped{0};
  pool.run(2, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
    n_helped += wait_for_helper(team, scratch);
    wait_until([&] { return n_helped.load() == 2 || !each_task_once(&team, 8, scratch, 1); });
  });
  CHECK(n_helped.load() == 2);
}

CHECK_TEST(helpers_without_a_core_stay_asleep) {
  Pool pool(options(4, 1, 1));
  std::size_t n_tasks = 0;
  pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
    for (std::uint64_t i = 0; i < 2000; ++i, n_tasks += 16) each_task_once(&team, 16, scratch, i);
  });
  const PoolReport& report = pool.report();
  CHECK(report.n_tasks(report.jobs[0].worker, 0) == n_tasks);
}

// As TBB may do: threads come late, or one thread runs all workers one after another.
void launch_one_by_one(std::size_t n, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*)) {
  std::thread thread([=] {
    for (std::size_t i = n; i-- > 0;) entry(context, i);
  });
  monitor(context);
  thread.join();
}

std::atomic<int> n_alive{0};

void launch_counted(std::size_t n, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*)) {
  struct Both {
    void (*entry)(void*, std::size_t);
    void* context;
    void (*monitor)(void*);
  } both = {entry, context, monitor};
  launch_threads(
      n,
      [](void* c, std::size_t i) {
        ++n_alive;
        static_cast<Both*>(c)->entry(static_cast<Both*>(c)->context, i);
        --n_alive;
      },
      &both, [](void* c) { static_cast<Both*>(c)->monitor(static_cast<Both*>(c)->context); });
}

CHECK_TEST(launchers_may_be_poor) {
  Pool pool(options(4, 2), launch_one_by_one);
  std::atomic<int> n_runs{0}, n_bad{0};
  pool.run(5, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
    ++n_runs;
    n_bad += !each_task_once(&team, 50, scratch, 3);
  });
  CHECK(n_runs.load() == 5);
  CHECK(n_bad.load() == 0);
}

CHECK_TEST(no_worker_outlives_the_call) {
  Pool pool(options(4, 2), launch_counted);
  for (int repeat = 0; repeat < 50; ++repeat) {
    int n_caught = 0;
    try {
      pool.run(3, [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
        each_task_once(&team, 20, scratch, job);
        if (repeat % 2 == 1) throw 1;
      });
    } catch (int) {
      ++n_caught;
    }
    CHECK(n_caught == repeat % 2);
    CHECK(n_alive.load() == 0);
  }
}

// The calling thread is woken at the end, not at its next look 100 ms later.
CHECK_TEST(runs_end_promptly) {
  const Clock::time_point begin = Clock::now();
  for (int repeat = 0; repeat < 40; ++repeat)
    Pool(options(2, 1)).run(2, [](std::size_t, Team&, double*, const StopFlag&) {});
  CHECK(Clock::now() - begin < std::chrono::seconds(2));
}

CHECK_TEST(workers_round_to_nearest_and_keep_denormals) {
  const int before = std::fegetround();
  std::fesetround(FE_UPWARD);
#if defined(__x86_64__)
  const unsigned control = _mm_getcsr();
  _mm_setcsr(control | 0x8040);
#endif
  Pool pool(options(2, 2));
  std::atomic<int> n_wrong{0};
  pool.run(2, [&](std::size_t, Team&, double*, const StopFlag&) {
    volatile double smallest = std::numeric_limits<double>::min(), half = 0.5, one = 1.0, tiny = 1e-30;
    const volatile double denormal = smallest * half;
    const volatile double sum = one + tiny;
    n_wrong += denormal == 0.0;
    n_wrong += denormal * 2.0 != smallest;
    n_wrong += sum != 1.0;
    n_wrong += std::fegetround() != FE_TONEAREST;
  });
  CHECK(n_wrong.load() == 0);
  CHECK(std::fegetround() == FE_UPWARD);
#if defined(__x86_64__)
  CHECK((_mm_getcsr() & 0x8040) == 0x8040);
  _mm_setcsr(control);
#endif
  std::fesetround(before);
}

#if defined(SKEIN_CAN_FORK)
bool pool_works() {
  Pool pool(options(2, 2));
  std::atomic<int> n_bad{0};
  pool.run(4, [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
    for (std::uint64_t i = 0; i < 50; ++i) n_bad += !each_task_once(&team, 40, scratch, job + i);
  });
  return n_bad.load() == 0;
}

bool pool_works_in_child() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(pool_works() ? 0 : 1);
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

CHECK_TEST(forked_children_are_safe) {
  CHECK(pool_works_in_child());
  CHECK(pool_works());
  CHECK(pool_works_in_child());
  CHECK(pool_works());
}
#endif

// The tree by definition: the largest power of two below n on the left.
double tree_sum(const std::vector<double>& values, std::size_t first, std::size_t n) {
  if (n == 1) return values[first];
  std::size_t left = 1;
  while (2 * left < n) left *= 2;
  return tree_sum(values, first, left) + tree_sum(values, first + left, n - left);
}

double uneven(std::uint64_t key) {
  const std::uint64_t bits = mix(key + 12345);
  return std::ldexp(static_cast<double>(bits % 1000003) - 500000.0, static_cast<int>(bits >> 58) - 32);
}

CHECK_TEST(pairwise_sum_follows_its_tree) {
  for (std::size_t n = 1; n <= 70; ++n) {
    for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 64u, 301u}) {
      const std::size_t stride = size + n % 3;
      std::vector<double> buffers(n * stride);
      for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i] = uneven(i * 31 + n);
      const std::vector<double> before = buffers;
      pairwise_sum(buffers.data(), n, stride, size);
      bool ok = true;
      for (std::size_t i = 0; i < size; ++i) {
        std::vector<double> values(n);
        for (std::size_t b = 0; b < n; ++b) values[b] = before[b * stride + i];
        const double expected = tree_sum(values, 0, n);
        ok = ok && std::memcmp(&buffers[i], &expected, sizeof(double)) == 0;
      }
      for (std::size_t i = size; i < stride; ++i) ok = ok && buffers[i] == before[i];
      CHECK(ok);
    }
  }
  pairwise_sum(nullptr, 0, 8, 8);
}

CHECK_TEST(strips_cover_the_tiles_evenly) {
  for (const std::size_t n_tiles : {0u, 1u, 2u, 255u, 256u, 257u, 511u, 3907u, 100000u}) {
    const Strips strips(n_tiles);
    CHECK(strips.n_strips == std::min<std::size_t>(n_tiles, 256));
    CHECK(strips.first_tile(0) == 0);
    CHECK(strips.first_tile(strips.n_strips) == n_tiles);
    std::size_t least = n_tiles, most = 0;
    for (std::size_t s = 0; s < strips.n_strips; ++s) {
      const std::size_t length = strips.first_tile(s + 1) - strips.first_tile(s);
      least = std::min(least, length);
      most = std::max(most, length);
    }
    CHECK(n_tiles == 0 || (least >= 1 && most - least <= 1));
  }
}

CHECK_TEST(grainsize_sets_strips_per_task) {
  CHECK(tasks_for(0, 10000, 40) == 4);
  CHECK(tasks_for(0, 1000000, 256) == 1);
  CHECK(tasks_for(0, 500, 2) == 2);
  CHECK(tasks_for(1, 10000, 40) == 1);
  CHECK(tasks_for(250, 10000, 40) == 1);
  CHECK(tasks_for(251, 10000, 40) == 2);
  CHECK(tasks_for(625, 10000, 40) == 3);
  CHECK(tasks_for(10000, 10000, 40) == 40);
  CHECK(tasks_for(20000, 10000, 40) == 40);
  CHECK(tasks_for(9999, 10000, 40) == 40);
  CHECK(tasks_for(1, 0, 0) == 1);
}

// reduce_sum as its users write it: bits depend on neither workers nor grainsize.
CHECK_TEST(sums_have_the_same_bits_however_they_are_run) {
  constexpr std::size_t n_tiles = 700, rows_per_tile = 10;
  const Strips strips(n_tiles);
  std::vector<double> sums;
  for (const std::size_t workers : all_workers) {
    for (const std::size_t grainsize : {0u, 1u, 100u, 7000u}) {
      Pool pool(options(workers, 1));
      pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
        const std::size_t per_task = tasks_for(grainsize, n_tiles * rows_per_tile, strips.n_strips);
        std::vector<double> buffers(strips.n_strips, 0.0);
        for_each_task(&team, (strips.n_strips + per_task - 1) / per_task, scratch, [&](std::size_t task, double*) {
          const std::size_t end = std::min(strips.n_strips, (task + 1) * per_task);
          for (std::size_t s = task * per_task; s < end; ++s)
            for (std::size_t row = strips.first_tile(s) * rows_per_tile; row < strips.first_tile(s + 1) * rows_per_tile;
                 ++row)
              buffers[s] += uneven(row);
        });
        pairwise_sum(buffers.data(), buffers.size(), 1, 1);
        sums.push_back(buffers[0]);
      });
    }
  }
  for (const double sum : sums) CHECK(std::memcmp(&sum, &sums[0], sizeof(double)) == 0);
}

}  // namespace

int main() { return check::run_all(); }
