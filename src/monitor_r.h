// The monitor of a run that R started: interrupts in, progress out, both on R's own thread.
#ifndef SKEIN_SRC_MONITOR_R_H
#define SKEIN_SRC_MONITOR_R_H

#include <Rcpp.h>

#include <chrono>
#include <skein/run/monitor.hpp>

class MonitorR : public skein::run::Monitor {
 public:
  // `progress`: an R function of the iterations done per chain (numeric), or NULL.
  // `interrupts_suspended`: R's interrupts are, as its own functions are part of the run.
  explicit MonitorR(SEXP progress, bool interrupts_suspended = false)
      : progress_(progress), interrupts_suspended_(interrupts_suspended) {}

  // Stops the run on a user interrupt. If the progress function fails or jumps, throws what Rcpp resumes the jump from:
  // the run ends its threads first.
  bool poll(const skein::run::Progress& progress) override;

  // Stops the run after that much time, from now on.
  void allow_seconds(double seconds) {
    has_deadline_ = true;
    deadline_ = std::chrono::steady_clock::now() +
                std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
  }

  bool interrupted() const { return interrupted_; }
  bool expired() const { return expired_; }

 private:
  void report(const skein::run::Progress& progress);

  Rcpp::RObject progress_;
  bool interrupts_suspended_;
  bool interrupted_ = false;
  bool has_deadline_ = false;
  bool expired_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

#endif
