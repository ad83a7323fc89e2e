// Every family of the registry in a regression: each link of mu, parameters predicted or not, censored and truncated
// rows; gradients against differences of the log density.
#include <skein/regression/row_probability.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "check.hpp"
#include "distributional_problem.hpp"

namespace {

using namespace distributional;
using skein::family::FamilyInfo;

bool starts_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

bool has_probability_mean(const FamilyInfo& family) {
  return family.has_trials || starts_with(family.name, "bernoulli") || starts_with(family.name, "beta");
}

// Where a predictor may vary by half without leaving what the family's links allow.
double centre(const FamilyInfo& family, const std::string& link) {
  if (has_probability_mean(family)) return link == "identity" ? 0.45 : link == "log" ? -0.9 : 0.1;
  return link == "log" || link == "softplus" || link == "squareplus" ? 0.1 : 1.3;
}

PredictorShape predictor_of(const std::string& dpar) {
  if (dpar == "nu") return {dpar, "logm1", 1, 1.0};
  if (dpar == "zi" || dpar == "hu") return {dpar, "logit", 1, -0.5};
  if (dpar == "alpha") return {dpar, "identity", 1, 0.5};
  if (dpar == "ndt") return {dpar, "log", 1, -2.0};
  return {dpar, "log", 1, 0.2};
}

void set_responses(const FamilyInfo& family, Spec& spec) {
  const bool discrete = skein::family::is_discrete(family);
  for (std::size_t i = 0; i < spec.n_rows; ++i) {
    double& y = spec.response[i];
    const double share = (y + 2) / 4;  // of (0, 1)
    if (discrete) {
      y = family.has_trials ? std::floor(7 * share) : std::floor(5 * share);
      if (starts_with(family.name, "bernoulli")) y = share > 0.5;
    } else if (has_probability_mean(family)) {
      y = 0.05 + 0.9 * share;
    } else {
      y = 0.9 + 1.6 * share;
      if (starts_with(family.name, "hurdle") && i % 4 == 0) y = 0;
    }
    if (family.has_trials) spec.trials.push_back(8);
  }
}

enum class Addition { none, censored, truncated, both };

void add_additions(const FamilyInfo& family, Addition addition, Spec& spec) {
  const bool unit = has_probability_mean(family) && !skein::family::is_discrete(family);
  for (std::size_t i = 0; i < spec.n_rows; ++i) {
    spec.weights.push_back(0.5 + static_cast<double>(i % 3));
    if (addition == Addition::censored || addition == Addition::both) {
      spec.censored.push_back(static_cast<std::int8_t>(static_cast<int>(i % 6) < 4 ? static_cast<int>(i % 6) - 1 : 0));
      spec.response_upper.push_back(unit ? 0.98 : spec.response[i] + (skein::family::is_discrete(family) ? 1 : 0.6));
    }
    if (addition == Addition::truncated || addition == Addition::both) {
      spec.truncation_lower.push_back(skein::family::is_discrete(family) ? 0 : 0.02);
      spec.truncation_upper.push_back(unit ? 0.99 : family.has_trials ? 8 : 9);
    }
  }
}

// Positions near 0; unpredicted parameters near values that every family allows.
std::vector<double> position_of(const Problem& problem, const FamilyInfo& family) {
  std::vector<double> u = some_position(problem.density->dimension());
  // A probability that is its own predictor leaves least room.
  const bool narrow = has_probability_mean(family) && problem.spec.predictors[0].link == "identity";
  for (double& v : u) v *= narrow ? 0.08 : 0.3;
  for (std::size_t k = 0; k < family.dpars.size(); ++k) {
    if (problem.spec.dpar_blocks[k] == no_block) continue;
    const bool small = family.dpars[k] == "zi" || family.dpars[k] == "hu" || family.dpars[k] == "ndt";
    u[problem.density->parameters().position_offset(problem.spec.dpar_blocks[k])] = small ? -1.6 : 0.7;
  }
  return reference_order(*problem.density, u);
}

// Differences of fourth order.
double difference(const Regression& density, const std::vector<double>& u, std::size_t k) {
  const double h = 1e-3;
  std::vector<double> gradient;
  const auto at = [&](double step) {
    std::vector<double> moved = u;
    moved[k] += step;
    return evaluate(density, moved, gradient, 0);
  };
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

void check_family(const FamilyInfo& family, const std::string& link, bool predicted, Addition addition) {
  std::vector<PredictorShape> predictors = {{"mu", link, 1, centre(family, link)}};
  for (const std::string& dpar : family.dpars)
    if (predicted) predictors.push_back(predictor_of(dpar));
  std::vector<std::size_t> spanned;
  for (std::size_t p = 0; p < predictors.size(); ++p) spanned.push_back(p);
  Problem problem = make_problem(family.name, 70, family.dpars, predictors, {{6, spanned, true, 1}});
  set_responses(family, problem.spec);
  add_additions(family, addition, problem.spec);
  build(problem);
  const int failures = check::failures();
  const std::vector<double> u = position_of(problem, family);
  std::vector<double> gradient;
  const double lp = evaluate(*problem.density, u, gradient, 0);
  CHECK(std::isfinite(lp));
  for (std::size_t k = 0; k < u.size(); ++k) CHECK_NEAR(gradient[k], difference(*problem.density, u, k), 2e-7);

  if (check::failures() != failures)
    std::printf("    %s(%s), %s, addition %d\n", family.name, link.c_str(), predicted ? "predicted" : "scalar",
                static_cast<int>(addition));
}

void check_all(Addition addition) {
  for (const FamilyInfo& family : skein::family::families()) {
    // A bernoulli response beyond 1 is impossible; brms takes no addition terms for it either.
    const bool bounded = family.id == skein::family::FamilyId::bernoulli || !skein::family::has_tails(family.id);
    if (addition != Addition::none && bounded) continue;
    for (std::size_t l = 0; l < family.links.size(); ++l) {
      // Additions see natural values alone: two links show that the chain rule is applied.
      if (addition != Addition::none && l > 1) break;
      check_family(family, family.links[l], false, addition);
      if (!family.dpars.empty()) check_family(family, family.links[l], true, addition);
    }
  }
}

}  // namespace

CHECK_TEST(every_family_and_link) { check_all(Addition::none); }

CHECK_TEST(every_family_censored) { check_all(Addition::censored); }

CHECK_TEST(every_family_truncated) { check_all(Addition::truncated); }

CHECK_TEST(every_family_censored_and_truncated) { check_all(Addition::both); }

int main() { return check::run_all(); }
