// One chain as a state machine: an initial point, warm-up, sampling; it asks for one gradient at a time.
#ifndef SKEIN_RUN_CHAIN_HPP
#define SKEIN_RUN_CHAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../adapt/step_search.hpp"
#include "../adapt/warmup.hpp"
#include "../kernel/config.hpp"
#include "../kernel/nuts.hpp"
#include "../util/bytes.hpp"
#include "../util/rng.hpp"

namespace skein {
namespace run {

struct ChainConfig {
  std::uint64_t seed = 0;
  std::uint32_t chain = 1;                           // part of every random number's key
  int iterations = kernel::SamplingDefaults().iter;  // warm-up included
  int warmup = kernel::SamplingDefaults().iter / 2;
  kernel::NutsConfig nuts;
  kernel::AdaptationConfig adaptation;                     // without warm-up nothing adapts
  double step_size = kernel::SamplingDefaults().stepsize;  // the first; adaptation starts its search there
  double init_radius = kernel::SamplingDefaults().init_radius;
  int max_init_tries = kernel::SamplingDefaults().max_init_tries;
  std::vector<double> init;            // empty or the whole unconstrained position; NaN elements are random
  std::vector<double> inverse_metric;  // empty: the unit metric. Diagonal, or all rows of a dense one
};

enum class ChainStatus : int { gradient_wanted, draw_ready, finished, failed };

enum class FailureKind { none, initialization, step_size, metric };

// Why a chain could not go on, and where it stood; elements of `gradient` that are not finite name the culprits.
struct ChainFailure {
  FailureKind kind = FailureKind::none;
  std::string message;
  std::vector<double> position;
  double log_density = 0;
  std::vector<double> gradient;
};

template <class Metric>
class Chain {
 public:
  // Throws std::invalid_argument if init or inverse_metric do not fit the dimension or the metric is not positive
  // definite. Afterwards the first gradient is wanted.
  Chain(std::size_t dimension, const ChainConfig& config);

  ChainStatus status() const { return status_; }

  // While gradient_wanted: where the log density and gradient are wanted, and where the gradient is to be written.
  const double* position_wanted() const;
  double* gradient_wanted();

  // Takes the log density at position_wanted(), whose gradient is in gradient_wanted().
  ChainStatus advance(double log_density);

  // While draw_ready: the iteration done, counting from 0, and nuts() with position, log density and transition.
  int iteration() const { return iteration_; }
  bool in_warmup() const { return iteration_ < config_.warmup; }
  const kernel::Nuts<Metric>& nuts() const { return nuts_; }

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
  bool all_given() const;
  void propose_initial_point();
  ChainStatus take_initial_point(double log_density);
  ChainStatus begin_search();
  ChainStatus after_search(adapt::SearchStep step);
  ChainStatus begin_transition();
  ChainStatus fail(FailureKind kind, const std::string& message);

  ChainConfig config_;
  kernel::Nuts<Metric> nuts_;
  adapt::Warmup<Metric> warmup_;
  adapt::StepSizeSearch<Metric> search_;
  ChainStatus status_ = ChainStatus::gradient_wanted;
  Phase phase_ = Phase::initial_point;
  int iteration_ = 0;
  double step_size_;
  bool searched_ = false;  // whether the search before the first iteration is over

