// Expression programs: every operation's gradient in lanes, rows and tiles; bits that depend on neither neighbours nor
// threads; simplifications and reductions that keep the value.
#include <functional>
#include <skein/expression/expression.hpp>
#include <skein/parallel/pool.hpp>

#include "check.hpp"

using namespace skein::expression;
using skein::simd::InstructionSet;

namespace {

struct Point {
  double log_density;
  std::vector<double> gradient;
};

std::vector<Point> evaluate(const Expression& density, const std::vector<std::vector<double>>& positions) {
  skein::util::AlignedArray<double> workspace(density.workspace_size()), scratch(density.scratch_size());
  // What an earlier evaluation left must not matter.
  for (double& x : workspace) x = std::nan("");
  for (double& x : scratch) x = std::nan("");
  skein::EvaluationContext context;
  context.workspace = workspace.data();
  context.scratch = scratch.data();
  std::vector<Point> points(positions.size());
  std::vector<skein::Evaluation> batch(positions.size());
  for (std::size_t k = 0; k < positions.size(); ++k) {
    points[k].gradient.resize(density.dimension());
    batch[k].position = positions[k].data();
    batch[k].gradient = points[k].gradient.data();
  }
  density.evaluate(batch.data(), batch.size(), context);
  for (std::size_t k = 0; k < positions.size(); ++k) points[k].log_density = batch[k].log_density;
  return points;
}

bool same(const Point& a, const Point& b) { return a.log_density == b.log_density && a.gradient == b.gradient; }

void check_gradient(const Expression& density, std::vector<double> u, const char* name) {
  const Point at = evaluate(density, {u})[0];
  for (std::size_t k = 0; k < u.size(); ++k) {
    const double h = 1e-4;
    std::vector<std::vector<double>> moved(4, u);
    moved[0][k] += h;
    moved[1][k] -= h;
    moved[2][k] += 2 * h;
    moved[3][k] -= 2 * h;
    const std::vector<Point> points = evaluate(density, moved);
    const double difference =
        (8 * (points[0].log_density - points[1].log_density) - (points[2].log_density - points[3].log_density)) /
        (12 * h);
    if (!CHECK(check::near(at.gradient[k], difference, 1e-7))) std::printf("  %s, coordinate %zu\n", name, k);
  }
}

std::vector<double> series(std::size_t n, double from, double to) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i)
    x[i] = from + (to - from) * static_cast<double>((i * 7) % n) / static_cast<double>(n);
  return x;
}

Expression density_of(const Graph& graph, Id target, std::size_t dimension, bool reduce = true) {
  ExpressionOptions options;
  options.dimension = dimension;
  options.lower.reduce = reduce;
  return Expression(graph, target, {}, options);
}

std::vector<InstructionSet> sets() {
  std::vector<InstructionSet> all;
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512})
    if (set <= skein::simd::detected_instruction_set()) all.push_back(set);
  return all;
}

// sum(w * op(a x + b)) with n data x: lanes for few rows, tiles for many. `prepare` takes a + b to op's domain.
Id weighted(Graph& graph, std::size_t n, const std::function<Id(Id)>& op) {
  const Id x = graph.constant(series(n, 0.2, 0.9)), w = graph.constant(series(n, 1.0, 2.0));
  const Id a = graph.parameter(0, 1), b = graph.parameter(1, 1);
  const Id inside = graph.binary(Operation::add, graph.binary(Operation::multiply, a, x), b);
  return graph.reduce(Operation::sum, graph.binary(Operation::multiply, w, op(inside)));
}

}  // namespace

