// Regressions with several predictors, by-levels and addition terms against long double transcriptions and finite
// differences; bits over threads.
#include <skein/parallel/pool.hpp>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"
#include "distributional_problem.hpp"

namespace {

using namespace distributional;

void check_gradient(const Problem& problem, const std::vector<double>& u, double tolerance) {
  std::vector<double> gradient;
  const double lp = evaluate(*problem.density, u, gradient, 0);
  CHECK_NEAR(lp, static_cast<double>(transcription(problem, u, nullptr)), 1e-11);
  const std::size_t step = 1 + u.size() / 30;
  for (std::size_t k = 0; k < u.size(); k += k < 12 || k + 12 >= u.size() ? 1 : step) {
    const double h = 1e-4;
    std::vector<double> up = u, down = u;
    up[k] += h;
    down[k] -= h;
    const Real difference = transcription(problem, up, nullptr) - transcription(problem, down, nullptr);
    CHECK_NEAR(gradient[k], static_cast<double>(difference / (static_cast<Real>(up[k]) - down[k])), tolerance);
  }
}

// The density and its gradient.
void check_problem(Problem& problem, double tolerance = 2e-6) {
  build(problem);
  std::vector<double> u = some_position(problem.density->dimension());
  for (double& v : u) v *= 0.6;
  check_gradient(problem, u, tolerance);
}

Real normal_log_density(Real y, Real mu, Real sigma) {
  const Real z = (y - mu) / sigma;
  return -0.5L * std::log(2 * pi) - std::log(sigma) - 0.5L * z * z;
}

Real normal_log_tail(Real z) { return std::log(0.5L * std::erfc(z / std::sqrt(2.0L))); }

void use_gaussian(Problem& problem) {
  const std::vector<double> y = problem.spec.response;
  problem.row_density = [y](std::size_t i, const std::vector<Real>& p) { return normal_log_density(y[i], p[0], p[1]); };
}

Real student_log_density(Real y, Real mu, Real sigma, Real nu) {
  const Real z = (y - mu) / sigma;
  return std::lgamma((nu + 1) / 2) - std::lgamma(nu / 2) - 0.5L * std::log(nu * pi) - std::log(sigma) -
         (nu + 1) / 2 * std::log1p(z * z / nu);
}

Real negbinomial_log_density(Real y, Real mu, Real shape) {
  return std::lgamma(y + shape) - std::lgamma(shape) - std::lgamma(y + 1) + y * std::log(mu / (mu + shape)) -
         shape * std::log1p(mu / shape);
}

Real poisson_log_density(Real y, Real mu) { return y * std::log(mu) - mu - std::lgamma(y + 1); }

void use_counts(Problem& problem, std::size_t n_values) {
  for (std::size_t i = 0; i < problem.spec.n_rows; ++i)
    problem.spec.response[i] = static_cast<double>((i * 2654435761u >> 7) % n_values);
}

const std::vector<PredictorShape> mu_and_sigma = {{"mu", "identity", 3, 0}, {"sigma", "log", 2, 0.3}};

// Terms over both predictors: sorted, small and large.
const std::vector<GroupShape> all_modes = {
    {300, {0, 0, 1}, true, 1}, {12, {0, 1, 1}, false, 1}, {290, {0, 1}, true, 1}, {9, {1}, false, 1}};

Problem gaussian_problem(std::size_t n_rows, const std::vector<GroupShape>& groups) {
  Problem problem = make_problem("gaussian", n_rows, {"sigma"}, mu_and_sigma, groups);
  use_gaussian(problem);
  return problem;
}

}  // namespace

CHECK_TEST(two_predictors_without_groups) {
  Problem problem = gaussian_problem(601, {});
  check_problem(problem);
}

CHECK_TEST(terms_that_span_predictors_in_all_modes) {
  Problem problem = gaussian_problem(1700, all_modes);
  for (std::size_t i = 0; i < 1700; ++i) problem.spec.weights.push_back(0.5 + static_cast<double>(i % 3));
  check_problem(problem);
}

CHECK_TEST(three_predictors) {
  Problem problem = make_problem("student", 900, {"sigma", "nu"},
                                 {{"mu", "softplus", 1, 0}, {"sigma", "softplus", 2, 1}, {"nu", "logm1", 0, 1}},
                                 {{40, {0, 1, 2, 2}, true, 1}, {31, {2}, false, 1}});
  const std::vector<double> y = problem.spec.response;
  problem.row_density = [y](std::size_t i, const std::vector<Real>& p) {
    return student_log_density(y[i], p[0], p[1], p[2]);
  };
  check_problem(problem);
}

