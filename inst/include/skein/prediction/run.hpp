// Predictions for a block of rows in threads: the whole matrix, or a summary of each row.
#ifndef SKEIN_PREDICTION_RUN_HPP
#define SKEIN_PREDICTION_RUN_HPP

#include <algorithm>
#include <cstddef>

#include "../parallel/run_tasks.hpp"
#include "../util/aligned.hpp"
#include "../util/pages.hpp"
#include "model.hpp"
#include "quantity.hpp"
#include "summary.hpp"

namespace skein {
namespace prediction {

// Where results go. A matrix has n_draws values for each of n_rows rows, row after row. A summary is column-major: one
// row for each of n_rows, one column for each statistic.
struct Target {
  double* out = nullptr;
  std::size_t n_rows = 0;                   // of all blocks
  const SummaryOptions* summary = nullptr;  // null: all draws
};

// Rows of one task: enough for the draws of a column to be used again while they are in cache.
constexpr std::size_t rows_per_task = 8;

namespace detail {

inline std::size_t scratch_size(const Model& model, const Target& target) {
  const std::size_t n_summary = target.summary == nullptr ? 0 : util::round_up_8(model.n_draws) * (rows_per_task + 1);
  return Evaluator::scratch_size + n_summary;
}

inline void run_task(const Model& model, const Rows& rows, const Quantity& quantity, const Target& target,
                     std::size_t task, double* scratch) {
  Evaluator evaluator(model, quantity, scratch);
  const std::size_t begin = task * rows_per_task, end = std::min(begin + rows_per_task, rows.n);
  const std::size_t stride = target.summary == nullptr ? model.n_draws : util::round_up_8(model.n_draws);
  double* const matrix = target.summary == nullptr ? target.out + (rows.first + begin) * stride
                                                   : scratch + Evaluator::scratch_size;
  if (target.summary == nullptr) util::populate_pages(matrix, (end - begin) * stride);
  for (std::size_t first = 0; first < model.n_draws; first += chunk_draws) {
    const DrawRange draws{first, std::min(chunk_draws, model.n_draws - first)};
    for (std::size_t row = begin; row < end; ++row)
      evaluator.evaluate(rows, row, draws, matrix + (row - begin) * stride + first);
  }
  if (target.summary == nullptr) return;
  double* const buffer = matrix + rows_per_task * stride;
  for (std::size_t row = begin; row < end; ++row)
    summarise(matrix + (row - begin) * stride, model.n_draws, *target.summary, buffer, target.out + rows.first + row,
              target.n_rows);
}

}  // namespace detail

// Threads never change a value: each task writes its own rows, and random numbers belong to row and draw.
inline void predict_rows(const Model& model, const Rows& rows, const Quantity& quantity, const Target& target,
                         std::size_t threads) {
  const std::size_t n_tasks = (rows.n + rows_per_task - 1) / rows_per_task;
  const auto task = [&](std::size_t index, double* scratch) {
    detail::run_task(model, rows, quantity, target, index, scratch);
  };
  parallel::run_tasks(n_tasks, threads, detail::scratch_size(model, target), task);
}

}  // namespace prediction
}  // namespace skein

#endif
