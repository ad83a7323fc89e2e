// What the tests of regressions share: numbers, parameter blocks, one evaluation.
#ifndef SKEIN_TESTS_REGRESSION_HELPERS_HPP
#define SKEIN_TESTS_REGRESSION_HELPERS_HPP

#include <skein/regression/regression.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace regression_helpers {

using skein::regression::ParameterBlock;
using skein::regression::Transform;

// A reproducible sequence in (-1, 1).
class Sequence {
 public:
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) / 4503599627370496.0 - 1.0;
  }

 private:
  std::uint64_t state_ = 88172645463325252ULL;
};

inline ParameterBlock block(const std::string& name, std::size_t size, Transform transform, std::size_t dimension = 0) {
  ParameterBlock one;
  one.name = name;
  one.size = size;
  one.transform = transform;
  one.lower = transform == Transform::lower ? 0 : -std::numeric_limits<double>::infinity();
  one.dimension = dimension;
  return one;
}

inline std::vector<double> some_position(std::size_t n) {
  Sequence random;
  std::vector<double> u(n);
  for (double& v : u) v = 0.7 * random.next();
  return u;
}

// A vector in the reference layout in the density's own order of coordinates, and back.
inline std::vector<double> own_order(const skein::Density& density, const std::vector<double>& reference) {
  const std::vector<std::uint32_t>& index = density.reference_index();
  std::vector<double> own = reference;
  for (std::size_t i = 0; i < index.size(); ++i) own[i] = reference[index[i]];
  return own;
}

inline std::vector<double> reference_order(const skein::Density& density, const std::vector<double>& own) {
  const std::vector<std::uint32_t>& index = density.reference_index();
  std::vector<double> reference = own;
  for (std::size_t i = 0; i < index.size(); ++i) reference[index[i]] = own[i];
  return reference;
}

// `u` and `gradient` in the reference layout.
inline double evaluate(const skein::regression::Regression& density, const std::vector<double>& u,
                       std::vector<double>& gradient, std::size_t grainsize) {
  skein::util::AlignedArray<double> workspace(density.workspace_size()), scratch(density.scratch_size());
  for (double& v : workspace) v = std::numeric_limits<double>::quiet_NaN();
  for (double& v : scratch) v = std::numeric_limits<double>::quiet_NaN();
  skein::EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch.data();
  context.grainsize = grainsize;
  gradient.assign(u.size(), std::numeric_limits<double>::quiet_NaN());
  const std::vector<double> own = own_order(density, u);
  skein::Evaluation one{own.data(), gradient.data(), 0, {}};
  density.evaluate(&one, 1, context);
  gradient = reference_order(density, gradient);
  return one.log_density;
}

}  // namespace regression_helpers

#endif
