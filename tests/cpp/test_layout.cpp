// The internal order of rows: every row once, slots and runs that describe where it stands; their cells.
#include <skein/regression/cells.hpp>
#include <skein/regression/layout.hpp>

#include <cstdint>
#include <vector>

#include "check.hpp"

namespace {

using skein::regression::Layout;
using skein::regression::Tile;

// Levels of given sizes, in a scrambled order of rows.
std::vector<std::int32_t> levels_of_sizes(const std::vector<std::size_t>& sizes) {
  std::vector<std::int32_t> level;
  for (std::size_t l = 0; l < sizes.size(); ++l)
    for (std::size_t k = 0; k < sizes[l]; ++k) level.push_back(static_cast<std::int32_t>(l));
  std::uint64_t state = 12345;
  for (std::size_t i = level.size(); i > 1; --i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(level[i - 1], level[(state >> 33) % i]);
  }
  return level;
}

// The level that a layout claims for each position, -1 for padding, read from slices, stretches and loose rows.
std::vector<std::int32_t> described_levels(const Layout& layout) {
  std::vector<std::int32_t> described(layout.n_positions, -1);
  for (const Tile& tile : layout.tiles) {
    const auto view = layout.sorted(tile);
    std::size_t at = tile.first_row;
    for (std::size_t k = 0; k < view.n_slices; ++k)
      for (std::int32_t b = 0; b < view.slices[k].blocks; ++b)
        for (int lane = 0; lane < 8; ++lane) described[at++] = view.slot_level[view.slices[k].first_slot + lane];
    for (std::size_t k = 0; k < view.n_stretches; ++k)
      for (std::int32_t b = 0; b < 8 * view.stretches[k].blocks; ++b)
        described[at++] = view.slot_level[view.stretches[k].first_slot];
    CHECK(at == tile.first_row + view.first_loose);
    for (std::size_t k = 0; k < view.n_loose; ++k) described[at++] = view.slot_level[view.loose_slot[k]];
    CHECK(at == tile.first_row + tile.rows);
    CHECK(view.n_slots % 8 == 0);
  }
  return described;
}

// Levels have one number each; eight slots whose last number is 7 above the first have neighbours; the numbers of a
// segment belong to its own strips.
void check_numbers(const Layout& layout, std::size_t n_coefficients) {
  std::vector<int> numbered(layout.number.size(), 0);
  for (const std::int32_t number : layout.number) ++numbered[number];
  for (const int n : numbered) CHECK(n == 1);
  for (std::size_t s = 0; s < layout.slot_level.size(); s += 8) {
    const std::int32_t* level = layout.slot_level.data() + s;
    if (level[0] >= 0 && level[7] - level[0] == 7)
      for (int k = 1; k < 8; ++k) CHECK(level[k] == level[0] + k);
  }
  for (std::size_t i = 1; i < layout.partial_level.size(); ++i)
    CHECK(layout.partial_level[i - 1] <= layout.partial_level[i]);
  const std::vector<std::size_t>& bounds = layout.segment_numbers;
  for (const std::size_t bound : bounds) CHECK(bound * n_coefficients % 8 == 0);
  if (bounds.empty()) return;
  const skein::parallel::Strips strips(layout.tiles.size());
  for (std::size_t strip = 0; strip < strips.n_strips; ++strip) {
    for (std::size_t t = strips.first_tile(strip); t < strips.first_tile(strip + 1); ++t) {
      const Tile& tile = layout.tiles[t];
      for (std::size_t s = tile.first_slot; s < tile.first_slot + tile.n_slots; ++s) {
        if (layout.slot_level[s] < 0) continue;
        const std::size_t number = static_cast<std::size_t>(layout.slot_level[s]);
        if (number >= bounds.back()) continue;
        CHECK(number >= bounds[strip] && number < bounds[strip + 1]);
        CHECK(layout.slot_partial[s] < 0);
      }
    }
  }
}

// Returns how many segments there are.
std::size_t check_layout(const std::vector<std::size_t>& sizes, std::size_t n_coefficients = 1) {
  const std::vector<std::int32_t> level = levels_of_sizes(sizes);
  const Layout layout = skein::regression::build_layout(level.size(), level, sizes.size(), n_coefficients);
  const std::vector<std::int32_t> described = described_levels(layout);
  std::vector<int> seen(layout.n_positions, 0);
  for (std::size_t i = 0; i < level.size(); ++i) {
    const std::int32_t at = layout.position[i];
    ++seen[at];
    CHECK(described[at] == layout.number[level[i]]);
  }
  for (std::size_t p = 0; p < seen.size(); ++p) CHECK(seen[p] == (described[p] >= 0 ? 1 : 0));
  // A group is in one slot of one tile, or all of its slots are partial.
  std::vector<int> whole(sizes.size(), 0), parts(sizes.size(), 0);
  for (std::size_t s = 0; s < layout.slot_level.size(); ++s) {
    if (layout.slot_level[s] < 0) continue;
    if (layout.slot_partial[s] < 0) {
      ++whole[layout.slot_level[s]];
    } else {
      CHECK(layout.partial_level[layout.slot_partial[s]] == layout.slot_level[s]);
      ++parts[layout.slot_level[s]];
    }
  }
  for (std::size_t l = 0; l < sizes.size(); ++l)
    CHECK((whole[l] == 1 && parts[l] == 0) || (whole[l] == 0 && parts[l] >= 2));
  check_numbers(layout, n_coefficients);
  return layout.segment_numbers.empty() ? 0 : layout.segment_numbers.size() - 1;
}

using LevelArray = skein::util::AlignedArray<std::int32_t>;

// Random levels by position.
LevelArray random_levels(const Layout& layout, std::size_t n_levels, std::uint64_t state) {
  LevelArray level(layout.n_positions);
  for (std::int32_t& l : level) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    l = static_cast<std::int32_t>((state >> 33) % n_levels);
  }
  return level;
}

