// Distribution functions of the families for R.
#include <Rcpp.h>

#include <string>

#include <skein/family/cdf.hpp>
#include <skein/family/registry.hpp>

// log P(Y <= y) and log P(Y > y), n x 2, of a family at natural-scale mu and parameters (dpars: n x their number, in
// the registry's order). All of y, mu, trials have n elements.
// [[Rcpp::export]]
Rcpp::NumericMatrix family_tails(std::string name, Rcpp::NumericVector y, Rcpp::NumericVector mu,
                                 Rcpp::NumericMatrix dpars, Rcpp::NumericVector trials) {
  const skein::family::FamilyInfo* family = skein::family::find_family(name);
  if (family == nullptr) Rcpp::stop("unknown family");
  const R_xlen_t n = y.size();
  if (mu.size() != n || dpars.nrow() != n || trials.size() != n) Rcpp::stop("lengths differ");
  if (static_cast<std::size_t>(dpars.ncol()) != family->dpars.size()) Rcpp::stop("wrong number of parameters");
  Rcpp::NumericMatrix out(static_cast<int>(n), 2);
  std::vector<double> dpar(family->dpars.size() + 1);
  for (R_xlen_t i = 0; i < n; ++i) {
    for (int k = 0; k < dpars.ncol(); ++k) dpar[static_cast<std::size_t>(k)] = dpars(i, k);
    const skein::family::TailProbabilities both = skein::family::tails(family->id, y[i], mu[i], dpar.data(), trials[i]);
    out(i, 0) = both.log_lower;
    out(i, 1) = both.log_upper;
  }
  return out;
}
