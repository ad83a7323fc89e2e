// Where draws and diagnostics go: arrays as R lays them out, written in blocks.
#ifndef SKEIN_RUN_OUTPUT_HPP
#define SKEIN_RUN_OUTPUT_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../kernel/transition.hpp"

namespace skein {
namespace run {

// accept_stat__, stepsize__, treedepth__, n_leapfrog__, divergent__, energy__
constexpr std::size_t n_diagnostics = 6;

// How many of n iterations are kept: the first and then every thin-th.
inline int n_kept(int n, int thin) { return n <= 0 ? 0 : 1 + (n - 1) / thin; }

// Column-major arrays of the caller. Elements of iterations that are not done are left as they are.
struct OutputArrays {
  double* draws = nullptr;        // n_saved x n_chains x (draw_size + 1); the last variable is the log density
  double* diagnostics = nullptr;  // iterations x n_chains x 6, warm-up included
  std::size_t n_saved = 0;
  std::size_t n_iterations = 0;
  std::size_t n_chains = 0;
};

// Writes for one chain. Neighbours in the draws' array are draws, not variables, so a draw on its own would touch a
// cache line (and often a page) per variable: draws are collected and transposed some 16 at a time.
class DrawWriter {
 public:
  // A block of `block_draws`: fewer where thousands of chains have one each.
  DrawWriter(const OutputArrays& output, std::size_t chain, std::size_t draw_size, std::size_t block_draws = 16)
      : output_(output),
        chain_(chain),
        size_(draw_size + 1),
        block_draws_(block_draws),
        block_(block_draws * size_) {}

  // Where the next draw's draw_size values go, before keep_draw().
  double* next_draw() { return block_.data() + n_block_ * size_; }

  void keep_draw(double log_density) {
    next_draw()[size_ - 1] = log_density;
    if (++n_block_ == block_draws_) flush();
  }

  void flush() {
    const std::size_t stride = output_.n_saved * output_.n_chains;
    double* to = output_.draws + output_.n_saved * chain_ + n_flushed_;
    for (std::size_t v = 0; v < size_; ++v, to += stride)
      for (std::size_t i = 0; i < n_block_; ++i) to[i] = block_[i * size_ + v];
    n_flushed_ += n_block_;
    n_block_ = 0;
  }

  void write_diagnostics(int iteration, const kernel::Transition& transition) {
    const double values[n_diagnostics] = {transition.accept_stat,
                                          transition.step_size,
                                          static_cast<double>(transition.treedepth),
                                          static_cast<double>(transition.n_leapfrog),
                                          transition.divergent ? 1.0 : 0.0,
                                          transition.energy};
    double* to = output_.diagnostics + output_.n_iterations * chain_ + static_cast<std::size_t>(iteration);
    for (const double value : values) {
      *to = value;
      to += output_.n_iterations * output_.n_chains;
    }
  }

  int n_saved() const { return static_cast<int>(n_flushed_ + n_block_); }

 private:
  const OutputArrays& output_;
  std::size_t chain_;
  std::size_t size_;
  std::size_t block_draws_;
  std::vector<double> block_;
  std::size_t n_block_ = 0;
  std::size_t n_flushed_ = 0;
};

}  // namespace run
}  // namespace skein

#endif
