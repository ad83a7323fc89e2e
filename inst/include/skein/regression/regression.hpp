// A multilevel regression as a Density: row tiles, terms and family forward and backward, priors, transforms.
#ifndef SKEIN_REGRESSION_REGRESSION_HPP
#define SKEIN_REGRESSION_REGRESSION_HPP

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "../density.hpp"
#include "../parallel/reduce_sum.hpp"
#include "../parallel/team.hpp"
#include "../util/pairwise.hpp"
#include "../util/prefetch.hpp"
#include "design_builder.hpp"
#include "groups.hpp"
#include "kernel_table.hpp"
#include "likelihood.hpp"
#include "outputs.hpp"
#include "parameters.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

// log p(y, theta) in brms's parameterisation, with Stan's constants and Jacobians. Life of a gradient: constrain the
// few scalars; for every strip of tiles [predictor forward, family, predictor backward]; join the strips in a fixed
// tree; finish the group terms; priors; transforms backward.
class Regression final : public Density {
 public:
  // Throws std::invalid_argument for a family, link or prior that the registries lack, or lengths that disagree.
  Regression(Spec spec, Design design, simd::InstructionSet set = simd::instruction_set())
      : spec_(std::move(spec)),
        design_(std::move(design)),
        kernels_(kernel_table(set)),
        parameters_(spec_.parameters, spec_.priors, in_place_blocks(), first_block()),
        likelihood_(spec_, design_, kernels_),
        scalars_(scalar_parameters()),
        strips_(design_.layout.tiles.size()),
        plan_(plan_workspace(design_, parameters_.n_values(), scalars_.size(), strips_.n_strips)),
        scratch_(plan_scratch(design_, likelihood_.scratch_size())),
        groups_(design_, parameters_, plan_, scratch_, kernels_),
        outputs_(spec_, design_, parameters_, plan_, groups_) {
    dpar_of_.push_back(no_block);
    for (std::size_t p = 1; p < spec_.predictors.size(); ++p)
      dpar_of_.push_back(likelihood_.dpar_number(spec_.predictors[p].dpar));
    constant_ = (spec_.prior_only ? 0.0 : likelihood_.constant()) + groups_.z_log_prior_constant();
  }
  Regression(const Regression&) = delete;
  Regression& operator=(const Regression&) = delete;

  std::size_t dimension() const override { return parameters_.dimension(); }
  std::size_t workspace_size() const override { return plan_.size; }
  std::size_t scratch_size() const override { return scratch_.size; }

  std::size_t draw_size() const override { return outputs_.size(); }

  std::size_t n_rows() const { return spec_.n_rows; }

  // How many tasks `grainsize` cuts one gradient's rows into.
  std::size_t n_tasks(std::size_t grainsize) const { return cut_tasks(grainsize).n; }
  const Parameters& parameters() const { return parameters_; }

  std::size_t n_predictors() const { return spec_.predictors.size(); }

  // Means by which a predictor's population-level columns were centred; empty if they were not.
  const std::vector<double>& means(std::size_t predictor) const { return design_.predictors[predictor].means; }

  // The layout's segments, one a strip, and the rest: parameters, other terms, what no strip has to itself.
  std::vector<std::size_t> segment_bounds() const override {
    std::vector<std::size_t> bounds;
    for (const std::size_t number : design_.layout.segment_numbers)
      bounds.push_back(number * design_.groups[design_.sorted_group].n_coefficients);
    if (bounds.empty()) bounds.push_back(0);
    bounds.push_back(dimension());
    return bounds;
  }
  bool calls_passes() const override { return true; }
  const std::vector<std::uint32_t>& reference_index() const override { return parameters_.reference_index(); }

  void evaluate(Evaluation* batch, std::size_t count, const EvaluationContext& context) const override {
    const std::size_t rest = has_segments() ? strips_.n_strips : 0;
    for (std::size_t k = 0; k < count; ++k) {
      const SegmentPasses& passes = batch[k].passes;
      if (passes.before != nullptr) passes.before(passes.sampler, rest);
      batch[k].log_density =
          log_density({batch[k].position, batch[k].gradient, context.workspace}, context, true, passes);
      if (passes.after != nullptr) passes.after(passes.sampler, rest);
    }
  }

