// The pool runs every task once, shares, stops and passes failures on as it says.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "parallel_helpers.hpp"

namespace {

using namespace parallel_helpers;

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

}  // namespace

int main() { return check::run_all(); }
