// The data of a regression in the internal order of rows: responses, design columns, group indices.
#ifndef SKEIN_REGRESSION_DESIGN_HPP
#define SKEIN_REGRESSION_DESIGN_HPP

#include <cstdint>
#include <vector>

#include "../util/aligned.hpp"
#include "cells.hpp"
#include "layout.hpp"
#include "spec.hpp"

namespace skein {
namespace regression {

// How a group-level term's derivatives come back to its levels.
// sorted: rows stand in the term's own order, sums are in place. nested: each level of the sorted term lies in one
// level of this, so that effects and sums go over its levels instead of over rows. small: summed by cell within each
// strip of tiles. large: gathered from the derivatives of all rows after a barrier.
enum class GroupMode { sorted, nested, small, large };

// A term with at most this many effects (levels times coefficients) has its sums in every strip's own result.
constexpr std::size_t small_group_effects = 256;

using Column = util::AlignedArray<double>;

// The coefficients of a group-level term that belong to one predictor.
struct Span {
  std::size_t predictor = 0;
  std::size_t first = 0;
  std::size_t n = 0;
};

struct GroupDesign {
  GroupMode mode = GroupMode::large;
  std::size_t n_levels = 0, n_coefficients = 0, n_by = 1;
  bool correlated = false;
  std::size_t block_sd = no_block, block_z = no_block;
  std::vector<std::size_t> block_cholesky;  // one a by-level; empty if uncorrelated
  std::vector<Span> spans;                  // ascending by predictor and coefficient
  std::vector<Column> columns;              // one a coefficient; empty where all ones
  std::vector<const double*> pointers;      // their data, null where all ones
  util::AlignedArray<std::int32_t> level;   // of each position (large only, when the design is finished)
  std::vector<std::int32_t> by;             // by-level of each level; empty if there is one
  std::vector<std::int32_t> start, row_of;  // large: positions by level; nested: the sorted term's levels by level
  std::vector<std::int32_t> outer;          // nested: level that each level of the sorted term lies in
  std::vector<std::size_t> matching;        // nested: the sorted term's coefficient with the same design, of each
};

// Population-level part of one predictor.
struct PredictorDesign {
  Column offset;
  std::vector<Column> columns;  // centred if the predictor is
  std::vector<const double*> pointers;
  std::vector<double> means;
};

struct Design {
  Layout layout;
  Column response, trials, weights;
  util::AlignedArray<std::int8_t> censored;
  Column response_upper, truncation_lower, truncation_upper, se, rate;
  std::vector<PredictorDesign> predictors;
  std::vector<GroupDesign> groups;
  std::size_t sorted_group = no_block;
  bool has_nested = false;
  std::vector<CellPass> passes;  // of the small terms
};

}  // namespace regression
}  // namespace skein

#endif
