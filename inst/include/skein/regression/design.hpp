// The data of a regression in the internal order of rows: responses, design columns, group indices.
#ifndef SKEIN_REGRESSION_DESIGN_HPP
#define SKEIN_REGRESSION_DESIGN_HPP

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../util/aligned.hpp"
#include "layout.hpp"
#include "spec.hpp"

namespace skein {
namespace regression {

// How a group-level term's derivatives come back to its levels.
// sorted: rows stand in the term's own order, sums are in place. small: summed within each strip of tiles.
// large: gathered from the derivatives of all rows after a barrier.
enum class GroupMode { sorted, small, large };

// A term with at most this many effects (levels times coefficients) keeps them in every strip's own result.
constexpr std::size_t small_group_effects = 256;

using Column = util::AlignedArray<double>;

// Rows' positions as rows of a design matrix: X of one group term or of the population level.
struct GroupDesign {
  GroupMode mode = GroupMode::large;
  std::size_t n_levels = 0, n_coefficients = 0;
  bool correlated = false;
  std::size_t block_sd = no_block, block_z = no_block, block_cholesky = no_block;
  std::vector<Column> columns;             // one a coefficient; empty where all ones
  std::vector<const double*> pointers;     // their data, null where all ones
  util::AlignedArray<std::int32_t> level;  // of each position (small and large only)
  std::vector<std::int32_t> start, row_of;  // large: positions by level
};

struct Design {
  Layout layout;
  Column response, trials, weights, offset;
  std::vector<Column> columns;  // centred if the predictor is
  std::vector<const double*> pointers;
  std::vector<double> means;
  std::vector<GroupDesign> groups;
  std::size_t sorted_group = no_block;
};

// Takes the rows in blocks, in the user's order, and puts every value where it will be read. The spec's own row
// vectors are released as soon as they are placed, so that rows are held once.
class DesignBuilder {
 public:
  explicit DesignBuilder(Spec& spec) : predictor_(spec.predictors.at(0)), n_rows_(spec.n_rows) {
    choose_sorted_group();
    static const std::vector<std::int32_t> unsorted;
    const bool sorted = design_.sorted_group != no_block;
    const std::vector<std::int32_t>& level = sorted ? predictor_.groups[design_.sorted_group].index : unsorted;
    design_.layout =
        build_layout(n_rows_, level, sorted ? predictor_.groups[design_.sorted_group].n_levels : 0);
    design_.response = take_rows(spec.response, true);
    design_.trials = take_rows(spec.trials, true);
    design_.weights = take_rows(spec.weights, false);
    design_.offset = take_rows(predictor_.offset, false);
    for (std::size_t c = 0; c < predictor_.n_columns; ++c) design_.columns.emplace_back(design_.layout.n_positions);
    for (std::size_t g = 0; g < predictor_.groups.size(); ++g) add_group(g);
  }

  // Rows first_row .. first_row + n - 1: `columns` is n by n_columns, `groups[g]` n by n_coefficients of term g (null
  // for an intercept alone), all column-major. Throws std::out_of_range beyond the rows.
  void add_rows(std::size_t first_row, std::size_t n, const double* columns, const std::vector<const double*>& groups) {
    if (first_row + n > n_rows_) throw std::out_of_range("design rows beyond the number of rows");
    const std::int32_t* position = design_.layout.position.data() + first_row;
    for (std::size_t c = 0; c < design_.columns.size(); ++c)
      for (std::size_t i = 0; i < n; ++i) design_.columns[c][position[i]] = columns[c * n + i];
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      GroupDesign& group = design_.groups[g];
      if (groups.at(g) == nullptr) continue;
      for (std::size_t m = 0; m < group.columns.size(); ++m)
        for (std::size_t i = 0; i < n; ++i) group.columns[m][position[i]] = groups[g][m * n + i];
    }
    n_added_ += n;
  }

