// Rewrites a traced graph: densities become elementary operations or family kernels, and sums over data are reduced.
#ifndef SKEIN_EXPRESSION_LOWER_HPP
#define SKEIN_EXPRESSION_LOWER_HPP

#include <optional>
#include <unordered_map>

#include "densities.hpp"

namespace skein {
namespace expression {

// Vectors up to this length run as a whole; sums over longer ones run in tiles of a loop.
constexpr std::uint32_t max_short_length = 64;

struct LowerOptions {
  bool reduce = true;  // exact reductions of sums over data to sufficient statistics
};

// How many sums were reduced, and how many rows these need no longer visit.
struct Reductions {
  std::size_t n_sums = 0;
  std::size_t n_rows = 0;
};

class Lowering {
 public:
  Lowering(const Graph& from, Graph& to, LowerOptions options) : from_(from), to_(to), options_(options) {}

  // The node of the new graph that has the value of `id`, which the old graph has from the start to now.
  Id operator()(Id id) {
    while (done_.size() <= id) done_.push_back(lower_node(static_cast<Id>(done_.size())));
    return value(id);
  }

  const Reductions& reductions() const { return reductions_; }

 private:
  Id lower_node(Id id);
  Id value(Id id);
  Id sum(Id id) { return remembered(sums_, id, &Lowering::make_sum); }
  Id sum_new(Id id) { return remembered(new_sums_, id, &Lowering::make_sum_new); }
  Id make_sum(Id id);
  Id make_sum_new(Id id);
  Id sum_density(Id id, std::optional<Id> weights);
  std::optional<Id> normal_sum(const std::vector<Id>& p, std::optional<Id> weights);
  std::optional<Id> family_sum(DensityId which, const std::vector<Id>& p, std::optional<Id> weights);
  Id sum_of_product(Id a, Id b);
  // Each sum once: nodes that many sums share would else be summed along every path to them.
  Id remembered(std::unordered_map<Id, Id>& known, Id id, Id (Lowering::*make)(Id)) {
    const auto found = known.find(id);
    if (found != known.end()) return found->second;
    const Id made = (this->*make)(id);
    known.emplace(id, made);
    return made;
  }
  Term term(Id id) { return {&to_, id}; }
  std::vector<Id> lowered_arguments(Id id) {
    std::vector<Id> out;
    for (const Id argument : from_.node(id).arguments) out.push_back(value(argument));
    return out;
  }
  Id with_length(Id id, std::uint32_t n) { return to_.length(id) == n ? id : to_.spread(id, n); }
  static constexpr Id pending = ~Id(0);

