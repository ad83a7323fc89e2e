// Elementary and special functions on every instruction set of this machine: against long double references over
// the whole range, special values, and avx2 against avx512 bit by bit.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "skein/simd/dispatch.hpp"

namespace {

using skein::simd::InstructionSet;
using skein::simd::vector_operations;
using skein::simd::VectorOperations;
using Array = std::vector<double>;
using Function = void (*)(const double*, double*, std::size_t);

const double inf = std::numeric_limits<double>::infinity();
const double none = std::numeric_limits<double>::quiet_NaN();
const double smallest = std::numeric_limits<double>::denorm_min();
const double largest = std::numeric_limits<double>::max();
const long double log_root_two_pi = 0.918938533204672741780329736405617640L;

std::vector<InstructionSet> available_sets() {
  std::vector<InstructionSet> sets = {InstructionSet::baseline};
  const InstructionSet best = skein::simd::detected_instruction_set();
  if (best >= InstructionSet::avx2) sets.push_back(InstructionSet::avx2);
  if (best >= InstructionSet::avx512) sets.push_back(InstructionSet::avx512);
  return sets;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

Array apply(Function function, const Array& x) {
  Array y(x.size());
  function(x.data(), y.data(), x.size());
  return y;
}

// Uniform values, values spread over the exponents, and both ends of an interval.
struct Sampler {
  std::mt19937_64 engine{20240611};
  Array values;

  double uniform() { return static_cast<double>(engine() >> 11) * 0x1p-53; }
  void add_uniform(double from, double to, int n) {
    for (int i = 0; i < n; ++i) values.push_back(from + (to - from) * uniform());
    values.push_back(from);
    values.push_back(to);
  }
  // sign * 2^u, u uniform
  void add_exponents(double sign, double from, double to, int n) {
    for (int i = 0; i < n; ++i) values.push_back(sign * std::exp2(from + (to - from) * uniform()));
  }
  // centre +- 2^-k
  void add_around(double centre) {
    for (int k = 1; k <= 52; ++k) {
      values.push_back(centre - std::ldexp(1.0, -k));
      values.push_back(centre + std::ldexp(1.0, -k));
    }
    values.push_back(centre);
  }
};

// In units in the last place of the reference; subnormal references count as if they had the least normal exponent.
double ulp_error(double value, long double reference) {
  const double rounded = static_cast<double>(reference);
  if (!std::isfinite(value) || !std::isfinite(rounded)) {
    return value == rounded || (std::isnan(value) && std::isnan(rounded)) ? 0 : inf;
  }
  int exponent;
  std::frexp(rounded, &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent, -1021) - 53);
  return static_cast<double>(std::fabs(value - reference) / ulp);
}

struct Accuracy {
  double max_ulp;           // allowed error in units in the last place, or ...
  double max_absolute = 0;  // ... absolutely, where the function has a root
};

void check_against(const char* name, Function VectorOperations::*function, long double (*reference)(long double),
                   const Array& x, Accuracy allowed) {
  for (InstructionSet set : available_sets()) {
    const Array y = apply(vector_operations(set).*function, x);
    double worst = 0, at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double expected = reference(x[i]);
      if (std::fabs(y[i] - expected) <= allowed.max_absolute) continue;
      const double error = ulp_error(y[i], expected);
      if (!(error <= worst)) {
        worst = error;
        at = x[i];
      }
    }
    if (!CHECK(worst <= allowed.max_ulp)) {
      std::printf("    %s on %s: %.3g ulp at %.17g\n", name, skein::simd::instruction_set_name(set), worst, at);
    }
  }
}

