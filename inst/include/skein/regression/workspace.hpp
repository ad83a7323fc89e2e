// Where everything stands in the buffers of one evaluation and of one worker.
#ifndef SKEIN_REGRESSION_WORKSPACE_HPP
#define SKEIN_REGRESSION_WORKSPACE_HPP

#include <algorithm>
#include <vector>

#include "../util/aligned.hpp"
#include "design.hpp"

namespace skein {
namespace regression {

// Levels of a group-level term are finished in chunks of this many, each with sums of its own.
constexpr std::size_t chunk_levels = 256;

// What a strip of tiles sums up: doubles in this order, packed, since every cache line that a helper wrote costs its
// owner a transfer.
struct StripPlan {
  std::size_t log_density = 0;
  std::size_t z_log_prior = 1;
  std::size_t dpar = 2;                // of the parameters that are one value for all rows
  std::vector<std::size_t> intercept;  // of each predictor, and after it its b
  std::size_t products = 0;            // of the sorted term
  std::size_t size = 0, stride = 0;
};

// Of one group-level term, offsets into the workspace but for `strip`.
struct GroupPlan {
  std::size_t a = 0;       // A = diag(sd) L, column-major, of each by-level
  std::size_t r = 0;       // effects r[level * M + m] of an unsorted term, whole chunks
  std::size_t d_r = 0;     // small: d_r[level * M + m]; sorted, if any is nested: d_r[m * levels + level]
  std::size_t chunks = 0;  // per chunk: log prior of z, products
  std::size_t chunk_stride = 0;
  std::size_t n_chunks = 0;
};

// Of one pass by cells: its effects' offset into the workspace and its sums' into a strip.
struct CellPlan {
  std::size_t effect = 0, strip = 0;
};

constexpr std::size_t no_rows = static_cast<std::size_t>(-1);

// Per evaluation in flight: offsets into Density::workspace_size() doubles.
struct WorkspacePlan {
  std::size_t values = 0, d_values = 0, slopes = 0, jacobian_slopes = 0;
  std::size_t strips = 0;
  std::size_t partial = 0;    // d_r of groups that span tiles, place * M + m
  std::vector<std::size_t> rows;  // of predictors in large terms: derivatives of every position; else no_rows
  std::size_t size = 0;
  StripPlan strip;
  std::vector<GroupPlan> groups;
  std::vector<CellPlan> passes;
};

// Per worker: offsets into Density::scratch_size() doubles. The slot arrays have a coefficient every n_slots.
struct ScratchPlan {
  std::vector<std::size_t> predictor, derivative;  // of each linear predictor
  std::size_t likelihood = 0;                      // Likelihood::scratch_size()
  std::size_t z = 0, r = 0, d_r = 0;
  std::size_t levels = 0;  // int32 in the place of doubles
  std::size_t copies = 0;  // of the cells of a pass
  std::size_t size = 0;
};

namespace detail {

// Hands out whole cache lines.
class Cutter {
 public:
  std::size_t take(std::size_t n) {
    const std::size_t at = size_;
    size_ += util::round_up_8(n);
    return at;
  }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

}  // namespace detail

inline StripPlan plan_strip(const Design& design, std::size_t n_dpars) {
  StripPlan strip;
  strip.size = strip.dpar + n_dpars;
  for (const PredictorDesign& predictor : design.predictors) {
    strip.intercept.push_back(strip.size);
    strip.size += 1 + predictor.columns.size();
  }
  strip.products = strip.size;
  return strip;
}

// n_dpars: distributional parameters that are one value for all rows.
inline WorkspacePlan plan_workspace(const Design& design, std::size_t n_values, std::size_t n_dpars,
                                    std::size_t n_strips) {
  WorkspacePlan plan;
  detail::Cutter cut;
  plan.values = cut.take(n_values);
  plan.d_values = cut.take(n_values);
  plan.slopes = cut.take(n_values);
  plan.jacobian_slopes = cut.take(n_values);
  StripPlan& strip = plan.strip = plan_strip(design, n_dpars);
  plan.rows.assign(design.predictors.size(), no_rows);
  for (const GroupDesign& group : design.groups) {
    const std::size_t m = group.n_coefficients;
    const std::size_t products = group.n_by * m * m;
    GroupPlan one;
    one.a = cut.take(products);
    if (group.mode == GroupMode::sorted) {
      strip.size += products;
      plan.partial = cut.take(design.layout.partial_level.size() * m);
    } else {
      one.n_chunks = (group.n_levels + chunk_levels - 1) / chunk_levels;
      one.r = cut.take(one.n_chunks * chunk_levels * m);
    }
    if (group.mode == GroupMode::small || (group.mode == GroupMode::sorted && design.has_nested))
      one.d_r = cut.take(group.n_levels * m);
    if (group.mode == GroupMode::large)
      for (const Span& span : group.spans) plan.rows[span.predictor] = 0;
    // A sorted term finishes its spanning groups in chunks too.
    if (group.mode == GroupMode::sorted) one.n_chunks = 1;
    one.chunk_stride = util::round_up_8(1 + products);
    one.chunks = cut.take(one.n_chunks * one.chunk_stride);
    plan.groups.push_back(one);
  }
  for (const CellPass& pass : design.passes) {
    plan.passes.push_back({cut.take(pass.n_cells), strip.size});
    strip.size += pass.n_cells;
  }
  strip.stride = util::round_up_8(strip.size);
  plan.strips = cut.take(n_strips * strip.stride);
  for (std::size_t& rows : plan.rows)
    if (rows != no_rows) rows = cut.take(design.layout.n_positions);
  plan.size = cut.size();
  return plan;
}

inline ScratchPlan plan_scratch(const Design& design, std::size_t likelihood_size) {
  std::size_t m = 0;
  for (const GroupDesign& group : design.groups) m = std::max(m, group.n_coefficients);
  const std::size_t slots = std::max(design.layout.max_tile_slots, chunk_levels);
  ScratchPlan plan;
  detail::Cutter cut;
  for (std::size_t p = 0; p < design.predictors.size(); ++p) {
    plan.predictor.push_back(cut.take(design.layout.max_tile_rows));
    plan.derivative.push_back(cut.take(design.layout.max_tile_rows));
  }
  plan.likelihood = cut.take(likelihood_size);
  plan.z = cut.take(slots * m);
  plan.r = cut.take(slots * m);
  plan.d_r = cut.take(slots * m);
  plan.levels = cut.take((slots + 1) / 2);
  std::size_t cells = 0;
  for (const CellPass& pass : design.passes) cells = std::max(cells, pass.n_cells);
  plan.copies = cut.take(8 * cells);
  plan.size = cut.size();
  return plan;
}

}  // namespace regression
}  // namespace skein

#endif
