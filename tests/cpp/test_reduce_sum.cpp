// Sums join in one order, whatever runs them.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <skein/parallel/reduce_sum.hpp>
#include <skein/util/pairwise.hpp>
#include <vector>

#include "check.hpp"
#include "parallel_helpers.hpp"

namespace {

using namespace parallel_helpers;
using skein::util::PartialSums;

// The tree by definition: the largest power of two below n on the left.
double tree_sum(const std::vector<double>& values, std::size_t first, std::size_t n) {
  if (n == 1) return values[first];
  std::size_t left = 1;
  while (2 * left < n) left *= 2;
  return tree_sum(values, first, left) + tree_sum(values, first + left, n - left);
}

double uneven(std::uint64_t key) {
  const std::uint64_t bits = mix(key + 12345);
  return std::ldexp(static_cast<double>(bits % 1000003) - 500000.0, static_cast<int>(bits >> 58) - 32);
}

CHECK_TEST(pairwise_sum_follows_its_tree) {
  for (std::size_t n = 1; n <= 70; ++n) {
    for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 64u, 301u}) {
      const std::size_t stride = size + n % 3;
      std::vector<double> buffers(n * stride);
      for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i] = uneven(i * 31 + n);
      const std::vector<double> before = buffers;
      PartialSums{buffers.data(), n, stride, size}.join();
      bool ok = true;
      for (std::size_t i = 0; i < size; ++i) {
        std::vector<double> values(n);
        for (std::size_t b = 0; b < n; ++b) values[b] = before[b * stride + i];
        const double expected = tree_sum(values, 0, n);
        ok = ok && std::memcmp(&buffers[i], &expected, sizeof(double)) == 0;
      }
      for (std::size_t i = size; i < stride; ++i) ok = ok && buffers[i] == before[i];
      CHECK(ok);
    }
  }
  PartialSums{nullptr, 0, 8, 8}.join();
}

CHECK_TEST(runs_that_join_their_own_leave_the_same_bits) {
  for (std::size_t n = 1; n <= 70; ++n) {
    std::vector<double> before(2 * n), whole;
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = uneven(i * 17 + n);
    whole = before;
    PartialSums{whole.data(), n, 2, 2}.join();
    for (std::size_t length = 1; length <= n; ++length) {
      std::vector<double> buffers = before;
      const PartialSums sums{buffers.data(), n, 2, 2};
      for (std::size_t begin = 0; begin < n; begin += length) sums.join_run(begin, std::min(begin + length, n));
      sums.join_rest(length);
      CHECK(std::memcmp(buffers.data(), whole.data(), 2 * sizeof(double)) == 0);
    }
  }
}

CHECK_TEST(strips_cover_the_tiles_evenly) {
  for (const std::size_t n_tiles : {0u, 1u, 2u, 255u, 256u, 257u, 511u, 3907u, 100000u}) {
    const Strips strips(n_tiles);
    CHECK(strips.n_strips == std::min<std::size_t>(n_tiles, 256));
    CHECK(strips.first_tile(0) == 0);
    CHECK(strips.first_tile(strips.n_strips) == n_tiles);
    std::size_t least = n_tiles, most = 0;
    for (std::size_t s = 0; s < strips.n_strips; ++s) {
      const std::size_t length = strips.first_tile(s + 1) - strips.first_tile(s);
      least = std::min(least, length);
      most = std::max(most, length);
    }
    CHECK(n_tiles == 0 || (least >= 1 && most - least <= 1));
  }
}

CHECK_TEST(grainsize_sets_strips_per_task) {
  CHECK(tasks_for(0, 10000, 40) == 2);
  CHECK(tasks_for(0, 1000000, 256) == 1);
  CHECK(tasks_for(0, 500, 2) == 2);
  CHECK(tasks_for(1, 10000, 40) == 1);
  CHECK(tasks_for(250, 10000, 40) == 1);
  CHECK(tasks_for(251, 10000, 40) == 2);
  CHECK(tasks_for(625, 10000, 40) == 3);
  CHECK(tasks_for(10000, 10000, 40) == 40);
  CHECK(tasks_for(20000, 10000, 40) == 40);
  CHECK(tasks_for(9999, 10000, 40) == 40);
  CHECK(tasks_for(1, 0, 0) == 1);
}

// reduce_sum as its users write it: bits depend on neither workers nor grainsize.
CHECK_TEST(sums_have_the_same_bits_however_they_are_run) {
  constexpr std::size_t n_tiles = 700, rows_per_tile = 10;
  const Strips strips(n_tiles);
  std::vector<double> sums;
  for (const std::size_t workers : all_workers) {
    for (const std::size_t grainsize : {0u, 1u, 100u, 7000u}) {
      Pool pool(options(workers, 1));
      pool.run(1, [&](std::size_t, Team& team, double* scratch, const StopFlag&) {
        const std::size_t per_task = tasks_for(grainsize, n_tiles * rows_per_tile, strips.n_strips);
        std::vector<double> buffers(strips.n_strips, 0.0);
        for_each_task(&team, (strips.n_strips + per_task - 1) / per_task, scratch, [&](std::size_t task, double*) {
          const std::size_t end = std::min(strips.n_strips, (task + 1) * per_task);
          for (std::size_t s = task * per_task; s < end; ++s)
            for (std::size_t row = strips.first_tile(s) * rows_per_tile; row < strips.first_tile(s + 1) * rows_per_tile;
                 ++row)
              buffers[s] += uneven(row);
        });
        PartialSums{buffers.data(), buffers.size(), 1, 1}.join();
        sums.push_back(buffers[0]);
      });
    }
  }
  for (const double sum : sums) CHECK(std::memcmp(&sum, &sums[0], sizeof(double)) == 0);
}

}  // namespace

int main() { return check::run_all(); }
