// The log densities that a program may name, written out in elementary operations of a graph.
#ifndef SKEIN_EXPRESSION_DENSITIES_HPP
#define SKEIN_EXPRESSION_DENSITIES_HPP

#include <limits>

#include "graph.hpp"

namespace skein {
namespace expression {

// A node with arithmetic, for formulas.
struct Term {
  Graph* graph;
  Id id;
};

inline Term operator+(Term a, Term b) { return {a.graph, a.graph->binary(Operation::add, a.id, b.id)}; }
inline Term operator-(Term a, Term b) { return {a.graph, a.graph->binary(Operation::subtract, a.id, b.id)}; }
inline Term operator*(Term a, Term b) { return {a.graph, a.graph->binary(Operation::multiply, a.id, b.id)}; }
inline Term operator/(Term a, Term b) { return {a.graph, a.graph->binary(Operation::divide, a.id, b.id)}; }
inline Term operator*(double a, Term b) { return {b.graph, b.graph->affine(b.id, a, 0)}; }
inline Term operator+(Term a, double b) { return {a.graph, a.graph->affine(a.id, 1, b)}; }
inline Term operator-(Term a, double b) { return a + -b; }
inline Term operator-(double a, Term b) { return {b.graph, b.graph->affine(b.id, -1, a)}; }
inline Term operator-(Term a) { return -1.0 * a; }
inline Term apply(Operation operation, Term x) { return {x.graph, x.graph->unary(operation, x.id)}; }
inline Term log(Term x) { return apply(Operation::log, x); }
inline Term exp(Term x) { return apply(Operation::exp, x); }
inline Term lgamma(Term x) { return apply(Operation::lgamma, x); }
inline Term square(Term x) { return apply(Operation::square, x); }
inline Term log1p_exp(Term x) { return apply(Operation::log1p_exp, x); }
inline Term multiply_log(Term a, Term b) { return {a.graph, a.graph->binary(Operation::multiply_log, a.id, b.id)}; }
inline Term log_rising(Term y, Term a) { return {a.graph, a.graph->binary(Operation::log_rising, y.id, a.id)}; }
inline Term less_equal(Term a, Term b) { return {a.graph, a.graph->binary(Operation::less_equal, a.id, b.id)}; }

constexpr double log_pi = 1.14472988584940017414;
constexpr double half_log_two_pi = 0.91893853320467274178;

// `value` where `condition` holds, else -infinity.
inline Term within(Term condition, Term value) {
  Graph& graph = *value.graph;
  return {&graph, graph.select(condition.id, value.id, graph.constant(-std::numeric_limits<double>::infinity()))};
}

inline Term normal_density(Term x, Term mean, Term sd) {
  return -0.5 * square((x - mean) / sd) - log(sd) - half_log_two_pi;
}

// log y! for a count.
inline Term log_factorial(Term y) { return lgamma(y + 1.0); }

// The part of a count's log density that depends on data alone: -log y!, or log(size choose y).
inline Term log_choose(Term y, Term size) { return log_factorial(size) - log_factorial(y) - log_factorial(size - y); }

// log x of a value within a density's support; densities of a parameter are -infinity outside it.
inline Term on_positive(Term x, Term value) {
  if (x.graph->is_nonnegative(x.id)) return value;
  return within(less_equal({x.graph, x.graph->constant(0.0)}, x), value);
}

// The log density `which` of p[0] with parameters p[1], ..., as R's d-function of that name has it.
inline Term density_formula(DensityId which, const std::vector<Term>& p) {
  const Term x = p[0];
  switch (which) {
    case DensityId::normal:
      return normal_density(x, p[1], p[2]);
    case DensityId::student_t:
      return apply(Operation::half_step, 0.5 * p[1]) - half_log_two_pi -
             (0.5 * p[1] + 0.5) * apply(Operation::log1p, square(x) / p[1]);
    case DensityId::cauchy:
      return -apply(Operation::log1p, square((x - p[1]) / p[2])) - log(p[2]) - log_pi;
    case DensityId::logistic: {
      const Term z = (x - p[1]) / p[2];
      return z - 2.0 * log1p_exp(z) - log(p[2]);
    }
    case DensityId::poisson:
      return multiply_log(x, p[1]) - p[1] - log_factorial(x);
    case DensityId::binomial:
      return multiply_log(x, p[2]) + multiply_log(p[1] - x, 1.0 - p[2]) + log_choose(x, p[1]);
    case DensityId::neg_binomial:
      return log_rising(x, p[1]) + p[1] * log(p[2]) + multiply_log(x, 1.0 - p[2]) - log_factorial(x);
    case DensityId::neg_binomial_mean: {
      const Term t = log(p[2]) - log(p[1]);
      return log_rising(x, p[1]) - x * log1p_exp(-t) - p[1] * log1p_exp(t) - log_factorial(x);
    }
    case DensityId::gamma:
      return p[1] * log(p[2]) - lgamma(p[1]) + multiply_log(p[1] - 1.0, x) - p[2] * x;
    case DensityId::beta:
      return multiply_log(p[1] - 1.0, x) + multiply_log(p[2] - 1.0, 1.0 - x) + lgamma(p[1] + p[2]) - lgamma(p[1]) -
             lgamma(p[2]);
    case DensityId::exponential:
      return on_positive(x, log(p[1]) - p[1] * x);
    case DensityId::lognormal: {
      const Term log_x = log(x);
      return normal_density(log_x, p[1], p[2]) - log_x;
    }
    case DensityId::weibull: {
      const Term t = log(x) - log(p[2]);
      return log(p[1]) - log(p[2]) + (p[1] - 1.0) * t - exp(p[1] * t);
    }
    default:
      return within(less_equal(p[1], x) * less_equal(x, p[2]), -log(p[2] - p[1]));
  }
}

}  // namespace expression
}  // namespace skein

#endif
