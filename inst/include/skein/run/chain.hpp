// One chain as a state machine: an initial point, warm-up, sampling; it asks for one gradient at a time.
#ifndef SKEIN_RUN_CHAIN_HPP
#define SKEIN_RUN_CHAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../adapt/step_search.hpp"
#include "../adapt/warmup.hpp"
#include "../density.hpp"
#include "../kernel/config.hpp"
#include "../kernel/hmc.hpp"
#include "../kernel/nuts.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "chain_config.hpp"
#include "initial_point.hpp"

namespace skein {
namespace run {

// `started`: at its initial point, waiting for what its population learns from all of them.
enum class ChainStatus : int { gradient_wanted, draw_ready, finished, failed, started };

template <class Metric, template <class> class Kernel = kernel::Nuts>
class Chain {
 public:
  // Throws std::invalid_argument if init or inverse_metric do not fit the dimension or the metric is not positive
  // definite. Afterwards the first gradient is wanted. `segment_bounds`: Density::segment_bounds(), or one segment.
  Chain(std::size_t dimension, const ChainConfig& config, std::vector<std::size_t> segment_bounds = {});

  ChainStatus status() const { return status_; }

  // While gradient_wanted: where the log density and gradient are wanted, and where the gradient is to be written.
  const double* position_wanted();
  double* gradient_wanted();
  // The same for a density that calls the passes, which then write the position.
  Evaluation evaluation_wanted();

  // Takes the log density at position_wanted(), whose gradient is in gradient_wanted().
  ChainStatus advance(double log_density);

  // While draw_ready: the iteration done, counting from 0, and kernel() with position, log density and transition.
  int iteration() const { return iteration_; }
  bool in_warmup() const { return iteration_ < config_.warmup; }
  const Kernel<Metric>& kernel() const { return kernel_; }

  // Leaves draw_ready: adapts and begins the next iteration, unless all are done.
  ChainStatus resume();

  // The step size in force before jitter, and why the chain failed.
  double step_size() const { return step_size_; }
  const ChainFailure& failure() const { return failure_; }
  const ChainConfig& config() const { return config_; }

  // The state, but for the configuration, with which the chain must have been made. A failed chain has none.
  void save(util::ByteWriter& writer) const;
  void load(util::ByteReader& reader);

 private:
  enum class Phase : int { initial_point, step_search, transition };

  bool adapts() const { return config_.adaptation.engaged && config_.warmup > 0; }
  util::StreamKey key() const { return {config_.seed, config_.chain, static_cast<std::uint32_t>(iteration_)}; }
  ChainStatus take_initial_point(double log_density);
  ChainStatus begin_search();
  ChainStatus after_search(adapt::SearchStep step);
  ChainStatus begin_transition();
  ChainStatus fail(FailureKind kind, const std::string& message);

  ChainConfig config_;
  Kernel<Metric> kernel_;
  adapt::Warmup<Metric> warmup_;
  adapt::StepSizeSearch<Metric> search_;
  ChainStatus status_ = ChainStatus::gradient_wanted;
  Phase phase_ = Phase::initial_point;
  int iteration_ = 0;
  double step_size_;
  bool searched_ = false;  // whether the search before the first iteration is over

