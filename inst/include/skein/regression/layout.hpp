// The internal order of a regression's rows: sorted by one group-level term, cut into tiles, tiles into strips.
#ifndef SKEIN_REGRESSION_LAYOUT_HPP
#define SKEIN_REGRESSION_LAYOUT_HPP

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "../parallel/reduce_sum.hpp"
#include "../term/group.hpp"
#include "../util/aligned.hpp"

namespace skein {
namespace regression {

// A tile aims at this many rows: predictor, derivative, response and a few columns then fit in L1 cache.
constexpr std::size_t tile_rows = 256;

// Groups of at least this many rows are stretches of their own; shorter ones share slices of 8. A full slice then
// has at most 8 * 31 rows, about a tile.
constexpr std::size_t stretch_rows = 32;

// Where segments of coordinates would hold less than this on average, there are none: a pass over one would cost more
// than moving its cache lines to the owner.
constexpr std::size_t min_segment_coordinates = 16;

// Where one tile's rows and slots stand. Row positions count padding: every tile starts at a multiple of 8.
struct Tile {
  std::size_t first_row = 0;
  std::size_t rows = 0;
  std::size_t first_slot = 0, n_slots = 0;
  std::size_t first_slice = 0, n_slices = 0;
  std::size_t first_stretch = 0, n_stretches = 0;
  std::size_t first_loose = 0, n_loose = 0;
  bool has_partial = false;  // some group goes on in other tiles
};

// Row order and tiles follow from the data alone, so that no sum depends on threads or grainsize.
struct Layout {
  std::vector<Tile> tiles;
  std::vector<std::int32_t> position;  // of each of the user's rows
  std::size_t n_positions = 0;         // rows and padding
  std::size_t max_tile_rows = 0;       // rounded up to 8
  std::size_t max_tile_slots = 0;

  // The sorted term's parts, over all tiles.
  std::vector<std::int32_t> slot_level, slot_partial, loose_slot;
  std::vector<term::Run> slices, stretches;
  std::vector<std::int32_t> partial_level;  // level of each partial sum, sums of one level side by side, ascending

  // The sorted term's levels are numbered anew, as tiles come to them, so that z and its gradient lie as they are read
  // and written: a cache line belongs to one tile and so to one thread. All levels above are such numbers.
  std::vector<std::int32_t> number;  // of each of the user's levels

  // Each strip of tiles has a segment: the numbers that it alone reads and writes, segment_numbers[s] to
  // segment_numbers[s + 1] - 1, whose coordinates fill whole vectors of 8. Behind them stand what is left of each strip
  // and the levels that span tiles. Empty if there are no segments.
  std::vector<std::size_t> segment_numbers;

  // The view of tile `t` for the sorted term's kernels.
  term::SortedTile sorted(const Tile& tile) const {
    term::SortedTile view;
    view.slot_level = slot_level.data() + tile.first_slot;
    view.slot_partial = slot_partial.data() + tile.first_slot;
    view.n_slots = tile.n_slots;
    view.slices = slices.data() + tile.first_slice;
    view.n_slices = tile.n_slices;
    view.stretches = stretches.data() + tile.first_stretch;
    view.n_stretches = tile.n_stretches;
    view.loose_slot = loose_slot.data() + tile.first_loose;
    view.first_loose = tile.rows - tile.n_loose;
    view.n_loose = tile.n_loose;
    return view;
  }
};

namespace detail {

// A part of a tile: up to 8 short groups, or a stretch of one long group.
struct Piece {
  std::vector<std::int32_t> levels;
  std::size_t first = 0;  // of a stretch: first row within its group
  std::size_t rows = 0;
  bool is_stretch = false;
  bool is_partial = false;
};

// Builds a Layout piece by piece.
class LayoutBuilder {
 public:
  LayoutBuilder(std::size_t n_rows, const std::vector<std::int32_t>& level, std::size_t n_levels,
                std::size_t n_coefficients)
      : n_rows_(n_rows), level_(level), n_levels_(n_levels), n_coefficients_(n_coefficients) {
    layout_.position.resize(n_rows);
  }

  Layout build() {
    if (level_.empty()) {
      cut_unsorted();
    } else {
      sort_rows();
      for (const Piece& piece : cut_pieces()) {
        if (!pending_.empty() && pending_rows_ + piece.rows > tile_rows + tile_rows / 4) flush();
        pending_rows_ += piece.rows;
        pending_.push_back(piece);
        if (pending_rows_ >= tile_rows) flush();
      }
      flush();
      number_levels();
    }
    return std::move(layout_);
  }

