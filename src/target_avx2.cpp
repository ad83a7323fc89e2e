// The tile kernels compiled for the instruction set 'avx2'.
#include <skein/expression/kernel_table.hpp>
#include <skein/regression/kernel_table.hpp>

#if defined(__x86_64__)
#define SKEIN_TARGET 1
#include <skein/simd/begin_target.inc>
#include <skein/regression/kernel_table.inc>
#include <skein/expression/kernels.inc>
#include <skein/simd/end_target.inc>

const skein::regression::KernelTable* skein::regression::kernel_table_avx2() { return &skein::avx2::kernel_table; }
const skein::expression::KernelTable* skein::expression::kernel_table_avx2() {
  return &skein::avx2::expression_kernels;
}
#else
const skein::regression::KernelTable* skein::regression::kernel_table_avx2() { return nullptr; }
const skein::expression::KernelTable* skein::expression::kernel_table_avx2() { return nullptr; }
#endif