#define CHECK_FUNCTION(name, reference, x, ...) \
  check_against(#name, &VectorOperations::name##_n, reference, x, Accuracy{__VA_ARGS__})

struct Value {
  double x;
  double expected;
};

void check_values(const char* name, Function VectorOperations::*function, const std::vector<Value>& values) {
  for (InstructionSet set : available_sets()) {
    for (const Value& value : values) {
      const double y = apply(vector_operations(set).*function, Array{value.x})[0];
      if (CHECK(y == value.expected || (std::isnan(y) && std::isnan(value.expected)))) continue;
      std::printf("    %s(%g) = %.17g on %s\n", name, value.x, y, skein::simd::instruction_set_name(set));
    }
  }
}

#define CHECK_VALUES(name, ...) check_values(#name, &VectorOperations::name##_n, {__VA_ARGS__})

long double log1p_exp_reference(long double x) { return std::fmax(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }
long double log1m_exp_reference(long double x) {
  return x > -0.5L ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}
long double inv_logit_reference(long double x) {
  const long double e = std::exp(-std::fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

// Asymptotic series (Abramowitz and Stegun 6.3.18) after the recurrence.
long double digamma_reference(long double x) {
  long double below = 0;
  for (; x < 60; x += 1) below += 1 / x;
  const long double z = 1 / (x * x);
  const long double series = z * (1 / 12.0L - z * (1 / 120.0L - z * (1 / 252.0L - z * (1 / 240.0L - z / 132))));
  return std::log(x) - 0.5L / x - series - below;
}

// (1 - Phi(t)) / phi(t) for t >= 0.
long double mills_reference(long double t) {
  if (t > 60) {
    const long double z = 1 / (t * t);
    return (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z * (1 - 9 * z * (1 - 11 * z)))))) / t;
  }
  return std::erfc(t * 0.707106781186547524400844362104849039L) * std::exp(0.5L * t * t + log_root_two_pi) / 2;
}
// The hazard of t less t, by the continued fraction 1 / (t + 2 / (t + 3 / (t + ...))) where the difference cancels.
long double excess_hazard_reference(long double t) {
  if (t < 3) return 1 / mills_reference(t) - t;
  long double denominator = t;
  for (int k = 400; k >= 2; --k) denominator = t + k / denominator;
  return 1 / denominator;
}

// log gamma(1 + x): for small x by its Taylor series, which begins with Euler's constant and zeta(2), zeta(3), ...
long double lgamma1p_reference(long double x) {
  if (x > 1e-3L) return std::lgamma(1 + x);
  const long double zeta[] = {1.644934066848226436472415166646025189L, 1.202056903159594285399738161511449990L,
                              1.082323233711138191516003696541167903L, 1.036927755143369926331365486457034168L,
                              1.017343061984449139714517929790920528L};
  long double series = 0;
  for (int k = 6; k >= 2; --k) series = zeta[k - 2] / k - x * series;
  return x * (x * series - 0.577215664901532860606512090082402431L);
}
long double log_pdf_reference(long double x) { return -0.5L * x * x - log_root_two_pi; }
long double pdf_reference(long double x) { return std::exp(log_pdf_reference(x)); }
long double cdf_reference(long double x) { return std::erfc(-x * 0.707106781186547524400844362104849039L) / 2; }
long double log_cdf_reference(long double x) {
  if (x < -5) return log_pdf_reference(x) + std::log(mills_reference(-x));
  return x < 0 ? std::log(cdf_reference(x)) : std::log1p(-cdf_reference(-x));
}
long double hazard_reference(long double x) {
  return x < 0 ? 1 / mills_reference(-x) : pdf_reference(x) / cdf_reference(x);
}
long double inv_cauchit_reference(long double x) {
  const long double pi = 3.14159265358979323846264338327950288L;
  return x < -1 ? std::atan(-1 / x) / pi : 0.5L + std::atan(x) / pi;
}

// Newton steps on the log scale from the double nearest to the answer.
long double quantile_reference(long double p) {
  if (p > 0.5L) return -quantile_reference(1 - p);
  const double start = static_cast<double>(p);
  long double x = apply(vector_operations(InstructionSet::baseline).std_normal_quantile_n, Array{start})[0];
  for (int i = 0; i < 3; ++i) {
    x -= (log_cdf_reference(x) - std::log(p)) / hazard_reference(x);
  }
  return x;
}

#define LONG_DOUBLE(function) [](long double x) -> long double { return std::function(x); }

}  // namespace

CHECK_TEST(exp_and_log_are_accurate_over_the_whole_range) {
  Sampler s;
  s.add_uniform(-746, 710, 40000);
  s.add_uniform(-1, 1, 20000);
  s.add_exponents(1, -1074, 9, 5000);
  s.add_exponents(-1, -1074, 9, 5000);
  CHECK_FUNCTION(exp, LONG_DOUBLE(exp), s.values, 1.2);
  CHECK_FUNCTION(expm1, LONG_DOUBLE(expm1), s.values, 2.6);
  CHECK_FUNCTION(tanh, LONG_DOUBLE(tanh), s.values, 2.8);
  CHECK_FUNCTION(log1p_exp, log1p_exp_reference, s.values, 2.6);
  CHECK_FUNCTION(inv_logit, inv_logit_reference, s.values, 2.6);
  Sampler positive;
  positive.add_exponents(1, -1074, 1024, 40000);
  positive.add_uniform(0.4, 2.5, 20000);
  positive.add_around(1);
  CHECK_FUNCTION(log, LONG_DOUBLE(log), positive.values, 1);
  CHECK_FUNCTION(sqrt, LONG_DOUBLE(sqrt), positive.values, 0.5001);
  positive.add_uniform(-0.9999999, 1, 20000);
  positive.add_exponents(-1, -1074, -1, 5000);
  CHECK_FUNCTION(log1p, LONG_DOUBLE(log1p), positive.values, 1.5);
  Sampler negative;
  negative.add_exponents(-1, -1074, 9.5, 40000);
  negative.add_uniform(-3, -0.01, 20000);
  CHECK_FUNCTION(log1m_exp, log1m_exp_reference, negative.values, 2.5);
}

