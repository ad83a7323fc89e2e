// The log likelihood of every row at many positions, in threads.
#ifndef SKEIN_REGRESSION_POINTWISE_HPP
#define SKEIN_REGRESSION_POINTWISE_HPP

#include <algorithm>

#include "../parallel/run_tasks.hpp"
#include "../util/aligned.hpp"
#include "regression.hpp"

namespace skein {
namespace regression {

// Draws of one task: their values of a row fill a cache line of the result.
constexpr std::size_t pointwise_draws = 8;

// Writes out[row * n_positions + s], weighted, rows in the user's order. `positions`: dimension() elements for each of
// n_positions. Threads never change a value.
inline void pointwise_log_likelihood(const Regression& model, const double* positions, std::size_t n_positions,
                                     std::size_t threads, double* out) {
  const Column constants = model.row_constants();
  const Layout& layout = model.layout();
  const std::size_t workspace = util::round_up_8(model.workspace_size()), own = util::round_up_8(model.scratch_size());
  const std::size_t rows = util::round_up_8(layout.n_positions);
  const auto task = [&](std::size_t index, double* scratch) {
    const std::size_t first = index * pointwise_draws, n = std::min(pointwise_draws, n_positions - first);
    double* by_position = scratch + own + workspace;
    EvaluationContext context;
    context.scratch = scratch;
    context.workspace = scratch + own;
    for (std::size_t s = 0; s < n; ++s)
      model.row_log_densities(positions + (first + s) * model.dimension(), constants, context, by_position + s * rows);
    for (std::size_t row = 0; row < model.n_rows(); ++row)
      for (std::size_t s = 0; s < n; ++s)
        out[row * n_positions + first + s] = by_position[s * rows + static_cast<std::size_t>(layout.position[row])];
  };
  const std::size_t n_tasks = (n_positions + pointwise_draws - 1) / pointwise_draws;
  const std::size_t scratch_size = own + workspace + pointwise_draws * rows;
  parallel::run_tasks(n_tasks, threads, scratch_size, task);
}

}  // namespace regression
}  // namespace skein

#endif
