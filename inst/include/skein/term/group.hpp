// A group-level term as the tile kernels see it: slots, slices, runs and loose rows of one tile.
#ifndef SKEIN_TERM_GROUP_HPP
#define SKEIN_TERM_GROUP_HPP

#include <cstddef>
#include <cstdint>

namespace skein {
namespace term {

// The effects of one group are r = A z with A = diag(sd) L, lower triangular (diagonal when uncorrelated):
// brms's non-centred parameterisation. z of level l and coefficient j stands at
// z[l * level_stride + j * coefficient_stride]: Stan's order of matrix[M, N] or of array[M] vector[N].
struct GroupEffects {
  std::size_t n_coefficients = 1;
  bool correlated = false;
  const double* a = nullptr;  // A, column-major, n_coefficients squared; of each by-level, if there are several
  const std::int32_t* by = nullptr;  // by-level of each level; null if there is one for all
  const double* z = nullptr;
  std::size_t level_stride = 1;
  std::size_t coefficient_stride = 0;
};

// n coefficients out of the `stride` that stand side by side for each level.
struct Coefficients {
  std::size_t n = 1;
  std::size_t stride = 1;
};

// A run of whole 8-lane blocks. In a slice the lanes are 8 groups (slots first_slot .. first_slot + 7), `blocks`
// rows of each; in a stretch all rows belong to the group in first_slot.
struct Run {
  std::int32_t first_slot = 0;
  std::int32_t blocks = 0;
};

// The rows of a tile in the order of the term by which the rows are sorted: slices, then stretches, then loose
// rows. A slot is a group's place in the tile; slots come in eights, empty ones have level -1. Levels ascend with the
// slots (those of groups that span tiles on their own), so that of eight slots whose last level is 7 above the first
// each has the next level.
//
// Slices put short groups side by side in the lanes, sorted by length so that little is left over; neither their
// effects nor their sums then need a shuffle or a branch per row.
struct SortedTile {
  const std::int32_t* slot_level = nullptr;
  const std::int32_t* slot_partial = nullptr;  // -1: the whole group is here; else its place among the partial sums
  std::size_t n_slots = 0;
  const Run* slices = nullptr;
  std::size_t n_slices = 0;
  const Run* stretches = nullptr;
  std::size_t n_stretches = 0;
  const std::int32_t* loose_slot = nullptr;
  std::size_t first_loose = 0;  // row in the tile
  std::size_t n_loose = 0;
};

// What the finished levels add to the evaluation: products(m, j) = sum over levels of d_r[m] z[j], column-major, for
// each by-level (from which the derivatives by sd and L follow), and the standard normal log prior of z without its
// constant.
struct GroupSums {
  double* products = nullptr;
  double* log_prior = nullptr;
};

}  // namespace term
}  // namespace skein

#endif
