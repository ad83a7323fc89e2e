// Censored and truncated rows: the kernel runs on the observed ones, tail probabilities make the others.
#ifndef SKEIN_REGRESSION_CENSORING_HPP
#define SKEIN_REGRESSION_CENSORING_HPP

#include <limits>
#include <stdexcept>
#include <string>

#include "../family/tile.hpp"
#include "design.hpp"
#include "kernel_table.hpp"
#include "row_probability.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

class Censoring {
 public:
  // `family` and `link` of mu are those of the kernel. Throws std::invalid_argument if the family has no tails.
  Censoring(const Design& design, const KernelTable& kernels, const family::FamilyInfo& family, const std::string& link)
      : design_(design), family_(family), mean_(kernels.find_link_pass(link.c_str())) {
    truncated_ = !design.truncation_lower.empty() || !design.truncation_upper.empty();
    if (!any()) return;
    if (!family::has_tails(family.id))
      throw std::invalid_argument(std::string("family '") + family.name + "' has no distribution function");
    discrete_ = family::is_discrete(family);
    plan_scratch();
  }

  bool any() const { return truncated_ || !design_.censored.empty(); }
  std::size_t scratch_size() const { return scratch_size_; }

  // What `kernel` does for observed rows; the others by row_probability.hpp.
  double run(family::FamilyTile& rows, std::size_t first_row, family::FamilyKernel kernel, double* scratch) const {
    double sum = 0;
    if (has_censored(first_row, rows.rows)) {
      sum = run_observed(rows, first_row, kernel, scratch);
    } else {
      sum = kernel(rows);
    }
    const double* mu = rows.predictor;
    double* slope = scratch + slope_;
    if (mean_ != nullptr) {
      mean_(rows.predictor, util::round_up_8(rows.rows), scratch + mu_, slope);
      mu = scratch + mu_;
    }
    for (std::size_t i = 0; i < rows.rows; ++i) {
      const std::size_t at = first_row + i;
      const Row row{at, mu[i], mean_ == nullptr ? 1.0 : slope[i]};
      const double weight = rows.weights == nullptr ? 1.0 : rows.weights[i];
      if (is_censored(at)) sum += add(censored(row, rows, i), weight, row, rows, i);
      // As in brms's models: beside cens() a weight is that of the response alone, else of the whole term.
      if (truncated_) sum += add(truncation(row, rows, i), design_.censored.empty() ? -weight : -1.0, row, rows, i);
    }
    return sum;
  }

 private:
  struct Row {
    std::size_t position;
    double mu, slope;  // of mu by its predictor
  };

  void plan_scratch() {
    detail::Cutter cut;
    const std::size_t rows = design_.layout.max_tile_rows;
    mu_ = cut.take(rows);
    slope_ = cut.take(rows);
    if (!design_.censored.empty()) packed_ = cut.take(n_packed * rows);
    scratch_size_ = cut.size();
  }

  bool is_censored(std::size_t position) const {
    return !design_.censored.empty() && design_.censored[position] != 0;
  }

