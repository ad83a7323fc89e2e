// What the tests of runs share: running with fresh arrays, monitors and densities with peculiar manners.
#ifndef SKEIN_TESTS_RUN_HELPERS_HPP
#define SKEIN_TESTS_RUN_HELPERS_HPP

#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <skein/parallel/reduce_sum.hpp>
#include <skein/run/runner.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "sampler_densities.hpp"

namespace helpers {

using Values = std::vector<double>;

struct RunOutput {
  std::size_t n_saved, n_iterations, n_chains, n_variables;
  Values draws, diagnostics;
  skein::run::RunResult result;

  double draw(std::size_t i, std::size_t chain, std::size_t variable) const {
    return draws[i + n_saved * (chain + n_chains * variable)];
  }
  double diagnostic(std::size_t i, std::size_t chain, std::size_t column) const {
    return diagnostics[i + n_iterations * (chain + n_chains * column)];
  }
  Values position(std::size_t i, std::size_t chain) const {
    Values out;
    for (std::size_t v = 0; v + 1 < n_variables; ++v) out.push_back(draw(i, chain, v));
    return out;
  }
  Values chain_draws(std::size_t chain) const {
    Values out;
    for (std::size_t v = 0; v < n_variables; ++v)
      for (std::size_t i = 0; i < n_saved; ++i) out.push_back(draw(i, chain, v));
    return out;
  }
};

class Quiet : public skein::run::Monitor {
 public:
  bool poll(const skein::run::Progress&) override { return false; }
};

class Recording : public skein::run::Monitor {
 public:
  bool poll(const skein::run::Progress& progress) override {
    last = progress;
    return false;
  }
  skein::run::Progress last;
};

class StopAfter : public skein::run::Monitor {
 public:
  explicit StopAfter(int n) : n_(n) {}
  bool poll(const skein::run::Progress& progress) override {
    for (const int done : progress.n_done)
      if (done < n_) return false;
    return true;
  }

 private:
  int n_;
};

struct MonitorError {};

class ThrowingMonitor : public skein::run::Monitor {
 public:
  bool poll(const skein::run::Progress&) override { throw MonitorError(); }
};

// Elements that are not written stay NaN.
inline RunOutput run(const skein::Density& density, const skein::run::RunConfig& config, skein::run::Monitor& monitor) {
  using skein::run::n_kept;
  RunOutput out;
  const int warmup = config.chain.warmup, iterations = config.chain.iterations;
  out.n_saved = static_cast<std::size_t>((config.save_warmup ? n_kept(warmup, config.thin) : 0) +
                                         n_kept(iterations - warmup, config.thin));
  out.n_iterations = static_cast<std::size_t>(iterations);
  out.n_chains = static_cast<std::size_t>(config.n_chains);
  out.n_variables = density.draw_size() + 1;
  const double missing = std::numeric_limits<double>::quiet_NaN();
  out.draws.assign(out.n_saved * out.n_chains * out.n_variables, missing);
  out.diagnostics.assign(out.n_iterations * out.n_chains * skein::run::n_diagnostics, missing);
  out.result = skein::run::run_chains(
      density, config, {out.draws.data(), out.diagnostics.data(), out.n_saved, out.n_iterations, out.n_chains},
      monitor);
  return out;
}

inline RunOutput run(const skein::Density& density, const skein::run::RunConfig& config) {
  Quiet quiet;
  return run(density, config, quiet);
}

inline double mean(const Values& x) {
  double sum = 0;
  for (const double value : x) sum += value;
  return sum / static_cast<double>(x.size());
}

// Standard error of the mean from means of batches of `size` neighbours.
inline double batch_error(const Values& x, std::size_t size) {
  const std::size_t n_batches = x.size() / size;
  double sum = 0, sum_squares = 0;
  for (std::size_t b = 0; b < n_batches; ++b) {
    double batch = 0;
    for (std::size_t i = 0; i < size; ++i) batch += x[b * size + i] / static_cast<double>(size);
    sum += batch;
    sum_squares += batch * batch;
  }
  const double n = static_cast<double>(n_batches);
  return std::sqrt((sum_squares - sum * sum / n) / (n - 1) / n);
}

// A standard normal whose sum runs over the team, an element a task, joined in a fixed order.
class TeamGaussian : public densities::Simple {
 public:
  using Simple::Simple;
  std::size_t workspace_size() const override { return dimension(); }
  std::size_t scratch_size() const override { return 8; }
  void evaluate(skein::Evaluation* batch, std::size_t count, const skein::EvaluationContext& context) const override {
    for (std::size_t k = 0; k < count; ++k) {
      skein::Evaluation& one = batch[k];
      skein::parallel::for_each_task(context.team, dimension(), context.scratch, [&](std::size_t i, double* scratch) {
        scratch[0] = one.position[i];
        context.workspace[i] = -0.5 * scratch[0] * scratch[0];
        one.gradient[i] = -scratch[0];
      });
      one.log_density = 0;
      for (std::size_t i = 0; i < dimension(); ++i) one.log_density += context.workspace[i];
    }
  }
  double log_density(const double*, double*) const override { return 0; }
};

class Flat : public densities::Simple {
 public:
  using Simple::Simple;
  double log_density(const double*, double* gradient) const override {
    for (std::size_t i = 0; i < dimension(); ++i) gradient[i] = 0;
    return 0;
  }
};

// A standard normal that throws at its 500th evaluation.
class Throwing : public densities::Box {
 public:
  explicit Throwing(std::size_t dimension) : Box(dimension, 100) {}
  double log_density(const double* x, double* gradient) const override {
    if (n_calls_.fetch_add(1) == 500) throw std::domain_error("no more");
    return Box::log_density(x, gradient);
  }

 private:
  mutable std::atomic<int> n_calls_{0};
};

// A standard normal that takes its time, so that a monitor has something to watch.
class Slow : public densities::Box {
 public:
  explicit Slow(std::size_t dimension) : Box(dimension, 100) {}
  double log_density(const double* x, double* gradient) const override {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    return Box::log_density(x, gradient);
  }
};

}  // namespace helpers

#endif