 private:
  void cut_unsorted() {
    for (std::size_t row = 0; row < n_rows_; row += tile_rows) {
      open_tile(std::min(tile_rows, n_rows_ - row));
      for (std::size_t i = 0; i < tile_.rows; ++i) place(row + i, i);
      close_tile();
    }
  }

  // Rows by level (a counting sort), in the user's order within each level.
  void sort_rows() {
    start_.assign(n_levels_ + 1, 0);
    for (const std::int32_t level : level_) ++start_[level + 1];
    std::partial_sum(start_.begin(), start_.end(), start_.begin());
    row_of_.resize(n_rows_);
    std::vector<std::size_t> next(start_.begin(), start_.end() - 1);
    for (std::size_t i = 0; i < n_rows_; ++i) row_of_[next[level_[i]]++] = static_cast<std::int32_t>(i);
  }

  std::size_t length(std::int32_t level) const { return start_[level + 1] - start_[level]; }

  std::vector<Piece> cut_pieces() const {
    std::vector<Piece> pieces;
    std::vector<std::int32_t> order;
    for (std::size_t l = 0; l < n_levels_; ++l) {
      const std::int32_t level = static_cast<std::int32_t>(l);
      if (length(level) >= stretch_rows) {
        cut_stretches(level, pieces);
      } else {
        order.push_back(level);
      }
    }
    std::stable_sort(order.begin(), order.end(),
                     [this](std::int32_t a, std::int32_t b) { return length(a) > length(b); });
    for (std::size_t k = 0; k < order.size(); k += 8) {
      Piece piece;
      for (std::size_t lane = k; lane < std::min(k + 8, order.size()); ++lane) {
        piece.levels.push_back(order[lane]);
        piece.rows += length(order[lane]);
      }
      pieces.push_back(std::move(piece));
    }
    return pieces;
  }

  void cut_stretches(std::int32_t level, std::vector<Piece>& pieces) const {
    const std::size_t rows = length(level);
    const std::size_t n = (rows + tile_rows - 1) / tile_rows;
    const std::size_t each = util::round_up_8((rows + n - 1) / n);
    for (std::size_t first = 0; first < rows; first += each) {
      Piece piece;
      piece.levels.push_back(level);
      piece.first = first;
      piece.rows = std::min(each, rows - first);
      piece.is_stretch = true;
      piece.is_partial = rows > each;
      pieces.push_back(std::move(piece));
    }
  }

  void flush() {
    if (pending_.empty()) return;
    open_tile(pending_rows_);
    std::size_t at = 0;
    for (const Piece& piece : pending_)
      if (!piece.is_stretch) add_slice(piece, at);
    for (const Piece& piece : pending_)
      if (piece.is_stretch) add_stretch(piece, at);
    pad_slots();
    for (const Loose& loose : loose_) {
      layout_.loose_slot.push_back(loose.slot);
      ++tile_.n_loose;
      place(static_cast<std::size_t>(loose.row), at++);
    }
    loose_.clear();
    close_tile();
    pending_.clear();
    pending_rows_ = 0;
  }

  // Lanes are the groups; rows beyond the shortest group's length are loose, and so is all of an incomplete slice.
  void add_slice(const Piece& piece, std::size_t& at) {
    const std::int32_t first_slot = static_cast<std::int32_t>(tile_.n_slots);
    std::size_t depth = piece.levels.size() == 8 ? length(piece.levels.back()) : 0;
    for (std::size_t k = 0; k < depth; ++k)
      for (const std::int32_t level : piece.levels) place(row_of_[start_[level] + k], at++);
    if (depth > 0) {
      layout_.slices.push_back({first_slot, static_cast<std::int32_t>(depth)});
      ++tile_.n_slices;
    }
    for (const std::int32_t level : piece.levels) {
      const std::int32_t slot = add_slot(level, -1);
      for (std::size_t k = depth; k < length(level); ++k) loose_.push_back({slot, row_of_[start_[level] + k]});
    }
    pad_slots();
  }

  void add_stretch(const Piece& piece, std::size_t& at) {
    const std::int32_t level = piece.levels.front();
    std::int32_t partial = -1;
    if (piece.is_partial) {
      partial = static_cast<std::int32_t>(layout_.partial_level.size());
      layout_.partial_level.push_back(level);
      tile_.has_partial = true;
    }
    const std::int32_t slot = add_slot(level, partial);
    const std::size_t whole = piece.rows / 8 * 8;
    for (std::size_t k = 0; k < whole; ++k) place(row_of_[start_[level] + piece.first + k], at++);
    for (std::size_t k = whole; k < piece.rows; ++k) loose_.push_back({slot, row_of_[start_[level] + piece.first + k]});
    layout_.stretches.push_back({slot, static_cast<std::int32_t>(whole / 8)});
    ++tile_.n_stretches;
  }

