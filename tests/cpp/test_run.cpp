// Chains and runs: exact moments, independence of chains, cores and threads, checkpoints, failures, interrupts.
#include <cmath>
#include <skein/run/checkpoint.hpp>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "run_helpers.hpp"

using densities::Box;
using densities::Funnel;
using densities::Gaussian;
using helpers::Quiet;
using helpers::RunOutput;
using helpers::Values;
using skein::run::Chain;
using skein::run::ChainConfig;
using skein::run::ChainStatus;
using skein::run::FailureKind;
using skein::run::MetricKind;
using skein::run::RunConfig;

namespace {

RunConfig small_run(int n_chains, int iterations, int warmup) {
  RunConfig config;
  config.chain.seed = 2025;
  config.chain.iterations = iterations;
  config.chain.warmup = warmup;
  config.n_chains = n_chains;
  return config;
}

bool same(const RunOutput& a, const RunOutput& b) { return a.draws == b.draws && a.diagnostics == b.diagnostics; }

}  // namespace

// Means and variances of a Gaussian with known ones, to 4.5 Monte Carlo errors (72 comparisons, batch means of 200).
CHECK_TEST(gaussian_moments_are_exact) {
  const Gaussian density(6, 0.7);
  for (const MetricKind metric : {MetricKind::unit, MetricKind::diagonal, MetricKind::dense}) {
    RunConfig config = small_run(4, 6000, 1000);
    config.metric = metric;
    config.cores = 2;
    const RunOutput output = helpers::run(density, config);
    for (std::size_t v = 0; v < 6; ++v) {
      Values x, squares;
      for (std::size_t c = 0; c < 4; ++c) {
        for (std::size_t i = 0; i < 5000; ++i) {
          x.push_back(output.draw(i, c, v) - density.mean(v));
          squares.push_back(x.back() * x.back() - density.covariance(v, v));
        }
      }
      CHECK(std::fabs(helpers::mean(x)) < 4.5 * helpers::batch_error(x, 200));
      CHECK(std::fabs(helpers::mean(squares)) < 4.5 * helpers::batch_error(squares, 200));
      CHECK(helpers::batch_error(x, 200) < 0.04 * density.sd(v));
      if (v > 0) {
        Values products;
        for (std::size_t i = 0; i < x.size(); ++i)
          products.push_back(x[i] * (output.draw(i % 5000, i / 5000, v - 1) - density.mean(v - 1)) -
                             density.covariance(v, v - 1));
        CHECK(std::fabs(helpers::mean(products)) < 4.5 * helpers::batch_error(products, 200));
      }
    }
    for (const auto& record : output.result.chains) CHECK(record.n_done == 6000 && record.n_saved == 5000);
  }
}

CHECK_TEST(acceptance_is_near_what_was_aimed_at) {
  for (const double delta : {0.6, 0.8, 0.95}) {
    RunConfig config = small_run(2, 3000, 1000);
    config.chain.adaptation.delta = delta;
    const RunOutput output = helpers::run(Gaussian(30, 0.5), config);
    double sum = 0;
    for (std::size_t i = 1000; i < 3000; ++i) sum += output.diagnostic(i, 0, 0) + output.diagnostic(i, 1, 0);
    // Averaging log step sizes gives one somewhat short, so acceptance lies above rather than below.
    CHECK(sum / 4000 > delta - 0.04 && sum / 4000 < delta + 0.13);
    // After warm-up the step size stands still.
    CHECK(output.diagnostic(1000, 0, 1) == output.diagnostic(2999, 0, 1));
    CHECK(output.diagnostic(2999, 0, 1) == output.result.chains[0].step_size);
  }
}

CHECK_TEST(metrics_come_near_the_variances) {
  const Gaussian density(4, 0.8);
  RunConfig config = small_run(1, 2001, 2000);
  config.metric = MetricKind::dense;
  const Values dense = helpers::run(density, config).result.chains[0].inverse_metric;
  config.metric = MetricKind::diagonal;
  const Values diagonal = helpers::run(density, config).result.chains[0].inverse_metric;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::fabs(diagonal[i] / density.covariance(i, i) - 1) < 0.25);
    for (std::size_t j = 0; j < 4; ++j)
      CHECK(std::fabs(dense[i * 4 + j] - density.covariance(i, j)) < 0.25 * density.sd(i) * density.sd(j));
  }
}

