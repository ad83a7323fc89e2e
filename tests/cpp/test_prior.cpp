// Priors against their formulas in long double with derivatives, against R's densities, and in how they add up.
#include <limits>
#include <skein/prior/lkj.hpp>
#include <skein/prior/registry.hpp>
#include <string>

#include "check.hpp"
#include "dual.hpp"

namespace {

using reference::Dual;
using reference::Real;
using skein::prior::PriorId;

Dual reference_density(const std::string& name, const std::vector<double>& a, Dual x) {
  const Dual first = a[0], second = a.size() > 1 ? a[1] : 1, half = 0.5L;
  const Dual z = (x - first) / second;
  const Dual normal = -half * z * z - Dual(0.5L * std::log(2 * reference::pi)) - log(second);
  if (name == "normal") return normal;
  if (name == "lognormal") return reference_density("normal", a, log(x)) - log(x);
  if (name == "cauchy") return -log(Dual(reference::pi) * second * (Dual(1) + z * z));
  if (name == "student_t") {
    const Dual nu = a[0], t = (x - Dual(a[1])) / Dual(a[2]);
    return lgamma((nu + Dual(1)) * half) - lgamma(nu * half) - half * log(nu * Dual(reference::pi)) - log(Dual(a[2])) -
           (nu + Dual(1)) * half * log(Dual(1) + t * t / nu);
  }
  if (name == "exponential") return log(first) - first * x;
  if (name == "gamma") return first * log(second) - lgamma(first) + (first - Dual(1)) * log(x) - second * x;
  if (name == "inv_gamma") return first * log(second) - lgamma(first) - (first + Dual(1)) * log(x) - second / x;
  if (name == "beta") {
    return lgamma(first + second) - lgamma(first) - lgamma(second) + (first - Dual(1)) * log(x) +
           (second - Dual(1)) * log1p(-x);
  }
  if (name == "uniform") return -log(second - first);
  if (name == "logistic") return -abs(z) - log(second) - Dual(2) * log1p(exp(-abs(z)));
  return -abs(z) - log(Dual(2) * second);  // double_exponential
}

struct Arguments {
  std::string name;
  std::vector<double> arguments;
  std::vector<double> values;
};

const std::vector<double> real_line = {-1e6, -30, -1.2, 0.0, 0.3, 2.5, 900};
const std::vector<double> half_line = {1e-12, 0.02, 0.7, 3, 1e5};
const std::vector<Arguments> all_arguments = {
    {"normal", {0.5, 2}, real_line},         {"normal", {-3, 1e-3}, real_line},
    {"student_t", {3, 1.1, 2.5}, real_line}, {"student_t", {1, 0, 10}, real_line},
    {"student_t", {999, 0, 2}, real_line},   {"student_t", {1e5, 0, 2}, real_line},
    {"cauchy", {0, 1}, real_line},           {"cauchy", {-2, 30}, real_line},
    {"exponential", {1.5}, half_line},       {"gamma", {2, 0.1}, half_line},
    {"gamma", {0.01, 0.01}, half_line},      {"gamma", {1, 3}, half_line},
    {"inv_gamma", {0.4, 0.3}, half_line},    {"inv_gamma", {8, 20}, half_line},
    {"lognormal", {0.3, 0.8}, half_line},    {"beta", {2, 5}, {1e-9, 0.3, 0.999}},
    {"beta", {1, 1}, {0, 0.2, 1}},           {"beta", {0.5, 30}, {1e-9, 0.2, 0.999}},
    {"uniform", {-1, 4}, {-1, 0.2, 4}},      {"logistic", {0.5, 2}, real_line},
    {"logistic", {-4, 0.1}, real_line},      {"double_exponential", {0.2, 1.5}, real_line}};

double add(const Arguments& one, double value, double& derivative) {
  PriorId id = PriorId::normal;
  CHECK(skein::prior::find_prior(one.name, id));
  CHECK(skein::prior::n_arguments(id) == one.arguments.size());
  const std::size_t element = 0;
  derivative = 0;
  return skein::prior::add_prior(id, one.arguments.data(), &value, &element, 1, &derivative);
}

CHECK_TEST(values_and_derivatives) {
  for (const Arguments& one : all_arguments) {
    for (const double x : one.values) {
      double derivative;
      const double got = add(one, x, derivative);
      const Dual expected = one.name == "beta" && one.arguments[0] == 1
                                ? Dual(0)
                                : reference_density(one.name, one.arguments, Dual(x, 1));
      if (!CHECK(std::fabs(got - expected.value) <= 2e-13L * std::fmax(1.0L, std::fabs(expected.value))) ||
          !CHECK(std::fabs(derivative - expected.slope) <= 1e-13L * std::fabs(expected.slope)))
        std::printf("    %s at %g: %.17g, %.17g\n", one.name.c_str(), x, got, derivative);
    }
  }
}

CHECK_TEST(values_as_in_r) {
  const struct {
    Arguments prior;
    double value, log_density;
  } cases[] = {{{"normal", {0.5, 2}, {}}, 1.3, -1.6920857137646181},
               {{"student_t", {3, 0.5, 2}, {}}, 1.3, -1.7979555080448772},
               {{"student_t", {3, 0.5, 2}, {}}, 1e4, -33.565384453536012},
               {{"student_t", {1e5, 0.5, 2}, {}}, 1.3, -1.6920889497640461},
               {{"cauchy", {0.5, 2}, {}}, 1.3, -1.9862970715276187},
               {{"exponential", {2}, {}}, 1.3, -1.9068528194400547},
               {{"gamma", {2, 0.1}, {}}, 1.3, -4.4728059215206004},
               {{"gamma", {0.01, 0.01}, {}}, 1.3, -4.9182722017247187},
               {{"inv_gamma", {0.4, 0.3}, {}}, 1.3, -1.8763461404558761},
               {{"lognormal", {0.5, 2}, {}}, 1.3, -1.8815088210823687},
               {{"beta", {2, 5}, {}}, 0.3, 0.77052480158128978},
               {{"uniform", {-1, 4}, {}}, 1.3, -1.6094379124341003},
               {{"logistic", {0.5, 2}, {}}, 1.3, -2.1191776853598507},
               {{"logistic", {0.5, 2}, {}}, -900, -450.94314718055995},
               {{"double_exponential", {0.5, 2}, {}}, 1.3, -1.7862943611198907}};
  for (const auto& one : cases) {
    double derivative;
    CHECK_NEAR(add(one.prior, one.value, derivative), one.log_density, 1e-14);
  }
}

CHECK_TEST(outside_the_support) {
  const Arguments outside[] = {{"exponential", {1.5}, {-1e-9}},  {"gamma", {2, 0.1}, {-1, 0}},
                               {"gamma", {1, 0.1}, {-1}},        {"inv_gamma", {2, 1}, {-1, 0}},
                               {"lognormal", {0, 1}, {-1, 0}},   {"beta", {2, 2}, {-0.1, 1.1, 0}},
                               {"uniform", {-1, 4}, {-1.1, 4.1}}};
  for (const Arguments& one : outside) {
    for (const double x : one.values) {
      double derivative;
      CHECK(add(one, x, derivative) == -std::numeric_limits<double>::infinity());
    }
  }
}

CHECK_TEST(elements_and_sums) {
  const double arguments[] = {0.5, 2};
  const double value[] = {9, 1.3, 9, -0.4};
  const std::size_t elements[] = {3, 1};
  double gradient[] = {1, 2, 3, 4};
  const double sum = skein::prior::add_prior(PriorId::normal, arguments, value, elements, 2, gradient);
  const Dual a = reference_density("normal", {0.5, 2}, Dual(1.3, 1)),
             b = reference_density("normal", {0.5, 2}, Dual(-0.4, 1));
  CHECK_NEAR(sum, (double)(a + b).value, 1e-15);
  CHECK(gradient[0] == 1 && gradient[2] == 3);
  CHECK_NEAR(gradient[1], 2 + (double)a.slope, 1e-15);
  CHECK_NEAR(gradient[3], 4 + (double)b.slope, 1e-15);
}

CHECK_TEST(names) {
  PriorId id = PriorId::normal;
  CHECK(!skein::prior::find_prior("lkj", id));
  CHECK(!skein::prior::find_prior("flat", id));
  CHECK(!skein::prior::find_prior("norm", id));
  CHECK(skein::prior::prior_names().size() == 11);
  for (const std::string& name : skein::prior::prior_names()) {
    CHECK(skein::prior::find_prior(name, id));
    bool tested = false;
    for (const Arguments& one : all_arguments) tested = tested || one.name == name;
    CHECK(tested);
  }
}

// Stan's closed form of the constant for eta = 1, the volume of the set of correlation matrices.
Real lkj_constant_at_one(int K) {
  const Real log_pi = std::log(reference::pi), log_two = std::log(2.0L);
  Real constant = 0;
  for (int k = 1; k <= (K - 1) / 2; ++k) constant -= std::lgamma(2.0L * k);
  if (K % 2 == 1)
    return constant - 0.25L * (K * K - 1) * log_pi + 0.25L * (K - 1) * (K - 1) * log_two +
           (K - 1) * std::lgamma(0.5L * (K + 1));
  return constant - 0.25L * K * (K - 2) * log_pi - 0.25L * (3 * K * K - 4 * K) * log_two - K * std::lgamma(0.5L * K) +
         (K - 1) * std::lgamma((Real)K);
}

CHECK_TEST(lkj) {
  for (int K = 1; K <= 7; ++K) CHECK_NEAR(skein::prior::lkj_log_constant(1, K), (double)lkj_constant_at_one(K), 1e-14);
  const std::size_t K = 3;
  const double L[] = {1, 0.6, -0.1, 0, 0.8, 0.7, 0, 0, 0.70710678118654752};
  double gradient[] = {0, 0, 0, 0, 10, 0, 0, 0, 20};
  const double got = skein::prior::add_lkj_prior(2.3, L, K, gradient);
  CHECK_NEAR(got, skein::prior::lkj_log_constant(2.3, K) + 3.6 * std::log(0.8) + 2.6 * std::log(L[8]), 1e-14);
  CHECK_NEAR(gradient[4], 10 + 3.6 / 0.8, 1e-15);
  CHECK_NEAR(gradient[8], 20 + 2.6 / L[8], 1e-15);
  CHECK(gradient[0] == 0 && gradient[1] == 0 && gradient[5] == 0);
  const double singular[] = {1, 1, 0, 0};
  double none[4] = {};
  CHECK(!std::isfinite(skein::prior::add_lkj_prior(2, singular, 2, none)));
}

}  // namespace

int main() { return check::run_all(); }
