// Kernels of many chains over all schedules: the same draws whoever waits for whom, moments, costs, stops.
#include <algorithm>
#include <cmath>
#include <skein/run/runner.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_helpers.hpp"

namespace {

using densities::Funnel;
using densities::Gaussian;
using helpers::RunOutput;
using helpers::Values;
using skein::run::KernelKind;
using skein::run::RunConfig;
using skein::run::Schedule;

constexpr KernelKind all_kernels[] = {KernelKind::nuts, KernelKind::hmc, KernelKind::chees, KernelKind::meads};

// A Gaussian that asks for lanes and checks that it never gets more points than it asked for.
class LaneGaussian : public Gaussian {
 public:
  using Gaussian::Gaussian;
  std::size_t preferred_batch() const override { return 8; }
  void evaluate(skein::Evaluation* batch, std::size_t count, const skein::EvaluationContext& context) const override {
    // Not CHECK(), which is for the main thread alone: what a density throws ends the run and the test.
    if (count < 1 || count > 8) throw std::logic_error("more points than the density asked for");
    Gaussian::evaluate(batch, count, context);
  }
};

class MainThreadGaussian : public Gaussian {
 public:
  using Gaussian::Gaussian;
  bool main_thread_only() const override { return true; }
  void evaluate(skein::Evaluation* batch, std::size_t count, const skein::EvaluationContext& context) const override {
    if (std::this_thread::get_id() != home_) throw std::logic_error("this density must stay on its thread");
    Gaussian::evaluate(batch, count, context);
  }

 private:
  std::thread::id home_ = std::this_thread::get_id();
};

RunConfig many(KernelKind kernel, int n_chains, int iterations, int warmup) {
  RunConfig config;
  config.chain.seed = 20210407;
  config.chain.iterations = iterations;
  config.chain.warmup = warmup;
  config.n_chains = n_chains;
  config.kernel = kernel;
  return config;
}

bool same(const Values& a, const Values& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return a.size() == b.size();
}

bool same(const RunOutput& a, const RunOutput& b) {
  return same(a.draws, b.draws) && same(a.diagnostics, b.diagnostics);
}

// Mean and variance of a variable over all chains and draws.
void check_moments(const RunOutput& output, std::size_t variable, double mean, double variance, double tolerance) {
  double sum = 0, sum_squares = 0;
  const std::size_t n = output.n_saved * output.n_chains;
  for (std::size_t c = 0; c < output.n_chains; ++c) {
    for (std::size_t i = 0; i < output.n_saved; ++i) {
      const double x = output.draw(i, c, variable);
      sum += x;
      sum_squares += (x - mean) * (x - mean);
    }
  }
  CHECK_NEAR(sum / static_cast<double>(n), mean, tolerance * std::sqrt(variance));
  CHECK_NEAR(sum_squares / static_cast<double>(n), variance, 1.5 * tolerance * variance);
}

}  // namespace

CHECK_TEST(schedules_cores_and_lanes_do_not_change_a_bit) {
  const LaneGaussian density(5, 0.7);
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 21, 90, 60);
    config.save_warmup = true;
    const RunOutput expected = helpers::run(density, config);
    for (const Schedule schedule : {Schedule::lockstep, Schedule::parallel, Schedule::async}) {
      for (const int cores : {1, 2, 5}) {
        for (const int lanes : {0, 1, 3}) {
          config.schedule = schedule;
          config.cores = cores;
          config.lanes = lanes;
          const RunOutput output = helpers::run(density, config);
          CHECK(same(expected, output));
          CHECK(output.result.chains[20].last_draw == expected.result.chains[20].last_draw);
          CHECK(output.result.chains[3].step_size == expected.result.chains[3].step_size);
        }
      }
    }
  }
}

CHECK_TEST(threads_within_chains_do_not_change_a_bit) {
  const helpers::TeamGaussian density(40);
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 9, 50, 30);
    const RunOutput expected = helpers::run(density, config);
    config.cores = 2;
    config.threads = 2;
    config.schedule = Schedule::async;
    CHECK(same(expected, helpers::run(density, config)));
  }
}

CHECK_TEST(densities_of_the_main_thread_stay_on_it) {
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 8, 40, 20);
    config.cores = 2;
    CHECK(same(helpers::run(Gaussian(3, 0.5), config), helpers::run(MainThreadGaussian(3, 0.5), config)));
  }
  RunConfig config = many(KernelKind::nuts, 2, 100000, 0);
  helpers::StopAfter monitor(1);
  CHECK(helpers::run(MainThreadGaussian(3, 0.5), config, monitor).result.stopped);
}

