// Where a chain begins: given values, random ones where none are given, tried until the log density is finite.
#ifndef SKEIN_RUN_INITIAL_POINT_HPP
#define SKEIN_RUN_INITIAL_POINT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../kernel/config.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "chain_config.hpp"

namespace skein {
namespace run {

class InitialPoint {
 public:
  enum class Answer { try_again, taken, failed };

  InitialPoint(std::size_t dimension, const ChainConfig& config)
      : init_(config.init),
        radius_(config.init_radius),
        max_tries_(config.max_init_tries),
        stream_(util::Purpose::initial_point,
                {config.seed, config.init_chain > 0 ? config.init_chain : config.chain, 0}),
        position_(dimension),
        gradient_(dimension) {
    propose();
  }

  const double* position() const { return position_.data(); }
  double* gradient() { return gradient_.data(); }

  // Judges the point by the log density, with gradient() written; proposes another one for try_again.
  Answer take(double log_density) {
    const bool finite = std::isfinite(log_density) && std::all_of(gradient_.begin(), gradient_.end(),
                                                                  [](double x) { return std::isfinite(x); });
    if (finite) return Answer::taken;
    if (alone() || n_tries_ >= max_tries_) return Answer::failed;
    propose();
    return Answer::try_again;
  }

  ChainFailure failure(double log_density) const {
    const std::string message =
        alone() ? "the log density or its gradient is not finite at the initial values."
                : "the log density or its gradient is not finite at any of " + std::to_string(n_tries_) +
                      " random initial values.";
    return {FailureKind::initialization, message, position_, log_density, gradient_};
  }

  void save(util::ByteWriter& writer) const {
    stream_.save(writer);
    writer.put(n_tries_);
    writer.put_array(position_.data(), position_.size());
    writer.put_array(gradient_.data(), gradient_.size());
  }

  void load(util::ByteReader& reader) {
    stream_.load(reader);
    reader.get(n_tries_);
    reader.get_array(position_.data(), position_.size());
    reader.get_array(gradient_.data(), gradient_.size());
  }

 private:
  // Whether there is only one point to try.
  bool alone() const {
    const bool all_given =
        !init_.empty() && std::none_of(init_.begin(), init_.end(), [](double x) { return std::isnan(x); });
    return all_given || radius_ == 0;
  }

  // Draws for every element, given or not, so that giving one changes no other.
  void propose() {
    stream_.fill_uniform(position_.data(), position_.size());
    for (std::size_t i = 0; i < position_.size(); ++i) {
      const bool given = !init_.empty() && !std::isnan(init_[i]);
      position_[i] = given ? init_[i] : radius_ * (2 * position_[i] - 1);
    }
    ++n_tries_;
  }

  std::vector<double> init_;
  double radius_;
  int max_tries_;
  util::Stream stream_;
  int n_tries_ = 0;
  std::vector<double> position_;
  std::vector<double> gradient_;
};

}  // namespace run
}  // namespace skein

#endif
