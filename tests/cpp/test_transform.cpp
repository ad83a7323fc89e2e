// Transforms against Stan's formulas in long double, against Stan's own numbers, and there and back again.
#include <limits>
#include <skein/prior/lkj.hpp>
#include <skein/transform/cholesky_corr.hpp>
#include <skein/transform/scalar.hpp>

#include "check.hpp"
#include "dual.hpp"

namespace {

using reference::Dual;
using reference::Real;
namespace cholesky_corr = skein::transform::cholesky_corr;
using skein::transform::Constrained;
using skein::transform::Scalar;
using skein::transform::ScalarTransform;

bool relative(Real got, Real expected, Real tolerance) {
  return std::fabs(got - expected) <= tolerance * std::fabs(expected);
}

struct ScalarReference {
  Dual value;
  Dual log_jacobian;
};

ScalarReference constrain_reference(const Scalar& transform, Dual u) {
  const Dual lower = transform.lower, upper = transform.upper;
  switch (transform.kind) {
    case ScalarTransform::lower:
      return {lower + exp(u), u};
    case ScalarTransform::upper:
      return {upper - exp(u), u};
    case ScalarTransform::interval: {
      const Dual e = exp(-abs(u));
      const Dual p = (u.value < 0 ? e : Dual(1)) / (Dual(1) + e);
      return {lower + (upper - lower) * p, log(upper - lower) - abs(u) - Dual(2) * log1p(e)};
    }
    default:
      return {u, 0};
  }
}

const std::vector<Scalar> scalars = {{ScalarTransform::identity, 0, 0}, {ScalarTransform::lower, 0, 0},
                                     {ScalarTransform::lower, -3, 0},   {ScalarTransform::upper, 0, 2},
                                     {ScalarTransform::interval, 0, 1}, {ScalarTransform::interval, -2, 5}};

CHECK_TEST(scalar_values_and_derivatives) {
  for (const Scalar& transform : scalars) {
    for (const double u : {-700.0, -30.0, -2.5, -0.1, 0.0, 0.4, 3.0, 30.0, 700.0}) {
      const Constrained got = skein::transform::constrain(transform, u);
      const ScalarReference expected = constrain_reference(transform, Dual(u, 1));
      CHECK(relative(got.value, expected.value.value, 1e-15L) || std::fabs(got.value - expected.value.value) < 1e-15L);
      CHECK(relative(got.log_jacobian, expected.log_jacobian.value, 1e-15L));
      CHECK(relative(got.d_value, expected.value.slope, 2e-15L));
      if (u != 0) CHECK(relative(got.d_log_jacobian, expected.log_jacobian.slope, 2e-15L));
      if (u == 0 && transform.kind == ScalarTransform::interval) CHECK(got.d_log_jacobian == 0);
    }
  }
}

CHECK_TEST(scalar_round_trip) {
  for (const Scalar& transform : scalars)
    for (const double u : {-20.0, -2.5, -0.1, 0.4, 3.0, 12.0})
      CHECK_NEAR(skein::transform::unconstrain(transform, skein::transform::constrain(transform, u).value), u, 1e-6);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(skein::transform::unconstrain({ScalarTransform::lower, 1, 0}, 1) == -infinity);
  CHECK(skein::transform::unconstrain({ScalarTransform::interval, 0, 1}, 1) == infinity);
  CHECK(std::isnan(skein::transform::unconstrain({ScalarTransform::upper, 0, 2}, 3)));
}

// Stan's reference manual, literally: L row by row from z = tanh(u), with 1 minus the sum of squares so far.
Dual cholesky_reference(const std::vector<Dual>& u, std::size_t K, std::vector<Dual>& L) {
  L.assign(K * K, Dual(0));
  Dual log_jacobian = 0;
  std::size_t k = 0;
  L[0] = 1;
  for (std::size_t i = 1; i < K; ++i) {
    Dual remainder = 1;
    for (std::size_t j = 0; j < i; ++j, ++k) {
      const Dual z = tanh(u[k]);
      log_jacobian = log_jacobian + log1p(-(z * z)) + Dual(0.5L) * log(remainder);
      L[j * K + i] = z * sqrt(remainder);
      remainder = remainder - L[j * K + i] * L[j * K + i];
    }
    L[i * K + i] = sqrt(remainder);
  }
  return log_jacobian;
}

// Unconstrained values of moderate size, different everywhere.
std::vector<double> some_values(std::size_t n, double scale) {
  std::vector<double> u(n);
  for (std::size_t i = 0; i < n; ++i) u[i] = scale * (static_cast<double>(i * 7 % 11) / 5.0 - 0.93);
  return u;
}

CHECK_TEST(cholesky_corr_values_and_gradient) {
  for (const std::size_t K : {1, 2, 3, 5, 8}) {
    const std::size_t n = cholesky_corr::n_unconstrained(K);
    const std::vector<double> u = some_values(n, 1.1);
    std::vector<double> L(K * K, -1), d_L(K * K), gradient(n, 0.5);
    const double log_jacobian = cholesky_corr::constrain(u.data(), K, L.data());
    // f(L) = sum of d_L .* L.
    for (std::size_t i = 0; i < K * K; ++i) d_L[i] = std::cos(static_cast<double>(3 * i + 1));
    cholesky_corr::backward(u.data(), K, L.data(), d_L.data(), gradient.data());
    std::vector<double> without(n, 0);
    cholesky_corr::backward(u.data(), K, L.data(), d_L.data(), without.data(), false);
    for (std::size_t direction = 0; direction <= n; ++direction) {
      std::vector<Dual> seeded, expected;
      for (std::size_t i = 0; i < n; ++i) seeded.push_back(Dual(u[i], i + 1 == direction));
      const Dual jacobian = cholesky_reference(seeded, K, expected);
      Dual f = 0;
      for (std::size_t i = 0; i < K * K; ++i) f = f + Dual(d_L[i]) * expected[i];
      if (direction == 0) {
        for (std::size_t i = 0; i < K * K; ++i) CHECK_NEAR(L[i], (double)expected[i].value, 1e-14);
        CHECK_NEAR(log_jacobian, (double)jacobian.value, 1e-13);
      } else {
        CHECK_NEAR(gradient[direction - 1], (double)(f + jacobian).slope + 0.5, 1e-12);
        CHECK_NEAR(without[direction - 1], (double)f.slope, 1e-12);
      }
    }
  }
}

CHECK_TEST(cholesky_corr_round_trip) {
  for (const std::size_t K : {2, 3, 6}) {
    for (const double scale : {1e-9, 0.7, 6.0}) {
      const std::vector<double> u = some_values(cholesky_corr::n_unconstrained(K), scale);
      std::vector<double> L(K * K), back(u.size());
      cholesky_corr::constrain(u.data(), K, L.data());
      cholesky_corr::unconstrain(L.data(), K, back.data());
      for (std::size_t i = 0; i < u.size(); ++i) CHECK(relative(back[i], u[i], 1e-13L));
    }
  }
}

// Far out the matrix is singular to rounding: values and derivatives stay finite, the Jacobian exact.
CHECK_TEST(cholesky_corr_extremes) {
  for (const double size : {20.0, 200.0, 400.0, 1e5}) {
    const std::vector<double> u = {size, -size, 0.3};
    std::vector<double> L(9), d_L(9, 1.0), gradient(3, 0.0);
    const double log_jacobian = cholesky_corr::constrain(u.data(), 3, L.data());
    const Real log_complement = 2 * (std::log(2.0L) - size - std::log1p(std::exp(-2 * (Real)size)));
    const Real last = -2 * std::log(std::cosh(0.3L));
    CHECK(relative(log_jacobian, 2.5L * log_complement + last, 1e-14L));
    cholesky_corr::backward(u.data(), 3, L.data(), d_L.data(), gradient.data());
    for (const double d : gradient) CHECK(std::isfinite(d));
    CHECK_NEAR(gradient[0], -2, 1e-7);
    CHECK_NEAR(gradient[1], 3, 1e-7);
  }
}

// lkj_corr_cholesky and the log Jacobian together integrate to 1 over u: the trapezoid rule on analytic, fast falling
// functions is exact to rounding.
double lkj_mass(double eta, std::size_t K, double step) {
  const std::size_t n = cholesky_corr::n_unconstrained(K);
  const int reach = static_cast<int>(9 / step);
  const int points = 2 * reach + 1;
  long total = 1;
  for (std::size_t i = 0; i < n; ++i) total *= points;
  double mass = 0;
  std::vector<double> u(n), L(K * K), d_L(K * K, 0.0);
  for (long at = 0; at < total; ++at) {
    long rest = at;
    for (std::size_t i = 0; i < n; ++i, rest /= points) u[i] = step * static_cast<double>(rest % points - reach);
    const double log_jacobian = cholesky_corr::constrain(u.data(), K, L.data());
    mass += std::exp(log_jacobian + skein::prior::add_lkj_prior(eta, L.data(), K, d_L.data()));
  }
  return mass * std::pow(step, static_cast<double>(n));
}

CHECK_TEST(lkj_on_the_unconstrained_scale_has_mass_one) {
  for (const double eta : {1.0, 1.7, 4.0}) {
    CHECK_NEAR(lkj_mass(eta, 2, 0.1), 1, 1e-7);
    CHECK_NEAR(lkj_mass(eta, 3, 0.25), 1, 1e-7);
  }
}

// Numbers of Stan: cholesky_factor_corr[2] of a fit of lme4's sleepstudy (rstan 2.32).
CHECK_TEST(cholesky_corr_as_in_stan) {
  const double points[][3] = {{0.00483094822529588, 0.00483091064399231, 0.999988331083093},
                              {0.578668931930908, 0.521697308709113, 0.853130657101049},
                              {-0.640307064354473, -0.565108593165658, 0.825016531913349},
                              {-1.41143456487371, -0.887798381110512, 0.46023258739202}};
  for (const auto& point : points) {
    double L[4];
    cholesky_corr::constrain(point, 2, L);
    CHECK(L[0] == 1 && L[2] == 0);
    CHECK_NEAR(L[1], point[1], 1e-14);
    CHECK_NEAR(L[3], point[2], 1e-14);
  }
}

}  // namespace

int main() { return check::run_all(); }
