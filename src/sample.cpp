// Sampling for R: the configuration from a list, a run over the pool, arrays and records back.
#include <Rcpp.h>

#include <algorithm>
#include <functional>
#include <skein/run/runner.hpp>
#include <skein/simd/dispatch.hpp>
#include <string>
#include <vector>

#include "coordinates.h"
#include "density_pointer.h"
#include "monitor_r.h"
#include "run_from_r.h"

namespace run = skein::run;

namespace {

// A numeric array whose elements are not set yet.
Rcpp::NumericVector new_array(std::size_t rows, std::size_t chains, std::size_t variables) {
  Rcpp::NumericVector array(Rf_allocVector(REALSXP, static_cast<R_xlen_t>(rows * chains * variables)));
  array.attr("dim") = Rcpp::NumericVector::create(rows, chains, variables);
  return array;
}

// Elements of iterations that a chain did not do; those that no chain did are left alone, nobody reads them.
void fill_missing(Rcpp::NumericVector& array, std::size_t rows, const std::vector<int>& done) {
  const std::size_t n_columns = rows == 0 ? 0 : static_cast<std::size_t>(array.size()) / rows;
  const std::size_t n_any = static_cast<std::size_t>(*std::max_element(done.begin(), done.end()));
  for (std::size_t k = 0; k < n_columns; ++k) {
    const std::size_t n_done = static_cast<std::size_t>(done[k % done.size()]);
    std::fill(array.begin() + k * rows + n_done, array.begin() + k * rows + n_any, NA_REAL);
  }
}

// One column per chain; NA where a chain did not get that far.
Rcpp::NumericMatrix positions(const run::RunResult& result, std::size_t dimension,
                              std::vector<double> run::ChainRecord::*position) {
  Rcpp::NumericMatrix out(static_cast<int>(dimension), static_cast<int>(result.chains.size()));
  std::fill(out.begin(), out.end(), NA_REAL);
  auto column = out.begin();
  for (const run::ChainRecord& record : result.chains) {
    std::copy((record.*position).begin(), (record.*position).end(), column);
    column += dimension;
  }
  return out;
}

// All that a record has by coordinates.
void to_reference(run::RunResult& result, const skein_r::Coordinates& coordinates) {
  for (run::ChainRecord& record : result.chains)
    for (std::vector<double>* values : {&record.inverse_metric, &record.warmup_end, &record.first_draw,
                                        &record.last_draw, &record.failure.position, &record.failure.gradient})
      *values = coordinates.reference(*values);
}

const char* failure_name(run::FailureKind kind) {
  switch (kind) {
    case run::FailureKind::step_size:
      return "step_size";
    case run::FailureKind::metric:
      return "metric";
    default:
      return "initialization";
  }
}

// The first chain that failed, or NULL.
Rcpp::RObject failure(const run::RunResult& result, const run::RunConfig& config) {
  for (std::size_t i = 0; i < result.chains.size(); ++i) {
    const run::ChainFailure& found = result.chains[i].failure;
    if (found.kind == run::FailureKind::none) continue;
    return Rcpp::List::create(Rcpp::_["chain"] = config.chain.chain + i, Rcpp::_["kind"] = failure_name(found.kind),
                              Rcpp::_["message"] = found.message, Rcpp::_["position"] = found.position,
                              Rcpp::_["log_density"] = found.log_density, Rcpp::_["gradient"] = found.gradient);
  }
  return R_NilValue;
}

// What is kept of each chain, but for its draws and diagnostics.
Rcpp::List records(const run::RunResult& result, const run::RunConfig& config, std::size_t dimension) {
  const int n_chains = config.n_chains;
  Rcpp::NumericVector step_size(n_chains), trajectory(n_chains), n_not_finite(n_chains);
  Rcpp::IntegerVector n_done(n_chains);
  Rcpp::List metrics(n_chains);
  Rcpp::NumericMatrix elapsed(n_chains, 2);
  for (int i = 0; i < n_chains; ++i) {
    const run::ChainRecord& record = result.chains[static_cast<std::size_t>(i)];
    step_size[i] = record.step_size;
    trajectory[i] = record.trajectory_length;
    n_not_finite[i] = static_cast<double>(record.n_not_finite);
    n_done[i] = record.n_done;
    elapsed(i, 0) = record.warmup_seconds;
    elapsed(i, 1) = record.sampling_seconds;
    Rcpp::NumericVector metric = Rcpp::wrap(record.inverse_metric);
    if (config.metric == run::MetricKind::dense && metric.size() > 0)
      metric.attr("dim") = Rcpp::IntegerVector::create(dimension, dimension);
    metrics[i] = metric;
  }
  const Rcpp::List where =
      Rcpp::List::create(Rcpp::_["warmup_end"] = positions(result, dimension, &run::ChainRecord::warmup_end),
                         Rcpp::_["first_draw"] = positions(result, dimension, &run::ChainRecord::first_draw),
                         Rcpp::_["last_draw"] = positions(result, dimension, &run::ChainRecord::last_draw));
  return Rcpp::List::create(Rcpp::_["step_size"] = step_size, Rcpp::_["inverse_metric"] = metrics,
                            Rcpp::_["positions"] = where, Rcpp::_["elapsed"] = elapsed, Rcpp::_["n_done"] = n_done,
                            Rcpp::_["n_not_finite"] = n_not_finite, Rcpp::_["trajectory"] = trajectory);
}

// One row per worker; `chains`: draws (warm-up included) of each chain by each worker, chains x workers.
Rcpp::List costs(const run::Cost& cost) {
  const int n_workers = static_cast<int>(cost.workers.size());
  Rcpp::NumericVector gradients(n_workers), batches(n_workers), draws(n_workers), busy(n_workers), waiting(n_workers);
  Rcpp::IntegerMatrix chains(n_workers > 0 ? static_cast<int>(cost.workers[0].draws_of_chain.size()) : 0, n_workers);
  for (int w = 0; w < n_workers; ++w) {
    const run::WorkerCost& worker = cost.workers[static_cast<std::size_t>(w)];
    gradients[w] = static_cast<double>(worker.n_gradients);
    batches[w] = static_cast<double>(worker.n_batches);
    draws[w] = static_cast<double>(worker.n_draws);
    busy[w] = worker.busy_seconds;
    waiting[w] = worker.waiting_seconds;
    std::copy(worker.draws_of_chain.begin(), worker.draws_of_chain.end(), chains.column(w).begin());
  }
  return Rcpp::List::create(Rcpp::_["seconds"] = cost.seconds, Rcpp::_["lanes"] = static_cast<double>(cost.lanes),
                            Rcpp::_["gradients"] = gradients, Rcpp::_["batches"] = batches, Rcpp::_["draws"] = draws,
                            Rcpp::_["busy"] = busy, Rcpp::_["waiting"] = waiting, Rcpp::_["chains"] = chains);
}

// Asks R, between rounds, how far to go on: next_stop(iterations done, draws so far, their number per chain). R's
// function must not keep the draws, which are still being written.
std::function<int(int)> stop_rule(const Rcpp::RObject& next_stop, const Rcpp::NumericVector& draws,
                                  const run::RunConfig& settings) {
  if (next_stop.isNULL()) return nullptr;
  return [next_stop, draws, settings](int done) {
    const int n_warmup = settings.chain.warmup;
    const int n_draws = (settings.save_warmup ? run::n_kept(std::min(done, n_warmup), settings.thin) : 0) +
                        run::n_kept(done - n_warmup, settings.thin);
    const Rcpp::Shield<SEXP> call(Rf_lang4(next_stop, Rcpp::wrap(done), draws, Rcpp::wrap(n_draws)));
    return Rcpp::as<int>(Rcpp::Rcpp_fast_eval(call, R_GlobalEnv));
  };
}

}  // namespace

