// Warm-up: window schedule, dual averaging, running moments, metric estimates, the search for a step size.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <skein/adapt/chees.hpp>
#include <skein/adapt/step_search.hpp>
#include <skein/adapt/warmup.hpp>
#include <skein/kernel/nuts.hpp>
#include <vector>

#include "check.hpp"
#include "sampler_densities.hpp"

using namespace skein::adapt;
using skein::kernel::AdaptationConfig;
using skein::kernel::DenseMetric;
using skein::kernel::DiagonalMetric;
using skein::kernel::Nuts;
using skein::kernel::NutsConfig;
using skein::kernel::UnitMetric;
using Values = std::vector<double>;

namespace {

AdaptationConfig buffers(int init, int term, int window) {
  AdaptationConfig config;
  config.init_buffer = init;
  config.term_buffer = term;
  config.window = window;
  return config;
}

// Sizes of the stages: first buffer, windows, last buffer.
std::vector<int> stages(int warmup, const AdaptationConfig& config) {
  const WarmupSchedule schedule = warmup_schedule(warmup, config);
  std::vector<int> sizes = {schedule.first_slow};
  int begin = schedule.first_slow;
  for (const int end : schedule.window_ends) {
    sizes.push_back(end + 1 - begin);
    begin = end + 1;
  }
  CHECK(begin == schedule.end_slow);
  sizes.push_back(warmup - begin);
  return sizes;
}

// Numbers without pattern that are easy to look at.
double wobble(std::size_t i, std::size_t j) {
  return std::sin(1.7 * static_cast<double>(i) + 0.9 * static_cast<double>(j * j) + 1);
}

}  // namespace

// The reference manual of Stan: 75, then windows of 25, 50, 100, 200, 500, then 50.
CHECK_TEST(windows_are_those_of_stan) {
  const AdaptationConfig config;
  CHECK(stages(1000, config) == std::vector<int>({75, 25, 50, 100, 200, 500, 50}));
  CHECK(stages(150, config) == std::vector<int>({75, 25, 50}));
  CHECK(stages(500, config) == std::vector<int>({75, 25, 50, 100, 200, 50}));
  CHECK(stages(250, config) == std::vector<int>({75, 25, 100, 50}));
  CHECK(stages(2000, config) == std::vector<int>({75, 25, 50, 100, 200, 400, 1100, 50}));
  CHECK(stages(160, config) == std::vector<int>({75, 25, 10, 50}));
}

CHECK_TEST(short_warmups_keep_the_proportions) {
  const AdaptationConfig config;
  CHECK(stages(149, config) == std::vector<int>({22, 113, 14}));
  CHECK(stages(100, config) == std::vector<int>({15, 75, 10}));
  CHECK(stages(20, config) == std::vector<int>({3, 15, 2}));
  CHECK(warmup_schedule(19, config).window_ends.empty());
  CHECK(!warmup_schedule(19, config).in_window(5));
  CHECK(warmup_schedule(0, config).window_ends.empty());
}

CHECK_TEST(windows_follow_the_settings) {
  CHECK(stages(100, buffers(0, 0, 100)) == std::vector<int>({0, 100, 0}));
  CHECK(stages(100, buffers(10, 20, 10)) == std::vector<int>({10, 10, 20, 40, 20}));
  CHECK(stages(30, buffers(5, 5, 1)) == std::vector<int>({5, 1, 2, 4, 13, 5}));
  const WarmupSchedule schedule = warmup_schedule(100, buffers(10, 20, 10));
  CHECK(!schedule.in_window(9) && schedule.in_window(10) && schedule.in_window(79) && !schedule.in_window(80));
  CHECK(schedule.ends_window(19) && schedule.ends_window(39) && schedule.ends_window(79) && !schedule.ends_window(20));
}

