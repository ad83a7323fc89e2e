// Timed runs and gradients: the same steps and draws as the runner's, at least as long as asked, several at once,
// stopped and failing in words.
#include <skein/run/timed.hpp>
#include <skein/run/timed_gradient.hpp>
#include <vector>

#include "check.hpp"
#include "run_helpers.hpp"

using skein::run::FailureKind;
using skein::run::RunConfig;
using skein::run::TimedRuns;

namespace {

RunConfig timed_run(int threads, std::size_t dimension) {
  RunConfig config;
  config.n_chains = 1;
  config.chain.seed = 1234;
  config.chain.iterations = 20;
  config.chain.warmup = 0;
  config.chain.adaptation.engaged = false;
  config.chain.step_size = 0.3;
  config.chain.init.assign(dimension, 0.5);
  config.chain.inverse_metric.assign(dimension, 1.5);
  config.threads = threads;
  return config;
}

TimedRuns time_chain(const skein::Density& density, const RunConfig& config, double seconds) {
  helpers::Quiet quiet;
  return skein::run::time_chain(density, config, seconds, quiet);
}

}  // namespace

CHECK_TEST(runs_take_the_runners_steps) {
  const helpers::TeamGaussian density(40);
  const RunConfig config = timed_run(0, 40);
  const helpers::RunOutput output = helpers::run(density, config);
  double n_leapfrog = 0;
  for (std::size_t i = 0; i < 20; ++i) n_leapfrog += output.diagnostic(i, 0, 3);
  const TimedRuns timed = time_chain(density, config, 0.01);
  CHECK(static_cast<double>(timed.n_leapfrog) == n_leapfrog);
  CHECK(timed.repeatable && !timed.stopped && timed.failure.kind == FailureKind::none);
}

CHECK_TEST(runs_go_on_until_the_time_is_over) {
  const helpers::TeamGaussian density(40);
  const TimedRuns once = time_chain(density, timed_run(0, 40), 0);
  CHECK(once.seconds.size() == 1 && once.seconds[0] > 0);
  const TimedRuns many = time_chain(density, timed_run(0, 40), 0.02);
  double sum = 0;
  for (const double seconds : many.seconds) sum += seconds;
  CHECK(sum >= 0.02 && sum - many.seconds.back() < 0.02);
}

CHECK_TEST(threads_and_metrics_change_no_bit) {
  const helpers::TeamGaussian density(40);
  const TimedRuns expected = time_chain(density, timed_run(0, 40), 0);
  for (const int threads : {1, 2, 4}) {
    RunConfig config = timed_run(threads, 40);
    CHECK(time_chain(density, config, 0.005).fingerprint == expected.fingerprint);
    config.metric = skein::run::MetricKind::dense;
    config.chain.inverse_metric.assign(1600, 0);
    for (std::size_t i = 0; i < 40; ++i) config.chain.inverse_metric[41 * i] = 1.5;
    CHECK(time_chain(density, config, 0).n_leapfrog > 0);
  }
  RunConfig other = timed_run(0, 40);
  other.chain.seed = 1;
  CHECK(time_chain(density, other, 0).fingerprint != expected.fingerprint);
}

// A density that remembers how often it was asked gives other draws each time.
class Fickle : public densities::Box {
 public:
  explicit Fickle(std::size_t dimension) : Box(dimension, 100) {}
  double log_density(const double* x, double* gradient) const override {
    const double value = Box::log_density(x, gradient);
    gradient[0] += 1e-6 * static_cast<double>(n_calls_.fetch_add(1));
    return value;
  }

 private:
  mutable std::atomic<int> n_calls_{0};
};

CHECK_TEST(runs_that_differ_are_noticed) {
  CHECK(!time_chain(Fickle(3), timed_run(0, 3), 0.005).repeatable);
}

CHECK_TEST(a_stop_and_a_bad_start_are_told) {
  const helpers::Slow slow(3);
  RunConfig config = timed_run(1, 3);
  config.chain.iterations = 1000000;
  helpers::StopAfter at_once(0);
  const TimedRuns stopped = skein::run::time_chain(slow, config, 1, at_once);
  CHECK(stopped.stopped && stopped.seconds.empty());
  const TimedRuns failed = time_chain(densities::Box(3, 0.1), timed_run(0, 3), 0);
  CHECK(failed.failure.kind == FailureKind::initialization && failed.seconds.empty());
}

