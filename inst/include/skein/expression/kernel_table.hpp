// The instruction kernels of one instruction set, as function pointers.
#ifndef SKEIN_EXPRESSION_KERNEL_TABLE_HPP
#define SKEIN_EXPRESSION_KERNEL_TABLE_HPP

#include "../family/registry.hpp"
#include "../simd/dispatch.hpp"
#include "operations.hpp"

namespace skein {
namespace expression {

struct KernelTable {
  InstructionKernel forward[n_operations];
  InstructionKernel backward[n_operations];
  family::FamilyKernel (*find_family_kernel)(const char* family, const char* link);
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

}  // namespace expression
}  // namespace skein

#endif
