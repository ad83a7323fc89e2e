// Decides how each group-level term's derivatives come back to its levels, once all design columns are known.
#ifndef SKEIN_REGRESSION_GROUP_MODES_HPP
#define SKEIN_REGRESSION_GROUP_MODES_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include "design.hpp"

namespace skein {
namespace regression {
namespace detail {

inline std::size_t predictor_of(const GroupDesign& group, std::size_t coefficient) {
  std::size_t s = 0;
  while (coefficient >= group.spans[s].first + group.spans[s].n) ++s;
  return group.spans[s].predictor;
}

inline bool same_design(const GroupDesign& a, std::size_t i, const GroupDesign& b, std::size_t j) {
  if (predictor_of(a, i) != predictor_of(b, j) || a.columns[i].size() != b.columns[j].size()) return false;
  return std::equal(a.columns[i].data(), a.columns[i].data() + a.columns[i].size(), b.columns[j].data());
}

// The sorted term's coefficient with the design of each coefficient of `group`; empty if one has none.
inline std::vector<std::size_t> matching_coefficients(const GroupDesign& group, const GroupDesign& sorted) {
  std::vector<std::size_t> matching;
  for (std::size_t i = 0; i < group.n_coefficients; ++i) {
    std::size_t j = 0;
    while (j < sorted.n_coefficients && !same_design(group, i, sorted, j)) ++j;
    if (j == sorted.n_coefficients) return {};
    matching.push_back(j);
  }
  return matching;
}

// The level of `group` that each level of the sorted term lies in (-1: it has no rows); empty if not each is in one.
inline std::vector<std::int32_t> outer_levels(const Layout& layout, const GroupDesign& group,
                                              const GroupDesign& sorted) {
  std::vector<std::int32_t> outer(sorted.n_levels, -1);
  for (const Tile& tile : layout.tiles)
    for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) {
      std::int32_t& level = outer[sorted.level[i]];
      if (level < 0) level = group.level[i];
      if (level != group.level[i]) return {};
    }
  return outer;
}

// Lists by level: `members` and their levels in the same order; a level of -1 is left out.
inline void list_by_level(const std::vector<std::int32_t>& members, const std::vector<std::int32_t>& level,
                          GroupDesign& group) {
  group.start.assign(group.n_levels + 1, 0);
  for (const std::int32_t l : level)
    if (l >= 0) ++group.start[l + 1];
  for (std::size_t l = 0; l < group.n_levels; ++l) group.start[l + 1] += group.start[l];
  group.row_of.resize(group.start.back());
  std::vector<std::int32_t> next(group.start.begin(), group.start.end() - 1);
  for (std::size_t i = 0; i < level.size(); ++i)
    if (level[i] >= 0) group.row_of[next[level[i]]++] = members[i];
}

inline void list_rows(const Layout& layout, GroupDesign& group) {
  std::vector<std::int32_t> rows, level;
  for (const Tile& tile : layout.tiles)
    for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) {
      rows.push_back(static_cast<std::int32_t>(i));
      level.push_back(group.level[i]);
    }
  list_by_level(rows, level, group);
}

inline bool try_nested(const Layout& layout, const GroupDesign& sorted, GroupDesign& group) {
  group.matching = matching_coefficients(group, sorted);
  if (group.matching.empty()) return false;
  group.outer = outer_levels(layout, group, sorted);
  if (group.outer.empty()) return false;
  std::vector<std::int32_t> levels(sorted.n_levels);
  for (std::size_t l = 0; l < levels.size(); ++l) levels[l] = static_cast<std::int32_t>(l);
  list_by_level(levels, group.outer, group);
  return true;
}

inline void make_passes(Design& design) {
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < design.groups.size(); ++g)
    if (design.groups[g].mode == GroupMode::small) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&design](std::size_t a, std::size_t b) {
    return design.groups[a].n_levels > design.groups[b].n_levels;
  });
  for (const std::size_t g : order) {
    const GroupDesign& group = design.groups[g];
    for (std::size_t m = 0; m < group.n_coefficients; ++m)
      add_to_passes(design.layout, {g, m, predictor_of(group, m), group.pointers[m], group.n_levels, group.level},
                    design.passes);
  }
  for (CellPass& pass : design.passes) finish_pass(design.layout, pass);
}

}  // namespace detail

inline void settle_modes(Design& design) {
  for (std::size_t g = 0; g < design.groups.size(); ++g) {
    GroupDesign& group = design.groups[g];
    if (g == design.sorted_group) {
      group.mode = GroupMode::sorted;
    } else if (detail::try_nested(design.layout, design.groups[design.sorted_group], group)) {
      group.mode = GroupMode::nested;
      design.has_nested = true;
    } else if (group.n_levels * group.n_coefficients <= small_group_effects) {
      group.mode = GroupMode::small;
    } else {
      group.mode = GroupMode::large;
      detail::list_rows(design.layout, group);
    }
  }
  detail::make_passes(design);
  for (GroupDesign& group : design.groups)
    if (group.mode != GroupMode::large) group.level = util::AlignedArray<std::int32_t>();
}

}  // namespace regression
}  // namespace skein

#endif
