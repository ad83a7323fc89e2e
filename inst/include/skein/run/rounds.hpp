// Rounds of work that several threads begin at the same moment, and how long each takes until the last is done.
#ifndef SKEIN_RUN_ROUNDS_HPP
#define SKEIN_RUN_ROUNDS_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

#include "../parallel/pool.hpp"
#include "../parallel/spin.hpp"

namespace skein {
namespace run {

// Each thread calls begin(), does its work, and calls end(), again and again.
class Rounds {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Rounds(std::size_t n_threads) : n_threads_(n_threads) {}

  // Waits until all threads are here; then the round's clock starts. False if that will not be: somebody has left, a
  // stop was requested, or, at the first round, the system gave fewer threads (who has waited for `patience` leaves).
  bool begin(const parallel::StopFlag& stop) { return meet(stop); }

  // Waits for the others to end their round. False as in begin().
  bool end(const parallel::StopFlag& stop) {
    const double seconds = std::chrono::duration<double>(Clock::now() - started()).count();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      slowest_ = std::max(slowest_, seconds);
    }
    return meet(stop);
  }

  // Seconds from begin() of the round that all have just ended until its last thread was done. For one thread to call,
  // once a round, before it begins the next.
  double take_seconds() {
    const std::lock_guard<std::mutex> lock(mutex_);
    const double seconds = slowest_;
    slowest_ = 0;
    return seconds;
  }

  // Ends the rounds: who waits, now or later, gets false.
  void leave() { left_.store(true, std::memory_order_release); }

 private:
  static constexpr std::chrono::seconds patience{10};

  Clock::time_point started() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return met_at_;
  }

  bool meet(const parallel::StopFlag& stop) {
    const std::size_t meeting = meeting_.load(std::memory_order_acquire);
    if (arrive()) return true;
    parallel::Backoff backoff;
    const Clock::time_point arrived = Clock::now();
    while (meeting_.load(std::memory_order_acquire) == meeting) {
      const bool alone = meeting == 0 && Clock::now() - arrived > patience;
      if (alone || stop.requested()) leave();
      if (left_.load(std::memory_order_acquire)) return false;
      backoff.wait();
    }
    return true;
  }

  // Whether this was the last to come, who lets the others go.
  bool arrive() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (++n_here_ < n_threads_) return false;
    n_here_ = 0;
    met_at_ = Clock::now();
    meeting_.fetch_add(1, std::memory_order_release);
    return true;
  }

  const std::size_t n_threads_;
  std::atomic<std::size_t> meeting_{0};
  std::atomic<bool> left_{false};

  std::mutex mutex_;  // guards what follows
  std::size_t n_here_ = 0;
  Clock::time_point met_at_;
  double slowest_ = 0;
};

}  // namespace run
}  // namespace skein

#endif