  util::Stream init_stream_;
  int n_init_tries_ = 0;
  std::vector<double> init_position_;
  std::vector<double> init_gradient_;
  ChainFailure failure_;
};

template <class Metric>
Chain<Metric>::Chain(std::size_t dimension, const ChainConfig& config)
    : config_(config),
      nuts_(dimension, config.nuts),
      warmup_(dimension, config.warmup, config.adaptation, config.step_size),
      search_(dimension),
      step_size_(config.step_size),
      init_position_(dimension),
      init_gradient_(dimension) {
  if (!config_.init.empty() && config_.init.size() != dimension)
    throw std::invalid_argument("an initial point has another length than the parameters");
  if (!config_.inverse_metric.empty() &&
      !nuts_.metric().set_inverse(config_.inverse_metric.data(), config_.inverse_metric.size()))
    throw std::invalid_argument("an inverse metric has the wrong size or is not positive definite");
  init_stream_ = util::Stream(util::Purpose::initial_point, key());
  propose_initial_point();
}

template <class Metric>
const double* Chain<Metric>::position_wanted() const {
  if (phase_ == Phase::transition) return nuts_.position_wanted();
  return phase_ == Phase::step_search ? search_.position_wanted() : init_position_.data();
}

template <class Metric>
double* Chain<Metric>::gradient_wanted() {
  if (phase_ == Phase::transition) return nuts_.gradient_wanted();
  return phase_ == Phase::step_search ? search_.gradient_wanted() : init_gradient_.data();
}

template <class Metric>
ChainStatus Chain<Metric>::advance(double log_density) {
  if (phase_ == Phase::initial_point) return take_initial_point(log_density);
  if (phase_ == Phase::step_search) return after_search(search_.advance(nuts_, log_density));
  if (nuts_.advance(log_density) == kernel::Step::draw_ready) status_ = ChainStatus::draw_ready;
  return status_;
}

template <class Metric>
ChainStatus Chain<Metric>::resume() {
  adapt::Learned learned = adapt::Learned::step_size;
  if (adapts() && in_warmup()) learned = warmup_.learn(iteration_, nuts_, step_size_);
  if (learned == adapt::Learned::bad_metric)
    return fail(FailureKind::metric, "the variances of the draws are not finite, so the posterior may be improper.");
  ++iteration_;
  if (adapts() && iteration_ == config_.warmup && learned == adapt::Learned::step_size)
    step_size_ = warmup_.final_step_size(step_size_);
  if (iteration_ == config_.iterations) return status_ = ChainStatus::finished;
  return learned == adapt::Learned::metric ? begin_search() : begin_transition();
}

template <class Metric>
bool Chain<Metric>::all_given() const {
  return !config_.init.empty() &&
         std::none_of(config_.init.begin(), config_.init.end(), [](double x) { return std::isnan(x); });
}

// Draws for every element, given or not, so that giving one changes no other.
template <class Metric>
void Chain<Metric>::propose_initial_point() {
  init_stream_.fill_uniform(init_position_.data(), init_position_.size());
  for (std::size_t i = 0; i < init_position_.size(); ++i) {
    const bool given = !config_.init.empty() && !std::isnan(config_.init[i]);
    init_position_[i] = given ? config_.init[i] : config_.init_radius * (2 * init_position_[i] - 1);
  }
  ++n_init_tries_;
}

template <class Metric>
ChainStatus Chain<Metric>::take_initial_point(double log_density) {
  const bool finite = std::isfinite(log_density) && std::all_of(init_gradient_.begin(), init_gradient_.end(),
                                                                [](double x) { return std::isfinite(x); });
  if (finite) {
    nuts_.set_point(init_position_.data(), init_gradient_.data(), log_density);
    if (config_.iterations == 0) return status_ = ChainStatus::finished;
    return adapts() ? begin_search() : begin_transition();
  }
  const bool alone = all_given() || config_.init_radius == 0;
  if (alone || n_init_tries_ >= config_.max_init_tries) {
    failure_ = {FailureKind::initialization, "", init_position_, log_density, init_gradient_};
    failure_.message = alone ? "the log density or its gradient is not finite at the initial values."
                             : "the log density or its gradient is not finite at any of " +
                                   std::to_string(n_init_tries_) + " random initial values.";
    return status_ = ChainStatus::failed;
  }
  propose_initial_point();
  return status_;
}

template <class Metric>
ChainStatus Chain<Metric>::begin_search() {
  phase_ = Phase::step_search;
  return after_search(search_.begin(nuts_, step_size_, key()));
}

template <class Metric>
ChainStatus Chain<Metric>::after_search(adapt::SearchStep step) {
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

template <class Metric>
ChainStatus Chain<Metric>::begin_transition() {
  phase_ = Phase::transition;
  nuts_.begin(step_size_, key());
  return status_ = ChainStatus::gradient_wanted;
}

template <class Metric>
ChainStatus Chain<Metric>::fail(FailureKind kind, const std::string& message) {
  const std::size_t n = nuts_.dimension();
  failure_ = {kind, message, std::vector<double>(nuts_.position(), nuts_.position() + n), nuts_.log_density(),
              std::vector<double>(nuts_.gradient(), nuts_.gradient() + n)};
  return status_ = ChainStatus::failed;
}

template <class Metric>
void Chain<Metric>::save(util::ByteWriter& writer) const {
  if (status_ == ChainStatus::failed) throw std::logic_error("a failed chain has no state to save");
  nuts_.save(writer);
  warmup_.save(writer);
  search_.save(writer);
  writer.put(status_);
  writer.put(phase_);
  writer.put(iteration_);
  writer.put(step_size_);
  writer.put(searched_);
  init_stream_.save(writer);
  writer.put(n_init_tries_);
  writer.put_array(init_position_.data(), init_position_.size());
  writer.put_array(init_gradient_.data(), init_gradient_.size());
}

template <class Metric>
void Chain<Metric>::load(util::ByteReader& reader) {
  nuts_.load(reader);
  warmup_.load(reader);
  search_.load(reader);
  reader.get(status_);
  reader.get(phase_);
  reader.get(iteration_);
  reader.get(step_size_);
  reader.get(searched_);
  init_stream_.load(reader);
  reader.get(n_init_tries_);
  reader.get_array(init_position_.data(), init_position_.size());
  reader.get_array(init_gradient_.data(), init_gradient_.size());
}

}  // namespace run
}  // namespace skein

#endif
