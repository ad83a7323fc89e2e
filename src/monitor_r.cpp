// How a run asks R for interrupts and shows its progress.
#include "monitor_r.h"

#include <R_ext/Utils.h>

namespace {

SEXP let_interrupt_in(void* suspended) {
  if (!*static_cast<bool*>(suspended)) {
    R_CheckUserInterrupt();
    return R_NilValue;
  }
  // Only R's own functions can let interrupts in for a moment; sleeping looks for them.
  const SEXP sleep = PROTECT(Rf_lang2(Rf_install("Sys.sleep"), PROTECT(Rf_ScalarReal(1e-6))));
  const SEXP call = PROTECT(Rf_lang2(Rf_install("allowInterrupts"), sleep));
  Rf_eval(call, R_BaseEnv);
  UNPROTECT(3);
  return R_NilValue;
}

SEXP note_interrupt(SEXP, void* found) {
  *static_cast<bool*>(found) = true;
  return R_NilValue;
}

// A script that nobody handles an interrupt for is halted on the spot: with a handler it can still save its draws.
struct Look {
  bool suspended;
  bool found;
};

void look_for_interrupt(void* look) {
  const SEXP condition = PROTECT(Rf_mkString("interrupt"));
  Look* const what = static_cast<Look*>(look);
  R_tryCatch(let_interrupt_in, &what->suspended, condition, note_interrupt, &what->found, nullptr, nullptr);
  UNPROTECT(1);
}

// Looking may run event handlers of R, whose jumps must not cross C++ either: they end here and count as interrupts.
bool interrupt_pending(bool suspended) {
  Look look = {suspended, false};
  return R_ToplevelExec(look_for_interrupt, &look) == FALSE || look.found;
}

}  // namespace

bool MonitorR::poll(const skein::run::Progress& progress) {
  if (!interrupted_) interrupted_ = interrupt_pending(interrupts_suspended_);
  if (!interrupted_ && !progress_.isNULL()) report(progress);
  if (has_deadline_ && std::chrono::steady_clock::now() > deadline_) expired_ = true;
  return interrupted_ || expired_;
}

// An interrupt that came while R code runs would jump past the draws: it waits for the next look at interrupts.
void MonitorR::report(const skein::run::Progress& progress) {
  const Rcpp::NumericVector n_done(progress.n_done.begin(), progress.n_done.end());
  const Rcpp::Shield<SEXP> report(Rf_lang2(progress_, n_done));
  const Rcpp::Shield<SEXP> call(Rf_lang2(Rf_install("suspendInterrupts"), report));
  Rcpp::Rcpp_fast_eval(call, R_BaseEnv);
}