  InitialPoint start_;
  ChainFailure failure_;
};

template <class Metric, template <class> class Kernel>
Chain<Metric, Kernel>::Chain(std::size_t dimension, const ChainConfig& config, std::vector<std::size_t> segment_bounds)
    : config_(config),
      kernel_(dimension, config.kernel_config<typename Kernel<Metric>::Config>(), std::move(segment_bounds)),
      warmup_(dimension, config.warmup, config.adaptation, config.step_size),
      search_(dimension),
      step_size_(config.step_size),
      start_(dimension, config) {
  if (!config_.init.empty() && config_.init.size() != dimension)
    throw std::invalid_argument("an initial point has another length than the parameters");
  if (!config_.inverse_metric.empty() &&
      !kernel_.metric().set_inverse(config_.inverse_metric.data(), config_.inverse_metric.size()))
    throw std::invalid_argument("an inverse metric has the wrong size or is not positive definite");
}

template <class Metric, template <class> class Kernel>
const double* Chain<Metric, Kernel>::position_wanted() {
  if (phase_ == Phase::transition) return kernel_.position_wanted();
  return phase_ == Phase::step_search ? search_.position_wanted() : start_.position();
}

template <class Metric, template <class> class Kernel>
double* Chain<Metric, Kernel>::gradient_wanted() {
  if (phase_ == Phase::transition) return kernel_.gradient_wanted();
  return phase_ == Phase::step_search ? search_.gradient_wanted() : start_.gradient();
}

template <class Metric, template <class> class Kernel>
Evaluation Chain<Metric, Kernel>::evaluation_wanted() {
  if (phase_ == Phase::transition) return kernel_.evaluation_wanted();
  return {position_wanted(), gradient_wanted(), 0, {}};
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::advance(double log_density) {
  if (phase_ == Phase::initial_point) return take_initial_point(log_density);
  if (phase_ == Phase::step_search) return after_search(search_.advance(kernel_, log_density));
  if (kernel_.advance(log_density) == kernel::Step::draw_ready) status_ = ChainStatus::draw_ready;
  return status_;
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::resume() {
  adapt::Learned learned = adapt::Learned::step_size;
  if (adapts() && in_warmup()) learned = warmup_.learn(iteration_, kernel_, step_size_);
  if (learned == adapt::Learned::bad_metric)
    return fail(FailureKind::metric, "the variances of the draws are not finite, so the posterior may be improper.");
  ++iteration_;
  if (adapts() && iteration_ == config_.warmup && learned == adapt::Learned::step_size)
    step_size_ = warmup_.final_step_size(step_size_);
  if (iteration_ == config_.iterations) return status_ = ChainStatus::finished;
  return learned == adapt::Learned::metric ? begin_search() : begin_transition();
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::take_initial_point(double log_density) {
  const InitialPoint::Answer answer = start_.take(log_density);
  if (answer == InitialPoint::Answer::try_again) return status_;
  if (answer == InitialPoint::Answer::failed) {
    failure_ = start_.failure(log_density);
    return status_ = ChainStatus::failed;
  }
  kernel_.set_point(start_.position(), start_.gradient(), log_density);
  if (config_.iterations == 0) return status_ = ChainStatus::finished;
  return adapts() ? begin_search() : begin_transition();
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::begin_search() {
  phase_ = Phase::step_search;
  return after_search(search_.begin(kernel_, step_size_, key()));
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::after_search(adapt::SearchStep step) {
  if (step == adapt::SearchStep::improper)
    return fail(FailureKind::step_size, "every step size is accepted, so the posterior may be improper.");
  if (step == adapt::SearchStep::discontinuous)
    return fail(FailureKind::step_size, "no step size is small enough, so the posterior may not be continuous.");
  if (step == adapt::SearchStep::gradient_wanted) return status_ = ChainStatus::gradient_wanted;
  step_size_ = search_.step_size();
  if (searched_) warmup_.restart_step_size(step_size_);
  searched_ = true;
  return begin_transition();
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::begin_transition() {
  phase_ = Phase::transition;
  kernel_.begin(step_size_, key());
  return status_ = ChainStatus::gradient_wanted;
}

template <class Metric, template <class> class Kernel>
ChainStatus Chain<Metric, Kernel>::fail(FailureKind kind, const std::string& message) {
  const std::size_t n = kernel_.dimension();
  failure_ = {kind, message, std::vector<double>(kernel_.position(), kernel_.position() + n), kernel_.log_density(),
              std::vector<double>(kernel_.gradient(), kernel_.gradient() + n)};
  return status_ = ChainStatus::failed;
}

template <class Metric, template <class> class Kernel>
void Chain<Metric, Kernel>::save(util::ByteWriter& writer) const {
  if (status_ == ChainStatus::failed) throw std::logic_error("a failed chain has no state to save");
  kernel_.save(writer);
  warmup_.save(writer);
  search_.save(writer);
  writer.put(status_);
  writer.put(phase_);
  writer.put(iteration_);
  writer.put(step_size_);
  writer.put(searched_);
  start_.save(writer);
}

template <class Metric, template <class> class Kernel>
void Chain<Metric, Kernel>::load(util::ByteReader& reader) {
  kernel_.load(reader);
  warmup_.load(reader);
  search_.load(reader);
  reader.get(status_);
  reader.get(phase_);
  reader.get(iteration_);
  reader.get(step_size_);
  reader.get(searched_);
  start_.load(reader);
}

}  // namespace run
}  // namespace skein

#endif
