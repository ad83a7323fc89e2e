// A hint that a cache line will be read.
#ifndef SKEIN_UTIL_PREFETCH_HPP
#define SKEIN_UTIL_PREFETCH_HPP

namespace skein {
namespace util {

// Any address will do; nothing is read where the compiler has no such hint.
inline void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  (void)address;
#endif
}

}  // namespace util
}  // namespace skein

#endif
