// A stream of uniforms made sixteen at a time, for who takes a few at every step.
#ifndef SKEIN_KERNEL_UNIFORMS_HPP
#define SKEIN_KERNEL_UNIFORMS_HPP

#include <cstddef>
#include <cstdint>

#include "../util/bytes.hpp"
#include "../util/rng.hpp"
#include "steps.hpp"

namespace skein {
namespace kernel {

// The numbers of util::Stream, in its order.
class Uniforms {
 public:
  Uniforms() = default;
  Uniforms(util::Purpose purpose, const util::StreamKey& key) : stream_(purpose, key) {}

  double next(const StepTable& steps) {
    const std::size_t at = stream_.position() % n_kept;
    if (at == 0 || !filled_) fill(steps);
    stream_.skip(1);
    return kept_[at % 2 * (n_kept / 2) + at / 2];
  }

  void save(util::ByteWriter& writer) const { stream_.save(writer); }

  void load(util::ByteReader& reader) {
    stream_.load(reader);
    filled_ = false;
  }

 private:
  static constexpr std::size_t n_kept = 16;

  void fill(const StepTable& steps) {
    const std::uint64_t block = stream_.position() / n_kept * (n_kept / 2);
    const util::PhiloxBlock counter = stream_.counter(static_cast<std::uint32_t>(block));
    steps.sixteen_uniforms(counter.word + 1, stream_.key(), counter.word[0], kept_);
    filled_ = true;
  }

  util::Stream stream_;
  bool filled_ = false;
  double kept_[n_kept] = {};
};

}  // namespace kernel
}  // namespace skein

#endif