CHECK_TEST(a_chain_does_not_depend_on_the_others) {
  const Funnel density(5);
  const RunOutput four = helpers::run(density, small_run(4, 300, 150));
  const RunOutput one = helpers::run(density, small_run(1, 300, 150));
  RunConfig third = small_run(1, 300, 150);
  third.chain.chain = 3;
  CHECK(one.chain_draws(0) == four.chain_draws(0));
  CHECK(helpers::run(density, third).chain_draws(0) == four.chain_draws(2));
  CHECK(four.chain_draws(0) != four.chain_draws(1));
  RunConfig other_seed = small_run(1, 300, 150);
  other_seed.chain.seed = 2026;
  CHECK(helpers::run(density, other_seed).chain_draws(0) != one.chain_draws(0));
}

CHECK_TEST(cores_and_threads_do_not_change_a_bit) {
  const helpers::TeamGaussian density(40);
  const RunOutput expected = helpers::run(density, small_run(3, 200, 100));
  for (const int cores : {1, 2, 3}) {
    for (const int threads : {0, 1, 2, 4}) {
      RunConfig config = small_run(3, 200, 100);
      config.cores = cores;
      config.threads = threads;
      CHECK(same(expected, helpers::run(density, config)));
    }
  }
}

// The density here is plain arithmetic, so any difference would be the sampler's own.
CHECK_TEST(sets_with_fused_multiply_add_draw_the_same) {
  using skein::simd::InstructionSet;
  const InstructionSet best = skein::simd::detected_instruction_set();
  if (best != InstructionSet::avx512) return;
  for (const MetricKind metric : {MetricKind::unit, MetricKind::diagonal, MetricKind::dense}) {
    RunConfig config = small_run(2, 300, 150);
    config.metric = metric;
    const RunOutput expected = helpers::run(Gaussian(13, 0.6), config);
    skein::simd::force_instruction_set(InstructionSet::avx2);
    CHECK(same(expected, helpers::run(Gaussian(13, 0.6), config)));
    skein::simd::force_instruction_set(best);
  }
}

CHECK_TEST(thinning_and_saved_warmup_pick_iterations) {
  const Gaussian density(3, 0.2);
  RunConfig config = small_run(2, 103, 50);
  config.save_warmup = true;
  const RunOutput all = helpers::run(density, config);
  config.thin = 7;
  const RunOutput thinned = helpers::run(density, config);
  config.save_warmup = false;
  const RunOutput sampling = helpers::run(density, config);
  CHECK(all.n_saved == 103 && thinned.n_saved == 8 + 8 && sampling.n_saved == 8);
  CHECK(all.diagnostics == sampling.diagnostics);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t v = 0; v < 4; ++v) {
      for (std::size_t i = 0; i < 8; ++i) {
        CHECK(thinned.draw(i, c, v) == all.draw(7 * i, c, v));
        CHECK(thinned.draw(8 + i, c, v) == all.draw(50 + 7 * i, c, v));
        CHECK(sampling.draw(i, c, v) == all.draw(50 + 7 * i, c, v));
      }
    }
    const auto& record = all.result.chains[c];
    for (std::size_t v = 0; v < 3; ++v) {
      CHECK(record.warmup_end[v] == all.draw(49, c, v));
      CHECK(record.first_draw[v] == all.draw(50, c, v));
      CHECK(record.last_draw[v] == all.draw(102, c, v));
    }
    Values gradient(3);
    CHECK(all.draw(60, c, 3) == density.log_density(all.position(60, c).data(), gradient.data()));
  }
}

