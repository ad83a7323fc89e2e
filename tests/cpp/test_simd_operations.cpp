// Vec's own operations, the samplers' vector operations and the choice of the instruction set: every set of this
// machine against plain loops.
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.hpp"
#include "skein/simd/dispatch.hpp"
#include "skein/util/rng.hpp"

// The order of these includes matters.
// clang-format off
#define SKEIN_TARGET 0
#include <skein/simd/begin_target.inc>
#include "simd_probe.inc"
#include <skein/simd/end_target.inc>
#if SKEIN_X86_TARGETS
#define SKEIN_TARGET 1
#include <skein/simd/begin_target.inc>
#include "simd_probe.inc"
#include <skein/simd/end_target.inc>
#define SKEIN_TARGET 2
#include <skein/simd/begin_target.inc>
#include "simd_probe.inc"
#include <skein/simd/end_target.inc>
#endif
// clang-format on

namespace {

using skein::simd::InstructionSet;
using skein::simd::vector_operations;
using skein::simd::VectorOperations;
using Array = std::vector<double>;

const double inf = std::numeric_limits<double>::infinity();
const double none = std::numeric_limits<double>::quiet_NaN();

struct Probe {
  InstructionSet set;
  void (*rows)(const double* a, const double* b, const double* c, double* out);
  double (*reduce)(const double* a);
  double (*aligned)(const double* a, double* out);
  unsigned (*tail)(const double* from, double* to, std::size_t n);
};

std::vector<Probe> probes() {
  std::vector<Probe> all = {{InstructionSet::baseline, skein::baseline::probe_rows, skein::baseline::probe_reduce,
                             skein::baseline::probe_aligned, skein::baseline::probe_tail}};
#if SKEIN_X86_TARGETS
  const InstructionSet best = skein::simd::detected_instruction_set();
  if (best >= InstructionSet::avx2) {
    all.push_back({InstructionSet::avx2, skein::avx2::probe_rows, skein::avx2::probe_reduce, skein::avx2::probe_aligned,
                   skein::avx2::probe_tail});
  }
  if (best >= InstructionSet::avx512) {
    all.push_back({InstructionSet::avx512, skein::avx512::probe_rows, skein::avx512::probe_reduce,
                   skein::avx512::probe_aligned, skein::avx512::probe_tail});
  }
#endif
  return all;
}

bool is_fused(InstructionSet set) {
#if defined(__aarch64__)
  (void)set;
  return true;
#else
  return set != InstructionSet::baseline;
#endif
}

// Volatile keeps the compiler from fusing where the set does not.
double expected_fma(bool fused, double a, double b, double c) {
  if (fused) return std::fma(a, b, c);
  const volatile double product = a * b;
  return product + c;
}

Array expected_lane(bool fused, double a, double b, double c) {
  return {a + b,
          a - b,
          a * b,
          a / b,
          -a,
          a < b ? a : b,
          a > b ? a : b,
          std::fabs(a),
          std::sqrt(a),
          std::floor(a),
          double(a < b),
          double(a <= b),
          double(a == b),
          double(a > b),
          double(a >= b),
          double(a < b && b < c),
          double(a < b || b < c),
          double(!(a < b)),
          std::copysign(a, b),
          expected_fma(fused, a, b, c),
          expected_fma(fused, -a, b, c)};
}

bool same_value(double a, double b) { return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0; }

Array random_array(std::size_t n, unsigned seed) {
  std::mt19937_64 engine(seed);
  Array x(n);
  for (double& value : x) value = static_cast<double>(engine() >> 11) * 0x1p-52 - 1;
  return x;
}

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n <= 70; ++n) all.push_back(n);
  all.push_back(1000);
  return all;
}

// The sum as the design defines it: 32 virtual lanes, four Vec of 8, each with its fixed tree.
double sum_of_lanes(const Array& terms) {
  double sums[32] = {};
  for (std::size_t i = 0; i < terms.size(); ++i) sums[i % 32] += terms[i];
  double eight[8];
  for (int i = 0; i < 8; ++i) eight[i] = (sums[i] + sums[i + 16]) + (sums[i + 8] + sums[i + 24]);
  return ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]));
}

