// What the compiler of programs asks of a graph: which nodes count, which run in tiles, in which order.
#ifndef SKEIN_EXPRESSION_ANALYSIS_HPP
#define SKEIN_EXPRESSION_ANALYSIS_HPP

#include <algorithm>

#include "graph.hpp"
#include "lower.hpp"

namespace skein {
namespace expression {

// Nodes reached from the roots are live; active ones carry a derivative of the first root by a parameter. Row nodes are
// long vectors that only sums and other row nodes read: they exist tile by tile. A sum over rows runs in a loop of its
// level; level l's loops come after the single nodes of level l, whose loop sums have lower levels.
class Analysis {
 public:
  Analysis(const Graph& graph, const std::vector<Id>& roots, Layout layout) : graph_(graph), roots_(roots) {
    const std::size_t n = graph.size();
    live_.assign(n, false);
    active_.assign(n, false);
    row_.assign(n, false);
    level_.assign(n, 0);
    adjoint_.assign(n, 0.0);
    adjoint_known_.assign(n, true);
    for (const Id root : roots) live_[root] = true;
    for (std::size_t k = n; k-- > 0;)
      if (live_[k]) for_each_argument(static_cast<Id>(k), [&](Id argument, std::size_t) { live_[argument] = true; });
    for (Id id = 0; id < n; ++id) set_active(id);
    keep_useful();
    if (layout == Layout::rows) find_rows();
    for (Id id = 0; id < n; ++id)
      for_each_argument(id, [&](Id argument, std::size_t) {
        level_[id] = std::max(level_[id], level_[argument] + (is_loop_sum(argument) ? 1 : 0));
      });
    find_adjoints();
  }

  // Does argument number k of the node take part in derivatives?
  bool differentiates(Id id, std::size_t k) const { return has_derivative(id, k); }

  bool live(Id id) const { return live_[id]; }
  bool active(Id id) const { return active_[id]; }
  bool row(Id id) const { return row_[id]; }
  std::uint32_t level(Id id) const { return level_[id]; }

  // The derivative of the target (the first root) by this node, where no parameter enters it.
  bool adjoint_known(Id id) const { return adjoint_known_[id]; }
  double adjoint(Id id) const { return adjoint_[id]; }

  // A sum that runs in tiles.
  bool is_loop_sum(Id id) const {
    const Node& node = graph_.node(id);
    return node.operation == Operation::family_sum || (node.operation == Operation::sum && row_[node.arguments[0]]);
  }

  // Rows of the loop that a row node or a loop sum belongs to.
  std::uint32_t n_rows(Id id) const {
    const Node& node = graph_.node(id);
    if (node.operation == Operation::family_sum) return graph_.length(node.response);
    return node.operation == Operation::sum ? graph_.length(node.arguments[0]) : node.length;
  }

 private:
  template <class Visit>
  void for_each_argument(Id id, Visit&& visit) const {
    const Node& node = graph_.node(id);
    for (std::size_t k = 0; k < node.arguments.size(); ++k) visit(node.arguments[k], k);
  }

  // Comparisons and conditions have no derivative.
  bool has_derivative(Id id, std::size_t argument) const {
    const Operation op = graph_.node(id).operation;
    const bool compares = op == Operation::less || op == Operation::less_equal || op == Operation::equal;
    return !compares && !(argument == 0 && (op == Operation::select || op == Operation::log_rising));
  }

  void set_active(Id id) {
    if (graph_.is(id, Operation::parameter)) active_[id] = true;
    for_each_argument(id, [&](Id argument, std::size_t k) {
      if (has_derivative(id, k)) active_[id] = active_[id] || active_[argument];
    });
  }

  void keep_useful() {
    std::vector<bool> useful(graph_.size(), false);
    if (!roots_.empty()) useful[roots_[0]] = graph_.length(roots_[0]) == 1;
    for (std::size_t k = graph_.size(); k-- > 0;) {
      const Id id = static_cast<Id>(k);
      active_[id] = active_[id] && useful[id];
      if (!active_[id]) continue;
      for_each_argument(id, [&](Id argument, std::size_t which) {
        if (has_derivative(id, which)) useful[argument] = true;
      });
    }
  }

  static bool can_be_row(Operation op) {
    switch (op) {
      case Operation::constant:
      case Operation::parameter:
      case Operation::sum:
      case Operation::product:
      case Operation::cumsum:
      case Operation::combine:
      case Operation::matmul:
      case Operation::family_sum:
        return false;
      default:
        return true;
    }
  }

  void find_rows() {
    std::vector<bool> read_whole(graph_.size(), false);
    for (const Id root : roots_) read_whole[root] = true;
    for (std::size_t k = graph_.size(); k-- > 0;) {
      const Id id = static_cast<Id>(k);
      if (!live_[id]) continue;
      const Node& node = graph_.node(id);
      row_[id] = node.length > max_short_length && can_be_row(node.operation) && !read_whole[id];
      const bool reads_rows = row_[id] || node.operation == Operation::sum || node.operation == Operation::family_sum;
      for_each_argument(id, [&](Id argument, std::size_t which) {
        const bool by_element =
            node.operation == Operation::gather || (node.operation == Operation::linear && which == 1);
        if (!reads_rows || by_element) read_whole[argument] = true;
      });
    }
  }

  // Through operations whose derivative is a number known here.
  void find_adjoints() {
    if (roots_.empty()) return;
    adjoint_[roots_[0]] = 1;
    for (std::size_t k = graph_.size(); k-- > 0;) {
      const Id id = static_cast<Id>(k);
      if (!live_[id]) continue;
      const Node& node = graph_.node(id);
      for_each_argument(id, [&](Id argument, std::size_t which) {
        double factor = 0;
        if (node.operation == Operation::add) factor = 1;
        if (node.operation == Operation::subtract) factor = which == 0 ? 1 : -1;
        if (node.operation == Operation::affine) factor = node.immediate[0];
        if (factor == 0 || !adjoint_known_[id] || node.length != 1)
          adjoint_known_[argument] = false;
        else
          adjoint_[argument] += factor * adjoint_[id];
      });
    }
  }

  const Graph& graph_;
  const std::vector<Id>& roots_;
  std::vector<bool> live_, active_, row_, adjoint_known_;
  std::vector<std::uint32_t> level_;
  std::vector<double> adjoint_;
};

}  // namespace expression
}  // namespace skein

#endif
