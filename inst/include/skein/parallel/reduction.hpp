// An open reduction: its tasks, how owner and helpers claim them, and how the owner learns that they are done.
#ifndef SKEIN_PARALLEL_REDUCTION_HPP
#define SKEIN_PARALLEL_REDUCTION_HPP

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "spin.hpp"

namespace skein {
namespace parallel {

// Runs one task; `scratch` belongs to the thread that calls. Results go to the task's own buffer in `context`.
using TaskFunction = void (*)(void* context, std::size_t task, double* scratch);

// Consecutive tasks that nobody has claimed, [front, back), in one word with the generation of their reduction. A claim
// is one compare-and-swap; the generation makes it fail for a helper that still thinks of an earlier reduction (it
// would have to sleep through exactly 2^32 of them to be fooled).
struct Unclaimed {
  static constexpr std::size_t max_tasks = 0xffff;

  std::uint32_t generation = 0;
  std::uint32_t front = 0;
  std::uint32_t back = 0;

  static Unclaimed unpack(std::uint64_t word) {
    const std::uint32_t low = static_cast<std::uint32_t>(word);
    return {static_cast<std::uint32_t>(word >> 32), low >> 16, low & 0xffff};
  }
  std::uint64_t pack() const { return std::uint64_t(generation) << 32 | front << 16 | back; }
  std::uint32_t size() const { return back - front; }
};

struct Claim {
  std::uint32_t first = 0;
  std::uint32_t n = 0;
  bool last = true;  // the share is empty now: looking again would fetch a line that another core may be writing
};

// The share of one participant, on a cache line of its own. It takes half of what is left at a time, from the front;
// who has nothing left takes from the back of others. A core asks another for a line (130 ns on the Xeon where this
// was tuned, a third of a task) only to join and when its own share is done; one counter for all would cost that much
// at each claim.
struct alignas(cache_line) Share {
  enum class End { front, back };

  std::atomic<std::uint64_t> unclaimed{0};

  Claim claim(std::uint32_t generation, End end) {
    std::uint64_t word = unclaimed.load(std::memory_order_acquire);
    for (;;) {
      Unclaimed left = Unclaimed::unpack(word);
      if (left.generation != generation || left.size() == 0) return {};
      const std::uint32_t n = (left.size() + 1) / 2;
      const Claim claim = {end == End::front ? left.front : left.back - n, n, n == left.size()};
      if (end == End::front)
        left.front += n;
      else
        left.back -= n;
      if (unclaimed.compare_exchange_weak(word, left.pack(), std::memory_order_acq_rel, std::memory_order_acquire))
        return claim;
    }
  }
};

// The tasks of one reduction, numbered from `first` on.
struct Tasks {
  TaskFunction body = nullptr;
  void* context = nullptr;
  std::size_t first = 0;
  std::uint32_t n = 0;

  void run(Claim claim, double* scratch) const {
    const std::size_t begin = first + claim.first;
    for (std::size_t task = begin; task < begin + claim.n; ++task) body(context, task, scratch);
  }
};

// An owner's slot. The owner opens one reduction after another in it; helpers may look at any time.
//
// Why a late helper does no harm: it reads `opened_`, then the tasks' fields, then claims. A claim succeeds only if the
// reduction it read of still has unclaimed tasks, and the owner writes the next one's fields only when it has seen all
// claimed tasks of this one done. So the fields of a successful claim are the right ones, and others are not used.
class Reduction {
 public:
  void allocate(std::size_t max_shares) { shares_.reset(new Share[max_shares]); }

  // Owner: opens `tasks`, cut into n_shares, the first of which is the owner's.
  void open(const Tasks& tasks, std::uint32_t n_shares);

  // Owner: runs unclaimed tasks until none is left; returns their number. If one throws, no task is unclaimed after.
  std::uint32_t run_own(const Tasks& tasks, double* scratch);

  // Owner: returns when the helpers' tasks are done; rethrows an exception of theirs or of run_own.
  void close();

  // What helpers poll: changes when a reduction is opened. Equal to what they have seen: nothing new.
  std::uint64_t opened(std::memory_order order) const { return opened_.load(order); }

  bool has_unclaimed(std::uint64_t opened) const;

  // Helper: runs what it can claim of reduction `opened`, beginning with the share `preferred` (modulo the helpers'
  // shares); returns the number of tasks.
  std::size_t help(std::uint64_t opened, std::size_t preferred, double* scratch);

 private:
  static std::uint32_t generation(std::uint64_t opened) { return static_cast<std::uint32_t>(opened >> 32); }
  static std::uint32_t n_shares(std::uint64_t opened) { return static_cast<std::uint32_t>(opened); }

  std::uint32_t cancel();
  std::size_t run_as_helper(Share& share, Share::End end, std::uint64_t opened, double* scratch);

  // Written by the owner once per reduction. The tasks' fields are atomic only because late helpers may read them.
  alignas(cache_line) std::atomic<std::uint64_t> opened_{0};  // generation, number of shares
  std::atomic<TaskFunction> body_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<std::size_t> first_{0};
  std::unique_ptr<Share[]> shares_;

