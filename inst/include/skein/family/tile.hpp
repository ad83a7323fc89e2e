// What a family kernel sees of a row tile: responses and predictors in, derivatives out.
#ifndef SKEIN_FAMILY_TILE_HPP
#define SKEIN_FAMILY_TILE_HPP

#include <cstddef>

namespace skein {
namespace family {

constexpr std::size_t max_dpars = 4;  // distributional parameters beyond mu, of any one family

// A tile of `rows` observations. All row arrays are 64-byte aligned and readable and writable up to the next
// multiple of 8; what stands in those padding rows is finite but meaningless, and must enter no sum.
struct FamilyTile {
  std::size_t rows = 0;
  const double* response = nullptr;
  const double* trials = nullptr;        // binomial: number of trials; otherwise null
  const double* weights = nullptr;       // likelihood weights; null means 1
  const double* row_constant = nullptr;  // log density terms that depend on the data alone, unweighted, one per row
  const double* predictor = nullptr;     // linear predictor of mu, on the link scale
  double* d_predictor = nullptr;         // out: derivative of the weighted log density by predictor

  // Distributional parameters beyond mu in the order of the family's registry entry. A parameter is either one
  // value for all rows (dpar_rows[k] null, dpar[k] on its natural scale) or one natural-scale value a row.
  const double* dpar_rows[max_dpars] = {};
  double dpar[max_dpars] = {};
  double* d_dpar_rows[max_dpars] = {};  // out, where dpar_rows is set: derivative by the natural-scale value
  double d_dpar[max_dpars] = {};        // out, where dpar_rows is null: derivative summed over rows

  // 1 - p of each row's probability p of a zero (zi, hu), in full relative precision; null: taken from p itself. The
  // derivative by p then stands for that along p and 1 - p together.
  const double* complement_rows = nullptr;

  // Out, unless null as in sampling: each row's log density, its row constant included, unweighted.
  double* row_log_density = nullptr;
};

// Sum over the rows of weight * log density, constants included. Sets d_predictor and d_dpar (or d_dpar_rows).
using FamilyKernel = double (*)(FamilyTile& tile);

}  // namespace family
}  // namespace skein

#endif
