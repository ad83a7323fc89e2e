// Predictions from draws: transcriptions of linear predictors and log densities, summaries, threads.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <skein/prediction/run.hpp>

#include "check.hpp"

namespace {

using namespace skein::prediction;
namespace family = skein::family;

// Gaussian, mu with two columns and a group of three levels, sigma predicted on the log scale.
struct Problem {
  static constexpr std::size_t n_draws = 300, n_rows = 29;
  std::vector<double> draws, design, sigma_design, response;
  std::vector<std::int32_t> levels;
  Model model;
  Rows rows;

  Problem() : draws(n_draws * 8), design(2 * n_rows), sigma_design(n_rows), response(n_rows), levels(n_rows) {
    skein::util::Stream stream(skein::util::Purpose::tree, {7, 0, 0});
    for (double& value : draws) value = stream.uniform() - 0.5;
    for (double& value : design) value = 4 * stream.uniform() - 2;
    for (double& value : sigma_design) value = stream.uniform();
    for (double& value : response) value = 2 * stream.uniform();
    for (std::size_t i = 0; i < n_rows; ++i) levels[i] = static_cast<std::int32_t>(i * 7 % 3);
    model.family = family::find_family("gaussian");
    model.n_draws = n_draws;
    for (std::size_t s = 0; s < n_draws; ++s) model.draw_ids.push_back(static_cast<std::uint32_t>(s + 1));
    model.predictors = {{0, family::LinkId::identity, column(0), {column(1), column(2)}},
                        {1, family::LinkId::log, column(3), {column(4)}}};
    model.groups = {{0, 1, {column(5), column(6), column(7)}}};
    model.dpars = {nullptr};
    model.seed = 3;
    rows.n = n_rows;
    rows.designs = {design.data(), sigma_design.data()};
    rows.offsets = {nullptr, nullptr};
    rows.levels = {levels.data()};
    rows.group_designs = {nullptr};
    rows.response = response.data();
  }