CHECK_TEST(elementwise_operations_on_every_set) {
  for (const InstructionSet set : sets())
    for (const std::size_t n : {std::size_t(1), std::size_t(5), std::size_t(64), std::size_t(65), std::size_t(1000)}) {
#define UNARY(name)                                                                                       \
  {                                                                                                       \
    Graph graph(set);                                                                                     \
    const double sign = Operation::name == Operation::log1m_exp ? -1 : 1;                                 \
    const Id target =                                                                                     \
        weighted(graph, n, [&](Id x) { return graph.unary(Operation::name, graph.affine(x, sign, 0)); }); \
    check_gradient(density_of(graph, target, 2), {0.7, 0.3}, #name);                                      \
  }
      SKEIN_UNARY_OPERATIONS(UNARY)
#undef UNARY
    }
}

CHECK_TEST(binary_operations) {
  for (const InstructionSet set : sets())
    for (const std::size_t n : {std::size_t(3), std::size_t(300)})
      for (const Operation op : {Operation::add, Operation::subtract, Operation::multiply, Operation::divide,
                                 Operation::power, Operation::multiply_log})
        for (int kind = 0; kind < 3; ++kind) {
          Graph graph(set);
          const Id target = weighted(graph, n, [&](Id x) {
            const Id scalar = graph.affine(graph.parameter(0, 1), 1, 0.5);
            const Id other = kind == 0 ? scalar : graph.unary(Operation::sqrt, x);
            return kind == 1 ? graph.binary(op, other, x) : graph.binary(op, x, other);
          });
          check_gradient(density_of(graph, target, 2), {0.7, 0.3}, "binary");
        }
}

CHECK_TEST(log_rising_and_select) {
  for (const std::size_t n : {std::size_t(3), std::size_t(300)}) {
    Graph graph;
    std::vector<double> counts(n);
    for (std::size_t i = 0; i < n; ++i) counts[i] = static_cast<double>(i % 30);
    const Id y = graph.constant(counts);
    const Id target = weighted(graph, n, [&](Id x) {
      const Id rising = graph.binary(Operation::log_rising, y, x);
      return graph.select(graph.binary(Operation::less, y, graph.constant(11.0)), rising,
                          graph.unary(Operation::sin, x));
    });
    check_gradient(density_of(graph, target, 2), {0.7, 0.3}, "log_rising");
  }
}

// A comparison's argument that nothing else reads gets no adjoint, and its buffers must not be read.
CHECK_TEST(what_only_comparisons_read_has_no_derivative) {
  Graph graph;
  const Id target = weighted(graph, 300, [&](Id x) {
    const Id c =
        graph.binary(Operation::less, graph.unary(Operation::exp, graph.unary(Operation::sin, x)), graph.constant(1.9));
    return graph.select(c, graph.unary(Operation::square, x), x);
  });
  check_gradient(density_of(graph, target, 2), {0.7, 0.31}, "select");
}

// Sums that enter the result through other functions: their adjoints are known only after a first pass.
CHECK_TEST(sums_inside_functions) {
  for (const std::size_t n : {std::size_t(7), std::size_t(700)}) {
    Graph graph;
    const Id x = graph.constant(series(n, -1, 1)), a = graph.parameter(0, 1), z = graph.parameter(1, 5);
    std::vector<std::int32_t> index(n);
    for (std::size_t i = 0; i < n; ++i) index[i] = static_cast<std::int32_t>((i * 3) % 5);
    const Id row = graph.binary(Operation::add, graph.binary(Operation::multiply, a, x), graph.gather(z, index));
    const Id e = graph.unary(Operation::exp, row);
    const Id total = graph.reduce(Operation::sum, e);
    const Id share = graph.binary(Operation::divide, e, total);
    const Id entropy =
        graph.reduce(Operation::sum, graph.binary(Operation::multiply, share, graph.unary(Operation::log, share)));
    const Id target = graph.binary(Operation::subtract, graph.unary(Operation::log, total),
                                   graph.binary(Operation::multiply, entropy, graph.unary(Operation::square, a)));
    check_gradient(density_of(graph, target, 6), {0.7, 0.3, -0.2, 0.4, 0.1, -1}, "sums inside");
  }
}

// A batch in which neighbours overflow, are NaN or take rare branches.
CHECK_TEST(a_point_has_the_same_bits_alone_and_in_lanes) {
  for (const InstructionSet set : sets()) {
    Graph graph(set);
    Id target = graph.constant(0.0);
    const Id x = graph.parameter(0, 3), s = graph.parameter(3, 1);
    const std::vector<std::pair<DensityId, std::vector<double>>> all = {{DensityId::normal, {0.3, 1.5}},
                                                                        {DensityId::student_t, {4}},
                                                                        {DensityId::cauchy, {0, 2}},
                                                                        {DensityId::logistic, {0, 2}}};
    for (const auto& one : all) {
      std::vector<Id> arguments = {x};
      for (const double value : one.second) arguments.push_back(graph.constant(value));
      target = graph.binary(Operation::add, target, graph.reduce(Operation::sum, graph.density(one.first, arguments)));
    }
    const Id positive = graph.unary(Operation::exp, s);
    for (const Operation op : {Operation::lgamma, Operation::digamma, Operation::half_step, Operation::log1p,
                               Operation::sin, Operation::tanh, Operation::normal_log_cdf, Operation::log1p_exp})
      target = graph.binary(Operation::add, target, graph.unary(op, positive));
    const Expression density = density_of(graph, target, 4);
    CHECK(density.preferred_batch() == 8);
    std::vector<std::vector<double>> positions;
    for (int k = 0; k < 21; ++k)
      positions.push_back({std::sin(k), 3 * std::cos(2 * k), 0.1 * k, k % 4 == 3 ? -5.0 - k : 0.4 * (k % 7)});
    positions[2] = {1e200, 0, 0, 0};
    positions[5] = {0, 0, 0, 800};
    positions[9] = {std::nan(""), 0, 0, 0};
    positions[12] = {0, -1e300, 0, -800};
    positions[14] = {1e-310, 0, 0, 30};
    const std::vector<Point> together = evaluate(density, positions);
    int n_finite = 0;
    for (std::size_t k = 0; k < positions.size(); ++k) {
      const Point alone = evaluate(density, {positions[k]})[0];
      if (!std::isfinite(alone.log_density)) {
        CHECK(!std::isfinite(together[k].log_density));
        continue;
      }
      ++n_finite;
      CHECK(same(alone, together[k]));
    }
    CHECK(n_finite >= 17);
  }
}

namespace {

// Poisson with group effects, a matrix product, weights, a sum inside a function.
Expression threaded_problem(Graph& graph, std::size_t n) {
  std::vector<std::int32_t> group(n), other(n);
  std::vector<double> y(n), design(3 * n);
  for (std::size_t i = 0; i < n; ++i) {
    group[i] = static_cast<std::int32_t>(i * 50 / n);
    other[i] = static_cast<std::int32_t>((i * 13) % 9);
    y[i] = static_cast<double>((i * 11) % 5);
  }
  for (std::size_t i = 0; i < 3 * n; ++i) design[i] = std::sin(static_cast<double>(i));
  const Id a = graph.parameter(0, 1), b = graph.parameter(1, 3), u = graph.parameter(4, 50), v = graph.parameter(54, 9);
  Id eta = graph.binary(Operation::add, a, graph.matmul(graph.constant(design), b, static_cast<std::uint32_t>(n), 3));
  eta = graph.binary(Operation::add, eta, graph.gather(u, group));
  eta = graph.binary(Operation::add, eta, graph.gather(v, other));
  const Id poisson = graph.density(DensityId::poisson, {graph.constant(y), graph.unary(Operation::exp, eta)});
  const Id weighted_sum =
      graph.reduce(Operation::sum, graph.binary(Operation::multiply, graph.constant(series(n, 0.5, 1.5)), poisson));
  const Id norm = graph.unary(
      Operation::log, graph.reduce(Operation::sum, graph.unary(Operation::exp, graph.unary(Operation::sin, eta))));
  return density_of(graph, graph.binary(Operation::add, weighted_sum, norm), 63);
}

}  // namespace

CHECK_TEST(threads_and_grainsize_change_no_bits) {
  for (const std::size_t n : {std::size_t(70), std::size_t(1001), std::size_t(20000)}) {
    Graph graph;
    const Expression density = threaded_problem(graph, n);
    std::vector<double> u(63);
    for (std::size_t k = 0; k < u.size(); ++k) u[k] = 0.3 * std::cos(static_cast<double>(k));
    const Point expected = evaluate(density, {u})[0];
    if (n < 20000) check_gradient(density, u, "threaded");
    for (const std::size_t workers : {1, 2, 4})
      for (const std::size_t grainsize : {std::size_t(0), std::size_t(1), n}) {
        skein::parallel::PoolOptions options;
        options.workers = workers;
        options.owners = 1;
        options.scratch_size = density.scratch_size();
        options.cores_allowed = workers;
        skein::parallel::Pool pool(options);
        skein::util::AlignedArray<double> workspace(density.workspace_size());
        pool.run(
            1,
            [&](std::size_t, skein::parallel::Team& team, double* scratch, const skein::parallel::StopFlag&) {
              for (int k = 0; k < 20; ++k) {
                Point found{0, std::vector<double>(63)};
                skein::Evaluation one{u.data(), found.gradient.data(), 0, {}};
                density.evaluate(&one, 1, {workspace.data(), scratch, &team, grainsize});
                found.log_density = one.log_density;
                CHECK(same(found, expected));
              }
            },
            [] { return false; });
      }
  }
}

CHECK_TEST(reductions_keep_the_value_and_visit_no_row) {
  const std::size_t n = 400;
  for (const DensityId which : {DensityId::normal, DensityId::poisson, DensityId::gamma, DensityId::beta,
                                DensityId::exponential, DensityId::lognormal, DensityId::binomial}) {
    Graph graph;
    std::vector<double> y = series(n, 0.1, 0.9);
    if (which == DensityId::poisson || which == DensityId::binomial)
      for (double& value : y) value = std::floor(9 * value);
    std::vector<Id> arguments = {graph.constant(y)};
    if (which == DensityId::binomial) arguments.push_back(graph.constant(12.0));
    arguments.push_back(
        graph.unary(which == DensityId::binomial ? Operation::inv_logit : Operation::exp, graph.parameter(0, 1)));
    if (which == DensityId::normal || which == DensityId::gamma || which == DensityId::beta ||
        which == DensityId::lognormal)
      arguments.push_back(graph.unary(Operation::exp, graph.parameter(1, 1)));
    const Id target = graph.reduce(Operation::sum, graph.density(which, arguments));
    const Expression reduced = density_of(graph, target, 2), plain = density_of(graph, target, 2, false);
    CHECK(reduced.preferred_batch() == 8);
    CHECK(reduced.program().loops.empty());
    CHECK(plain.program().loops.size() == 1);
    CHECK(reduced.reductions().n_sums == 1 && reduced.reductions().n_rows == n);
    for (const double at : {-1.0, 0.2, 1.3}) {
      const Point a = evaluate(reduced, {{at, 0.5 * at}})[0], b = evaluate(plain, {{at, 0.5 * at}})[0];
      CHECK_NEAR(a.log_density, b.log_density, 1e-12);
      for (int k = 0; k < 2; ++k) CHECK_NEAR(a.gradient[k], b.gradient[k], 1e-11);
    }
  }
}

CHECK_TEST(equal_operations_are_one_node) {
  Graph graph;
  const Id x = graph.parameter(0, 4), y = graph.parameter(4, 4);
  CHECK(graph.binary(Operation::add, x, y) == graph.binary(Operation::add, y, x));
  CHECK(graph.binary(Operation::subtract, x, y) != graph.binary(Operation::subtract, y, x));
  CHECK(graph.unary(Operation::log, graph.unary(Operation::exp, x)) == x);
  CHECK(graph.affine(graph.affine(x, 2, 1), 0.5, -0.5) == x);
  CHECK(graph.is_constant(graph.binary(Operation::multiply, graph.constant({1, 2}), graph.constant(3.0))));
  CHECK(graph.values(graph.reduce(Operation::cumsum, graph.constant({1, 2, 3})))[2] == 6);
  CHECK(graph.gather(x, {0, 1, 2, 3}) == x);
  CHECK(graph.combine({{x, 0}, {x, 1}, {x, 2}, {x, 3}}) == x);
  bool thrown = false;
  try {
    graph.binary(Operation::add, x, graph.parameter(8, 3));
  } catch (const std::invalid_argument&) {
    thrown = true;
  }
  CHECK(thrown);
}

// Each node is read twice by the next: 2^60 paths.
CHECK_TEST(shared_nodes_cost_once) {
  Graph graph;
  Id v = graph.binary(Operation::multiply, graph.parameter(0, 1), graph.constant(series(80, 0.1, 1)));
  const Id w = graph.unary(Operation::exp, v);
  for (int k = 0; k < 60; ++k)
    v = graph.binary(Operation::subtract, graph.binary(Operation::add, v, w), graph.affine(v, 0.5, 0));
  const Id positive = graph.unary(Operation::exp, graph.unary(Operation::log, graph.binary(Operation::add, v, w)));
  check_gradient(density_of(graph, graph.reduce(Operation::sum, graph.binary(Operation::add, v, positive)), 1), {0.3},
                 "shared");
}

CHECK_TEST(the_tail_of_a_probability_survives) {
  Graph graph;
  const Id x = graph.parameter(0, 1);
  const Id one_minus = graph.affine(graph.unary(Operation::inv_logit, x), -1, 1);
  const Expression density = density_of(graph, graph.unary(Operation::log, one_minus), 1);
  const Point far = evaluate(density, {{700}})[0];
  CHECK(far.log_density == -700);
  CHECK_NEAR(far.gradient[0], -1.0, 1e-15);
}

int main() { return check::run_all(); }