double plain_dot(const Array& a, const Array& b) {
  long double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<long double>(a[i]) * b[i];
  return static_cast<double>(sum);
}

}  // namespace

CHECK_TEST(lanes_behave_like_doubles) {
  const double special[] = {0.0,
                            -0.0,
                            1.0,
                            -1.0,
                            0.5,
                            -0.5,
                            2.5,
                            -2.5,
                            inf,
                            -inf,
                            none,
                            1e300,
                            1e-310,
                            0x1p52,
                            -0x1p52,
                            0x1p51 + 0.5,
                            -0x1.fffffffffffffp-1,
                            4.0};
  const std::size_t n_special = sizeof special / sizeof special[0];
  std::mt19937_64 engine(1);
  for (const Probe& probe : probes()) {
    for (int repeat = 0; repeat < 300; ++repeat) {
      Array a = random_array(8, engine() & 0xffff), b = random_array(8, engine() & 0xffff);
      const Array c = random_array(8, engine() & 0xffff);
      for (int i = 0; i < 8; ++i) {
        if (repeat % 2) a[i] = special[engine() % n_special];
        if (repeat % 3) b[i] = special[engine() % n_special];
      }
      double out[21 * 8];
      probe.rows(a.data(), b.data(), c.data(), out);
      for (int i = 0; i < 8; ++i) {
        const Array expected = expected_lane(is_fused(probe.set), a[i], b[i], c[i]);
        for (std::size_t row = 0; row < expected.size(); ++row) {
          if (!CHECK(same_value(out[8 * row + i], expected[row]))) {
            std::printf("    row %zu of (%g, %g, %g) on %s: %.17g, not %.17g\n", row, a[i], b[i], c[i],
                        skein::simd::instruction_set_name(probe.set), out[8 * row + i], expected[row]);
          }
        }
      }
    }
  }
}

CHECK_TEST(lanes_are_summed_in_one_order) {
  for (const Probe& probe : probes()) {
    for (unsigned seed = 0; seed < 200; ++seed) {
      Array a = random_array(8, seed);
      a[seed % 8] *= 1e3;
      const double tree = ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
      CHECK(same_value(probe.reduce(a.data()), tree));
    }
    alignas(64) double aligned[8], copy[8];
    for (int i = 0; i < 8; ++i) aligned[i] = i + 0.25;
    CHECK(probe.aligned(aligned, copy) == 5.25);
    CHECK(std::memcmp(aligned, copy, sizeof copy) == 0);
  }
}

CHECK_TEST(tails_touch_nothing_behind_them) {
  for (const Probe& probe : probes()) {
    for (std::size_t n = 0; n <= 11; ++n) {
      const std::size_t used = n < 8 ? n : 8;
      const Array from = random_array(used, 7);  // exactly as long as may be read: the sanitizer sees more
      Array to(used + 8, -3.0);
      CHECK(probe.tail(from.data(), to.data(), n) == (1u << used) - 1u);
      for (std::size_t i = 0; i < to.size(); ++i) CHECK(to[i] == (i < used ? from[i] : -3.0));
    }
  }
}

CHECK_TEST(sums_equal_plain_sums_and_keep_their_order) {
  for (const Probe& probe : probes()) {
    const VectorOperations& operations = vector_operations(probe.set);
    for (std::size_t n : sizes()) {
      const Array a = random_array(n, 1), b = random_array(n, 2), w = random_array(n, 3);
      Array wa(n);
      for (std::size_t i = 0; i < n; ++i) wa[i] = w[i] * a[i];
      CHECK(same_value(operations.sum(a.data(), n), sum_of_lanes(a)));
      CHECK_NEAR(operations.dot(a.data(), b.data(), n), plain_dot(a, b), 1e-14);
      CHECK_NEAR(operations.sum_of_squares(a.data(), n), plain_dot(a, a), 1e-14);
      CHECK_NEAR(operations.weighted_dot(w.data(), a.data(), b.data(), n), plain_dot(wa, b), 1e-14);
    }
  }
}

