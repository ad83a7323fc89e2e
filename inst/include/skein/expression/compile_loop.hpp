// The loops of a program: sums over rows, with everything that exists tile by tile.
#ifndef SKEIN_EXPRESSION_COMPILE_LOOP_HPP
#define SKEIN_EXPRESSION_COMPILE_LOOP_HPP

#include "compile.hpp"

namespace skein {
namespace expression {

// Doubles that the buffers of one tile may take: with the data they pass through, in a level-1 cache.
constexpr std::uint64_t tile_doubles = 3072;
constexpr std::uint64_t max_tile_rows = 256;

inline void Compiler::emit_loops(std::uint32_t level) {
  std::map<std::pair<std::uint32_t, bool>, std::vector<Id>> groups;
  for (Id id = 0; id < graph_.size(); ++id) {
    if (!places_[id].placed || analysis_.level(id) != level || !analysis_.is_loop_sum(id)) continue;
    groups[{analysis_.n_rows(id), analysis_.adjoint_known(id)}].push_back(id);
  }
  for (const auto& group : groups) {
    program_.loops.push_back(make_loop(group.second, group.first.second));
    Step step;
    step.is_loop = true;
    step.loop = program_.loops.size() - 1;
    program_.steps.push_back(step);
  }
}

// Row nodes that these sums need, arguments first.
inline std::vector<Id> Compiler::loop_members(const std::vector<Id>& sums) const {
  std::vector<bool> needed(graph_.size(), false);
  for (const Id sum : sums) needed[sum] = true;
  std::vector<Id> members;
  for (std::size_t k = graph_.size(); k-- > 0;) {
    const Id id = static_cast<Id>(k);
    if (!needed[id]) continue;
    for (const Id argument : graph_.node(id).arguments)
      if (analysis_.row(argument)) needed[argument] = true;
    if (analysis_.row(id)) members.push_back(id);
  }
  std::reverse(members.begin(), members.end());
  return members;
}

inline Ref Compiler::tile_buffer(const Loop& loop) {
  Ref ref{tile_size_, Space::tile, false};
  tile_size_ += loop.tile_rows;
  return ref;
}

inline Loop Compiler::make_loop(const std::vector<Id>& sums, bool fused) {
  Loop loop;
  loop.fused = fused;
  loop.length = analysis_.n_rows(sums[0]);
  members_.clear();
  slots_.clear();
  tile_size_ = 0;
  const std::vector<Id> members = loop_members(sums);
  std::uint64_t n_buffers = 1;
  for (const Id id : members) n_buffers += 1 + (analysis_.active(id) ? 1 : 0);
  for (const Id id : sums) n_buffers += graph_.node(id).arguments.size();
  const std::uint64_t rows = tile_doubles / n_buffers / 32 * 32;
  loop.tile_rows = std::min(max_tile_rows, std::max<std::uint64_t>(rows, 32));
  place_members(loop, members);
  for (const Id id : members) emit_member(loop, id);
  for (const Id id : sums) emit_sum(loop, id);
  mark_first_writers(loop);
  loop.strips = parallel::Strips((loop.length + loop.tile_rows - 1) / loop.tile_rows);
  loop.strip_offset = program_.workspace_size;
  program_.workspace_size += loop.strip_size * loop.strips.n_strips;
  program_.scratch_size = std::max(program_.scratch_size, tile_size_);
  return loop;
}

// The adjoint of a gather is one array over all rows: once the loop is done, source elements sum theirs.
inline void Compiler::place_members(Loop& loop, const std::vector<Id>& members) {
  for (const Id id : members) {
    Place place;
    place.value = tile_buffer(loop);
    place.placed = true;
    if (analysis_.active(id)) {
      const Node& node = graph_.node(id);
      if (node.operation == Operation::gather) {
        place.adjoint = {program_.workspace_size, Space::workspace, true};
        program_.workspace_size += util::round_up_8(loop.length);
        loop.scatters.push_back({index_table(node), place.adjoint.offset, places_[node.arguments[0]].adjoint.offset});
      } else {
        place.adjoint = tile_buffer(loop);
      }
    }
    members_[id] = place;
  }
}

// An argument of a tile instruction: a row node, data or a whole vector at the tile's rows, or something outside the
// rows whose derivative the strip collects.
inline Operand Compiler::tile_operand(Loop& loop, Id id, bool by_element) {
  Operand out;
  out.active = analysis_.active(id);
  const auto member = members_.find(id);
  if (member != members_.end()) {
    out.value = member->second.value;
    out.adjoint = member->second.adjoint;
    return out;
  }
  const bool scalar = graph_.length(id) == 1;
  out.scalar = scalar;
  if (graph_.is_constant(id)) {
    out.value = constant_ref(id, !by_element);
    return out;
  }
  out.value = places_[id].value;
  out.adjoint = places_[id].adjoint;
  if (!scalar && !by_element) {
    out.value.advance = out.adjoint.advance = true;
    return out;
  }
  if (!out.active) return out;
  auto slot = slots_.find(id);
  if (slot == slots_.end()) {
    slot = slots_.emplace(id, loop.strip_size).first;
    loop.derivatives.push_back({loop.strip_size, places_[id].adjoint.offset, graph_.length(id), scalar});
    loop.strip_size += 8 * std::uint64_t(graph_.length(id));
  }
  out.adjoint = {slot->second, Space::strip, false};
  return out;
}

inline void Compiler::emit_member(Loop& loop, Id id) {
  const Node& node = graph_.node(id);
  Instruction out = instruction(id);
  out.value = members_[id].value;
  out.adjoint = members_[id].adjoint;
  out.n_arguments = node.arguments.size();
  for (std::size_t k = 0; k < node.arguments.size(); ++k) {
    if (node.operation == Operation::linear && k == 0) {
      out.arguments[k].value = matrix_ref(node, out.stride);
      out.arguments[k].value.advance = true;
    } else if (node.operation == Operation::gather) {
      out.arguments[k] = operand(node.arguments[k]);
    } else {
      out.arguments[k] = tile_operand(loop, node.arguments[k], node.operation == Operation::linear);
    }
    if (!analysis_.differentiates(id, k)) out.arguments[k].active = false;
  }
  if (node.operation == Operation::gather) out.index = index_table(node)->padded.data();
  loop.instructions.push_back(out);
}

inline void Compiler::emit_sum(Loop& loop, Id id) {
  const Node& node = graph_.node(id);
  Instruction out = instruction(id);
  out.value = {loop.strip_size, Space::strip, false};
  loop.sums.push_back({loop.strip_size, places_[id].value.offset, 1, true});
  loop.strip_size += 8;
  if (loop.fused)
    out.adjoint = {add_constants({analysis_.adjoint(id)}, true), Space::constants, false};
  else
    out.adjoint = places_[id].adjoint;
  out.n_arguments = node.arguments.size();
  for (std::size_t k = 0; k < node.arguments.size(); ++k)
    out.arguments[k] = tile_operand(loop, node.arguments[k], false);
  if (node.operation == Operation::family_sum) emit_family_sum(loop, out, id);
  loop.instructions.push_back(out);
}

inline void Compiler::emit_family_sum(Loop& loop, Instruction& out, Id id) {
  const Node& node = graph_.node(id);
  FamilyCall& call = out.family;
  call.kernel = node.family;
  call.response = constant_ref(node.response, true);
  call.has_trials = node.has_trials;
  call.has_weights = node.has_weights;
  if (node.has_trials) call.trials = constant_ref(node.trials, true);
  if (node.has_weights) call.weights = constant_ref(node.weights, true);
  for (std::size_t k = 0; k < node.arguments.size(); ++k)
    if (k == 0 || !out.arguments[k].scalar) call.slopes[k] = tile_buffer(loop);
  call.scalar_slopes = {tile_size_, Space::tile, false};
  tile_size_ += util::round_up_8(family::max_dpars);
}

// The last instruction that reads a row node is the first to write its adjoint. Strip slots start at zero instead.
inline void Compiler::mark_first_writers(Loop& loop) const {
  std::map<std::pair<Space, std::uint64_t>, bool> written;
  for (std::size_t k = loop.instructions.size(); k-- > 0;) {
    Instruction& one = loop.instructions[k];
    if (one.backward == nullptr) continue;
    for (std::size_t a = 0; a < one.n_arguments; ++a) {
      Operand& argument = one.arguments[a];
      if (!argument.active || argument.adjoint.space == Space::strip) continue;
      if (one.operation == Operation::gather) continue;
      // A whole vector's adjoint has been cleared, and instructions outside the loop add to it too.
      const bool is_row = argument.adjoint.space == Space::tile || argument.adjoint.offset >= program_.adjoint_end;
      if (!is_row) continue;
      bool& seen = written[{argument.adjoint.space, argument.adjoint.offset}];
      argument.fresh = !seen;
      seen = true;
    }
    if (one.operation == Operation::family_sum && loop.fused && one.arguments[0].active && one.arguments[0].fresh) {
      const Ref& g = one.adjoint;
      if (constants_[g.offset] == 1) {
        one.family.direct = true;
        one.family.slopes[0] = one.arguments[0].adjoint;
      }
    }
  }
}

}  // namespace expression
}  // namespace skein

#endif
