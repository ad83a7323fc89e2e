// Counter-based random numbers: Philox 4x32-10 streams keyed by seed, purpose, chain and iteration.
#ifndef SKEIN_UTIL_RNG_HPP
#define SKEIN_UTIL_RNG_HPP

#include <cstddef>
#include <cstdint>

#include "bytes.hpp"

namespace skein {
namespace util {

struct PhiloxBlock {
  std::uint32_t word[4];
};

// Philox 4x32-10 of Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
// Four scalars instead of the array: kept in registers, so that neighbouring blocks overlap.
inline PhiloxBlock philox(const PhiloxBlock& counter, std::uint64_t key) {
  std::uint32_t a = counter.word[0], b = counter.word[1], c = counter.word[2], d = counter.word[3];
  std::uint32_t key_0 = static_cast<std::uint32_t>(key);
  std::uint32_t key_1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_a = std::uint64_t{0xD2511F53u} * a;
    const std::uint64_t product_c = std::uint64_t{0xCD9E8D57u} * c;
    a = static_cast<std::uint32_t>(product_c >> 32) ^ b ^ key_0;
    b = static_cast<std::uint32_t>(product_c);
    c = static_cast<std::uint32_t>(product_a >> 32) ^ d ^ key_1;
    d = static_cast<std::uint32_t>(product_a);
    key_0 += 0x9E3779B9u;
    key_1 += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

// What a stream's numbers are for. The values are part of every saved seed's meaning: never renumber them.
enum class Purpose : std::uint32_t {
  initial_point = 1,
  momentum = 2,
  tree = 3,
  step_size_jitter = 4,
  step_size_search = 5,
  prediction = 6
};

// Who draws: streams of different keys never share a counter, so adding a chain changes no other.
struct StreamKey {
  std::uint64_t seed = 0;
  std::uint32_t chain = 0;
  std::uint32_t iteration = 0;
};

// One sequence of uniforms. A plain value: copying it copies the state.
// Holds up to 2^33 numbers, since a block index of 32 bits gives two each.
class Stream {
 public:
  Stream() = default;
  Stream(Purpose purpose, StreamKey key) : purpose_(purpose), key_(key) {}
  // The same stream where its first two numbers are known.
  Stream(Purpose purpose, StreamKey key, double first, double second)
      : purpose_(purpose), key_(key), spare_position_(0), spare_(first), second_(second) {}

  // An odd multiple of 2^-53: never 0, never 1, symmetric about one half.
  double uniform() {
    if (position_ == spare_position_) {
      const double out = spare_;
      // Only numbers known from the start are kept for an even position.
      if (position_++ == 0) {
        spare_ = second_;
        spare_position_ = 1;
      }
      return out;
    }
    const PhiloxBlock block = block_at(position_ / 2);
    if (position_++ % 2 == 1) return to_uniform(block.word[2], block.word[3]);
    spare_ = to_uniform(block.word[2], block.word[3]);
    spare_position_ = position_;
    return to_uniform(block.word[0], block.word[1]);
  }

  // The same n numbers as n calls of uniform().
  void fill_uniform(double* out, std::size_t n) {
    std::size_t i = 0;
    if (position_ % 2 == 1 && n > 0) out[i++] = uniform();
    for (; i + 2 <= n; i += 2, position_ += 2) {
      const PhiloxBlock block = block_at(position_ / 2);
      out[i] = to_uniform(block.word[0], block.word[1]);
      out[i + 1] = to_uniform(block.word[2], block.word[3]);
    }
    if (i < n) out[i] = uniform();
  }

  // For who makes blocks of numbers elsewhere: how many were taken, what counters end in, and taking n more.
  std::uint64_t position() const { return position_; }
  std::uint64_t key() const { return key_.seed; }
  PhiloxBlock counter(std::uint32_t block) const {
    return {{block, key_.iteration, key_.chain, static_cast<std::uint32_t>(purpose_)}};
  }
  void skip(std::uint64_t n) { position_ += n; }

  void save(ByteWriter& writer) const {
    writer.put(purpose_);
    writer.put(key_);
    writer.put(position_);
  }

  void load(ByteReader& reader) {
    reader.get(purpose_);
    reader.get(key_);
    reader.get(position_);
    spare_position_ = no_spare;
  }

 private:
  static constexpr std::uint64_t no_spare = ~std::uint64_t{0};

  PhiloxBlock block_at(std::uint64_t index) const {
    return philox(counter(static_cast<std::uint32_t>(index)), key_.seed);
  }

  // 52 random bits with a one behind them: 53 would round up to 1 at the top.
  static double to_uniform(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (std::uint64_t{high} << 32) | low;
    return static_cast<double>((bits >> 12) * 2 + 1) * (1.0 / 9007199254740992.0);
  }

  Purpose purpose_ = Purpose::initial_point;
  StreamKey key_;
  std::uint64_t position_ = 0;
  // The second number of the last block, kept as blocks are what costs.
  std::uint64_t spare_position_ = no_spare;
  double spare_ = 0;
  double second_ = 0;
};

}  // namespace util
}  // namespace skein

#endif