CHECK_TEST(elementwise_operations_equal_plain_loops) {
  for (const Probe& probe : probes()) {
    const VectorOperations& operations = vector_operations(probe.set);
    const bool fused = is_fused(probe.set);
    for (std::size_t n : sizes()) {
      const Array x = random_array(n, 4), metric = random_array(n, 5), start = random_array(n, 6);
      Array y = start, out(n), product(n);
      operations.axpy(0.3, x.data(), y.data(), n);
      operations.scale_add(-1.7, x.data(), start.data(), out.data(), n);
      operations.multiply(x.data(), metric.data(), product.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        CHECK_NEAR(y[i], expected_fma(fused, 0.3, x[i], start[i]), 1e-16);
        CHECK_NEAR(out[i], expected_fma(fused, -1.7, x[i], start[i]), 1e-16);
        CHECK(product[i] == x[i] * metric[i]);
      }
    }
  }
}

CHECK_TEST(combinations_add_term_after_term) {
  for (const Probe& probe : probes()) {
    const VectorOperations& operations = vector_operations(probe.set);
    for (std::size_t n : sizes()) {
      const Array x = random_array(n, 31), y = random_array(n, 32), z = random_array(n, 33);
      const double alpha[] = {0.3, -1.7, 1};
      const double* const terms[] = {x.data(), y.data(), z.data()};
      Array out(n), by_axpy(n, 0.4);
      operations.combine({0.4, alpha, terms, 3}, out.data(), n);
      for (std::size_t k = 0; k < 3; ++k) operations.axpy(alpha[k], terms[k], by_axpy.data(), n);
      CHECK(out == by_axpy);
      // No terms leave the constant; the result may go to an array that is read.
      operations.combine({0.4, alpha, terms, 0}, out.data(), n);
      CHECK(out == Array(n, 0.4));
      Array in_place = x;
      const double* const own[] = {in_place.data()};
      operations.combine({0.4, alpha, own, 1}, in_place.data(), n);
      operations.combine({0.4, alpha, terms, 1}, out.data(), n);
      CHECK(out == in_place);
    }
  }
}

CHECK_TEST(philox_gives_the_numbers_of_streams) {
  std::vector<std::uint32_t> iterations(37);
  for (std::size_t i = 0; i < iterations.size(); ++i) iterations[i] = static_cast<std::uint32_t>(i * 2654435761u);
  const std::uint64_t seed = 0x299f31d0a4093822u;
  const auto purpose = skein::util::Purpose::prediction;
  for (const Probe& probe : probes()) {
    for (const std::size_t n : {1u, 8u, 37u}) {
      Array first(n + 1, 7), second(n + 1, 7), third(n + 1, 7), fourth(n + 1, 7);
      const std::uint32_t row = 0xfffffff1u, name = static_cast<std::uint32_t>(purpose);
      const VectorOperations& operations = vector_operations(probe.set);
      operations.philox({seed, 0, name, row, iterations.data()}, n, first.data(), second.data());
      operations.philox({seed, 1, name, row, iterations.data()}, n, third.data(), fourth.data());
      for (std::size_t i = 0; i < n; ++i) {
        skein::util::Stream stream(purpose, {seed, row, iterations[i]});
        skein::util::Stream known(purpose, {seed, row, iterations[i]}, first[i], second[i]);
        for (const double expected : {first[i], second[i], third[i], fourth[i]}) {
          CHECK(stream.uniform() == expected);
          CHECK(known.uniform() == expected);
        }
        CHECK(stream.uniform() == known.uniform());
      }
      CHECK(first[n] == 7 && second[n] == 7);
    }
  }
}

CHECK_TEST(poisson_quantiles_are_those_of_sums) {
  for (const Probe& probe : probes()) {
    for (const double mean : {0.0, 1e-300, 1e-3, 0.5, 1.0, 3.3, 9.999}) {
      for (double u = 0.5 / 97; u < 1; u += 1.0 / 97) {
        long double probability = std::exp(-static_cast<long double>(mean)), sum = probability;
        double expected = 0;
        while (sum <= u) {
          ++expected;
          probability *= mean / expected;
          sum += probability;
        }
        double k = -1;
        vector_operations(probe.set).poisson_quantile(&mean, &u, &k, 1);
        CHECK(k == expected);
      }
    }
    const Array means = {10, -1, inf, none, 2, 2, 0, 9, 4}, u = {0.5, 0.5, 0.5, 0.5, 0.1, 0.9, 0.999, 0.5, 0.5};
    Array out(9);
    vector_operations(probe.set).poisson_quantile(means.data(), u.data(), out.data(), 9);
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::isnan(out[i]));
    CHECK(out[4] == 0 && out[5] == 4 && out[6] == 0 && out[7] == 9 && out[8] == 4);
  }
}