CHECK_TEST(small_and_odd_sizes_run) {
  const Gaussian density(2, 0.1);
  for (const int iterations : {1, 2, 15, 16, 17, 33}) {
    for (const int warmup : {0, 1, iterations / 2, iterations}) {
      RunConfig config = small_run(1, iterations, warmup);
      config.save_warmup = true;
      const RunOutput output = helpers::run(density, config);
      CHECK(output.result.chains[0].n_done == iterations && !output.result.stopped);
      CHECK(output.result.chains[0].n_saved == static_cast<int>(output.n_saved));
      for (const double x : output.draws) CHECK(std::isfinite(x));
    }
  }
}

CHECK_TEST(without_adaptation_nothing_moves) {
  const Gaussian density(3, 0);
  for (const int warmup : {0, 100}) {
    RunConfig config = small_run(2, 200, warmup);
    config.chain.adaptation.engaged = false;
    config.step_sizes = {0.3, 0.7};
    config.inverse_metrics = {{1, 2, 3}, {0.5, 0.25, 1}};
    const RunOutput output = helpers::run(density, config);
    for (std::size_t i = 0; i < 200; ++i) CHECK(output.diagnostic(i, 0, 1) == 0.3 && output.diagnostic(i, 1, 1) == 0.7);
    CHECK(output.result.chains[0].inverse_metric == Values({1, 2, 3}));
    CHECK(output.result.chains[1].inverse_metric == Values({0.5, 0.25, 1}));
    CHECK(output.result.chains[1].step_size == 0.7);
  }
  // Warm-up of no iterations is no adaptation either.
  RunConfig config = small_run(1, 50, 0);
  config.chain.step_size = 0.4;
  CHECK(helpers::run(density, config).diagnostic(49, 0, 1) == 0.4);
}

// With no last stage the metric changes at the very end, and the step size must be searched for it.
CHECK_TEST(no_last_stage_still_finds_a_step_size) {
  RunConfig config = small_run(1, 200, 100);
  config.chain.adaptation.init_buffer = 0;
  config.chain.adaptation.term_buffer = 0;
  config.chain.adaptation.window = 100;
  const RunOutput output = helpers::run(Gaussian(50, 0.5), config);
  double sum = 0;
  for (std::size_t i = 100; i < 200; ++i) sum += output.diagnostic(i, 0, 0);
  CHECK(sum / 100 > 0.5);
}

CHECK_TEST(initial_points_given_random_and_mixed) {
  ChainConfig config;
  config.init = {1.5, std::nan(""), -0.5};
  Chain<skein::kernel::UnitMetric> mixed(3, config);
  CHECK(mixed.position_wanted()[0] == 1.5 && mixed.position_wanted()[2] == -0.5);
  config.init.clear();
  Chain<skein::kernel::UnitMetric> random(3, config);
  CHECK(random.position_wanted()[1] == mixed.position_wanted()[1]);
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::fabs(random.position_wanted()[i]) < 2);
  config.init_radius = 0;
  Chain<skein::kernel::UnitMetric> zero(3, config);
  CHECK(zero.position_wanted()[1] == 0);
}

CHECK_TEST(initial_points_are_tried_again) {
  RunConfig config = small_run(2, 50, 25);
  const RunOutput output = helpers::run(Box(2, 0.1), config);
  CHECK(output.result.chains[0].failure.kind == FailureKind::none && output.result.chains[1].n_done == 50);
}

CHECK_TEST(a_chain_without_an_initial_point_says_so) {
  RunConfig config = small_run(2, 50, 25);
  RunOutput output = helpers::run(Box(2, 0.0), config);
  const auto& failure = output.result.chains[0].failure;
  CHECK(failure.kind == FailureKind::initialization && failure.position.size() == 2 && failure.gradient.size() == 2);
  CHECK(std::isinf(failure.log_density) && failure.message.find("100") != std::string::npos);
  CHECK(output.result.chains[0].n_done == 0 && !output.result.stopped);
  config.inits = {{5.0, 5.0}, {5.0, 5.0}};
  output = helpers::run(Box(2, 1.0), config);
  CHECK(output.result.chains[0].failure.message.find("100") == std::string::npos);
  CHECK(output.result.chains[0].failure.position == Values({5.0, 5.0}));
}

