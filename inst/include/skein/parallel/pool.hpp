// The workers of one call: each owns a job (a chain) or helps the reductions of those that do.
#ifndef SKEIN_PARALLEL_POOL_HPP
#define SKEIN_PARALLEL_POOL_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

#include "floating_point.hpp"
#include "launcher.hpp"
#include "team.hpp"
#include "worker_memory.hpp"

namespace skein {
namespace parallel {

struct PoolOptions {
  std::size_t workers = 1;        // threads that work, owners and helpers together; the calling thread only waits
  std::size_t owners = 1;         // jobs that run at once, at most; no more than `workers`
  std::size_t scratch_size = 0;   // doubles of scratch for each worker
  std::size_t cores_allowed = 0;  // cores the workers may keep busy; 0 means all that the system lets us use
};

// Set once, by whoever wants the jobs to end; jobs look at it between steps.
class StopFlag {
 public:
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

// Who did what in the last run. Slots number the owners: a worker keeps one slot for all jobs that it owns.
struct PoolReport {
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  struct JobPlace {
    std::size_t worker = nobody;
    std::size_t slot = nobody;
  };

  std::size_t n_workers = 0;
  std::size_t n_slots = 0;
  std::vector<std::uint64_t> tasks;  // n_workers rows of n_slots
  std::vector<JobPlace> jobs;

  std::uint64_t n_tasks(std::size_t worker, std::size_t slot) const { return tasks[worker * n_slots + slot]; }
};

// Runs job `index` to its end. `scratch`: scratch_size doubles of its worker, 64-byte aligned, not initialised.
using Job = std::function<void(std::size_t index, Team& team, double* scratch, const StopFlag& stop)>;

// Called on the calling thread at least every 100 ms while jobs run; true asks them to stop.
using Poll = std::function<bool()>;

class Pool {
 public:
  // Clamps the options to at least one worker and one owner. `launcher` is launch_threads or launch_tbb.
  explicit Pool(const PoolOptions& options, Launcher launcher = launch_threads);

  // Runs jobs 0 to n_jobs - 1, begun in this order, each on one worker, and returns when all workers are gone.
  // A stop keeps jobs from being begun; those running end when they like. Rethrows what poll threw, else what the
  // failed job of lowest index threw; either is also a stop.
  void run(std::size_t n_jobs, const Job& job, const Poll& poll = Poll());

  const PoolReport& report() const { return report_; }

 private:
  class Session;

  PoolOptions options_;
  Launcher launcher_;
  WorkerMemory<double> scratch_;
  PoolReport report_;
};

// The state of one run().
class Pool::Session {
 public:
  Session(Pool& pool, std::size_t n_jobs, const Job& job, const Poll& poll);

  void work(std::size_t worker);
  void monitor();
  void write_report(PoolReport& report);
  void rethrow_failure() const;

 private:
  // The calling thread looks this often: Ctrl-C feels immediate, and the cost is too small to measure.
  static constexpr std::chrono::milliseconds poll_interval_{100};

  bool can_begin() const { return next_job_ < jobs_.size() && !stop_.requested(); }
  bool ended() const { return n_running_ == 0 && !can_begin(); }
  bool become_owner(std::size_t& slot);
  bool next_job(std::size_t worker, std::size_t slot, std::size_t& index);
  void run_jobs(std::size_t worker, std::size_t slot);
  void record_failure(std::size_t index);

