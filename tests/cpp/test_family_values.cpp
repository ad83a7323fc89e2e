// Every family outside the tile kernels: tail probabilities, expected values, random draws with and without bounds.
#include <skein/family/expected.hpp>
#include <skein/family/random.hpp>

#include "check.hpp"
#include "family_values.hpp"

namespace {

using reference::Dual;
using reference::Real;
using skein::family::TailProbabilities;
using values::Setting;

void complain(const Setting& s, const char* what, double y, Real got, Real expected) {
  if (check::failures() > 40) return;
  std::printf("    %s %s: y %g mu %g dpar %g %g trials %g: %.17Lg, not %.17Lg\n", s.family->name, what, y, s.mu,
              s.dpar[0], s.dpar[1], s.trials, got, expected);
}

bool check_close(const Setting& s, const char* what, double y, Real got, Real expected, Real tolerance) {
  const bool ok = got == expected || std::fabs(got - expected) <= tolerance;
  if (!CHECK(ok)) complain(s, what, y, got, expected);
  return ok;
}

TailProbabilities tails(const Setting& s, double y) {
  return skein::family::tails(s.family->id, y, s.mu, s.dpar, s.trials);
}

double quantile(const Setting& s, double u) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double bounds[2] = {-infinity, infinity};
  return skein::family::detail::quantile_between(s.family->id, s.mu, s.dpar, s.trials, bounds, u);
}

// From far out in one tail to far out in the other.
std::vector<double> points(const Setting& s) {
  std::vector<double> all;
  for (const double u : {1e-9, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9}) {
    const double y = quantile(s, u);
    if (all.empty() || all.back() != y) all.push_back(y);
  }
  return all;
}

// Reference log densities of 0, 1, 2, ... up to where they are negligible, with the derivative of one direction.
std::vector<Dual> log_densities(const Setting& s, std::size_t direction) {
  const double last = s.family->has_trials ? s.trials : std::string(s.family->name) == "bernoulli" ? 1 : 1e5;
  std::vector<Dual> all;
  Real largest = -std::numeric_limits<Real>::infinity();
  for (double k = 0; k <= last; ++k) {
    all.push_back(values::log_density(s, k, direction));
    largest = std::fmax(largest, all.back().value);
    if (k > 3 * s.mu + 40 && all.back().value < largest - 55) break;
  }
  return all;
}

// The logarithm of their sum from `first` to before `last`.
Dual log_sum(const std::vector<Dual>& all, std::size_t first, std::size_t last) {
  Real largest = -std::numeric_limits<Real>::infinity(), sum = 0, slope = 0;
  for (std::size_t k = first; k < last; ++k) largest = std::fmax(largest, all[k].value);
  for (std::size_t k = first; k < last; ++k) {
    const Real p = std::exp(all[k].value - largest);
    sum += p;
    slope += p * all[k].slope;
  }
  return Dual(largest + std::log(sum), slope / sum);
}

void check_discrete_tails(const Setting& s, const std::vector<double>& at) {
  for (std::size_t direction = 0; direction <= s.family->dpars.size(); ++direction) {
    const std::vector<Dual> all = log_densities(s, direction);
    for (const double y : at) {
      const TailProbabilities got = tails(s, y);
      const std::size_t cut = static_cast<std::size_t>(y) + 1;
      const auto check = [&](const char* what, double value, Real expected, Real tolerance) {
        check_close(s, what, y, value, expected, tolerance * (std::fabs(expected) + 1e-3L));
      };
      const Dual lower = log_sum(all, 0, cut);
      check("log_lower", got.log_lower, lower.value, 1e-12L);
      check("d_log_lower", got.d_log_lower[direction], lower.slope, 1e-9L);
      if (cut >= all.size()) continue;
      const Dual upper = log_sum(all, cut, all.size());
      check("log_upper", got.log_upper, upper.value, 1e-12L);
      check("d_log_upper", got.d_log_upper[direction], upper.slope, 1e-9L);
    }
  }
}

// Richardson's extrapolation of central differences: f(x + h) for h of either sign.
template <class Function>
Real derivative(Function f, double h) {
  const Real wide = (f(h) - f(-h)) / (2 * (Real)h), narrow = (f(h / 2) - f(-h / 2)) / (Real)h;
  return (4 * narrow - wide) / 3;
}

