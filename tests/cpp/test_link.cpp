// Links on single values against long double formulas: parameter, derivative and way back, from the middle to the
// tails.
#include <skein/family/link.hpp>

#include "check.hpp"
#include "family_reference.hpp"

namespace {

using reference::Dual;
using skein::family::LinkId;

const char* const names[] = {"identity",      "log",        "inverse", "1/mu^2", "sqrt",
                             "softplus",      "squareplus", "logit",   "probit", "softit",
                             "probit_approx", "cloglog",    "cauchit", "logm1",  "log1p"};

Dual expected(const std::string& name, double eta) {
  const Dual x(eta, 1);
  if (name == "logm1") return exp(x) + Dual(1);
  if (name == "log1p") return expm1(x);
  if (name == "1/mu^2") return Dual(1) / sqrt(x);
  return reference::mean(name, x);
}

std::vector<double> predictors(const std::string& name) {
  if (name == "1/mu^2") return {1e-6, 0.3, 2, 1e6};
  if (name == "inverse") return {-700, -2, -0.01, 0.1, 3, 700};
  return {-700, -30, -3, -0.5, 0, 0.1, 2, 5, 30, 700};
}

CHECK_TEST(parameters_and_derivatives) {
  for (const std::string name : names) {
    const LinkId id = skein::family::find_link(name);
    CHECK(skein::family::link_name(id) == name);
    for (const double eta : predictors(name)) {
      const Dual reference = expected(name, eta);
      const double mu = skein::family::inverse_link(id, eta), slope = skein::family::inverse_link_derivative(id, eta);
      const bool ok = std::fabs(mu - reference.value) <= 1e-13L * std::fabs(reference.value) + 1e-300L &&
                      std::fabs(slope - reference.slope) <= 1e-12L * std::fabs(reference.slope) + 1e-300L;
      if (!CHECK(ok)) std::printf("    %s at %g: %.17g, slope %.17g\n", name.c_str(), eta, mu, slope);
    }
  }
}

// Stan's Phi_approx is an approximation of the normal distribution function whose link is the exact one.
CHECK_TEST(links_undo_themselves) {
  for (const std::string name : names) {
    const LinkId id = skein::family::find_link(name);
    for (const double eta : {0.1, 0.8, 2.0}) {
      const double tolerance = name == "probit_approx" ? 1e-2 : 1e-12;
      CHECK_NEAR(skein::family::link(id, skein::family::inverse_link(id, eta)), eta, tolerance);
    }
  }
}

CHECK_TEST(unknown_links_are_refused) {
  bool thrown = false;
  try {
    skein::family::find_link("logg");
  } catch (const std::invalid_argument&) {
    thrown = true;
  }
  CHECK(thrown);
}

}  // namespace

int main() { return check::run_all(); }
