// A graph of vector operations under construction: lengths, constant folding, simplification, common subexpressions.
#ifndef SKEIN_EXPRESSION_GRAPH_HPP
#define SKEIN_EXPRESSION_GRAPH_HPP

#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include "../util/aligned.hpp"
#include "kernel_table.hpp"
#include "node.hpp"

namespace skein {
namespace expression {

// Nodes can only be added. Equal operations on equal arguments are one node; operations on constants are evaluated at
// once by the kernels that would otherwise run them.
class Graph {
 public:
  explicit Graph(simd::InstructionSet set = simd::instruction_set()) : kernels_(&kernel_table(set)), set_(set) {}

  const Node& node(Id id) const { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }
  std::uint32_t length(Id id) const { return nodes_[id].length; }
  const KernelTable& kernels() const { return *kernels_; }
  simd::InstructionSet instruction_set() const { return set_; }

  bool is(Id id, Operation operation) const { return nodes_[id].operation == operation; }
  bool is_constant(Id id) const { return is(id, Operation::constant); }
  bool is_scalar_constant(Id id) const { return is_constant(id) && length(id) == 1; }
  const std::vector<double>& values(Id id) const { return constants_[nodes_[id].constant]; }
  double scalar(Id id) const { return values(id)[0]; }

  Id constant(std::vector<double> values);
  Id constant(double value) { return constant(std::vector<double>{value}); }
  Id parameter(std::uint32_t position, std::uint32_t length);
  Id unary(Operation operation, Id x);
  Id affine(Id x, double scale, double shift);
  Id binary(Operation operation, Id a, Id b);
  Id select(Id condition, Id a, Id b);
  Id reduce(Operation operation, Id x);  // sum, product, cumsum
  Id gather(Id source, std::vector<std::int32_t> index);
  Id combine(std::vector<ElementRef> elements);
  Id matmul(Id a, Id b, std::uint32_t n_rows, std::uint32_t n_inner);
  Id density(DensityId density, std::vector<Id> arguments);
  Id spread(Id x, std::uint32_t length);
  Id family_sum(Node node) { return insert(std::move(node)); }

  // Is the node known to be nowhere negative? Looks at most `depth` operations back: shared nodes are seen once per
  // path.
  bool is_nonnegative(Id id, int depth = 6) const;

 private:
  static std::string key(const Node& node);
  Id insert(Node node);
  Id fold(const Node& node);
  bool all_constant(const Node& node) const;
  std::uint32_t common_length(Id a, Id b) const;
  Id simplify_unary(Operation operation, Id x, bool& done);
  Id simplify_binary(Operation operation, Id a, Id b, bool& done);
  Id power(Id a, double exponent, bool& done);
  const Node& argument(Id id, std::size_t k = 0) const { return nodes_[nodes_[id].arguments[k]]; }
  Id argument_id(Id id, std::size_t k = 0) const { return nodes_[id].arguments[k]; }

