// Linear predictors of one row, for a run of draws.
#ifndef SKEIN_PREDICTION_LINEAR_PREDICTOR_HPP
#define SKEIN_PREDICTION_LINEAR_PREDICTOR_HPP

#include <algorithm>
#include <cstddef>

#include "../simd/dispatch.hpp"
#include "model.hpp"

namespace skein {
namespace prediction {

// Draws first .. first + n - 1.
struct DrawRange {
  std::size_t first = 0;
  std::size_t n = 0;
};

// out[s] = intercept + X b + offset + Z r of the block's row `row` at the s-th draw of the range.
inline void linear_predictor(const Model& model, const Rows& rows, std::size_t predictor, std::size_t row,
                             DrawRange draws, double* out) {
  const simd::VectorOperations& operations = simd::vector_operations();
  const Predictor& one = model.predictors[predictor];
  const double offset = rows.offsets[predictor] == nullptr ? 0 : rows.offsets[predictor][row];
  if (one.intercept == nullptr) {
    std::fill_n(out, draws.n, offset);
  } else {
    for (std::size_t s = 0; s < draws.n; ++s) out[s] = one.intercept[draws.first + s] + offset;
  }
  const auto add = [&](double x, Draws coefficient) {
    // Most columns of factors are 0.
    if (x != 0) operations.axpy(x, coefficient + draws.first, out, draws.n);
  };
  const double* design = rows.designs[predictor];
  for (std::size_t k = 0; k < one.coefficients.size(); ++k) add(design[k * rows.n + row], one.coefficients[k]);
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    const GroupTerm& group = model.groups[g];
    if (group.predictor != predictor) continue;
    const Draws* effects = group.effects.data() + static_cast<std::size_t>(rows.levels[g][row]) * group.n_coefficients;
    const double* columns = rows.group_designs[g];
    for (std::size_t c = 0; c < group.n_coefficients; ++c)
      add(columns == nullptr ? 1 : columns[c * rows.n + row], effects[c]);
  }
}

}  // namespace prediction
}  // namespace skein

#endif
