// The state of a chain as bytes: versioned, sized and checked, so that a chain stopped anywhere goes on bit for bit.
#ifndef SKEIN_RUN_CHECKPOINT_HPP
#define SKEIN_RUN_CHECKPOINT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "../util/bytes.hpp"
#include "chain.hpp"

namespace skein {
namespace run {

// What stands before the state. `magic` reads differently on a machine of the other byte order, and is refused there.
struct CheckpointHeader {
  static constexpr std::uint64_t magic_number = 0x534b45494e43484bu;  // "SKEINCHK"
  static constexpr std::uint64_t current_version = 3;                 // raise it whenever a save() changes

  std::uint64_t magic = magic_number;
  std::uint64_t version = current_version;
  std::uint64_t size = 0;  // of the state, in bytes
  std::uint64_t checksum = 0;
};

// Which chain a state belongs to: a chain made with another of these cannot take it.
struct CheckpointIdentity {
  char metric[8] = {};
  char kernel[8] = {};
  std::uint64_t dimension = 0;
  std::uint64_t seed = 0;
  std::uint32_t chain = 0;
  std::int32_t iterations = 0;
  std::int32_t warmup = 0;
  std::int32_t max_treedepth = 0;

  template <class Metric, template <class> class Kernel>
  static CheckpointIdentity of(const Chain<Metric, Kernel>& chain) {
    CheckpointIdentity identity;
    std::copy_n(Metric::name, std::min(std::strlen(Metric::name), sizeof(identity.metric) - 1), identity.metric);
    std::copy_n(Kernel<Metric>::name, std::min(std::strlen(Kernel<Metric>::name), sizeof(identity.kernel) - 1),
                identity.kernel);
    identity.dimension = chain.kernel().dimension();
    identity.seed = chain.config().seed;
    identity.chain = chain.config().chain;
    identity.iterations = chain.config().iterations;
    identity.warmup = chain.config().warmup;
    identity.max_treedepth = chain.config().nuts.max_treedepth;
    return identity;
  }

  bool operator==(const CheckpointIdentity& other) const {
    return std::strcmp(metric, other.metric) == 0 && std::strcmp(kernel, other.kernel) == 0 &&
           dimension == other.dimension && seed == other.seed && chain == other.chain &&
           iterations == other.iterations && warmup == other.warmup && max_treedepth == other.max_treedepth;
  }
};

// The bytes of a chain that has not failed, whatever it waits for.
template <class Metric, template <class> class Kernel>
std::vector<std::uint8_t> save_checkpoint(const Chain<Metric, Kernel>& chain) {
  util::ByteWriter state;
  state.put(CheckpointIdentity::of(chain));
  chain.save(state);
  CheckpointHeader header;
  header.size = state.bytes().size();
  header.checksum = util::checksum(state.bytes().data(), state.bytes().size());
  util::ByteWriter writer;
  writer.put(header);
  std::vector<std::uint8_t> bytes = writer.bytes();
  bytes.insert(bytes.end(), state.bytes().begin(), state.bytes().end());
  return bytes;
}

// Puts a chain made with the same configuration into the saved state. Throws std::runtime_error, and leaves the chain
// as it was, if the bytes are not a checkpoint of this version, are damaged, or belong to another chain.
template <class Metric, template <class> class Kernel>
void load_checkpoint(const std::vector<std::uint8_t>& bytes, Chain<Metric, Kernel>& chain) {
  util::ByteReader reader(bytes.data(), bytes.size());
  CheckpointHeader header;
  if (reader.left() < sizeof(header)) throw std::runtime_error("these bytes are too few for a checkpoint");
  reader.get(header);
  if (header.magic != CheckpointHeader::magic_number)
    throw std::runtime_error("these bytes are not a checkpoint of this kind of machine");
  if (header.version != CheckpointHeader::current_version)
    throw std::runtime_error("the checkpoint is of another version");
  if (header.size != reader.left()) throw std::runtime_error("the checkpoint has lost or gained bytes");
  if (header.checksum != util::checksum(bytes.data() + sizeof(header), reader.left()))
    throw std::runtime_error("the checkpoint is damaged");
  if (!(reader.get<CheckpointIdentity>() == CheckpointIdentity::of(chain)))
    throw std::runtime_error("the checkpoint belongs to a chain of another configuration");
  chain.load(reader);
  if (reader.left() != 0) throw std::runtime_error("the checkpoint holds more than a chain");
}

}  // namespace run
}  // namespace skein

#endif
