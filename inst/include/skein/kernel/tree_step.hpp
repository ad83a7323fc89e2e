// All that a tree does to vectors between two gradients, by segments of coordinates: a leapfrog step and the merges of
// subtrees that follow it.
#ifndef SKEIN_KERNEL_TREE_STEP_HPP
#define SKEIN_KERNEL_TREE_STEP_HPP

#include <cstddef>
#include <utility>
#include <vector>

#include "../density.hpp"
#include "../util/aligned.hpp"
#include "../util/pairwise.hpp"
#include "../util/prefetch.hpp"
#include "leapfrog.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

// Which subtrees will merge behind a step is known before it is made (only a U-turn or a divergence makes them
// unneeded), so one pass over a segment before the gradient and one after it do everything, on the thread that computes
// the gradient there. What segments sum up is joined in a fixed tree: bits depend on the segments alone.
template <class Metric>
class TreeStep {
 public:
  // `bounds` of the segments, ascending from 0 to the dimension; the dense metric wants one segment.
  TreeStep(std::size_t dimension, std::vector<std::size_t> bounds, int max_merges)
      : bounds_(Metric::stores_velocity || bounds.empty() ? std::vector<std::size_t>{0, dimension} : std::move(bounds)),
        merges_(static_cast<std::size_t>(max_merges)),
        sums_(util::round_up_8(1 + n_run_checks * merges_.size()) * n_segments()) {
    for (std::size_t& bound : bounds_) bound = util::round_up_8(bound);
  }

  std::size_t n_segments() const { return bounds_.size() - 1; }

  // A new step, with no merge behind it.
  void plan(const Metric& metric, double epsilon, const PointArrays& from, const PointArrays& to) {
    metric_ = &metric;
    epsilon_ = epsilon;
    from_ = from;
    to_ = to;
    n_merges_ = 0;
    n_sums_ = 1;
  }

  // Merges take place in the order of planning, each before the next reads its rho.
  void plan_merge(const MergeArrays& arrays, bool single_points) {
    merges_[n_merges_++] = {arrays, single_points, n_sums_};
    n_sums_ += single_points ? n_point_checks : n_run_checks;
  }

  // The next position of a segment.
  void before(std::size_t segment) {
    // after() will read them, and they stand in the cache of the thread that planned the step.
    for (std::size_t k = 0; k < n_merges_; ++k) {
      util::prefetch(&merges_[k]);
      util::prefetch(&merges_[k].single_points);
    }
    if constexpr (Metric::stores_velocity)
      leapfrog_begin(*metric_, epsilon_, from_, to_);
    else
      metric_->steps().begin_step(
          {from_.position, from_.momentum, from_.gradient, metric_->diagonal(), to_.position, to_.momentum}, epsilon_,
          bounds_[segment], bounds_[segment + 1]);
  }

  // With the gradient: the momentum, and the merges' sums of momenta.
  void after(std::size_t segment) {
    const StepTable& steps = metric_->steps();
    const std::size_t begin = bounds_[segment], end = bounds_[segment + 1];
    double* sums = sums_.data() + segment * stride();
    if constexpr (Metric::stores_velocity)
      sums[0] = 2 * leapfrog_end(*metric_, epsilon_, to_);
    else
      sums[0] = steps.finish_step(to_.momentum, to_.gradient, metric_->diagonal(), epsilon_, begin, end);
    for (std::size_t k = 0; k < n_merges_; ++k) {
      const Merge& merge = merges_[k];
      (merge.single_points ? steps.merge_points : steps.merge_runs)(merge.arrays, begin, end, sums + merge.first_sum);
    }
  }

  void before_all() {
    for (std::size_t b = 0; b < n_segments(); ++b) before(b);
  }
  void after_all() {
    for (std::size_t b = 0; b < n_segments(); ++b) after(b);
  }

  SegmentPasses passes() {
    return {[](void* step, std::size_t segment) { static_cast<TreeStep*>(step)->before(segment); },
            [](void* step, std::size_t segment) { static_cast<TreeStep*>(step)->after(segment); }, this};
  }

  // After all segments; then kinetic_energy() and goes_on() may be asked.
  void join() { util::PartialSums{sums_.data(), n_segments(), stride(), n_sums_}.join(); }

  double kinetic_energy() const { return 0.5 * sums_[0]; }

  // Whether merge k makes no U-turn.
  bool goes_on(std::size_t k) const {
    const double* sums = sums_.data() + merges_[k].first_sum;
    const std::size_t n = merges_[k].single_points ? n_point_checks : n_run_checks;
    for (std::size_t i = 0; i < n; ++i)
      if (!(sums[i] > 0)) return false;
    return true;
  }

 private:
  struct alignas(64) Merge {
    MergeArrays arrays;
    bool single_points;
    std::size_t first_sum;
  };

  // Whole cache lines, no more than the merges of this step need: each is read by another thread than wrote it.
  std::size_t stride() const { return util::round_up_8(n_sums_); }

  std::vector<std::size_t> bounds_;
  std::vector<Merge> merges_;
  util::AlignedArray<double> sums_;  // of each segment: p' M^-1 p, then the checks of each merge

  const Metric* metric_ = nullptr;
  double epsilon_ = 0;
  PointArrays from_{}, to_{};
  std::size_t n_merges_ = 0, n_sums_ = 1;
};

}  // namespace kernel
}  // namespace skein

#endif
