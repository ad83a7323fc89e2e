// Sampling for R: the configuration from a list, a run over the pool, arrays and records back.
#include <Rcpp.h>

#include <algorithm>
#include <cstdint>
#include <skein/run/runner.hpp>
#include <skein/simd/dispatch.hpp>
#include <string>
#include <vector>

#include "monitor_r.h"

namespace run = skein::run;

namespace {

SEXP entry(const Rcpp::List& config, const char* name) {
  if (!config.containsElementNamed(name)) Rcpp::stop("the sampler's configuration lacks '%s'", name);
  return config[name];
}

double number(const Rcpp::List& config, const char* name) { return Rcpp::as<double>(entry(config, name)); }

int whole(const Rcpp::List& config, const char* name) { return static_cast<int>(number(config, name)); }

bool flag(const Rcpp::List& config, const char* name) { return Rcpp::as<bool>(entry(config, name)); }

run::ChainConfig chain_config(const Rcpp::List& config) {
  run::ChainConfig chain;
  chain.seed = static_cast<std::uint64_t>(static_cast<std::int64_t>(number(config, "seed")));
  chain.chain = static_cast<std::uint32_t>(number(config, "first_chain"));
  chain.iterations = whole(config, "iter");
  chain.warmup = whole(config, "warmup");
  chain.step_size = number(config, "stepsize");
  chain.init_radius = number(config, "init_radius");
  chain.nuts.max_treedepth = whole(config, "max_treedepth");
  chain.nuts.stepsize_jitter = number(config, "stepsize_jitter");
  chain.adaptation.engaged = flag(config, "adapt_engaged");
  chain.adaptation.delta = number(config, "adapt_delta");
  chain.adaptation.gamma = number(config, "adapt_gamma");
  chain.adaptation.kappa = number(config, "adapt_kappa");
  chain.adaptation.t0 = number(config, "adapt_t0");
  chain.adaptation.init_buffer = whole(config, "adapt_init_buffer");
  chain.adaptation.term_buffer = whole(config, "adapt_term_buffer");
  chain.adaptation.window = whole(config, "adapt_window");
  return chain;
}

// Columns of a dimension x chains matrix.
std::vector<std::vector<double>> columns(const Rcpp::NumericMatrix& matrix) {
  std::vector<std::vector<double>> out;
  for (int j = 0; j < matrix.ncol(); ++j)
    out.emplace_back(matrix.begin() + static_cast<R_xlen_t>(j) * matrix.nrow(),
                     matrix.begin() + static_cast<R_xlen_t>(j + 1) * matrix.nrow());
  return out;
}

run::RunConfig run_config(const Rcpp::List& config) {
  run::RunConfig out;
  out.chain = chain_config(config);
  out.metric = run::metric_kind(Rcpp::as<std::string>(entry(config, "metric")));
  out.n_chains = whole(config, "chains");
  out.thin = whole(config, "thin");
  out.save_warmup = flag(config, "save_warmup");
  out.cores = whole(config, "cores");
  out.threads = whole(config, "threads");
  out.grainsize = static_cast<std::size_t>(number(config, "grainsize"));
  out.inits = columns(entry(config, "init"));
  const Rcpp::RObject metrics = entry(config, "inverse_metric");
  if (!metrics.isNULL())
    for (const SEXP metric : Rcpp::List(metrics)) out.inverse_metrics.push_back(Rcpp::as<std::vector<double>>(metric));
  const Rcpp::RObject step_sizes = entry(config, "step_sizes");
  if (!step_sizes.isNULL()) out.step_sizes = Rcpp::as<std::vector<double>>(step_sizes);
  const std::size_t n_chains = static_cast<std::size_t>(out.n_chains);
  if (out.inits.size() != n_chains || (!metrics.isNULL() && out.inverse_metrics.size() != n_chains) ||
      (!step_sizes.isNULL() && out.step_sizes.size() != n_chains))
    Rcpp::stop("init, inverse_metric and step_sizes must have one element per chain");
  return out;
}

// A numeric array whose elements are not set yet.
Rcpp::NumericVector new_array(std::size_t rows, std::size_t chains, std::size_t variables) {
  Rcpp::NumericVector array(Rf_allocVector(REALSXP, static_cast<R_xlen_t>(rows * chains * variables)));
  array.attr("dim") = Rcpp::NumericVector::create(rows, chains, variables);
  return array;
}

// Elements of iterations that a chain did not do.
void fill_missing(Rcpp::NumericVector& array, std::size_t rows, const std::vector<int>& done) {
  const std::size_t n_columns = rows == 0 ? 0 : static_cast<std::size_t>(array.size()) / rows;
  for (std::size_t k = 0; k < n_columns; ++k) {
    const std::size_t n_done = static_cast<std::size_t>(done[k % done.size()]);
    std::fill(array.begin() + k * rows + n_done, array.begin() + (k + 1) * rows, NA_REAL);
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
  Rcpp::NumericVector step_size(n_chains), n_not_finite(n_chains);
  Rcpp::IntegerVector n_done(n_chains);
  Rcpp::List metrics(n_chains);
  Rcpp::NumericMatrix elapsed(n_chains, 2);
  for (int i = 0; i < n_chains; ++i) {
    const run::ChainRecord& record = result.chains[static_cast<std::size_t>(i)];
    step_size[i] = record.step_size;
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
                            Rcpp::_["n_not_finite"] = n_not_finite);
}

}  // namespace

// Runs the chains that `config` describes (its entries are those of ChainConfig and RunConfig, by R's names).
// Returns a list: draws [saved iterations, chains, draw_size + 1], the last variable lp__; sampler [iterations, chains,
// 6]; step_size, inverse_metric, positions, elapsed (seconds), n_done, n_not_finite, each per chain; interrupted;
// failure, NULL or what is known of the first chain that could not go on; instruction_set.
// [[Rcpp::export]]
Rcpp::List sample_run(SEXP density, Rcpp::List config) {
  const skein::Density& target = *Rcpp::XPtr<skein::Density>(density).checked_get();
  const run::RunConfig settings = run_config(config);
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

  MonitorR monitor(entry(config, "progress"));
  const run::RunResult result = run::run_chains(target, settings, output, monitor);

  std::vector<int> n_saved, n_done;
  for (const run::ChainRecord& record : result.chains) {
    n_saved.push_back(record.n_saved);
    n_done.push_back(record.n_done);
  }
  fill_missing(draws, output.n_saved, n_saved);
  fill_missing(sampler, output.n_iterations, n_done);
  Rcpp::List out = records(result, settings, dimension);
  out["draws"] = draws;
  out["sampler"] = sampler;
  out["interrupted"] = result.stopped;
  out["failure"] = failure(result, settings);
  out["instruction_set"] = skein::simd::instruction_set_name();
  return out;
}
