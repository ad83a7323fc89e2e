// The parameter blocks of a regression: between the unconstrained position and constrained values, with priors.
#ifndef SKEIN_REGRESSION_PARAMETERS_HPP
#define SKEIN_REGRESSION_PARAMETERS_HPP

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "../prior/lkj.hpp"
#include "../prior/registry.hpp"
#include "../transform/cholesky_corr.hpp"
#include "../transform/scalar.hpp"
#include "spec.hpp"

namespace skein {
namespace regression {

// The block that stands first in positions, with its elements in another order: element i at place[i].
struct FirstBlock {
  std::size_t block = no_block;
  std::vector<std::uint32_t> place;
};

// In the reference layout blocks stand in the unconstrained position in their order, element by element, constants left
// out. Positions here have one block first (a z that tiles read in their own order), then the others as in the
// reference layout. The values of all blocks but the group terms' z stand in a small array (values()); z is read in
// place and never copied.
class Parameters {
 public:
  // `in_place`: for each block, whether it is read in place (a z block: identity, no constants). `first`: one of these,
  // or none.
  Parameters(std::vector<ParameterBlock> blocks, const std::vector<Prior>& priors, const std::vector<bool>& in_place,
             FirstBlock first)
      : blocks_(std::move(blocks)), in_place_(in_place), first_(std::move(first)) {
    position_offset_.resize(blocks_.size());
    if (first_.block != no_block) dimension_ = blocks_[first_.block].size;
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      value_offset_.push_back(n_values_);
      if (!in_place_[k]) n_values_ += blocks_[k].size;
      n_all_ += blocks_[k].size;
      if (k == first_.block) continue;
      position_offset_[k] = dimension_;
      dimension_ += n_free(blocks_[k]);
    }
    if (first_.block != no_block) index_reference();
    for (const Prior& prior : priors) add_prior_entry(prior);
  }

  std::size_t dimension() const { return dimension_; }
  std::size_t n_values() const { return n_values_; }
  std::size_t n_all() const { return n_all_; }  // constrained elements of all blocks, constants and z included
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }
  std::size_t position_offset(std::size_t block) const { return position_offset_[block]; }
  // As Density::reference_index().
  const std::vector<std::uint32_t>& reference_index() const { return reference_index_; }
  // Element i of a block that is read in place.
  double in_place_element(std::size_t block, std::size_t i, const double* position) const {
    return position[position_offset_[block] + (block == first_.block ? first_.place[i] : i)];
  }
  std::size_t value_offset(std::size_t block) const { return value_offset_[block]; }

