// How a sum over row tiles is cut into strips and tasks.
#ifndef SKEIN_PARALLEL_REDUCE_SUM_HPP
#define SKEIN_PARALLEL_REDUCE_SUM_HPP

#include <algorithm>
#include <cstddef>

namespace skein {
namespace parallel {

// Strips are runs of consecutive tiles, each with one buffer of partial sums: what follows from the data alone and so
// fixes the bits. Tasks are runs of strips: what grainsize decides and changes no bits.
struct Strips {
  // Bounds the buffers' memory and the time of the join; enough to keep 64 cores busy to within a few per cent.
  static constexpr std::size_t max_strips = 256;

  std::size_t n_tiles = 0;
  std::size_t n_strips = 0;

  Strips() = default;
  explicit Strips(std::size_t tiles) : n_tiles(tiles), n_strips(std::min(tiles, max_strips)) {}

  // Strip s has tiles first_tile(s) to first_tile(s + 1) - 1; the lengths differ by at most one.
  std::size_t first_tile(std::size_t strip) const {
    const std::size_t length = n_strips > 0 ? n_tiles / n_strips : 0;
    const std::size_t n_longer = n_tiles - length * n_strips;
    return strip * length + std::min(strip, n_longer);
  }
};

// Below this many rows the automatic grainsize makes one task: the sum is done before a helper has joined.
constexpr std::size_t min_rows_to_share = 1024;

// What a task takes at least if grainsize leaves the choice to us: about a microsecond of work. Larger tasks leave
// cores idle at the end, smaller ones are claimed more often than they shorten the last wait. (Fastest leapfrog steps
// of the toy model with 1e4 rows on a busy Xeon of 16 virtual cores, by 2, 4, 8 and 16 threads: 14.5, 10.2, 7.8, 8.0 us
// with 1000 rows; 11.9, 10.7, 7.8, 7.1 us with 500; 15.7, 10.7, 8.8, 6.8 us with one tile of some 250.)
constexpr std::size_t automatic_task_rows = 500;

// Strips per task, from the rows that one task takes at least. grainsize >= rows gives one task; grainsize 0 lets us
// choose.
inline std::size_t tasks_for(std::size_t grainsize, std::size_t n_rows, std::size_t n_strips) {
  if (n_strips == 0) return 1;
  if (grainsize >= n_rows || (grainsize == 0 && n_rows < min_rows_to_share)) return n_strips;
  if (grainsize == 0) grainsize = automatic_task_rows;
  return (grainsize * n_strips + n_rows - 1) / n_rows;
}

}  // namespace parallel
}  // namespace skein

#endif
