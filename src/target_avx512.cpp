// The tile kernels compiled for the instruction set 'avx512'.
#include <skein/expression/kernel_table.hpp>
#include <skein/regression/kernel_table.hpp>

#if defined(__x86_64__)
#define SKEIN_TARGET 2
#include <skein/simd/begin_target.inc>
#include <skein/regression/kernel_table.inc>
#include <skein/expression/kernels.inc>
#include <skein/simd/end_target.inc>

const skein::regression::KernelTable* skein::regression::kernel_table_avx512() { return &skein::avx512::kernel_table; }
const skein::expression::KernelTable* skein::expression::kernel_table_avx512() {
  return &skein::avx512::expression_kernels;
}
#else
const skein::regression::KernelTable* skein::regression::kernel_table_avx512() { return nullptr; }
const skein::expression::KernelTable* skein::expression::kernel_table_avx512() { return nullptr; }
#endif
