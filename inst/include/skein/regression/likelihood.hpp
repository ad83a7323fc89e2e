// The likelihood of a tile of rows given its linear predictors: links of the distributional parameters, known errors,
// rates, the family, and the derivatives back.
#ifndef SKEIN_REGRESSION_LIKELIHOOD_HPP
#define SKEIN_REGRESSION_LIKELIHOOD_HPP

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "../family/constants.hpp"
#include "../family/registry.hpp"
#include "../family/tile.hpp"
#include "censoring.hpp"
#include "design.hpp"
#include "kernel_table.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

// Works on a FamilyTile in which linear predictors stand for what they predict: `predictor` is mu's, `dpar_rows[k]`
// that of parameter k (null where it is one natural value, `dpar[k]`). The derivatives are by the linear predictors and
// by dpar.
class Likelihood {
 public:
  // Throws std::invalid_argument for a family or link that the registries lack and for parameters that do not match.
  Likelihood(const Spec& spec, const Design& design, const KernelTable& kernels) : design_(design), kernels_(kernels) {
    info_ = family::find_family(spec.family);
    if (info_ == nullptr) throw std::invalid_argument("unknown family '" + spec.family + "'");
    if (spec.dpar_blocks.size() != info_->dpars.size())
      throw std::invalid_argument("family '" + spec.family + "' has other distributional parameters");
    n_dpars_ = info_->dpars.size();
    choose_kernel(spec);
    for (std::size_t p = 1; p < spec.predictors.size(); ++p) open_predictor(spec.predictors[p]);
    check_parameters(spec);
    plan_scratch();
  }

  const family::FamilyInfo& info() const { return *info_; }
  std::size_t scratch_size() const { return scratch_size_; }

  // Number of a parameter beyond mu, in the registry's order.
  std::size_t dpar_number(const std::string& dpar) const {
    for (std::size_t k = 0; k < n_dpars_; ++k)
      if (info_->dpars[k] == dpar) return k;
    throw std::invalid_argument("family '" + std::string(info_->name) + "' has no parameter '" + dpar + "'");
  }

  // Sum over the rows of weight * log density. Adds to the tile what the design knows of its rows, from position
  // first_row on.
  double run(family::FamilyTile& tile, std::size_t first_row, double* scratch) const {
    tile.response = design_.response.data() + first_row;
    if (!design_.trials.empty()) tile.trials = design_.trials.data() + first_row;
    if (!design_.weights.empty()) tile.weights = design_.weights.data() + first_row;
    if (plain_) return family_(tile);
    family::FamilyTile rows = tile;
    open(rows, first_row, scratch);
    const double sum =
        censoring_->any() ? censoring_->run(rows, first_row, family_, scratch + censoring_scratch_) : family_(rows);
    close(rows, first_row, scratch, tile);
    return sum;
  }

