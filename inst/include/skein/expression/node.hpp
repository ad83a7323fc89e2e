// The nodes of an expression graph: each the result of one operation, in an order in which arguments come first.
#ifndef SKEIN_EXPRESSION_NODE_HPP
#define SKEIN_EXPRESSION_NODE_HPP

#include <cstdint>
#include <vector>

#include "operations.hpp"

namespace skein {
namespace expression {

using Id = std::uint32_t;

// Log densities by name. Arguments: the value, then the parameters in R's order and parameterisation.
enum class DensityId : std::uint8_t {
  normal,             // mean, sd
  student_t,          // df
  cauchy,             // location, scale
  logistic,           // location, scale
  poisson,            // lambda
  binomial,           // size, prob
  neg_binomial,       // size, prob
  neg_binomial_mean,  // size, mu
  gamma,              // shape, rate
  beta,               // shape1, shape2
  exponential,        // rate
  lognormal,          // meanlog, sdlog
  weibull,            // shape, scale
  uniform             // min, max
};

// An element of a node.
struct ElementRef {
  Id node;
  std::int32_t element;
};

struct Node {
  Operation operation = Operation::constant;
  std::uint32_t length = 1;
  std::vector<Id> arguments;
  double immediate[2] = {0, 0};
  std::uint32_t constant = 0;             // constant: which of the graph's arrays
  std::uint32_t position = 0;             // parameter: its first unconstrained coordinate
  DensityId density{};                    // density
  std::vector<std::int32_t> index;        // gather: elements of the argument, from 0
  std::vector<ElementRef> elements;       // combine
  std::uint32_t n_inner = 0;              // linear, matmul: columns of the left matrix
  std::uint32_t n_rows = 0;               // matmul: rows of the left matrix
  family::FamilyKernel family = nullptr;  // family_sum
  Id response = 0, trials = 0, weights = 0;
  bool has_trials = false, has_weights = false;
};

}  // namespace expression
}  // namespace skein

#endif