// A difference step by which a log tail of this derivative moves by 1e-4, and what rounding of x + step leaves.
struct Step {
  double size;
  Real noise;
};
Step step_for(double x, Real derivative) {
  const double longest = 1e-4 * (std::fabs(x) + 1e-3);
  const double size = static_cast<double>(std::fmin((Real)longest, 1e-4L / std::fabs(derivative)));
  return {size, 1e-15L * std::fabs(x) / size + 1e-6L};
}

void check_continuous_tails(const Setting& s, double y) {
  const TailProbabilities got = tails(s, y);
  const bool upper = got.log_upper < got.log_lower;
  const auto small_tail = [&](double step) {
    const TailProbabilities one = tails(s, y + step);
    return upper ? one.log_upper : one.log_lower;
  };
  const Real hazard = std::exp(values::log_density(s, y).value - (upper ? got.log_upper : got.log_lower));
  const Step step = step_for(y, hazard);
  check_close(s, "density", y, (upper ? -1 : 1) * derivative(small_tail, step.size), hazard, step.noise * hazard);
  for (std::size_t k = 0; k <= s.family->dpars.size(); ++k) {
    for (const bool is_upper : {false, true}) {
      const auto moved = [&](double change) {
        Setting other = s;
        (k == 0 ? other.mu : other.dpar[k - 1]) += change;
        const TailProbabilities one = tails(other, y);
        return is_upper ? one.log_upper : one.log_lower;
      };
      const double d = is_upper ? got.d_log_upper[k] : got.d_log_lower[k];
      const double other = is_upper ? got.d_log_lower[k] : got.d_log_upper[k];
      const Step by = step_for(k == 0 ? s.mu : s.dpar[k - 1], std::fmax(std::fabs(d), std::fabs(other)));
      check_close(s, is_upper ? "d_log_upper" : "d_log_lower", y, d, derivative(moved, by.size),
                  by.noise * std::fabs(d) + 1e-9L);
    }
  }
}

CHECK_TEST(tails_are_those_of_the_density) {
  values::for_each_setting([](const Setting& s) {
    if (!skein::family::has_tails(s.family->id)) return;
    for (const double y : points(s)) {
      const TailProbabilities got = tails(s, y);
      check_close(s, "total", y, std::exp(got.log_lower) + std::exp(got.log_upper), 1, 1e-12L);
      if (!values::is_discrete(s.family->name) && std::isfinite((double)values::log_density(s, y).value) &&
          std::fabs(y) > 1e-290)
        check_continuous_tails(s, y);
    }
    if (values::is_discrete(s.family->name)) check_discrete_tails(s, points(s));
  });
}

CHECK_TEST(tails_beyond_the_support) {
  const double infinity = std::numeric_limits<double>::infinity();
  values::for_each_setting([&](const Setting& s) {
    const double largest = std::numeric_limits<double>::max();
    for (const double y : {-largest, -1e100, 1e100, largest}) {
      const TailProbabilities got = tails(s, y);
      const double likely = y < 0 ? got.log_upper : got.log_lower, unlikely = y < 0 ? got.log_lower : got.log_upper;
      if (!CHECK(std::fabs(likely) < 1e-100 && unlikely < -500)) complain(s, "far tails", y, likely, unlikely);
    }
    if (!values::is_discrete(s.family->name)) return;
    CHECK(tails(s, -1).log_lower == -infinity);
    CHECK(tails(s, -1e-300).log_lower == -infinity);
    CHECK(tails(s, 1.75).log_lower == tails(s, 1).log_lower);
    if (s.family->has_trials) CHECK(tails(s, s.trials).log_upper == -infinity);
  });
}

// P(Y > y) - P(Y < -y).
Real tail_difference(const Setting& s, Real y) {
  return std::exp((Real)tails(s, (double)y).log_upper) - std::exp((Real)tails(s, (double)-y).log_lower);
}

// The mean as the integral of the tails' difference over y > 0: by the tanh-sinh rule up to 1, beyond by the
// trapezoidal rule in t with y = 1 + sinh(t^3 + t) / 10; sums for counts.
Real mean_of(const Setting& s) {
  Real sum = 0;
  if (values::is_discrete(s.family->name)) {
    for (double y = 0; y < 1e5; ++y) {
      const Real upper = std::exp((Real)tails(s, y).log_upper);
      sum += upper;
      if (upper < 1e-20L) break;
    }
    return sum;
  }
  const double h = 1.0 / 256;
  for (double t = -4; t < 4; t += h) {
    const Real x = std::exp(-reference::pi * std::sinh((Real)t)), y = 1 / (1 + x);
    sum += h * reference::pi * std::cosh((Real)t) * x * y * y * tail_difference(s, y);
  }
  for (double t = 0; t < 4; t += h) {
    const Real inner = (Real)t * t * t + t, dy = std::cosh(inner) * (3 * t * t + 1) / 10;
    sum += (t == 0 ? 0.5L : 1) * h * dy * tail_difference(s, 1 + std::sinh(inner) / 10);
  }
  return sum;
}