  const Graph& from_;
  Graph& to_;
  LowerOptions options_;
  std::vector<Id> done_;
  std::unordered_map<Id, Id> sums_, new_sums_;
  Reductions reductions_;
};

// Densities wait until something asks for their elements: a sum of them may have a cheaper form.
inline Id Lowering::lower_node(Id id) {
  const Node& node = from_.node(id);
  switch (node.operation) {
    case Operation::density:
      return pending;
    case Operation::constant:
      return to_.constant(from_.values(id));
    case Operation::parameter:
      return to_.parameter(node.position, node.length);
    case Operation::sum:
      return sum(node.arguments[0]);
    case Operation::affine:
      return to_.affine(value(node.arguments[0]), node.immediate[0], node.immediate[1]);
    case Operation::select:
      return to_.select(value(node.arguments[0]), value(node.arguments[1]), value(node.arguments[2]));
    case Operation::product:
    case Operation::cumsum:
      return to_.reduce(node.operation, value(node.arguments[0]));
    case Operation::gather:
      return to_.gather(value(node.arguments[0]), node.index);
    case Operation::spread:
      return to_.spread(value(node.arguments[0]), node.length);
    case Operation::combine: {
      std::vector<ElementRef> elements;
      for (const ElementRef& ref : node.elements) elements.push_back({value(ref.node), ref.element});
      return to_.combine(std::move(elements));
    }
    case Operation::linear:
    case Operation::matmul:
      return to_.matmul(value(node.arguments[0]), value(node.arguments[1]), node.n_rows, node.n_inner);
    default:
      if (node.arguments.size() == 1) return to_.unary(node.operation, value(node.arguments[0]));
      return to_.binary(node.operation, value(node.arguments[0]), value(node.arguments[1]));
  }
}

inline Id Lowering::value(Id id) {
  if (done_[id] != pending) return done_[id];
  std::vector<Term> terms;
  for (const Id argument : lowered_arguments(id)) terms.push_back(term(argument));
  done_[id] = with_length(density_formula(from_.node(id).density, terms).id, from_.length(id));
  return done_[id];
}

// The sum of the elements of an old node. Sums go inside what is linear in its elements, so that data meet data.
inline Id Lowering::make_sum(Id id) {
  const Node& node = from_.node(id);
  if (node.length == 1) return value(id);
  if (node.operation == Operation::density) return sum_density(id, std::nullopt);
  if (!options_.reduce) {
    if (node.operation == Operation::affine && from_.is(node.arguments[0], Operation::density))
      return to_.affine(sum(node.arguments[0]), node.immediate[0], node.immediate[1] * node.length);
    return to_.reduce(Operation::sum, value(id));
  }
  switch (node.operation) {
    case Operation::add:
    case Operation::subtract: {
      const auto part = [&](Id one) {
        return from_.length(one) == 1 ? to_.affine(value(one), node.length, 0) : sum(one);
      };
      const Id first = part(node.arguments[0]);
      return to_.binary(node.operation, first, part(node.arguments[1]));
    }
    case Operation::affine:
      return to_.affine(sum(node.arguments[0]), node.immediate[0], node.immediate[1] * node.length);
    case Operation::multiply: {
      for (int k = 0; k < 2; ++k) {
        const Id data = node.arguments[k], other = node.arguments[1 - k];
        if (from_.length(data) == 1) return to_.binary(Operation::multiply, value(data), sum(other));
        if (from_.is_constant(data) && from_.is(other, Operation::density) && from_.length(other) == node.length)
          return sum_density(other, value(data));
      }
      return sum_new(value(id));
    }
    default:
      return sum_new(value(id));
  }
}

// The same for a node of the new graph.
inline Id Lowering::make_sum_new(Id id) {
  const Node node = to_.node(id);
  if (node.length == 1) return id;
  if (!options_.reduce || to_.is_constant(id)) return to_.reduce(Operation::sum, id);
  const auto part = [&](Id one) { return to_.length(one) == 1 ? to_.affine(one, node.length, 0) : sum_new(one); };
  switch (node.operation) {
    case Operation::add:
    case Operation::subtract: {
      const Id first = part(node.arguments[0]);
      return to_.binary(node.operation, first, part(node.arguments[1]));
    }
    case Operation::affine:
      return to_.affine(sum_new(node.arguments[0]), node.immediate[0], node.immediate[1] * node.length);
    case Operation::spread:
      return to_.affine(node.arguments[0], node.length, 0);
    case Operation::multiply:
      return sum_of_product(node.arguments[0], node.arguments[1]);
    case Operation::divide:
      if (to_.length(node.arguments[1]) == 1)
        return to_.binary(Operation::divide, sum_new(node.arguments[0]), node.arguments[1]);
      break;
    case Operation::multiply_log:
      // a log(b): the two differ at a = b = 0 alone.
      if (to_.is_constant(node.arguments[0]) && to_.length(node.arguments[1]) == 1)
        return to_.binary(Operation::multiply_log, sum_new(with_length(node.arguments[0], node.length)),
                          node.arguments[1]);
      if (to_.length(node.arguments[0]) == 1 && to_.is_constant(node.arguments[1]))
        return to_.binary(Operation::multiply, node.arguments[0],
                          sum_new(to_.unary(Operation::log, node.arguments[1])));
      break;
    default:
      break;
  }
  return to_.reduce(Operation::sum, id);
}

inline Id Lowering::sum_of_product(Id a, Id b) {
  if (to_.length(a) == 1) return to_.binary(Operation::multiply, a, sum_new(b));
  if (to_.length(b) == 1) return to_.binary(Operation::multiply, b, sum_new(a));
  return to_.reduce(Operation::sum, to_.binary(Operation::multiply, a, b));
}

inline Id Lowering::sum_density(Id id, std::optional<Id> weights) {
  const Node& node = from_.node(id);
  const std::vector<Id> p = lowered_arguments(id);
  const std::uint32_t n = node.length;
  if (options_.reduce) {
    if (node.density == DensityId::normal)
      if (const auto reduced = normal_sum(p, weights)) return *reduced;
    if (node.density == DensityId::lognormal) {
      const Term log_x = log(term(p[0]));
      if (const auto reduced = normal_sum({log_x.id, p[1], p[2]}, weights)) {
        const Term jacobian = term(weights ? sum_of_product(*weights, log_x.id) : sum_new(log_x.id));
        return (term(*reduced) - jacobian).id;
      }
    }
  }
  if (to_.length(p[0]) == n && n > max_short_length) {
    bool scalars = options_.reduce && to_.is_constant(p[0]);
    for (std::size_t k = 1; k < p.size(); ++k) scalars = scalars && (to_.length(p[k]) == 1 || to_.is_constant(p[k]));
    // Parameters that all rows share leave sums over data alone.
    const bool reducible = scalars && (node.density == DensityId::poisson || node.density == DensityId::binomial ||
                                       node.density == DensityId::gamma || node.density == DensityId::beta ||
                                       node.density == DensityId::exponential);
    if (reducible) {
      reductions_.n_sums += 1;
      reductions_.n_rows += n;
    } else {
      if (const auto called = family_sum(node.density, p, weights)) return *called;
    }
  }
  const Id elements = value(id);
  return weights ? sum_of_product(*weights, elements) : sum_new(elements);
}

// Data with one mean and one sd: n, their mean and their sum of squares about it say all.
inline std::optional<Id> Lowering::normal_sum(const std::vector<Id>& p, std::optional<Id> weights) {
  if (!to_.is_constant(p[0]) || to_.length(p[0]) == 1 || to_.length(p[1]) != 1 || to_.length(p[2]) != 1)
    return std::nullopt;
  const std::vector<double>& x = to_.values(p[0]);
  const auto weight = [&](std::size_t i) { return weights ? to_.values(*weights)[i] : 1.0; };
  double total = 0, mean = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    total += weight(i);
    mean += weight(i) * x[i];
  }
  mean /= total;
  if (!(total > 0)) return std::nullopt;
  double rest = 0, squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    rest += weight(i) * (x[i] - mean);
    squares += weight(i) * (x[i] - mean) * (x[i] - mean);
  }
  mean += rest / total;
  reductions_.n_sums += 1;
  reductions_.n_rows += x.size();
  const Term precision = apply(Operation::inverse, square(term(p[2])));
  const Term deviance = (total * square(term(p[1]) - mean) + squares) * precision;
  return (-0.5 * deviance - total * log(term(p[2])) - total * half_log_two_pi).id;
}