CHECK_TEST(exp_and_log_have_their_special_values) {
  CHECK_VALUES(exp, {0.0, 1}, {inf, inf}, {-inf, 0}, {none, none}, {709.79, inf}, {largest, inf}, {-largest, 0},
               {-745.14, 0}, {-745.13, smallest});
  CHECK_VALUES(expm1, {inf, inf}, {-inf, -1}, {none, none}, {1e5, inf}, {smallest, smallest}, {-largest, -1});
  CHECK_VALUES(log, {0.0, -inf}, {-0.0, -inf}, {-1.0, none}, {inf, inf}, {-inf, none}, {none, none}, {1.0, 0},
               {-smallest, none});
  CHECK_VALUES(log1p, {-1.0, -inf}, {-1.5, none}, {inf, inf}, {none, none}, {smallest, smallest});
  CHECK_VALUES(log1p_exp, {inf, inf}, {-inf, 0}, {none, none});
  CHECK_VALUES(log1m_exp, {0.0, -inf}, {-inf, 0}, {1.0, none}, {none, none});
  CHECK_VALUES(inv_logit, {inf, 1}, {-inf, 0}, {none, none}, {0.0, 0.5});
  CHECK_VALUES(tanh, {inf, 1}, {-inf, -1}, {none, none}, {smallest, smallest});
}

CHECK_TEST(lgamma_and_digamma_are_accurate_for_positive_arguments) {
  Sampler s;
  s.add_uniform(1e-3, 3, 20000);
  s.add_uniform(3, 10, 20000);
  s.add_uniform(10, 1000, 5000);
  s.add_exponents(1, -1020, 1000, 10000);
  for (double edge : {0.5, 1.0, 1.4616321449683623, 1.5, 2.0, 2.5, 3.0, 3.5, 4.5, 5.0, 5.5, 6.0}) s.add_around(edge);
  for (double& x : s.values) x = std::fabs(x) + (x == 0 ? 1 : 0);
  CHECK_FUNCTION(lgamma, LONG_DOUBLE(lgamma), s.values, 4, 3e-16);
  CHECK_FUNCTION(digamma, digamma_reference, s.values, 5, 2e-16);
  CHECK_VALUES(lgamma, {1.0, 0}, {2.0, 0}, {0.0, inf}, {inf, inf}, {none, none}, {-0.5, none}, {-2.5, none},
               {1e306, inf});
  CHECK_FUNCTION(lgamma1p, lgamma1p_reference, s.values, 6, 3e-16);
  Sampler near_zero;
  near_zero.add_exponents(1, -1020, -1, 10000);
  near_zero.add_around(0.5);
  for (double& x : near_zero.values) x = std::fabs(x) + (x == 0 ? 1 : 0);
  CHECK_FUNCTION(lgamma1p, lgamma1p_reference, near_zero.values, 6);
  CHECK_VALUES(lgamma1p, {0.0, 0}, {inf, inf}, {none, none});
  CHECK_VALUES(digamma, {0.0, -inf}, {inf, inf}, {none, none}, {-0.5, none});
}

CHECK_TEST(the_normal_distribution_is_accurate_in_both_tails) {
  Sampler s;
  s.add_uniform(-38.4, 38, 40000);
  s.add_uniform(-3, 3, 20000);
  s.add_exponents(1, -1000, 5, 5000);
  s.add_exponents(-1, -1000, 5, 5000);
  CHECK_FUNCTION(std_normal_cdf, cdf_reference, s.values, 5);
  CHECK_FUNCTION(std_normal_pdf, pdf_reference, s.values, 2.5);
  CHECK_FUNCTION(std_normal_hazard, hazard_reference, s.values, 4.5);
  Sampler above;
  above.add_uniform(0, 12, 20000);
  above.add_exponents(1, -1000, 1000, 5000);
  above.add_around(6);
  for (double& x : above.values) x = std::fabs(x);
  CHECK_FUNCTION(std_normal_excess_hazard, excess_hazard_reference, above.values, 100);
  s.add_exponents(-1, 5, 498, 5000);
  CHECK_FUNCTION(std_normal_log_cdf, log_cdf_reference, s.values, 4.5);
  CHECK_FUNCTION(std_normal_log_pdf, log_pdf_reference, s.values, 1.5);
  CHECK_FUNCTION(std_normal_hazard, hazard_reference, s.values, 4.5);
  Sampler p;
  p.add_uniform(1e-10, 1 - 0x1p-53, 20000);
  p.add_exponents(1, -1060, -1, 10000);
  p.add_around(0.5);
  p.values.erase(std::remove_if(p.values.begin(), p.values.end(), [](double x) { return x <= 0 || x >= 1; }),
                 p.values.end());
  CHECK_FUNCTION(std_normal_quantile, quantile_reference, p.values, 7);
}

