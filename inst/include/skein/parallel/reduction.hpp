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
#include <vector>

#include "spin.hpp"

namespace skein {
namespace parallel {

// Runs one task; `scratch` belongs to the thread that calls. Results go to the task's own buffer in `context`.
using TaskFunction = void (*)(void* context, std::size_t task, double* scratch);

// Consecutive tasks that nobody has claimed, [front, back), in one word with the generation of their reduction. A claim
// is one compare-and-swap; the generation makes it fail for a helper that still thinks of an earlier reduction (it
// would have to sleep through 2^31 of them to be fooled).
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

  // What is left for a reduction of which all of `share` was unclaimed: a word of an earlier one has not been touched.
  Unclaimed as_of(const Unclaimed& share) const {
    return static_cast<std::int32_t>(generation - share.generation) < 0 ? share : *this;
  }
};

struct Claim {
  std::uint32_t first = 0;
  std::uint32_t n = 0;
  bool last = true;  // the share is empty now: looking again would fetch a line that another core may be writing
};

// The share of one participant. It takes half of what is left at a time, from the front; who has nothing left takes
// from the back of others. A core asks another for a line (130 ns on the Xeon where this was tuned, a third of a task)
// only to join and when its own share is done; one counter for all would cost that much at each claim. So the owner
// does not touch a helper's share to open a reduction either: the first to claim does.
struct Share {
  enum class End { front, back };

  alignas(cache_line) std::atomic<std::uint64_t> unclaimed{0};

  // Tasks of this share that helpers have done, of all reductions: never reset, so no late addition gets lost. The
  // owner polls it, hence a line of its own.
  alignas(cache_line) std::atomic<std::uint64_t> n_helped{0};

