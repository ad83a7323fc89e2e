// How a run asks R for interrupts and shows its progress.
#include "monitor_r.hpp"

#include <R_ext/Utils.h>

namespace {

void check_interrupt(void*) { R_CheckUserInterrupt(); }

// R_CheckUserInterrupt() jumps out of C++; at top level the jump ends here, as false.
bool interrupt_pending() { return R_ToplevelExec(check_interrupt, nullptr) == FALSE; }

}  // namespace

bool MonitorR::poll(const skein::run::Progress& progress) {
  if (!interrupted_) interrupted_ = interrupt_pending();
  if (!interrupted_ && !progress_.isNULL()) report(progress);
  return interrupted_;
}

// An interrupt that came while R code runs would jump past the draws: it waits for the next look at interrupts.
void MonitorR::report(const skein::run::Progress& progress) {
  const Rcpp::NumericVector n_done(progress.n_done.begin(), progress.n_done.end());
  const Rcpp::Shield<SEXP> report(Rf_lang2(progress_, n_done));
  const Rcpp::Shield<SEXP> call(Rf_lang2(Rf_install("suspendInterrupts"), report));
  Rcpp::Rcpp_fast_eval(call, R_BaseEnv);
}
