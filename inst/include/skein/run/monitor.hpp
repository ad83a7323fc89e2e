// Who watches a run from the calling thread: progress out, a wish to stop in.
#ifndef SKEIN_RUN_MONITOR_HPP
#define SKEIN_RUN_MONITOR_HPP

#include <vector>

namespace skein {
namespace run {

struct Progress {
  std::vector<int> n_done;  // iterations done per chain, warm-up included
  int warmup = 0;
  int iterations = 0;
};

class Monitor {
 public:
  virtual ~Monitor() = default;

  // Called on the thread that called run_chains(), at least every 100 ms while chains run and once after them. True
  // asks all chains to stop. What it throws stops them too, and leaves run_chains() once all workers are gone.
  virtual bool poll(const Progress& progress) = 0;
};

}  // namespace run
}  // namespace skein

#endif
