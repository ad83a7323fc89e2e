// The tile kernels compiled for the instruction set 'baseline'.
#include <skein/expression/kernel_table.hpp>
#include <skein/regression/kernel_table.hpp>

#define SKEIN_TARGET 0
#include <skein/simd/begin_target.inc>
#include <skein/regression/kernel_table.inc>
#include <skein/expression/kernels.inc>
#include <skein/simd/end_target.inc>

const skein::regression::KernelTable* skein::regression::kernel_table_baseline() {
  return &skein::baseline::kernel_table;
}
const skein::expression::KernelTable* skein::expression::kernel_table_baseline() {
  return &skein::baseline::expression_kernels;
}
