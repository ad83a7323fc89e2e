// NUTS by passes over segments of coordinates: the same trees, whoever makes the passes.
#include <algorithm>
#include <cmath>
#include <skein/kernel/nuts.hpp>
#include <vector>

#include "check.hpp"
#include "kernel_helpers.hpp"

using namespace skein::kernel;
using namespace kernel_helpers;
using densities::Gaussian;
using Values = std::vector<double>;

namespace {

// A transition by passes over segments, in an order of their own before and after the gradient.
template <class Metric>
void run_by_passes(Nuts<Metric>& nuts, const densities::Simple& density, double step_size,
                   const skein::util::StreamKey& key, std::size_t n_segments) {
  nuts.begin(step_size, key);
  double log_density;
  do {
    const skein::Evaluation wanted = nuts.evaluation_wanted();
    for (std::size_t b = n_segments; b-- > 0;) wanted.passes.before(wanted.passes.sampler, b);
    log_density = density.log_density(wanted.position, wanted.gradient);
    for (std::size_t b = 0; b < n_segments; ++b) wanted.passes.after(wanted.passes.sampler, (b + 1) % n_segments);
  } while (nuts.advance(log_density) == Step::gradient_wanted);
}

// Segments change how sums are rounded, so that energies differ in the last bits; who makes the passes changes nothing.
template <class Metric>
void check_segments(const densities::Simple& density, double step_size) {
  const std::size_t n = density.dimension();
  const std::vector<std::size_t> bounds = {0, 8, 8, 32, n};
  Nuts<Metric> whole(n, NutsConfig()), plain(n, NutsConfig(), bounds), passed(n, NutsConfig(), bounds);
  for (Nuts<Metric>* nuts : {&whole, &plain, &passed}) start_at(*nuts, density, Values(n, 0.3));
  double difference = 0;
  for (std::uint32_t i = 0; i < 300; ++i) {
    run_transition(whole, density, step_size, {11, 1, i});
    run_transition(plain, density, step_size, {11, 1, i});
    run_by_passes(passed, density, step_size, {11, 1, i}, bounds.size() - 1);
    if (!CHECK(Values(passed.position(), passed.position() + n) == Values(plain.position(), plain.position() + n)) ||
        !CHECK(equal(passed.transition(), plain.transition())) ||
        !CHECK(whole.transition().n_leapfrog == plain.transition().n_leapfrog) ||
        !CHECK(Values(whole.position(), whole.position() + n) == Values(plain.position(), plain.position() + n)))
      return;
    difference = std::max(difference, std::fabs(whole.transition().energy - plain.transition().energy));
    CHECK_NEAR(whole.transition().energy, plain.transition().energy, 1e-12);
  }
  CHECK(difference > 0);
}

}  // namespace

CHECK_TEST(passes_by_segments_make_the_same_trees) {
  const Gaussian density(45, 0.9);
  check_segments<UnitMetric>(density, 0.15);
  check_segments<DiagonalMetric>(density, 0.15);
}

CHECK_TEST(a_dense_metric_makes_no_passes_by_segments) {
  const Gaussian density(45, 0.9);
  Nuts<DenseMetric> nuts(45, NutsConfig(), {0, 16, 45});
  start_at(nuts, density, Values(45, 0.3));
  nuts.begin(0.1, {11, 1, 0});
  CHECK(nuts.evaluation_wanted().passes.before == nullptr);
}

int main() { return check::run_all(); }
