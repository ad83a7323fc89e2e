// The fixed tree that joins partial sums.
#ifndef SKEIN_UTIL_PAIRWISE_HPP
#define SKEIN_UTIL_PAIRWISE_HPP

#include <algorithm>
#include <cstddef>

namespace skein {
namespace util {

// into[i] += from[i], i < size; the ranges must not overlap.
inline void add_to(double* __restrict__ into, const double* __restrict__ from, std::size_t size) {
  std::size_t i = 0;
  // Blocks of fixed length: compilers turn them into vector code at -O2, where they leave plain loops alone.
  for (; i + 4 <= size; i += 4) {
    const double a = into[i] + from[i], b = into[i + 1] + from[i + 1];
    const double c = into[i + 2] + from[i + 2], d = into[i + 3] + from[i + 3];
    into[i] = a;
    into[i + 1] = b;
    into[i + 2] = c;
    into[i + 3] = d;
  }
  for (; i < size; ++i) into[i] += from[i];
}

// Equal buffers of partial sums, one behind the other: n of them, of `size` doubles, `stride` apart. Neighbours are
// added, then neighbours of those sums, and so on, so that the order depends on n alone: buffer i takes buffer i + gap,
// for i a multiple of 2 gap. Who adds may be several: each first joins what lies in its own run of buffers.
struct PartialSums {
  double* first = nullptr;
  std::size_t n = 0;
  std::size_t stride = 0;
  std::size_t size = 0;

  // Leaves the sum of all in the first buffer and spoils the others.
  void join() const {
    for (std::size_t gap = 1; gap < n; gap *= 2)
      for (std::size_t i = 0; i + gap < n; i += 2 * gap) add(i, gap);
  }

  // Of join() what concerns buffers begin to end - 1 alone.
  void join_run(std::size_t begin, std::size_t end) const {
    for (std::size_t gap = 1; gap < end - begin; gap *= 2)
      for (std::size_t i = (begin + 2 * gap - 1) / (2 * gap) * (2 * gap); i + gap < end && last(i, gap) <= end;
           i += 2 * gap)
        add(i, gap);
  }

  // Of join() what join_run() has left, when it was called for all runs of `length` buffers, the last perhaps shorter:
  // the additions across the runs' bounds.
  void join_rest(std::size_t length) const {
    for (std::size_t gap = 1; gap < n; gap *= 2) {
      std::size_t next = 0;
      for (std::size_t bound = length; bound < n; bound += length) {
        const std::size_t i = (bound - 1) & ~(2 * gap - 1);
        if (i < next || i + gap >= n || last(i, gap) <= bound) continue;
        add(i, gap);
        next = i + 1;
      }
    }
  }

 private:
  // Behind the last buffer whose sum buffer i has when it has taken i + gap.
  std::size_t last(std::size_t i, std::size_t gap) const { return std::min(i + 2 * gap, n); }
  void add(std::size_t i, std::size_t gap) const { add_to(first + i * stride, first + (i + gap) * stride, size); }
};

}  // namespace util
}  // namespace skein

#endif