  std::int32_t add_slot(std::int32_t level, std::int32_t partial) {
    layout_.slot_level.push_back(level);
    layout_.slot_partial.push_back(partial);
    return static_cast<std::int32_t>(tile_.n_slots++);
  }

  void pad_slots() {
    while (tile_.n_slots % 8 != 0) add_slot(-1, -1);
  }

  void open_tile(std::size_t rows) {
    tile_ = Tile();
    tile_.first_row = layout_.n_positions;
    tile_.rows = rows;
    tile_.first_slot = layout_.slot_level.size();
    tile_.first_slice = layout_.slices.size();
    tile_.first_stretch = layout_.stretches.size();
    tile_.first_loose = layout_.loose_slot.size();
  }

  void close_tile() {
    const std::size_t padded = util::round_up_8(tile_.rows);
    layout_.n_positions += padded;
    layout_.max_tile_rows = std::max(layout_.max_tile_rows, padded);
    layout_.max_tile_slots = std::max(layout_.max_tile_slots, tile_.n_slots);
    layout_.tiles.push_back(tile_);
  }

  // Appends a tile's levels: whole ones, and those with rows in other tiles.
  void list_levels(const Tile& tile, std::vector<std::int32_t>& whole, std::vector<std::int32_t>& spanning) const {
    for (std::size_t s = tile.first_slot; s < tile.first_slot + tile.n_slots; ++s) {
      const std::int32_t level = layout_.slot_level[s];
      if (level < 0) continue;
      if (layout_.slot_partial[s] < 0)
        whole.push_back(level);
      else if (spanning.empty() || spanning.back() != level)
        spanning.push_back(level);
    }
  }

  void number_levels() {
    const parallel::Strips strips(layout_.tiles.size());
    std::vector<std::int32_t> order, left, spanning;
    std::size_t unit = 8;  // levels whose coordinates fill whole vectors
    for (std::size_t m = n_coefficients_; unit > 1 && m % 2 == 0; m /= 2) unit /= 2;
    layout_.segment_numbers.assign(1, 0);
    for (std::size_t strip = 0; strip < strips.n_strips; ++strip) {
      std::vector<std::int32_t> whole;
      for (std::size_t t = strips.first_tile(strip); t < strips.first_tile(strip + 1); ++t)
        list_levels(layout_.tiles[t], whole, spanning);
      const auto last = whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / unit * unit);
      order.insert(order.end(), whole.begin(), last);
      left.insert(left.end(), last, whole.end());
      layout_.segment_numbers.push_back(order.size());
    }
    const bool too_small = order.size() * n_coefficients_ < min_segment_coordinates * strips.n_strips;
    if (strips.n_strips < 2 || too_small) layout_.segment_numbers.clear();
    order.insert(order.end(), left.begin(), left.end());
    order.insert(order.end(), spanning.begin(), spanning.end());
    layout_.number.resize(n_levels_);
    for (std::size_t i = 0; i < order.size(); ++i) layout_.number[order[i]] = static_cast<std::int32_t>(i);
    for (std::int32_t& level : layout_.slot_level)
      if (level >= 0) level = layout_.number[level];
    for (std::int32_t& level : layout_.partial_level) level = layout_.number[level];
  }

  void place(std::size_t row, std::size_t row_in_tile) {
    layout_.position[row] = static_cast<std::int32_t>(tile_.first_row + row_in_tile);
  }

  struct Loose {
    std::int32_t slot, row;
  };

  std::size_t n_rows_;
  const std::vector<std::int32_t>& level_;
  std::size_t n_levels_, n_coefficients_;
  std::vector<std::size_t> start_;
  std::vector<std::int32_t> row_of_;
  std::vector<Piece> pending_;
  std::size_t pending_rows_ = 0;
  std::vector<Loose> loose_;
  Tile tile_;
  Layout layout_;
};

}  // namespace detail

// Rows in the user's order (no term to sort by: `level` empty), or sorted by a group-level term: level of each row,
// 0-based; long groups first, then short ones by length. n_coefficients: of the term. Fewer than 2^31 rows.
inline Layout build_layout(std::size_t n_rows, const std::vector<std::int32_t>& level, std::size_t n_levels,
                           std::size_t n_coefficients = 1) {
  return detail::LayoutBuilder(n_rows, level, n_levels, n_coefficients).build();
}

}  // namespace regression
}  // namespace skein

#endif