  // Centres the columns and drops columns of ones. Throws std::logic_error if rows are missing.
  Design finish() {
    if (n_added_ != n_rows_ && needs_rows()) throw std::logic_error("not all design rows were given");
    for (Column& column : design_.columns) {
      if (predictor_.centred) design_.means.push_back(centre(column));
      design_.pointers.push_back(column.data());
    }
    for (GroupDesign& group : design_.groups) {
      for (Column& column : group.columns) {
        if (!column.empty() && is_all_ones(column)) column = Column();
        group.pointers.push_back(column.data());
      }
    }
    design_.layout.position = std::vector<std::int32_t>();
    return std::move(design_);
  }

 private:
  bool needs_rows() const {
    bool needed = !design_.columns.empty();
    for (const GroupTerm& term : predictor_.groups) needed = needed || !term.intercept_only;
    return needed;
  }

  // The term with most levels: its sums then cost nothing, and the others are the cheap ones.
  void choose_sorted_group() {
    std::size_t most = 0;
    for (std::size_t g = 0; g < predictor_.groups.size(); ++g) {
      if (predictor_.groups[g].n_levels <= most) continue;
      most = predictor_.groups[g].n_levels;
      design_.sorted_group = g;
    }
  }

  // Moves a row vector into positions. Padding rows repeat the first row where a kernel could meet a domain error.
  Column take_rows(std::vector<double>& rows, bool repeat_first) {
    if (rows.empty()) return Column();
    if (rows.size() != n_rows_) throw std::invalid_argument("a row vector has the wrong length");
    Column out(design_.layout.n_positions);
    if (repeat_first)
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows[0];
    for (std::size_t i = 0; i < n_rows_; ++i) out[design_.layout.position[i]] = rows[i];
    std::vector<double>().swap(rows);
    return out;
  }

  void add_group(std::size_t g) {
    GroupTerm& term = predictor_.groups[g];
    if (term.index.size() != n_rows_) throw std::invalid_argument("a group index has the wrong length");
    GroupDesign group;
    group.n_levels = term.n_levels;
    group.n_coefficients = term.n_coefficients;
    group.correlated = term.correlated;
    group.block_sd = term.block_sd;
    group.block_z = term.block_z;
    group.block_cholesky = term.block_cholesky;
    for (std::size_t m = 0; m < term.n_coefficients; ++m)
      group.columns.emplace_back(term.intercept_only ? 0 : design_.layout.n_positions);
    if (g == design_.sorted_group) {
      group.mode = GroupMode::sorted;
    } else {
      group.mode = term.n_levels * term.n_coefficients <= small_group_effects ? GroupMode::small : GroupMode::large;
      place_levels(term.index, group);
    }
    std::vector<std::int32_t>().swap(term.index);
    design_.groups.push_back(std::move(group));
  }

  void place_levels(const std::vector<std::int32_t>& index, GroupDesign& group) const {
    group.level = util::AlignedArray<std::int32_t>(design_.layout.n_positions);
    for (std::size_t i = 0; i < n_rows_; ++i) group.level[design_.layout.position[i]] = index[i];
    if (group.mode != GroupMode::large) return;
    group.start.assign(group.n_levels + 1, 0);
    for (const std::int32_t level : index) ++group.start[level + 1];
    for (std::size_t l = 0; l < group.n_levels; ++l) group.start[l + 1] += group.start[l];
    group.row_of.resize(n_rows_);
    std::vector<std::int32_t> next(group.start.begin(), group.start.end() - 1);
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
        group.row_of[next[group.level[i]]++] = static_cast<std::int32_t>(i);
  }

  // Subtracts the mean over the rows (summed with Neumaier's compensation: R's own mean uses long double, which is
  // double on some machines) and returns it. Padding stays 0.
  double centre(Column& column) const {
    double sum = 0, lost = 0;
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) {
        const double next = sum + column[i];
        lost += std::fabs(sum) >= std::fabs(column[i]) ? (sum - next) + column[i] : (column[i] - next) + sum;
        sum = next;
      }
    const double mean = (sum + lost) / static_cast<double>(n_rows_);
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) column[i] -= mean;
    return mean;
  }

  bool is_all_ones(const Column& column) const {
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
        if (column[i] != 1.0) return false;
    return true;
  }

  Predictor& predictor_;
  std::size_t n_rows_, n_added_ = 0;
  Design design_;
};

}  // namespace regression
}  // namespace skein

#endif
