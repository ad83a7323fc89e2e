// Every family x link x weights x (parameters for all rows or by row) x instruction set against long double formulas.
#include <cstring>
#include <limits>

#include "check.hpp"
#include "family_cases.hpp"
#include "family_reference.hpp"

namespace {

using cases::Result;
using cases::Rows;
using reference::Dual;
using reference::Real;
using skein::simd::InstructionSet;

// Of one row: log density, derivatives by predictor and parameters, unweighted.
struct RowReference {
  Real value;
  Real d_predictor;
  Real d_dpar[2];
};

RowReference reference_row(const Rows& rows, std::size_t i) {
  RowReference result = {};
  for (std::size_t direction = 0; direction <= rows.n_dpars; ++direction) {
    reference::Row row;
    row.response = rows.response[i];
    row.trials = rows.trials.empty() ? 1 : rows.trials[i];
    row.predictor = Dual(rows.predictor[i], direction == 0);
    for (std::size_t k = 0; k < rows.n_dpars; ++k) row.dpar[k] = Dual(rows.dpar_at(k, i), direction == k + 1);
    const Dual density = reference::log_density(rows.family, rows.link, row);
    result.value = density.value;
    if (direction == 0)
      result.d_predictor = density.slope;
    else
      result.d_dpar[direction - 1] = density.slope;
  }
  return result;
}

bool close(Real got, Real expected, Real tolerance) {
  if (std::fabs(expected) > std::numeric_limits<double>::max()) return !std::isfinite((double)got);
  return std::fabs(got - expected) <= tolerance;
}

void complain(const Rows& rows, std::size_t i, const char* what, Real got, Real expected) {
  if (check::failures() > 40) return;
  std::printf("    %s(%s) %s row %zu: y %g eta %g dpar %g %g: %.17Lg, not %.17Lg\n", rows.family.c_str(),
              rows.link.c_str(), what, i, rows.response[i], rows.predictor[i],
              rows.n_dpars > 0 ? rows.dpar_at(0, i) : 0, rows.n_dpars > 1 ? rows.dpar_at(1, i) : 0, got, expected);
}

// The family whose counts this one has, itself in most cases.
std::string counted_family(const Rows& rows) {
  const std::string base = continuous::has(rows.family) ? "" : reference::base_family(rows.family);
  return skein::family::find_family(base) ? base : rows.family;
}

// The size of what cancels in a row's derivative by its parameter k, next to the derivative itself.
Real dpar_scale(const Rows& rows, std::size_t i, std::size_t k) {
  if (continuous::has(rows.family)) {
    const Real mean = rows.family == "skew_normal" ? reference::mean(rows.link, rows.predictor[i]).value : 0;
    const Real distance = std::fabs(rows.response[i] - mean) / rows.dpar_at(0, i);
    const std::string name = skein::family::find_family(rows.family)->dpars[k];
    return continuous::dpar_scale(name, distance, rows.dpar_at(k, i));
  }
  const std::string family = counted_family(rows);
  if (family == "negbinomial" && k == 0) return 2 * (rows.response[i] + 1) / (rows.dpar_at(0, i) + rows.response[i]);
  if (family == "student" && k == 1) return 1 / rows.dpar_at(1, i);
  if (family == "beta_binomial") return rows.trials[i] / rows.dpar_at(0, i);
  return family == rows.family ? 0 : 1e-6L;  // what the reference loses where a zero is all but certain
}

// A hurdle's row as one of its counted family, with a response of 1 if so wanted.
RowReference counted_row(const Rows& rows, std::size_t i, bool one) {
  Rows base = rows;
  base.family = counted_family(rows);
  base.n_dpars = skein::family::find_family(base.family)->dpars.size();
  if (one) base.response[i] = 1;
  return reference_row(base, i);
}

bool counts_past_hurdle(const Rows& rows, std::size_t i) {
  return rows.family.compare(0, 7, "hurdle_") == 0 && counted_family(rows) != rows.family && rows.response[i] > 0;
}

// The size of what cancels in a row's derivative by its predictor: hurdles take off what a count of 0 has.
Real slope_scale(const Rows& rows, std::size_t i) {
  if (!counts_past_hurdle(rows, i)) return 0;
  return std::fabs(counted_row(rows, i, false).d_predictor) + std::fabs(counted_row(rows, i, true).d_predictor);
}

// The size of what cancels in a row's log density: log gamma functions of the counts.
Real value_scale(const Rows& rows, std::size_t i) {
  if (continuous::has(rows.family) && rows.n_dpars)
    return continuous::value_scale(rows.family, rows.response[i], rows.dpar_at(0, i));
  const std::string family = counted_family(rows);
  if (family != rows.family && rows.response[i] == 0) return 1;
  if (family == "negbinomial" || family == "poisson") {
    const Real y = rows.response[i];
    const Real hurdle = counts_past_hurdle(rows, i) ? std::fabs(counted_row(rows, i, true).value) : 0;
    return std::lgamma(y + 1) + (family == "negbinomial" ? y * std::log(y + rows.dpar_at(0, i) + 1) : 0) + hurdle;
  }
  if (family == "beta_binomial")
    return std::lgamma((Real)rows.trials[i] + 1) + rows.trials[i] * std::log(rows.trials[i] + rows.dpar_at(0, i) + 1);
  return rows.trials.empty() ? 0 : std::lgamma((Real)rows.trials[i] + 1);
}

void check_tile(const Rows& rows, InstructionSet set) {
  const Result result = cases::run(rows, set);
  Real sum = 0, sum_scale = 0, d_sum[2] = {0, 0}, d_scale[2] = {0, 0};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RowReference expected = reference_row(rows, i);
    const Real weight = rows.weights.empty() ? 1 : rows.weights[i];
    sum += weight * expected.value;
    sum_scale += weight * (std::fabs(expected.value) + value_scale(rows, i));
    const Real slope = weight * expected.d_predictor;
    const Real slope_tolerance = 1e-12L * (std::fabs(slope) + weight * slope_scale(rows, i) + 1e-290L);
    if (!CHECK(close(result.d_predictor[i], slope, slope_tolerance)))
      complain(rows, i, "d_predictor", result.d_predictor[i], slope);
    for (std::size_t k = 0; k < rows.n_dpars; ++k) {
      const Real d = weight * expected.d_dpar[k];
      const Real scale = std::fabs(d) + weight * dpar_scale(rows, i, k);
      d_sum[k] += d;
      d_scale[k] += scale;
      if (rows.dpar[k].size() == 1) continue;
      if (!CHECK(close(result.d_dpar_rows[k][i], d, 1e-12L * scale)))
        complain(rows, i, "d_dpar", result.d_dpar_rows[k][i], d);
    }
    if (rows.weights.empty()) {
      const double one = cases::run(cases::slice(rows, i, i + 1), set).value;
      const Real tolerance = 1e-12L * std::fabs(expected.value) + 1e-15L * value_scale(rows, i) + 1e-300L;
      if (!CHECK(close(one, expected.value, tolerance))) complain(rows, i, "value", one, expected.value);
    }
  }
  if (!CHECK(close(result.value, sum, 1e-13L * sum_scale))) complain(rows, 0, "sum", result.value, sum);
  for (std::size_t k = 0; k < rows.n_dpars; ++k)
    if (rows.dpar[k].size() == 1 && !CHECK(close(result.d_dpar[k], d_sum[k], 1e-12L * d_scale[k])))
      complain(rows, 0, "d_dpar sum", result.d_dpar[k], d_sum[k]);
}

