// Expression graphs for R's tracer, the densities made of them, and the evaluation of any density at given points.
#include <Rcpp.h>

#include <memory>
#include <skein/expression/expression.hpp>
#include <string>
#include <vector>

#include "coordinates.h"
#include "density_pointer.h"

namespace expression = skein::expression;
using expression::Graph;
using expression::Id;
using expression::Operation;
using GraphPointer = Rcpp::XPtr<Graph>;
using skein_r::DensityPointer;

namespace {

Graph& graph_of(SEXP graph) { return *GraphPointer(graph).checked_get(); }

Operation operation_named(const std::string& name) {
#define SKEIN_FIND_OPERATION(one) \
  if (name == #one) return Operation::one;
  SKEIN_UNARY_OPERATIONS(SKEIN_FIND_OPERATION)
  SKEIN_BINARY_OPERATIONS(SKEIN_FIND_OPERATION)
  SKEIN_OTHER_OPERATIONS(SKEIN_FIND_OPERATION)
#undef SKEIN_FIND_OPERATION
  Rcpp::stop("no operation '%s'", name);
}

expression::DensityId density_named(const std::string& name) {
  using expression::DensityId;
  static const std::vector<std::pair<const char*, DensityId>> all = {
      {"dnorm", DensityId::normal},         {"dt", DensityId::student_t},
      {"dcauchy", DensityId::cauchy},       {"dlogis", DensityId::logistic},
      {"dpois", DensityId::poisson},        {"dbinom", DensityId::binomial},
      {"dnbinom", DensityId::neg_binomial}, {"dnbinom_mu", DensityId::neg_binomial_mean},
      {"dgamma", DensityId::gamma},         {"dbeta", DensityId::beta},
      {"dexp", DensityId::exponential},     {"dlnorm", DensityId::lognormal},
      {"dweibull", DensityId::weibull},     {"dunif", DensityId::uniform}};
  for (const auto& one : all)
    if (name == one.first) return one.second;
  Rcpp::stop("no density '%s'", name);
}

std::vector<Id> ids(const Rcpp::IntegerVector& nodes) { return {nodes.begin(), nodes.end()}; }

}  // namespace

// [[Rcpp::export]]
SEXP expression_graph() { return GraphPointer(new Graph); }

// Each of these adds a node and returns its number.
// [[Rcpp::export]]
int expression_constant(SEXP graph, Rcpp::NumericVector values) {
  return static_cast<int>(graph_of(graph).constant({values.begin(), values.end()}));
}

// [[Rcpp::export]]
int expression_parameter(SEXP graph, double position, double length) {
  return static_cast<int>(
      graph_of(graph).parameter(static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(length)));
}

// [[Rcpp::export]]
int expression_apply(SEXP graph, std::string name, Rcpp::IntegerVector nodes) {
  Graph& to = graph_of(graph);
  const Operation operation = operation_named(name);
  const std::vector<Id> arguments = ids(nodes);
  if (operation == Operation::select) return static_cast<int>(to.select(arguments[0], arguments[1], arguments[2]));
  if (operation == Operation::sum || operation == Operation::product || operation == Operation::cumsum)
    return static_cast<int>(to.reduce(operation, arguments[0]));
  if (arguments.size() == 1) return static_cast<int>(to.unary(operation, arguments[0]));
  return static_cast<int>(to.binary(operation, arguments[0], arguments[1]));
}

// Elements of several nodes as one vector; elements count from 0.
// [[Rcpp::export]]
int expression_combine(SEXP graph, Rcpp::IntegerVector nodes, Rcpp::IntegerVector elements) {
  std::vector<expression::ElementRef> refs;
  for (R_xlen_t k = 0; k < nodes.size(); ++k) refs.push_back({static_cast<Id>(nodes[k]), elements[k]});
  return static_cast<int>(graph_of(graph).combine(std::move(refs)));
}

// [[Rcpp::export]]
int expression_matmul(SEXP graph, int a, int b, double rows, double inner) {
  return static_cast<int>(graph_of(graph).matmul(static_cast<Id>(a), static_cast<Id>(b),
                                                 static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(inner)));
}

// [[Rcpp::export]]
int expression_density(SEXP graph, std::string name, Rcpp::IntegerVector nodes) {
  return static_cast<int>(graph_of(graph).density(density_named(name), ids(nodes)));
}

// [[Rcpp::export]]
bool expression_is_constant(SEXP graph, int node) { return graph_of(graph).is_constant(static_cast<Id>(node)); }

// Which parameter nodes the target depends on.
// [[Rcpp::export]]
Rcpp::LogicalVector expression_depends(SEXP graph, int target, Rcpp::IntegerVector parameters) {
  const Graph& from = graph_of(graph);
  const expression::Analysis analysis(from, {static_cast<Id>(target)}, expression::Layout::lanes);
  Rcpp::LogicalVector depends(parameters.size());
  for (R_xlen_t k = 0; k < parameters.size(); ++k) depends[k] = analysis.live(static_cast<Id>(parameters[k]));
  return depends;
}

// The density whose log is the node `target`; draws report the elements of the nodes `reported`.
// [[Rcpp::export]]
SEXP expression_finish(SEXP graph, int target, Rcpp::IntegerVector reported, double dimension, bool reduce) {
  expression::ExpressionOptions options;
  options.dimension = static_cast<std::size_t>(dimension);
  options.lower.reduce = reduce;
  std::unique_ptr<skein::Density> density(
      new expression::Expression(graph_of(graph), static_cast<Id>(target), ids(reported), options));
  return DensityPointer(density.release());
}

// How a traced density runs.
// [[Rcpp::export]]
Rcpp::List expression_plan(SEXP density) {
  DensityPointer pointer(density);
  const auto* found = dynamic_cast<const expression::Expression*>(pointer.checked_get());
  if (found == nullptr) Rcpp::stop("this density is not an expression");
  std::size_t n_instructions = found->program().instructions.size(), n_rows = 0;
  for (const expression::Loop& loop : found->program().loops) {
    n_instructions += loop.instructions.size();
    n_rows += loop.length;
  }
  return Rcpp::List::create(Rcpp::_["lanes"] = found->program().layout == expression::Layout::lanes,
                            Rcpp::_["instructions"] = static_cast<double>(n_instructions),
                            Rcpp::_["loops"] = static_cast<double>(found->program().loops.size()),
                            Rcpp::_["rows"] = static_cast<double>(n_rows),
                            Rcpp::_["reduced_sums"] = static_cast<double>(found->reductions().n_sums),
                            Rcpp::_["reduced_rows"] = static_cast<double>(found->reductions().n_rows));
}

// Log densities and gradients (dimension x n) at the columns of `positions`, handed over together.
// [[Rcpp::export]]
Rcpp::List density_evaluate(SEXP density, Rcpp::NumericMatrix positions, double grainsize = 0) {
  DensityPointer pointer(density);
  const skein::Density& model = *pointer.checked_get();
  const std::size_t dimension = model.dimension();
  if (static_cast<std::size_t>(positions.nrow()) != dimension)
    Rcpp::stop("positions must have %d rows, one a parameter", static_cast<int>(dimension));
  skein::util::AlignedArray<double> workspace(model.workspace_size()), scratch(model.scratch_size());
  skein::EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch.data();
  context.grainsize = static_cast<std::size_t>(grainsize);
  const std::size_t n = static_cast<std::size_t>(positions.ncol());
  Rcpp::NumericVector log_density(n);
  Rcpp::NumericMatrix gradient(static_cast<int>(dimension), static_cast<int>(n));
  const skein_r::Coordinates coordinates(model);
  std::vector<double> own_positions(n * dimension), own_gradients(n * dimension);
  std::vector<skein::Evaluation> batch(n);
  for (std::size_t k = 0; k < n; ++k) {
    coordinates.to_own(positions.begin() + k * dimension, own_positions.data() + k * dimension);
    batch[k].position = own_positions.data() + k * dimension;
    batch[k].gradient = own_gradients.data() + k * dimension;
  }
  model.evaluate(batch.data(), n, context);
  for (std::size_t k = 0; k < n; ++k) {
    log_density[k] = batch[k].log_density;
    coordinates.to_reference(batch[k].gradient, gradient.begin() + k * dimension);
  }
  return Rcpp::List::create(Rcpp::_["log_density"] = log_density, Rcpp::_["gradient"] = gradient);
}

// [[Rcpp::export]]
Rcpp::List density_facts(SEXP density) {
  DensityPointer pointer(density);
  const skein::Density& model = *pointer.checked_get();
  return Rcpp::List::create(Rcpp::_["dimension"] = static_cast<double>(model.dimension()),
                            Rcpp::_["draw_size"] = static_cast<double>(model.draw_size()),
                            Rcpp::_["preferred_batch"] = static_cast<double>(model.preferred_batch()),
                            Rcpp::_["main_thread_only"] = model.main_thread_only());
}

// The first element of a node that depends on constants alone.
// [[Rcpp::export]]
double expression_value(SEXP graph, int node) {
  const Graph& from = graph_of(graph);
  if (!from.is_constant(static_cast<Id>(node))) Rcpp::stop("the node depends on parameters");
  return from.values(static_cast<Id>(node))[0];
}
