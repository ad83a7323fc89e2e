// One leapfrog step in two halves around the gradient, for any metric.
#ifndef SKEIN_KERNEL_LEAPFROG_HPP
#define SKEIN_KERNEL_LEAPFROG_HPP

#include <cstddef>

#include "metric.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

// Vectors of one state, each of the padded length of `steps`; velocity is written by dense metrics only.
struct PointArrays {
  double* position;
  double* gradient;
  double* momentum;
  double* velocity;
};

// From a state with its gradient to the next position, whose gradient leapfrog_end() needs; epsilon < 0 goes back.
template <class Metric>
void leapfrog_begin(const Metric& metric, double epsilon, const PointArrays& from, const PointArrays& to) {
  const std::size_t n = util::round_up_8(metric.dimension());
  metric.steps().begin_step({from.position, from.momentum, from.gradient, metric.diagonal(), to.position, to.momentum},
                            epsilon, 0, n);
}

template <>
inline void leapfrog_begin(const DenseMetric& metric, double epsilon, const PointArrays& from, const PointArrays& to) {
  const simd::VectorOperations& operations = simd::vector_operations();
  const std::size_t n = metric.dimension();
  for (std::size_t i = 0; i < n; ++i) {
    to.momentum[i] = from.momentum[i];
    to.position[i] = from.position[i];
  }
  operations.axpy(0.5 * epsilon, from.gradient, to.momentum, n);
  metric.velocity(to.momentum, to.velocity);
  operations.axpy(epsilon, to.velocity, to.position, n);
}

// Completes the momentum (and a dense metric's velocity) at the new state; returns its kinetic energy p' M^-1 p / 2.
template <class Metric>
double leapfrog_end(const Metric& metric, double epsilon, const PointArrays& at) {
  const std::size_t n = util::round_up_8(metric.dimension());
  return 0.5 * metric.steps().finish_step(at.momentum, at.gradient, metric.diagonal(), epsilon, 0, n);
}

template <>
inline double leapfrog_end(const DenseMetric& metric, double epsilon, const PointArrays& at) {
  const std::size_t n = metric.dimension();
  simd::vector_operations().axpy(0.5 * epsilon, at.gradient, at.momentum, n);
  metric.velocity(at.momentum, at.velocity);
  return 0.5 * metric.steps().dot_product(at.momentum, at.velocity, util::round_up_8(n));
}

// Draws a momentum for the state (and sets a dense metric's velocity); returns its kinetic energy.
template <class Metric>
double refresh_momentum(const Metric& metric, util::Stream& stream, const PointArrays& at) {
  metric.sample_momentum(stream, at.momentum);
  return leapfrog_end(metric, 0.0, at);
}

}  // namespace kernel
}  // namespace skein

#endif
