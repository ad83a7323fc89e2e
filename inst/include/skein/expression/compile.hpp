// From a lowered graph to a program: places in memory, instructions, loops over tiles.
#ifndef SKEIN_EXPRESSION_COMPILE_HPP
#define SKEIN_EXPRESSION_COMPILE_HPP

#include <map>
#include <tuple>

#include "analysis.hpp"
#include "program.hpp"

namespace skein {
namespace expression {

// Whether points should run in lanes: all vectors are short, and few elements in all, so that 8 points together stay in
// cache and one alone does not wait long for its 7 empty neighbours.
inline Layout choose_layout(const Graph& graph, const std::vector<Id>& roots) {
  constexpr std::size_t max_elements = 768;
  const Analysis analysis(graph, roots, Layout::lanes);
  std::size_t n_elements = 0;
  for (Id id = 0; id < graph.size(); ++id) {
    if (!analysis.live(id) || graph.is_constant(id)) continue;
    if (graph.length(id) > max_short_length || graph.is(id, Operation::family_sum)) return Layout::rows;
    n_elements += std::max<std::size_t>(
        graph.length(id), graph.node(id).arguments.empty() ? 1 : graph.length(graph.node(id).arguments[0]));
  }
  return n_elements > max_elements ? Layout::rows : Layout::lanes;
}

class Compiler {
 public:
  // results[0] of the program is the first root.
  Compiler(const Graph& graph, std::vector<Id> roots, Layout layout)
      : graph_(graph), roots_(std::move(roots)), analysis_(graph_, roots_, layout) {
    program_.layout = layout;
  }

  Program run();

 private:
  struct Place {
    Ref value, adjoint;
    bool placed = false;
  };

  bool lanes() const { return program_.layout == Layout::lanes; }
  // Doubles that a node takes outside tiles.
  std::uint64_t extent(std::uint32_t length) const {
    return lanes() || length == 1 ? 8 * std::uint64_t(length) : util::round_up_8(length);
  }
  Ref constant_ref(Id id, bool in_tile);
  Ref matrix_ref(const Node& node, std::uint64_t& stride);
  std::uint64_t add_constants(const std::vector<double>& values, bool repeat);
  const IndexTable* index_table(const Node& node);
  void place_globals();
  Instruction instruction(Id id) const;
  Operand operand(Id id);
  void emit_global(Id id);
  void finish();

  // Loops: compile_loop.hpp.
  void emit_loops(std::uint32_t level);
  Loop make_loop(const std::vector<Id>& sums, bool fused);
  std::vector<Id> loop_members(const std::vector<Id>& sums) const;
  void place_members(Loop& loop, const std::vector<Id>& members);
  Operand tile_operand(Loop& loop, Id id, bool by_element);
  void emit_member(Loop& loop, Id id);
  void emit_sum(Loop& loop, Id id);
  void emit_family_sum(Loop& loop, Instruction& out, Id id);
  void mark_first_writers(Loop& loop) const;
  Ref tile_buffer(const Loop& loop);