CHECK_TEST(scalar_beside_a_predicted_parameter) {
  for (const bool first : {true, false}) {
    const PredictorShape predicted = first ? PredictorShape{"sigma", "log", 1, 0} : PredictorShape{"nu", "log", 1, 1};
    Problem problem = make_problem("student", 500, {"sigma", "nu"}, {{"mu", "identity", 1, 0}, predicted}, {});
    const std::vector<double> y = problem.spec.response;
    problem.row_density = [y](std::size_t i, const std::vector<Real>& p) {
      return student_log_density(y[i], p[0], p[1], p[2]);
    };
    check_problem(problem);
  }
}

CHECK_TEST(by_levels_have_their_own_scales_in_all_modes) {
  for (const bool correlated : {true, false}) {
    Problem problem = gaussian_problem(
        1700, {{300, {0, 0, 1}, correlated, 3}, {12, {0, 1}, correlated, 2}, {290, {0, 0}, correlated, 4}});
    check_problem(problem);
  }
}

CHECK_TEST(every_link_of_a_parameter) {
  for (const char* link : {"log", "softplus", "squareplus", "logit", "probit", "probit_approx", "cloglog", "cauchit",
                           "softit", "inverse", "sqrt", "1/mu^2", "logm1", "log1p", "identity"}) {
    Problem problem =
        make_problem("gaussian", 300, {"sigma"}, {{"mu", "identity", 1, 0}, {"sigma", link, 1, 1.6}}, {});
    use_gaussian(problem);
    check_problem(problem);
  }
}

CHECK_TEST(known_standard_errors) {
  for (const int kind : {0, 1, 2}) {  // sigma absent, a scalar, predicted
    Problem problem = kind == 2 ? gaussian_problem(700, {{30, {0, 1}, true, 1}})
                                : make_problem("gaussian", 700, {"sigma"}, {{"mu", "identity", 3, 0}}, {});
    std::vector<double> se;
    for (std::size_t i = 0; i < 700; ++i) se.push_back(0.3 + 0.01 * static_cast<double>(i % 90));
    if (kind == 0) {
      problem.spec.dpar_blocks = {no_block};
      problem.spec.parameters.pop_back();
    }
    problem.spec.se = se;
    problem.spec.se_sigma = kind != 0;
    const std::vector<double> y = problem.spec.response;
    problem.row_density = [=](std::size_t i, const std::vector<Real>& p) {
      const Real sigma = kind == 0 ? se[i] : std::sqrt(se[i] * static_cast<Real>(se[i]) + p[1] * p[1]);
      return normal_log_density(y[i], p[0], sigma);
    };
    check_problem(problem);
  }
}

CHECK_TEST(rates_multiply_means_and_shapes) {
  for (const char* link : {"log", "identity", "sqrt", "softplus", "squareplus"}) {
    for (const int kind : {0, 1, 2, 3}) {  // poisson, negbinomial with a scalar shape, with a predicted one, geometric
      const std::string family = kind == 0 ? "poisson" : kind == 3 ? "geometric" : "negbinomial";
      if (skein::family::find_family(family) == nullptr) continue;
      std::vector<PredictorShape> predictors = {{"mu", link, 1, 2}};
      if (kind == 2) predictors.push_back({"shape", "log", 1, 0});
      const std::vector<std::string> dpars(kind == 1 || kind == 2 ? 1 : 0, "shape");
      Problem problem = make_problem(family, 400, dpars, predictors, {{20, {0}, false, 1}});
      use_counts(problem, 9);
      for (std::size_t i = 0; i < 400; ++i) problem.spec.rate.push_back(0.5 + 0.3 * static_cast<double>(i % 11));
      const std::vector<double> y = problem.spec.response, rate = problem.spec.rate;
      problem.row_density = [=](std::size_t i, const std::vector<Real>& p) {
        if (kind == 0) return poisson_log_density(y[i], p[0] * rate[i]);
        return negbinomial_log_density(y[i], p[0] * rate[i], (kind == 3 ? 1 : p[1]) * rate[i]);
      };
      check_problem(problem);
    }
  }
}

