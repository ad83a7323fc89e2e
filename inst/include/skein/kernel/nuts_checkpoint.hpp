// The state of the No-U-Turn sampler as bytes; the end of nuts.hpp.
#ifndef SKEIN_KERNEL_NUTS_CHECKPOINT_HPP
#define SKEIN_KERNEL_NUTS_CHECKPOINT_HPP

#include <cstdint>

#include "nuts.hpp"

namespace skein {
namespace kernel {

template <class Metric>
void Nuts<Metric>::save(util::ByteWriter& writer) const {
  metric_.save(writer);
  states_.save(writer);
  momenta_.save(writer);
  for (const tree::Energies& energies : energies_) writer.put(energies);
  writer.put(sample_);
  writer.put(transition_.accept_stat);
  writer.put(transition_.step_size);
  writer.put(transition_.energy);
  writer.put(transition_.treedepth);
  writer.put(transition_.n_leapfrog);
  writer.put(transition_.divergent);
  writer.put(n_not_finite_);
  uniforms_.save(writer);
  writer.put(energy_start_);
  writer.put(energy_of_one_);
  writer.put(sum_acceptance_);
  writer.put(direction_);
  writer.put(ends_);
  writer.put(tip_);
  writer.put(next_);
  writer.put(trajectory_);
  writer.put(static_cast<std::uint64_t>(n_subtrees_));
  for (std::size_t k = 0; k < n_subtrees_; ++k) writer.put(subtrees_[k]);
  writer.put(rho_of_points_);
  writer.put(rho_of_trajectory_);
  writer.put(moved_);
}

template <class Metric>
void Nuts<Metric>::load(util::ByteReader& reader) {
  metric_.load(reader);
  states_.load(reader);
  momenta_.load(reader);
  for (tree::Energies& energies : energies_) reader.get(energies);
  reader.get(sample_);
  reader.get(transition_.accept_stat);
  reader.get(transition_.step_size);
  reader.get(transition_.energy);
  reader.get(transition_.treedepth);
  reader.get(transition_.n_leapfrog);
  reader.get(transition_.divergent);
  reader.get(n_not_finite_);
  uniforms_.load(reader);
  reader.get(energy_start_);
  reader.get(energy_of_one_);
  reader.get(sum_acceptance_);
  reader.get(direction_);
  reader.get(ends_);
  reader.get(tip_);
  reader.get(next_);
  reader.get(trajectory_);
  n_subtrees_ = static_cast<std::size_t>(reader.get<std::uint64_t>());
  for (std::size_t k = 0; k < n_subtrees_; ++k) reader.get(subtrees_.at(k));
  reader.get(rho_of_points_);
  reader.get(rho_of_trajectory_);
  reader.get(moved_);
  // Between transitions no vector is set aside for a merge, and there is no step to plan.
  if (rho_of_trajectory_ != none || depth_after_merges() != trajectory_.depth) plan_step();
}

}  // namespace kernel
}  // namespace skein

#endif
