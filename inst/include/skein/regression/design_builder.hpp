// Takes a regression's rows in blocks, in the user's order, and puts every value where it will be read.
#ifndef SKEIN_REGRESSION_DESIGN_BUILDER_HPP
#define SKEIN_REGRESSION_DESIGN_BUILDER_HPP

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../simd/dispatch.hpp"
#include "design.hpp"
#include "group_modes.hpp"

namespace skein {
namespace regression {

// The spec's own row vectors are released as soon as they are placed, so that rows are held once.
class DesignBuilder {
 public:
  // Throws std::invalid_argument for lengths that disagree.
  explicit DesignBuilder(Spec& spec) : spec_(spec), n_rows_(spec.n_rows) {
    if (spec.predictors.empty()) throw std::invalid_argument("a regression needs the predictor of mu");
    choose_sorted_group();
    static const std::vector<std::int32_t> unsorted;
    const bool sorted = design_.sorted_group != no_block;
    const std::vector<std::int32_t>& level = sorted ? spec.groups[design_.sorted_group].index : unsorted;
    if (sorted && level.size() != n_rows_) throw std::invalid_argument("a group index has the wrong length");
    if (sorted) {
      const GroupTerm& term = spec.groups[design_.sorted_group];
      design_.layout = build_layout(n_rows_, level, term.n_levels, term.n_coefficients);
    } else {
      design_.layout = build_layout(n_rows_, level, 0);
    }
    design_.response = take_rows(spec.response, true);
    design_.trials = take_rows(spec.trials, true);
    design_.weights = take_rows(spec.weights, false);
    design_.censored = take_rows(spec.censored, false);
    design_.response_upper = take_rows(spec.response_upper, true);
    design_.truncation_lower = take_rows(spec.truncation_lower, true);
    design_.truncation_upper = take_rows(spec.truncation_upper, true);
    design_.se = take_rows(spec.se, true);
    design_.rate = take_rows(spec.rate, true);
    for (Predictor& predictor : spec.predictors) add_predictor(predictor);
    if (!design_.rate.empty() && spec.predictors[0].link == "log") add_log_rate(design_.predictors[0].offset);
    for (std::size_t g = 0; g < spec.groups.size(); ++g) add_group(g);
  }

  // Rows first_row .. first_row + n - 1: `columns[p]` is n by n_columns of predictor p (null if it has none),
  // `groups[g]` n by n_coefficients of term g (null where all are ones), all column-major. Throws std::out_of_range
  // beyond the rows.
  void add_rows(std::size_t first_row, std::size_t n, const std::vector<const double*>& columns,
                const std::vector<const double*>& groups) {
    if (first_row + n > n_rows_) throw std::out_of_range("design rows beyond the number of rows");
    for (std::size_t p = 0; p < design_.predictors.size(); ++p) {
      if (design_.predictors[p].columns.empty()) continue;
      if (columns.at(p) == nullptr) throw std::invalid_argument("a predictor's columns are missing");
      place(first_row, n, columns[p], design_.predictors[p].columns);
    }
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      if (!stores_columns(spec_.groups[g])) continue;
      if (groups.at(g) == nullptr) throw std::invalid_argument("a group term's columns are missing");
      place(first_row, n, groups[g], design_.groups[g].columns);
    }
    n_added_ += n;
  }

  // Centres the columns and drops columns of ones. Throws std::logic_error if rows are missing.
  Design finish() {
    if (n_added_ != n_rows_ && needs_rows()) throw std::logic_error("not all design rows were given");
    for (std::size_t p = 0; p < design_.predictors.size(); ++p) {
      PredictorDesign& predictor = design_.predictors[p];
      for (Column& column : predictor.columns) {
        if (spec_.predictors[p].centred) predictor.means.push_back(centre(column));
        predictor.pointers.push_back(column.data());
      }
    }
    for (GroupDesign& group : design_.groups) {
      for (Column& column : group.columns) {
        if (!column.empty() && is_all_ones(column)) column = Column();
        group.pointers.push_back(column.data());
      }
    }
    settle_modes(design_);
    return std::move(design_);
  }

 private:
  static bool stores_columns(const GroupTerm& term) {
    for (const bool ones : term.coefficient_ones)
      if (!ones) return true;
    return false;
  }

  bool needs_rows() const {
    for (const Predictor& predictor : spec_.predictors)
      if (predictor.n_columns > 0) return true;
    for (const GroupTerm& term : spec_.groups)
      if (stores_columns(term)) return true;
    return false;
  }