CHECK_TEST(censored_gaussian_rows) {
  for (const bool sorted : {false, true}) {
    Problem problem = gaussian_problem(1500, sorted ? all_modes : std::vector<GroupShape>());
    Spec& spec = problem.spec;
    for (std::size_t i = 0; i < spec.n_rows; ++i) {
      // The first tile is censored throughout, the second observed.
      const int code = i < 256 ? 1 : i < 600 ? 0 : static_cast<int>(i % 5) - 1;
      spec.censored.push_back(static_cast<std::int8_t>(code > 2 ? 0 : code));
      spec.response_upper.push_back(spec.response[i] + 0.7);
      spec.weights.push_back(0.5 + static_cast<double>(i % 2));
    }
    const Spec given = spec;
    problem.row_density = [given](std::size_t i, const std::vector<Real>& p) {
      const Real z = (given.response[i] - p[0]) / p[1], upper = (given.response_upper[i] - p[0]) / p[1];
      if (given.censored[i] == -1) return normal_log_tail(-z);
      if (given.censored[i] == 1) return normal_log_tail(z);
      if (given.censored[i] == 2) return std::log(std::exp(normal_log_tail(-upper)) - std::exp(normal_log_tail(-z)));
      return normal_log_density(given.response[i], p[0], p[1]);
    };
    check_problem(problem);
  }
}

CHECK_TEST(truncated_and_censored_counts) {
  for (const int bounds : {1, 2, 3}) {
    for (const bool predicted : {false, true}) {
      std::vector<PredictorShape> predictors = {{"mu", "log", 1, 1}};
      if (predicted) predictors.push_back({"shape", "log", 1, 0.5});
      Problem problem = make_problem("negbinomial", 500, {"shape"}, predictors, {{25, {0}, false, 1}});
      Spec& spec = problem.spec;
      use_counts(problem, 6);
      const Real infinity = std::numeric_limits<Real>::infinity();
      for (std::size_t i = 0; i < spec.n_rows; ++i) {
        spec.response[i] += 2;
        const double open = std::numeric_limits<double>::infinity();
        if (bounds & 1) spec.truncation_lower.push_back(i % 3 == 0 ? -open : static_cast<double>(i % 3));
        if (bounds & 2) spec.truncation_upper.push_back(i % 4 == 0 ? open : 9 + static_cast<double>(i % 5));
        spec.censored.push_back(static_cast<std::int8_t>(i % 7 < 3 ? static_cast<int>(i % 7) - 1 : 0));
      }
      const Spec given = spec;
      problem.row_density = [given, infinity](std::size_t i, const std::vector<Real>& p) {
        // Sums of probabilities from `first` to `last`.
        const auto mass = [&](Real first, Real last) {
          Real sum = 0;
          for (Real y = std::fmax(first, 0); y <= last; y += 1) {
            const Real term = std::exp(negbinomial_log_density(y, p[0], p[1]));
            sum += term;
            if (term < 1e-24L * sum) break;  // past the mode, where terms fall like a geometric series
          }
          return std::log(sum);
        };
        const Real y = given.response[i];
        const int code = given.censored[i];
        const Real row = code < 0    ? mass(0, y)
                         : code == 1 ? mass(y + 1, infinity)
                                     : negbinomial_log_density(y, p[0], p[1]);
        const Real lower = given.truncation_lower.empty() ? -infinity : given.truncation_lower[i];
        const Real upper = given.truncation_upper.empty() ? infinity : given.truncation_upper[i];
        return row - mass(lower, upper);
      };
      check_problem(problem, 1e-5);
    }
  }
}

CHECK_TEST(truncation_far_in_a_tail_keeps_its_digits) {
  for (const double sign : {1.0, -1.0}) {
    Problem problem = make_problem("gaussian", 64, {"sigma"}, {{"mu", "identity", 0, 0}}, {});
    Spec& spec = problem.spec;
    for (std::size_t i = 0; i < 64; ++i) {
      spec.response[i] = sign * (10.5 + 0.005 * static_cast<double>(i));
      spec.truncation_lower.push_back(sign > 0 ? 10 : -12);
      spec.truncation_upper.push_back(sign > 0 ? 12 : -10);
    }
    const std::vector<double> y = spec.response;
    problem.row_density = [=](std::size_t i, const std::vector<Real>& p) {
      const Real near = std::erfc((10 - sign * p[0]) / p[1] / std::sqrt(2.0L));
      const Real far = std::erfc((12 - sign * p[0]) / p[1] / std::sqrt(2.0L));
      return normal_log_density(y[i], p[0], p[1]) - std::log(0.5L * (near - far));
    };
    check_problem(problem);
  }
}

