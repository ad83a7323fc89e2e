// The values that every draw reports, from the constrained parameters of one position.
#ifndef SKEIN_REGRESSION_OUTPUTS_HPP
#define SKEIN_REGRESSION_OUTPUTS_HPP

#include <vector>

#include "groups.hpp"
#include "parameters.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

class Outputs {
 public:
  Outputs(const Spec& spec, const Design& design, const Parameters& parameters, const WorkspacePlan& plan,
          const Groups& groups)
      : spec_(spec), design_(design), parameters_(parameters), plan_(plan), groups_(groups) {}

  std::size_t size() const {
    std::size_t size = 0;
    for (const Output& output : spec_.outputs) size += size_of(output);
    return size;
  }

  // Writes size() values; the state must be prepared.
  void write(const State& state, double* out) const {
    for (const Output& output : spec_.outputs) out = write_one(output, state, out);
  }

 private:
  const double* values(const State& state) const { return state.workspace + plan_.values; }

  std::size_t size_of(const Output& output) const {
    switch (output.kind) {
      case Output::Kind::parameter:
        return output.elements.empty() ? spec_.parameters[output.block].size : output.elements.size();
      case Output::Kind::correlation: {
        const std::size_t k = spec_.parameters[output.block].dimension;
        return k * (k - 1) / 2;
      }
      case Output::Kind::group_effects: {
        const GroupDesign& group = design_.groups[output.group];
        return group.n_levels * (output.elements.empty() ? group.n_coefficients : output.elements.size());
      }
      default:
        return 1;
    }
  }

  double* write_one(const Output& output, const State& state, double* out) const {
    switch (output.kind) {
      case Output::Kind::population_intercept:
        *out++ = population_intercept(output.predictor, state);
        return out;
      case Output::Kind::parameter:
        return write_parameter(output, state, out);
      case Output::Kind::correlation:
        return write_correlation(output.block, state, out);
      case Output::Kind::group_effects:
        return groups_.write_effects(output.group, output.elements, state, out);
      case Output::Kind::log_prior:
        *out++ = parameters_.add_priors(values(state), state.workspace + plan_.d_values);
        return out;
    }
    return out;
  }

  // brms's b_Intercept: the intercept at x = 0 instead of at the columns' means.
  double population_intercept(std::size_t p, const State& state) const {
    const Predictor& predictor = spec_.predictors[p];
    double sum = values(state)[parameters_.value_offset(predictor.block_intercept)];
    if (predictor.block_b == no_block) return sum;
    const double* b = values(state) + parameters_.value_offset(predictor.block_b);
    const std::vector<double>& means = design_.predictors[p].means;
    for (std::size_t c = 0; c < means.size(); ++c) sum -= means[c] * b[c];
    return sum;
  }

  double* write_parameter(const Output& output, const State& state, double* out) const {
    bool in_place = false;
    for (const GroupDesign& group : design_.groups) in_place = in_place || group.block_z == output.block;
    const double* value = values(state) + parameters_.value_offset(output.block);
    for (std::size_t k = 0, size = size_of(output); k < size; ++k) {
      const std::size_t i = output.elements.empty() ? k : output.elements[k];
      *out++ = in_place ? parameters_.in_place_element(output.block, i, state.position) : value[i];
    }
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

  const Spec& spec_;
  const Design& design_;
  const Parameters& parameters_;
  const WorkspacePlan& plan_;
  const Groups& groups_;
};

}  // namespace regression
}  // namespace skein

#endif