  const Graph& graph_;
  const std::vector<Id> roots_;
  const Analysis analysis_;
  Program program_;
  std::vector<Place> places_;
  std::vector<double> constants_;
  std::map<Id, std::uint64_t> constant_places_;
  std::map<Id, std::uint64_t> scalar_places_;
  std::map<std::vector<std::int32_t>, const IndexTable*> known_indices_;
  // Of the loop being compiled.
  std::map<Id, Place> members_;
  std::map<Id, std::uint64_t> slots_;
  std::uint64_t tile_size_ = 0;
};

// Constants in the layout of the program, aligned.
inline std::uint64_t Compiler::add_constants(const std::vector<double>& values, bool repeat) {
  const std::uint64_t offset = constants_.size();
  for (const double value : values) constants_.insert(constants_.end(), repeat ? 8 : 1, value);
  while (constants_.size() % 8 != 0) constants_.push_back(values.back());
  return offset;
}

inline Ref Compiler::constant_ref(Id id, bool in_tile) {
  const bool repeat = lanes() || graph_.length(id) == 1;
  const auto found = constant_places_.find(id);
  const std::uint64_t offset =
      found != constant_places_.end() ? found->second : add_constants(graph_.values(id), repeat);
  constant_places_[id] = offset;
  return {offset, Space::constants, in_tile && !repeat};
}

// The data matrix of a linear node, each column aligned and padded.
inline Ref Compiler::matrix_ref(const Node& node, std::uint64_t& stride) {
  const std::vector<double>& all = graph_.values(node.arguments[0]);
  const std::uint64_t offset = constants_.size();
  for (std::uint32_t k = 0; k < node.n_inner; ++k)
    add_constants({all.begin() + std::size_t(k) * node.n_rows, all.begin() + std::size_t(k + 1) * node.n_rows},
                  lanes());
  stride = lanes() ? 8 * std::uint64_t(node.n_rows) : util::round_up_8(node.n_rows);
  return {offset, Space::constants, false};
}

inline const IndexTable* Compiler::index_table(const Node& node) {
  const auto found = known_indices_.find(node.index);
  if (found != known_indices_.end()) return found->second;
  std::unique_ptr<IndexTable> table(new IndexTable);
  const std::size_t n_source = graph_.length(node.arguments[0]);
  table->padded = node.index;
  while (table->padded.size() % 8 != 0) table->padded.push_back(node.index.back());
  table->start.assign(n_source + 1, 0);
  for (const std::int32_t i : node.index) ++table->start[static_cast<std::size_t>(i) + 1];
  for (std::size_t k = 0; k < n_source; ++k) table->start[k + 1] += table->start[k];
  if (!std::is_sorted(node.index.begin(), node.index.end())) {
    table->rows.resize(node.index.size());
    std::vector<std::uint32_t> next(table->start.begin(), table->start.end() - 1);
    for (std::size_t r = 0; r < node.index.size(); ++r)
      table->rows[next[node.index[r]]++] = static_cast<std::uint32_t>(r);
  }
  program_.indices.push_back(std::move(table));
  return known_indices_[node.index] = program_.indices.back().get();
}

// Values, then adjoints in the same order, so that one fill clears these.
inline void Compiler::place_globals() {
  places_.resize(graph_.size());
  std::uint64_t size = 0;
  const auto is_global = [&](Id id) { return analysis_.live(id) && !graph_.is_constant(id) && !analysis_.row(id); };
  for (Id id = 0; id < graph_.size(); ++id) {
    if (!is_global(id)) continue;
    places_[id].value.offset = size;
    places_[id].placed = true;
    size += extent(graph_.length(id));
  }
  program_.adjoint_begin = size;
  for (Id id = 0; id < graph_.size(); ++id) {
    if (!is_global(id) || !analysis_.active(id)) continue;
    places_[id].adjoint.offset = size;
    size += extent(graph_.length(id));
  }
  program_.adjoint_end = program_.workspace_size = size;
}

// What does not depend on where it runs.
inline Instruction Compiler::instruction(Id id) const {
  const Node& node = graph_.node(id);
  Instruction out;
  out.operation = node.operation;
  out.forward = graph_.kernels().forward[static_cast<std::size_t>(node.operation)];
  if (analysis_.active(id)) out.backward = graph_.kernels().backward[static_cast<std::size_t>(node.operation)];
  const bool is_reduction = node.operation == Operation::sum || node.operation == Operation::product;
  out.length = is_reduction ? graph_.length(node.arguments[0]) : node.length;
  out.blocks = lanes() ? out.length : (out.length + 7) / 8;
  out.immediate[0] = node.immediate[0];
  out.immediate[1] = node.immediate[1];
  out.n_inner = node.n_inner;
  out.stride = node.n_rows;
  return out;
}

inline Operand Compiler::operand(Id id) {
  Operand out;
  out.active = analysis_.active(id);
  if (graph_.is_constant(id)) {
    out.value = constant_ref(id, false);
  } else {
    out.value = places_[id].value;
    out.adjoint = places_[id].adjoint;
  }
  return out;
}

inline void Compiler::emit_global(Id id) {
  const Node& node = graph_.node(id);
  if (node.operation == Operation::parameter) {
    program_.parameters.push_back({node.position, node.length, places_[id].value.offset, places_[id].adjoint.offset});
    return;
  }
  Instruction out = instruction(id);
  out.value = places_[id].value;
  out.adjoint = places_[id].adjoint;
  if (node.operation == Operation::combine) {
    std::unique_ptr<std::vector<Part>> parts(new std::vector<Part>);
    for (const ElementRef& ref : node.elements) {
      const Operand source = operand(ref.node);
      Part part{source.value, source.adjoint, source.active, graph_.length(ref.node) == 1};
      const std::uint64_t shift = (lanes() ? 8 : 1) * std::uint64_t(ref.element);
      part.value.offset += shift;
      part.adjoint.offset += shift;
      parts->push_back(part);
    }
    out.parts = parts->data();
    program_.parts.push_back(std::move(parts));
  } else {
    out.n_arguments = node.arguments.size();
    for (std::size_t k = 0; k < node.arguments.size(); ++k) {
      const Id argument = node.arguments[k];
      if (node.operation == Operation::linear && k == 0)
        out.arguments[k].value = matrix_ref(node, out.stride);
      else
        out.arguments[k] = operand(argument);
      out.arguments[k].scalar = node.length > 1 && graph_.length(argument) == 1;
      if (!analysis_.differentiates(id, k)) out.arguments[k].active = false;
    }
    if (node.operation == Operation::gather) {
      out.index = index_table(node)->padded.data();
      out.source_length = graph_.length(node.arguments[0]);
    }
  }
  program_.instructions.push_back(out);
}

inline Program Compiler::run() {
  place_globals();
  std::uint32_t n_levels = 1;
  for (Id id = 0; id < graph_.size(); ++id)
    if (analysis_.live(id)) n_levels = std::max(n_levels, analysis_.level(id) + 1);
  for (std::uint32_t level = 0; level < n_levels; ++level) {
    Step segment;
    segment.first = program_.instructions.size();
    for (Id id = 0; id < graph_.size(); ++id)
      if (places_[id].placed && analysis_.level(id) == level && !analysis_.is_loop_sum(id)) emit_global(id);
    segment.last = program_.instructions.size();
    if (segment.last > segment.first) program_.steps.push_back(segment);
    emit_loops(level);
  }
  finish();
  return std::move(program_);
}

inline void Compiler::finish() {
  for (const Id root : roots_) {
    const Operand source = operand(root);
    program_.results.push_back({source.value, graph_.length(root), source.adjoint.offset, source.active});
  }
  program_.constants = util::AlignedArray<double>(constants_.size());
  std::copy(constants_.begin(), constants_.end(), program_.constants.data());
  program_.workspace_size = util::round_up_8(program_.workspace_size);
}

}  // namespace expression
}  // namespace skein

#include "compile_loop.hpp"

#endif
