// Between the reference layout, in which R has positions, gradients and metrics, and a density's own order of
// coordinates. Vectors of another length are left as they are: whoever reads them says what is wrong.
#ifndef SKEIN_SRC_COORDINATES_H
#define SKEIN_SRC_COORDINATES_H

#include <cstddef>
#include <skein/density.hpp>
#include <utility>
#include <vector>

namespace skein_r {

class Coordinates {
 public:
  explicit Coordinates(const skein::Density& density)
      : reference_index_(density.reference_index()), dimension_(density.dimension()) {}

  // dimension() values at `from` to those at `to`, which is another array.
  void to_own(const double* from, double* to) const {
    for (std::size_t i = 0; i < dimension_; ++i) to[i] = from[reference_index_.empty() ? i : reference_index_[i]];
  }
  void to_reference(const double* from, double* to) const {
    for (std::size_t i = 0; i < dimension_; ++i) to[reference_index_.empty() ? i : reference_index_[i]] = from[i];
  }

  // A vector with an element for each coordinate, or the rows of a matrix with as many rows and columns.
  std::vector<double> own(const std::vector<double>& values) const { return reordered(values, true); }
  std::vector<double> reference(const std::vector<double>& values) const { return reordered(values, false); }

 private:
  std::vector<double> reordered(const std::vector<double>& values, bool own) const {
    const bool is_vector = values.size() == dimension_;
    if (reference_index_.empty() || (!is_vector && values.size() != dimension_ * dimension_)) return values;
    std::vector<double> out(values.size());
    const std::size_t n_rows = is_vector ? 1 : dimension_;
    for (std::size_t i = 0; i < n_rows; ++i)
      for (std::size_t j = 0; j < dimension_; ++j) {
        const std::size_t mine = i * dimension_ + j;
        const std::size_t theirs = (is_vector ? 0 : reference_index_[i]) * dimension_ + reference_index_[j];
        out[own ? mine : theirs] = values[own ? theirs : mine];
      }
    return out;
  }

  const std::vector<std::uint32_t>& reference_index_;
  std::size_t dimension_;
};

}  // namespace skein_r

#endif