CHECK_TEST(independent_chains_know_nothing_of_each_other) {
  const LaneGaussian density(4, 0.5);
  for (const KernelKind kernel : {KernelKind::nuts, KernelKind::hmc}) {
    RunConfig config = many(kernel, 12, 60, 40);
    config.schedule = Schedule::async;
    const RunOutput all = helpers::run(density, config);
    config.n_chains = 1;
    config.chain.chain = 8;
    const RunOutput one = helpers::run(density, config);
    for (std::size_t v = 0; v < 5; ++v)
      for (std::size_t i = 0; i < 20; ++i) CHECK(one.draw(i, 0, v) == all.draw(i, 7, v));
  }
}

CHECK_TEST(hmc_takes_the_steps_it_is_given) {
  const Gaussian density(3, 0.2);
  RunConfig config = many(KernelKind::hmc, 2, 200, 0);
  config.chain.hmc.steps = 7;
  config.chain.step_size = 0.3;
  RunOutput output = helpers::run(density, config);
  for (std::size_t i = 0; i < 200; ++i) CHECK(output.diagnostic(i, 1, 3) == 7);
  config.chain.hmc.steps = 0;
  config.chain.hmc.trajectory_length = 3;
  output = helpers::run(density, config);
  for (std::size_t i = 0; i < 200; ++i) CHECK(output.diagnostic(i, 1, 3) == 10);
  config.chain.hmc.jitter = 0.5;
  output = helpers::run(density, config);
  double least = 100, most = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    least = std::min(least, output.diagnostic(i, 0, 3));
    most = std::max(most, output.diagnostic(i, 0, 3));
  }
  CHECK(least == 5 && most == 15);
}

CHECK_TEST(all_kernels_find_the_gaussians_moments) {
  const Gaussian density(10, 0.8);
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 64, kernel == KernelKind::meads ? 2300 : 500, 300);
    config.chain.hmc.jitter = 0.5;
    const RunOutput output = helpers::run(density, config);
    for (std::size_t v = 0; v < 10; ++v) check_moments(output, v, density.mean(v), density.covariance(v, v), 0.08);
  }
}

CHECK_TEST(without_adaptation_populations_use_what_they_are_given) {
  const Gaussian density(3, 0.3);
  RunConfig config = many(KernelKind::chees, 8, 50, 0);
  config.chain.step_size = 0.25;
  config.chees.trajectory_length = 2;
  config.inverse_metrics.assign(8, {1, 2, 3});
  RunOutput output = helpers::run(density, config);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(output.diagnostic(i, 5, 1) == 0.25);
    const double steps = std::ceil(skein::kernel::van_der_corput(static_cast<std::uint32_t>(i) + 1) * 2 / 0.25);
    CHECK(output.diagnostic(i, 5, 3) == steps);
  }
  CHECK(output.result.chains[7].inverse_metric == Values({1, 2, 3}));
  config.kernel = KernelKind::meads;
  config.meads.step_size = 0.4;
  config.meads.damping = 0.5;
  output = helpers::run(density, config);
  CHECK(output.diagnostic(30, 2, 1) == 0.4 && output.diagnostic(30, 2, 3) == 1);
  CHECK_NEAR(output.result.chains[0].trajectory_length, 1 - std::exp(-2 * 0.4 * 0.5), 1e-15);
}

CHECK_TEST(trajectories_grow_with_the_longest_axis) {
  RunConfig config = many(KernelKind::chees, 64, 401, 400);
  const double round = helpers::run(Gaussian(6, 0.0), config).result.chains[0].trajectory_length;
  const double narrow = helpers::run(Gaussian(6, 0.95), config).result.chains[0].trajectory_length;
  CHECK(round > 1.5 && round < 3);
  CHECK(narrow > 1.4 * round);
}

CHECK_TEST(van_der_corput_by_hand) {
  const double expected[] = {0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875};
  for (std::uint32_t i = 0; i < 7; ++i) CHECK(skein::kernel::van_der_corput(i + 1) == expected[i]);
}

CHECK_TEST(the_largest_eigenvalue_is_found) {
  // Two axes of variance 9 and 1 in 200 vectors: tr(S^2) / tr(S) = 8.2.
  Values x(400);
  std::vector<const double*> rows;
  skein::util::Stream stream(skein::util::Purpose::tree, {1, 2, 3});
  skein::kernel::fill_standard_normal(stream, x.data(), 400);
  for (std::size_t i = 0; i < 200; ++i) {
    x[2 * i] *= 3;
    rows.push_back(&x[2 * i]);
  }
  const Values shift(2), scale(2, 1.0);
  skein::adapt::EigenvalueEstimate estimate(2);
  CHECK_NEAR(estimate(rows, shift.data(), scale.data()), 8.2, 1.5);
}

CHECK_TEST(superchains_begin_together) {
  RunConfig config = many(KernelKind::nuts, 6, 3, 0);
  config.superchain_size = 3;
  const auto first = [&](std::size_t chain) {
    return skein::run::InitialPoint(2, config.chain_config(chain)).position()[0];
  };
  CHECK(first(0) == first(2) && first(3) == first(5) && first(0) != first(3));
}

