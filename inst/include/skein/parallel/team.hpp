// How the owner of a reduction shares its tasks with the pool's idle workers.
#ifndef SKEIN_PARALLEL_TEAM_HPP
#define SKEIN_PARALLEL_TEAM_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "reduction.hpp"
#include "spin.hpp"

namespace skein {
namespace parallel {

// What one helper owns.
struct Helper {
  std::size_t worker = 0;
  double* scratch = nullptr;
  std::uint64_t* seen = nullptr;           // for each slot what opened() said last; 0 at first
  std::uint64_t* tasks_by_slot = nullptr;  // tasks run are added here
};

// What owners and helpers of one pool share: the slots, who is idle, and where the idle sleep.
//
// At most `n_cores` workers are awake, unless more than that own jobs: a helper without a core of its own only delays.
class Crew {
 public:
  Crew(std::size_t n_workers, std::size_t n_owners, std::size_t n_cores)
      : n_slots_(n_owners),
        n_awake_wanted_(std::min(n_workers, std::max<std::size_t>(n_cores, 1))),
        n_surplus_(n_workers - n_awake_wanted_),
        slots_(new Reduction[n_owners]) {
    for (std::size_t s = 0; s < n_owners; ++s) slots_[s].allocate(std::max<std::size_t>(n_awake_wanted_, 2));
    set_running(n_owners);
  }

  Reduction& slot(std::size_t index) { return slots_[index]; }

  // Says how many owners have a job, so that reductions are cut for as many participants as they may expect.
  void set_running(std::size_t n_running) {
    const std::size_t n_each = n_running > 0 ? (n_awake_wanted_ + n_running - 1) / n_running : n_awake_wanted_;
    n_shares_.store(static_cast<std::uint32_t>(std::max<std::size_t>(n_each, 2)), std::memory_order_relaxed);
  }

  std::uint32_t n_shares() const { return n_shares_.load(std::memory_order_relaxed); }

  // Whether opening a reduction could find a helper. A stale answer costs time only.
  bool has_helpers() const {
    const std::size_t n_parked = n_parked_.load(std::memory_order_relaxed);
    return n_helpers_.load(std::memory_order_relaxed) > n_parked || n_parked > n_surplus_;
  }

  // Call after opening a reduction with a sequentially consistent store: either this sees a helper that parks, or
  // that helper sees the reduction (park() below does the same in the opposite order).
  void wake_one_if_parked() noexcept {
    if (n_parked_.load(std::memory_order_seq_cst) > n_surplus_) wake_one();
  }

  // Helps any open reduction until close().
  void help_until_closed(const Helper& helper);

  void close();

 private:
  // Longer than the gap between two gradients of a chain; sleep and wake-up together cost about as much.
  static constexpr std::chrono::microseconds spin_time_{50};
  static constexpr int polls_per_clock_ = 16;
  // A loaded machine may wake a helper on its owner's core: every few us of idling it must let the owner through.
  static constexpr int polls_per_yield_ = 64;

  bool is_surplus() const { return n_parked_.load(std::memory_order_relaxed) < n_surplus_; }
  bool any_open() const;
  bool help_any(const Helper& helper, std::size_t& first);
  void park();
  void wake_one();

  const std::size_t n_slots_;
  const std::size_t n_awake_wanted_;
  const std::size_t n_surplus_;
  std::unique_ptr<Reduction[]> slots_;

  // Read at each reduction, seldom written.
  alignas(cache_line) std::atomic<std::size_t> n_parked_{0};  // parked and not yet called
  std::atomic<std::size_t> n_helpers_{0};
  std::atomic<std::uint32_t> n_shares_{2};
  std::atomic<bool> closed_{false};

