// A fixed-size array of doubles (or integers) that starts at a cache line.
#ifndef SKEIN_UTIL_ALIGNED_HPP
#define SKEIN_UTIL_ALIGNED_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace skein {
namespace util {

constexpr std::size_t cache_line = 64;

// Rounds a number of doubles up to whole vectors of 8, which are also whole cache lines.
constexpr std::size_t round_up_8(std::size_t n) { return (n + 7) / 8 * 8; }

// Owns `size` zero elements of an arithmetic type; movable, not copyable. A large array costs no memory where it was
// never written: calloc takes it from the system as zero pages (a tree's stack of vectors is seldom used to its depth).
template <class T>
class AlignedArray {
  static_assert(std::is_arithmetic<T>::value, "zero bytes must mean zero");

 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : size_(size) {
    if (size_ == 0) return;
    if (size_ > (std::numeric_limits<std::size_t>::max() - cache_line) / sizeof(T)) throw std::bad_alloc();
    block_ = std::calloc(size_ * sizeof(T) + cache_line, 1);
    if (block_ == nullptr) throw std::bad_alloc();
    const std::uintptr_t past = reinterpret_cast<std::uintptr_t>(block_) % cache_line;
    data_ = reinterpret_cast<T*>(static_cast<char*>(block_) + (past == 0 ? 0 : cache_line - past));
  }
  AlignedArray(AlignedArray&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  AlignedArray& operator=(AlignedArray&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;
  ~AlignedArray() { std::free(block_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

 private:
  void* block_ = nullptr;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace util
}  // namespace skein

#endif
