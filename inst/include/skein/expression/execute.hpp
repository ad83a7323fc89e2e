// Runs a program forward and backward on the buffers of one evaluation.
#ifndef SKEIN_EXPRESSION_EXECUTE_HPP
#define SKEIN_EXPRESSION_EXECUTE_HPP

#include <algorithm>

#include "../density.hpp"
#include "../parallel/reduce_sum.hpp"
#include "../parallel/team.hpp"
#include "../util/pairwise.hpp"
#include "program.hpp"

namespace skein {
namespace expression {

class Executor {
 public:
  Executor(const Program& program, const EvaluationContext& context) : program_(program), context_(context) {
    frame_.layout = program.layout;
    frame_.base[static_cast<int>(Space::workspace)] = context.workspace;
    // Nothing writes to constants.
    frame_.base[static_cast<int>(Space::constants)] = const_cast<double*>(program.constants.data());
  }

  // Up to 8 positions in lanes layout, of which the first fills what is left; else one.
  void load_position(const double* const* positions, std::size_t count) {
    for (const ParameterSlot& slot : program_.parameters) {
      double* to = context_.workspace + slot.value;
      if (program_.layout == Layout::lanes) {
        for (std::size_t k = 0; k < slot.length; ++k)
          for (std::size_t lane = 0; lane < 8; ++lane)
            to[8 * k + lane] = positions[lane < count ? lane : 0][slot.position + k];
        continue;
      }
      const double* from = positions[0] + slot.position;
      std::copy(from, from + slot.length, to);
      for (std::size_t k = slot.length; k % 8 != 0; ++k) to[k] = from[slot.length - 1];
    }
  }

  void clear_adjoints() {
    std::fill(context_.workspace + program_.adjoint_begin, context_.workspace + program_.adjoint_end, 0.0);
  }

  void forward() {
    for (const Step& step : program_.steps) {
      if (step.is_loop) {
        const Loop& loop = program_.loops[step.loop];
        run_loop(loop, loop.fused);
        take_sums(loop);
      } else {
        for (std::size_t k = step.first; k < step.last; ++k)
          program_.instructions[k].forward(program_.instructions[k], frame_);
      }
    }
  }

  void backward() {
    const Result& target = program_.results[0];
    if (!target.active) return;
    std::fill_n(context_.workspace + target.adjoint, 8, 1.0);
    for (std::size_t s = program_.steps.size(); s-- > 0;) {
      const Step& step = program_.steps[s];
      if (step.is_loop) {
        const Loop& loop = program_.loops[step.loop];
        if (!loop.fused) run_loop(loop, true);
        collect_derivatives(loop);
      } else {
        for (std::size_t k = step.last; k-- > step.first;) {
          const Instruction& instruction = program_.instructions[k];
          if (instruction.backward != nullptr) instruction.backward(instruction, frame_);
        }
      }
    }
  }

  // Element k of a result at one point.
  double element(const Result& result, std::size_t k, std::size_t point) const {
    const double* base = frame_.base[static_cast<int>(result.value.space)] + result.value.offset;
    return program_.layout == Layout::lanes ? base[8 * k + point] : base[k];
  }

  void write_gradient(std::size_t point, double* gradient, std::size_t dimension) const {
    std::fill(gradient, gradient + dimension, 0.0);
    for (const ParameterSlot& slot : program_.parameters) {
      const double* from = context_.workspace + slot.adjoint;
      if (slot.adjoint == 0) continue;
      for (std::size_t k = 0; k < slot.length; ++k)
        gradient[slot.position + k] = program_.layout == Layout::lanes ? from[8 * k + point] : from[k];
    }
  }

 private:
  // All tiles; with_backward, each tile backward right after forward.
  void run_loop(const Loop& loop, bool with_backward) {
    const parallel::Strips& strips = loop.strips;
    const std::size_t per_task = parallel::tasks_for(context_.grainsize, loop.length, strips.n_strips);
    const std::size_t n_tasks = (strips.n_strips + per_task - 1) / per_task;
    parallel::for_each_task(context_.team, n_tasks, context_.scratch, [&](std::size_t task, double* scratch) {
      const std::size_t end = std::min((task + 1) * per_task, strips.n_strips);
      for (std::size_t strip = task * per_task; strip < end; ++strip) run_strip(loop, strip, scratch, with_backward);
    });
    util::PartialSums{context_.workspace + loop.strip_offset, strips.n_strips, loop.strip_size, loop.strip_size}.join();
  }