// Runs the chains that `config` describes (its entries are those of ChainConfig and RunConfig, by R's names).
// Returns a list: draws [saved iterations, chains, draw_size + 1], the last variable lp__; sampler [iterations, chains,
// 6]; step_size, inverse_metric, positions, elapsed (seconds), n_done, n_not_finite, trajectory, each per chain;
// interrupted; failure, NULL or what is known of the first chain that could not go on; instruction_set; cost.
// [[Rcpp::export]]
Rcpp::List sample_run(SEXP density, Rcpp::List config) {
  const skein::Density& target = *Rcpp::XPtr<skein::Density>(density).checked_get();
  run::RunConfig settings = run_config_from_r(config, target);
  const std::size_t dimension = target.dimension();
  const int n_warmup = settings.chain.warmup, n_iterations = settings.chain.iterations;
  run::OutputArrays output;
  output.n_saved = static_cast<std::size_t>((settings.save_warmup ? run::n_kept(n_warmup, settings.thin) : 0) +
                                            run::n_kept(n_iterations - n_warmup, settings.thin));
  output.n_iterations = static_cast<std::size_t>(n_iterations);
  output.n_chains = static_cast<std::size_t>(settings.n_chains);
  Rcpp::NumericVector draws = new_array(output.n_saved, output.n_chains, target.draw_size() + 1);
  Rcpp::NumericVector sampler = new_array(output.n_iterations, output.n_chains, run::n_diagnostics);
  output.draws = draws.begin();
  output.diagnostics = sampler.begin();

  if (config.containsElementNamed("next_stop")) settings.next_stop = stop_rule(config["next_stop"], draws, settings);
  MonitorR monitor(config["progress"], target.main_thread_only());
  if (config.containsElementNamed("seconds")) monitor.allow_seconds(Rcpp::as<double>(config["seconds"]));
  run::RunResult result = run::run_chains(target, settings, output, monitor);
  to_reference(result, skein_r::Coordinates(target));

  std::vector<int> n_saved, n_done;
  for (const run::ChainRecord& record : result.chains) {
    n_saved.push_back(record.n_saved);
    n_done.push_back(record.n_done);
  }
  fill_missing(draws, output.n_saved, n_saved);
  fill_missing(sampler, output.n_iterations, n_done);
  Rcpp::List out = records(result, settings, dimension);
  out["cost"] = costs(result.cost);
  out["draws"] = draws;
  out["sampler"] = sampler;
  out["interrupted"] = result.stopped;
  out["expired"] = monitor.expired() && !monitor.interrupted();
  out["failure"] = failure(result, settings);
  out["instruction_set"] = skein::simd::instruction_set_name();
  return out;
}
