// Philox against its published answers, and the uniforms and normals made of it.
#include <algorithm>
#include <cmath>
#include <skein/kernel/math.hpp>
#include <skein/kernel/uniforms.hpp>
#include <skein/simd/dispatch.hpp>
#include <skein/util/rng.hpp>
#include <vector>

#include "check.hpp"

using skein::util::PhiloxBlock;
using skein::util::Purpose;
using skein::util::Stream;

namespace {

bool equal(const PhiloxBlock& block, const PhiloxBlock& other) {
  return std::equal(block.word, block.word + 4, other.word);
}

std::vector<double> uniforms(Stream stream, std::size_t n) {
  std::vector<double> out(n);
  stream.fill_uniform(out.data(), n);
  return out;
}

// Phi(x) for x <= 0, relative error a few ulp.
double lower_tail(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

// The kat_vectors of the Random123 distribution.
CHECK_TEST(philox_known_answers) {
  CHECK(equal(skein::util::philox({{0, 0, 0, 0}}, 0), {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
  const std::uint32_t ones = 0xffffffff;
  CHECK(equal(skein::util::philox({{ones, ones, ones, ones}}, ~std::uint64_t{0}),
              {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
  CHECK(equal(skein::util::philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822),
              {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
}

CHECK_TEST(filling_is_repeated_drawing) {
  for (std::size_t first = 0; first < 3; ++first) {
    Stream one(Purpose::tree, {7, 3, 2}), other = one;
    for (std::size_t i = 0; i < first; ++i) CHECK(one.uniform() == other.uniform());
    std::vector<double> filled(9), drawn(9);
    one.fill_uniform(filled.data(), filled.size());
    for (double& u : drawn) u = other.uniform();
    CHECK(filled == drawn);
    CHECK(one.uniform() == other.uniform());
  }
}

CHECK_TEST(every_part_of_the_key_matters) {
  const std::vector<double> base = uniforms(Stream(Purpose::tree, {1, 2, 3}), 8);
  CHECK(base == uniforms(Stream(Purpose::tree, {1, 2, 3}), 8));
  CHECK(base != uniforms(Stream(Purpose::momentum, {1, 2, 3}), 8));
  CHECK(base != uniforms(Stream(Purpose::tree, {2, 2, 3}), 8));
  CHECK(base != uniforms(Stream(Purpose::tree, {1 + (std::uint64_t{1} << 32), 2, 3}), 8));
  CHECK(base != uniforms(Stream(Purpose::tree, {1, 3, 3}), 8));
  CHECK(base != uniforms(Stream(Purpose::tree, {1, 2, 4}), 8));
  CHECK(base != uniforms(Stream(Purpose::tree, {1, 3, 2}), 8));
}

// Of n = 2e5 uniforms the mean has standard error 0.2887 / sqrt(n), the mean square 0.2981 / sqrt(n).
CHECK_TEST(uniforms_are_uniform) {
  const std::size_t n = 200000;
  double sum = 0, sum_squares = 0, sum_lagged = 0, smallest = 1, largest = 0;
  const std::vector<double> u = uniforms(Stream(Purpose::tree, {20, 1, 1}), n);
  for (std::size_t i = 0; i < n; ++i) {
    sum += u[i];
    sum_squares += u[i] * u[i];
    sum_lagged += (u[i] - 0.5) * (u[(i + 1) % n] - 0.5);
    smallest = std::min(smallest, u[i]);
    largest = std::max(largest, u[i]);
  }
  const double root = std::sqrt(static_cast<double>(n));
  CHECK(std::fabs(sum / n - 0.5) < 4 * 0.2887 / root);
  CHECK(std::fabs(sum_squares / n - 1.0 / 3) < 4 * 0.2981 / root);
  CHECK(std::fabs(sum_lagged / n) < 4 / 12.0 / root);
  CHECK(smallest > 0 && largest < 1);
}

CHECK_TEST(quantiles_invert_the_normal_distribution) {
  std::vector<double> u;
  for (double p = 0x1p-53; p < 0.5; p *= 1.37) u.push_back(p);
  for (double p = 0.001; p < 0.5; p += 0.0007) u.push_back(p);
  u.push_back(0.5);
  std::vector<double> x = u, mirrored = u;
  skein::kernel::step_table().normal_from_uniform(x.data(), x.size());
  for (std::size_t i = 0; i < u.size(); ++i) mirrored[i] = 1 - u[i];
  skein::kernel::step_table().normal_from_uniform(mirrored.data(), mirrored.size());
  for (std::size_t i = 0; i < u.size(); ++i) {
    // d log Phi / dx grows like |x|: an error of one ulp in x shows as x^2 ulp in Phi.
    CHECK(std::fabs(lower_tail(x[i]) / u[i] - 1) < 4e-16 * (4 + 2 * x[i] * x[i]));
    if (1 - mirrored[i] == u[i] || u[i] > 0.01) CHECK_NEAR(mirrored[i], -x[i], 1e-13);
  }
  CHECK(x.back() == 0);
}

CHECK_TEST(uniforms_by_sixteen_are_those_one_by_one_on_every_set) {
  using skein::simd::InstructionSet;
  const InstructionSet detected = skein::simd::detected_instruction_set();
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set > detected) continue;
    skein::simd::force_instruction_set(set);
    const skein::kernel::StepTable& steps = skein::kernel::step_table();
    for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{0xfedcba9876543210u}}) {
      const skein::util::StreamKey key = {seed, 0x80000003u, 77};
      Stream stream(Purpose::tree, key);
      skein::kernel::Uniforms uniforms(Purpose::tree, key);
      for (int i = 0; i < 101; ++i) CHECK(uniforms.next(steps) == stream.uniform());
      // Saved in the middle of sixteen.
      skein::util::ByteWriter writer;
      uniforms.save(writer);
      skein::util::ByteReader reader(writer.bytes().data(), writer.bytes().size());
      skein::kernel::Uniforms loaded;
      loaded.load(reader);
      for (int i = 0; i < 40; ++i) CHECK(loaded.next(steps) == stream.uniform());
    }
  }
  skein::simd::force_instruction_set(detected);
}

int main() { return check::run_all(); }
