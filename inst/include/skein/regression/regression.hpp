// A multilevel regression as a Density: row tiles, terms and family forward and backward, priors, transforms.
#ifndef SKEIN_REGRESSION_REGRESSION_HPP
#define SKEIN_REGRESSION_REGRESSION_HPP

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "../density.hpp"
#include "../family/constants.hpp"
#include "../family/registry.hpp"
#include "../family/tile.hpp"
#include "../parallel/reduce_sum.hpp"
#include "../parallel/team.hpp"
#include "design.hpp"
#include "groups.hpp"
#include "kernel_table.hpp"
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
        parameters_(spec_.parameters, spec_.priors, in_place_blocks()),
        strips_(design_.layout.tiles.size()),
        plan_(plan_workspace(design_, parameters_.n_values(), spec_.dpar_blocks.size(), strips_.n_strips)),
        scratch_(plan_scratch(design_)),
        groups_(design_, parameters_, plan_, scratch_, kernels_) {
    if (spec_.predictors.size() != 1) throw std::invalid_argument("exactly one predictor, that of mu, is understood");
    const family::FamilyInfo* info = family::find_family(spec_.family);
    const std::string& link = mu().link;
    family_ = kernels_.find_family_kernel(spec_.family.c_str(), link.c_str());
    if (info == nullptr || family_ == nullptr)
      throw std::invalid_argument("no kernel for family '" + spec_.family + "' with link '" + link + "'");
    if (spec_.dpar_blocks.size() != info->dpars.size())
      throw std::invalid_argument("family '" + spec_.family + "' has other distributional parameters");
    constant_ = data_constant(*info) + groups_.z_log_prior_constant();
  }
  Regression(const Regression&) = delete;
  Regression& operator=(const Regression&) = delete;

  std::size_t dimension() const override { return parameters_.dimension(); }
  std::size_t workspace_size() const override { return plan_.size; }
  std::size_t scratch_size() const override { return scratch_.size; }

  std::size_t draw_size() const override {
    std::size_t size = 0;
    for (const Output& output : spec_.outputs) size += output_size(output);
    return size;
  }

  std::size_t n_rows() const { return spec_.n_rows; }
  const Parameters& parameters() const { return parameters_; }

  // Means by which the population-level columns were centred; empty if they were not.
  const std::vector<double>& means() const { return design_.means; }

  void evaluate(Evaluation* batch, std::size_t count, const EvaluationContext& context) const override {
    for (std::size_t k = 0; k < count; ++k)
      batch[k].log_density = log_density({batch[k].position, batch[k].gradient, context.workspace}, context, true);
  }

  // Log density and gradient at one position; without the log Jacobian if `jacobian` is false (rstan's
  // adjust_transform = FALSE). The state's workspace must be the context's.
  double log_density(const State& state, const EvaluationContext& context, bool jacobian) const {
    const double log_jacobian = prepare(state, context);
    double* strips = state.workspace + plan_.strips;
    const std::size_t per_task = parallel::tasks_for(context.grainsize, spec_.n_rows, strips_.n_strips);
    const std::size_t n_tasks = (strips_.n_strips + per_task - 1) / per_task;
    parallel::for_each_task(context.team, n_tasks, context.scratch, [&](std::size_t task, double* scratch) {
      const std::size_t end = std::min((task + 1) * per_task, strips_.n_strips);
      for (std::size_t strip = task * per_task; strip < end; ++strip) run_strip(strip, state, scratch);
    });
    parallel::pairwise_sum(strips, strips_.n_strips, plan_.strip.stride, plan_.strip.size);

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
    for (const Output& output : spec_.outputs) out = write_output(output, state, out);
  }

  // Constrained elements of all blocks in the reference order: parameters().n_all() of them.
  void constrain(const double* position, double* all, const EvaluationContext& context) const {
    const State state{position, nullptr, context.workspace};
    prepare(state, context);
    parameters_.write_all(position, values(state), all);
  }

 private:
  const Predictor& mu() const { return spec_.predictors[0]; }
  double* values(const State& state) const { return state.workspace + plan_.values; }

  double value(const State& state, std::size_t block) const {
    return values(state)[parameters_.value_offset(block)];
  }

  std::vector<bool> in_place_blocks() const {
    std::vector<bool> in_place(spec_.parameters.size(), false);
    for (const GroupDesign& group : design_.groups) in_place.at(group.block_z) = true;
    return in_place;
  }

  // The likelihood's terms that depend on the data alone: computed once.
  double data_constant(const family::FamilyInfo& info) const {
    if (spec_.prior_only) return 0;
    const Column& y = design_.response;
    Column row(y.size());
    family::row_constants(info.name, y.data(), design_.trials.data(), y.size(), row.data());
    double sum = 0;
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
        sum += design_.weights.empty() ? row[i] : row[i] * design_.weights[i];
    return sum;
  }

  // Returns the log Jacobian.
  double prepare(const State& state, const EvaluationContext& context) const {
    const double log_jacobian =
        parameters_.constrain(state.position, values(state), state.workspace + plan_.slopes,
                              state.workspace + plan_.jacobian_slopes);
    groups_.prepare(state, context);
    return log_jacobian;
  }

  void run_strip(std::size_t strip, const State& state, double* scratch) const {
    double* out = state.workspace + plan_.strips + strip * plan_.strip.stride;
    std::fill(out, out + plan_.strip.size, 0.0);
    for (std::size_t t = strips_.first_tile(strip); t < strips_.first_tile(strip + 1); ++t)
      run_tile(design_.layout.tiles[t], state, out, scratch);
  }

  // Forward, family, backward over one tile; adds the tile's sums to its strip's.
  void run_tile(const Tile& tile, const State& state, double* out, double* scratch) const {
    const std::size_t rows = util::round_up_8(tile.rows);
    double* derivative =
        plan_.needs_rows ? state.workspace + plan_.rows + tile.first_row : scratch + scratch_.derivative;
    groups_.gather(tile, state, scratch);
    if (spec_.prior_only) {
      std::fill(derivative, derivative + rows, 0.0);
    } else {
      double* predictor = scratch + scratch_.predictor;
      const double intercept = mu().block_intercept == no_block ? 0.0 : value(state, mu().block_intercept);
      const double* b = mu().block_b == no_block ? nullptr : values(state) + parameters_.value_offset(mu().block_b);
      kernels_.population_forward(design_.pointers.data(), mu().n_columns, tile.first_row, rows, b, intercept,
                                  design_.offset.data(), predictor);
      groups_.forward(tile, state, scratch, predictor);
      out[plan_.strip.log_density] += run_family(tile, state, predictor, derivative, out);
    }
    out[plan_.strip.intercept] += kernels_.population_backward(design_.pointers.data(), mu().n_columns, tile.first_row,
                                                               rows, derivative, out + plan_.strip.b);
    groups_.backward(tile, state, derivative, out, scratch);
  }

  double run_family(const Tile& tile, const State& state, const double* predictor, double* derivative,
                    double* out) const {
    family::FamilyTile rows;
    rows.rows = tile.rows;
    rows.response = design_.response.data() + tile.first_row;
    if (!design_.trials.empty()) rows.trials = design_.trials.data() + tile.first_row;
    if (!design_.weights.empty()) rows.weights = design_.weights.data() + tile.first_row;
    rows.predictor = predictor;
    rows.d_predictor = derivative;
    for (std::size_t k = 0; k < spec_.dpar_blocks.size(); ++k) rows.dpar[k] = value(state, spec_.dpar_blocks[k]);
    const double sum = family_(rows);
    for (std::size_t k = 0; k < spec_.dpar_blocks.size(); ++k) out[plan_.strip.dpar + k] += rows.d_dpar[k];
    return sum;
  }

  void add_strip_derivatives(const double* joined, double* d_values) const {
    if (mu().block_intercept != no_block)
      d_values[parameters_.value_offset(mu().block_intercept)] += joined[plan_.strip.intercept];
    if (mu().block_b != no_block)
      parallel::add_to(d_values + parameters_.value_offset(mu().block_b), joined + plan_.strip.b, mu().n_columns);
    for (std::size_t k = 0; k < spec_.dpar_blocks.size(); ++k)
      d_values[parameters_.value_offset(spec_.dpar_blocks[k])] += joined[plan_.strip.dpar + k];
  }

  std::size_t output_size(const Output& output) const {
    switch (output.kind) {
      case Output::Kind::parameter:
        return output.elements.empty() ? spec_.parameters[output.block].size : output.elements.size();
      case Output::Kind::correlation: {
        const std::size_t k = spec_.parameters[output.block].dimension;
        return k * (k - 1) / 2;
      }
      case Output::Kind::group_effects: {
        const GroupDesign& group = design_.groups[output.group];
        return group.n_levels * group.n_coefficients;
      }
      default:
        return 1;
    }
  }

  double* write_output(const Output& output, const State& state, double* out) const {
    switch (output.kind) {
      case Output::Kind::population_intercept:
        *out++ = population_intercept(state);
        return out;
      case Output::Kind::parameter:
        return write_parameter(output, state, out);
      case Output::Kind::correlation:
        return write_correlation(output.block, state, out);
      case Output::Kind::group_effects:
        return groups_.write_effects(output.group, state, out);
      case Output::Kind::log_prior:
        *out++ = parameters_.add_priors(values(state), state.workspace + plan_.d_values);
        return out;
    }
    return out;
  }

  // brms's b_Intercept: the intercept at x = 0 instead of at the columns' means.
  double population_intercept(const State& state) const {
    double sum = value(state, mu().block_intercept);
    if (mu().block_b == no_block) return sum;
    const double* b = values(state) + parameters_.value_offset(mu().block_b);
    for (std::size_t c = 0; c < design_.means.size(); ++c) sum -= design_.means[c] * b[c];
    return sum;
  }

  double* write_parameter(const Output& output, const State& state, double* out) const {
    std::size_t in_place = no_block;
    for (const GroupDesign& group : design_.groups)
      if (group.block_z == output.block) in_place = output.block;
    const double* source = in_place == no_block ? values(state) + parameters_.value_offset(output.block)
                                                : state.position + parameters_.position_offset(output.block);
    const std::size_t size = output_size(output);
    for (std::size_t i = 0; i < size; ++i) *out++ = source[output.elements.empty() ? i : output.elements[i]];
    return out;
  }

  // brms's order: for k = 2 .. K, j < k: cor(j, k), with cor = L L'.
  double* write_correlation(std::size_t block, const State& state, double* out) const {
    const std::size_t n = spec_.parameters[block].dimension;
    const double* l = values(state) + parameters_.value_offset(block);
    for (std::size_t k = 1; k < n; ++k)
      for (std::size_t j = 0; j < k; ++j) {
        double sum = 0;
        for (std::size_t i = 0; i <= j; ++i) sum += l[j + i * n] * l[k + i * n];
        *out++ = sum;
      }
    return out;
  }

  Spec spec_;
  Design design_;
  const KernelTable& kernels_;
  Parameters parameters_;
  parallel::Strips strips_;
  WorkspacePlan plan_;
  ScratchPlan scratch_;
  Groups groups_;
  family::FamilyKernel family_ = nullptr;
  double constant_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
