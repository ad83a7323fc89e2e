// Row tiles for the families' tests: responses and predictors from typical to extreme, in aligned columns.
#ifndef SKEIN_TESTS_FAMILY_CASES_HPP
#define SKEIN_TESTS_FAMILY_CASES_HPP

#include <cstdint>
#include <skein/family/constants.hpp>
#include <skein/family/tile.hpp>
#include <skein/regression/kernel_table.hpp>
#include <string>
#include <vector>

#include "family_cases_continuous.hpp"

namespace cases {

// Doubles at a 64-byte boundary, padded to a multiple of 8 with `padding`.
class Column {
 public:
  Column() = default;
  Column(const std::vector<double>& values, double padding) { assign(values, padding); }
  void assign(const std::vector<double>& values, double padding) {
    const std::size_t padded = (values.size() + 7) / 8 * 8;
    storage_.assign(padded + 8, padding);
    for (std::size_t i = 0; i < values.size(); ++i) data()[i] = values[i];
  }
  double* data() {
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(storage_.data());
    return storage_.data() + (64 - at % 64) % 64 / sizeof(double);
  }

 private:
  std::vector<double> storage_;
};

// Rows of one family and link, before they become a tile.
struct Rows {
  std::string family, link;
  std::vector<double> response, trials, predictor, weights;  // no weights: empty
  std::vector<double> dpar[2];                               // one value for all rows, or one a row
  std::size_t n_dpars = 0;
  std::size_t size() const { return response.size(); }
  double dpar_at(std::size_t k, std::size_t i) const { return dpar[k].size() == 1 ? dpar[k][0] : dpar[k][i]; }
};

// Rows first .. last - 1.
inline Rows slice(const Rows& rows, std::size_t first, std::size_t last) {
  const auto cut = [&](const std::vector<double>& all) {
    return all.size() <= 1 && rows.size() > 1 ? all : std::vector<double>(all.begin() + first, all.begin() + last);
  };
  Rows part = rows;
  part.response = cut(rows.response);
  part.trials = cut(rows.trials);
  part.predictor = cut(rows.predictor);
  part.weights = cut(rows.weights);
  for (std::size_t k = 0; k < rows.n_dpars; ++k) part.dpar[k] = cut(rows.dpar[k]);
  return part;
}

// What a kernel returned for some rows; d_* have the padded length.
struct Result {
  double value = 0;
  std::vector<double> d_predictor;
  double d_dpar[2] = {0, 0};
  std::vector<double> d_dpar_rows[2];
  std::vector<double> row_log_density;  // empty unless asked for
};

// Runs the kernel of `set` on one tile whose padding rows hold `padding`.
inline Result run(const Rows& rows, skein::simd::InstructionSet set, double padding = 0.25, bool by_row = false) {
  const std::size_t padded = (rows.size() + 7) / 8 * 8;
  std::vector<double> constants(rows.size());
  skein::family::row_constants(rows.family.c_str(), rows.response.data(), rows.trials.data(), rows.size(),
                               constants.data());
  Column response(rows.response, padding), trials(rows.trials, padding), predictor(rows.predictor, padding);
  Column weights(rows.weights, padding), constant(constants, padding), d_predictor(std::vector<double>(padded), 0);
  Column dpar[2], d_dpar[2], row_log_density(std::vector<double>(padded), 0);
  skein::family::FamilyTile tile;
  tile.rows = rows.size();
  tile.response = response.data();
  tile.trials = rows.trials.empty() ? nullptr : trials.data();
  tile.weights = rows.weights.empty() ? nullptr : weights.data();
  tile.row_constant = constant.data();
  tile.predictor = predictor.data();
  tile.d_predictor = d_predictor.data();
  if (by_row) tile.row_log_density = row_log_density.data();
  for (std::size_t k = 0; k < rows.n_dpars; ++k) {
    tile.dpar[k] = rows.dpar[k].size() == 1 ? rows.dpar[k][0] : padding;
    if (rows.dpar[k].size() == 1) continue;
    dpar[k].assign(rows.dpar[k], padding);
    d_dpar[k].assign(std::vector<double>(padded), 0);
    tile.dpar_rows[k] = dpar[k].data();
    tile.d_dpar_rows[k] = d_dpar[k].data();
  }
  Result result;
  const auto kernel = skein::regression::kernel_table(set).find_family_kernel(rows.family.c_str(), rows.link.c_str());
  result.value = kernel(tile);
  if (by_row) result.row_log_density.assign(row_log_density.data(), row_log_density.data() + rows.size());
  result.d_predictor.assign(tile.d_predictor, tile.d_predictor + padded);
  for (std::size_t k = 0; k < rows.n_dpars; ++k) {
    if (tile.dpar_rows[k])
      result.d_dpar_rows[k].assign(tile.d_dpar_rows[k], tile.d_dpar_rows[k] + padded);
    else
      result.d_dpar[k] = tile.d_dpar[k];
  }
  return result;
}

inline std::vector<skein::simd::InstructionSet> instruction_sets() {
  using skein::simd::InstructionSet;
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512})
    if (set <= skein::simd::detected_instruction_set()) sets.push_back(set);
  return sets;
}

