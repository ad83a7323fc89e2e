// Plain values to bytes and back, with every read checked: what checkpoints are written with.
#ifndef SKEIN_UTIL_BYTES_HPP
#define SKEIN_UTIL_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace skein {
namespace util {

class ByteWriter {
 public:
  // Structs may go in whole if they have no padding that matters: padding bytes are copied as they are.
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable<T>::value, "only plain values have a byte form");
    append(&value, sizeof(T));
  }

  void put_array(const double* values, std::size_t n) {
    put(static_cast<std::uint64_t>(n));
    append(values, n * sizeof(double));
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  void append(const void* from, std::size_t size) {
    const std::size_t old_size = bytes_.size();
    bytes_.resize(old_size + size);
    if (size > 0) std::memcpy(bytes_.data() + old_size, from, size);
  }

  std::vector<std::uint8_t> bytes_;
};

// Reads in the order of the writes. Throws std::runtime_error where the bytes end early or a size differs.
class ByteReader {
 public:
  ByteReader(const std::uint8_t* bytes, std::size_t size) : next_(bytes), left_(size) {}

  template <class T>
  void get(T& value) {
    static_assert(std::is_trivially_copyable<T>::value, "only plain values have a byte form");
    take(&value, sizeof(T));
  }

  template <class T>
  T get() {
    T value;
    get(value);
    return value;
  }

  // The array must have been written with exactly n elements.
  void get_array(double* values, std::size_t n) {
    if (get<std::uint64_t>() != n)
      throw std::runtime_error("a saved array has another length than the state it belongs to");
    take(values, n * sizeof(double));
  }

  std::size_t left() const { return left_; }

 private:
  void take(void* to, std::size_t size) {
    if (size > left_) throw std::runtime_error("saved bytes end too early");
    if (size > 0) std::memcpy(to, next_, size);
    next_ += size;
    left_ -= size;
  }

  const std::uint8_t* next_;
  std::size_t left_;
};

// FNV-1a, 64 bits: finds damage, not malice.
inline std::uint64_t checksum(const std::uint8_t* bytes, std::size_t size) {
  std::uint64_t hash = 14695981039346656037ull;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 1099511628211ull;
  return hash;
}

}  // namespace util
}  // namespace skein

#endif
