// The operations of an expression program: their names, their kinds and the flat instructions that kernels run.
#ifndef SKEIN_EXPRESSION_OPERATIONS_HPP
#define SKEIN_EXPRESSION_OPERATIONS_HPP

#include <cstddef>
#include <cstdint>

#include "../family/tile.hpp"

// Elementwise functions of one argument. half_step(a) = lgamma(a + 1/2) - lgamma(a) - log(a) / 2.
#define SKEIN_UNARY_OPERATIONS(X) \
  X(exp)                          \
  X(expm1)                        \
  X(log)                          \
  X(log1p)                        \
  X(log1p_exp)                    \
  X(log1m_exp)                    \
  X(inv_logit)                    \
  X(sqrt)                         \
  X(square)                       \
  X(inverse)                      \
  X(abs)                          \
  X(sin)                          \
  X(cos)                          \
  X(tan)                          \
  X(tanh)                         \
  X(atan)                         \
  X(lgamma)                       \
  X(digamma)                      \
  X(normal_cdf)                   \
  X(normal_log_cdf)               \
  X(half_step)

// Elementwise functions of two arguments. multiply_log(a, b) = a log(b), 0 at a = b = 0; log_rising(y, a) =
// lgamma(y + a) - lgamma(a), y without a derivative; comparisons give 1 or 0 and have derivative 0.
#define SKEIN_BINARY_OPERATIONS(X) \
  X(add)                           \
  X(subtract)                      \
  X(multiply)                      \
  X(divide)                        \
  X(power)                         \
  X(multiply_log)                  \
  X(log_rising)                    \
  X(less)                          \
  X(less_equal)                    \
  X(equal)

// affine(x) = immediate[0] x + immediate[1]; select(c, a, b) = a where c is not 0, else b; spread repeats a scalar;
// gather reads elements of one vector, combine those of several nodes; linear is data times vector.
#define SKEIN_OTHER_OPERATIONS(X) \
  X(affine)                       \
  X(select)                       \
  X(spread)                       \
  X(sum)                          \
  X(product)                      \
  X(cumsum)                       \
  X(gather)                       \
  X(combine)                      \
  X(linear)                       \
  X(matmul)                       \
  X(family_sum)

namespace skein {
namespace expression {

#define SKEIN_OPERATION_NAME(name) name,
enum class Operation : std::uint8_t {
  constant,
  parameter,
  density,  // a named log density, lowered to other operations before a program is made
  SKEIN_OTHER_OPERATIONS(SKEIN_OPERATION_NAME) SKEIN_UNARY_OPERATIONS(SKEIN_OPERATION_NAME)
      SKEIN_BINARY_OPERATIONS(SKEIN_OPERATION_NAME) count_
};
#undef SKEIN_OPERATION_NAME

constexpr std::size_t n_operations = static_cast<std::size_t>(Operation::count_);

// How an element is stored. lanes: 8 doubles, one a point. rows: vectors contiguous, padded to a multiple of 8 by
// copies of the last element; scalars as 8 copies. tile: as rows, for the rows of one tile of a loop.
enum class Layout : std::uint8_t { lanes, rows, tile };

enum class Space : std::uint8_t { workspace, constants, tile, strip };
constexpr std::size_t n_spaces = 4;

// A place in one of the spaces, in doubles; `advance` adds the first row of the tile.
struct Ref {
  std::uint64_t offset = 0;
  Space space = Space::workspace;
  bool advance = false;
};

struct Operand {
  Ref value;
  Ref adjoint;
  bool scalar = false;  // one value for all elements of a vector instruction
  bool active = false;  // has an adjoint
  bool fresh = false;   // the first to write its adjoint: stores where others add
};

// An element of a combine: where its value and its adjoint are, and whether rows layout keeps 8 copies.
struct Part {
  Ref value;
  Ref adjoint;
  bool active = false;
  bool scalar = false;
};

constexpr std::size_t max_arguments = 3;

struct Frame;
struct Instruction;
using InstructionKernel = void (*)(const Instruction&, const Frame&);

// Sum of a family's log density over a tile: argument 0 is the predictor of mu, 1 and 2 are further parameters.
struct FamilyCall {
  family::FamilyKernel kernel = nullptr;
  Ref response, trials, weights;
  bool has_trials = false, has_weights = false;
  Ref slopes[max_arguments];  // derivatives by row arguments; argument 0 always has them
  Ref scalar_slopes;          // max_dpars doubles
  bool direct = false;        // slopes[0] is the predictor's adjoint itself: the sum's adjoint is 1
};

struct Instruction {
  InstructionKernel forward = nullptr;
  InstructionKernel backward = nullptr;
  Operation operation = Operation::constant;
  std::uint64_t length = 1;  // elements of the result; of the argument for sum and product
  std::uint64_t blocks = 1;  // vectors of 8 that hold them
  Ref value;
  Ref adjoint;
  std::size_t n_arguments = 0;
  Operand arguments[max_arguments];
  double immediate[2] = {0, 0};
  const std::int32_t* index = nullptr;  // gather: the element of the source for each element
  std::uint64_t source_length = 0;      // gather: elements of the source
  std::uint64_t n_inner = 0;            // linear, matmul: columns of the left matrix
  std::uint64_t stride = 0;             // linear: doubles from one column to the next
  const Part* parts = nullptr;          // combine
  FamilyCall family;
};

// Where an instruction runs.
struct Frame {
  double* base[n_spaces] = {};
  Layout layout = Layout::lanes;
  std::uint64_t first_row = 0;  // of the tile
  std::uint64_t rows = 0;       // of the tile; 0 outside loops
};

}  // namespace expression
}  // namespace skein

#endif
