// Passes over the rows that serve several small group-level terms at once: rows by cell instead of by level.
#ifndef SKEIN_REGRESSION_CELLS_HPP
#define SKEIN_REGRESSION_CELLS_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../term/cells.hpp"
#include "../util/aligned.hpp"
#include "layout.hpp"

namespace skein {
namespace regression {

// Terms are joined if the combinations of their levels that occur are at most this many, or no more than their levels
// together (as where one is nested in another): every strip of tiles has a sum for each cell.
constexpr std::size_t joined_cells = 64;

// What a pass takes in: a coefficient of a term, and the term's level in each cell.
struct CellMember {
  std::size_t group = 0, coefficient = 0;
  std::vector<std::int32_t> level;
};

// Coefficients of one predictor with the same design column, of terms whose combined levels are the cells. Cells are
// at most 8191, since eight times their number is held in 16 bits.
struct CellPass {
  std::size_t predictor = 0;
  const double* column = nullptr;  // null where all ones
  std::size_t n_cells = 0, n_levels = 0;  // n_levels: of the members together
  std::vector<CellMember> members;
  util::AlignedArray<std::uint16_t> eightfold;  // 8 * cell of each position
  std::vector<std::uint16_t> touched;           // 8 * cell of the cells of each tile
  std::vector<std::size_t> first_touched;       // of each tile, and the end

  term::CellTile view(const Layout& layout, const Tile& tile) const {
    const std::size_t t = static_cast<std::size_t>(&tile - layout.tiles.data());
    return {eightfold.data() + tile.first_row, tile.rows, touched.data() + first_touched[t],
            first_touched[t + 1] - first_touched[t]};
  }
};

// A coefficient to be taken in: where it belongs, its design column and its term's level of each position.
struct CellCoefficient {
  std::size_t group, coefficient, predictor;
  const double* column;
  std::size_t n_levels;
  const util::AlignedArray<std::int32_t>& level;
};

namespace detail {

// The cells of `pass` crossed with a further term; false, and nothing changed, if they are too many to be joined.
inline bool join_cells(const Layout& layout, const CellCoefficient& added, CellPass& pass) {
  const std::size_t n_levels = added.n_levels;
  std::vector<std::int32_t> number(pass.n_cells * n_levels, -1);
  const auto combination = [&](std::size_t i) { return pass.eightfold[i] / 8 * n_levels + added.level[i]; };
  for (const Tile& tile : layout.tiles)
    for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) number[combination(i)] = 0;
  const std::size_t n = number.size() - std::count(number.begin(), number.end(), -1);
  if (n > std::max(joined_cells, pass.n_levels + n_levels)) return false;
  std::vector<CellMember> members = pass.members;
  for (CellMember& one : members) one.level.clear();
  CellMember member{added.group, added.coefficient, {}};
  std::int32_t next = 0;
  for (std::size_t k = 0; k < number.size(); ++k) {
    if (number[k] < 0) continue;
    number[k] = next++;
    for (std::size_t j = 0; j < members.size(); ++j)
      members[j].level.push_back(pass.members[j].level[k / n_levels]);
    member.level.push_back(static_cast<std::int32_t>(k % n_levels));
  }
  for (const Tile& tile : layout.tiles)
    for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
      pass.eightfold[i] = static_cast<std::uint16_t>(8 * number[combination(i)]);
  members.push_back(std::move(member));
  pass.members = std::move(members);
  pass.n_cells = n;
  pass.n_levels += n_levels;
  return true;
}

}  // namespace detail

// A coefficient goes into the first of `passes` with its predictor and design column that takes it, else into a new
// one. Terms of more levels should come first: those nested in them then add no cells.
inline void add_to_passes(const Layout& layout, const CellCoefficient& added, std::vector<CellPass>& passes) {
  for (CellPass& pass : passes)
    if (pass.predictor == added.predictor && pass.column == added.column && detail::join_cells(layout, added, pass))
      return;
  CellPass pass;
  pass.predictor = added.predictor;
  pass.column = added.column;
  pass.n_cells = 1;
  pass.eightfold = util::AlignedArray<std::uint16_t>(layout.n_positions);
  detail::join_cells(layout, added, pass);
  passes.push_back(std::move(pass));
}

// After the last coefficient: pads the tiles and lists their cells.
inline void finish_pass(const Layout& layout, CellPass& pass) {
  std::vector<bool> seen(pass.n_cells);
  for (const Tile& tile : layout.tiles) {
    pass.first_touched.push_back(pass.touched.size());
    const std::size_t end = tile.first_row + tile.rows;
    for (std::size_t i = end; i < util::round_up_8(end); ++i) pass.eightfold[i] = pass.eightfold[tile.first_row];
    std::fill(seen.begin(), seen.end(), false);
    for (std::size_t i = tile.first_row; i < end; ++i) {
      if (seen[pass.eightfold[i] / 8]) continue;
      seen[pass.eightfold[i] / 8] = true;
      pass.touched.push_back(pass.eightfold[i]);
    }
  }
  pass.first_touched.push_back(pass.touched.size());
}

}  // namespace regression
}  // namespace skein

#endif