CHECK_TEST(avx2_and_avx512_operations_give_equal_bits) {
  if (skein::simd::detected_instruction_set() < InstructionSet::avx512) return;
  const VectorOperations& narrow = vector_operations(InstructionSet::avx2);
  const VectorOperations& wide = vector_operations(InstructionSet::avx512);
  for (std::size_t n : sizes()) {
    const Array a = random_array(n, 11), b = random_array(n, 12), w = random_array(n, 13), m = random_array(n, 14);
    CHECK(same_value(narrow.dot(a.data(), b.data(), n), wide.dot(a.data(), b.data(), n)));
    CHECK(same_value(narrow.weighted_dot(w.data(), a.data(), b.data(), n),
                     wide.weighted_dot(w.data(), a.data(), b.data(), n)));
    CHECK(same_value(narrow.sum(a.data(), n), wide.sum(a.data(), n)));
    CHECK(same_value(narrow.sum_of_squares(a.data(), n), wide.sum_of_squares(a.data(), n)));
    Array y1 = b, y2 = b;
    narrow.axpy(0.7, a.data(), y1.data(), n);
    wide.axpy(0.7, a.data(), y2.data(), n);
    CHECK(y1 == y2);
    narrow.scale_add(0.7, a.data(), w.data(), y1.data(), n);
    wide.scale_add(0.7, a.data(), w.data(), y2.data(), n);
    CHECK(y1 == y2);
    narrow.multiply(a.data(), m.data(), y1.data(), n);
    wide.multiply(a.data(), m.data(), y2.data(), n);
    CHECK(y1 == y2);
  }
}

CHECK_TEST(an_element_has_the_same_bits_wherever_it_stands) {
  Array x = random_array(29, 21);
  for (double& value : x) value = 30 * (value + 1.01);
  x[3] = 1e-310;  // takes the rare paths for its neighbours too
  x[12] = 800;
  for (const Probe& probe : probes()) {
    const VectorOperations& operations = vector_operations(probe.set);
#define SKEIN_FUNCTION(name)                                                           \
  {                                                                                    \
    Array all(x.size());                                                               \
    operations.name##_n(x.data(), all.data(), x.size());                               \
    for (std::size_t i = 0; i < x.size(); ++i) {                                       \
      double alone;                                                                    \
      operations.name##_n(&x[i], &alone, 1);                                           \
      CHECK(same_value(alone, all[i]));                                                \
    }                                                                                  \
    Array in_place = x;                                                                \
    operations.name##_n(in_place.data(), in_place.data(), x.size());                   \
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(same_value(in_place[i], all[i])); \
  }
    SKEIN_VECTOR_FUNCTIONS(SKEIN_FUNCTION)
#undef SKEIN_FUNCTION
  }
}

CHECK_TEST(an_instruction_set_can_be_forced) {
  const InstructionSet best = skein::simd::detected_instruction_set();
  CHECK(skein::simd::instruction_set() == best);
  for (const Probe& probe : probes()) {
    skein::simd::force_instruction_set(probe.set);
    CHECK(skein::simd::instruction_set() == probe.set);
    CHECK(&vector_operations() == &vector_operations(probe.set));
    double expected;
    const double x = 1.25;
    vector_operations(probe.set).lgamma_n(&x, &expected, 1);
    double in_thread = 0;
    std::thread([&] { in_thread = skein::simd::lgamma(x); }).join();
    CHECK(same_value(in_thread, expected));
  }
  CHECK(std::strcmp(skein::simd::instruction_set_name(InstructionSet::avx2), "avx2") == 0);
  bool refused = best == InstructionSet::avx512;
  try {
    if (!refused) skein::simd::force_instruction_set(InstructionSet::avx512);
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  CHECK(refused);
  skein::simd::force_instruction_set(best);
}

int main() { return check::run_all(); }