// The recursion of Hoffman and Gelman (2014), equation 6, written for log epsilon.
CHECK_TEST(dual_averaging_is_the_published_recursion) {
  AdaptationConfig config;
  config.delta = 0.7;
  DualAveraging learner;
  learner.restart(0.3);
  CHECK(!learner.has_learned());
  double sum_error = 0, mean_log_step = 0;
  for (int m = 1; m <= 200; ++m) {
    const double accept_stat = 0.5 + 0.6 * std::fabs(wobble(m, 1));
    const double step_size = learner.learn(accept_stat, config);
    sum_error = (1 - 1 / (m + 10.0)) * sum_error + (0.7 - std::fmin(accept_stat, 1.0)) / (m + 10.0);
    const double log_step = std::log(3.0) - std::sqrt(m) / 0.05 * sum_error;
    mean_log_step = std::pow(m, -0.75) * log_step + (1 - std::pow(m, -0.75)) * mean_log_step;
    CHECK_NEAR(std::log(step_size), log_step, 1e-12);
    CHECK_NEAR(std::log(learner.final_step_size()), mean_log_step, 1e-12);
  }
  learner.restart(0.3);
  CHECK(!learner.has_learned());
  CHECK_NEAR(learner.learn(0.7, config), 3, 1e-14);
}

CHECK_TEST(running_moments_equal_those_in_two_passes) {
  const std::size_t n = 5, n_draws = 37;
  skein::util::WelfordVariance variance(n);
  skein::util::WelfordCovariance covariance(n);
  std::vector<Values> draws(n_draws, Values(n));
  Values mean(n);
  for (std::size_t k = 0; k < n_draws; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      draws[k][i] = 1e3 + wobble(k, i) + (i > 0 ? 0.5 * draws[k][i - 1] : 0);
      mean[i] += draws[k][i] / n_draws;
    }
    variance.add(draws[k].data());
    covariance.add(draws[k].data());
  }
  Values variances(n), covariances(n * n);
  variance.variance(variances.data());
  covariance.covariance(covariances.data());
  CHECK(variance.count() == n_draws && covariance.count() == n_draws);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK_NEAR(variance.mean()[i], mean[i], 1e-14);
    CHECK_NEAR(covariance.mean()[i], mean[i], 1e-14);
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (const Values& x : draws) sum += (x[i] - mean[i]) * (x[j] - mean[j]);
      CHECK_NEAR(covariances[i * n + j], sum / (n_draws - 1), 1e-11);
      if (i == j) CHECK_NEAR(variances[i], sum / (n_draws - 1), 1e-11);
    }
  }
  variance.reset();
  variance.add(draws[0].data());
  const Values before = variances;
  variance.variance(variances.data());
  CHECK(variances == before);
}

CHECK_TEST(metrics_are_shrunk_towards_a_small_unit_one) {
  MetricEstimator<DiagonalMetric> diagonal(2);
  MetricEstimator<DenseMetric> dense(2);
  const double draws[4][2] = {{1, 2}, {3, 1}, {2, 6}, {0, 3}};
  for (const auto& x : draws) {
    diagonal.add(x);
    dense.add(x);
  }
  DiagonalMetric diagonal_metric(2);
  DenseMetric dense_metric(2);
  CHECK(diagonal.update(diagonal_metric) && dense.update(dense_metric));
  const double variances[2] = {5.0 / 3, 14.0 / 3}, covariance = -1.0 / 3;
  for (std::size_t i = 0; i < 2; ++i) {
    const double expected = 4.0 / 9 * variances[i] + 1e-3 * 5 / 9;
    CHECK_NEAR(diagonal_metric.inverse()[i], expected, 1e-15);
    CHECK_NEAR(dense_metric.inverse()[i * 3], expected, 1e-15);
    CHECK_NEAR(dense_metric.inverse()[1 + i], 4.0 / 9 * covariance, 1e-15);
  }
  const double far[2] = {1e200, 0};
  diagonal.add(draws[0]);
  diagonal.add(far);
  CHECK(!diagonal.update(diagonal_metric));
  CHECK_NEAR(diagonal_metric.inverse()[0], 4.0 / 9 * 5 / 3 + 1e-3 * 5 / 9, 1e-15);
}