  void place(std::size_t first_row, std::size_t n, const double* values, std::vector<Column>& columns) const {
    const std::int32_t* position = design_.layout.position.data() + first_row;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].empty()) continue;
      for (std::size_t i = 0; i < n; ++i) columns[c][position[i]] = values[c * n + i];
    }
  }

  // The term with most levels: its sums then cost nothing, and the others are the cheap ones.
  void choose_sorted_group() {
    std::size_t most = 0;
    for (std::size_t g = 0; g < spec_.groups.size(); ++g) {
      if (spec_.groups[g].n_levels <= most) continue;
      most = spec_.groups[g].n_levels;
      design_.sorted_group = g;
    }
  }

  // Moves a row vector into positions. Padding rows repeat the first row where a kernel could meet a domain error.
  template <class T>
  util::AlignedArray<T> take_rows(std::vector<T>& rows, bool repeat_first) const {
    if (rows.empty()) return util::AlignedArray<T>();
    if (rows.size() != n_rows_) throw std::invalid_argument("a row vector has the wrong length");
    util::AlignedArray<T> out(design_.layout.n_positions);
    if (repeat_first)
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows[0];
    for (std::size_t i = 0; i < n_rows_; ++i) out[design_.layout.position[i]] = rows[i];
    std::vector<T>().swap(rows);
    return out;
  }

  void add_predictor(Predictor& predictor) {
    PredictorDesign one;
    one.offset = take_rows(predictor.offset, false);
    for (std::size_t c = 0; c < predictor.n_columns; ++c) one.columns.emplace_back(design_.layout.n_positions);
    design_.predictors.push_back(std::move(one));
  }

  // With a log link, a rate is an offset.
  void add_log_rate(Column& offset) const {
    if (offset.empty()) offset = Column(design_.layout.n_positions);
    for (std::size_t i = 0; i < offset.size(); ++i) offset[i] += simd::log(design_.rate[i]);
  }

  void add_group(std::size_t g) {
    GroupTerm& term = spec_.groups[g];
    if (term.index.size() != n_rows_) throw std::invalid_argument("a group index has the wrong length");
    GroupDesign group;
    group.n_levels = term.n_levels;
    group.n_coefficients = term.n_coefficients;
    group.n_by = term.n_by;
    group.by = term.by;
    group.correlated = term.correlated;
    group.block_sd = term.block_sd;
    group.block_z = term.block_z;
    group.block_cholesky = term.block_cholesky;
    check_term(term);
    add_spans(term, group);
    for (std::size_t m = 0; m < term.n_coefficients; ++m)
      group.columns.emplace_back(term.coefficient_ones[m] ? 0 : design_.layout.n_positions);
    // The sorted term's too, until it is known which terms are nested in it.
    group.level = util::AlignedArray<std::int32_t>(design_.layout.n_positions);
    for (std::size_t i = 0; i < n_rows_; ++i) group.level[design_.layout.position[i]] = term.index[i];
    if (g == design_.sorted_group) number_levels(group, term);
    std::vector<std::int32_t>().swap(term.index);
    design_.groups.push_back(std::move(group));
  }

  // The sorted term's levels as the layout numbers them.
  void number_levels(GroupDesign& group, const GroupTerm& term) const {
    const std::vector<std::int32_t>& number = design_.layout.number;
    for (std::size_t i = 0; i < n_rows_; ++i)
      group.level[design_.layout.position[i]] = number[static_cast<std::size_t>(term.index[i])];
    for (std::size_t l = 0; l < term.by.size(); ++l) group.by[static_cast<std::size_t>(number[l])] = term.by[l];
  }

  static void check_term(const GroupTerm& term) {
    const std::size_t m = term.n_coefficients;
    if (term.coefficient_predictor.size() != m || term.coefficient_ones.size() != m)
      throw std::invalid_argument("a group term's coefficients are described in the wrong number");
    if (term.block_cholesky.size() != (term.correlated ? term.n_by : 0))
      throw std::invalid_argument("a group term has a wrong number of correlation matrices");
    if (term.by.size() != (term.n_by > 1 ? term.n_levels : 0))
      throw std::invalid_argument("a group term's by-levels have the wrong length");
    for (const std::int32_t by : term.by)
      if (by < 0 || static_cast<std::size_t>(by) >= term.n_by)
        throw std::invalid_argument("a by-level is out of range");
  }

  void add_spans(const GroupTerm& term, GroupDesign& group) const {
    for (std::size_t m = 0; m < term.n_coefficients; ++m) {
      const std::size_t predictor = term.coefficient_predictor[m];
      const bool begins = group.spans.empty() || predictor != group.spans.back().predictor;
      if (predictor >= spec_.predictors.size() || (begins && m > 0 && predictor < group.spans.back().predictor))
        throw std::invalid_argument("a group term's predictors are not ascending or do not exist");
      if (begins) group.spans.push_back({predictor, m, 0});
      ++group.spans.back().n;
    }
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

  Spec& spec_;
  std::size_t n_rows_, n_added_ = 0;
  Design design_;
};

}  // namespace regression
}  // namespace skein

#endif
