// What is predicted for one row: linear predictors, parameters, expected values, random responses, log densities.
#ifndef SKEIN_PREDICTION_QUANTITY_HPP
#define SKEIN_PREDICTION_QUANTITY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "../family/constants.hpp"
#include "../family/expected.hpp"
#include "../family/random.hpp"
#include "../family/tile.hpp"
#include "../regression/kernel_table.hpp"
#include "../util/rng.hpp"
#include "inverse_link.hpp"
#include "linear_predictor.hpp"
#include "model.hpp"

namespace skein {
namespace prediction {

enum class Kind { linear, parameter, expected, random, log_density };

struct Quantity {
  Kind kind = Kind::linear;
  std::size_t dpar = 0;   // linear, parameter: 0 is mu, k the family's k-th parameter beyond it
  bool residual = false;  // the response less the quantity
};

// Draws that are worked on at a time: their buffers stay in the first cache.
constexpr std::size_t chunk_draws = 256;

// Computes one quantity, row by row, in buffers that the caller owns.
class Evaluator {
 public:
  // Doubles of scratch, which is 64-byte aligned.
  static constexpr std::size_t scratch_size = chunk_draws * (5 + 2 * (family::max_dpars + 1));

  // Throws std::invalid_argument if the family lacks the parameter that is asked for.
  Evaluator(const Model& model, const Quantity& quantity, double* scratch);

  // out[s] = the quantity of the block's row `row` at the s-th draw of the range of at most chunk_draws.
  void evaluate(const Rows& rows, std::size_t row, DrawRange draws, double* out);

 private:
  using Tile = family::FamilyTile;

