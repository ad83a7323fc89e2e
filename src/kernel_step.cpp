// Kernels driven by hand: transitions of one chain from a given state, with parameters that stay as they are.
#include <Rcpp.h>

#include <algorithm>
#include <cmath>
#include <skein/kernel/ghmc.hpp>
#include <skein/kernel/hmc.hpp>
#include <skein/kernel/nuts.hpp>
#include <skein/util/aligned.hpp>
#include <string>
#include <vector>

#include "coordinates.h"
#include "density_pointer.h"
#include "run_from_r.h"

namespace kernel = skein::kernel;
namespace run = skein::run;

namespace {

// The state and the numbers that name it, as R keeps them.
struct Start {
  Start(const Rcpp::List& state, const skein_r::Coordinates& coordinates)
      : position(coordinates.own(Rcpp::as<std::vector<double>>(state["unconstrained"]))),
        gradient(coordinates.own(Rcpp::as<std::vector<double>>(state["gradient"]))),
        momentum(coordinates.own(Rcpp::as<std::vector<double>>(state["momentum"]))),
        log_density(Rcpp::as<double>(state["log_density"])),
        slice(Rcpp::as<double>(state["slice"])) {
    key.seed = static_cast<std::uint64_t>(static_cast<std::int64_t>(Rcpp::as<double>(state["seed"])));
    key.chain = static_cast<std::uint32_t>(Rcpp::as<double>(state["chain"]));
    key.iteration = static_cast<std::uint32_t>(Rcpp::as<double>(state["iteration"]));
  }
  std::vector<double> position, gradient, momentum;
  double log_density, slice;
  skein::util::StreamKey key;
};

// Writes n transitions, one a column.
struct Steps {
  Steps(const skein::Density& density, int n)
      : coordinates(density),
        positions(static_cast<int>(density.dimension()), n),
        log_density(n),
        info(n, 6),
        gradient(static_cast<int>(density.dimension())) {}

  template <class Kernel>
  void record(int i, const Kernel& sampler) {
    coordinates.to_reference(sampler.position(), positions.column(i).begin());
    coordinates.to_reference(sampler.gradient(), gradient.begin());
    log_density[i] = sampler.log_density();
    const kernel::Transition& t = sampler.transition();
    const double values[] = {t.accept_stat, t.step_size, static_cast<double>(t.treedepth),
                             static_cast<double>(t.n_leapfrog), t.divergent ? 1.0 : 0.0, t.energy};
    std::copy(values, values + 6, info.row(i).begin());
  }

