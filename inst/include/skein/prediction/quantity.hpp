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
#include "../regression/row_probability.hpp"
#include "../util/aligned.hpp"
#include "../util/rng.hpp"
#include "bounds.hpp"
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
  static const family::FamilyInfo* computing_family(const Model& model);
  static Bounds bounds_of(const Rows& rows, std::size_t row);
  double* buffer(std::size_t k) { return scratch_ + k * chunk_draws; }
  double* parameter_buffer(std::size_t k) { return buffer(5 + k); }
  std::size_t predictor_of(std::size_t dpar) const;
  void linear(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws, double* out) const;
  void parameter(const Rows& rows, std::size_t row, std::size_t dpar, DrawRange draws, double* out) const;
  void further_parameters(const Rows& rows, std::size_t row, DrawRange draws);
  void all_parameters(const Rows& rows, std::size_t row, DrawRange draws, double* mu);
  void expected(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  void random(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  void log_density(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  const double* complement(const Rows& rows, std::size_t row, DrawRange draws);
  void observed_density(const Rows& rows, std::size_t row, DrawRange draws, double* out);
  void add_log_rate(double rate, std::size_t n, double* eta) const;
  Distribution distribution(const Rows& rows, std::size_t row, std::size_t s);

  const Model& model_;
  const Quantity quantity_;
  double* const scratch_;
  const family::FamilyInfo* const family_;
  const bool discrete_;
  family::FamilyKernel kernel_ = nullptr;
};

inline Evaluator::Evaluator(const Model& model, const Quantity& quantity, double* scratch)
    : model_(model),
      quantity_(quantity),
      scratch_(scratch),
      family_(computing_family(model)),
      discrete_(family::is_discrete(*family_)) {
  if (quantity.dpar > model.family->dpars.size()) throw std::invalid_argument("the family has no such parameter");
  if (model.predictors.empty() || model.predictors[0].dpar != 0) return;
  // A denominator acts on the logarithm of the mean.
  const family::LinkId link = model.rated ? family::LinkId::log : model.predictors[0].link;
  kernel_ =
      regression::kernel_table(simd::instruction_set()).find_family_kernel(family_->name, family::link_name(link));
}

// A geometric count is a negative binomial one of shape 1, and the rate multiplies the shape too.
inline const family::FamilyInfo* Evaluator::computing_family(const Model& model) {
  const bool is_geometric = std::string(model.family->name) == "geometric";
  return model.rated && is_geometric ? family::find_family("negbinomial") : model.family;
}

inline Bounds Evaluator::bounds_of(const Rows& rows, std::size_t row) {
  Bounds bounds;
  if (rows.truncation_lower != nullptr) bounds.lower = rows.truncation_lower[row];
  if (rows.truncation_upper != nullptr) bounds.upper = rows.truncation_upper[row];
  return bounds;
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
  if (dpar > model_.dpars.size()) {  // the shape of a geometric count
    std::fill_n(out, draws.n, 1.0);
    return;
  }
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
  const std::vector<std::string>& names = family_->dpars;
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

// mu goes to the array `mu`, the others to their buffers.
inline void Evaluator::all_parameters(const Rows& rows, std::size_t row, DrawRange draws, double* mu) {
  parameter(rows, row, 0, draws, mu);
  if (rows.rate != nullptr)
    for (std::size_t s = 0; s < draws.n; ++s) mu[s] *= rows.rate[row];
  further_parameters(rows, row, draws);
}

// From the predictor of the mean to the logarithm of the rated mean.
inline void Evaluator::add_log_rate(double rate, std::size_t n, double* eta) const {
  const family::LinkId link = model_.predictors[0].link;
  if (link != family::LinkId::log) {
    inverse_link(link, eta, eta, n);
    simd::vector_operations().log_n(eta, eta, n);
  }
  const double log_rate = simd::log(rate);
  for (std::size_t s = 0; s < n; ++s) eta[s] += log_rate;
}

// The distribution at the s-th draw of the chunk whose parameters stand in the buffers.
inline Distribution Evaluator::distribution(const Rows& rows, std::size_t row, std::size_t s) {
  Distribution one;
  one.family = family_->id;
  one.discrete = discrete_;
  one.mu = parameter_buffer(0)[s];
  for (std::size_t k = 0; k < family_->dpars.size(); ++k) one.dpar[k] = parameter_buffer(k + 1)[s];
  if (rows.trials != nullptr) one.trials = rows.trials[row];
  return one;
}

inline void Evaluator::expected(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  const Bounds bounds = bounds_of(rows, row);
  if (bounds.open()) {
    all_parameters(rows, row, draws, out);
    const double* dpar[family::max_dpars] = {};
    for (std::size_t k = 0; k < family_->dpars.size(); ++k) dpar[k] = parameter_buffer(k + 1);
    const double trials = rows.trials == nullptr ? 1 : rows.trials[row];
    family::expected_n(family_->id, out, dpar, family_->dpars.size(), trials, draws.n, out);
    return;
  }
  all_parameters(rows, row, draws, parameter_buffer(0));
  for (std::size_t s = 0; s < draws.n; ++s) out[s] = expected_within(distribution(rows, row, s), bounds);
}

inline void Evaluator::random(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  all_parameters(rows, row, draws, parameter_buffer(0));
  const Bounds bounds = bounds_of(rows, row);
  const family::RandomKeys keys{model_.seed, static_cast<std::uint32_t>(rows.first + row),
                                model_.draw_ids.data() + draws.first};
  if (bounds.open()) {
    family::RandomRows all;
    all.n = draws.n;
    all.mu = parameter_buffer(0);
    for (std::size_t k = 0; k < family_->dpars.size(); ++k) all.dpar[k] = parameter_buffer(k + 1);
    double* const uniform[family::most_uniforms] = {buffer(0), buffer(1), buffer(2), buffer(3)};
    family::random_n(family_->id, all, rows.trials == nullptr ? 1 : rows.trials[row], keys, uniform, out);
    return;
  }
  for (std::size_t s = 0; s < draws.n; ++s) {
    const Distribution one = distribution(rows, row, s);
    util::Stream stream = keys.stream(s);
    out[s] = family::random_truncated(one.family, one.mu, one.dpar, one.trials, bounds.lower, bounds.upper, stream);
  }
}

// As in the density that was sampled from: where rows may be censored a weight is that of the response alone, else of
// the truncation too.
inline void Evaluator::log_density(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  const int censored = rows.censored == nullptr ? 0 : static_cast<int>(rows.censored[row]);
  const Bounds bounds = bounds_of(rows, row);
  const double weight = rows.weights == nullptr ? 1 : rows.weights[row];
  const double truncation_weight = rows.censored == nullptr ? weight : 1;
  if (censored == 0) observed_density(rows, row, draws, out);
  if (censored != 0 || !bounds.open()) all_parameters(rows, row, draws, parameter_buffer(0));
  const double upper = censored == 2 ? rows.response_upper[row] : 0;
  for (std::size_t s = 0; s < draws.n; ++s) {
    if (censored != 0)
      out[s] = censored_probability(distribution(rows, row, s), censored, rows.response[row], upper).value;
    out[s] *= weight;
    if (!bounds.open())
      out[s] -= truncation_weight *
                truncation_probability(distribution(rows, row, s), bounds.lower, bounds.upper).value;
  }
}

// Of the probability of a zero, if it is predicted: 1 - p in full relative precision, else null.
inline const double* Evaluator::complement(const Rows& rows, std::size_t row, DrawRange draws) {
  for (std::size_t k = 0; k < family_->dpars.size(); ++k) {
    const std::size_t p = predictor_of(k + 1);
    if (!family::is_zero_probability(family_->dpars[k]) || p == model_.predictors.size()) continue;
    const regression::KernelTable& kernels = regression::kernel_table(simd::instruction_set());
    const regression::ComplementPass pass = kernels.find_complement_pass(family::link_name(model_.predictors[p].link));
    if (pass == nullptr) return nullptr;
    double* const out = parameter_buffer(2 * family::max_dpars + 1);
    linear(rows, row, k + 1, draws, out);
    const std::size_t padded = util::round_up_8(draws.n);
    std::fill(out + draws.n, out + padded, out[draws.n - 1]);
    pass(out, padded, out);
    return out;
  }
  return nullptr;
}

// Through the kernels that sampling uses, on a tile whose rows are draws of one observation.
inline void Evaluator::observed_density(const Rows& rows, std::size_t row, DrawRange draws, double* out) {
  if (kernel_ == nullptr) throw std::invalid_argument(std::string("no kernel for family ") + family_->name);
  double *response = buffer(0), *trials = buffer(1), *constant = buffer(2), *derivative = buffer(3), *term = buffer(4);
  double* eta = parameter_buffer(0);
  linear(rows, row, 0, draws, eta);
  if (rows.rate != nullptr) add_log_rate(rows.rate[row], draws.n, eta);
  further_parameters(rows, row, draws);
  const double y = rows.response[row];
  const double n_trials = rows.trials == nullptr ? 1 : rows.trials[row];
  double row_constant = 0;
  family::row_constants(family_->name, &y, &n_trials, 1, &row_constant);
  const std::size_t padded = (draws.n + 7) / 8 * 8;
  for (std::size_t s = 0; s < padded; ++s) {
    response[s] = y;
    trials[s] = n_trials;
    constant[s] = row_constant;
  }
  family::FamilyTile tile;
  tile.rows = draws.n;
  tile.response = response;
  tile.trials = rows.trials == nullptr ? nullptr : trials;
  tile.row_constant = constant;
  tile.predictor = eta;
  tile.d_predictor = derivative;
  for (std::size_t k = 0; k < family_->dpars.size(); ++k) {
    tile.dpar_rows[k] = parameter_buffer(k + 1);
    tile.d_dpar_rows[k] = parameter_buffer(k + 1 + family::max_dpars);
  }
  tile.complement_rows = complement(rows, row, draws);
  tile.row_log_density = term;
  for (std::size_t k = 0; k <= family_->dpars.size(); ++k) {
    double* values = parameter_buffer(k);
    std::fill(values + draws.n, values + padded, values[draws.n - 1]);
  }
  kernel_(tile);
  std::copy(term, term + draws.n, out);
}

}  // namespace prediction
}  // namespace skein

#endif