  bool has_censored(std::size_t first_row, std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i)
      if (is_censored(first_row + i)) return true;
    return false;
  }

  // Arrays of a tile with the observed rows side by side: response, trials, weights, row_constant, predictor,
  // d_predictor, complement_rows, and the parameters with their derivatives.
  static constexpr std::size_t n_packed = 7 + 2 * family::max_dpars;

  // Moves the observed rows of an array to the front and repeats the last one in the padding.
  const double* pack(const double* from, std::size_t first_row, std::size_t n, double* to) const {
    if (from == nullptr) return nullptr;
    std::size_t k = 0;
    for (std::size_t i = 0; i < n; ++i)
      if (!is_censored(first_row + i)) to[k++] = from[i];
    for (std::size_t end = util::round_up_8(k); k > 0 && k < end; ++k) to[k] = to[k - 1];
    return to;
  }

  // The way back; 0 for censored rows.
  void unpack(const double* from, std::size_t first_row, std::size_t n, double* to) const {
    for (std::size_t i = 0; i < n; ++i) to[i] = is_censored(first_row + i) ? 0.0 : *from++;
    for (std::size_t i = n; i < util::round_up_8(n); ++i) to[i] = 0;
  }

  double run_observed(family::FamilyTile& rows, std::size_t first_row, family::FamilyKernel kernel,
                      double* scratch) const {
    const std::size_t n = rows.rows, stride = design_.layout.max_tile_rows;
    double* next = scratch + packed_;
    const auto take = [&] {
      next += stride;
      return next - stride;
    };
    family::FamilyTile packed = rows;
    packed.rows = 0;
    for (std::size_t i = 0; i < n; ++i) packed.rows += is_censored(first_row + i) ? 0 : 1;
    packed.response = pack(rows.response, first_row, n, take());
    packed.trials = pack(rows.trials, first_row, n, take());
    packed.weights = pack(rows.weights, first_row, n, take());
    packed.row_constant = pack(rows.row_constant, first_row, n, take());
    packed.predictor = pack(rows.predictor, first_row, n, take());
    packed.d_predictor = take();
    packed.complement_rows = pack(rows.complement_rows, first_row, n, take());
    for (std::size_t k = 0; k < family::max_dpars; ++k) {
      if (rows.dpar_rows[k] == nullptr) continue;
      packed.dpar_rows[k] = pack(rows.dpar_rows[k], first_row, n, take());
      packed.d_dpar_rows[k] = take();
    }
    const double sum = packed.rows == 0 ? 0.0 : kernel(packed);
    unpack(packed.d_predictor, first_row, n, rows.d_predictor);
    for (std::size_t k = 0; k < family::max_dpars; ++k) {
      if (rows.dpar_rows[k] != nullptr) unpack(packed.d_dpar_rows[k], first_row, n, rows.d_dpar_rows[k]);
      rows.d_dpar[k] = packed.d_dpar[k];
    }
    return sum;
  }

  RowParameters parameters(const Row& row, const family::FamilyTile& rows, std::size_t i) const {
    RowParameters values;
    values.family = family_.id;
    values.discrete = discrete_;
    values.mu = row.mu;
    for (std::size_t k = 0; k < family::max_dpars; ++k)
      values.dpar[k] = rows.dpar_rows[k] == nullptr ? rows.dpar[k] : rows.dpar_rows[k][i];
    if (rows.trials != nullptr) values.trials = rows.trials[i];
    return values;
  }

  LogProbability censored(const Row& row, const family::FamilyTile& rows, std::size_t i) const {
    const double upper = design_.response_upper.empty() ? 0.0 : design_.response_upper[row.position];
    return censored_probability(parameters(row, rows, i), design_.censored[row.position], rows.response[i], upper);
  }

  LogProbability truncation(const Row& row, const family::FamilyTile& rows, std::size_t i) const {
    const double infinity = std::numeric_limits<double>::infinity();
    const double lower = design_.truncation_lower.empty() ? -infinity : design_.truncation_lower[row.position];
    const double upper = design_.truncation_upper.empty() ? infinity : design_.truncation_upper[row.position];
    return truncation_probability(parameters(row, rows, i), lower, upper);
  }

  // Adds weight * term's derivatives to what the kernel left for the row; returns the weighted term.
  static double add(const LogProbability& term, double weight, const Row& row, family::FamilyTile& rows,
                    std::size_t i) {
    const double d_mu = term.derivative[0];
    if (d_mu != 0) rows.d_predictor[i] += weight * d_mu * row.slope;
    for (std::size_t k = 0; k < family::max_dpars; ++k) {
      if (rows.dpar_rows[k] == nullptr) {
        rows.d_dpar[k] += weight * term.derivative[k + 1];
      } else {
        rows.d_dpar_rows[k][i] += weight * term.derivative[k + 1];
      }
    }
    return weight * term.value;
  }

  const Design& design_;
  const family::FamilyInfo& family_;
  LinkPass mean_;  // null for the identity
  bool truncated_ = false, discrete_ = false;
  std::size_t mu_ = 0, slope_ = 0, packed_ = 0, scratch_size_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
