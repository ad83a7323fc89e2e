// Timed runs and gradients for R's benchmarks, and the cores that this process may use.
#include <Rcpp.h>

#include <cinttypes>
#include <cstdio>
#include <skein/parallel/launcher.hpp>
#include <skein/run/timed.hpp>
#include <skein/run/timed_gradient.hpp>

#include "coordinates.h"
#include "density_pointer.h"
#include "monitor_r.h"

namespace run = skein::run;

namespace {

run::RunConfig timed_config(const Rcpp::List& settings, const skein::Density& density) {
  const skein_r::Coordinates coordinates(density);
  const auto number = [&settings](const char* name) { return Rcpp::as<double>(settings[name]); };
  run::RunConfig out;
  out.n_chains = 1;
  out.chain.seed = static_cast<std::uint64_t>(number("seed"));
  out.chain.iterations = static_cast<int>(number("iter"));
  out.chain.warmup = 0;
  out.chain.adaptation.engaged = false;
  out.chain.step_size = number("stepsize");
  out.chain.nuts.max_treedepth = static_cast<int>(number("max_treedepth"));
  out.chain.nuts.stepsize_jitter = number("stepsize_jitter");
  out.chain.init = coordinates.own(Rcpp::as<std::vector<double>>(settings["init"]));
  out.chain.inverse_metric = coordinates.own(Rcpp::as<std::vector<double>>(settings["inverse_metric"]));
  out.metric = run::metric_kind(Rcpp::as<std::string>(settings["metric"]));
  out.threads = static_cast<int>(number("threads"));
  out.grainsize = static_cast<std::size_t>(number("grainsize"));
  return out;
}

std::string hexadecimal(std::uint64_t x) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, x);
  return text;
}

}  // namespace

// Runs one chain again and again until `min_seconds` have passed, at least once. `settings`: seed, iter, stepsize,
// max_treedepth, stepsize_jitter, init (a position), inverse_metric (empty for the unit metric), metric, threads (0 is
// the plain loop), grainsize, and copies: if more than 1, as many plain loops run at once, in rounds. Returns seconds
// (of each run or round), num_leapfrog (of one run), fingerprint (of the bits of its draws), repeatable (whether all
// runs agree), interrupted, and failure, NULL or why the chain could not start.
// [[Rcpp::export]]
Rcpp::List benchmark_chain(SEXP density, Rcpp::List settings, double min_seconds) {
  const skein::Density& target = *skein_r::DensityPointer(density).checked_get();
  const run::RunConfig config = timed_config(settings, target);
  MonitorR monitor(R_NilValue);
  const auto copies = static_cast<std::size_t>(Rcpp::as<double>(settings["copies"]));
  const run::TimedRuns timed = copies > 1 ? run::time_copies(target, config, copies, min_seconds, monitor)
                                          : run::time_chain(target, config, min_seconds, monitor);
  Rcpp::RObject failure = R_NilValue;
  if (timed.failure.kind != run::FailureKind::none) failure = Rcpp::wrap(timed.failure.message);
  return Rcpp::List::create(Rcpp::_["seconds"] = timed.seconds,
                            Rcpp::_["num_leapfrog"] = static_cast<double>(timed.n_leapfrog),
                            Rcpp::_["fingerprint"] = hexadecimal(timed.fingerprint),
                            Rcpp::_["repeatable"] = timed.repeatable,
                            Rcpp::_["interrupted"] = timed.stopped, Rcpp::_["failure"] = failure);
}

// Microseconds of one gradient at `position`, in each of `times` batches that take min_seconds together. `threads` of
// 0: the plain loop without a pool. `copies` of more than 1: as many plain loops at once, each in its own thread, until
// the slowest has done one; nothing where the system gives fewer threads.
// [[Rcpp::export]]
std::vector<double> benchmark_gradient_run(SEXP density, Rcpp::NumericVector position, int threads, int copies,
                                           double grainsize, int times, double min_seconds) {
  const skein::Density& target = *skein_r::DensityPointer(density).checked_get();
  if (static_cast<std::size_t>(position.size()) != target.dimension()) Rcpp::stop("the position has the wrong length");
  run::GradientTiming timing;
  timing.threads = static_cast<std::size_t>(threads);
  timing.copies = static_cast<std::size_t>(copies);
  timing.grainsize = static_cast<std::size_t>(grainsize);
  timing.times = times;
  timing.min_seconds = min_seconds;
  std::vector<double> own(target.dimension());
  skein_r::Coordinates(target).to_own(position.begin(), own.data());
  return run::time_gradient(target, own.data(), timing);
}

// Cores on which the system lets this process run.
// [[Rcpp::export]]
double available_cores() { return static_cast<double>(skein::parallel::available_cores()); }
