// Which chain a worker takes next: the queue of the chains that may move in this round, and the end of rounds.
#ifndef SKEIN_RUN_TURNSTILE_HPP
#define SKEIN_RUN_TURNSTILE_HPP

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "../parallel/pool.hpp"
#include "../parallel/spin.hpp"

namespace skein {
namespace run {

// A round ends when every chain that it opened with has left it. Who makes the last one leave prepares the next round
// and opens it, or closes the turnstile; all others wait. So a single worker can do all of it, and late ones join in.
class Turnstile {
 public:
  // In the last round nobody waits: who finds no chain may turn to something else.
  void open(const std::vector<std::uint32_t>& chains, bool last) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      last_ = last;
      queue_.assign(chains.begin(), chains.end());
      n_left_ = chains.size();
      closed_ = false;
      n_queued_.store(queue_.size(), std::memory_order_release);
    }
    changed_.notify_all();
  }

  void close() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      queue_.clear();
      n_queued_.store(closed_mark, std::memory_order_release);
    }
    changed_.notify_all();
  }

  // Whether a chain waits for a worker. A stale answer costs nothing.
  bool has_queued() const {
    const std::size_t n = n_queued_.load(std::memory_order_relaxed);
    return n > 0 && n != closed_mark;
  }

  // Takes up to n chains into `out` and returns how many; 0 if there are none and the caller will not `wait` for some,
  // or the turnstile is closed, or a stop is requested, or this is the last round. Adds the time spent waiting.
  std::size_t take(std::uint32_t* out, std::size_t n, bool wait, const parallel::StopFlag& stop,
                   double& waiting_seconds) {
    if (!wait && n_queued_.load(std::memory_order_relaxed) == 0) return 0;
    std::unique_lock<std::mutex> lock(mutex_);
    if (queue_.empty() && !closed_ && wait && !last_) {
      using Clock = std::chrono::steady_clock;
      const Clock::time_point start = Clock::now();
      lock.unlock();
      // Rounds of a warm-up follow each other closely: sleeping and waking up would cost more than they take.
      while (n_queued_.load(std::memory_order_acquire) == 0 && Clock::now() - start < spin_time_) parallel::cpu_pause();
      lock.lock();
      while (queue_.empty() && !closed_ && !stop.requested()) changed_.wait_for(lock, std::chrono::milliseconds(20));
      waiting_seconds += std::chrono::duration<double>(Clock::now() - start).count();
    }
    std::size_t taken = 0;
    for (; taken < n && !queue_.empty(); ++taken) {
      out[taken] = queue_.front();
      queue_.pop_front();
    }
    if (!closed_) n_queued_.store(queue_.size(), std::memory_order_relaxed);
    return taken;
  }

  // The chain goes behind the others of this round.
  void rejoin(std::uint32_t chain) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (closed_) return;
      queue_.push_back(chain);
      n_queued_.store(queue_.size(), std::memory_order_release);
    }
    changed_.notify_one();
  }

  // A chain has done its part of the round. True if it is the last: then the caller must open() or close().
  bool leave() {
    std::lock_guard<std::mutex> lock(mutex_);
    return --n_left_ == 0 && !closed_;
  }

 private:
  static constexpr std::size_t closed_mark = ~std::size_t{0};
  static constexpr std::chrono::microseconds spin_time_{50};

  std::atomic<std::size_t> n_queued_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::uint32_t> queue_;
  std::size_t n_left_ = 0;
  bool last_ = false;
  bool closed_ = false;
};

}  // namespace run
}  // namespace skein

#endif