  // Of what is left of `whole`, the share as it was opened.
  Claim claim(const Unclaimed& whole, End end) {
    std::uint64_t word = unclaimed.load(std::memory_order_acquire);
    for (;;) {
      Unclaimed left = Unclaimed::unpack(word).as_of(whole);
      if (left.generation != whole.generation || left.size() == 0) return {};
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

  // Takes all unclaimed tasks away; returns their number.
  std::uint32_t cancel(const Unclaimed& whole) {
    const std::uint64_t none = Unclaimed{whole.generation, 0, 0}.pack();
    return Unclaimed::unpack(unclaimed.exchange(none, std::memory_order_acq_rel)).as_of(whole).size();
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
// claimed tasks of this one done. So the fields of a successful claim are the right ones, and others are not used. No
// share of an open reduction is empty, so that by then each share's word is of this generation.
class Reduction {
 public:
  void allocate(std::size_t max_shares) {
    shares_.reset(new Share[max_shares]);
    n_helped_expected_.assign(max_shares, 0);
  }

  // Owner: opens `tasks`, cut into n_shares (2 to the number of tasks), the first of which is the owner's.
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

  Tasks open_tasks() const {
    return {body_.load(std::memory_order_relaxed), context_.load(std::memory_order_relaxed),
            first_.load(std::memory_order_relaxed), n_tasks_.load(std::memory_order_relaxed)};
  }
  static Unclaimed whole_share(const Tasks& tasks, std::uint64_t opened, std::uint32_t share) {
    const auto bound = [&](std::uint64_t s) { return static_cast<std::uint32_t>(tasks.n * s / n_shares(opened)); };
    return {generation(opened), bound(share), bound(std::uint64_t(share) + 1)};
  }

  std::uint32_t run_share(std::uint32_t share, const Tasks& tasks, double* scratch);
  std::size_t run_as_helper(std::uint32_t share, Share::End end, std::uint64_t opened, const Tasks& tasks,
                            double* scratch);

  // Written by the owner once per reduction. The tasks' fields are atomic only because late helpers may read them.
  alignas(cache_line) std::atomic<std::uint64_t> opened_{0};  // generation, number of shares
  std::atomic<TaskFunction> body_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<std::size_t> first_{0};
  std::atomic<std::uint32_t> n_tasks_{0};

  alignas(cache_line) std::unique_ptr<Share[]> shares_;

  // Written by helpers.
  alignas(cache_line) std::atomic<bool> helper_failed_{false};
  std::exception_ptr helper_failure_;

  // The owner's alone.
  alignas(cache_line) std::uint64_t opened_now_ = 0;
  std::vector<std::uint64_t> n_helped_expected_;  // of each share, when all that is claimed is done
  std::exception_ptr own_failure_;
};

inline void Reduction::open(const Tasks& tasks, std::uint32_t n_shares) {
  const std::uint32_t generation = Reduction::generation(opened_now_) + 1;
  // Shares that were not in use since who knows when: their generation must not be so old that it looks new.
  for (std::uint32_t s = Reduction::n_shares(opened_now_); s < n_shares; ++s)
    shares_[s].unclaimed.store(Unclaimed{generation - 1, 0, 0}.pack(), std::memory_order_relaxed);
  opened_now_ = std::uint64_t(generation) << 32 | n_shares;
  body_.store(tasks.body, std::memory_order_relaxed);
  context_.store(tasks.context, std::memory_order_relaxed);
  first_.store(tasks.first, std::memory_order_relaxed);
  n_tasks_.store(tasks.n, std::memory_order_relaxed);
  // Sequentially consistent for Crew::wake_one_if_parked().
  opened_.store(opened_now_, std::memory_order_seq_cst);
}

inline std::uint32_t Reduction::run_own(const Tasks& tasks, double* scratch) {
  std::uint32_t n_run = 0, share = 0;
  const std::uint32_t n = n_shares(opened_now_);
  try {
    for (; share < n; ++share) n_run += run_share(share, tasks, scratch);
  } catch (...) {
    own_failure_ = std::current_exception();
    for (; share < n; ++share) {
      const Unclaimed whole = whole_share(tasks, opened_now_, share);
      n_helped_expected_[share] += whole.size() - shares_[share].cancel(whole);
    }
  }
  return n_run;
}

// What the owner can claim of a share; the rest is expected of helpers. If a task throws, what has been claimed here is
// expected of nobody.
inline std::uint32_t Reduction::run_share(std::uint32_t share, const Tasks& tasks, double* scratch) {
  Share& from = shares_[share];
  const Unclaimed whole = whole_share(tasks, opened_now_, share);
  const std::uint64_t all_helped = n_helped_expected_[share] + whole.size();
  if (share > 0 && from.n_helped.load(std::memory_order_acquire) == all_helped) {
    n_helped_expected_[share] = all_helped;
    return 0;
  }
  std::uint32_t n_run = 0;
  Claim claim;
  do {
    claim = from.claim(whole, share == 0 ? Share::End::front : Share::End::back);
    n_run += claim.n;
    try {
      tasks.run(claim, scratch);
    } catch (...) {
      n_helped_expected_[share] -= n_run;
      throw;
    }
  } while (!claim.last);
  n_helped_expected_[share] = all_helped - n_run;
  return n_run;
}

inline void Reduction::close() {
  const std::uint32_t n = n_shares(opened_now_);
  for (std::uint32_t s = 0; s < n; ++s)
    for (Backoff backoff; shares_[s].n_helped.load(std::memory_order_acquire) != n_helped_expected_[s];) backoff.wait();
  if (helper_failed_.load(std::memory_order_relaxed)) {
    own_failure_ = std::exchange(helper_failure_, nullptr);
    helper_failed_.store(false, std::memory_order_relaxed);
  }
  if (own_failure_) std::rethrow_exception(std::exchange(own_failure_, nullptr));
}

inline bool Reduction::has_unclaimed(std::uint64_t opened) const {
  const Tasks tasks = open_tasks();
  for (std::uint32_t s = 0; s < n_shares(opened); ++s) {
    const Unclaimed whole = whole_share(tasks, opened, s);
    const Unclaimed left = Unclaimed::unpack(shares_[s].unclaimed.load(std::memory_order_relaxed)).as_of(whole);
    if (left.generation == whole.generation && left.size() > 0) return true;
  }
  return false;
}

inline std::size_t Reduction::help(std::uint64_t opened, std::size_t preferred, double* scratch) {
  const std::uint32_t n = n_shares(opened);
  const std::uint32_t home = static_cast<std::uint32_t>(1 + preferred % (n - 1));
  const Tasks tasks = open_tasks();
  std::size_t n_run = run_as_helper(home, Share::End::front, opened, tasks, scratch);
  for (std::uint32_t k = 1; k < n; ++k) {
    const std::uint32_t share = home + k < n ? home + k : home + k - n;
    n_run += run_as_helper(share, Share::End::back, opened, tasks, scratch);
  }
  return n_run;
}

inline std::size_t Reduction::run_as_helper(std::uint32_t share, Share::End end, std::uint64_t opened,
                                            const Tasks& tasks, double* scratch) {
  const Unclaimed whole = whole_share(tasks, opened, share);
  std::size_t n_run = 0;
  Claim claim;
  do {
    claim = shares_[share].claim(whole, end);
    try {
      tasks.run(claim, scratch);
    } catch (...) {
      if (!helper_failed_.exchange(true, std::memory_order_acq_rel)) helper_failure_ = std::current_exception();
    }
    n_run += claim.n;
  } while (!claim.last);
  // After this the owner may go on, and its tasks' context be gone.
  if (n_run > 0) shares_[share].n_helped.fetch_add(n_run, std::memory_order_release);
  return n_run;
}

}  // namespace parallel
}  // namespace skein

#endif