  // Log density and gradient at one position; without the log Jacobian if `jacobian` is false (rstan's
  // adjust_transform = FALSE). The state's workspace must be the context's. Of `passes`, if any, those of the strips'
  // segments are called.
  double log_density(const State& state, const EvaluationContext& context, bool jacobian,
                     const SegmentPasses& passes = {}) const {
    const double log_jacobian = prepare(state, context);
    const Tasks tasks = cut_tasks(context.grainsize);
    const util::PartialSums sums{state.workspace + plan_.strips, strips_.n_strips, plan_.strip.stride,
                                 plan_.strip.size};
    parallel::for_each_task(context.team, tasks.n, context.scratch, Work{this, state, tasks, passes, sums});
    sums.join_rest(tasks.strips);

    const double* strips = sums.first;
    double* d_values = state.workspace + plan_.d_values;
    std::fill(d_values, d_values + parameters_.n_values(), 0.0);
    double sum = strips[plan_.strip.log_density];
    sum += groups_.finish(state, strips, d_values, context);
    add_strip_derivatives(strips, d_values);
    sum += parameters_.add_priors(values(state), d_values);
    parameters_.backward(state.position, values(state), d_values, state.workspace + plan_.slopes,
                         state.workspace + plan_.jacobian_slopes, jacobian, state.gradient);
    return sum + (jacobian ? log_jacobian : 0.0) + constant_;
  }

  void write_draw(const double* position, double* out, const EvaluationContext& context) const override {
    const State state{position, nullptr, context.workspace};
    prepare(state, context);
    outputs_.write(state, out);
  }

  const Layout& layout() const { return design_.layout; }

  // Constrained elements of all blocks in the reference order: parameters().n_all() of them.
  void constrain(const double* position, double* all, const EvaluationContext& context) const {
    const State state{position, nullptr, context.workspace};
    prepare(state, context);
    parameters_.write_all(position, values(state), all);
  }

 private:
  // A distributional parameter that is one value for all rows.
  struct ScalarParameter {
    std::size_t k;  // in the registry's order
    std::size_t block;
  };

  // n tasks of so many strips, the last perhaps with fewer.
  struct Tasks {
    std::size_t n, strips;
  };

  // What a task needs to know, side by side: each cache line of it costs a helper a transfer before it can begin.
  struct alignas(64) Work {
    const Regression* regression;
    State state;
    Tasks tasks;
    SegmentPasses passes;
    util::PartialSums sums;

    void operator()(std::size_t task, double* scratch) const {
      regression->run_task(task, tasks, state, passes, scratch);
      sums.join_run(task * tasks.strips, std::min((task + 1) * tasks.strips, sums.n));
    }
  };

  Tasks cut_tasks(std::size_t grainsize) const {
    const std::size_t strips = parallel::tasks_for(grainsize, spec_.n_rows, strips_.n_strips);
    return {(strips_.n_strips + strips - 1) / strips, strips};
  }

  double* values(const State& state) const { return state.workspace + plan_.values; }

  double value(const State& state, std::size_t block) const {
    return values(state)[parameters_.value_offset(block)];
  }

  std::vector<bool> in_place_blocks() const {
    std::vector<bool> in_place(spec_.parameters.size(), false);
    for (const GroupDesign& group : design_.groups) in_place.at(group.block_z) = true;
    return in_place;
  }

  // The sorted term's z, in the order of its levels' numbers.
  FirstBlock first_block() const {
    FirstBlock first;
    if (design_.sorted_group == no_block) return first;
    const GroupDesign& group = design_.groups[design_.sorted_group];
    const std::size_t n = group.n_coefficients;
    first.block = group.block_z;
    first.place.resize(group.n_levels * n);
    for (std::size_t l = 0; l < group.n_levels; ++l)
      for (std::size_t m = 0; m < n; ++m)
        first.place[group.correlated ? l * n + m : m * group.n_levels + l] =
            static_cast<std::uint32_t>(static_cast<std::size_t>(design_.layout.number[l]) * n + m);
    return first;
  }

  std::vector<ScalarParameter> scalar_parameters() const {
    std::vector<ScalarParameter> scalars;
    for (std::size_t k = 0; k < spec_.dpar_blocks.size(); ++k)
      if (spec_.dpar_blocks[k] != no_block) scalars.push_back({k, spec_.dpar_blocks[k]});
    return scalars;
  }

  // Returns the log Jacobian.
  double prepare(const State& state, const EvaluationContext& context) const {
    const double log_jacobian =
        parameters_.constrain(state.position, values(state), state.workspace + plan_.slopes,
                              state.workspace + plan_.jacobian_slopes);
    groups_.prepare(state, context);
    return log_jacobian;
  }

  bool has_segments() const { return !design_.layout.segment_numbers.empty(); }

  void run_task(std::size_t task, const Tasks& tasks, const State& state, const SegmentPasses& passes,
                double* scratch) const {
    const bool in_segments = passes.before != nullptr && has_segments();
    // For a helper these lines are in the owner's cache, and it would ask for one after the other.
    util::prefetch(values(state));
    if (design_.sorted_group != no_block) util::prefetch(state.workspace + plan_.groups[design_.sorted_group].a);
    const std::size_t end = std::min((task + 1) * tasks.strips, strips_.n_strips);
    for (std::size_t strip = task * tasks.strips; strip < end; ++strip) {
      if (in_segments) passes.before(passes.sampler, strip);
      run_strip(strip, state, scratch);
      if (in_segments) passes.after(passes.sampler, strip);
    }
  }

