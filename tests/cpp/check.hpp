// A test harness of a few lines for the core's own tests: named cases, counted checks, exit status.
#ifndef SKEIN_TESTS_CHECK_HPP
#define SKEIN_TESTS_CHECK_HPP

#include <cmath>
#include <cstdio>
#include <vector>

namespace check {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

inline int& checks() {
  static int count = 0;
  return count;
}

inline bool report(bool ok, const char* expression, const char* file, int line) {
  ++checks();
  if (!ok) {
    ++failures();
    std::printf("%s:%d: failed: %s\n", file, line, expression);
  }
  return ok;
}

// |a - b| <= tolerance * max(1, |b|); equal infinities count as equal, NaN never does.
inline bool near(double a, double b, double tolerance) {
  if (a == b) return true;
  return std::fabs(a - b) <= tolerance * std::fmax(1.0, std::fabs(b));
}

struct Registrar {
  Registrar(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

inline int run_all() {
  for (const Case& one : cases()) {
    const int before = failures();
    one.run();
    std::printf("%s %s\n", failures() == before ? "ok  " : "FAIL", one.name);
  }
  std::printf("%zu cases, %d checks, %d failures\n", cases().size(), checks(), failures());
  return failures() == 0 ? 0 : 1;
}

}  // namespace check

#define CHECK_TEST(name)                                    \
  static void name();                                       \
  static const check::Registrar registrar_##name(#name, name); \
  static void name()

#define CHECK(expression) check::report((expression), #expression, __FILE__, __LINE__)

#define CHECK_NEAR(a, b, tolerance)                                                                         \
  do {                                                                                                      \
    const double check_a = (a);                                                                             \
    const double check_b = (b);                                                                             \
    if (!check::report(check::near(check_a, check_b, tolerance), #a " near " #b, __FILE__, __LINE__))        \
      std::printf("    %.17g against %.17g\n", check_a, check_b);                                           \
  } while (false)

#endif