// Every row's cell has the row's level of every member, and the tiles list their cells.
void check_pass(const Layout& layout, const skein::regression::CellPass& pass,
                const std::vector<const LevelArray*>& level) {
  for (const Tile& tile : layout.tiles) {
    const auto view = pass.view(layout, tile);
    std::vector<int> listed(pass.n_cells, 0), occurs(pass.n_cells, 0);
    for (std::size_t k = 0; k < view.n_touched; ++k) ++listed[view.touched[k] / 8];
    for (std::size_t i = 0; i < skein::util::round_up_8(tile.rows); ++i) {
      const std::size_t cell = view.eightfold[i] / 8;
      occurs[cell] = 1;
      if (i >= tile.rows) continue;
      for (const auto& member : pass.members)
        CHECK(member.level[cell] == (*level[member.group])[tile.first_row + i]);
    }
    CHECK(listed == occurs);
  }
}

}  // namespace

CHECK_TEST(short_groups_share_slices) {
  std::vector<std::size_t> sizes;
  for (std::size_t l = 0; l < 1000; ++l) sizes.push_back(1 + (l * 7919) % 20);
  CHECK(check_layout(sizes) >= 8);
}

CHECK_TEST(segments_hold_what_no_other_tile_touches) {
  std::vector<std::size_t> sizes;
  for (std::size_t l = 0; l < 900; ++l) sizes.push_back(l % 100 == 7 ? 300 + l : 2 + l % 9);
  CHECK(check_layout(sizes) > 20);
  CHECK(check_layout(sizes, 2) > 20);
  CHECK(check_layout(sizes, 3) > 20);
  CHECK(check_layout(std::vector<std::size_t>(60, 200)) == 0);  // too few coordinates
}

CHECK_TEST(long_groups_are_stretches_that_may_span_tiles) { check_layout({1000, 31, 32, 33, 257, 256, 255, 5, 1}); }

CHECK_TEST(few_groups_are_loose) { check_layout({3, 2, 1}); }

CHECK_TEST(one_row_a_group) { check_layout(std::vector<std::size_t>(403, 1)); }

CHECK_TEST(one_group) { check_layout({700}); }

CHECK_TEST(unsorted_rows_keep_their_order) {
  const std::vector<std::int32_t> none;
  const Layout layout = skein::regression::build_layout(1000, none, 0);
  CHECK(layout.tiles.size() == 4);
  for (std::int32_t i = 0; i < 1000; ++i) CHECK(layout.position[i] == i);
}

CHECK_TEST(terms_of_few_levels_share_cells) {
  const std::vector<std::size_t> sizes = {301, 33, 500, 7, 6};
  const std::vector<std::int32_t> sorted = levels_of_sizes(sizes);
  const Layout layout = skein::regression::build_layout(sorted.size(), sorted, sizes.size());
  const LevelArray a = random_levels(layout, 40, 1), b = random_levels(layout, 3, 2);
  LevelArray outer(layout.n_positions);
  for (std::size_t i = 0; i < outer.size(); ++i) outer[i] = a[i] / 10;
  std::vector<skein::regression::CellPass> passes;
  const double column = 1;
  add_to_passes(layout, {0, 0, 0, nullptr, 40, a}, passes);
  add_to_passes(layout, {1, 0, 0, nullptr, 4, outer}, passes);
  CHECK(passes.size() == 1 && passes[0].n_cells == 40);  // nested: no new cells
  add_to_passes(layout, {2, 0, 0, nullptr, 3, b}, passes);
  CHECK(passes.size() == 2);  // 120 cells would be too many
  add_to_passes(layout, {2, 0, 1, nullptr, 3, b}, passes);
  add_to_passes(layout, {2, 1, 0, &column, 3, b}, passes);
  CHECK(passes.size() == 4);  // another predictor, another column
  for (auto& pass : passes) {
    finish_pass(layout, pass);
    check_pass(layout, pass, {&a, &outer, &b});
  }
}

int main() { return check::run_all(); }
