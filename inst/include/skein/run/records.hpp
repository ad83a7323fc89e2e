// What chains leave behind: draws and diagnostics in the caller's arrays, and a record of each chain with its clock.
#ifndef SKEIN_RUN_RECORDS_HPP
#define SKEIN_RUN_RECORDS_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "../density.hpp"
#include "config.hpp"
#include "monitor.hpp"
#include "output.hpp"

namespace skein {
namespace run {

// Of all chains of one run. Chains may be recorded side by side, each by one thread at a time.
class Records {
 public:
  Records(const Density& density, const RunConfig& config, const OutputArrays& output)
      : density_(density),
        config_(config),
        output_(output),
        records_(static_cast<std::size_t>(config.n_chains)),
        writers_(records_.size()),
        begun_(records_.size()),
        warmed_up_(records_.size()),
        n_done_(new std::atomic<int>[records_.size()]) {
    for (std::size_t i = 0; i < records_.size(); ++i) n_done_[i].store(0, std::memory_order_relaxed);
  }

  const ChainRecord& operator[](std::size_t chain) const { return records_[chain]; }

  void begin(std::size_t chain) {
    begun_[chain] = Clock::now();
    // Some 64 MB for the blocks of all chains together.
    const std::size_t block = (std::size_t{1} << 23) / ((density_.draw_size() + 1) * records_.size());
    writers_[chain].reset(new DrawWriter(output_, chain, density_.draw_size(),
                                         std::min<std::size_t>(std::max<std::size_t>(block, 1), 16)));
  }

  // The iteration that `machine` has ready.
  template <class Machine>
  void add(std::size_t chain, const Machine& machine, const EvaluationContext& context) {
    ChainRecord& record = records_[chain];
    DrawWriter& writer = *writers_[chain];
    const auto& kernel = machine.kernel();
    const double* position = kernel.position();
    const std::size_t n = kernel.dimension();
    const int iteration = machine.iteration();
    const int n_warmup = config_.chain.warmup;
    writer.write_diagnostics(iteration, kernel.transition());
    const int since = machine.in_warmup() ? iteration : iteration - n_warmup;
    if (since % config_.thin == 0 && (config_.save_warmup || !machine.in_warmup())) {
      density_.write_draw(position, writer.next_draw(), context);
      writer.keep_draw(kernel.log_density());
    }
    if (iteration == n_warmup - 1) {
      record.warmup_end.assign(position, position + n);
      warmed_up_[chain] = Clock::now();
    }
    if (iteration == n_warmup) record.first_draw.assign(position, position + n);
    if (iteration >= n_warmup) record.last_draw.assign(position, position + n);
    record.n_done = iteration + 1;
    n_done_[chain].store(record.n_done, std::memory_order_relaxed);
  }

  void fail(std::size_t chain, const ChainFailure& failure) { records_[chain].failure = failure; }

  // The chain does no more, at its end or before it. `describe(record)` adds what depends on the chain's kind.
  template <class Machine, class Describe>
  void close(std::size_t chain, const Machine& machine, const Describe& describe) {
    ChainRecord& record = records_[chain];
    writers_[chain]->flush();
    record.n_saved = writers_[chain]->n_saved();
    record.step_size = machine.step_size();
    record.n_not_finite = machine.kernel().n_not_finite();
    describe(record);
    const Clock::time_point end = Clock::now();
    if (config_.chain.warmup == 0) warmed_up_[chain] = begun_[chain];
    if (record.n_done < config_.chain.warmup) warmed_up_[chain] = end;
    record.warmup_seconds = std::chrono::duration<double>(warmed_up_[chain] - begun_[chain]).count();
    record.sampling_seconds = std::chrono::duration<double>(end - warmed_up_[chain]).count();
    writers_[chain].reset();
  }

  // Draws so far, into the caller's arrays. While no chain moves.
  void flush() {
    for (const std::unique_ptr<DrawWriter>& writer : writers_)
      if (writer) writer->flush();
  }

  bool all_did(int iterations) const {
    return std::all_of(records_.begin(), records_.end(),
                       [iterations](const ChainRecord& record) { return record.n_done >= iterations; });
  }

  // From any thread at any time.
  Progress progress() const {
    Progress progress;
    for (std::size_t i = 0; i < records_.size(); ++i)
      progress.n_done.push_back(n_done_[i].load(std::memory_order_relaxed));
    progress.warmup = config_.chain.warmup;
    progress.iterations = config_.chain.iterations;
    return progress;
  }

  std::vector<ChainRecord> take() { return std::move(records_); }

 private:
  using Clock = std::chrono::steady_clock;

  const Density& density_;
  const RunConfig& config_;
  const OutputArrays& output_;
  std::vector<ChainRecord> records_;
  std::vector<std::unique_ptr<DrawWriter>> writers_;
  std::vector<Clock::time_point> begun_;
  std::vector<Clock::time_point> warmed_up_;
  std::unique_ptr<std::atomic<int>[]> n_done_;
};

}  // namespace run
}  // namespace skein

#endif