  const double* column(std::size_t k) const { return draws.data() + k * n_draws; }
  double mu(std::size_t s, std::size_t i) const {
    return column(0)[s] + design[i] * column(1)[s] + design[n_rows + i] * column(2)[s] +
           column(5 + static_cast<std::size_t>(levels[i]))[s];
  }
  double sigma(std::size_t s, std::size_t i) const {
    return std::exp(column(3)[s] + sigma_design[i] * column(4)[s]);
  }
  std::vector<double> matrix(Quantity quantity, std::size_t threads = 1) const {
    std::vector<double> out(n_draws * n_rows);
    predict_rows(model, rows, quantity, {out.data(), n_rows, nullptr}, threads);
    return out;
  }
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

CHECK_TEST(values_are_those_of_a_transcription) {
  const Problem problem;
  const std::vector<double> mu = problem.matrix({Kind::linear, 0, false});
  const std::vector<double> sigma = problem.matrix({Kind::parameter, 1, false});
  const std::vector<double> residual = problem.matrix({Kind::expected, 0, true});
  const std::vector<double> density = problem.matrix({Kind::log_density, 0, false});
  for (std::size_t i = 0; i < Problem::n_rows; ++i)
    for (std::size_t s = 0; s < Problem::n_draws; s += 17) {
      const std::size_t at = i * Problem::n_draws + s;
      const double m = problem.mu(s, i), sd = problem.sigma(s, i), z = (problem.response[i] - m) / sd;
      CHECK_NEAR(mu[at], m, 1e-14);
      CHECK_NEAR(sigma[at], sd, 1e-14);
      CHECK_NEAR(residual[at], problem.response[i] - m, 1e-14);
      CHECK_NEAR(density[at], -0.5 * z * z - std::log(sd) - 0.91893853320467274178, 1e-13);
    }
}

CHECK_TEST(threads_and_blocks_change_no_bit) {
  Problem problem;
  const std::vector<double> one = problem.matrix({Kind::random, 0, false});
  for (const std::size_t threads : {2u, 4u}) CHECK(same_bits(problem.matrix({Kind::random, 0, false}, threads), one));
  // The last rows alone, as a block of their own.
  std::vector<double> blocks(one.size());
  const std::size_t first = 16, n = Problem::n_rows - first;
  std::vector<double> design;
  for (const std::size_t k : {0u, 1u})
    design.insert(design.end(), problem.design.begin() + static_cast<std::ptrdiff_t>(k * Problem::n_rows + first),
                  problem.design.begin() + static_cast<std::ptrdiff_t>((k + 1) * Problem::n_rows));
  problem.rows.first = first;
  problem.rows.n = n;
  problem.rows.designs = {design.data(), problem.sigma_design.data() + first};
  problem.rows.levels = {problem.levels.data() + first};
  predict_rows(problem.model, problem.rows, {Kind::random, 0, false}, {blocks.data(), Problem::n_rows, nullptr}, 1);
  CHECK(std::equal(blocks.begin() + static_cast<std::ptrdiff_t>(first * Problem::n_draws), blocks.end(),
                   one.begin() + static_cast<std::ptrdiff_t>(first * Problem::n_draws)));
}

CHECK_TEST(many_columns_are_added_in_parts) {
  constexpr std::size_t n_columns = 40, n_draws = 19;
  std::vector<double> draws(n_columns * n_draws), design(n_columns);
  skein::util::Stream stream(skein::util::Purpose::tree, {8, 0, 0});
  for (double& value : draws) value = stream.uniform() - 0.5;
  for (double& value : design) value = stream.uniform() - 0.5;
  design[3] = 0;
  const double offset = 0.7;
  Problem problem;
  problem.model.n_draws = n_draws;
  problem.model.predictors[0] = {0, family::LinkId::identity, nullptr, {}};
  for (std::size_t k = 0; k < n_columns; ++k)
    problem.model.predictors[0].coefficients.push_back(draws.data() + k * n_draws);
  problem.model.groups.clear();
  problem.rows.n = 1;
  problem.rows.designs[0] = design.data();
  problem.rows.offsets[0] = &offset;
  std::vector<double> out(n_draws);
  predict_rows(problem.model, problem.rows, {Kind::linear, 0, false}, {out.data(), 1, nullptr}, 1);
  for (std::size_t s = 0; s < n_draws; ++s) {
    double expected = offset;
    for (std::size_t k = 0; k < n_columns; ++k) expected += design[k] * draws[k * n_draws + s];
    CHECK_NEAR(out[s], expected, 1e-14);
  }
}

// Parameters for which all ways to draw are taken: shapes and counts both small and large.
CHECK_TEST(responses_drawn_together_are_those_drawn_one_by_one) {
  constexpr std::size_t n = 200;
  std::vector<std::uint32_t> names(n);
  std::vector<double> mu(n), dpar[family::max_dpars], out(n), numbers(family::most_uniforms * n);
  skein::util::Stream stream(skein::util::Purpose::tree, {10, 0, 0});
  double* uniform[family::most_uniforms];
  for (std::size_t k = 0; k < family::most_uniforms; ++k) uniform[k] = numbers.data() + k * n;
  for (const family::FamilyInfo& info : family::families()) {
    const bool probability = std::string(info.links[0]) == "logit" || std::string(info.links[0]) == "probit";
    for (std::size_t i = 0; i < n; ++i) {
      names[i] = static_cast<std::uint32_t>(3 * i + 1);
      mu[i] = probability ? stream.uniform() : 20 * stream.uniform();
    }
    family::RandomRows all;
    all.n = n;
    all.mu = mu.data();
    for (std::size_t k = 0; k < info.dpars.size(); ++k) {
      dpar[k].resize(n);
      for (double& value : dpar[k])
        value = family::is_zero_probability(info.dpars[k]) ? stream.uniform() : 4 * stream.uniform();
      all.dpar[k] = dpar[k].data();
    }
    const family::RandomKeys keys{17, 5, names.data()};
    family::random_n(info.id, all, 30, keys, uniform, out.data());
    for (std::size_t i = 0; i < n; ++i) {
      double one[family::max_dpars] = {};
      for (std::size_t k = 0; k < info.dpars.size(); ++k) one[k] = dpar[k][i];
      skein::util::Stream own = keys.stream(i);
      const double expected = family::random(info.id, mu[i], one, 30, own);
      const int failures = check::failures();
      CHECK_NEAR(out[i], expected, 1e-12);
      if (check::failures() > failures) std::printf("    %s\n", info.name);
    }
    std::sort(out.begin(), out.end());
    CHECK(out.front() < out.back() && !std::isnan(out.front()));
  }
}

// Quantile of type 7 from a sorted array.
double sorted_quantile(const std::vector<double>& sorted, double prob) {
  const double position = static_cast<double>(sorted.size() - 1) * prob;
  const std::size_t k = static_cast<std::size_t>(std::floor(position + 1e-12));
  const double share = position - static_cast<double>(k);
  return k + 1 >= sorted.size() ? sorted[k] : sorted[k] + share * (sorted[k + 1] - sorted[k]);
}

void check_summary(std::vector<double> values) {
  std::vector<double> sorted = values, buffer(values.size()), out(5);
  std::sort(sorted.begin(), sorted.end());
  const SummaryOptions options{true, {0, 0.3, 1}};
  summarise(values.data(), values.size(), options, buffer.data(), out.data(), 1);
  const double median = sorted_quantile(sorted, 0.5);
  CHECK_NEAR(out[0], median, 1e-14);
  CHECK_NEAR(out[2], sorted.front(), 0);
  CHECK_NEAR(out[3], sorted_quantile(sorted, 0.3), 1e-12);
  CHECK_NEAR(out[4], sorted.back(), 0);
  for (double& value : sorted) value = std::fabs(value - median);
  std::sort(sorted.begin(), sorted.end());
  CHECK_NEAR(out[1], 1.4826 * sorted_quantile(sorted, 0.5), 1e-13);
}

CHECK_TEST(summaries_of_any_values) {
  skein::util::Stream stream(skein::util::Purpose::tree, {9, 0, 0});
  for (const std::size_t n : {1u, 2u, 5u, 64u, 1000u}) {
    std::vector<double> values(n);
    for (double& value : values) value = stream.uniform();
    check_summary(values);
    for (double& value : values) value = std::floor(4 * value);  // ties
    check_summary(values);
    for (double& value : values) value = std::exp(200 * stream.uniform());  // far apart
    check_summary(values);
    check_summary(std::vector<double>(n, 3.5));
  }
  std::vector<double> values(10, 1), buffer(10), out(3);
  values[4] = NAN;
  summarise(values.data(), 10, {false, {0.5}}, buffer.data(), out.data(), 1);
  CHECK(std::isnan(out[0]) && std::isnan(out[1]) && std::isnan(out[2]));
}

CHECK_TEST(summaries_go_to_their_rows_for_any_threads) {
  const Problem problem;
  const SummaryOptions options{false, {0.025, 0.5, 0.975}};
  std::vector<double> one(Problem::n_rows * options.n_values()), four(one.size());
  predict_rows(problem.model, problem.rows, {Kind::expected, 0, false}, {one.data(), Problem::n_rows, &options}, 1);
  predict_rows(problem.model, problem.rows, {Kind::expected, 0, false}, {four.data(), Problem::n_rows, &options}, 4);
  CHECK(same_bits(one, four));
  const std::vector<double> all = problem.matrix({Kind::expected, 0, false});
  for (std::size_t i = 0; i < Problem::n_rows; ++i) {
    double sum = 0;
    for (std::size_t s = 0; s < Problem::n_draws; ++s) sum += all[i * Problem::n_draws + s];
    CHECK_NEAR(one[i], sum / Problem::n_draws, 1e-13);
  }
}

}  // namespace

int main() { return check::run_all(); }