// Values of a family's parameters, from tiny to huge.
std::vector<double> dpar_values(const std::string& family, const std::string& name) {
  if (continuous::has(family)) return continuous::dpar_values(name);
  if (name == "shape") return {1e-3, 0.5, 1, 9.5, 10, 37, 1e6};
  if (name == "nu") return {1, 2.5, 19.9, 20, 1e6};
  if (name == "phi") return {1e-3, 0.7, 25, 1e6};
  if (name == "zi" || name == "hu") return {1e-12, 0.3, 0.99};
  return {1e-8, 0.7, 1e6};
}

// Calls body(rows) for every family, link and way of giving parameters and weights.
template <class Body>
void for_each_case(Body body) {
  for (const skein::family::FamilyInfo& family : skein::family::families()) {
    for (const std::string& link : family.links) {
      for (const bool large : {false, true}) {
        Rows rows = cases::make_rows(family.name, link, large);
        const std::size_t n = rows.size();
        rows.n_dpars = family.dpars.size();
        std::vector<double> values[2];
        std::size_t combinations = 1;
        for (std::size_t k = 0; k < rows.n_dpars; ++k) {
          values[k] = dpar_values(family.name, family.dpars[k]);
          combinations *= values[k].size();
        }
        // Scalar parameters, all combinations; then each subset of them by row.
        const std::size_t n_subsets = std::size_t(1) << rows.n_dpars;
        for (std::size_t how = 0; how < combinations + n_subsets - 1; ++how) {
          const std::size_t by_row = how < combinations ? 0 : how - combinations + 1;
          for (std::size_t k = 0; k < rows.n_dpars; ++k) {
            const std::size_t size = values[k].size();
            const std::size_t chosen = k == 0 ? how % size : how / values[0].size() % size;
            rows.dpar[k].assign(1, values[k][chosen]);
            if (by_row >> k & 1) rows.dpar[k].resize(n);
            for (std::size_t i = 0; i < rows.dpar[k].size() && by_row >> k & 1; ++i)
              rows.dpar[k][i] = values[k][(i + i / 7 + k) % size];
          }
          rows.weights.clear();
          body(rows);
          cases::add_weights(rows);
          body(rows);
        }
      }
    }
  }
}