  void run_strip(const Loop& loop, std::size_t strip, double* scratch, bool with_backward) const {
    Frame frame = frame_;
    double* sums = context_.workspace + loop.strip_offset + strip * loop.strip_size;
    std::fill(sums, sums + loop.strip_size, 0.0);
    frame.layout = Layout::tile;
    frame.base[static_cast<int>(Space::tile)] = scratch;
    frame.base[static_cast<int>(Space::strip)] = sums;
    for (std::size_t t = loop.strips.first_tile(strip); t < loop.strips.first_tile(strip + 1); ++t) {
      frame.first_row = t * loop.tile_rows;
      frame.rows = std::min(loop.tile_rows, loop.length - frame.first_row);
      for (const Instruction& instruction : loop.instructions) instruction.forward(instruction, frame);
      if (!with_backward) continue;
      for (std::size_t k = loop.instructions.size(); k-- > 0;) {
        const Instruction& instruction = loop.instructions[k];
        if (instruction.backward != nullptr) instruction.backward(instruction, frame);
      }
    }
  }

  // The sum of 8 lanes, in the order of the vector kernels.
  static double join_lanes(const double* x) {
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
  }

  void take_sums(const Loop& loop) {
    const double* joined = context_.workspace + loop.strip_offset;
    for (const Collected& sum : loop.sums)
      std::fill_n(context_.workspace + sum.target, 8, join_lanes(joined + sum.slot));
  }

  void collect_derivatives(const Loop& loop) {
    const double* joined = context_.workspace + loop.strip_offset;
    for (const Collected& one : loop.derivatives) {
      double* to = context_.workspace + one.target;
      if (one.scalar) {
        const double sum = join_lanes(joined + one.slot);
        for (std::size_t k = 0; k < 8; ++k) to[k] += sum;
      } else {
        for (std::size_t k = 0; k < one.count; ++k) to[k] += join_lanes(joined + one.slot + 8 * k);
      }
    }
    for (const Scatter& scatter : loop.scatters) collect_rows(scatter);
  }

  // Each element of a gather's source takes the derivatives of its rows, in the order of the rows. Tasks are runs of
  // elements with about as many rows each.
  void collect_rows(const Scatter& scatter) {
    const IndexTable& table = *scatter.index;
    const std::size_t n_source = table.start.size() - 1, n_rows = table.start.back();
    const double* rows = context_.workspace + scatter.rows;
    double* to = context_.workspace + scatter.target;
    constexpr std::size_t rows_per_task = 2048;
    const std::size_t n_tasks = std::min(n_source, n_rows / rows_per_task + 1);
    const auto first_element = [&](std::size_t task) {
      if (task == n_tasks) return n_source;
      const std::uint32_t row = static_cast<std::uint32_t>(task * n_rows / n_tasks);
      const auto at = std::lower_bound(table.start.begin(), table.start.end(), row);
      return std::min<std::size_t>(static_cast<std::size_t>(at - table.start.begin()), n_source);
    };
    parallel::for_each_task(context_.team, n_tasks, context_.scratch, [&](std::size_t task, double*) {
      const std::size_t end = first_element(task + 1);
      for (std::size_t k = task == 0 ? 0 : first_element(task); k < end; ++k) {
        double sum = 0;
        const std::uint32_t last = table.start[k + 1];
        if (table.rows.empty())
          for (std::uint32_t r = table.start[k]; r < last; ++r) sum += rows[r];
        else
          for (std::uint32_t r = table.start[k]; r < last; ++r) sum += rows[table.rows[r]];
        to[k] += sum;
      }
    });
  }

  const Program& program_;
  const EvaluationContext& context_;
  Frame frame_;
};

}  // namespace expression
}  // namespace skein

#endif