CHECK_TEST(same_bits_for_any_grainsize_and_threads) {
  Problem problem = gaussian_problem(5000, {{300, {0, 0, 1}, true, 3}, {12, {0, 1}, false, 1}, {290, {0, 1}, true, 2}});
  Spec& spec = problem.spec;
  for (std::size_t i = 0; i < spec.n_rows; ++i) spec.censored.push_back(static_cast<std::int8_t>(i % 9 == 0));
  build(problem);
  const Regression& density = *problem.density;
  const std::vector<double> u = some_position(density.dimension()), own = own_order(density, u);
  std::vector<double> expected, gradient;
  const double lp = evaluate(density, u, expected, 0);
  for (const std::size_t grainsize : {1u, 625u, 5000u}) {
    CHECK(evaluate(density, u, gradient, grainsize) == lp);
    CHECK(gradient == expected);
    skein::parallel::PoolOptions options;
    options.workers = 3;
    options.scratch_size = density.scratch_size();
    skein::parallel::Pool pool(options);
    skein::util::AlignedArray<double> workspace(density.workspace_size());
    pool.run(1, [&](std::size_t, skein::parallel::Team& team, double* scratch, const skein::parallel::StopFlag&) {
      for (int k = 0; k < 50; ++k) {
        std::vector<double> threaded(u.size());
        skein::Evaluation one{own.data(), threaded.data(), 0, {}};
        density.evaluate(&one, 1, {workspace.data(), scratch, &team, grainsize});
        CHECK(one.log_density == lp);
        CHECK(reference_order(density, threaded) == expected);
      }
    });
  }
}

CHECK_TEST(outputs_of_spanning_terms_and_by_levels) {
  Problem problem = gaussian_problem(200, {{10, {0, 0, 1}, true, 2}});
  Output effects, intercept;
  effects.kind = Output::Kind::group_effects;
  effects.elements = {2};
  intercept.kind = Output::Kind::population_intercept;
  intercept.predictor = 0;
  problem.spec.outputs = {effects, intercept};
  build(problem);
  const Regression& density = *problem.density;
  CHECK(density.draw_size() == 11);
  const std::vector<double> u = some_position(density.dimension());
  skein::util::AlignedArray<double> workspace(density.workspace_size()), scratch(density.scratch_size());
  skein::EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch.data();
  std::vector<double> draw(density.draw_size());
  density.write_draw(own_order(density, u).data(), draw.data(), context);
  // Position: b (3), Intercept, b_sigma (2), sd (6), z (30), L of the two by-levels (3 each).
  const double *sd = u.data() + 6, *z = sd + 6, *l = z + 30;
  Real unused = 0;
  for (std::size_t level = 0; level < 10; ++level) {
    const std::size_t by = (level * 7) % 2;
    const std::vector<Real> factor = cholesky(l + 3 * by, 3, unused);
    Real r = 0;
    for (std::size_t j = 0; j < 3; ++j) r += factor[2 + j * 3] * z[level * 3 + j];
    CHECK_NEAR(draw[level], static_cast<double>(std::exp(static_cast<Real>(sd[by * 3 + 2])) * r), 1e-13);
  }
  double mean = u[3];
  for (std::size_t c = 0; c < 3; ++c)
    for (const double v : problem.x[0][c]) mean -= v / 200 * u[c];
  CHECK_NEAR(draw[10], mean, 1e-12);
}

CHECK_TEST(specs_that_make_no_sense_are_refused) {
  const auto refused = [](const std::function<void(Spec&)>& change) {
    Problem problem = gaussian_problem(50, {{10, {0, 1}, true, 1}});
    change(problem.spec);
    try {
      build(problem);
    } catch (const std::invalid_argument&) {
      return true;
    }
    return false;
  };
  CHECK(!refused([](Spec&) {}));
  CHECK(refused([](Spec& spec) { spec.predictors[1].dpar = "nu"; }));
  CHECK(refused([](Spec& spec) { spec.predictors[1].link = "loggit"; }));
  CHECK(refused([](Spec& spec) { spec.dpar_blocks = {0}; }));
  CHECK(refused([](Spec& spec) { spec.dpar_blocks = {}; }));
  CHECK(refused([](Spec& spec) { spec.groups[0].coefficient_predictor = {1, 0}; }));
  CHECK(refused([](Spec& spec) { spec.groups[0].coefficient_predictor = {0, 2}; }));
  CHECK(refused([](Spec& spec) { spec.groups[0].block_cholesky = {}; }));
  CHECK(refused([](Spec& spec) { spec.groups[0].n_by = 2; }));
  CHECK(refused([](Spec& spec) { spec.se = {1.0}; }));
}

int main() { return check::run_all(); }