CHECK_TEST(registry_and_kernels_agree) {
  for (const InstructionSet set : cases::instruction_sets()) {
    const auto find = skein::regression::kernel_table(set).find_family_kernel;
    for (const skein::family::FamilyInfo& family : skein::family::families()) {
      for (const std::string& link : family.links) CHECK(find(family.name, link.c_str()) != nullptr);
      CHECK(find(family.name, "tan_half") == nullptr);
    }
    CHECK(find("gauss", "identity") == nullptr);
    CHECK(find("gaussian", "sqrt") == nullptr);
  }
  CHECK(skein::family::find_family("student")->dpars.size() == 2);
  CHECK(skein::family::find_family("students") == nullptr);
  CHECK(skein::family::family_names().size() == 24);
}

CHECK_TEST(values_and_gradients_baseline) {
  for_each_case([](const Rows& rows) { check_tile(rows, InstructionSet::baseline); });
}

CHECK_TEST(values_and_gradients_wide) {
  for (const InstructionSet set : cases::instruction_sets())
    if (set != InstructionSet::baseline) for_each_case([set](const Rows& rows) { check_tile(rows, set); });
}

bool same_bits(const Result& a, const Result& b) {
  const auto same = [](const std::vector<double>& x, const std::vector<double>& y) {
    return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0);
  };
  return std::memcmp(&a.value, &b.value, sizeof(double)) == 0 &&
         std::memcmp(a.d_dpar, b.d_dpar, sizeof a.d_dpar) == 0 && same(a.d_predictor, b.d_predictor) &&
         same(a.d_dpar_rows[0], b.d_dpar_rows[0]) && same(a.d_dpar_rows[1], b.d_dpar_rows[1]);
}

CHECK_TEST(avx2_and_avx512_give_equal_bits) {
  if (skein::simd::detected_instruction_set() != InstructionSet::avx512) return;
  for_each_case([](const Rows& rows) {
    CHECK(same_bits(cases::run(rows, InstructionSet::avx2), cases::run(rows, InstructionSet::avx512)));
  });
}

CHECK_TEST(padding_rows_do_not_matter) {
  for (const InstructionSet set : cases::instruction_sets()) {
    for_each_case([set](const Rows& all) {
      const Rows rows = cases::slice(all, 0, all.size() - (all.size() % 8 == 0 ? 3 : 0));
      const Result result = cases::run(rows, set, 1e300);
      CHECK(same_bits(result, cases::run(rows, set, -1e300)));
      CHECK(same_bits(result, cases::run(rows, set, 0)));
      for (std::size_t i = rows.size(); i < result.d_predictor.size(); ++i) {
        CHECK(result.d_predictor[i] == 0);
        for (std::size_t k = 0; k < rows.n_dpars; ++k)
          CHECK(result.d_dpar_rows[k].empty() || result.d_dpar_rows[k][i] == 0);
      }
    });
  }
}

// Many moderate rows, over several chunks, cut anywhere.
CHECK_TEST(tiles_add_up) {
  for_each_case([](const Rows& all) {
    Rows rows = all;
    const std::size_t n = 700;
    for (auto* column : {&rows.response, &rows.trials, &rows.predictor, &rows.weights, &rows.dpar[0], &rows.dpar[1]}) {
      const std::vector<double> once = *column;
      if (once.size() <= 1) continue;
      column->clear();
      for (std::size_t i = 0; i < n; ++i) column->push_back(once[i * 5 % once.size()]);
    }
    const InstructionSet set = skein::simd::detected_instruction_set();
    const std::size_t cut = 301;
    const Result whole = cases::run(rows, set);
    const Result first = cases::run(cases::slice(rows, 0, cut), set);
    const Result second = cases::run(cases::slice(rows, cut, n), set);
    if (!std::isfinite(whole.value)) return;
    CHECK_NEAR(first.value + second.value, whole.value, 1e-12);
    for (std::size_t k = 0; k < rows.n_dpars; ++k) {
      if (!std::isfinite(whole.d_dpar[k])) continue;  // it overflows before the log density does
      const double scale = std::fabs(first.d_dpar[k]) + std::fabs(second.d_dpar[k]) + 1;
      CHECK_NEAR((first.d_dpar[k] + second.d_dpar[k]) / scale, whole.d_dpar[k] / scale, 1e-11);
    }
    for (std::size_t i = 0; i < n; i += 13) {
      const double part = i < cut ? first.d_predictor[i] : second.d_predictor[i - cut];
      CHECK(std::fabs(part - whole.d_predictor[i]) <= 1e-13 * std::fabs(part) || part == whole.d_predictor[i]);
    }
  });
}