  // Written by helpers. n_helped_ counts the tasks of all reductions: never reset, so no late addition gets lost.
  alignas(cache_line) std::atomic<std::uint64_t> n_helped_{0};
  std::atomic<bool> helper_failed_{false};
  std::exception_ptr helper_failure_;

  // The owner's alone.
  alignas(cache_line) std::uint64_t n_helped_expected_ = 0;
  std::uint32_t generation_ = 0;
  std::uint32_t n_shares_ = 0;
  std::exception_ptr own_failure_;
};

inline void Reduction::open(const Tasks& tasks, std::uint32_t n_shares) {
  ++generation_;
  n_shares_ = n_shares;
  std::uint32_t begin = 0;
  for (std::uint32_t s = 0; s < n_shares; ++s) {
    const std::uint32_t end = static_cast<std::uint32_t>(std::uint64_t(tasks.n) * (s + 1) / n_shares);
    shares_[s].unclaimed.store(Unclaimed{generation_, begin, end}.pack(), std::memory_order_relaxed);
    begin = end;
  }
  body_.store(tasks.body, std::memory_order_relaxed);
  context_.store(tasks.context, std::memory_order_relaxed);
  first_.store(tasks.first, std::memory_order_relaxed);
  // Sequentially consistent for Crew::wake_one_if_parked().
  opened_.store(std::uint64_t(generation_) << 32 | n_shares, std::memory_order_seq_cst);
}

inline std::uint32_t Reduction::run_own(const Tasks& tasks, double* scratch) {
  std::uint32_t n_run = 0;
  std::uint32_t n_cancelled = 0;
  try {
    for (std::uint32_t s = 0; s < n_shares_; ++s) {
      const Share::End end = s == 0 ? Share::End::front : Share::End::back;
      Claim claim;
      do {
        claim = shares_[s].claim(generation_, end);
        n_run += claim.n;
        tasks.run(claim, scratch);
      } while (!claim.last);
    }
  } catch (...) {
    own_failure_ = std::current_exception();
    n_cancelled = cancel();
  }
  n_helped_expected_ += tasks.n - n_run - n_cancelled;
  return n_run;
}

// Takes all unclaimed tasks away; returns their number.
inline std::uint32_t Reduction::cancel() {
  const std::uint64_t none = Unclaimed{generation_, 0, 0}.pack();
  std::uint32_t n = 0;
  for (std::uint32_t s = 0; s < n_shares_; ++s)
    n += Unclaimed::unpack(shares_[s].unclaimed.exchange(none, std::memory_order_acq_rel)).size();
  return n;
}

inline void Reduction::close() {
  for (Backoff backoff; n_helped_.load(std::memory_order_acquire) != n_helped_expected_;) backoff.wait();
  if (helper_failed_.load(std::memory_order_relaxed)) {
    own_failure_ = std::exchange(helper_failure_, nullptr);
    helper_failed_.store(false, std::memory_order_relaxed);
  }
  if (own_failure_) std::rethrow_exception(std::exchange(own_failure_, nullptr));
}

inline bool Reduction::has_unclaimed(std::uint64_t opened) const {
  for (std::uint32_t s = 0; s < n_shares(opened); ++s) {
    const Unclaimed left = Unclaimed::unpack(shares_[s].unclaimed.load(std::memory_order_relaxed));
    if (left.generation == generation(opened) && left.size() > 0) return true;
  }
  return false;
}

inline std::size_t Reduction::help(std::uint64_t opened, std::size_t preferred, double* scratch) {
  const std::uint32_t n = n_shares(opened);
  const std::uint32_t home = static_cast<std::uint32_t>(1 + preferred % (n - 1));
  std::size_t n_run = run_as_helper(shares_[home], Share::End::front, opened, scratch);
  for (std::uint32_t k = 1; k < n; ++k) {
    const std::uint32_t s = home + k < n ? home + k : home + k - n;
    n_run += run_as_helper(shares_[s], Share::End::back, opened, scratch);
  }
  return n_run;
}

inline std::size_t Reduction::run_as_helper(Share& share, Share::End end, std::uint64_t opened, double* scratch) {
  const Tasks tasks = {body_.load(std::memory_order_relaxed), context_.load(std::memory_order_relaxed),
                       first_.load(std::memory_order_relaxed), 0};
  std::size_t n_run = 0;
  Claim claim;
  do {
    claim = share.claim(generation(opened), end);
    try {
      tasks.run(claim, scratch);
    } catch (...) {
      if (!helper_failed_.exchange(true, std::memory_order_acq_rel)) helper_failure_ = std::current_exception();
    }
    n_run += claim.n;
  } while (!claim.last);
  // After this the owner may go on, and its tasks' context be gone.
  if (n_run > 0) n_helped_.fetch_add(n_run, std::memory_order_release);
  return n_run;
}

}  // namespace parallel
}  // namespace skein

#endif
