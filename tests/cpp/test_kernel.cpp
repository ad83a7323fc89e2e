// NUTS against a recursive reference, bit for bit; leapfrog steps, metrics, pooled vectors, saved states.
#include <cmath>
#include <skein/kernel/nuts.hpp>
#include <vector>

#include "check.hpp"
#include "kernel_helpers.hpp"
#include "reference_nuts.hpp"

using namespace skein::kernel;
using namespace kernel_helpers;
using densities::Box;
using densities::Funnel;
using densities::Gaussian;
using reference::Values;

namespace {

struct Counts {
  int n_divergent = 0;
  int n_deepest = 0;
  int n_iterations = 0;
  double sum_depth = 0;
};

// Runs both from the same point and compares every tree; returns what kinds of trees there were.
template <class Metric>
Counts compare_with_reference(const densities::Simple& density, const Metric& metric, const NutsConfig& config,
                              double step_size, int n_iterations, double start = 0.3) {
  const std::size_t n = density.dimension();
  Values position(n, start);
  Nuts<Metric> nuts(metric.dimension(), config);
  const Values inverse = metric.inverse();
  CHECK(nuts.metric().set_inverse(inverse.data(), inverse.size()));
  reference::Nuts<Metric> expected(density, metric, config);
  start_at(nuts, density, position);
  Counts counts;
  for (int i = 0; i < n_iterations; ++i) {
    const skein::util::StreamKey key = {11, 1, static_cast<std::uint32_t>(i)};
    const reference::Result wanted = expected.transition(position, step_size, key);
    run_transition(nuts, density, step_size, key);
    position.assign(nuts.position(), nuts.position() + n);
    if (!CHECK(position == wanted.position) || !CHECK(nuts.log_density() == wanted.log_density) ||
        !CHECK(equal(nuts.transition(), wanted.transition)))
      return counts;
    ++counts.n_iterations;
    counts.n_divergent += nuts.transition().divergent;
    counts.n_deepest += nuts.transition().treedepth == config.max_treedepth;
    counts.sum_depth += nuts.transition().treedepth;
  }
  return counts;
}

DenseMetric dense_metric(const Gaussian& density) {
  const std::size_t n = density.dimension();
  Values covariance(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) covariance[i * n + j] = density.covariance(i, j);
  DenseMetric metric(n);
  CHECK(metric.set_inverse(covariance.data(), covariance.size()));
  return metric;
}

DiagonalMetric diagonal_metric(const Gaussian& density) {
  Values variance(density.dimension());
  for (std::size_t i = 0; i < variance.size(); ++i) variance[i] = density.covariance(i, i);
  DiagonalMetric metric(density.dimension());
  CHECK(metric.set_inverse(variance.data(), variance.size()));
  return metric;
}

}  // namespace

CHECK_TEST(same_trees_as_the_recursion_on_a_correlated_gaussian) {
  const Gaussian density(21, 0.9);
  const Counts unit = compare_with_reference(density, UnitMetric(21), NutsConfig(), 0.15, 300);
  const Counts diagonal = compare_with_reference(density, diagonal_metric(density), NutsConfig(), 0.2, 300);
  const Counts dense = compare_with_reference(density, dense_metric(density), NutsConfig(), 0.4, 300);
  CHECK(unit.n_iterations == 300 && diagonal.n_iterations == 300 && dense.n_iterations == 300);
  CHECK(unit.sum_depth > 4 * 300);
  CHECK(dense.sum_depth < unit.sum_depth);
}

CHECK_TEST(same_trees_as_the_recursion_in_a_funnel) {
  const Counts counts = compare_with_reference(Funnel(10), UnitMetric(10), NutsConfig(), 1.2, 500);
  CHECK(counts.n_iterations == 500);
  CHECK(counts.n_divergent > 20);
}

CHECK_TEST(same_trees_as_the_recursion_at_the_deepest_tree) {
  NutsConfig config;
  config.max_treedepth = 3;
  const Counts counts = compare_with_reference(Gaussian(9, 0.5), UnitMetric(9), config, 0.02, 100);
  CHECK(counts.n_deepest == 100);
  config.max_treedepth = 1;
  CHECK(compare_with_reference(Gaussian(9, 0.5), DiagonalMetric(9), config, 0.5, 100).n_deepest > 50);
}

CHECK_TEST(same_trees_as_the_recursion_at_the_edge_of_the_support) {
  const Box density(4, 0.8);
  const Counts counts = compare_with_reference(density, UnitMetric(4), NutsConfig(), 0.4, 300);
  CHECK(counts.n_iterations == 300);
  CHECK(counts.n_divergent > 100);
}

CHECK_TEST(same_trees_as_the_recursion_with_jitter) {
  NutsConfig config;
  config.stepsize_jitter = 0.5;
  CHECK(compare_with_reference(Gaussian(5, 0.8), UnitMetric(5), config, 0.4, 200).n_iterations == 200);
}

