// What R asks the core for instead of stating it again: samplers' defaults, families and their links.
#include <Rcpp.h>

#include <skein/family/registry.hpp>
#include <skein/kernel/config.hpp>

#include "density_pointer.h"

// Every default of sampling, by the names that brm()'s arguments and `control` use.
// [[Rcpp::export]]
Rcpp::List sampler_defaults() {
  const skein::kernel::NutsConfig nuts;
  const skein::kernel::AdaptationConfig adaptation;
  const skein::kernel::SamplingDefaults sampling;
  return Rcpp::List::create(
      Rcpp::_["chains"] = sampling.chains, Rcpp::_["iter"] = sampling.iter, Rcpp::_["thin"] = sampling.thin,
      Rcpp::_["stepsize"] = sampling.stepsize, Rcpp::_["init_radius"] = sampling.init_radius,
      Rcpp::_["max_treedepth"] = nuts.max_treedepth, Rcpp::_["stepsize_jitter"] = nuts.stepsize_jitter,
      Rcpp::_["adapt_engaged"] = adaptation.engaged, Rcpp::_["adapt_delta"] = adaptation.delta,
      Rcpp::_["adapt_gamma"] = adaptation.gamma, Rcpp::_["adapt_kappa"] = adaptation.kappa,
      Rcpp::_["adapt_t0"] = adaptation.t0, Rcpp::_["adapt_init_buffer"] = adaptation.init_buffer,
      Rcpp::_["adapt_term_buffer"] = adaptation.term_buffer, Rcpp::_["adapt_window"] = adaptation.window,
      Rcpp::_["metric"] = "diag_e");
}

// Defaults of the kernels beside NUTS, by the names of R's arguments.
// [[Rcpp::export]]
Rcpp::List kernel_defaults() {
  const skein::kernel::HmcConfig hmc;
  const skein::kernel::CheesConfig chees;
  const skein::kernel::MeadsConfig meads;
  return Rcpp::List::create(
      Rcpp::_["hmc"] = Rcpp::List::create(Rcpp::_["trajectory_length"] = hmc.trajectory_length,
                                          Rcpp::_["jitter"] = hmc.jitter),
      Rcpp::_["chees"] =
          Rcpp::List::create(Rcpp::_["adapt_delta"] = chees.delta, Rcpp::_["learning_rate"] = chees.learning_rate,
                             Rcpp::_["max_steps"] = chees.max_steps, Rcpp::_["learns_metric"] = chees.learns_metric),
      Rcpp::_["meads"] = Rcpp::List::create(Rcpp::_["folds"] = meads.folds,
                                            Rcpp::_["step_size_multiplier"] = meads.step_size_multiplier,
                                            Rcpp::_["damping_slowdown"] = meads.damping_slowdown));
}

// Points that a density takes at once.
// [[Rcpp::export]]
double density_lanes(SEXP density) {
  return static_cast<double>(skein_r::DensityPointer(density).checked_get()->preferred_batch());
}

// Families of the core by name: links of mu (the default first) and parameters beyond mu, in the core's order.
// [[Rcpp::export]]
Rcpp::List core_families() {
  Rcpp::List all;
  for (const skein::family::FamilyInfo& family : skein::family::families())
    all[family.name] = Rcpp::List::create(Rcpp::_["links"] = Rcpp::wrap(family.links),
                                          Rcpp::_["dpars"] = Rcpp::wrap(family.dpars),
                                          Rcpp::_["has_trials"] = family.has_trials);
  return all;
}