CHECK_TEST(the_normal_distribution_has_its_special_values) {
  CHECK_VALUES(std_normal_cdf, {0.0, 0.5}, {-inf, 0}, {inf, 1}, {none, none}, {-1e200, 0});
  CHECK_VALUES(std_normal_pdf, {inf, 0}, {-inf, 0}, {none, none});
  CHECK_VALUES(std_normal_log_cdf, {inf, 0}, {-inf, -inf}, {none, none});
  CHECK_VALUES(std_normal_hazard, {-inf, inf}, {inf, 0}, {none, none});
  CHECK_VALUES(std_normal_excess_hazard, {inf, 0}, {none, none});
  CHECK_VALUES(std_normal_quantile, {0.0, -inf}, {1.0, inf}, {0.5, 0}, {none, none}, {-0.1, none}, {1.1, none});
}

CHECK_TEST(atan_and_inv_cauchit_are_accurate) {
  Sampler s;
  s.add_uniform(-4, 4, 40000);
  s.add_exponents(1, -1060, 1023, 5000);
  s.add_exponents(-1, -1060, 1023, 5000);
  CHECK_FUNCTION(atan, LONG_DOUBLE(atan), s.values, 2.5);
  CHECK_FUNCTION(inv_cauchit, inv_cauchit_reference, s.values, 2.5);
  CHECK_VALUES(atan, {none, none}, {inf, 1.5707963267948966}, {-inf, -1.5707963267948966});
  CHECK_VALUES(inv_cauchit, {-inf, 0}, {inf, 1}, {none, none});
}

CHECK_TEST(avx2_and_avx512_give_equal_bits) {
  if (skein::simd::detected_instruction_set() < InstructionSet::avx512) return;
  const VectorOperations& narrow = vector_operations(InstructionSet::avx2);
  const VectorOperations& wide = vector_operations(InstructionSet::avx512);
  Sampler s;
  s.add_uniform(-750, 750, 20000);
  s.add_uniform(-7, 7, 40000);
  s.add_uniform(0, 1, 20000);
  s.add_exponents(1, -1074, 1024, 20000);
  s.add_exponents(-1, -1074, 1024, 20000);
  for (double x : {0.0, -0.0, inf, -inf, none, smallest, largest, 1.0, -1.0}) s.values.push_back(x);
#define SKEIN_FUNCTION(name)                                                                  \
  {                                                                                           \
    const Array a = apply(narrow.name##_n, s.values), b = apply(wide.name##_n, s.values);     \
    std::size_t different = 0;                                                                \
    for (std::size_t i = 0; i < a.size(); ++i) {                                              \
      if (!same_bits(a[i], b[i]) && !(std::isnan(a[i]) && std::isnan(b[i]))) ++different;     \
    }                                                                                         \
    if (!CHECK(different == 0)) std::printf("    " #name ": %zu values differ\n", different); \
  }
  SKEIN_VECTOR_FUNCTIONS(SKEIN_FUNCTION)
#undef SKEIN_FUNCTION
}

// Inputs are built from bits alone, and NaN has many: so only the functions can make a difference.
CHECK_TEST(bits_are_those_of_every_machine_with_fused_multiply_add) {
  std::mt19937_64 engine(5);
  Array x(20000);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::uint64_t mantissa_and_sign = engine() & 0x800fffffffffffffu;
    const std::uint64_t exponent = i % 4 == 0 ? engine() % 2047 : 1023 - 20 + engine() % 32;
    const std::uint64_t all = mantissa_and_sign | exponent << 52;
    std::memcpy(&x[i], &all, sizeof all);
  }
#if defined(__aarch64__)
  const std::vector<InstructionSet> fused = {InstructionSet::baseline};
#else
  std::vector<InstructionSet> fused = available_sets();
  fused.erase(fused.begin());
#endif
  for (InstructionSet set : fused) {
    const VectorOperations& operations = vector_operations(set);
    std::uint64_t hash = 14695981039346656037u;  // FNV-1a by words
#define SKEIN_FUNCTION(name)                              \
  for (double y : apply(operations.name##_n, x)) {        \
    std::uint64_t word = 0;                               \
    if (!std::isnan(y)) std::memcpy(&word, &y, sizeof y); \
    hash = (hash ^ word) * 1099511628211u;                \
  }
    SKEIN_VECTOR_FUNCTIONS(SKEIN_FUNCTION)
#undef SKEIN_FUNCTION
    if (!CHECK(hash == 0x5133e6358cf3365bu)) std::printf("    0x%016llxu\n", static_cast<unsigned long long>(hash));
  }
}

int main() { return check::run_all(); }