CHECK_TEST(expected_values_are_means) {
  values::for_each_setting([](const Setting& s) {
    const double got = skein::family::expected(s.family->id, s.mu, s.dpar, s.trials);
    const Real mean = mean_of(s);
    const Real tolerance = values::is_discrete(s.family->name) ? 1e-10L : 1e-5L;
    check_close(s, "expected", 0, got, mean, tolerance * (1 + std::fabs(mean)));
  });
}

skein::util::Stream stream(std::uint64_t seed) {
  return skein::util::Stream(skein::util::Purpose::prediction, {seed, 1, 1});
}

// Chi-squared statistic of draws in the bins that `edges` bound from above, as a standard normal variable; `total` is
// the probability of all bins in units of which tails are given, `below` that of what lies below the first.
double bin_statistic(const Setting& s, const std::vector<double>& draws, const std::vector<double>& edges, double below,
                     double total) {
  std::vector<double> counts(edges.size(), 0);
  for (const double y : draws) {
    std::size_t bin = 0;
    while (bin + 1 < edges.size() && y > edges[bin]) ++bin;
    counts[bin] += 1;
  }
  double statistic = 0, previous = below;
  for (std::size_t bin = 0; bin < edges.size(); ++bin) {
    const bool last = bin + 1 == edges.size();
    const double cumulated = last ? below + total : std::exp(tails(s, edges[bin]).log_lower);
    const double expected = draws.size() * (cumulated - previous) / total;
    if (expected > 0) statistic += (counts[bin] - expected) * (counts[bin] - expected) / expected;
    previous = cumulated;
  }
  const double freedom = edges.size() - 1;
  return freedom > 0 ? (statistic - freedom) / std::sqrt(2 * freedom) : statistic;
}

