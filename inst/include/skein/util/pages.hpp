// Pages of memory that is about to be written for the first time, asked for together.
#ifndef SKEIN_UTIL_PAGES_HPP
#define SKEIN_UTIL_PAGES_HPP

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace skein {
namespace util {

// Asks for the whole pages of an array that is written next. Each page by itself costs an exception, which virtual
// machines make dear. Not for pages of 2 MB: a host that takes back free memory makes those cost several times more.
// Where the system does not know the request nothing changes.
inline void populate_pages(double* values, std::size_t n) {
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(values), end = from + n * sizeof(double);
  const std::uintptr_t first = (from + page - 1) / page * page, last = end / page * page;
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_POPULATE_WRITE);
#else
  (void)values;
  (void)n;
#endif
}

}  // namespace util
}  // namespace skein

#endif
