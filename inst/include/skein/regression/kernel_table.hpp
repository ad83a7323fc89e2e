// The tile kernels of one instruction set, as function pointers: what regression.hpp calls.
#ifndef SKEIN_REGRESSION_KERNEL_TABLE_HPP
#define SKEIN_REGRESSION_KERNEL_TABLE_HPP

#include <cstddef>
#include <cstdint>

#include "../family/registry.hpp"
#include "../family/tile.hpp"
#include "../simd/dispatch.hpp"
#include "../term/cells.hpp"
#include "../term/group.hpp"

namespace skein {
namespace regression {

// Inverse of a link over rows of a tile (rounded up to 8): values and derivatives by eta.
using LinkPass = void (*)(const double* eta, std::size_t rows, double* value, double* slope);

// The same for log(mean * rate) of counts.
using LogMeanPass = void (*)(const double* eta, const double* rate, std::size_t rows, double* value, double* slope);

// 1 less the inverse of a link of probabilities, in full relative precision.
using ComplementPass = void (*)(const double* eta, std::size_t rows, double* complement);

struct KernelTable {
  family::FamilyKernel (*find_family_kernel)(const char* family, const char* link);
  void (*population_forward)(const double* const* columns, std::size_t n_columns, std::size_t row, std::size_t rows,
                             const double* b, double intercept, const double* offset, double* predictor);
  double (*population_backward)(const double* const* columns, std::size_t n_columns, std::size_t row,
                                std::size_t rows, const double* v, double* gradient);
  void (*group_effects)(const term::GroupEffects&, const std::int32_t* slot_level, std::size_t n_slots, double* z,
                        double* r);
  void (*sorted_forward)(const term::SortedTile&, const double* const* design, std::size_t n_coefficients,
                         std::size_t row, const double* r, double* predictor);
  void (*sorted_backward)(const term::SortedTile&, const double* const* design, std::size_t n_coefficients,
                          std::size_t row, const double* v, double* d_r);
  void (*group_finish)(const term::GroupEffects&, const std::int32_t* slot_level, std::size_t n_slots,
                       const double* z, const double* d_r, const term::GroupSums&, double* gradient_z);
  void (*group_set_aside)(const term::SortedTile&, std::size_t n_coefficients, double* z, double* d_r,
                          double* partial, std::int32_t* level_out);
  void (*indexed_forward)(const std::int32_t* level, const double* const* design, term::Coefficients coefficients,
                          std::size_t row, std::size_t rows, const double* r, double* predictor);
  void (*cells_forward)(const term::CellTile&, const double* column, const double* effect, double* predictor);
  void (*cells_backward)(const term::CellTile&, const double* column, const double* v, double* copies,
                         double* d_effect);
  void (*gathered_backward)(const std::int32_t* start, const std::int32_t* row_of, const double* const* design,
                            std::size_t n_coefficients, std::size_t first_level, std::size_t n_levels,
                            std::size_t n_slots, const double* v, double* d_r);

  // group_effects and group_finish for terms whose A differs by by-level.
  void (*group_effects_by)(const term::GroupEffects&, const std::int32_t* slot_level, std::size_t n_slots, double* z,
                           double* r);
  void (*group_finish_by)(const term::GroupEffects&, const std::int32_t* slot_level, std::size_t n_slots,
                          const double* z, const double* d_r, const term::GroupSums&, double* gradient_z);

  // Null for the identity and for unknown names; see link_passes.inc.
  LinkPass (*find_link_pass)(const char* link);
  LogMeanPass (*find_log_mean_pass)(const char* link);
  void (*multiply_slopes)(const double* slope, std::size_t rows, double* derivative);
  void (*join_errors)(const double* se, const double* sigma, double one, std::size_t rows, double* value,
                      double* slope);
  void (*multiply_rate)(const double* rate, const double* factor, double one, std::size_t rows, double* value);
  double (*sum_slopes)(const double* slope, const double* derivative, std::size_t n);
  // Null for links that are not of probabilities only.
  ComplementPass (*find_complement_pass)(const char* link);
};

// Defined in one source file per instruction set; null where the compiler does not know the set.
const KernelTable* kernel_table_baseline();
const KernelTable* kernel_table_avx2();
const KernelTable* kernel_table_avx512();

inline const KernelTable& kernel_table(simd::InstructionSet set) {
  const KernelTable* table = nullptr;
  if (set == simd::InstructionSet::avx512) table = kernel_table_avx512();
  if (set == simd::InstructionSet::avx2) table = kernel_table_avx2();
  return table == nullptr ? *kernel_table_baseline() : *table;
}

}  // namespace regression
}  // namespace skein

#endif