// Upper edges of bins of about equal probability; the last bin is open.
std::vector<double> bin_edges(const Setting& s, double low, double high) {
  std::vector<double> edges;
  for (int j = 1; j < 25; ++j) {
    const double edge = quantile(s, low + (high - low) * j / 25);
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  // Counts: is there anything above the last edge?
  const bool covered = std::exp(tails(s, edges.back()).log_lower) >= high - 1e-3 * (high - low);
  if (!covered) edges.push_back(std::numeric_limits<double>::infinity());
  return edges;
}

// 6 in units of the statistic's standard deviation: its right tail is longer than a normal one's.
CHECK_TEST(draws_follow_the_distribution_function) {
  std::uint64_t seed = 1;
  values::for_each_setting([&](const Setting& s) {
    skein::util::Stream uniforms = stream(++seed);
    std::vector<double> draws(8000);
    for (double& y : draws) y = skein::family::random(s.family->id, s.mu, s.dpar, s.trials, uniforms);
    const double statistic = bin_statistic(s, draws, bin_edges(s, 0, 1), 0, 1);
    if (!CHECK(statistic < 6)) complain(s, "draws", 0, statistic, 0);
  });
}

CHECK_TEST(draws_within_bounds_follow_it_too) {
  std::uint64_t seed = 1000;
  values::for_each_setting([&](const Setting& s) {
    for (const double start : {0.3, 0.97}) {
      const double lower = quantile(s, start), upper = quantile(s, start + 0.02);
      const double first = std::nextafter(lower, -1e300);
      const double below = std::exp(tails(s, first).log_lower), above = std::exp(tails(s, upper).log_lower);
      if (above - below > 0.999) continue;
      skein::util::Stream uniforms = stream(++seed);
      std::vector<double> draws(300);
      bool within = true;
      for (double& y : draws) {
        y = skein::family::random_truncated(s.family->id, s.mu, s.dpar, s.trials, lower, upper, uniforms);
        within = within && y >= lower && y <= upper && (!values::is_discrete(s.family->name) || y == std::floor(y));
      }
      if (!CHECK(within)) complain(s, "bounds", lower, upper, 0);
      std::vector<double> edges;
      for (int j = 1; j < 8; ++j) {
        const double edge = quantile(s, below + (above - below) * j / 8);
        if (edge < upper && (edges.empty() || edge > edges.back())) edges.push_back(edge);
      }
      edges.push_back(upper);
      const double statistic = bin_statistic(s, draws, edges, below, above - below);
      if (!CHECK(statistic < 6)) complain(s, "bounded draws", lower, statistic, 0);
    }
  });
}

// Bounds that leave next to no probability: 12 standard deviations out.
CHECK_TEST(draws_far_out_in_a_tail) {
  using skein::family::FamilyId;
  const double infinity = std::numeric_limits<double>::infinity();
  skein::util::Stream uniforms = stream(7);
  const double sigma[skein::family::max_dpars] = {1};
  double sum = 0;
  for (int i = 0; i < 400; ++i) {
    const double y = skein::family::random_truncated(FamilyId::gaussian, 0, sigma, 1, 12, infinity, uniforms);
    CHECK(y >= 12);
    sum += y;
  }
  // Mean of the tail beyond x: x + 1 / x - 2 / x^3 + ..., standard deviation about 1 / x.
  CHECK(std::fabs(sum / 400 - 12.0823) < 5.0 / 12 / 20);
  CHECK(skein::family::random_truncated(FamilyId::poisson, 0.01, sigma, 1, 30, infinity, uniforms) >= 30);
  CHECK(skein::family::random_truncated(FamilyId::poisson, 1e4, sigma, 1, 0, 10, uniforms) == 10);
  CHECK(skein::family::random_truncated(FamilyId::gaussian, 0, sigma, 1, -infinity, -30, uniforms) <= -30);
  CHECK(skein::family::random_truncated(FamilyId::poisson, 3, sigma, 1, 2, 2, uniforms) == 2);
}

// The transformed rejection of poisson and binomial, whose constants must fit: enough draws to see one off by a tenth.
CHECK_TEST(rejection_of_counts) {
  std::uint64_t seed = 5000;
  for (const double mean : {10.0, 27.0, 400.0}) {
    for (const bool is_binomial : {false, true}) {
      Setting s;
      s.family = skein::family::find_family(is_binomial ? "binomial" : "poisson");
      s.trials = 3 * mean;
      s.mu = is_binomial ? 1.0 / 3 : mean;
      skein::util::Stream uniforms = stream(++seed);
      std::vector<double> draws(150000);
      for (double& y : draws) y = skein::family::random(s.family->id, s.mu, s.dpar, s.trials, uniforms);
      const double statistic = bin_statistic(s, draws, bin_edges(s, 0, 1), 0, 1);
      if (!CHECK(statistic < 6)) complain(s, "many draws", 0, statistic, 0);
    }
  }
}

// Mean and variance of 4000 draws within 5 standard errors.
template <class Draw>
void check_moments(Draw draw, double mean, double variance, double excess = 0) {
  const int n = 4000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double d = draw() - mean;
    sum += d;
    squares += d * d;
  }
  CHECK(std::fabs(sum / n) < 5 * std::sqrt(variance / n));
  CHECK(std::fabs(squares / n / variance - 1) < 5 * std::sqrt((2 + excess) / n));
}

CHECK_TEST(extreme_parameters_of_draws) {
  namespace detail = skein::family::detail;
  skein::util::Stream uniforms = stream(11);
  check_moments([&] { return detail::random_poisson(9.999, uniforms); }, 9.999, 9.999, 0.1);
  check_moments([&] { return detail::random_poisson(10, uniforms); }, 10, 10, 0.1);
  check_moments([&] { return detail::random_poisson(1e12, uniforms); }, 1e12, 1e12);
  check_moments([&] { return detail::random_binomial(1e9, 1e-9, 1, uniforms); }, 1, 1, 1);
  check_moments([&] { return detail::random_binomial(1e9, 0.75, 0.25, uniforms); }, 7.5e8, 1.875e8);
  check_moments([&] { return detail::random_gamma(1e8, uniforms); }, 1e8, 1e8);
  check_moments([&] { return detail::random_gamma(0.3, uniforms); }, 0.3, 0.3, 20);
  check_moments([&] { return 1e-3 * detail::random_log_gamma(1e-3, uniforms); }, -1, 1, 6);
  CHECK(detail::random_poisson(0, uniforms) == 0);
  CHECK(detail::random_binomial(5, 0, 1, uniforms) == 0);
  CHECK(detail::random_binomial(5, 1, 0, uniforms) == 5);
  CHECK(std::isnan(detail::random_poisson(NAN, uniforms)));
  CHECK(std::isnan(detail::random_binomial(5, NAN, NAN, uniforms)));
  CHECK(std::isnan(detail::random_gamma(NAN, uniforms)));
}

}  // namespace

int main() { return check::run_all(); }
