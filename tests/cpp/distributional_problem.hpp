// Regressions with several predictors for tests: their data, and their log density in long double, row by row.
#ifndef SKEIN_TESTS_DISTRIBUTIONAL_PROBLEM_HPP
#define SKEIN_TESTS_DISTRIBUTIONAL_PROBLEM_HPP

#include <skein/regression/regression.hpp>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "regression_helpers.hpp"

namespace distributional {

using namespace skein::regression;
using namespace regression_helpers;
using Real = long double;

constexpr Real pi = 3.14159265358979323846264338327950288L;

struct PredictorShape {
  std::string dpar, link;
  std::size_t n_columns;
  double offset;  // added to every row, to stay within a link's domain
};

// Coefficients of a term: the predictor of each, ascending; the first of each predictor is an intercept.
struct GroupShape {
  std::size_t n_levels;
  std::vector<std::size_t> predictor;
  bool correlated;
  std::size_t n_by;
};

// A row's natural-scale parameters: mu (after its link), then those beyond it.
using RowDensity = std::function<Real(std::size_t row, const std::vector<Real>& parameters)>;

struct Problem {
  Spec spec;  // as given: the density has a copy
  std::vector<std::vector<std::vector<double>>> x;        // predictor, column, row
  std::vector<std::vector<std::vector<double>>> z;        // term, coefficient, row
  RowDensity row_density;
  std::unique_ptr<Regression> density;
};

inline Real inverse_link(const std::string& link, Real x) {
  const Real s = x > 40 ? x : std::log1p(std::exp(x));
  if (link == "log") return std::exp(x);
  if (link == "logm1") return 1 + std::exp(x);
  if (link == "log1p") return std::expm1(x);
  if (link == "inverse") return 1 / x;
  if (link == "sqrt") return x * x;
  if (link == "1/mu^2") return 1 / std::sqrt(x);
  if (link == "softplus") return s;
  if (link == "squareplus") return (x + std::sqrt(x * x + 4)) / 2;
  if (link == "logit") return 1 / (1 + std::exp(-x));
  if (link == "probit") return 0.5L * std::erfc(-x / std::sqrt(2.0L));
  if (link == "probit_approx") return 1 / (1 + std::exp(-(0.07056L * x * x * x + 1.5976L * x)));
  if (link == "cloglog") return -std::expm1(-std::exp(x));
  if (link == "cauchit") return std::atan(x) / pi + 0.5L;
  if (link == "softit") return s / (1 + s);
  return x;
}

inline void add_group(Problem& problem, const GroupShape& shape, Sequence& random) {
  const std::size_t n = problem.spec.n_rows, m = shape.predictor.size();
  GroupTerm term;
  term.n_levels = shape.n_levels;
  term.n_coefficients = m;
  term.correlated = shape.correlated;
  term.coefficient_predictor = shape.predictor;
  term.n_by = shape.n_by;
  for (std::size_t i = 0; i < n; ++i) {
    const double share = (random.next() + 1) / 2;
    // A skewed distribution, so that one level spans tiles.
    const std::size_t level = i % 4 == 0 ? 0 : static_cast<std::size_t>(share * static_cast<double>(shape.n_levels));
    term.index.push_back(static_cast<std::int32_t>(i < shape.n_levels ? i : level));
  }
  for (std::size_t l = 0; l < shape.n_levels && shape.n_by > 1; ++l)
    term.by.push_back(static_cast<std::int32_t>((l * 7) % shape.n_by));
  std::vector<std::vector<double>> columns;
  for (std::size_t k = 0; k < m; ++k) {
    const bool ones = k == 0 || shape.predictor[k] != shape.predictor[k - 1];
    term.coefficient_ones.push_back(ones);
    std::vector<double> column(n, 1.0);
    for (double& v : column) v = ones ? 1.0 : random.next();
    columns.push_back(column);
  }
  problem.z.push_back(columns);
  std::vector<ParameterBlock>& blocks = problem.spec.parameters;
  term.block_sd = blocks.size();
  blocks.push_back(block("sd", m * shape.n_by, Transform::lower));
  term.block_z = blocks.size();
  blocks.push_back(block("z", m * shape.n_levels, Transform::identity));
  for (std::size_t by = 0; by < shape.n_by && shape.correlated; ++by) {
    term.block_cholesky.push_back(blocks.size());
    blocks.push_back(block("L", m * m, Transform::cholesky_corr, m));
  }
  problem.spec.groups.push_back(term);
}

// dpars: of the family, in registry order; those without a shape are scalars with lower bound 0.
inline Problem make_problem(const std::string& family, std::size_t n_rows, const std::vector<std::string>& dpars,
                            const std::vector<PredictorShape>& predictors, const std::vector<GroupShape>& groups) {
  Problem problem;
  Sequence random;
  Spec& spec = problem.spec;
  spec.family = family;
  spec.n_rows = n_rows;
  for (const PredictorShape& shape : predictors) {
    Predictor one;
    one.dpar = shape.dpar;
    one.link = shape.link;
    one.n_columns = shape.n_columns;
    one.centred = shape.n_columns != 2;  // both ways
    if (shape.n_columns > 0) {
      one.block_b = spec.parameters.size();
      spec.parameters.push_back(block("b", shape.n_columns, Transform::identity));
    }
    if (one.centred) {
      one.block_intercept = spec.parameters.size();
      spec.parameters.push_back(block("Intercept", 1, Transform::identity));
    }
    if (shape.offset != 0)
      for (std::size_t i = 0; i < n_rows; ++i) one.offset.push_back(shape.offset + 0.1 * random.next());
    spec.predictors.push_back(one);
    std::vector<std::vector<double>> columns;
    for (std::size_t c = 0; c < shape.n_columns; ++c) {
      std::vector<double> column(n_rows);
      for (double& v : column) v = 0.5 * random.next() + 0.2;
      columns.push_back(column);
    }
    problem.x.push_back(columns);
  }
  for (const std::string& dpar : dpars) {
    bool predicted = false;
    for (const PredictorShape& shape : predictors) predicted = predicted || shape.dpar == dpar;
    spec.dpar_blocks.push_back(predicted ? no_block : spec.parameters.size());
    if (!predicted) spec.parameters.push_back(block(dpar, 1, Transform::lower));
  }
  for (const GroupShape& shape : groups) add_group(problem, shape, random);
  for (std::size_t i = 0; i < n_rows; ++i) spec.response.push_back(2 * random.next());
  return problem;
}

// After the responses, additions and row density are set.
inline void build(Problem& problem) {
  Spec given = problem.spec;
  DesignBuilder builder(given);
  std::vector<std::vector<double>> columns(problem.x.size()), group_columns(problem.z.size());
  std::vector<const double*> pointers, group_pointers;
  for (std::size_t p = 0; p < problem.x.size(); ++p) {
    for (const auto& column : problem.x[p]) columns[p].insert(columns[p].end(), column.begin(), column.end());
    pointers.push_back(problem.x[p].empty() ? nullptr : columns[p].data());
  }
  for (std::size_t g = 0; g < problem.z.size(); ++g) {
    for (const auto& column : problem.z[g])
      group_columns[g].insert(group_columns[g].end(), column.begin(), column.end());
    group_pointers.push_back(group_columns[g].data());
  }
  builder.add_rows(0, given.n_rows, pointers, group_pointers);
  Design design = builder.finish();
  problem.density = std::make_unique<Regression>(std::move(given), std::move(design));
}

// Stan's cholesky_corr_constrain; adds its log Jacobian.
inline std::vector<Real> cholesky(const double* u, std::size_t k, Real& log_jacobian) {
  std::vector<Real> l(k * k, 0);
  l[0] = 1;
  for (std::size_t i = 1; i < k; ++i) {
    Real squares = 0;
    for (std::size_t j = 0; j < i; ++j) {
      const Real t = std::tanh(static_cast<Real>(*u++));
      log_jacobian += std::log1p(-t * t) + 0.5L * std::log1p(-squares);
      l[i + j * k] = t * std::sqrt(1 - squares);
      squares += l[i + j * k] * l[i + j * k];
    }
    l[i + i * k] = std::sqrt(1 - squares);
  }
  return l;
}

// Adds the term's effects to the linear predictors; returns its part of the log density.
inline Real add_effects(const Problem& problem, std::size_t g, const double*& u, std::vector<std::vector<Real>>& eta) {
  const GroupTerm& term = problem.spec.groups[g];
  const std::size_t m = term.n_coefficients, n_levels = term.n_levels;
  Real lp = 0;
  std::vector<Real> sd;
  for (std::size_t k = 0; k < m * term.n_by; ++k) {
    lp += *u;
    sd.push_back(std::exp(static_cast<Real>(*u++)));
  }
  const double* z = u;
  u += m * n_levels;
  for (std::size_t k = 0; k < m * n_levels; ++k) lp += -0.5L * std::log(2 * pi) - 0.5L * static_cast<Real>(z[k]) * z[k];
  std::vector<std::vector<Real>> l(term.n_by);
  for (std::size_t by = 0; by < term.n_by && term.correlated; ++by, u += m * (m - 1) / 2) l[by] = cholesky(u, m, lp);
  for (std::size_t i = 0; i < problem.spec.n_rows; ++i) {
    const std::size_t level = static_cast<std::size_t>(problem.spec.groups[g].index[i]);
    const std::size_t by = term.by.empty() ? 0 : static_cast<std::size_t>(term.by[level]);
    for (std::size_t k = 0; k < m; ++k) {
      Real r = term.correlated ? 0 : z[k * n_levels + level];
      for (std::size_t j = 0; j <= k && term.correlated; ++j) r += l[by][k + j * m] * z[level * m + j];
      eta[term.coefficient_predictor[k]][i] += problem.z[g][k][i] * sd[by * m + k] * r;
    }
  }
  return lp;
}

// The log density without priors; `rows`, if given, gets each row's weighted log likelihood.
inline Real transcription(const Problem& problem, const std::vector<double>& position, std::vector<Real>* rows) {
  const Spec& spec = problem.spec;
  const double* u = position.data();
  Real lp = 0;
  std::vector<std::vector<Real>> eta(spec.predictors.size(), std::vector<Real>(spec.n_rows, 0));
  for (std::size_t p = 0; p < spec.predictors.size(); ++p) {
    const Predictor& terms = spec.predictors[p];
    for (std::size_t c = 0; c < terms.n_columns; ++c) {
      Real mean = 0;
      for (const double v : problem.x[p][c]) mean += v / static_cast<Real>(spec.n_rows);
      for (std::size_t i = 0; i < spec.n_rows; ++i)
        eta[p][i] += (problem.x[p][c][i] - (terms.centred ? mean : 0)) * u[c];
    }
    u += terms.n_columns;
    for (std::size_t i = 0; i < spec.n_rows; ++i)
      eta[p][i] += (terms.offset.empty() ? 0 : terms.offset[i]) + (terms.centred ? *u : 0);
    u += terms.centred ? 1 : 0;
  }
  std::vector<Real> scalars;
  for (const std::size_t block : spec.dpar_blocks) {
    scalars.push_back(0);
    if (block == no_block) continue;
    lp += *u;
    scalars.back() = std::exp(static_cast<Real>(*u++));
  }
  for (std::size_t g = 0; g < spec.groups.size(); ++g) lp += add_effects(problem, g, u, eta);
  const skein::family::FamilyInfo* info = skein::family::find_family(spec.family);
  if (rows != nullptr) rows->clear();
  for (std::size_t i = 0; i < spec.n_rows; ++i) {
    std::vector<Real> parameters = {inverse_link(spec.predictors[0].link, eta[0][i])};
    parameters.insert(parameters.end(), scalars.begin(), scalars.end());
    for (std::size_t p = 1; p < spec.predictors.size(); ++p)
      for (std::size_t k = 0; k < info->dpars.size(); ++k)
        if (info->dpars[k] == spec.predictors[p].dpar)
          parameters[k + 1] = inverse_link(spec.predictors[p].link, eta[p][i]);
    const Real row = problem.row_density(i, parameters) * (spec.weights.empty() ? 1 : spec.weights[i]);
    if (rows != nullptr) rows->push_back(row);
    lp += row;
  }
  return lp;
}

}  // namespace distributional

#endif
