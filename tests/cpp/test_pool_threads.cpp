// The pool's threads park and wake, help where they can, come from any launcher, and leave nothing behind.
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/wait.h>
#include <unistd.h>
#define SKEIN_CAN_FORK 1
#endif

#include "check.hpp"
#include "parallel_helpers.hpp"

namespace {

using namespace parallel_helpers;

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

// Two jobs on two threads each; when one ends, the other's reduction is done by all four workers at once.
CHECK_TEST(the_last_job_gets_all_workers) {
  Pool pool(options(4, 2, 4));
  std::atomic<int> n_paired{0};
  std::atomic<bool> all_met{false};
  pool.run(2, [&](std::size_t job, Team& team, double* scratch, const StopFlag&) {
    n_paired += wait_for_helper(team, scratch);
    wait_until([&] { return n_paired.load() == 2 || !each_task_once(&team, 8, scratch, job); });
    const Clock::time_point end = Clock::now() + std::chrono::seconds(20);
    while (job == 1 && !all_met.load() && Clock::now() < end) {
      std::atomic<int> n_begun{0};
      const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(20);
      for_each_task(&team, 4, scratch, [&](std::size_t, double*) {
        n_begun.fetch_add(1);
        while (n_begun.load() < 4 && Clock::now() < deadline) std::this_thread::yield();
        if (n_begun.load() == 4 && Clock::now() < deadline) all_met.store(true);
      });
    }
  });
  CHECK(n_paired.load() == 2);
  CHECK(all_met.load());
  const PoolReport& report = pool.report();
  for (std::size_t worker = 0; worker < 4; ++worker) CHECK(report.n_tasks(worker, report.jobs[1].slot) > 0);
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

}  // namespace

int main() { return check::run_all(); }