TimedRuns time_copies(const skein::Density& density, const RunConfig& config, std::size_t n, double seconds) {
  helpers::Quiet quiet;
  return skein::run::time_copies(density, config, n, seconds, quiet);
}

CHECK_TEST(copies_take_the_steps_of_one) {
  const helpers::TeamGaussian density(40);
  const TimedRuns one = time_chain(density, timed_run(0, 40), 0);
  for (const std::size_t n : {2, 3}) {
    const TimedRuns copies = time_copies(density, timed_run(0, 40), n, 0.005);
    CHECK(copies.fingerprint == one.fingerprint && copies.n_leapfrog == one.n_leapfrog);
    CHECK(copies.repeatable && !copies.stopped && copies.failure.kind == FailureKind::none);
    double sum = 0;
    for (const double seconds : copies.seconds) sum += seconds;
    CHECK(sum >= 0.005 && sum - copies.seconds.back() < 0.005);
  }
}

// Sleeps at each evaluation, the longer the later a thread has come; counts the threads in it at the same moment.
class Sleeping : public densities::Simple {
 public:
  using Simple::Simple;
  double log_density(const double*, double* gradient) const override {
    const int inside = inside_.fetch_add(1) + 1;
    int most = most_.load();
    while (inside > most && !most_.compare_exchange_weak(most, inside)) {
    }
    thread_local const int place = n_threads_.fetch_add(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + 3 * place));
    for (std::size_t i = 0; i < dimension(); ++i) gradient[i] = 0;
    inside_.fetch_sub(1);
    return 0;
  }
  int most() const { return most_.load(); }

 private:
  mutable std::atomic<int> inside_{0}, most_{0};
  static std::atomic<int> n_threads_;
};
std::atomic<int> Sleeping::n_threads_{0};

CHECK_TEST(a_round_lasts_until_the_slowest_is_done) {
  const Sleeping density(2);
  skein::run::GradientTiming timing;
  timing.copies = 3;
  timing.times = 4;
  timing.min_seconds = 0.02;
  const std::vector<double> microseconds = skein::run::time_gradient(density, helpers::Values(2).data(), timing);
  CHECK(microseconds.size() == 4);
  for (const double us : microseconds) CHECK(us >= 7000);
  CHECK(density.most() == 3);
}

CHECK_TEST(gradients_are_timed_alone_and_in_threads) {
  const helpers::TeamGaussian density(40);
  const helpers::Values position(40, 0.5);
  for (const std::size_t threads : {0, 1, 2}) {
    skein::run::GradientTiming timing;
    timing.threads = threads;
    timing.times = 3;
    timing.min_seconds = 0.003;
    const std::vector<double> microseconds = skein::run::time_gradient(density, position.data(), timing);
    CHECK(microseconds.size() == 3);
    for (const double us : microseconds) CHECK(us > 0 && us < 1e6);
  }
}

// A launcher of one thread only.
void launch_one(std::size_t, void (*entry)(void*, std::size_t), void* context, void (*monitor)(void*)) {
  skein::parallel::launch_threads(1, entry, context, monitor);
}

CHECK_TEST(rounds_without_their_threads_end) {
  const helpers::TeamGaussian density(4);
  RunConfig config = timed_run(0, 4);
  config.launcher = launch_one;
  helpers::StopAfter soon(2);
  const TimedRuns stopped = skein::run::time_copies(density, config, 2, 0.01, soon);
  CHECK(stopped.stopped && stopped.seconds.empty());
}

CHECK_TEST(copies_that_stop_fail_or_differ_are_told) {
  const helpers::Slow slow(3);
  RunConfig config = timed_run(0, 3);
  config.chain.iterations = 1000000;
  helpers::StopAfter at_once(0);
  const TimedRuns stopped = skein::run::time_copies(slow, config, 2, 1, at_once);
  CHECK(stopped.stopped && stopped.seconds.empty());
  const TimedRuns failed = time_copies(densities::Box(3, 0.1), timed_run(0, 3), 2, 0);
  CHECK(failed.failure.kind == FailureKind::initialization && failed.seconds.empty());
  CHECK(!time_copies(Fickle(3), timed_run(0, 3), 2, 0.005).repeatable);
}

int main() { return check::run_all(); }
