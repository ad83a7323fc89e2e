// Moves chains over one pool of threads, by any schedule, and writes their draws and diagnostics where the caller wants
// them.
#ifndef SKEIN_RUN_ENGINE_HPP
#define SKEIN_RUN_ENGINE_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "../density.hpp"
#include "../parallel/pool.hpp"
#include "../util/aligned.hpp"
#include "config.hpp"
#include "monitor.hpp"
#include "output.hpp"
#include "population.hpp"
#include "records.hpp"
#include "turnstile.hpp"

namespace skein {
namespace run {

// One call of run_chains(). `Machine`: Chain or PooledChain. `Population`: what learns from all chains between rounds.
//
// Work goes in rounds: in each, every chain goes on until it has done `round_` iterations. Independent chains need one
// round in all, lockstep makes one for each draw, and a population one for each iteration of its warm-up.
template <class Machine, class Population>
class Engine {
 public:
  using MakeChain = std::function<std::unique_ptr<Machine>(std::size_t index)>;

  Engine(const Density& density, const RunConfig& config, const OutputArrays& output, Population& population,
         MakeChain make_chain);

  RunResult run(Monitor& monitor);

 private:
  using Clock = std::chrono::steady_clock;

  // A chain in a lane. It steps aside once it has done `step_aside` iterations and others wait.
  struct Seat {
    std::uint32_t chain = 0;
    int step_aside = 0;
  };

  // What one worker needs beside the chains.
  struct Bench {
    Bench(const Density& density, std::size_t lanes)
        : workspace(density.workspace_size()), seats(lanes), batch(lanes), taken(lanes) {}
    util::AlignedArray<double> workspace;
    std::vector<Seat> seats;
    std::vector<Evaluation> batch;
    std::vector<std::uint32_t> taken;
    std::size_t n_seated = 0;
    EvaluationContext context;
  };

  void run_to(int stop, Monitor& monitor);
  void work(std::size_t worker, parallel::Team& team, double* scratch, const parallel::StopFlag& stop);
  bool fill_seats(Bench& bench, WorkerCost& cost, const parallel::StopFlag& stop, double& waiting);
  void evaluate_seats(Bench& bench, WorkerCost& cost);
  void seat(std::uint32_t chain, Bench& bench, WorkerCost& cost);
  bool settle(Seat& seat, const Bench& bench, WorkerCost& cost);
  void leave(const Bench& bench);
  void end_round(const Bench& bench);
  void learn(const Bench& bench);
  void open_round();
  int next_round() const;
  void close_record(std::uint32_t chain);
  void fail(std::uint32_t chain, const ChainFailure& failure);
  bool must_stop(const parallel::StopFlag& stop) const {
    return stop.requested() || failed_.load(std::memory_order_relaxed);
  }

