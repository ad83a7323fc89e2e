// Linear predictors of one row, for a run of draws.
#ifndef SKEIN_PREDICTION_LINEAR_PREDICTOR_HPP
#define SKEIN_PREDICTION_LINEAR_PREDICTOR_HPP

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

namespace detail {

// Adds up multiples of arrays, many in one pass.
class Accumulator {
 public:
  Accumulator(double constant, DrawRange draws, double* out) : draws_(draws), out_(out), constant_(constant) {}

  void add(double x, Draws coefficient) {
    // Most columns of factors are 0.
    if (x == 0) return;
    if (n_terms_ == most_terms) {
      write();
      constant_ = 0;
      push(1, out_);
    }
    push(x, coefficient + draws_.first);
  }

  void write() {
    simd::vector_operations().combine({constant_, alpha_, x_, n_terms_}, out_, draws_.n);
    n_terms_ = 0;
  }

 private:
  static constexpr std::size_t most_terms = 16;

  void push(double alpha, const double* x) {
    alpha_[n_terms_] = alpha;
    x_[n_terms_++] = x;
  }

  const DrawRange draws_;
  double* const out_;
  double constant_;
  double alpha_[most_terms];
  const double* x_[most_terms];
  std::size_t n_terms_ = 0;
};

}  // namespace detail

// out[s] = intercept + X b + offset + Z r of the block's row `row` at the s-th draw of the range.
inline void linear_predictor(const Model& model, const Rows& rows, std::size_t predictor, std::size_t row,
                             DrawRange draws, double* out) {
  const Predictor& one = model.predictors[predictor];
  detail::Accumulator sum(rows.offsets[predictor] == nullptr ? 0 : rows.offsets[predictor][row], draws, out);
  if (one.intercept != nullptr) sum.add(1, one.intercept);
  const double* design = rows.designs[predictor];
  for (std::size_t k = 0; k < one.coefficients.size(); ++k) sum.add(design[k * rows.n + row], one.coefficients[k]);
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    const GroupTerm& group = model.groups[g];
    if (group.predictor != predictor) continue;
    const Draws* effects = group.effects.data() + static_cast<std::size_t>(rows.levels[g][row]) * group.n_coefficients;
    const double* columns = rows.group_designs[g];
    for (std::size_t c = 0; c < group.n_coefficients; ++c)
      sum.add(columns == nullptr ? 1 : columns[c * rows.n + row], effects[c]);
  }
  sum.write();
}

}  // namespace prediction
}  // namespace skein

#endif