// Rows' log densities, weights left out, and the sum and the derivatives no other for them but in the last digits.
CHECK_TEST(rows_log_densities_are_those_of_single_rows) {
  for (const InstructionSet set : cases::instruction_sets()) {
    for_each_case([set](const Rows& rows) {
      const Result plain = cases::run(rows, set), result = cases::run(rows, set, 0.25, true);
      Real sum = 0, scale = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Real weight = rows.weights.empty() ? 1 : rows.weights[i];
        sum += weight * result.row_log_density[i];
        scale += weight * (std::fabs(result.row_log_density[i]) + value_scale(rows, i));
        const Real expected = reference_row(rows, i).value;
        const Real tolerance = 1e-12L * std::fabs(expected) + 1e-15L * value_scale(rows, i) + 1e-300L;
        if (!CHECK(close(result.row_log_density[i], expected, tolerance)))
          complain(rows, i, "row log density", result.row_log_density[i], expected);
        const Real slope = plain.d_predictor[i];
        const Real slope_tolerance = 1e-12L * (std::fabs(slope) + weight * slope_scale(rows, i) + 1e-290L);
        CHECK(close(result.d_predictor[i], slope, slope_tolerance));
      }
      CHECK(close(result.value, sum, 1e-13L * scale));
      CHECK(close(result.value, plain.value, 1e-13L * scale));
    });
  }
}

CHECK_TEST(impossible_predictors_are_rejected) {
  const struct {
    const char *family, *link;
    double response, predictor;
  } impossible[] = {{"poisson", "identity", 0, -1},
                    {"poisson", "identity", 2, -1},
                    {"poisson", "identity", 2, 0},
                    {"negbinomial", "identity", 0, -1},
                    {"negbinomial", "sqrt", 2, 0},
                    {"negbinomial", "identity", 3, -1},
                    {"bernoulli", "identity", 1, 1.5},
                    {"bernoulli", "log", 1, 0.5},
                    {"bernoulli", "log", 0, 0.5},
                    {"binomial", "identity", 0, -0.1},
                    {"binomial", "log", 1, 0.1},
                    {"gaussian", "inverse", 0, 0},
                    {"geometric", "identity", 0, -1},
                    {"geometric", "sqrt", 2, 0},
                    {"beta_binomial", "identity", 1, 1.5},
                    {"beta_binomial", "identity", 0, -0.5},
                    {"zero_inflated_poisson", "identity", 2, -1},
                    {"zero_inflated_binomial", "log", 1, 0.1},
                    {"gamma", "identity", 2, -1},
                    {"exponential", "inverse", 2, -1},
                    {"weibull", "identity", 2, 0},
                    {"beta", "identity", 0.3, 1.5},
                    {"beta", "log", 0.3, 0.1},
                    {"inverse.gaussian", "1/mu^2", 2, -1},
                    {"inverse.gaussian", "identity", 2, -1},
                    {"shifted_lognormal", "identity", 0.4, 0},
                    {"hurdle_gamma", "identity", 2, -1},
                    {"hurdle_poisson", "identity", 2, -1},
                    {"hurdle_negbinomial", "identity", 2, -1}};
  for (const InstructionSet set : cases::instruction_sets()) {
    for (const auto& one : impossible) {
      Rows rows;
      rows.family = one.family;
      rows.link = one.link;
      rows.response = {one.response};
      rows.predictor = {one.predictor};
      if (cases::has_trials(rows.family)) rows.trials = {1};
      rows.n_dpars = skein::family::find_family(one.family)->dpars.size();
      rows.dpar[0] = {0.5};
      rows.dpar[1] = {0.5};
      CHECK(cases::run(rows, set).value == -std::numeric_limits<double>::infinity());
    }
  }
}

CHECK_TEST(nan_is_never_lost) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const InstructionSet set : cases::instruction_sets()) {
    for_each_case([set, nan](const Rows& all) {
      const std::size_t i = all.size() / 2;
      Rows rows = cases::slice(all, 0, i + 1);
      rows.predictor[i] = nan;
      CHECK(!std::isfinite(cases::run(rows, set).value));
      for (std::size_t k = 0; k < rows.n_dpars; ++k) {
        rows = cases::slice(all, 0, i + 1);
        rows.dpar[k].back() = nan;
        CHECK(!std::isfinite(cases::run(rows, set).value));
      }
    });
  }
}

}  // namespace

int main() { return check::run_all(); }