  const Density& density_;
  const bool calls_passes_;
  const RunConfig& config_;
  Population& population_;
  MakeChain make_chain_;
  std::vector<std::unique_ptr<Machine>> machines_;
  Records records_;
  std::vector<std::size_t> last_worker_;  // that did a draw of each chain
  parallel::PoolReport pool_report_;
  std::atomic<bool> failed_{false};
  Turnstile turnstile_;
  Cost cost_;
  std::size_t lanes_;
  int round_ = -1;  // iterations that chains shall have done at the end of the round; -1 before the first
  int stop_ = 0;    // and at the end of this pool's work
  const std::function<bool()>* poll_ = nullptr;  // set while the calling thread itself works
};

template <class Machine, class Population>
Engine<Machine, Population>::Engine(const Density& density, const RunConfig& config, const OutputArrays& output,
                                    Population& population, MakeChain make_chain)
    : density_(density),
      calls_passes_(density.calls_passes()),
      config_(config),
      population_(population),
      make_chain_(std::move(make_chain)),
      machines_(static_cast<std::size_t>(config.n_chains)),
      records_(density, config, output),
      last_worker_(machines_.size(), parallel::PoolReport::nobody) {
  cost_.lanes = config.lanes > 0 ? static_cast<std::size_t>(config.lanes)
                                 : std::max<std::size_t>(density.preferred_batch(), 1);
  const std::size_t n_workers =
      density.main_thread_only() ? 1 : std::min(static_cast<std::size_t>(std::max(config.cores, 1)), machines_.size());
  cost_.workers.resize(n_workers);
  // Where chains are few, full lanes of one worker would leave the others without any.
  lanes_ = config.schedule == Schedule::parallel
               ? 1
               : std::min(cost_.lanes, (machines_.size() + n_workers - 1) / n_workers);
  for (WorkerCost& worker : cost_.workers) worker.draws_of_chain.resize(machines_.size());
}

template <class Machine, class Population>
RunResult Engine<Machine, Population>::run(Monitor& monitor) {
  const Clock::time_point start = Clock::now();
  const int iterations = config_.chain.iterations;
  RunResult result;
  int done = 0;
  do {
    const int stop = config_.next_stop ? std::min(config_.next_stop(done), iterations) : iterations;
    if (config_.next_stop && stop <= done) break;
    run_to(stop, monitor);
    records_.flush();
    result.stopped = !records_.all_did(stop);
    done = stop;
  } while (!result.stopped && done < iterations);
  if (failed_.load(std::memory_order_relaxed)) result.stopped = false;
  for (std::size_t i = 0; i < machines_.size(); ++i)
    if (machines_[i]) close_record(static_cast<std::uint32_t>(i));
  cost_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (WorkerCost& worker : cost_.workers) worker.waiting_seconds = std::max(cost_.seconds - worker.busy_seconds, 0.0);
  result.pool = pool_report_;
  result.pool.jobs.clear();
  for (const std::size_t worker : last_worker_)
    result.pool.jobs.push_back(worker < pool_report_.jobs.size() ? pool_report_.jobs[worker]
                                                                 : parallel::PoolReport::JobPlace());
  result.chains = records_.take();
  result.cost = std::move(cost_);
  return result;
}

// The pool's workers, or the calling thread itself where the density lives there, move all chains to `stop` iterations.
template <class Machine, class Population>
void Engine<Machine, Population>::run_to(int stop, Monitor& monitor) {
  stop_ = stop;
  if (round_ < 0 && Population::pools)
    round_ = 0;
  else
    round_ = next_round();
  open_round();
  const std::function<bool()> poll = [this, &monitor] {
    return monitor.poll(records_.progress()) || failed_.load(std::memory_order_relaxed);
  };
  if (density_.main_thread_only()) {
    const parallel::FloatingPointGuard floating_point;
    util::AlignedArray<double> scratch(density_.scratch_size());
    parallel::Team nobody;
    poll_ = &poll;
    work(0, nobody, scratch.data(), parallel::StopFlag());
    poll_ = nullptr;
  } else {
    parallel::PoolOptions options;
    options.workers = cost_.workers.size() * static_cast<std::size_t>(std::max(config_.threads, 1));
    options.owners = cost_.workers.size();
    options.scratch_size = density_.scratch_size();
    parallel::Pool pool(options, config_.launcher);
    pool.run(
        cost_.workers.size(),
        [this](std::size_t worker, parallel::Team& team, double* scratch, const parallel::StopFlag& stop_flag) {
          work(worker, team, scratch, stop_flag);
        },
        poll);
    pool_report_ = pool.report();
  }
  monitor.poll(records_.progress());
}

template <class Machine, class Population>
void Engine<Machine, Population>::work(std::size_t worker, parallel::Team& team, double* scratch,
                                       const parallel::StopFlag& stop) {
  const Clock::time_point start = Clock::now();
  Clock::time_point polled = start;
  double waiting = 0;
  WorkerCost& cost = cost_.workers[worker];
  Bench bench(density_, lanes_);
  bench.context.workspace = bench.workspace.data();
  bench.context.scratch = scratch;
  bench.context.team = config_.threads > 0 ? &team : nullptr;
  bench.context.grainsize = config_.grainsize;
  try {
    while (!must_stop(stop) && fill_seats(bench, cost, stop, waiting)) {
      evaluate_seats(bench, cost);
      if (poll_ == nullptr || Clock::now() - polled < std::chrono::milliseconds(100)) continue;
      if ((*poll_)()) break;
      polled = Clock::now();
    }
  } catch (...) {
    turnstile_.close();
    throw;
  }
  if (must_stop(stop)) turnstile_.close();
  cost.busy_seconds += std::chrono::duration<double>(Clock::now() - start).count() - waiting;
}

// Puts chains into the empty seats; false when there will be no more. In lockstep seats are filled together only: a
// lane whose chain has done its draw stays empty.
template <class Machine, class Population>
bool Engine<Machine, Population>::fill_seats(Bench& bench, WorkerCost& cost, const parallel::StopFlag& stop,
                                             double& waiting) {
  while (bench.n_seated < lanes_ && (bench.n_seated == 0 || config_.schedule != Schedule::lockstep)) {
    const bool wait = bench.n_seated == 0;
    const std::size_t n = turnstile_.take(bench.taken.data(), lanes_ - bench.n_seated, wait, stop, waiting);
    if (n == 0) return !wait;
    for (std::size_t k = 0; k < n; ++k) seat(bench.taken[k], bench, cost);
  }
  return true;
}

template <class Machine, class Population>
void Engine<Machine, Population>::evaluate_seats(Bench& bench, WorkerCost& cost) {
  for (std::size_t k = 0; k < bench.n_seated; ++k) {
    Machine& machine = *machines_[bench.seats[k].chain];
    bench.batch[k] = calls_passes_ ? machine.evaluation_wanted()
                                   : Evaluation{machine.position_wanted(), machine.gradient_wanted(), 0, {}};
  }
  density_.evaluate(bench.batch.data(), bench.n_seated, bench.context);
  cost.n_gradients += bench.n_seated;
  ++cost.n_batches;
  std::size_t n_seated = 0;
  for (std::size_t k = 0; k < bench.n_seated; ++k) {
    Machine& machine = *machines_[bench.seats[k].chain];
    const bool stays = machine.advance(bench.batch[k].log_density) == ChainStatus::gradient_wanted ||
                       settle(bench.seats[k], bench, cost);
    if (stays) bench.seats[n_seated++] = bench.seats[k];
  }
  bench.n_seated = n_seated;
}

template <class Machine, class Population>
void Engine<Machine, Population>::seat(std::uint32_t chain, Bench& bench, WorkerCost& cost) {
  if (!machines_[chain]) {
    records_.begin(chain);
    machines_[chain] = make_chain_(chain);
  }
  Machine& machine = *machines_[chain];
  Seat& seat = bench.seats[bench.n_seated];
  seat.chain = chain;
  // A chain that is well ahead would leave its last draws to be done alone: all of them reach the end together.
  const int done = records_[chain].n_done;
  seat.step_aside = done + std::min(16, std::max(1, (round_ - done) / 8));
  if constexpr (Population::pools) {
    if (machine.status() != ChainStatus::gradient_wanted) machine.set_parameters(population_.parameters(chain));
  }
  if (machine.status() == ChainStatus::draw_ready || machine.status() == ChainStatus::started) machine.resume();
  if (settle(seat, bench, cost)) ++bench.n_seated;
}

// Sees to a chain that wants no gradient; false if it leaves its seat.
template <class Machine, class Population>
bool Engine<Machine, Population>::settle(Seat& seat, const Bench& bench, WorkerCost& cost) {
  Machine& machine = *machines_[seat.chain];
  while (machine.status() == ChainStatus::draw_ready) {
    records_.add(seat.chain, machine, bench.context);
    ++cost.n_draws;
    ++cost.draws_of_chain[seat.chain];
    last_worker_[seat.chain] = static_cast<std::size_t>(&cost - cost_.workers.data());
    const int done = records_[seat.chain].n_done;
    if (done == config_.chain.iterations) {
      machine.resume();
      if (machine.status() == ChainStatus::failed) break;
      if (!Population::pools) {
        close_record(seat.chain);
        machines_[seat.chain].reset();
      }
      leave(bench);
      return false;
    }
    if (done >= round_) {
      leave(bench);
      return false;
    }
    if (config_.schedule == Schedule::async && done >= seat.step_aside && turnstile_.has_queued()) {
      turnstile_.rejoin(seat.chain);
      return false;
    }
    machine.resume();
  }
  if (machine.status() == ChainStatus::gradient_wanted) return true;
  if (machine.status() == ChainStatus::failed) fail(seat.chain, machine.failure());
  leave(bench);
  return false;
}

template <class Machine, class Population>
void Engine<Machine, Population>::leave(const Bench& bench) {
  if (turnstile_.leave()) end_round(bench);
}

// Where the next round ends.
template <class Machine, class Population>
int Engine<Machine, Population>::next_round() const {
  const int last = std::max(round_, 0);
  const bool steps = config_.schedule == Schedule::lockstep || (Population::pools && last < config_.chain.warmup);
  return steps ? last + 1 : stop_;
}

template <class Machine, class Population>
void Engine<Machine, Population>::open_round() {
  std::vector<std::uint32_t> chains(machines_.size());
  for (std::size_t i = 0; i < chains.size(); ++i) chains[i] = static_cast<std::uint32_t>(i);
  turnstile_.open(chains, round_ >= stop_);
}

// On the worker whose chain was the last.
template <class Machine, class Population>
void Engine<Machine, Population>::end_round(const Bench& bench) {
  if (!failed_.load(std::memory_order_relaxed)) learn(bench);
  if (failed_.load(std::memory_order_relaxed) || round_ >= stop_) return turnstile_.close();
  round_ = next_round();
  open_round();
}

template <class Machine, class Population>
void Engine<Machine, Population>::learn(const Bench& bench) {
  if constexpr (Population::pools) {
    if (round_ > config_.chain.warmup) return;
    const auto evaluate = [this, &bench](const double* position, double* gradient) {
      Evaluation evaluation{position, gradient, 0, {}};
      density_.evaluate(&evaluation, 1, bench.context);
      return evaluation.log_density;
    };
    if (round_ == 0) {
      population_.start(machines_, evaluate);
    } else if (!population_.learn(round_ - 1, machines_, evaluate)) {
      fail(0, {FailureKind::metric, "the variances of the draws are not finite, so the posterior may be improper.",
               {}, 0, {}});
    }
  } else {
    (void)bench;
  }
}

template <class Machine, class Population>
void Engine<Machine, Population>::fail(std::uint32_t chain, const ChainFailure& failure) {
  records_.fail(chain, failure);
  failed_.store(true, std::memory_order_relaxed);
}

template <class Machine, class Population>
void Engine<Machine, Population>::close_record(std::uint32_t chain) {
  const Machine& machine = *machines_[chain];
  records_.close(chain, machine, [&](ChainRecord& record) {
    if constexpr (Population::pools)
      population_.describe(record, chain, machine);
    else
      record.inverse_metric = machine.kernel().metric().inverse();
  });
}

}  // namespace run
}  // namespace skein

#endif
