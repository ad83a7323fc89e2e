// Pooled vectors with reference counts.
#ifndef SKEIN_KERNEL_POINT_HPP
#define SKEIN_KERNEL_POINT_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "../util/aligned.hpp"
#include "../util/bytes.hpp"

namespace skein {
namespace kernel {

// A fixed number of vectors of one length, handed out by index. A tree shares its states between subtrees, so vectors
// are counted, never copied, and nothing allocates.
class VectorPool {
 public:
  using Handle = std::uint32_t;

  VectorPool(std::size_t length, std::size_t capacity)
      : length_(length),
        stride_(stride_of(length)),
        values_(stride_ * capacity),
        n_owners_(capacity, 0),
        free_(capacity + 1) {
    for (std::size_t i = capacity; i > 0; --i) free_[n_free_++] = static_cast<Handle>(i - 1);
  }

  // Elements behind length() are zero and stay zero as long as nobody writes them.
  double* operator[](Handle handle) { return values_.data() + stride_ * handle; }
  const double* operator[](Handle handle) const { return values_.data() + stride_ * handle; }

  std::size_t length() const { return length_; }
  std::size_t padded_length() const { return util::round_up_8(length_); }
  std::size_t n_free() const { return n_free_; }

  // The vector released last comes first: it is still in the cache.
  Handle acquire() {
    if (n_free_ == 0) throw std::logic_error("a tree asks for more vectors than it can need");
    const Handle handle = free_[--n_free_];
    n_owners_[handle] = 1;
    return handle;
  }

  Handle share(Handle handle) {
    ++n_owners_[handle];
    return handle;
  }

  // Without a branch: which of two samples goes is drawn by lot, so half of all branches would be mispredicted.
  void release(Handle handle) {
    free_[n_free_] = handle;
    n_free_ += static_cast<std::size_t>(--n_owners_[handle] == 0);
  }

  // Writes the vectors in use, under their handles.
  void save(util::ByteWriter& writer) const {
    for (std::size_t i = 0; i < n_owners_.size(); ++i) {
      writer.put(n_owners_[i]);
      if (n_owners_[i] > 0) writer.put_array((*this)[static_cast<Handle>(i)], length_);
    }
  }

  void load(util::ByteReader& reader) {
    n_free_ = 0;
    for (std::size_t i = 0; i < n_owners_.size(); ++i) {
      const Handle handle = static_cast<Handle>(i);
      reader.get(n_owners_[i]);
      if (n_owners_[i] > 0)
        reader.get_array((*this)[handle], length_);
      else
        free_[n_free_++] = handle;
    }
  }

 private:
  // A core takes a load for one of what it has just stored if their addresses agree in the last 12 bits: loops that
  // read one vector and write another must not find them a multiple of 4096 bytes apart, or nearly. Vectors of a page
  // and more stand a third of a page and whole pages apart.
  static std::size_t stride_of(std::size_t length) {
    constexpr std::size_t page = 4096 / sizeof(double), least = 176, most = 336;
    const std::size_t padded = util::round_up_8(length), within = padded % page;
    if (padded < page || (within >= least && within <= most)) return padded;
    return padded - within + (within < least ? 0 : page) + least;
  }

  std::size_t length_;
  std::size_t stride_;
  util::AlignedArray<double> values_;
  std::vector<std::uint32_t> n_owners_;
  std::vector<Handle> free_;  // the first n_free_, and room for one that is not
  std::size_t n_free_ = 0;
};

}  // namespace kernel
}  // namespace skein

#endif