namespace {

template <class Metric>
struct Searched {
  SearchStep step;
  double step_size;
  int n_gradients;
};

template <class Metric>
Searched<Metric> search(const densities::Simple& density, double step_size) {
  Values position(density.dimension(), 0.5), gradient(density.dimension());
  Nuts<Metric> nuts(density.dimension(), NutsConfig());
  const double log_density = density.log_density(position.data(), gradient.data());
  nuts.set_point(position.data(), gradient.data(), log_density);
  StepSizeSearch<Metric> search(density.dimension());
  Searched<Metric> result = {search.begin(nuts, step_size, {4, 1, 0}), 0, 0};
  while (result.step == SearchStep::gradient_wanted) {
    ++result.n_gradients;
    result.step = search.advance(nuts, density.log_density(search.position_wanted(), search.gradient_wanted()));
  }
  result.step_size = search.step_size();
  return result;
}

class Flat : public densities::Simple {
 public:
  using Simple::Simple;
  double log_density(const double*, double* gradient) const override {
    for (std::size_t i = 0; i < dimension(); ++i) gradient[i] = 0;
    return 0;
  }
};

// Finite once, and never again however short the step.
class Needle : public densities::Simple {
 public:
  using Simple::Simple;
  double log_density(const double*, double* gradient) const override {
    for (std::size_t i = 0; i < dimension(); ++i) gradient[i] = 0;
    return n_calls_++ == 0 ? 0 : -skein::kernel::infinity;
  }

 private:
  mutable int n_calls_ = 0;
};

}  // namespace

CHECK_TEST(the_search_ends_between_too_short_and_too_long) {
  const densities::Gaussian density(50, 0);
  const auto up = search<UnitMetric>(density, 0.001), down = search<UnitMetric>(density, 64);
  CHECK(up.step == SearchStep::found && down.step == SearchStep::found);
  // Powers of two from the start; momenta are random, so both ends are only about where acceptance is 0.8.
  CHECK(std::log2(up.step_size / 0.001) == std::floor(std::log2(up.step_size / 0.001)));
  CHECK(up.step_size > 0.1 && up.step_size < 2 && down.step_size > 0.1 && down.step_size < 2);
  CHECK(up.n_gradients == 2 + static_cast<int>(std::log2(up.step_size / 0.001)));
  CHECK(search<DenseMetric>(density, 0.001).step_size == up.step_size);
  CHECK(search<DiagonalMetric>(density, 0.001).step_size == up.step_size);
}

CHECK_TEST(the_search_gives_up_where_nothing_can_be_found) {
  CHECK(search<UnitMetric>(Flat(3), 1).step == SearchStep::improper);
  CHECK(search<UnitMetric>(Needle(3), 1).step == SearchStep::discontinuous);
  CHECK(search<UnitMetric>(Flat(3), 1e8).step == SearchStep::found);
  CHECK(search<UnitMetric>(Flat(3), 1e8).n_gradients == 0);
}

int main() { return check::run_all(); }

// Chains ten standard deviations out, with gradients of a Gaussian: what ChEES-HMC starts with.
CHECK_TEST(chains_far_out_tell_scales_and_length) {
  const std::size_t n_chains = 33;
  for (const Values& variances : {Values{1e-6, 1, 1e4}, Values(40, 1.0)}) {
    const std::size_t d = variances.size();
    const auto evaluate = [&](const double* x, double* gradient) {
      double sum = 0;
      for (std::size_t i = 0; i < d; ++i) {
        gradient[i] = -x[i] / variances[i];
        sum += x[i] * gradient[i] / 2;
      }
      return sum;
    };
    std::deque<Chees::Kernel> kernels;
    std::vector<Chees::Kernel*> chains;
    Values x(d), gradient(d);
    for (std::size_t k = 0; k < n_chains; ++k) {
      skein::util::Stream stream(skein::util::Purpose::tree, {1, static_cast<std::uint32_t>(k), 0});
      skein::kernel::fill_standard_normal(stream, x.data(), d);
      for (std::size_t i = 0; i < d; ++i) x[i] *= 10 * std::sqrt(variances[i]);
      const double log_density = evaluate(x.data(), gradient.data());
      kernels.emplace_back(d, skein::kernel::HmcConfig());
      kernels.back().set_point(x.data(), gradient.data(), log_density);
      chains.push_back(&kernels.back());
    }
    Chees chees(d, 100, skein::kernel::CheesConfig(), AdaptationConfig());
    chees.start(chains, 1, {1, 0, 0}, evaluate);
    // 33 chains count as 33 of 38 parts, in logarithms; they brought unit metrics.
    const Values metric = kernels[5].metric().inverse();
    for (std::size_t i = 0; i < d; ++i) CHECK_NEAR(std::log(metric[i]), std::log(variances[i]) * 33 / 38, 1e-6);
    if (d == 40) CHECK_NEAR(chees.parameters(0).trajectory_length, skein::kernel::chees_gaussian_length, 0.8);
  }
}
