// The group-level terms of a regression: effects before the tiles, sums within them, what is left after them.
#ifndef SKEIN_REGRESSION_GROUPS_HPP
#define SKEIN_REGRESSION_GROUPS_HPP

#include <algorithm>
#include <vector>

#include "../density.hpp"
#include "../parallel/team.hpp"
#include "../util/pairwise.hpp"
#include "cell_passes.hpp"
#include "kernel_table.hpp"
#include "parameters.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

// One evaluation in flight.
struct State {
  const double* position;
  double* gradient;
  double* workspace;
};

// brms's non-centred terms, r = diag(sd) L z. One term is sorted: its sums are finished inside the tiles, except for
// groups that span several. The others are finished level by level after all rows; small ones go over the rows by
// cells.
class Groups {
 public:
  Groups(const Design& design, const Parameters& parameters, const WorkspacePlan& plan, const ScratchPlan& scratch,
         const KernelTable& kernels)
      : design_(design), parameters_(parameters), plan_(plan), scratch_(scratch), kernels_(kernels),
        passes_(design, plan, kernels) {
    std::size_t most = chunk_levels;
    for (const GroupDesign& group : design_.groups) most = std::max(most, group.n_levels);
    ascending_.assign((most + chunk_levels - 1) / chunk_levels * chunk_levels, 0);
    for (std::size_t l = 0; l < ascending_.size(); ++l) ascending_[l] = static_cast<std::int32_t>(l);
    parts_.resize(design_.predictors.size());
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      const GroupDesign& group = design_.groups[g];
      if (group.mode != GroupMode::sorted && group.mode != GroupMode::large) continue;
      for (const Span& span : group.spans) parts_[span.predictor].push_back({g, span.first, span.n});
    }
  }

  // Sets A of every term and the effects of the unsorted ones; the constrained values must stand in the workspace.
  void prepare(const State& state, const EvaluationContext& context) const {
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      set_a(g, state);
      const GroupDesign& group = design_.groups[g];
      if (group.mode == GroupMode::sorted) continue;
      parallel::Team* team = group.mode == GroupMode::large ? context.team : nullptr;
      parallel::for_each_task(team, plan_.groups[g].n_chunks, context.scratch, [&](std::size_t chunk, double* scratch) {
        write_chunk_effects(g, chunk, state, scratch);
      });
    }
    passes_.prepare(state.workspace);
  }

  // Adds all terms' effects to predictor p of a tile.
  void forward(std::size_t p, const Tile& tile, const State& state, double* scratch, double* predictor) const {
    for (const Part& part : parts_[p]) {
      const GroupDesign& group = design_.groups[part.group];
      const double* const* columns = group.pointers.data() + part.first;
      if (group.mode == GroupMode::sorted) {
        kernels_.sorted_forward(design_.layout.sorted(tile), columns, part.n, tile.first_row,
                                scratch + scratch_.r + part.first * tile.n_slots, predictor);
      } else {
        kernels_.indexed_forward(group.level.data(), columns, {part.n, group.n_coefficients}, tile.first_row, tile.rows,
                                 state.workspace + plan_.groups[part.group].r + part.first, predictor);
      }
    }
    passes_.forward(p, tile, state.workspace, predictor);
  }

  // z and effects of the tile's own groups, those of nested terms added, into the scratch; before forward().
  void gather(const Tile& tile, const State& state, double* scratch) const {
    if (design_.sorted_group == no_block) return;
    const term::SortedTile view = design_.layout.sorted(tile);
    effects_kernel(design_.sorted_group)(effects(design_.sorted_group, state), view.slot_level, view.n_slots,
                                         scratch + scratch_.z, scratch + scratch_.r);
    if (design_.has_nested) add_nested_effects(view, state, scratch + scratch_.r);
  }

  // Takes the tile's derivatives by the predictors back to the levels; sums go to the strip's `out`.
  void backward(const Tile& tile, const State& state, const double* const* derivatives, double* out,
                double* scratch) const {
    if (design_.sorted_group != no_block) finish_tile(design_.sorted_group, tile, state, derivatives, out, scratch);
    passes_.backward(tile, derivatives, out, scratch + scratch_.copies);
  }

  // After the strips are joined in `joined`: finishes all that is not finished, and adds the derivatives by sd and L
  // to d_values. Returns the log prior of z without its constant.
  double finish(const State& state, const double* joined, double* d_values, const EvaluationContext& context) const {
    double log_prior = joined[plan_.strip.z_log_prior];
    passes_.finish(joined, state.workspace);
    // Before the nested terms, which take its levels' sums.
    if (design_.sorted_group != no_block) finish_sorted(design_.sorted_group, state, joined, context);
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      const GroupPlan& plan = plan_.groups[g];
      const GroupDesign& group = design_.groups[g];
      double* sums = state.workspace + plan.chunks;
      const std::size_t size = 1 + group.n_by * group.n_coefficients * group.n_coefficients;
      if (group.mode != GroupMode::sorted) {
        parallel::Team* team = group.mode == GroupMode::large ? context.team : nullptr;
        parallel::for_each_task(team, plan.n_chunks, context.scratch, [&](std::size_t chunk, double* scratch) {
          finish_chunk(g, chunk, state, scratch);
        });
        util::PartialSums{sums, plan.n_chunks, plan.chunk_stride, size}.join();
      }
      log_prior += sums[0];
      add_scale_derivatives(g, state, sums + 1, d_values);
    }
    return log_prior;
  }

  // Writes r as brms stores it: all levels of the first of `coefficients` (all, if empty), then of the second, ...
  // Returns the end.
  double* write_effects(std::size_t g, const std::vector<std::size_t>& coefficients, const State& state,
                        double* out) const {
    const std::size_t n = coefficients.empty() ? design_.groups[g].n_coefficients : coefficients.size();
    for (std::size_t k = 0; k < n; ++k)
      out = write_coefficient(g, coefficients.empty() ? k : coefficients[k], state, out);
    return out;
  }

  double z_log_prior_constant() const {
    const double half_log_2_pi = 0.91893853320467274178;
    double n = 0;
    for (const GroupDesign& group : design_.groups) n += static_cast<double>(group.n_levels * group.n_coefficients);
    return -n * half_log_2_pi;
  }

 private:
  // The coefficients of one term that belong to one predictor.
  struct Part {
    std::size_t group, first, n;
  };

  double* write_coefficient(std::size_t g, std::size_t m, const State& state, double* out) const {
    const GroupDesign& group = design_.groups[g];
    const std::size_t n = group.n_coefficients;
    const term::GroupEffects one = effects(g, state);
    for (std::size_t level = 0; level < group.n_levels; ++level) {
      const std::size_t l = g == design_.sorted_group ? design_.layout.number[level] : level;
      const double* a = one.by == nullptr ? one.a : one.a + static_cast<std::size_t>(one.by[l]) * n * n;
      double sum = 0;
      for (std::size_t j = group.correlated ? 0 : m; j <= m; ++j)
        sum += a[m + j * n] * one.z[l * one.level_stride + j * one.coefficient_stride];
      *out++ = sum;
    }
    return out;
  }

  decltype(KernelTable::group_effects) effects_kernel(std::size_t g) const {
    return design_.groups[g].by.empty() ? kernels_.group_effects : kernels_.group_effects_by;
  }

  decltype(KernelTable::group_finish) finish_kernel(std::size_t g) const {
    return design_.groups[g].by.empty() ? kernels_.group_finish : kernels_.group_finish_by;
  }

  const double* value(const State& state, std::size_t block) const {
    return state.workspace + plan_.values + parameters_.value_offset(block);
  }

  term::GroupEffects effects(std::size_t g, const State& state) const {
    const GroupDesign& group = design_.groups[g];
    term::GroupEffects one;
    one.n_coefficients = group.n_coefficients;
    one.correlated = group.correlated;
    one.a = state.workspace + plan_.groups[g].a;
    one.by = group.by.empty() ? nullptr : group.by.data();
    one.z = state.position + parameters_.position_offset(group.block_z);
    const bool by_level = group.correlated || g == design_.sorted_group;
    one.level_stride = by_level ? group.n_coefficients : 1;
    one.coefficient_stride = by_level ? 1 : group.n_levels;
    return one;
  }

  void set_a(std::size_t g, const State& state) const {
    const GroupDesign& group = design_.groups[g];
    const std::size_t n = group.n_coefficients;
    for (std::size_t by = 0; by < group.n_by; ++by) {
      double* a = state.workspace + plan_.groups[g].a + by * n * n;
      const double* sd = value(state, group.block_sd) + by * n;
      const double* l = group.correlated ? value(state, group.block_cholesky[by]) : nullptr;
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t m = 0; m < n; ++m)
          a[m + j * n] = m < j ? 0.0 : (l != nullptr ? sd[m] * l[m + j * n] : (m == j ? sd[m] : 0.0));
    }
  }

  // Slots of a chunk: levels first .. first + levels - 1, then empty ones.
  struct Chunk {
    std::size_t first, levels, slots;
    const std::int32_t* level;
  };

  Chunk chunk_of(std::size_t g, std::size_t chunk, double* scratch) const {
    Chunk one;
    one.first = chunk * chunk_levels;
    one.levels = std::min(chunk_levels, design_.groups[g].n_levels - one.first);
    one.slots = util::round_up_8(one.levels);
    one.level = ascending_.data() + one.first;
    if (one.slots == one.levels) return one;
    std::int32_t* level = reinterpret_cast<std::int32_t*>(scratch + scratch_.levels);
    for (std::size_t s = 0; s < one.slots; ++s) level[s] = s < one.levels ? one.level[s] : -1;
    one.level = level;
    return one;
  }

  void write_chunk_effects(std::size_t g, std::size_t index, const State& state, double* scratch) const {
    const std::size_t n = design_.groups[g].n_coefficients;
    const Chunk chunk = chunk_of(g, index, scratch);
    const double* local = scratch + scratch_.r;
    effects_kernel(g)(effects(g, state), chunk.level, chunk.slots, scratch + scratch_.z, scratch + scratch_.r);
    double* r = state.workspace + plan_.groups[g].r + chunk.first * n;
    for (std::size_t m = 0; m < n; ++m)
      for (std::size_t s = 0; s < chunk.levels; ++s) r[s * n + m] = local[m * chunk.slots + s];
  }

  // r of a tile's slots += r of the levels that they lie in.
  void add_nested_effects(const term::SortedTile& view, const State& state, double* r) const {
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      const GroupDesign& group = design_.groups[g];
      if (group.mode != GroupMode::nested) continue;
      for (std::size_t m = 0; m < group.n_coefficients; ++m) {
        const double* outer = state.workspace + plan_.groups[g].r + m;
        double* inner = r + group.matching[m] * view.n_slots;
        for (std::size_t s = 0; s < view.n_slots; ++s) {
          const std::int32_t level = view.slot_level[s] < 0 ? -1 : group.outer[view.slot_level[s]];
          if (level >= 0) inner[s] += outer[static_cast<std::size_t>(level) * group.n_coefficients];
        }
      }
    }
  }

  // Keeps d_r of the sorted term's slots by level, for the terms that it is nested in.
  void keep_sums(std::size_t g, const std::int32_t* slot_level, std::size_t n_slots, const double* d_r,
                 const State& state) const {
    const GroupDesign& group = design_.groups[g];
    for (std::size_t m = 0; m < group.n_coefficients; ++m) {
      double* kept = state.workspace + plan_.groups[g].d_r + m * group.n_levels;
      for (std::size_t s = 0; s < n_slots; ++s)
        if (slot_level[s] >= 0) kept[slot_level[s]] = d_r[m * n_slots + s];
    }
  }

  void finish_tile(std::size_t g, const Tile& tile, const State& state, const double* const* derivatives, double* out,
                   double* scratch) const {
    const GroupDesign& group = design_.groups[g];
    const term::SortedTile view = design_.layout.sorted(tile);
    double* z = scratch + scratch_.z;
    double* d_r = scratch + scratch_.d_r;
    for (const Span& span : group.spans)
      kernels_.sorted_backward(view, group.pointers.data() + span.first, span.n, tile.first_row,
                               derivatives[span.predictor], d_r + span.first * view.n_slots);
    const std::int32_t* level = view.slot_level;
    if (tile.has_partial) {
      std::int32_t* remaining = reinterpret_cast<std::int32_t*>(scratch + scratch_.levels);
      kernels_.group_set_aside(view, group.n_coefficients, z, d_r, state.workspace + plan_.partial, remaining);
      level = remaining;
    }
    if (design_.has_nested) keep_sums(g, level, view.n_slots, d_r, state);
    const term::GroupSums sums{out + plan_.strip.products, out + plan_.strip.z_log_prior};
    finish_kernel(g)(effects(g, state), level, view.n_slots, z, d_r, sums, z_gradient(g, state));
  }

  double* z_gradient(std::size_t g, const State& state) const {
    return state.gradient + parameters_.position_offset(design_.groups[g].block_z);
  }

  void finish_sorted(std::size_t g, const State& state, const double* joined, const EvaluationContext& context) const {
    const GroupDesign& group = design_.groups[g];
    const std::size_t n_products = group.n_by * group.n_coefficients * group.n_coefficients;
    double* sums = state.workspace + plan_.groups[g].chunks;
    std::fill(sums, sums + 1 + n_products, 0.0);
    finish_spanning(g, state, sums, context.scratch);
    util::add_to(sums + 1, joined + plan_.strip.products, n_products);
  }

  // Groups of the sorted term whose rows span tiles: their partial sums in the order of the tiles.
  void finish_spanning(std::size_t g, const State& state, double* sums, double* scratch) const {
    const std::vector<std::int32_t>& levels = design_.layout.partial_level;
    const std::size_t n = design_.groups[g].n_coefficients;
    const double* partial = state.workspace + plan_.partial;
    double* z = scratch + scratch_.z;
    double* d_r = scratch + scratch_.d_r;
    for (std::size_t first = 0; first < levels.size();) {
      std::int32_t slot_level[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
      for (std::size_t i = 0; i < 8 * n; ++i) d_r[i] = 0;
      for (std::size_t s = 0; s < 8 && first < levels.size(); ++s) {
        slot_level[s] = levels[first];
        for (; first < levels.size() && levels[first] == slot_level[s]; ++first)
          for (std::size_t m = 0; m < n; ++m) d_r[m * 8 + s] += partial[first * n + m];
      }
      if (design_.has_nested) keep_sums(g, slot_level, 8, d_r, state);
      const term::GroupEffects one = effects(g, state);
      effects_kernel(g)(one, slot_level, 8, z, nullptr);
      finish_kernel(g)(one, slot_level, 8, z, d_r, term::GroupSums{sums + 1, sums}, z_gradient(g, state));
    }
  }

  // d_r of a nested term's coefficient m: sums over the sorted term's levels.
  void gather_nested(const GroupDesign& group, std::size_t m, const Chunk& chunk, const State& state,
                     double* d_r) const {
    const double* const ones = nullptr;
    const double* inner = state.workspace + plan_.groups[design_.sorted_group].d_r +
                          group.matching[m] * design_.groups[design_.sorted_group].n_levels;
    kernels_.gathered_backward(group.start.data(), group.row_of.data(), &ones, 1, chunk.first, chunk.levels,
                               chunk.slots, inner, d_r);
  }

  void finish_chunk(std::size_t g, std::size_t index, const State& state, double* scratch) const {
    const GroupDesign& group = design_.groups[g];
    const GroupPlan& plan = plan_.groups[g];
    const std::size_t n = group.n_coefficients;
    const Chunk chunk = chunk_of(g, index, scratch);
    double* z = scratch + scratch_.z;
    double* d_r = scratch + scratch_.d_r;
    double* sums = state.workspace + plan.chunks + index * plan.chunk_stride;
    std::fill(sums, sums + plan.chunk_stride, 0.0);
    const term::GroupEffects one = effects(g, state);
    effects_kernel(g)(one, chunk.level, chunk.slots, z, nullptr);
    if (group.mode == GroupMode::large) {
      for (const Span& span : group.spans)
        kernels_.gathered_backward(group.start.data(), group.row_of.data(), group.pointers.data() + span.first, span.n,
                                   chunk.first, chunk.levels, chunk.slots,
                                   state.workspace + plan_.rows[span.predictor],
                                   d_r + span.first * chunk.slots);
    } else if (group.mode == GroupMode::nested) {
      for (std::size_t m = 0; m < n; ++m) gather_nested(group, m, chunk, state, d_r + m * chunk.slots);
    } else {
      const double* summed = state.workspace + plan.d_r + chunk.first * n;
      for (std::size_t m = 0; m < n; ++m)
        for (std::size_t s = 0; s < chunk.slots; ++s)
          d_r[m * chunk.slots + s] = s < chunk.levels ? summed[s * n + m] : 0.0;
    }
    finish_kernel(g)(one, chunk.level, chunk.slots, z, d_r, term::GroupSums{sums + 1, sums}, z_gradient(g, state));
  }

  // With C = sum over levels of d_r z' and A = diag(sd) L: d sd_m = sum_j L_mj C_mj, d L_mj = sd_m C_mj; for each
  // by-level with the sum over its own levels.
  void add_scale_derivatives(std::size_t g, const State& state, const double* products, double* d_values) const {
    const GroupDesign& group = design_.groups[g];
    const std::size_t n = group.n_coefficients;
    for (std::size_t by = 0; by < group.n_by; ++by, products += n * n) {
      double* d_sd = d_values + parameters_.value_offset(group.block_sd) + by * n;
      if (!group.correlated) {
        for (std::size_t m = 0; m < n; ++m) d_sd[m] += products[m + m * n];
        continue;
      }
      const double* sd = value(state, group.block_sd) + by * n;
      const double* l = value(state, group.block_cholesky[by]);
      double* d_l = d_values + parameters_.value_offset(group.block_cholesky[by]);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t m = j; m < n; ++m) {
          d_sd[m] += l[m + j * n] * products[m + j * n];
          d_l[m + j * n] += sd[m] * products[m + j * n];
        }
    }
  }

  const Design& design_;
  const Parameters& parameters_;
  const WorkspacePlan& plan_;
  const ScratchPlan& scratch_;
  const KernelTable& kernels_;
  std::vector<std::int32_t> ascending_;
  CellPasses passes_;
  std::vector<std::vector<Part>> parts_;  // by predictor, of the sorted and large terms
};

}  // namespace regression
}  // namespace skein

#endif
