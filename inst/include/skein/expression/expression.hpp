// A traced density: its program evaluated at points, in lanes or over rows, as the seam asks.
#ifndef SKEIN_EXPRESSION_EXPRESSION_HPP
#define SKEIN_EXPRESSION_EXPRESSION_HPP

#include <algorithm>
#include <limits>
#include <utility>

#include "../density.hpp"
#include "../parallel/team.hpp"
#include "compile.hpp"
#include "execute.hpp"

namespace skein {
namespace expression {

struct ExpressionOptions {
  LowerOptions lower;
  // Dimension of the unconstrained position; parameters cover it.
  std::size_t dimension = 0;
};

// A log density given as a graph: `target` is a scalar that includes the log Jacobians, `reported` the nodes whose
// elements a draw reports, in order.
class Expression final : public Density {
 public:
  Expression(const Graph& graph, Id target, const std::vector<Id>& reported, const ExpressionOptions& options)
      : dimension_(options.dimension) {
    if (graph.length(target) != 1) throw std::invalid_argument("the target must be one number");
    Graph lowered(graph.instruction_set());
    Lowering lower(graph, lowered, options.lower);
    const Id root = lower(target);
    std::vector<Id> outputs;
    for (const Id id : reported) outputs.push_back(lower(id));
    reductions_ = lower.reductions();
    program_ = Compiler(lowered, {root}, choose_layout(lowered, {root})).run();
    if (!outputs.empty()) draws_ = Compiler(lowered, outputs, choose_layout(lowered, outputs)).run();
    for (const Result& result : draws_.results) draw_size_ += result.length;
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  std::size_t dimension() const override { return dimension_; }
  std::size_t draw_size() const override { return draw_size_; }
  std::size_t workspace_size() const override { return std::max(program_.workspace_size, draws_.workspace_size); }
  std::size_t scratch_size() const override { return std::max(program_.scratch_size, draws_.scratch_size); }
  std::size_t preferred_batch() const override { return program_.layout == Layout::lanes ? 8 : 1; }

  const Program& program() const { return program_; }
  const Reductions& reductions() const { return reductions_; }

  void evaluate(Evaluation* batch, std::size_t count, const EvaluationContext& context) const override {
    const std::size_t width = preferred_batch();
    for (std::size_t first = 0; first < count; first += width)
      evaluate_group(batch + first, std::min(width, count - first), context);
  }

  void write_draw(const double* position, double* out, const EvaluationContext& context) const override {
    if (draw_size_ == 0) return;
    Executor run(draws_, context);
    run.load_position(&position, 1);
    run.forward();
    for (const Result& result : draws_.results)
      for (std::size_t k = 0; k < result.length; ++k) *out++ = run.element(result, k, 0);
  }

 private:
  // Up to preferred_batch() points; lanes without a point repeat the first.
  void evaluate_group(Evaluation* batch, std::size_t count, const EvaluationContext& context) const {
    Executor run(program_, context);
    const double* positions[8];
    for (std::size_t k = 0; k < count; ++k) positions[k] = batch[k].position;
    run.load_position(positions, count);
    run.clear_adjoints();
    run.forward();
    run.backward();
    for (std::size_t k = 0; k < count; ++k) {
      batch[k].log_density = run.element(program_.results[0], 0, k);
      run.write_gradient(k, batch[k].gradient, dimension_);
    }
  }

  std::size_t dimension_ = 0;
  std::size_t draw_size_ = 0;
  Program program_;
  Program draws_;
  Reductions reductions_;
};

}  // namespace expression
}  // namespace skein

#endif
