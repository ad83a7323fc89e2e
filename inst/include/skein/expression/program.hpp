// A flat program: instructions in order, loops over row tiles, and where everything lies in memory.
#ifndef SKEIN_EXPRESSION_PROGRAM_HPP
#define SKEIN_EXPRESSION_PROGRAM_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include "../parallel/reduce_sum.hpp"
#include "../util/aligned.hpp"
#include "operations.hpp"

namespace skein {
namespace expression {

// An index as gathers use it: padded elements, and for each source element the rows that read it.
struct IndexTable {
  std::vector<std::int32_t> padded;
  std::vector<std::uint32_t> start;  // source_length + 1
  std::vector<std::uint32_t>
      rows;  // empty if the index is sorted: the rows are start[k] .. start[k + 1] - 1 themselves
};

// A place in a strip's partial sums that belongs to `count` elements of the workspace.
struct Collected {
  std::uint64_t slot = 0;    // of the strip; 8 lanes an element
  std::uint64_t target = 0;  // workspace: 8 copies if scalar, else contiguous
  std::uint64_t count = 1;
  bool scalar = true;
};

// Row derivatives of a gather, to be summed by source element once a loop is done.
struct Scatter {
  const IndexTable* index = nullptr;
  std::uint64_t rows = 0;    // workspace: one derivative a row
  std::uint64_t target = 0;  // workspace: adjoint of the source
};

// Sums over `length` rows, tile by tile; what it needs from outside is in the workspace.
struct Loop {
  std::vector<Instruction> instructions;
  std::uint64_t length = 0;
  std::uint64_t tile_rows = 0;
  parallel::Strips strips;
  std::uint64_t strip_offset = 0, strip_size = 0;  // workspace
  std::vector<Collected> sums;                     // into values
  std::vector<Collected> derivatives;              // into adjoints
  std::vector<Scatter> scatters;
  bool fused = false;  // adjoints of all sums are known beforehand: backward runs with forward, tile by tile
};

// Either instructions first .. last - 1 or a loop.
struct Step {
  std::size_t first = 0, last = 0;
  bool is_loop = false;
  std::size_t loop = 0;
};

// Where the unconstrained coordinates of one parameter go.
struct ParameterSlot {
  std::uint64_t position = 0, length = 1;
  std::uint64_t value = 0, adjoint = 0;  // workspace
};

// One reported or returned node.
struct Result {
  Ref value;
  std::uint64_t length = 1;
  std::uint64_t adjoint = 0;  // workspace; meaningful for the target alone
  bool active = false;
};

struct Program {
  Layout layout = Layout::lanes;
  std::vector<Instruction> instructions;
  std::vector<Loop> loops;
  std::vector<Step> steps;
  std::vector<ParameterSlot> parameters;
  std::vector<Result> results;
  std::uint64_t adjoint_begin = 0, adjoint_end = 0;  // workspace, to be cleared
  std::uint64_t workspace_size = 0, scratch_size = 0;
  util::AlignedArray<double> constants;
  // Instructions point into these.
  std::vector<std::unique_ptr<IndexTable>> indices;
  std::vector<std::unique_ptr<std::vector<Part>>> parts;
};

}  // namespace expression
}  // namespace skein

#endif