  // Weighted sum over the rows of what depends on the data alone; censored rows have no such part.
  double constant() const {
    const Column& y = design_.response;
    Column row(y.size());
    family::row_constants(kernel_info_->name, y.data(), design_.trials.data(), y.size(), row.data());
    double sum = 0;
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
        if (design_.censored.empty() || design_.censored[i] == 0)
          sum += design_.weights.empty() ? row[i] : row[i] * design_.weights[i];
    return sum;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // Natural values and their derivatives by what stood there before, in the scratch.
  struct Natural {
    std::size_t value = 0, slope = 0;
  };

  void choose_kernel(const Spec& spec) {
    if (spec.predictors.at(0).dpar != "mu") throw std::invalid_argument("the first predictor must be that of mu");
    const std::string& link = spec.predictors[0].link;
    std::string family = spec.family, kernel_link = link;
    const bool rated = !design_.rate.empty();
    // rate(d) multiplies the mean and what plays the part of the number of events: shape of negbinomial, the 1 of
    // geometric.
    if (rated && family == "geometric") {
      family = "negbinomial";
      fixed_ = 1;
    }
    if (rated && family == "negbinomial") own_ = 0;
    if (rated && link != "log") {
      log_mean_ = kernels_.find_log_mean_pass(link.c_str());
      if (log_mean_ == nullptr) throw std::invalid_argument("no rate with link '" + link + "'");
      kernel_link = "log";
    }
    if (!design_.se.empty()) own_ = dpar_number("sigma");
    kernel_info_ = family::find_family(family);
    family_ = kernels_.find_family_kernel(family.c_str(), kernel_link.c_str());
    if (kernel_info_ == nullptr || family_ == nullptr)
      throw std::invalid_argument("no kernel for family '" + spec.family + "' with link '" + link + "'");
    censoring_ = std::make_unique<Censoring>(design_, kernels_, *kernel_info_, kernel_link);
  }

  void open_predictor(const Predictor& predictor) {
    const std::size_t k = dpar_number(predictor.dpar);
    if (predicted_[k]) throw std::invalid_argument("'" + predictor.dpar + "' has two predictors");
    predicted_[k] = true;
    links_[k] = kernels_.find_link_pass(predictor.link.c_str());
    if (links_[k] == nullptr && predictor.link != "identity")
      throw std::invalid_argument("unknown link '" + predictor.link + "' of '" + predictor.dpar + "'");
    if (!family::is_zero_probability(predictor.dpar)) return;
    zero_ = k;
    complement_ = kernels_.find_complement_pass(predictor.link.c_str());
  }

  // Each parameter beyond mu is predicted, or has a block; sigma has neither where standard errors are known.
  void check_parameters(const Spec& spec) const {
    for (std::size_t k = 0; k < n_dpars_; ++k) {
      const bool absent = k == own_ && !design_.se.empty() && !spec.se_sigma;
      if ((spec.dpar_blocks[k] == no_block) != (predicted_[k] || absent))
        throw std::invalid_argument("parameter '" + info_->dpars[k] + "' must be predicted or have a block");
    }
  }

  void plan_scratch() {
    detail::Cutter cut;
    const std::size_t rows = design_.layout.max_tile_rows;
    for (std::size_t k = 0; k < n_dpars_; ++k)
      if (links_[k] != nullptr) linked_[k] = {cut.take(rows), cut.take(rows)};
    if (complement_ != nullptr) complement_rows_ = cut.take(rows);
    if (log_mean_ != nullptr) mean_ = {cut.take(rows), cut.take(rows)};
    if (own_ != none) {
      own_natural_ = {cut.take(rows), cut.take(rows)};
      own_derivative_ = cut.take(rows);
    }
    censoring_scratch_ = cut.take(censoring_->scratch_size());
    scratch_size_ = cut.size();
    plain_ = scratch_size_ == 0;
  }

  // From linear predictors to what the kernel reads.
  void open(family::FamilyTile& rows, std::size_t first_row, double* scratch) const {
    const std::size_t padded = util::round_up_8(rows.rows);
    if (complement_ != nullptr) {
      complement_(rows.dpar_rows[zero_], padded, scratch + complement_rows_);
      rows.complement_rows = repeat_last(rows.rows, scratch + complement_rows_);
    }
    for (std::size_t k = 0; k < n_dpars_; ++k) {
      if (links_[k] == nullptr) continue;
      links_[k](rows.dpar_rows[k], padded, scratch + linked_[k].value, scratch + linked_[k].slope);
      rows.dpar_rows[k] = repeat_last(rows.rows, scratch + linked_[k].value);
    }
    if (own_ != none) open_own(rows, first_row, padded, scratch);
    if (log_mean_ != nullptr) {
      log_mean_(rows.predictor, design_.rate.data() + first_row, padded, scratch + mean_.value, scratch + mean_.slope);
      rows.predictor = repeat_last(rows.rows, scratch + mean_.value);
    }
  }

  // Kernels want padding that is finite, and a link may be undefined at what stands there.
  static double* repeat_last(std::size_t rows, double* values) {
    std::fill(values + rows, values + util::round_up_8(rows), values[rows - 1]);
    return values;
  }

  // The parameter that the data make different for every row, be it predicted or not.
  void open_own(family::FamilyTile& rows, std::size_t first_row, std::size_t padded, double* scratch) const {
    const double one = fixed_ == 0 ? rows.dpar[own_] : fixed_;
    double* value = scratch + own_natural_.value;
    if (design_.se.empty()) {
      kernels_.multiply_rate(design_.rate.data() + first_row, rows.dpar_rows[own_], one, padded, value);
    } else {
      kernels_.join_errors(design_.se.data() + first_row, rows.dpar_rows[own_], one, padded, value,
                           scratch + own_natural_.slope);
    }
    rows.dpar_rows[own_] = repeat_last(rows.rows, value);
    if (rows.d_dpar_rows[own_] == nullptr) rows.d_dpar_rows[own_] = scratch + own_derivative_;
  }

  // The kernel's derivatives to those by linear predictors and scalars.
  void close(const family::FamilyTile& rows, std::size_t first_row, const double* scratch,
             family::FamilyTile& tile) const {
    const std::size_t padded = util::round_up_8(rows.rows);
    if (log_mean_ != nullptr) kernels_.multiply_slopes(scratch + mean_.slope, padded, tile.d_predictor);
    for (std::size_t k = 0; k < n_dpars_; ++k) tile.d_dpar[k] = rows.d_dpar[k];
    if (own_ != none) {
      const double* slope = design_.se.empty() ? design_.rate.data() + first_row : scratch + own_natural_.slope;
      if (tile.d_dpar_rows[own_] != nullptr) {
        kernels_.multiply_slopes(slope, padded, tile.d_dpar_rows[own_]);
      } else {
        tile.d_dpar[own_] = kernels_.sum_slopes(slope, scratch + own_derivative_, tile.rows);
      }
    }
    for (std::size_t k = 0; k < n_dpars_; ++k)
      if (links_[k] != nullptr) kernels_.multiply_slopes(scratch + linked_[k].slope, padded, tile.d_dpar_rows[k]);
  }

  const Design& design_;
  const KernelTable& kernels_;
  const family::FamilyInfo* info_ = nullptr;         // of the family that the user named
  const family::FamilyInfo* kernel_info_ = nullptr;  // of the one that computes
  family::FamilyKernel family_ = nullptr;
  std::unique_ptr<Censoring> censoring_;
  std::size_t n_dpars_ = 0;
  bool predicted_[family::max_dpars] = {};
  bool plain_ = true;                      // the kernel takes the tile as it is
  LinkPass links_[family::max_dpars] = {};  // of predicted parameters; null for the identity
  ComplementPass complement_ = nullptr;    // of the predicted probability of a zero
  std::size_t zero_ = none;                // its number
  LogMeanPass log_mean_ = nullptr;         // rate beside another link than log
  std::size_t own_ = none;                 // the parameter that known standard errors or the rate change row by row
  double fixed_ = 0;                       // its value beside them, where it is no parameter (0: it is one)
  Natural linked_[family::max_dpars], mean_, own_natural_;
  std::size_t complement_rows_ = 0, own_derivative_ = 0, censoring_scratch_ = 0;
  std::size_t scratch_size_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