// The first trajectories fall by thousands in energy: more than a double's exponential holds, both upwards and, on the
// way back, downwards.
CHECK_TEST(same_trees_as_the_recursion_far_from_the_mode) {
  for (const double start : {30.0, 100.0, 1000.0}) {
    NutsConfig config;
    config.divergence_threshold = infinity;
    for (const double step : {0.03, 0.2}) {
      const Counts counts = compare_with_reference(Gaussian(3, 0.5), UnitMetric(3), config, step, 60, start);
      CHECK(counts.n_iterations == 60);
    }
  }
}

CHECK_TEST(one_and_many_dimensions) {
  for (std::size_t n : {1, 7, 8, 9, 64, 511, 512})
    CHECK(compare_with_reference(Gaussian(n, 0.3), DiagonalMetric(n), NutsConfig(), 0.3, 10).n_iterations == 10);
}

CHECK_TEST(not_finite_is_a_rejection_with_a_count) {
  const Box density(2, 0.5);
  Nuts<UnitMetric> nuts(2, NutsConfig());
  start_at(nuts, density, {0.1, 0.1});
  std::uint64_t n_divergent = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    run_transition(nuts, density, 0.5, {1, 1, i});
    n_divergent += nuts.transition().divergent;
    CHECK(std::fabs(nuts.position()[0]) < 0.5);
  }
  CHECK(nuts.n_not_finite() == n_divergent);
  CHECK(n_divergent > 50);
}

// A density that is +inf or NaN somewhere must not attract the chain.
CHECK_TEST(plus_infinity_and_nan_reject_too) {
  for (const double bad : {infinity, std::nan("")}) {
    Nuts<UnitMetric> nuts(1, NutsConfig());
    const Gaussian density(1, 0);
    start_at(nuts, density, {0.0});
    nuts.begin(0.1, {1, 1, 1});
    nuts.gradient_wanted()[0] = bad;
    CHECK(nuts.advance(bad) == Step::draw_ready);
    CHECK(nuts.transition().divergent && nuts.transition().n_leapfrog == 1 && nuts.transition().accept_stat == 0);
    CHECK(nuts.position()[0] == 0 && nuts.n_not_finite() == 1);
  }
}

namespace {

template <class Metric>
void check_leapfrog_reverses(const Metric& metric, const Gaussian& density) {
  const std::size_t n = density.dimension();
  reference::State state(n), next(n);
  skein::util::Stream stream(skein::util::Purpose::momentum, {5, 1, 1});
  for (std::size_t i = 0; i < n; ++i) state.q[i] = 0.1 * static_cast<double>(i);
  density.log_density(state.q.data(), state.g.data());
  refresh_momentum(metric, stream, state.arrays());
  const reference::State start = state;
  for (const double epsilon : {0.1, -0.1}) {
    for (int i = 0; i < 50; ++i) {
      leapfrog_begin(metric, epsilon, state.arrays(), next.arrays());
      density.log_density(next.q.data(), next.g.data());
      leapfrog_end(metric, epsilon, next.arrays());
      state = next;
    }
    if (epsilon > 0) CHECK(std::fabs(state.q[0] - start.q[0]) > 0.01);
  }
  for (std::size_t i = 0; i < n; ++i) {
    CHECK_NEAR(state.q[i], start.q[i], 1e-12);
    CHECK_NEAR(state.p[i], start.p[i], 1e-12);
  }
}

}  // namespace

CHECK_TEST(leapfrog_steps_reverse) {
  const Gaussian density(13, 0.7);
  check_leapfrog_reverses(UnitMetric(13), density);
  check_leapfrog_reverses(diagonal_metric(density), density);
  check_leapfrog_reverses(dense_metric(density), density);
}

CHECK_TEST(leapfrog_step_by_hand) {
  const Gaussian density(3, 0.4);
  const DenseMetric metric = dense_metric(density);
  const Values inverse = metric.inverse();
  reference::State from(3), to(3);
  for (std::size_t i = 0; i < 3; ++i) {
    from.q[i] = 0.5 - static_cast<double>(i);
    from.p[i] = 0.2 + static_cast<double>(i);
  }
  density.log_density(from.q.data(), from.g.data());
  leapfrog_begin(metric, 0.3, from.arrays(), to.arrays());
  Values half(3);
  for (std::size_t i = 0; i < 3; ++i) half[i] = from.p[i] + 0.15 * from.g[i];
  for (std::size_t i = 0; i < 3; ++i) {
    double velocity = 0;
    for (std::size_t j = 0; j < 3; ++j) velocity += inverse[i * 3 + j] * half[j];
    CHECK_NEAR(to.q[i], from.q[i] + 0.3 * velocity, 1e-15);
  }
  density.log_density(to.q.data(), to.g.data());
  const double kinetic = leapfrog_end(metric, 0.3, to.arrays());
  double twice = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_NEAR(to.p[i], half[i] + 0.15 * to.g[i], 1e-15);
    for (std::size_t j = 0; j < 3; ++j) twice += to.p[i] * inverse[i * 3 + j] * to.p[j];
  }
  CHECK_NEAR(kinetic, 0.5 * twice, 1e-14);
}