  // Sets `values` from the position and returns the log Jacobian. `slopes` receives d value / d u of the scalar
  // elements and `jacobian_slopes` d log Jacobian / d u, both n_values() long.
  double constrain(const double* position, double* values, double* slopes, double* jacobian_slopes) const {
    double log_jacobian = 0;
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      if (in_place_[k]) continue;
      const ParameterBlock& block = blocks_[k];
      const double* u = position + position_offset_[k];
      double* value = values + value_offset_[k];
      if (block.transform == Transform::cholesky_corr) {
        log_jacobian += transform::cholesky_corr::constrain(u, block.dimension, value);
        continue;
      }
      const transform::Scalar scalar = scalar_of(block);
      for (std::size_t i = 0; i < block.size; ++i) {
        const std::size_t at = value_offset_[k] + i;
        if (is_constant(block, i)) {
          value[i] = block.constant[i];
          slopes[at] = jacobian_slopes[at] = 0;
          continue;
        }
        const transform::Constrained c = transform::constrain(scalar, *u++);
        value[i] = c.value;
        slopes[at] = c.d_value;
        jacobian_slopes[at] = c.d_log_jacobian;
        log_jacobian += c.log_jacobian;
      }
    }
    return log_jacobian;
  }

  // Log prior density of the values (brms's lprior); adds its derivatives to d_values.
  double add_priors(const double* values, double* d_values) const {
    double sum = 0;
    for (const Entry& entry : entries_) {
      const double* value = values + value_offset_[entry.block];
      double* d_value = d_values + value_offset_[entry.block];
      sum += entry.normalizer;
      if (entry.is_lkj) {
        sum += prior::add_lkj_prior(entry.arguments[0], entry.log_constant, value, blocks_[entry.block].dimension,
                                    d_value);
      } else {
        sum += prior::add_prior(entry.id, entry.arguments.data(), value, entry.elements.data(),
                                entry.elements.size(), d_value);
      }
    }
    return sum;
  }

  // Writes the gradient by the position of every block that is not read in place.
  void backward(const double* position, const double* values, const double* d_values, const double* slopes,
                const double* jacobian_slopes, bool jacobian, double* gradient) const {
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      if (in_place_[k]) continue;
      const ParameterBlock& block = blocks_[k];
      double* out = gradient + position_offset_[k];
      const std::size_t first = value_offset_[k];
      if (block.transform == Transform::cholesky_corr) {
        for (std::size_t i = 0; i < block.dimension * (block.dimension - 1) / 2; ++i) out[i] = 0;
        transform::cholesky_corr::backward(position + position_offset_[k], block.dimension, values + first,
                                           d_values + first, out, jacobian);
        continue;
      }
      for (std::size_t i = 0; i < block.size; ++i)
        if (!is_constant(block, i))
          *out++ = d_values[first + i] * slopes[first + i] + (jacobian ? jacobian_slopes[first + i] : 0.0);
    }
  }

  // All constrained elements, block after block in the reference order, z included.
  void write_all(const double* position, const double* values, double* out) const {
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      for (std::size_t i = 0; i < blocks_[k].size; ++i)
        *out++ = in_place_[k] ? in_place_element(k, i, position) : values[value_offset_[k] + i];
    }
  }

  // The position, in the reference layout, of constrained elements in write_all()'s order; NaN (also for values out of
  // bounds) where an element is NaN. Constant elements are passed over.
  void unconstrain(const double* all, double* position) const {
    for (const ParameterBlock& block : blocks_) {
      if (block.transform == Transform::cholesky_corr) {
        const std::size_t n = block.dimension * (block.dimension - 1) / 2;
        bool known = true;
        for (std::size_t i = 0; i < block.size; ++i) known = known && !std::isnan(all[i]);
        if (known) transform::cholesky_corr::unconstrain(all, block.dimension, position);
        for (std::size_t i = 0; i < n && !known; ++i) position[i] = std::numeric_limits<double>::quiet_NaN();
        position += n;
      } else {
        const transform::Scalar scalar = scalar_of(block);
        for (std::size_t i = 0; i < block.size; ++i)
          if (!is_constant(block, i)) *position++ = transform::unconstrain(scalar, all[i]);
      }
      all += block.size;
    }
  }

 private:
  struct Entry {
    std::size_t block;
    bool is_lkj;
    prior::PriorId id;
    std::vector<double> arguments;
    std::vector<std::size_t> elements;
    double normalizer;
    double log_constant;  // of lkj: costs K lgammas, so it is kept
  };

  // Elements in a position.
  static std::size_t n_free(const ParameterBlock& block) {
    if (block.transform == Transform::cholesky_corr) return block.dimension * (block.dimension - 1) / 2;
    std::size_t n = 0;
    for (std::size_t i = 0; i < block.size; ++i) n += is_constant(block, i) ? 0 : 1;
    return n;
  }

  void index_reference() {
    reference_index_.resize(dimension_);
    std::size_t at = 0;
    for (std::size_t k = 0; k < blocks_.size(); ++k)
      for (std::size_t i = 0, n = n_free(blocks_[k]); i < n; ++i)
        reference_index_[position_offset_[k] + (k == first_.block ? first_.place[i] : i)] =
            static_cast<std::uint32_t>(at++);
  }

  static bool is_constant(const ParameterBlock& block, std::size_t i) {
    return !block.constant.empty() && !std::isnan(block.constant[i]);
  }

  static transform::Scalar scalar_of(const ParameterBlock& block) {
    transform::Scalar scalar;
    scalar.lower = block.lower;
    scalar.upper = block.upper;
    if (block.transform == Transform::lower) scalar.kind = transform::ScalarTransform::lower;
    if (block.transform == Transform::upper) scalar.kind = transform::ScalarTransform::upper;
    if (block.transform == Transform::interval) scalar.kind = transform::ScalarTransform::interval;
    return scalar;
  }

  void add_prior_entry(const Prior& prior) {
    Entry entry{prior.block, prior.distribution == "lkj", prior::PriorId(), prior.arguments, {}, prior.normalizer, 0.0};
    if (!entry.is_lkj && !prior::find_prior(prior.distribution, entry.id))
      throw std::invalid_argument("unknown prior distribution '" + prior.distribution + "'");
    const ParameterBlock& block = blocks_.at(prior.block);
    if (entry.is_lkj) entry.log_constant = prior::lkj_log_constant(prior.arguments.at(0), block.dimension);
    if (in_place_[prior.block]) throw std::invalid_argument("no prior can be set on block '" + block.name + "'");
    for (const std::size_t i : prior.elements)
      if (!is_constant(block, i)) entry.elements.push_back(i);
    if (entry.is_lkj || !entry.elements.empty()) entries_.push_back(std::move(entry));
  }

  std::vector<ParameterBlock> blocks_;
  std::vector<bool> in_place_;
  FirstBlock first_;
  std::vector<std::uint32_t> reference_index_;
  std::vector<std::size_t> position_offset_, value_offset_;
  std::vector<Entry> entries_;
  std::size_t dimension_ = 0, n_values_ = 0, n_all_ = 0;
};

}  // namespace regression
}  // namespace skein

#endif