CHECK_TEST(costs_add_up) {
  const LaneGaussian density(3, 0.9);
  for (const KernelKind kernel : all_kernels) {
    for (const Schedule schedule : {Schedule::lockstep, Schedule::parallel, Schedule::async}) {
      RunConfig config = many(kernel, 20, 60, 20);
      config.cores = 2;
      config.schedule = schedule;
      const RunOutput output = helpers::run(density, config);
      const skein::run::Cost& cost = output.result.cost;
      double n_leapfrog = 0;
      for (std::size_t c = 0; c < 20; ++c)
        for (std::size_t i = 0; i < 60; ++i) n_leapfrog += output.diagnostic(i, c, 3);
      // Besides leapfrog steps there are initial points and searches for a step size, and populations' approach.
      const bool pools = kernel == KernelKind::chees || kernel == KernelKind::meads;
      const double approach = pools ? 20.0 * skein::kernel::population_approach * 63 : 0;
      CHECK(static_cast<double>(cost.n_gradients()) >= n_leapfrog + 20);
      CHECK(static_cast<double>(cost.n_gradients()) < n_leapfrog + 20 * 60 + approach);
      std::uint64_t n_draws = 0, n_of_chain = 0;
      for (const skein::run::WorkerCost& worker : cost.workers) {
        n_draws += worker.n_draws;
        n_of_chain += worker.draws_of_chain[13];
        CHECK(worker.n_gradients <= worker.n_batches * 8);
      }
      CHECK(n_draws == 20 * 60 && n_of_chain == 60 && cost.lanes == 8 && cost.workers.size() == 2);
    }
  }
}

// Chains at their own places keep the lanes full where lockstep leaves them empty.
CHECK_TEST(asynchronous_chains_fill_the_lanes) {
  const LaneGaussian density(2, 0.99);
  RunConfig config = many(KernelKind::nuts, 64, 200, 0);
  config.chain.step_size = 0.05;
  const auto filled = [&](Schedule schedule) {
    config.schedule = schedule;
    const RunOutput output = helpers::run(density, config);
    const skein::run::WorkerCost& worker = output.result.cost.workers[0];
    return static_cast<double>(worker.n_gradients) / (8.0 * static_cast<double>(worker.n_batches));
  };
  CHECK(filled(Schedule::async) > 0.95);
  CHECK(filled(Schedule::lockstep) < 0.75);
  CHECK(filled(Schedule::parallel) == 0.125);
}

CHECK_TEST(a_run_in_parts_is_the_run_in_one) {
  const LaneGaussian density(3, 0.5);
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 10, 100, 50);
    config.schedule = Schedule::async;
    const RunOutput expected = helpers::run(density, config);
    std::vector<int> stops;
    config.next_stop = [&stops](int done) {
      stops.push_back(done);
      return done + 17;
    };
    CHECK(same(expected, helpers::run(density, config)));
    CHECK(stops == std::vector<int>({0, 17, 34, 51, 68, 85}));
    config.next_stop = [](int done) { return done < 70 ? 70 : done; };
    const RunOutput part = helpers::run(density, config);
    CHECK(!part.result.stopped);
    for (std::size_t c = 0; c < 10; ++c) {
      CHECK(part.result.chains[c].n_done == 70 && part.result.chains[c].n_saved == 20);
      for (std::size_t i = 0; i < 50; ++i)
        CHECK(i < 20 ? part.draw(i, c, 1) == expected.draw(i, c, 1) : std::isnan(part.draw(i, c, 1)));
    }
  }
}

CHECK_TEST(a_stop_keeps_complete_draws_of_all_chains) {
  const helpers::Slow density(3);
  for (const KernelKind kernel : all_kernels) {
    RunConfig config = many(kernel, 12, 100000, 0);
    config.schedule = Schedule::async;
    config.lanes = 8;
    config.cores = 2;
    helpers::StopAfter monitor(20);
    const RunOutput output = helpers::run(density, config, monitor);
    CHECK(output.result.stopped);
    for (const auto& record : output.result.chains) CHECK(record.n_saved >= 20 && record.n_saved == record.n_done);
  }
}

CHECK_TEST(a_failing_chain_or_density_ends_populations_too) {
  for (const KernelKind kernel : {KernelKind::chees, KernelKind::meads}) {
    RunConfig config = many(kernel, 8, 50, 25);
    config.cores = 2;
    const RunOutput output = helpers::run(densities::Box(2, 0.0), config);
    const auto failed = std::count_if(output.result.chains.begin(), output.result.chains.end(), [](const auto& record) {
      return record.failure.kind == skein::run::FailureKind::initialization;
    });
    CHECK(failed > 0 && !output.result.stopped);
    bool thrown = false;
    try {
      config.chain.iterations = 2000;
      helpers::run(helpers::Throwing(2), config);
    } catch (const std::domain_error&) {
      thrown = true;
    }
    CHECK(thrown);
  }
}

int main() { return check::run_all(); }
