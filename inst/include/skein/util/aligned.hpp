// A fixed-size array of doubles (or integers) that starts at a cache line.
#ifndef SKEIN_UTIL_ALIGNED_HPP
#define SKEIN_UTIL_ALIGNED_HPP

#include <cstddef>
#include <new>
#include <utility>

namespace skein {
namespace util {

constexpr std::size_t cache_line = 64;

// Rounds a number of doubles up to whole vectors of 8, which are also whole cache lines.
constexpr std::size_t round_up_8(std::size_t n) { return (n + 7) / 8 * 8; }

// Owns `size` value-initialised elements of a trivial type; movable, not copyable.
template <class T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : size_(size) {
    if (size_ == 0) return;
    data_ = static_cast<T*>(::operator new(size_ * sizeof(T), std::align_val_t(cache_line)));
    for (std::size_t i = 0; i < size_; ++i) data_[i] = T();
  }
  AlignedArray(AlignedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedArray& operator=(AlignedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;
  ~AlignedArray() {
    if (data_ != nullptr) ::operator delete(data_, std::align_val_t(cache_line));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace util
}  // namespace skein

#endif
