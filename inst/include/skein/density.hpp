// The one seam between models and samplers: a log density with its gradient on the unconstrained scale.
#ifndef SKEIN_DENSITY_HPP
#define SKEIN_DENSITY_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skein {

namespace parallel {
class Team;
}

// What one evaluation may use. The caller owns every buffer and keeps it alive during the call.
struct EvaluationContext {
  double* workspace = nullptr;     // Density::workspace_size() doubles, one per evaluation in flight; 64-byte aligned
  double* scratch = nullptr;       // Density::scratch_size() doubles, of the thread that calls; 64-byte aligned
  parallel::Team* team = nullptr;  // helpers for reduce_sum; null means the plain loop
  std::size_t grainsize = 0;       // rows that one task takes at least; 0 lets the density choose
};

// What a sampler does to its vectors before and after an evaluation, one of the density's segments of coordinates at a
// time, so that the thread that reads and writes a segment there also moves it. Each segment gets one before(), which
// writes its elements of the position, and later one after(), which reads its elements of position and gradient. Calls
// for different segments may come at once and in any order.
struct SegmentPasses {
  void (*before)(void* sampler, std::size_t segment) = nullptr;
  void (*after)(void* sampler, std::size_t segment) = nullptr;
  void* sampler = nullptr;
};

// One point: `position` and `gradient` have Density::dimension() elements on the unconstrained scale.
// `log_density` includes all constants and the log Jacobians of the transforms (Stan's lp__).
struct Evaluation {
  const double* position = nullptr;
  double* gradient = nullptr;
  double log_density = 0;
  SegmentPasses passes;  // null unless Density::calls_passes()
};

// A log density. Objects are immutable once built and shared by all threads.
//
// Error rule: built-in densities never throw. A point outside the support, an overflow or a NaN gives a
// log_density that is not finite (the gradient is then unspecified); samplers reject and count it.
class Density {
 public:
  virtual ~Density() = default;

  // Length of the unconstrained position.
  virtual std::size_t dimension() const = 0;

  // Length of what write_draw() writes: the constrained values that a draw reports.
  virtual std::size_t draw_size() const = 0;

  virtual std::size_t workspace_size() const = 0;
  virtual std::size_t scratch_size() const = 0;

  // Points that evaluate() works on at once at about the cost of one: callers that have several points ready gain by
  // handing over that many. The bits of a point depend neither on its neighbours nor on `count`.
  virtual std::size_t preferred_batch() const { return 1; }

  // Bounds of the segments of coordinates that one thread works on at a time, ascending from 0 to dimension(), all but
  // the last multiples of 8. They fix the order in which samplers sum over coordinates, and so follow from the data
  // alone.
  virtual std::vector<std::size_t> segment_bounds() const { return {0, dimension()}; }

  // Whether evaluate() calls the passes of an Evaluation that has some.
  virtual bool calls_passes() const { return false; }

  // Users know a position in a reference layout. Coordinate i of this density's positions, gradients and metrics is
  // element reference_index()[i] there; empty if the orders are the same.
  virtual const std::vector<std::uint32_t>& reference_index() const {
    static const std::vector<std::uint32_t> same;
    return same;
  }

  // Whether evaluate() and write_draw() may be called on R's main thread only (densities that live in R).
  virtual bool main_thread_only() const { return false; }

  // Evaluates `count` points, each with the arithmetic of a single one, so that batches never change bits.
  virtual void evaluate(Evaluation* batch, std::size_t count, const EvaluationContext& context) const = 0;

  // Writes the draw_size() constrained values at `position`.
  virtual void write_draw(const double* position, double* out, const EvaluationContext& context) const = 0;
};

}  // namespace skein

#endif