namespace {

// Checks that momenta have variance M: for v = M^-1 p, mean of v p' = identity, to 5 standard errors.
template <class Metric>
void check_momenta(const Metric& metric) {
  const std::size_t n = metric.dimension();
  const Values inverse = metric.inverse();
  const int n_draws = 20000;
  Values momentum(skein::util::round_up_8(n)), sums(n * n);
  for (int k = 0; k < n_draws; ++k) {
    skein::util::Stream stream(skein::util::Purpose::momentum, {9, 1, static_cast<std::uint32_t>(k)});
    metric.sample_momentum(stream, momentum.data());
    for (std::size_t i = 0; i < n; ++i) {
      double velocity = inverse.size() == n ? inverse[i] * momentum[i] : 0;
      if (inverse.size() != n)
        for (std::size_t j = 0; j < n; ++j) velocity += inverse[i * n + j] * momentum[j];
      for (std::size_t j = 0; j < n; ++j) sums[i * n + j] += velocity * momentum[j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      // var(v_i p_j) = (M^-1)_ii M_jj + [i = j]; 40 bounds M_jj (M^-1)_ii for the metrics below.
      CHECK(std::fabs(sums[i * n + j] / n_draws - (i == j)) < 5 * std::sqrt(40.0 / n_draws));
    }
  }
}

}  // namespace

CHECK_TEST(momenta_have_the_variance_of_the_metric) {
  const Gaussian density(6, 0.6);
  check_momenta(UnitMetric(6));
  check_momenta(diagonal_metric(density));
  check_momenta(dense_metric(density));
}

CHECK_TEST(metrics_reject_what_is_not_positive_definite) {
  DiagonalMetric diagonal(2);
  CHECK(!diagonal.set_inverse(Values{1, 0}.data(), 2));
  CHECK(!diagonal.set_inverse(Values{1, infinity}.data(), 2));
  CHECK(!diagonal.set_inverse(Values{1, 1, 1}.data(), 3));
  CHECK(diagonal.inverse() == Values({1, 1}));
  DenseMetric dense(2);
  CHECK(!dense.set_inverse(Values{1, 2, 2, 1}.data(), 4));
  CHECK(!dense.set_inverse(Values{1, 0, 0, std::nan("")}.data(), 4));
  CHECK(!dense.set_inverse(Values{1, 1}.data(), 2));
  CHECK(dense.inverse() == Values({1, 0, 0, 1}));
  CHECK(dense.set_inverse(Values{2, 1, 1, 3}.data(), 4));
  CHECK(dense.inverse() == Values({2, 1, 1, 3}));
}

namespace {

// Saves before each gradient of a transition in turn, restores into another sampler, and lets both go on.
template <class Metric>
void check_resume(const densities::Simple& density) {
  const std::size_t n = density.dimension();
  int n_leapfrog = 1;
  for (int n_steps = 0; n_steps < n_leapfrog; ++n_steps) {
    Nuts<Metric> nuts(n, NutsConfig());
    start_at(nuts, density, Values(n, 0.5));
    run_transition(nuts, density, 0.02, {3, 1, 0});
    n_leapfrog = nuts.transition().n_leapfrog;
    start_at(nuts, density, Values(n, 0.5));
    nuts.begin(0.02, {3, 1, 0});
    for (int i = 0; i < n_steps; ++i) nuts.advance(density.log_density(nuts.position_wanted(), nuts.gradient_wanted()));
    skein::util::ByteWriter writer;
    nuts.save(writer);

    Nuts<Metric> other(n, NutsConfig());
    skein::util::ByteReader reader(writer.bytes().data(), writer.bytes().size());
    other.load(reader);
    CHECK(reader.left() == 0);
    for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
      for (Nuts<Metric>* sampler : {&nuts, &other}) {
        if (iteration > 0) sampler->begin(0.02, {3, 1, iteration});
        while (sampler->advance(density.log_density(sampler->position_wanted(), sampler->gradient_wanted())) ==
               Step::gradient_wanted) {
        }
      }
      CHECK(Values(nuts.position(), nuts.position() + n) == Values(other.position(), other.position() + n));
      CHECK(equal(nuts.transition(), other.transition()));
    }
  }
  CHECK(n_leapfrog >= 15);
}

}  // namespace

CHECK_TEST(saved_in_the_middle_of_a_tree_it_goes_on_bit_for_bit) {
  const Gaussian density(12, 0.9);
  check_resume<UnitMetric>(density);
  check_resume<DiagonalMetric>(density);
  check_resume<DenseMetric>(density);
}

CHECK_TEST(pooled_vectors_come_back) {
  VectorPool pool(3, 2);
  const VectorPool::Handle a = pool.acquire(), b = pool.acquire();
  pool.share(a);
  pool.release(a);
  CHECK(pool.n_free() == 0);
  bool thrown = false;
  try {
    pool.acquire();
  } catch (const std::logic_error&) {
    thrown = true;
  }
  CHECK(thrown);
  pool.release(a);
  pool.release(b);
  CHECK(pool.n_free() == 2 && pool.acquire() == b);
}

int main() { return check::run_all(); }
