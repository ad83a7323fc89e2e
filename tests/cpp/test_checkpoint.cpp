// Checkpoints: a chain saved at any gradient goes on bit for bit, and damaged or foreign bytes are refused.
#include <functional>
#include <skein/run/checkpoint.hpp>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "sampler_densities.hpp"

using densities::Funnel;
using skein::run::Chain;
using skein::run::ChainConfig;
using skein::run::ChainStatus;
using skein::run::load_checkpoint;
using skein::run::save_checkpoint;
using Values = std::vector<double>;

namespace {

ChainConfig config_of_test() {
  ChainConfig config;
  config.seed = 77;
  config.iterations = 60;
  config.warmup = 40;
  config.nuts.max_treedepth = 6;
  return config;
}

// Goes on for n_steps changes of state, or to the end; returns the draws passed, each followed by its log density.
template <class Metric>
Values go_on(Chain<Metric>& chain, const densities::Simple& density, int n_steps) {
  Values draws;
  for (int i = 0; i < n_steps; ++i) {
    if (chain.status() == ChainStatus::gradient_wanted) {
      chain.advance(density.log_density(chain.position_wanted(), chain.gradient_wanted()));
    } else if (chain.status() == ChainStatus::draw_ready) {
      draws.insert(draws.end(), chain.kernel().position(), chain.kernel().position() + chain.kernel().dimension());
      draws.push_back(chain.kernel().log_density());
      draws.push_back(chain.kernel().transition().step_size);
      chain.resume();
    } else {
      break;
    }
  }
  return draws;
}

constexpr int to_the_end = 1 << 30;

template <class Metric>
void check_resume_anywhere(const densities::Simple& density) {
  Chain<Metric> whole(density.dimension(), config_of_test());
  const Values expected = go_on(whole, density, to_the_end);
  CHECK(whole.status() == ChainStatus::finished);
  Chain<Metric> first(density.dimension(), config_of_test());
  Values before;
  while (first.status() != ChainStatus::finished) {
    Chain<Metric> second(density.dimension(), config_of_test());
    load_checkpoint(save_checkpoint(first), second);
    Values all = before;
    const Values rest = go_on(second, density, to_the_end);
    all.insert(all.end(), rest.begin(), rest.end());
    if (!CHECK(all == expected)) return;
    // A prime number of steps visits initial points, searches, trees and draws in the course of the chain.
    const Values next = go_on(first, density, 13);
    before.insert(before.end(), next.begin(), next.end());
  }
}

bool refused(const std::vector<std::uint8_t>& bytes, Chain<skein::kernel::UnitMetric>& chain) {
  try {
    load_checkpoint(bytes, chain);
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

}  // namespace

CHECK_TEST(a_chain_goes_on_from_anywhere) {
  const Funnel density(4);
  check_resume_anywhere<skein::kernel::UnitMetric>(density);
  check_resume_anywhere<skein::kernel::DiagonalMetric>(density);
  check_resume_anywhere<skein::kernel::DenseMetric>(density);
}

CHECK_TEST(damaged_and_foreign_bytes_are_refused) {
  const Funnel density(4);
  Chain<skein::kernel::UnitMetric> chain(4, config_of_test());
  go_on(chain, density, 100);
  const std::vector<std::uint8_t> good = save_checkpoint(chain);
  const auto changed = [&](const std::function<void(std::vector<std::uint8_t>&)>& change) {
    std::vector<std::uint8_t> bytes = good;
    change(bytes);
    return bytes;
  };
  CHECK(refused({}, chain));
  CHECK(refused(changed([](auto& bytes) { bytes.resize(20); }), chain));
  CHECK(refused(changed([](auto& bytes) { bytes.pop_back(); }), chain));
  CHECK(refused(changed([](auto& bytes) { bytes.push_back(0); }), chain));
  CHECK(refused(changed([](auto& bytes) { bytes[0] ^= 1; }), chain));
  CHECK(refused(changed([](auto& bytes) { bytes[8] ^= 1; }), chain));
  CHECK(refused(changed([](auto& bytes) { bytes[bytes.size() / 2] ^= 4; }), chain));
  CHECK(save_checkpoint(chain) == good);
  CHECK(!refused(good, chain));
  CHECK(save_checkpoint(chain) == good);

  ChainConfig other_config = config_of_test();
  other_config.seed = 78;
  Chain<skein::kernel::UnitMetric> other_seed(4, other_config);
  Chain<skein::kernel::UnitMetric> other_dimension(5, config_of_test());
  CHECK(refused(good, other_seed));
  CHECK(refused(good, other_dimension));
  Chain<skein::kernel::DiagonalMetric> other_metric(4, config_of_test());
  bool thrown = false;
  try {
    load_checkpoint(good, other_metric);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CHECK(thrown);
}

int main() { return check::run_all(); }
