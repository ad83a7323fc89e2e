// The regression density against a plain long double transcription, row by row, and its bits over threads and grains.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <skein/parallel/pool.hpp>
#include <skein/regression/regression.hpp>
#include <vector>

#include "check.hpp"
#include "regression_helpers.hpp"
#include "run_helpers.hpp"

namespace {

using namespace skein::regression;
using namespace regression_helpers;
using skein::util::AlignedArray;

struct TermShape {
  std::size_t n_levels, n_coefficients;
  bool correlated;
  bool intercept_only;
  bool skewed;  // a third of the rows in the first level, so that it spans tiles
  std::size_t levels_in_one = 0;  // if not 0, so many levels of the term before lie in each level, with its columns
};

// A Poisson regression with random data; keeps what the transcription needs.
struct Problem {
  Spec spec;
  std::vector<std::vector<double>> x;                          // columns
  std::vector<std::vector<std::vector<double>>> z_columns;     // term, coefficient, row
  std::vector<std::vector<std::int32_t>> level;
  std::unique_ptr<Regression> density;
};

void add_term(Problem& problem, const TermShape& shape, std::size_t n_rows, Sequence& random) {
  GroupTerm term;
  term.n_levels = shape.n_levels;
  term.n_coefficients = shape.n_coefficients;
  term.correlated = shape.correlated;
  term.coefficient_predictor.assign(shape.n_coefficients, 0);
  term.coefficient_ones.assign(shape.n_coefficients, shape.intercept_only);
  for (std::size_t i = 0; i < n_rows; ++i) {
    std::size_t l = static_cast<std::size_t>((random.next() + 1) / 2 * static_cast<double>(shape.n_levels));
    if (i < shape.n_levels) l = i;
    if (shape.skewed && i % 3 == 0 && i >= shape.n_levels) l = 0;
    if (shape.levels_in_one > 0) l = static_cast<std::size_t>(problem.level.back()[i]) / shape.levels_in_one;
    term.index.push_back(static_cast<std::int32_t>(l));
  }
  problem.level.push_back(term.index);
  std::vector<std::vector<double>> columns(shape.n_coefficients, std::vector<double>(n_rows, 1.0));
  for (std::size_t m = 1; m < shape.n_coefficients; ++m)
    for (double& v : columns[m]) v = random.next();
  if (shape.levels_in_one > 0)
    std::copy_n(problem.z_columns.back().begin(), shape.n_coefficients, columns.begin());
  problem.z_columns.push_back(columns);
  std::vector<ParameterBlock>& blocks = problem.spec.parameters;
  const std::size_t m = shape.n_coefficients;
  term.block_sd = blocks.size();
  blocks.push_back(block("sd", m, Transform::lower));
  term.block_z = blocks.size();
  blocks.push_back(block("z", m * shape.n_levels, Transform::identity));
  if (shape.correlated) {
    term.block_cholesky = {blocks.size()};
    blocks.push_back(block("L", m * m, Transform::cholesky_corr, m));
  }
  problem.spec.groups.push_back(term);
}

Problem make_problem(std::size_t n_rows, std::size_t n_columns, const std::vector<TermShape>& terms, bool weighted,
                     skein::simd::InstructionSet set = skein::simd::instruction_set()) {
  Problem problem;
  Sequence random;
  Spec& spec = problem.spec;
  spec.family = "poisson";
  spec.n_rows = n_rows;
  for (std::size_t i = 0; i < n_rows; ++i) {
    spec.response.push_back(std::floor(2 + 2 * random.next()));
    if (weighted) spec.weights.push_back(1.5 + random.next());
  }
  Predictor mu;
  mu.link = "log";
  mu.n_columns = n_columns;
  mu.centred = true;
  mu.block_b = 0;
  mu.block_intercept = 1;
  for (std::size_t i = 0; i < n_rows; ++i) mu.offset.push_back(0.3 * random.next());
  spec.parameters = {block("b", n_columns, Transform::identity), block("Intercept", 1, Transform::identity)};
  spec.predictors.push_back(mu);
  for (std::size_t c = 0; c < n_columns; ++c) {
    std::vector<double> column(n_rows);
    for (double& v : column) v = random.next() + 0.5;
    problem.x.push_back(column);
  }
  for (const TermShape& shape : terms) add_term(problem, shape, n_rows, random);
  spec.priors.push_back({1, {0}, "normal", {0.0, 2.0}, 0.0});

  Spec given = spec;
  DesignBuilder builder(given);
  // Two blocks of rows, so that the builder's row arithmetic is seen.
  const std::size_t cut = n_rows / 3;
  for (int part = 0; part < 2; ++part) {
    const std::size_t first = part == 0 ? 0 : cut, n = part == 0 ? cut : n_rows - cut;
    std::vector<double> columns;
    for (const auto& column : problem.x)
      columns.insert(columns.end(), column.begin() + first, column.begin() + first + n);
    std::vector<std::vector<double>> term_columns(terms.size());
    std::vector<const double*> pointers;
    for (std::size_t g = 0; g < terms.size(); ++g) {
      for (const auto& column : problem.z_columns[g])
        term_columns[g].insert(term_columns[g].end(), column.begin() + first, column.begin() + first + n);
      pointers.push_back(terms[g].intercept_only ? nullptr : term_columns[g].data());
    }
    builder.add_rows(first, n, {columns.data()}, pointers);
  }
  Design design = builder.finish();
  problem.density = std::make_unique<Regression>(std::move(given), std::move(design), set);
  return problem;
}

// Stan's cholesky_corr_constrain for K <= 2: L_21 = tanh(u), L_22 = sqrt(1 - L_21^2); log Jacobian log(1 - tanh^2).
long double transcription(const Problem& problem, const std::vector<double>& u) {
  const Spec& spec = problem.spec;
  const std::size_t n = spec.n_rows, p = problem.x.size();
  const long double log_2_pi = std::log(2 * std::acos(-1.0L));
  long double lp = -0.5L * log_2_pi - std::log(2.0L) - 0.125L * u[p] * u[p];
  std::vector<long double> eta(n, u[p]);
  for (std::size_t c = 0; c < p; ++c) {
    long double mean = 0;
    for (const double v : problem.x[c]) mean += v;
    mean /= n;
    for (std::size_t i = 0; i < n; ++i) eta[i] += (problem.x[c][i] - mean) * u[c];
  }
  std::size_t at = p + 1;
  for (std::size_t g = 0; g < spec.groups.size(); ++g) {
    const GroupTerm& term = spec.groups[g];
    const std::size_t m_count = term.n_coefficients, levels = term.n_levels;
    std::vector<long double> sd(m_count);
    for (std::size_t m = 0; m < m_count; ++m) {
      sd[m] = std::exp(static_cast<long double>(u[at]));
      lp += u[at++];
    }
    const double* z = u.data() + at;
    at += m_count * levels;
    for (std::size_t k = 0; k < m_count * levels; ++k) lp += -0.5L * log_2_pi - 0.5L * z[k] * z[k];
    long double l21 = 0;
    if (term.correlated) {
      l21 = std::tanh(static_cast<long double>(u[at++]));
      lp += std::log(1 - l21 * l21);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t l = problem.level[g][i];
      for (std::size_t m = 0; m < m_count; ++m) {
        long double r = sd[m] * (term.correlated ? z[l * m_count + m] : z[m * levels + l]);
        if (term.correlated && m == 1) r = sd[1] * (l21 * z[l * 2] + std::sqrt(1 - l21 * l21) * z[l * 2 + 1]);
        eta[i] += problem.z_columns[g][m][i] * r;
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const long double e = eta[i] + spec.predictors[0].offset[i];
    const long double row = spec.response[i] * e - std::exp(e) - std::lgamma(spec.response[i] + 1.0L);
    lp += spec.weights.empty() ? row : spec.weights[i] * row;
  }
  return lp;
}

void check_against_transcription(const Problem& problem) {
  std::vector<double> u = some_position(problem.density->dimension()), gradient;
  const double lp = evaluate(*problem.density, u, gradient, 0);
  CHECK_NEAR(lp, static_cast<double>(transcription(problem, u)), 1e-12);
  const std::size_t step = 1 + u.size() / 40;
  for (std::size_t k = 0; k < u.size(); k += k < 8 || k + 8 >= u.size() ? 1 : step) {
    const double h = 1e-4;
    std::vector<double> up = u, down = u;
    up[k] += h;
    down[k] -= h;
    const long double difference = transcription(problem, up) - transcription(problem, down);
    CHECK_NEAR(gradient[k], static_cast<double>(difference / (static_cast<long double>(up[k]) - down[k])), 1e-6);
  }
}

const std::vector<TermShape> all_modes = {{300, 1, false, true, true},    // sorted, one level spans tiles
                                          {12, 2, true, false, false},    // small
                                          {290, 2, false, false, false}};  // large

const std::vector<TermShape> nested = {{300, 1, false, true, true},    // sorted, one level spans tiles
                                       {60, 1, false, true, false, 5},  // nested in it, few levels
                                       {16, 1, false, true, false},     // small, joined with the next
                                       {4, 1, false, true, false, 4},
                                       {9, 2, true, false, false}};  // small, with a column of its own

// Many cells in a tile: sums go to the cells without copies.
const std::vector<TermShape> many_cells = {{270, 1, false, true, false}, {200, 1, false, true, false}};

// A sampler that moves to `target` segment by segment, from a position that must not be read before it is written.
struct Mover {
  std::vector<double> target, position, gradient, gradient_seen;
  std::vector<std::size_t> bounds;
  std::vector<std::atomic<int>> before, after;
  std::atomic<int> n_misplaced{0};  // passes of which the other had come, or had not

  Mover(const skein::Density& density, const std::vector<double>& to)
      : target(to),
        position(to.size(), std::numeric_limits<double>::quiet_NaN()),
        gradient(position),
        gradient_seen(position),
        bounds(density.segment_bounds()),
        before(bounds.size() - 1),
        after(bounds.size() - 1) {}

  skein::SegmentPasses passes() {
    return {[](void* sampler, std::size_t segment) {
              Mover& mover = *static_cast<Mover*>(sampler);
              ++mover.before[segment];
              if (mover.after[segment] != 0) ++mover.n_misplaced;
              for (std::size_t i = mover.bounds[segment]; i < mover.bounds[segment + 1]; ++i)
                mover.position[i] = mover.target[i];
            },
            [](void* sampler, std::size_t segment) {
              Mover& mover = *static_cast<Mover*>(sampler);
              ++mover.after[segment];
              if (mover.before[segment] != 1) ++mover.n_misplaced;
              for (std::size_t i = mover.bounds[segment]; i < mover.bounds[segment + 1]; ++i)
                mover.gradient_seen[i] = mover.gradient[i];
            },
            this};
  }
};

// Passes are called once for each segment, the first before the density reads the segment and the second when its
// gradient is final.
void check_passes(const Regression& density, const std::vector<double>& own, const std::vector<double>& gradient,
                  double lp, const skein::EvaluationContext& context) {
  Mover mover(density, own);
  CHECK(mover.bounds.front() == 0 && mover.bounds.back() == density.dimension());
  skein::Evaluation one{mover.position.data(), mover.gradient.data(), 0, mover.passes()};
  density.evaluate(&one, 1, context);
  CHECK(one.log_density == lp);
  CHECK(mover.gradient_seen == gradient);
  CHECK(mover.n_misplaced == 0);
  for (std::size_t b = 0; b + 1 < mover.bounds.size(); ++b) CHECK(mover.before[b] == 1 && mover.after[b] == 1);
}

void check_bits_over_grainsizes_and_threads(const Problem& problem, std::size_t min_segments) {
  const Regression& density = *problem.density;
  CHECK(density.segment_bounds().size() > min_segments);
  const std::vector<double> u = some_position(density.dimension()), own = own_order(density, u);
  std::vector<double> expected, gradient;
  const double lp = evaluate(density, u, expected, 0);
  for (const std::size_t grainsize : {0u, 1u, 625u, 1500u, 5000u}) {
    CHECK(evaluate(density, u, gradient, grainsize) == lp);
    CHECK(gradient == expected);
    for (const std::size_t workers : {1u, 2u, 4u}) {
      skein::parallel::PoolOptions options;
      options.workers = workers;
      options.scratch_size = density.scratch_size();
      skein::parallel::Pool pool(options);
      AlignedArray<double> workspace(density.workspace_size());
      pool.run(
          1,
          [&](std::size_t, skein::parallel::Team& team, double* scratch, const skein::parallel::StopFlag&) {
            for (int k = 0; k < 50; ++k) {
              std::vector<double> threaded(u.size());
              skein::Evaluation one{own.data(), threaded.data(), 0, {}};
              density.evaluate(&one, 1, {workspace.data(), scratch, &team, grainsize});
              CHECK(one.log_density == lp);
              CHECK(reference_order(density, threaded) == expected);
              check_passes(density, own, threaded, lp, {workspace.data(), scratch, &team, grainsize});
            }
          },
          [] { return false; });
    }
  }
}

}  // namespace

CHECK_TEST(population_only) {
  for (const std::size_t p : {1u, 2u, 3u, 7u}) check_against_transcription(make_problem(601, p, {}, p == 3));
}

CHECK_TEST(one_sorted_intercept) {
  check_against_transcription(make_problem(2003, 2, {{150, 1, false, true, false}}, false));
}

CHECK_TEST(sorted_term_with_correlated_slopes) {
  check_against_transcription(make_problem(1503, 2, {{97, 2, true, false, true}}, true));
}

CHECK_TEST(sorted_small_and_large_terms_together) {
  check_against_transcription(make_problem(1700, 3, all_modes, false));
}

CHECK_TEST(nested_and_joined_terms) {
  check_against_transcription(make_problem(1700, 3, nested, true));
  check_against_transcription(make_problem(1700, 1, many_cells, false));
}

CHECK_TEST(nested_terms_with_slopes) {
  check_against_transcription(
      make_problem(1503, 2, {{96, 2, true, false, true}, {32, 2, true, false, false, 3}}, false));
  // The outer term lacks the slope.
  check_against_transcription(
      make_problem(1503, 2, {{96, 2, false, false, false}, {24, 1, false, true, false, 4}}, false));
}

CHECK_TEST(same_bits_for_any_grainsize_and_threads) {
  // With short groups, so that strips have segments of coordinates.
  std::vector<TermShape> modes = all_modes, in_one_another = nested;
  modes[0].n_levels = in_one_another[0].n_levels = 900;
  in_one_another[1].n_levels = 180;
  check_bits_over_grainsizes_and_threads(make_problem(5000, 3, modes, true), 15);
  check_bits_over_grainsizes_and_threads(make_problem(5000, 2, in_one_another, false), 15);
  check_bits_over_grainsizes_and_threads(make_problem(5000, 2, all_modes, false), 1);
  check_bits_over_grainsizes_and_threads(make_problem(3000, 2, {{500, 2, true, false, true}}, false), 3);
  check_bits_over_grainsizes_and_threads(make_problem(3000, 2, {{500, 2, false, false, true}}, false), 3);
  check_bits_over_grainsizes_and_threads(make_problem(3000, 2, {}, false), 1);
}

// The sampler's passes on the threads that compute the gradient: a wrong order of reading and writing is TSan's to see.
CHECK_TEST(draws_have_the_same_bits_for_any_threads_and_grainsize) {
  Problem problem = make_problem(3000, 2, {{500, 2, true, false, true}}, false);
  helpers::Values expected;
  for (const int threads : {0, 1, 2, 4}) {
    for (const std::size_t grainsize : {0u, 1u, 1500u}) {
      skein::run::RunConfig config;
      config.n_chains = 2;
      config.cores = 2;
      config.chain.seed = 4;
      config.chain.iterations = 30;
      config.chain.warmup = 15;
      config.chain.nuts.max_treedepth = 5;
      config.threads = threads;
      config.grainsize = grainsize;
      const helpers::RunOutput output = helpers::run(*problem.density, config);
      helpers::Values found = output.diagnostics;
      for (const skein::run::ChainRecord& record : output.result.chains)
        found.insert(found.end(), record.last_draw.begin(), record.last_draw.end());
      if (expected.empty()) expected = found;
      CHECK(found == expected);
    }
  }
}

CHECK_TEST(same_bits_on_avx2_and_avx512) {
  using skein::simd::InstructionSet;
  if (skein::simd::detected_instruction_set() != InstructionSet::avx512) return;
  for (const auto& terms : {all_modes, nested, many_cells}) {
    std::vector<double> narrow, wide;
    const Problem first = make_problem(1700, 2, terms, true, InstructionSet::avx2);
    const Problem second = make_problem(1700, 2, terms, true, InstructionSet::avx512);
    const std::vector<double> u = some_position(first.density->dimension());
    CHECK(evaluate(*first.density, u, narrow, 0) == evaluate(*second.density, u, wide, 0));
    CHECK(narrow == wide);
  }
}

CHECK_TEST(prior_only_leaves_the_likelihood_out) {
  Problem problem = make_problem(500, 2, all_modes, false);
  Spec given = problem.spec;
  given.prior_only = true;
  DesignBuilder builder(given);
  std::vector<double> columns;
  for (const auto& column : problem.x) columns.insert(columns.end(), column.begin(), column.end());
  std::vector<std::vector<double>> terms(3);
  std::vector<const double*> pointers;
  for (std::size_t g = 0; g < 3; ++g) {
    for (const auto& column : problem.z_columns[g]) terms[g].insert(terms[g].end(), column.begin(), column.end());
    pointers.push_back(all_modes[g].intercept_only ? nullptr : terms[g].data());
  }
  builder.add_rows(0, 500, {columns.data()}, pointers);
  Design design = builder.finish();
  const Regression density(std::move(given), std::move(design));
  const std::vector<double> u = some_position(density.dimension());
  std::vector<double> gradient;
  const double lp = evaluate(density, u, gradient, 0);
  for (std::size_t i = 0; i < 500; ++i) problem.spec.response[i] = 0;
  problem.spec.weights.assign(500, 0.0);
  CHECK_NEAR(lp, static_cast<double>(transcription(problem, u)), 1e-12);
}

int main() { return check::run_all(); }