// A family's kernel over rows of data, with its link taken from the expression where it stands there.
inline std::optional<Id> Lowering::family_sum(DensityId which, const std::vector<Id>& p, std::optional<Id> weights) {
  if (!to_.is_constant(p[0])) return std::nullopt;
  const std::uint32_t n = to_.length(p[0]);
  const auto linked = [&](Id mean, Operation inverse_link) { return to_.is(mean, inverse_link); };
  Node node;
  node.operation = Operation::family_sum;
  const char* family = nullptr;
  const char* link = "identity";
  Id mean = p[1];
  std::optional<Id> constant;
  switch (which) {
    case DensityId::normal:
      family = "gaussian";
      node.arguments = {p[1], p[2]};
      break;
    case DensityId::poisson:
      family = "poisson";
      if (linked(mean, Operation::exp)) link = "log";
      node.arguments = {mean};
      constant = (-log_factorial(term(p[0]))).id;
      break;
    case DensityId::binomial:
      if (!to_.is_constant(p[1])) return std::nullopt;
      family = "binomial";
      mean = p[2];
      if (linked(mean, Operation::inv_logit)) link = "logit";
      node.arguments = {mean};
      node.trials = with_length(p[1], n);
      node.has_trials = true;
      constant = log_choose(term(p[0]), term(p[1])).id;
      break;
    case DensityId::neg_binomial_mean:
      family = "negbinomial";
      mean = p[2];
      if (linked(mean, Operation::exp)) link = "log";
      node.arguments = {mean, p[1]};
      constant = (-log_factorial(term(p[0]))).id;
      break;
    default:
      return std::nullopt;
  }
  if (link[0] == 'l') node.arguments[0] = to_.node(mean).arguments[0];
  node.arguments[0] = with_length(node.arguments[0], n);
  node.family = to_.kernels().find_family_kernel(family, link);
  if (node.family == nullptr) return std::nullopt;
  node.response = p[0];
  if (weights) {
    node.weights = *weights;
    node.has_weights = true;
  }
  const Id sum = to_.family_sum(std::move(node));
  if (!constant) return sum;
  const Id rows = with_length(*constant, n);
  const Id total = to_.reduce(Operation::sum, weights ? to_.binary(Operation::multiply, *weights, rows) : rows);
  return to_.binary(Operation::add, sum, total);
}

}  // namespace expression
}  // namespace skein

#endif
