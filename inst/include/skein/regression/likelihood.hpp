// The likelihood of a tile of rows given its linear predictors: links of the distributional parameters, known errors,
// rates, the family, and the derivatives back.
#ifndef SKEIN_REGRESSION_LIKELIHOOD_HPP
#define SKEIN_REGRESSION_LIKELIHOOD_HPP

#include <stdexcept>
#include <string>
#include <vector>

#include "../family/constants.hpp"
#include "../family/registry.hpp"
#include "../family/tile.hpp"
#include "design.hpp"
#include "kernel_table.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

// Parameters of a family by number: 0 is mu, k + 1 the registry's parameter k beyond mu.
constexpr std::size_t max_parameters = 1 + family::max_dpars;

// What a tile hands over and gets back. A parameter with its own linear predictor has `predictor` and `derivative`,
// max_tile_rows each; another one is the natural value `dpar[k]` for all rows.
struct LikelihoodTile {
  std::size_t first_row = 0, rows = 0;
  double* predictor[max_parameters] = {};   // linear predictors; spoiled
  double* derivative[max_parameters] = {};  // out: derivative of the weighted log density by the linear predictor
  double dpar[family::max_dpars] = {};
  double d_dpar[family::max_dpars] = {};      // out: derivative by dpar, summed over the rows
  const double* row_constant = nullptr;       // of the tile's rows; null leaves the constants out
  double* row_log_density = nullptr;          // out, unless null: of each row, unweighted
};

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

  // Number (as in LikelihoodTile) of the parameter that a predictor's dpar names.
  std::size_t parameter_of(const std::string& dpar) const {
    if (dpar == "mu") return 0;
    for (std::size_t k = 0; k < info_->dpars.size(); ++k)
      if (info_->dpars[k] == dpar) return k + 1;
    throw std::invalid_argument("family '" + std::string(info_->name) + "' has no parameter '" + dpar + "'");
  }

  // Sum over the rows of weight * log density.
  double run(LikelihoodTile& tile, double* scratch) const {
    family::FamilyTile rows = family_tile(tile);
    open(tile, rows, scratch);
    const double sum = family_(rows);
    close(tile, rows, scratch);
    return sum;
  }

  // The part of each row's log density that depends on the data alone, by position; 0 in padding.
  Column row_constants() const {
    const Column& y = design_.response;
    Column all(y.size()), out(y.size());
    family::row_constants(kernel_info_->name, y.data(), design_.trials.data(), y.size(), all.data());
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i) out[i] = all[i];
    return out;
  }

  // Their weighted sum.
  double constant() const {
    const Column row = row_constants();
    double sum = 0;
    for (const Tile& tile : design_.layout.tiles)
      for (std::size_t i = tile.first_row; i < tile.first_row + tile.rows; ++i)
        sum += design_.weights.empty() ? row[i] : row[i] * design_.weights[i];
    return sum;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // A link that the regression undoes: value = f(eta), slope = f'(eta), with the slopes at `slope` in the scratch.
  struct Link {
    LinkPass pass = nullptr;
    std::size_t slope = 0;
  };

  void choose_kernel(const Spec& spec) {
    const std::string& link = spec.predictors.at(0).link;
    std::string family = spec.family, kernel_link = link;
    const bool rated = !design_.rate.empty();
    // rate(d) multiplies the mean and what plays the part of the number of events: shape of negbinomial, the 1 of geometric.
    if (rated && family == "geometric") {
      family = "negbinomial";
      fixed_ = 1;
    }
    if (rated && family == "negbinomial") scaled_ = 0;
    if (rated && link != "log") {
      log_mean_ = kernels_.find_log_mean_pass(link.c_str());
      if (log_mean_ == nullptr) throw std::invalid_argument("no rate with link '" + link + "'");
      kernel_link = "log";
    }
    if (!design_.se.empty()) joined_ = parameter_of("sigma") - 1;
    kernel_info_ = family::find_family(family);
    family_ = kernels_.find_family_kernel(family.c_str(), kernel_link.c_str());
    if (kernel_info_ == nullptr || family_ == nullptr)
      throw std::invalid_argument("no kernel for family '" + spec.family + "' with link '" + link + "'");
  }

  void open_predictor(const Predictor& predictor) {
    const std::size_t number = parameter_of(predictor.dpar);
    if (number == 0 || predicted_[number - 1])
      throw std::invalid_argument("'" + predictor.dpar + "' has two predictors");
    const std::size_t k = number - 1;
    predicted_[k] = true;
    links_[k].pass = kernels_.find_link_pass(predictor.link.c_str());
    if (links_[k].pass == nullptr && predictor.link != "identity")
      throw std::invalid_argument("unknown link '" + predictor.link + "' of '" + predictor.dpar + "'");
  }

  // Each parameter beyond mu is predicted, or has a block; sigma has neither where standard errors are known.
  void check_parameters(const Spec& spec) const {
    for (std::size_t k = 0; k < n_dpars_; ++k) {
      const bool absent = k == joined_ && !spec.se_sigma;
      if ((spec.dpar_blocks[k] == no_block) != (predicted_[k] || absent))
        throw std::invalid_argument("parameter '" + info_->dpars[k] + "' must be predicted or have a block");
    }
  }

  void plan_scratch() {
    detail::Cutter cut;
    const std::size_t rows = design_.layout.max_tile_rows;
    for (Link& link : links_)
      if (link.pass != nullptr) link.slope = cut.take(rows);
    if (log_mean_ != nullptr) mean_slope_ = cut.take(rows);
    if (joined_ != none || scaled_ != none) {
      own_value_ = cut.take(rows);
      own_slope_ = cut.take(rows);
      own_derivative_ = cut.take(rows);
    }
    scratch_size_ = cut.size();
  }

  family::FamilyTile family_tile(const LikelihoodTile& tile) const {
    family::FamilyTile rows;
    rows.rows = tile.rows;
    rows.response = design_.response.data() + tile.first_row;
    if (!design_.trials.empty()) rows.trials = design_.trials.data() + tile.first_row;
    if (!design_.weights.empty()) rows.weights = design_.weights.data() + tile.first_row;
    rows.row_constant = tile.row_constant;
    rows.row_log_density = tile.row_log_density;
    rows.predictor = tile.predictor[0];
    rows.d_predictor = tile.derivative[0];
    for (std::size_t k = 0; k < n_dpars_; ++k) rows.dpar[k] = tile.dpar[k];
    if (fixed_ != 0) rows.dpar[0] = fixed_;
    return rows;
  }

  // From linear predictors to what the kernel reads.
  void open(const LikelihoodTile& tile, family::FamilyTile& rows, double* scratch) const {
    const std::size_t padded = util::round_up_8(tile.rows);
    for (std::size_t k = 0; k < n_dpars_; ++k) {
      double* predictor = tile.predictor[k + 1];
      if (predictor == nullptr) continue;
      if (links_[k].pass != nullptr) links_[k].pass(predictor, padded, predictor, scratch + links_[k].slope);
      rows.dpar_rows[k] = predictor;
      rows.d_dpar_rows[k] = tile.derivative[k + 1];
    }
    if (joined_ != none) {
      kernels_.join_errors(design_.se.data() + tile.first_row, rows.dpar_rows[joined_], rows.dpar[joined_], padded,
                           scratch + own_value_, scratch + own_slope_);
      take_own(rows, joined_, scratch);
    }
    if (scaled_ != none) {
      kernels_.multiply_rate(design_.rate.data() + tile.first_row, rows.dpar_rows[scaled_], rows.dpar[scaled_], padded,
                             scratch + own_value_);
      take_own(rows, scaled_, scratch);
    }
    if (log_mean_ != nullptr)
      log_mean_(tile.predictor[0], design_.rate.data() + tile.first_row, padded, tile.predictor[0],
                scratch + mean_slope_);
  }

  // A parameter that the data make different for every row, be it predicted or not.
  void take_own(family::FamilyTile& rows, std::size_t k, double* scratch) const {
    rows.dpar_rows[k] = scratch + own_value_;
    if (rows.d_dpar_rows[k] == nullptr) rows.d_dpar_rows[k] = scratch + own_derivative_;
  }

  // The kernel's derivatives to those by linear predictors and scalars.
  void close(LikelihoodTile& tile, const family::FamilyTile& rows, const double* scratch) const {
    const std::size_t padded = util::round_up_8(tile.rows);
    if (log_mean_ != nullptr) kernels_.multiply_slopes(scratch + mean_slope_, padded, tile.derivative[0]);
    for (std::size_t k = 0; k < n_dpars_; ++k) tile.d_dpar[k] = rows.d_dpar[k];
    if (joined_ != none) give_own(tile, joined_, scratch + own_slope_, scratch);
    if (scaled_ != none && fixed_ == 0) give_own(tile, scaled_, design_.rate.data() + tile.first_row, scratch);
    for (std::size_t k = 0; k < n_dpars_; ++k)
      if (links_[k].pass != nullptr)
        kernels_.multiply_slopes(scratch + links_[k].slope, padded, tile.derivative[k + 1]);
  }

  void give_own(LikelihoodTile& tile, std::size_t k, const double* slope, const double* scratch) const {
    if (tile.derivative[k + 1] != nullptr) {
      kernels_.multiply_slopes(slope, util::round_up_8(tile.rows), tile.derivative[k + 1]);
    } else {
      tile.d_dpar[k] = kernels_.sum_slopes(slope, scratch + own_derivative_, tile.rows);
    }
  }

  const Design& design_;
  const KernelTable& kernels_;
  const family::FamilyInfo* info_ = nullptr;         // of the family that the user named
  const family::FamilyInfo* kernel_info_ = nullptr;  // of the one that computes
  family::FamilyKernel family_ = nullptr;
  std::size_t n_dpars_ = 0;
  bool predicted_[family::max_dpars] = {};
  Link links_[family::max_dpars];
  LogMeanPass log_mean_ = nullptr;  // rate beside another link than log
  std::size_t joined_ = none;       // the parameter that known standard errors join
  std::size_t scaled_ = none;       // the parameter that the rate multiplies
  double fixed_ = 0;                // geometric with rate: shape before the rate
  std::size_t mean_slope_ = 0, own_value_ = 0, own_slope_ = 0, own_derivative_ = 0;
  std::size_t scratch_size_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
