// What populations of chains have in common: moments over chains, an eigenvalue, a first step size.
//
// All sums run over chains in their order, so that they depend on nothing else.
#ifndef SKEIN_ADAPT_POPULATION_HPP
#define SKEIN_ADAPT_POPULATION_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "../kernel/config.hpp"
#include "../kernel/steps.hpp"
#include "../util/aligned.hpp"
#include "../util/rng.hpp"
#include "step_search.hpp"

namespace skein {
namespace adapt {

// Means and standard deviations (divisor n) of vectors given by pointers.
struct Moments {
  std::vector<double> mean, sd;
};

inline Moments moments(const std::vector<const double*>& vectors, std::size_t dimension) {
  Moments out{std::vector<double>(dimension), std::vector<double>(dimension)};
  const double n = static_cast<double>(vectors.size());
  for (const double* x : vectors)
    for (std::size_t i = 0; i < dimension; ++i) out.mean[i] += x[i];
  for (double& mean : out.mean) mean /= n;
  for (const double* x : vectors)
    for (std::size_t i = 0; i < dimension; ++i) out.sd[i] += (x[i] - out.mean[i]) * (x[i] - out.mean[i]);
  for (double& sd : out.sd) sd = std::sqrt(sd / n);
  return out;
}

// The upper of two in the middle; reorders the values.
inline double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// An estimate of the largest eigenvalue of the covariance S of vectors: tr(S^2) / tr(S), a mean of the eigenvalues with
// themselves as weights (Hoffman and Sountsov, 2022, section 3.1). Of the products x_i . x_j, whose squares estimate
// tr(S^2), those within blocks of vectors are taken; with i = j they would count what is noise.
class EigenvalueEstimate {
 public:
  explicit EigenvalueEstimate(std::size_t dimension)
      : n_padded_(util::round_up_8(dimension)), dimension_(dimension), rows_(n_padded_ * kernel::eigenvalue_block) {}

  // Of (x - shift) * scale for each vector x; no shift if `shift` is null. Takes vectors whose elements are finite
  // only.
  double operator()(const std::vector<const double*>& vectors, const double* shift, const double* scale) {
    double trace = 0, sum_squares = 0, n_used = 0, n_pairs = 0;
    const std::size_t block_size = kernel::eigenvalue_block;
    for (std::size_t first = 0; first < vectors.size(); first += block_size) {
      const std::size_t n = std::min(block_size, vectors.size() - first);
      for (std::size_t k = 0; k < n; ++k) scale_into(vectors[first + k], shift, scale, rows_.data() + k * n_padded_);
      for (std::size_t k = 0; k < n; ++k) {
        const double* row = rows_.data() + k * n_padded_;
        trace += kernel::step_table().dot_product(row, row, n_padded_);
        n_used += 1;
        for (std::size_t j = 0; j < k; ++j) {
          const double product = kernel::step_table().dot_product(row, rows_.data() + j * n_padded_, n_padded_);
          sum_squares += product * product;
          n_pairs += 1;
        }
      }
    }
    return n_pairs == 0 ? trace / n_used : (sum_squares / n_pairs) / (trace / n_used);
  }

 private:
  void scale_into(const double* x, const double* shift, const double* scale, double* out) const {
    for (std::size_t i = 0; i < dimension_; ++i) out[i] = (shift == nullptr ? x[i] : x[i] - shift[i]) * scale[i];
  }

  std::size_t n_padded_;
  std::size_t dimension_;
  util::AlignedArray<double> rows_;
};

// The median of the first step sizes of some chains. evaluate(position, gradient) returns the log density.
template <class Metric, class Kernel, class Evaluate>
double search_step_size(const std::vector<Kernel*>& chains, double step_size, util::StreamKey key,
                        const Evaluate& evaluate) {
  std::vector<double> found;
  StepSizeSearch<Metric> search(chains.front()->dimension());
  const std::size_t n = std::min<std::size_t>(chains.size(), kernel::step_search_chains);
  for (std::size_t k = 0; k < n; ++k) {
    const Kernel& chain = *chains[k * chains.size() / n];
    key.chain = static_cast<std::uint32_t>(k + 1);
    SearchStep step = search.begin(chain, step_size, key);
    while (step == SearchStep::gradient_wanted)
      step = search.advance(chain, evaluate(search.position_wanted(), search.gradient_wanted()));
    if (step == SearchStep::found) found.push_back(search.step_size());
  }
  return found.empty() ? 0 : median(found);
}

}  // namespace adapt
}  // namespace skein

#endif