  skein_r::Coordinates coordinates;
  Rcpp::NumericMatrix positions;
  Rcpp::NumericVector log_density;
  Rcpp::NumericMatrix info;
  Rcpp::NumericVector gradient, momentum;
  double slice = 0;
};

// begin(kernel, key) begins a transition.
template <class Kernel, class Begin>
void drive(const skein::Density& density, Kernel& sampler, Start start, Steps& steps, const Begin& begin) {
  skein::util::AlignedArray<double> workspace(density.workspace_size()), scratch(density.scratch_size());
  skein::EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch.data();
  sampler.set_point(start.position.data(), start.gradient.data(), start.log_density);
  for (int i = 0; i < steps.log_density.size(); ++i, ++start.key.iteration) {
    Rcpp::checkUserInterrupt();
    begin(sampler, start.key);
    skein::Evaluation evaluation;
    do {
      evaluation.position = sampler.position_wanted();
      evaluation.gradient = sampler.gradient_wanted();
      density.evaluate(&evaluation, 1, context);
    } while (sampler.advance(evaluation.log_density) == kernel::Step::gradient_wanted);
    steps.record(i, sampler);
  }
}

template <class Metric, template <class> class Kernel>
void drive_independent(const skein::Density& density, const run::RunConfig& config, const Start& start, Steps& steps) {
  Kernel<Metric> sampler(density.dimension(), config.chain.kernel_config<typename Kernel<Metric>::Config>(),
                         density.segment_bounds());
  const std::vector<double>& inverse = config.inverse_metrics.empty() ? config.chain.inverse_metric
                                                                      : config.inverse_metrics.front();
  if (!inverse.empty() && !sampler.metric().set_inverse(inverse.data(), inverse.size()))
    Rcpp::stop("the inverse metric has the wrong size or is not positive definite");
  const double step_size = config.chain.step_size;
  if constexpr (std::is_same<Kernel<Metric>, kernel::Hmc<kernel::DiagonalMetric>>::value) {
    if (config.kernel == run::KernelKind::chees) {
      kernel::Hmc<kernel::DiagonalMetric>::Parameters shared;
      shared.step_size = step_size;
      shared.trajectory_length = config.chees.trajectory_length > 0 ? config.chees.trajectory_length : step_size;
      shared.max_steps = config.chees.max_steps;
      return drive(density, sampler, start, steps,
                   [&shared](auto& it, const skein::util::StreamKey& key) { it.begin(shared, key); });
    }
  }
  drive(density, sampler, start, steps,
        [step_size](auto& it, const skein::util::StreamKey& key) { it.begin(step_size, key); });
}

template <template <class> class Kernel>
void drive_metric(const skein::Density& density, const run::RunConfig& config, const Start& start, Steps& steps) {
  if (config.metric == run::MetricKind::unit)
    return drive_independent<kernel::UnitMetric, Kernel>(density, config, start, steps);
  if (config.metric == run::MetricKind::dense)
    return drive_independent<kernel::DenseMetric, Kernel>(density, config, start, steps);
  drive_independent<kernel::DiagonalMetric, Kernel>(density, config, start, steps);
}

void drive_meads(const skein::Density& density, const run::RunConfig& config, const Start& start, Steps& steps) {
  kernel::Ghmc sampler(density.dimension(), config.meads);
  kernel::DiagonalMetric metric(density.dimension());
  std::vector<double> scale(density.dimension(), 1.0), squares(scale);
  for (std::size_t i = 0; i < scale.size() && !config.inverse_metrics.empty(); ++i)
    scale[i] = std::sqrt(config.inverse_metrics.front()[i]);
  // As runs have it: the square of the rounded root, so that draws are the same to the last bit.
  for (std::size_t i = 0; i < scale.size(); ++i) squares[i] = scale[i] * scale[i];
  metric.set_inverse(squares.data(), squares.size());
  kernel::Ghmc::Parameters parameters;
  parameters.metric = &metric;
  parameters.scale = scale.data();
  parameters.step_size = config.meads.step_size;
  parameters.refreshed = 1 - kernel::exponential(-2 * config.meads.damping * config.meads.step_size);
  parameters.drift = parameters.refreshed / 2;
  if (start.key.iteration > 0) sampler.set_momentum(start.momentum.data(), start.slice);
  drive(density, sampler, start, steps,
        [&parameters](kernel::Ghmc& it, const skein::util::StreamKey& key) { it.begin(parameters, key); });
  steps.momentum = Rcpp::NumericVector(static_cast<int>(sampler.dimension()));
  steps.coordinates.to_reference(sampler.momentum(), steps.momentum.begin());
  steps.slice = sampler.slice();
}

}  // namespace

// n transitions of the kernel that `config` (as for sample_run(), of one chain) describes, from `state`: unconstrained,
// gradient, log_density, momentum and slice (MEADS only), seed, chain, iteration. Returns positions (a column for each
// transition), log_density, info (rows of sampler_param_names), gradient at the last, momentum, slice.
// [[Rcpp::export]]
Rcpp::List kernel_transitions(SEXP density, Rcpp::List config, Rcpp::List state, int n) {
  const skein::Density& target = *skein_r::DensityPointer(density).checked_get();
  run::RunConfig settings = run_config_from_r(config, target);
  if (!settings.step_sizes.empty()) settings.chain.step_size = settings.step_sizes.front();
  Steps steps(target, n);
  const Start start(state, steps.coordinates);
  switch (settings.kernel) {
    case run::KernelKind::meads:
      drive_meads(target, settings, start, steps);
      break;
    case run::KernelKind::nuts:
      drive_metric<kernel::Nuts>(target, settings, start, steps);
      break;
    default:
      drive_metric<kernel::Hmc>(target, settings, start, steps);
  }
  return Rcpp::List::create(Rcpp::_["positions"] = steps.positions, Rcpp::_["log_density"] = steps.log_density,
                            Rcpp::_["info"] = steps.info, Rcpp::_["gradient"] = steps.gradient,
                            Rcpp::_["momentum"] = steps.momentum, Rcpp::_["slice"] = steps.slice);
}