  alignas(cache_line) std::mutex mutex_;
  std::condition_variable called_;
  std::size_t n_called_ = 0;
};

inline bool Crew::any_open() const {
  for (std::size_t s = 0; s < n_slots_; ++s)
    if (slots_[s].has_unclaimed(slots_[s].opened(std::memory_order_seq_cst))) return true;
  return false;
}

// Helps the first newly opened reduction from slot `first` on and moves `first` behind it, so that help goes round.
inline bool Crew::help_any(const Helper& helper, std::size_t& first) {
  for (std::size_t k = 0; k < n_slots_; ++k) {
    const std::size_t s = first + k < n_slots_ ? first + k : first + k - n_slots_;
    const std::uint64_t opened = slots_[s].opened(std::memory_order_acquire);
    if (opened == helper.seen[s]) continue;
    helper.seen[s] = opened;
    // The owner calls one sleeper, who calls the next: no thread pays for waking them all.
    if (n_parked_.load(std::memory_order_relaxed) > n_surplus_) wake_one();
    const std::size_t n_run = slots_[s].help(opened, helper.worker, helper.scratch);
    if (n_run == 0) continue;
    helper.tasks_by_slot[s] += n_run;
    first = s + 1 < n_slots_ ? s + 1 : 0;
    return true;
  }
  return false;
}

inline void Crew::help_until_closed(const Helper& helper) {
  using Clock = std::chrono::steady_clock;
  n_helpers_.fetch_add(1, std::memory_order_relaxed);
  std::size_t first = helper.worker % n_slots_;
  Clock::time_point idle_since = Clock::now();
  int n_polls = 0;
  while (!closed_.load(std::memory_order_acquire)) {
    const bool awake = !is_surplus();
    if (awake && help_any(helper, first)) {
      idle_since = Clock::now();
      continue;
    }
    cpu_pause();
    const bool look_at_clock = ++n_polls % polls_per_clock_ == 0;
    if (n_polls % polls_per_yield_ == 0) std::this_thread::yield();
    if (!awake || (look_at_clock && Clock::now() - idle_since > spin_time_)) {
      park();
      idle_since = Clock::now();
    }
  }
  n_helpers_.fetch_sub(1, std::memory_order_relaxed);
}

inline void Crew::park() {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::size_t n_parked = n_parked_.fetch_add(1, std::memory_order_seq_cst) + 1;
  const bool may_stay_awake = n_parked > n_surplus_;
  if (closed_.load(std::memory_order_relaxed) || (may_stay_awake && any_open())) {
    n_parked_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  called_.wait(lock, [this] { return n_called_ > 0 || closed_.load(std::memory_order_relaxed); });
  if (n_called_ > 0)
    --n_called_;  // the caller has taken us off n_parked_, so that it calls each sleeper once
  else
    n_parked_.fetch_sub(1, std::memory_order_relaxed);
}

inline void Crew::wake_one() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (n_parked_.load(std::memory_order_relaxed) <= n_surplus_) return;
    n_parked_.fetch_sub(1, std::memory_order_relaxed);
    ++n_called_;
  }
  called_.notify_one();
}

inline void Crew::close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_.store(true, std::memory_order_release);
  }
  called_.notify_all();
}

// The owner's handle. One thread at a time calls run(), and no task calls it.
class Team {
 public:
  // A team of one: run() is a plain loop.
  Team() = default;

  Team(Crew& crew, std::size_t slot) : crew_(&crew), reduction_(&crew.slot(slot)) {}

  // Runs body(context, task, scratch) for all tasks from 0 to n_tasks - 1, each once, on this thread (with own_scratch)
  // and on idle workers (with theirs); returns when all are done, and what they wrote is then visible here. If a task
  // throws, tasks not begun may be left out, and one of the exceptions is rethrown once no task is in flight.
  void run(std::size_t n_tasks, TaskFunction body, void* context, double* own_scratch) {
    if (n_tasks < 2 || crew_ == nullptr || !crew_->has_helpers()) {
      for (std::size_t task = 0; task < n_tasks; ++task) body(context, task, own_scratch);
      n_run_ += n_tasks;
      return;
    }
    for (std::size_t first = 0, n; first < n_tasks; first += n) {
      n = std::min(n_tasks - first, Unclaimed::max_tasks);
      if (n_tasks - first - n == 1) --n;  // a reduction has two tasks at least
      const Tasks tasks = {body, context, first, static_cast<std::uint32_t>(n)};
      reduction_->open(tasks, std::min(crew_->n_shares(), tasks.n));
      crew_->wake_one_if_parked();
      n_run_ += reduction_->run_own(tasks, own_scratch);
      reduction_->close();
    }
  }

  // Tasks that the owner itself has run.
  std::uint64_t n_run() const { return n_run_; }

 private:
  Crew* crew_ = nullptr;
  Reduction* reduction_ = nullptr;
  std::uint64_t n_run_ = 0;
};

// body(task, scratch) for each task; a plain loop if `team` is null. Else as Team::run().
template <class Body>
void for_each_task(Team* team, std::size_t n_tasks, double* own_scratch, Body&& body) {
  if (team == nullptr) {
    for (std::size_t task = 0; task < n_tasks; ++task) body(task, own_scratch);
    return;
  }
  using Plain = std::remove_reference_t<Body>;
  const TaskFunction call = [](void* context, std::size_t task, double* scratch) {
    (*static_cast<Plain*>(context))(task, scratch);
  };
  team->run(n_tasks, call, const_cast<void*>(static_cast<const void*>(std::addressof(body))), own_scratch);
}

}  // namespace parallel
}  // namespace skein

#endif