  const KernelTable* kernels_;
  simd::InstructionSet set_;
  std::vector<Node> nodes_;
  std::vector<std::vector<double>> constants_;
  std::unordered_map<std::string, Id> known_;
};

inline std::string Graph::key(const Node& node) {
  std::string key;
  const auto append = [&key](const auto& value) { key.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  append(node.operation);
  append(node.length);
  for (const Id id : node.arguments) append(id);
  key.push_back('|');
  append(node.immediate[0]);
  append(node.immediate[1]);
  append(node.position);
  append(node.density);
  append(node.n_inner);
  append(node.n_rows);
  append(node.family);
  append(node.response);
  append(node.trials);
  append(node.weights);
  append(node.has_trials);
  append(node.has_weights);
  for (const std::int32_t i : node.index) append(i);
  for (const ElementRef& ref : node.elements) append(ref);
  return key;
}

inline Id Graph::insert(Node node) {
  std::string name = key(node);
  const auto found = known_.find(name);
  if (found != known_.end()) return found->second;
  const Id id = static_cast<Id>(nodes_.size());
  nodes_.push_back(std::move(node));
  known_.emplace(std::move(name), id);
  return id;
}

inline Id Graph::constant(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("a constant of length 0");
  Node node;
  node.length = static_cast<std::uint32_t>(values.size());
  std::string name(1, 'c');
  name.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  const auto found = known_.find(name);
  if (found != known_.end()) return found->second;
  node.constant = static_cast<std::uint32_t>(constants_.size());
  constants_.push_back(std::move(values));
  const Id id = static_cast<Id>(nodes_.size());
  nodes_.push_back(std::move(node));
  known_.emplace(std::move(name), id);
  return id;
}

inline Id Graph::parameter(std::uint32_t position, std::uint32_t length) {
  Node node;
  node.operation = Operation::parameter;
  node.position = position;
  node.length = length;
  return insert(std::move(node));
}

inline bool Graph::all_constant(const Node& node) const {
  for (const Id id : node.arguments)
    if (!is_constant(id)) return false;
  return true;
}

// Runs one instruction in lanes layout on copies of its arguments.
inline Id Graph::fold(const Node& node) {
  Instruction instruction;
  instruction.operation = node.operation;
  const std::size_t n_elements = is(node.arguments[0], Operation::constant) &&
                                         (node.operation == Operation::sum || node.operation == Operation::product)
                                     ? length(node.arguments[0])
                                     : node.length;
  instruction.length = instruction.blocks = n_elements;
  instruction.n_arguments = node.arguments.size();
  instruction.immediate[0] = node.immediate[0];
  instruction.immediate[1] = node.immediate[1];
  instruction.index = node.index.data();
  instruction.n_inner = node.n_inner;
  instruction.stride = node.n_rows;
  std::size_t size = 8 * node.length;
  for (const Id id : node.arguments) size += 8 * length(id);
  util::AlignedArray<double> memory(size);
  std::size_t offset = 8 * node.length;
  for (std::size_t k = 0; k < node.arguments.size(); ++k) {
    const std::vector<double>& from = values(node.arguments[k]);
    instruction.arguments[k].value.offset = offset;
    instruction.arguments[k].scalar = from.size() == 1 && n_elements > 1;
    for (const double value : from)
      for (int lane = 0; lane < 8; ++lane) memory[offset++] = value;
  }
  Frame frame;
  frame.base[static_cast<int>(Space::workspace)] = memory.data();
  kernels_->forward[static_cast<std::size_t>(node.operation)](instruction, frame);
  std::vector<double> result(node.length);
  for (std::size_t i = 0; i < node.length; ++i) result[i] = memory[8 * i];
  return constant(std::move(result));
}

inline std::uint32_t Graph::common_length(Id a, Id b) const {
  if (length(a) != length(b) && length(a) != 1 && length(b) != 1)
    throw std::invalid_argument("lengths differ and neither is 1");
  return length(a) == 1 ? length(b) : length(a);
}

inline Id Graph::affine(Id x, double scale, double shift) {
  if (scale == 1 && shift == 0) return x;
  if (is(x, Operation::affine)) {
    const Node& inner = nodes_[x];
    return affine(inner.arguments[0], scale * inner.immediate[0], scale * inner.immediate[1] + shift);
  }
  // 1 - inv_logit(x), which would lose the tail.
  if (scale == -1 && shift == 1 && is(x, Operation::inv_logit))
    return unary(Operation::inv_logit, affine(argument_id(x), -1, 0));
  Node node;
  node.operation = Operation::affine;
  node.length = length(x);
  node.arguments = {x};
  node.immediate[0] = scale;
  node.immediate[1] = shift;
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::unary(Operation operation, Id x) {
  bool done = false;
  const Id simple = simplify_unary(operation, x, done);
  if (done) return simple;
  Node node;
  node.operation = operation;
  node.length = length(x);
  node.arguments = {x};
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::binary(Operation operation, Id a, Id b) {
  const bool commutes =
      operation == Operation::add || operation == Operation::multiply || operation == Operation::equal;
  if (commutes && a > b) std::swap(a, b);
  const std::uint32_t n = common_length(a, b);
  if (!(is_constant(a) && is_constant(b))) {
    bool done = false;
    const Id simple = simplify_binary(operation, a, b, done);
    if (done) return simple;
  }
  Node node;
  node.operation = operation;
  node.length = n;
  node.arguments = {a, b};
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::select(Id condition, Id a, Id b) {
  Node node;
  node.operation = Operation::select;
  node.length = std::max(length(condition), common_length(a, b));
  node.arguments = {condition, a, b};
  common_length(condition, a);
  common_length(condition, b);
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::reduce(Operation operation, Id x) {
  if (length(x) == 1) return x;
  Node node;
  node.operation = operation;
  node.length = operation == Operation::cumsum ? length(x) : 1;
  node.arguments = {x};
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::spread(Id x, std::uint32_t n) {
  if (n == 1) return x;
  if (is_constant(x)) return constant(std::vector<double>(n, scalar(x)));
  Node node;
  node.operation = Operation::spread;
  node.length = n;
  node.arguments = {x};
  return insert(std::move(node));
}

inline Id Graph::gather(Id source, std::vector<std::int32_t> index) {
  if (index.empty()) throw std::invalid_argument("an index of length 0");
  bool is_identity = index.size() == length(source);
  for (std::size_t k = 0; k < index.size(); ++k) {
    if (index[k] < 0 || static_cast<std::uint32_t>(index[k]) >= length(source))
      throw std::invalid_argument("an index out of bounds");
    is_identity = is_identity && static_cast<std::size_t>(index[k]) == k;
  }
  if (is_identity) return source;
  if (length(source) == 1) return spread(source, static_cast<std::uint32_t>(index.size()));
  Node node;
  node.operation = Operation::gather;
  node.length = static_cast<std::uint32_t>(index.size());
  node.arguments = {source};
  node.index = std::move(index);
  return all_constant(node) ? fold(node) : insert(std::move(node));
}

inline Id Graph::combine(std::vector<ElementRef> elements) {
  if (elements.empty()) throw std::invalid_argument("a vector of length 0");
  bool one_source = true, constants = true;
  for (const ElementRef& ref : elements) {
    one_source = one_source && ref.node == elements[0].node;
    constants = constants && is_constant(ref.node);
  }
  if (constants) {
    std::vector<double> all;
    for (const ElementRef& ref : elements) all.push_back(values(ref.node)[ref.element]);
    return constant(std::move(all));
  }
  if (one_source) {
    std::vector<std::int32_t> index;
    for (const ElementRef& ref : elements) index.push_back(ref.element);
    return gather(elements[0].node, std::move(index));
  }
  // Each element once, so that a long vector of few values is a gather.
  std::map<std::pair<Id, std::int32_t>, std::int32_t> place;
  std::vector<ElementRef> distinct;
  std::vector<std::int32_t> index;
  for (const ElementRef& ref : elements) {
    const auto at = place.emplace(std::make_pair(ref.node, ref.element), static_cast<std::int32_t>(distinct.size()));
    if (at.second) distinct.push_back(ref);
    index.push_back(at.first->second);
  }
  Node node;
  node.operation = Operation::combine;
  node.length = static_cast<std::uint32_t>(distinct.size());
  node.elements = std::move(distinct);
  for (const ElementRef& ref : node.elements) node.arguments.push_back(ref.node);
  return gather(insert(std::move(node)), std::move(index));
}

inline Id Graph::matmul(Id a, Id b, std::uint32_t n_rows, std::uint32_t n_inner) {
  if (length(a) != n_rows * n_inner || length(b) % n_inner != 0) throw std::invalid_argument("matrices do not conform");
  if (length(a) == 1 || length(b) == 1) return binary(Operation::multiply, a, b);
  Node node;
  node.operation = is_constant(a) && length(b) == n_inner ? Operation::linear : Operation::matmul;
  node.arguments = {a, b};
  node.n_rows = n_rows;
  node.n_inner = n_inner;
  node.length = n_rows * (length(b) / n_inner);
  if (all_constant(node)) {
    node.operation = Operation::matmul;
    return fold(node);
  }
  return insert(std::move(node));
}

inline Id Graph::density(DensityId which, std::vector<Id> arguments) {
  Node node;
  node.operation = Operation::density;
  node.density = which;
  for (const Id id : arguments) {
    if (length(id) != 1 && node.length != 1 && node.length != length(id))
      throw std::invalid_argument("lengths differ and neither is 1");
    node.length = std::max(node.length, length(id));
  }
  node.arguments = std::move(arguments);
  return insert(std::move(node));
}

inline bool Graph::is_nonnegative(Id id, int depth) const {
  const Node& node = nodes_[id];
  const auto argument_fine = [&](std::size_t k) { return depth > 0 && is_nonnegative(node.arguments[k], depth - 1); };
  switch (node.operation) {
    case Operation::constant:
      for (const double value : values(id))
        if (!(value >= 0)) return false;
      return true;
    case Operation::exp:
    case Operation::square:
    case Operation::inv_logit:
    case Operation::log1p_exp:
    case Operation::sqrt:
    case Operation::abs:
    case Operation::normal_cdf:
      return true;
    case Operation::add:
    case Operation::multiply:
    case Operation::divide:
      return argument_fine(0) && argument_fine(1);
    case Operation::affine:
      return node.immediate[0] >= 0 && node.immediate[1] >= 0 && argument_fine(0);
    case Operation::gather:
    case Operation::spread:
    case Operation::inverse:
    case Operation::sum:
    case Operation::cumsum:
      return argument_fine(0);
    default:
      return false;
  }
}

}  // namespace expression
}  // namespace skein

#include "simplify.hpp"

#endif