inline bool has_link(const std::string& family, const std::string& link) {
  for (const std::string& one : skein::family::find_family(family)->links)
    if (one == link) return true;
  return false;
}

// Families of unbounded counts alone take square roots, those of probabilities start with logit.
inline bool is_count(const std::string& family) { return has_link(family, "sqrt"); }
inline bool is_probability(const std::string& family) {
  return skein::family::find_family(family)->links[0] == "logit";
}
inline bool has_trials(const std::string& family) { return skein::family::find_family(family)->has_trials; }

inline std::vector<double> predictors(const std::string& family, const std::string& link) {
  if (continuous::has(family)) return continuous::predictors(family, link);
  const bool count = is_count(family);
  const bool probability = is_probability(family);
  if (probability && link == "identity") return {1e-300, 1e-6, 0.2, 0.5, 0.999};
  if (probability && link == "log") return {-700, -30, -3, -0.1, -1e-9};
  if (probability) return {-750, -700, -30, -5, -0.5, 0, 0.3, 2, 30, 700};
  if (count && link == "identity") return {1e-6, 0.3, 2, 50, 1e6};
  if (count && link == "sqrt") return {-30, -1.2, 0.01, 2, 700};
  if (count) return {-750, -700, -30, -2, 0.1, 3, 30, 700};
  if (link == "log") return {-700, -30, -2, 0.1, 3, 30};
  if (link == "inverse") return {-700, -2, -0.01, 0.1, 3, 700};
  return {-700, -30, -2, 0.1, 3, 30, 700};
}

// All predictors with all responses; `large` takes counts beyond negbinomial's table as well.
inline Rows make_rows(const std::string& family, const std::string& link, bool large) {
  Rows rows;
  rows.family = family;
  rows.link = link;
  std::vector<double> responses = {-20, 0.4, 1.8, 1000};
  if (is_count(family)) responses = {0, 1, 3, 17, 63};
  if (family == "bernoulli") responses = {0, 1};
  if (has_trials(family)) responses = {0, 1, 2, 40};
  if (continuous::has(family)) responses = continuous::responses(family);
  if (large && is_count(family)) responses.push_back(5000);
  for (const double y : responses) {
    for (const double eta : predictors(family, link)) {
      rows.response.push_back(y);
      rows.predictor.push_back(eta);
      if (has_trials(family)) rows.trials.push_back(y == 1 ? 1 : y == 40 ? 40 : 7);
    }
  }
  return rows;
}

inline void add_weights(Rows& rows) {
  const double weights[] = {0.5, 2, 1, 0.125, 3};
  rows.weights.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) rows.weights.push_back(weights[i % 5]);
}

}  // namespace cases

#endif
