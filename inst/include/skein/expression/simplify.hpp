// The identities by which a graph simplifies single operations: cheaper, and accurate where the plain form is not.
#ifndef SKEIN_EXPRESSION_SIMPLIFY_HPP
#define SKEIN_EXPRESSION_SIMPLIFY_HPP

#include <cmath>

#include "graph.hpp"

namespace skein {
namespace expression {

inline Id Graph::simplify_unary(Operation operation, Id x, bool& done) {
  const Node inner = nodes_[x];
  const Id inside = inner.arguments.size() == 1 ? inner.arguments[0] : x;
  done = true;
  switch (operation) {
    case Operation::log:
      if (inner.operation == Operation::exp) return inside;
      if (inner.operation == Operation::inv_logit)
        return affine(unary(Operation::log1p_exp, affine(inside, -1, 0)), -1, 0);
      if (inner.operation == Operation::normal_cdf) return unary(Operation::normal_log_cdf, inside);
      if (inner.operation == Operation::affine && inner.immediate[1] == 0 && inner.immediate[0] > 0 &&
          is(inside, Operation::exp))
        return affine(argument_id(inside), 1, simd::log(inner.immediate[0]));
      break;
    case Operation::log1p:
      if (inner.operation == Operation::exp) return unary(Operation::log1p_exp, inside);
      if (inner.operation == Operation::affine && inner.immediate[0] == -1 && inner.immediate[1] == 0) {
        if (is(inside, Operation::exp)) return unary(Operation::log1m_exp, argument_id(inside));
        if (is(inside, Operation::inv_logit)) return affine(unary(Operation::log1p_exp, argument_id(inside)), -1, 0);
      }
      break;
    case Operation::exp:
      if (inner.operation == Operation::log && is_nonnegative(inside)) return inside;
      break;
    case Operation::inverse:
      if (inner.operation == Operation::exp) return unary(Operation::exp, affine(inside, -1, 0));
      break;
    case Operation::square:
      if (inner.operation == Operation::exp) return unary(Operation::exp, affine(inside, 2, 0));
      if (inner.operation == Operation::sqrt && is_nonnegative(inside)) return inside;
      break;
    case Operation::sqrt:
      if (inner.operation == Operation::exp) return unary(Operation::exp, affine(inside, 0.5, 0));
      break;
    default:
      break;
  }
  done = false;
  return x;
}

// Whole and half exponents by multiplications and roots.
inline Id Graph::power(Id a, double exponent, bool& done) {
  done = true;
  if (exponent == 0.5) return unary(Operation::sqrt, a);
  if (exponent == 1) return a;
  if (is(a, Operation::exp)) return unary(Operation::exp, affine(argument_id(a), exponent, 0));
  const double magnitude = std::fabs(exponent);
  if (magnitude == std::floor(magnitude) && magnitude >= 1 && magnitude <= 64) {
    Id result = a, factor = a;
    bool started = false;
    for (unsigned left = static_cast<unsigned>(magnitude); left > 0; left /= 2) {
      if (left % 2 == 1) {
        result = started ? binary(Operation::multiply, result, factor) : factor;
        started = true;
      }
      if (left > 1) factor = unary(Operation::square, factor);
    }
    return exponent < 0 ? unary(Operation::inverse, result) : result;
  }
  done = false;
  return a;
}

inline Id Graph::simplify_binary(Operation operation, Id a, Id b, bool& done) {
  const bool first = is_scalar_constant(a), second = is_scalar_constant(b);
  const std::uint32_t n = common_length(a, b);
  const bool keeps_length = (first && length(b) == n) || (second && length(a) == n);
  done = true;
  switch (operation) {
    case Operation::add:
      if (keeps_length && first) return affine(b, 1, scalar(a));
      if (keeps_length && second) return affine(a, 1, scalar(b));
      if (a == b) return affine(a, 2, 0);
      break;
    case Operation::subtract:
      if (keeps_length && second) return affine(a, 1, -scalar(b));
      if (keeps_length && first) return affine(b, -1, scalar(a));
      break;
    case Operation::multiply:
      if (keeps_length && first) return affine(b, scalar(a), 0);
      if (keeps_length && second) return affine(a, scalar(b), 0);
      if (a == b) return unary(Operation::square, a);
      break;
    case Operation::divide:
      if (keeps_length && second && std::isfinite(1 / scalar(b))) return affine(a, 1 / scalar(b), 0);
      if (keeps_length && first) return affine(unary(Operation::inverse, b), scalar(a), 0);
      if (is(b, Operation::exp) || (length(b) == 1 && length(a) > 1))
        return binary(Operation::multiply, a, unary(Operation::inverse, b));
      break;
    case Operation::power: {
      if (!second || !keeps_length) break;
      const Id result = power(a, scalar(b), done);
      if (done) return result;
      break;
    }
    case Operation::multiply_log:
      if (is(b, Operation::exp) || is(b, Operation::inv_logit))
        return binary(Operation::multiply, a, unary(Operation::log, b));
      break;
    default:
      break;
  }
  done = false;
  return a;
}

}  // namespace expression
}  // namespace skein

#endif