  void run_strip(std::size_t strip, const State& state, double* scratch) const {
    double* out = state.workspace + plan_.strips + strip * plan_.strip.stride;
    std::fill(out, out + plan_.strip.size, 0.0);
    for (std::size_t t = strips_.first_tile(strip); t < strips_.first_tile(strip + 1); ++t)
      run_tile(design_.layout.tiles[t], state, out, scratch);
  }

  // Forward, family, backward over one tile; adds the tile's sums to its strip's.
  void run_tile(const Tile& tile, const State& state, double* out, double* scratch) const {
    const std::size_t rows = util::round_up_8(tile.rows), n = spec_.predictors.size();
    double* derivatives[1 + family::max_dpars] = {};
    for (std::size_t p = 0; p < n; ++p)
      derivatives[p] = plan_.rows[p] == no_rows ? scratch + scratch_.derivative[p]
                                                : state.workspace + plan_.rows[p] + tile.first_row;
    groups_.gather(tile, state, scratch);
    if (spec_.prior_only) {
      for (std::size_t p = 0; p < n; ++p) std::fill(derivatives[p], derivatives[p] + rows, 0.0);
    } else {
      family::FamilyTile view = predict_tile(tile, state, scratch);
      view.d_predictor = derivatives[0];
      for (std::size_t p = 1; p < n; ++p) view.d_dpar_rows[dpar_of_[p]] = derivatives[p];
      out[plan_.strip.log_density] += likelihood_.run(view, tile.first_row, scratch + scratch_.likelihood);
      for (std::size_t i = 0; i < scalars_.size(); ++i) out[plan_.strip.dpar + i] += view.d_dpar[scalars_[i].k];
    }
    for (std::size_t p = 0; p < n; ++p) {
      const PredictorDesign& design = design_.predictors[p];
      double* sums = out + plan_.strip.intercept[p];
      sums[0] += kernels_.population_backward(design.pointers.data(), design.pointers.size(), tile.first_row, rows,
                                              derivatives[p], sums + 1);
    }
    groups_.backward(tile, state, derivatives, out, scratch);
  }

  // The linear predictors of a tile and the values of the other parameters; after Groups::gather().
  family::FamilyTile predict_tile(const Tile& tile, const State& state, double* scratch) const {
    family::FamilyTile view;
    view.rows = tile.rows;
    for (std::size_t p = 0; p < spec_.predictors.size(); ++p) {
      const Predictor& terms = spec_.predictors[p];
      const PredictorDesign& design = design_.predictors[p];
      double* predictor = scratch + scratch_.predictor[p];
      const double intercept = terms.block_intercept == no_block ? 0.0 : value(state, terms.block_intercept);
      const double* b = terms.block_b == no_block ? nullptr : values(state) + parameters_.value_offset(terms.block_b);
      kernels_.population_forward(design.pointers.data(), design.pointers.size(), tile.first_row,
                                  util::round_up_8(tile.rows), b, intercept, design.offset.data(), predictor);
      groups_.forward(p, tile, state, scratch, predictor);
      (p == 0 ? view.predictor : view.dpar_rows[dpar_of_[p]]) = predictor;
    }
    for (const ScalarParameter& scalar : scalars_) view.dpar[scalar.k] = value(state, scalar.block);
    return view;
  }

  void add_strip_derivatives(const double* joined, double* d_values) const {
    for (std::size_t p = 0; p < spec_.predictors.size(); ++p) {
      const Predictor& terms = spec_.predictors[p];
      const double* sums = joined + plan_.strip.intercept[p];
      if (terms.block_intercept != no_block) d_values[parameters_.value_offset(terms.block_intercept)] += sums[0];
      if (terms.block_b != no_block)
        util::add_to(d_values + parameters_.value_offset(terms.block_b), sums + 1, terms.n_columns);
    }
    for (std::size_t i = 0; i < scalars_.size(); ++i)
      d_values[parameters_.value_offset(scalars_[i].block)] += joined[plan_.strip.dpar + i];
  }

  Spec spec_;
  Design design_;
  const KernelTable& kernels_;
  Parameters parameters_;
  Likelihood likelihood_;
  std::vector<ScalarParameter> scalars_;
  parallel::Strips strips_;
  WorkspacePlan plan_;
  ScratchPlan scratch_;
  Groups groups_;
  Outputs outputs_;
  std::vector<std::size_t> dpar_of_;  // number of each predictor's parameter beyond mu
  double constant_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