  double* buffer(std::size_t k) { return scratch_ + k * chunk_draws; }
  double* parameter_buffer(std::size_t k) { return buffer(5 + k); }
  std::size_t predictor_of(std::size_t dpar) const;
  void linear(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws, double* out) const;
  void parameter(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws, double* out) const;
  void further_parameters(const Rows& rows, std::size_t row, DrawRange draws);
  void all_parameters(const Rows& rows, std::size_t row, DrawRange draws);
  void expected(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  void random(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  void log_density(const Rows& rows, std::size_t row, DrawRange draws, double* out);

  const Model& model_;
  const Quantity quantity_;
  double* const scratch_;
  const family::FamilyKernel kernel_;
};

inline Evaluator::Evaluator(const Model& model, const Quantity& quantity, double* scratch)
    : model_(model),
      quantity_(quantity),
      scratch_(scratch),
      kernel_(regression::kernel_table(simd::instruction_set())
                  .find_family_kernel(model.family->name, family::link_name(model.predictors[0].link))) {
  if (quantity.dpar > model.family->dpars.size()) throw std::invalid_argument("the family has no such parameter");
}

inline void Evaluator::evaluate(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  switch (quantity_.kind) {
    case Kind::linear:
      linear(rows, row, quantity_.dpar, draws, out);
      break;
    case Kind::parameter:
      parameter(rows, row, quantity_.dpar, draws, out);
      break;
    case Kind::expected:
      expected(rows, row, draws, out);
      break;
    case Kind::random:
      random(rows, row, draws, out);
      break;
    case Kind::log_density:
      log_density(rows, row, draws, out);
      break;
  }
  if (quantity_.residual)
    for (std::size_t s = 0; s < draws.n; ++s) out[s] = rows.response[row] - out[s];
}

// The number of the predictor of a parameter, or the number of predictors if it has none.
inline std::size_t Evaluator::predictor_of(std::size_t dpar) const {
  std::size_t p = 0;
  while (p < model_.predictors.size() && model_.predictors[p].dpar != dpar) ++p;
  return p;
}

// A parameter without a predictor is its own.
inline void Evaluator::linear(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws, double* out) const {
  const std::size_t p = predictor_of(dpar);
  if (p < model_.predictors.size()) return linear_predictor(model_, rows, p, row, draws, out);
  const Draws values = model_.dpars[dpar - 1];
  for (std::size_t s = 0; s < draws.n; ++s) out[s] = values == nullptr ? 0 : values[draws.first + s];
}

inline void Evaluator::parameter(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws,
                                 double* out) const {
  linear(rows, row, dpar, draws, out);
  const std::size_t p = predictor_of(dpar);
  if (p < model_.predictors.size()) inverse_link(model_.predictors[p].link, out, out, draws.n);
}

// Parameters beyond mu on their natural scale, with what the row's known standard error and denominator do to them.
inline void Evaluator::further_parameters(const Rows& rows, std::size_t row, DrawRange draws) {
  const std::vector<std::string>& names = model_.family->dpars;
  for (std::size_t k = 0; k < names.size(); ++k) {
    double* values = parameter_buffer(k + 1);
    parameter(rows, row, k + 1, draws, values);
    if (rows.se != nullptr && names[k] == "sigma") {
      const double se = rows.se[row];
      for (std::size_t s = 0; s < draws.n; ++s)
        values[s] = rows.se_sigma ? std::sqrt(se * se + values[s] * values[s]) : se;
    }
    // A sum of d counts with shape phi each has shape d phi.
    if (rows.rate != nullptr && names[k] == "shape")
      for (std::size_t s = 0; s < draws.n; ++s) values[s] *= rows.rate[row];
  }
}

inline void Evaluator::all_parameters(const Rows& rows, std::size_t row, DrawRange draws) {
  double* mu = parameter_buffer(0);
  parameter(rows, row, 0, draws, mu);
  if (rows.rate != nullptr)
    for (std::size_t s = 0; s < draws.n; ++s) mu[s] *= rows.rate[row];
  further_parameters(rows, row, draws);
}

inline void Evaluator::expected(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  all_parameters(rows, row, draws);
  const double trials = rows.trials == nullptr ? 1 : rows.trials[row];
  const std::size_t n_dpars = model_.family->dpars.size();
  for (std::size_t s = 0; s < draws.n; ++s) {
    double dpar[family::max_dpars] = {};
    for (std::size_t k = 0; k < n_dpars; ++k) dpar[k] = parameter_buffer(k + 1)[s];
    out[s] = family::expected(model_.family->id, parameter_buffer(0)[s], dpar, trials);
  }
}

inline void Evaluator::random(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  all_parameters(rows, row, draws);
  const double trials = rows.trials == nullptr ? 1 : rows.trials[row];
  const std::size_t n_dpars = model_.family->dpars.size();
  const std::uint32_t row_number = static_cast<std::uint32_t>(rows.first + row);
  for (std::size_t s = 0; s < draws.n; ++s) {
    double dpar[family::max_dpars] = {};
    for (std::size_t k = 0; k < n_dpars; ++k) dpar[k] = parameter_buffer(k + 1)[s];
    util::Stream stream(util::Purpose::prediction, {model_.seed, row_number, model_.draw_ids[draws.first + s]});
    out[s] = family::random(model_.family->id, parameter_buffer(0)[s], dpar, trials, stream);
  }
}

// Through the kernels that sampling uses, on a tile whose rows are draws of one observation.
inline void Evaluator::log_density(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  if (kernel_ == nullptr) throw std::invalid_argument(std::string("no kernel for family ") + model_.family->name);
  double *response = buffer(0), *trials = buffer(1), *constant = buffer(2), *derivative = buffer(3), *term = buffer(4);
  double* eta = parameter_buffer(0);
  linear(rows, row, 0, draws, eta);
  further_parameters(rows, row, draws);
  const double y = rows.response[row];
  const double n_trials = rows.trials == nullptr ? 1 : rows.trials[row];
  double row_constant = 0;
  family::row_constants(model_.family->name, &y, &n_trials, 1, &row_constant);
  const std::size_t padded = (draws.n + 7) / 8 * 8;
  for (std::size_t s = 0; s < padded; ++s) {
    response[s] = y;
    trials[s] = n_trials;
    constant[s] = row_constant;
  }
  Tile tile;
  tile.rows = draws.n;
  tile.response = response;
  tile.trials = rows.trials == nullptr ? nullptr : trials;
  tile.row_constant = constant;
  tile.predictor = eta;
  tile.d_predictor = derivative;
  for (std::size_t k = 0; k < model_.family->dpars.size(); ++k) {
    tile.dpar_rows[k] = parameter_buffer(k + 1);
    tile.d_dpar_rows[k] = parameter_buffer(k + 1 + family::max_dpars);
  }
  tile.row_log_density = term;
  for (std::size_t k = 0; k <= model_.family->dpars.size(); ++k) {
    double* values = parameter_buffer(k);
    std::fill(values + draws.n, values + padded, values[draws.n - 1]);
  }
  kernel_(tile);
  const double weight = rows.weights == nullptr ? 1 : rows.weights[row];
  for (std::size_t s = 0; s < draws.n; ++s) out[s] = weight * term[s];
}

}  // namespace prediction
}  // namespace skein

#endif