  const std::size_t n_workers_;
  const std::size_t n_slots_;
  const Job& job_;
  const Poll& poll_;
  WorkerMemory<double>& scratch_;
  WorkerMemory<std::uint64_t> tasks_by_slot_;
  WorkerMemory<std::uint64_t> seen_;
  Crew crew_;
  StopFlag stop_;
  std::exception_ptr poll_failure_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable job_ended_;
  std::vector<PoolReport::JobPlace> jobs_;
  std::size_t next_job_ = 0;
  std::size_t n_running_ = 0;  // owners, between becoming one and finding no job left
  std::size_t n_slots_taken_ = 0;
  std::size_t failed_job_ = 0;
  std::exception_ptr job_failure_;
};

inline Pool::Session::Session(Pool& pool, std::size_t n_jobs, const Job& job, const Poll& poll)
    : n_workers_(pool.options_.workers),
      n_slots_(std::min(pool.options_.owners, n_jobs)),
      job_(job),
      poll_(poll),
      scratch_(pool.scratch_),
      tasks_by_slot_(n_workers_, n_slots_),
      seen_(n_workers_, n_slots_),
      crew_(n_workers_, n_slots_, pool.options_.cores_allowed),
      jobs_(n_jobs) {
  for (std::size_t worker = 0; worker < n_workers_; ++worker) {
    std::fill_n(tasks_by_slot_.of(worker), n_slots_, std::uint64_t(0));
    std::fill_n(seen_.of(worker), n_slots_, std::uint64_t(0));
  }
}

// One thread's life. Which threads own is settled here, not by index: a launcher may begin them late or one by one.
inline void Pool::Session::work(std::size_t worker) {
  const FloatingPointGuard floating_point;
  std::size_t slot = 0;
  if (become_owner(slot)) run_jobs(worker, slot);
  crew_.help_until_closed({worker, scratch_.of(worker), seen_.of(worker), tasks_by_slot_.of(worker)});
}

inline bool Pool::Session::become_owner(std::size_t& slot) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (n_slots_taken_ == n_slots_ || !can_begin()) return false;
  slot = n_slots_taken_++;
  ++n_running_;
  return true;
}

inline void Pool::Session::run_jobs(std::size_t worker, std::size_t slot) {
  Team team = n_workers_ > 1 ? Team(crew_, slot) : Team();
  std::size_t index = 0;
  while (next_job(worker, slot, index)) {
    try {
      job_(index, team, scratch_.of(worker), stop_);
    } catch (...) {
      record_failure(index);
    }
  }
  tasks_by_slot_.of(worker)[slot] += team.n_run();
}

// The next job for an owner; where there is none it is an owner no longer.
inline bool Pool::Session::next_job(std::size_t worker, std::size_t slot, std::size_t& index) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (can_begin()) {
    index = next_job_++;
    jobs_[index] = {worker, slot};
    return true;
  }
  --n_running_;
  crew_.set_running(n_running_);
  if (ended()) job_ended_.notify_one();
  return false;
}

inline void Pool::Session::record_failure(std::size_t index) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!job_failure_ || index < failed_job_) {
    failed_job_ = index;
    job_failure_ = std::current_exception();
  }
  stop_.request();
}

// The calling thread's part: sleep, poll, and send the workers home at the end.
inline void Pool::Session::monitor() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended()) {
    job_ended_.wait_for(lock, poll_interval_);
    if (ended() || stop_.requested() || !poll_) continue;
    lock.unlock();
    try {
      if (poll_()) stop_.request();
    } catch (...) {
      poll_failure_ = std::current_exception();
      stop_.request();
    }
    lock.lock();
  }
  lock.unlock();
  crew_.close();
}

inline void Pool::Session::write_report(PoolReport& report) {
  report.n_workers = n_workers_;
  report.n_slots = n_slots_;
  report.tasks.clear();
  for (std::size_t worker = 0; worker < n_workers_; ++worker)
    report.tasks.insert(report.tasks.end(), tasks_by_slot_.of(worker), tasks_by_slot_.of(worker) + n_slots_);
  report.jobs.swap(jobs_);
}

inline void Pool::Session::rethrow_failure() const {
  if (poll_failure_) std::rethrow_exception(poll_failure_);
  if (job_failure_) std::rethrow_exception(job_failure_);
}

inline Pool::Pool(const PoolOptions& options, Launcher launcher)
    : options_(options),
      launcher_(launcher),
      scratch_(std::max<std::size_t>(options.workers, 1), options.scratch_size) {
  options_.workers = std::max<std::size_t>(options_.workers, 1);
  options_.owners = std::min(std::max<std::size_t>(options_.owners, 1), options_.workers);
  if (options_.cores_allowed == 0) options_.cores_allowed = available_cores();
}

inline void Pool::run(std::size_t n_jobs, const Job& job, const Poll& poll) {
  report_ = PoolReport();
  if (n_jobs == 0) return;
  Session session(*this, n_jobs, job, poll);
  const auto work = [](void* context, std::size_t worker) { static_cast<Session*>(context)->work(worker); };
  const auto monitor = [](void* context) { static_cast<Session*>(context)->monitor(); };
  launcher_(options_.workers, work, &session, monitor);
  session.write_report(report_);
  session.rethrow_failure();
}

}  // namespace parallel
}  // namespace skein

#endif