CHECK_TEST(an_improper_posterior_says_so) {
  const RunOutput output = helpers::run(helpers::Flat(2), small_run(1, 50, 25));
  CHECK(output.result.chains[0].failure.kind == FailureKind::step_size);
}

CHECK_TEST(impossible_configurations_throw) {
  for (const bool wrong_metric : {true, false}) {
    RunConfig config = small_run(1, 10, 5);
    if (wrong_metric)
      config.inverse_metrics = {{1, 1, 1}};
    else
      config.inits = {{1, 1, 1}};
    bool thrown = false;
    try {
      helpers::run(Gaussian(2, 0), config);
    } catch (const std::invalid_argument&) {
      thrown = true;
    }
    CHECK(thrown);
  }
}

CHECK_TEST(a_throwing_density_ends_the_run) {
  bool thrown = false;
  try {
    RunConfig config = small_run(3, 200, 100);
    config.cores = 2;
    helpers::run(helpers::Throwing(2), config);
  } catch (const std::domain_error&) {
    thrown = true;
  }
  CHECK(thrown);
}

CHECK_TEST(a_stop_keeps_the_iterations_done) {
  const helpers::Slow density(3);
  RunConfig config = small_run(2, 100000, 50);
  config.cores = 2;
  helpers::StopAfter monitor(200);
  const RunOutput output = helpers::run(density, config, monitor);
  CHECK(output.result.stopped);
  RunConfig shorter = small_run(2, 400, 50);
  const RunOutput expected = helpers::run(density, shorter);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& record = output.result.chains[c];
    CHECK(record.n_done > 0 && record.n_done < 100000);
    CHECK(record.n_saved == std::max(0, record.n_done - 50));
    for (std::size_t i = 0; i < std::min<std::size_t>(static_cast<std::size_t>(record.n_saved), 350); ++i)
      for (std::size_t v = 0; v < 4; ++v) CHECK(output.draw(i, c, v) == expected.draw(i, c, v));
    if (record.n_saved > 0)
      CHECK(output.draw(static_cast<std::size_t>(record.n_saved) - 1, c, 0) == record.last_draw[0]);
    CHECK(std::isnan(output.draw(static_cast<std::size_t>(record.n_saved), c, 0)));
  }
}

CHECK_TEST(a_throwing_monitor_ends_the_run) {
  RunConfig config = small_run(2, 1000000, 50);
  config.cores = 2;
  helpers::ThrowingMonitor monitor;
  bool thrown = false;
  try {
    helpers::run(helpers::Slow(3), config, monitor);
  } catch (const helpers::MonitorError&) {
    thrown = true;
  }
  CHECK(thrown);
}

// The short chain's worker turns to the long one; with it work as many others as there are cores.
CHECK_TEST(a_finished_chain_leaves_its_threads_to_the_others) {
  const helpers::TeamGaussian density(40);
  RunConfig config = small_run(2, 400, 0);
  config.chain.adaptation.engaged = false;
  config.step_sizes = {0.5, 0.005};
  config.cores = 2;
  config.threads = 2;
  const RunOutput output = helpers::run(density, config);
  const skein::parallel::PoolReport& pool = output.result.pool;
  CHECK(pool.n_workers == 4 && pool.n_slots == 2 && pool.jobs.size() == 2);
  const auto long_chain = pool.jobs[1];
  std::size_t n_participants = 0;
  for (std::size_t worker = 0; worker < 4; ++worker)
    n_participants += worker == long_chain.worker || pool.n_tasks(worker, long_chain.slot) > 0;
  CHECK(n_participants >= std::min<std::size_t>(4, skein::parallel::available_cores()));
  const auto short_chain = pool.jobs[0];
  if (short_chain.worker != long_chain.worker) CHECK(pool.n_tasks(short_chain.worker, long_chain.slot) > 0);
}

CHECK_TEST(the_monitor_sees_the_end) {
  helpers::Recording monitor;
  helpers::run(Gaussian(2, 0), small_run(2, 120, 60), monitor);
  CHECK(monitor.last.n_done == std::vector<int>({120, 120}) && monitor.last.warmup == 60 &&
        monitor.last.iterations == 120);
}

int main() { return check::run_all(); }
