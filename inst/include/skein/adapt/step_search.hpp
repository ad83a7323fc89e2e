// The search for a first step size: doubled or halved until the acceptance of a single step crosses 0.8 (Stan's
// init_stepsize), as a state machine that asks for one gradient at a time.
#ifndef SKEIN_ADAPT_STEP_SEARCH_HPP
#define SKEIN_ADAPT_STEP_SEARCH_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../kernel/config.hpp"
#include "../kernel/leapfrog.hpp"
#include "../kernel/math.hpp"
#include "../util/aligned.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"

namespace skein {
namespace adapt {

enum class SearchStep { gradient_wanted, found, improper, discontinuous };

template <class Metric>
class StepSizeSearch {
 public:
  explicit StepSizeSearch(std::size_t dimension)
      : start_(util::round_up_8(dimension)), end_(util::round_up_8(dimension)) {}

  // Starts from `step_size` at the point of `sampler`. `found` if there is nothing to search, since the step size is 0
  // or beyond the limit already.
  template <class Kernel>
  SearchStep begin(const Kernel& sampler, double step_size, const util::StreamKey& key) {
    step_size_ = step_size;
    if (!(step_size > 0) || step_size > kernel::step_search_limit) return SearchStep::found;
    std::copy(sampler.position(), sampler.position() + sampler.dimension(), start_.position.data());
    std::copy(sampler.gradient(), sampler.gradient() + sampler.dimension(), start_.gradient.data());
    log_density_ = sampler.log_density();
    stream_ = util::Stream(util::Purpose::step_size_search, key);
    direction_ = 0;
    begin_trial(sampler.metric());
    return SearchStep::gradient_wanted;
  }

  const double* position_wanted() const { return end_.position.data(); }
  double* gradient_wanted() { return end_.gradient.data(); }
  double step_size() const { return step_size_; }

  // Takes the log density at position_wanted(). A momentum is drawn anew for each trial, and the first step size is
  // tried twice, as in Stan: the first trial only gives the direction.
  template <class Kernel>
  SearchStep advance(const Kernel& sampler, double log_density) {
    double energy = leapfrog_end(sampler.metric(), step_size_, end_.arrays()) - log_density;
    if (!std::isfinite(log_density) || std::isnan(energy)) energy = kernel::infinity;
    const double gain = energy_start_ - energy;
    const double threshold = kernel::logarithm(kernel::step_search_acceptance);
    if (direction_ == 0) {
      direction_ = gain > threshold ? 1 : -1;
    } else {
      if (direction_ == 1 ? !(gain > threshold) : !(gain < threshold)) return SearchStep::found;
      step_size_ *= direction_ == 1 ? 2 : 0.5;
      if (step_size_ > kernel::step_search_limit) return SearchStep::improper;
      if (step_size_ == 0) return SearchStep::discontinuous;
    }
    begin_trial(sampler.metric());
    return SearchStep::gradient_wanted;
  }

  void save(util::ByteWriter& writer) const {
    start_.save(writer);
    end_.save(writer);
    stream_.save(writer);
    writer.put(log_density_);
    writer.put(step_size_);
    writer.put(energy_start_);
    writer.put(direction_);
  }

  void load(util::ByteReader& reader) {
    start_.load(reader);
    end_.load(reader);
    stream_.load(reader);
    reader.get(log_density_);
    reader.get(step_size_);
    reader.get(energy_start_);
    reader.get(direction_);
  }

 private:
  struct State {
    explicit State(std::size_t n) : position(n), gradient(n), momentum(n), velocity(n) {}
    kernel::PointArrays arrays() { return {position.data(), gradient.data(), momentum.data(), velocity.data()}; }
    void save(util::ByteWriter& writer) const {
      for (const auto* array : {&position, &gradient, &momentum, &velocity})
        writer.put_array(array->data(), array->size());
    }
    void load(util::ByteReader& reader) {
      for (auto* array : {&position, &gradient, &momentum, &velocity}) reader.get_array(array->data(), array->size());
    }
    util::AlignedArray<double> position, gradient, momentum, velocity;
  };

  void begin_trial(const Metric& metric) {
    energy_start_ = refresh_momentum(metric, stream_, start_.arrays()) - log_density_;
    leapfrog_begin(metric, step_size_, start_.arrays(), end_.arrays());
  }

  State start_;
  State end_;
  util::Stream stream_;
  double log_density_ = 0;
  double step_size_ = 0;
  double energy_start_ = 0;
  int direction_ = 0;  // 0 before the first trial
};

}  // namespace adapt
}  // namespace skein

#endif
