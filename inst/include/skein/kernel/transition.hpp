// What samplers say of themselves: whether they want a gradient, and how an iteration went.
#ifndef SKEIN_KERNEL_TRANSITION_HPP
#define SKEIN_KERNEL_TRANSITION_HPP

namespace skein {
namespace kernel {

enum class Step { gradient_wanted, draw_ready };

// What one iteration reports, in Stan's terms.
struct Transition {
  double accept_stat = 0;  // mean over all leapfrog steps (NUTS) or at the trajectory's end of min(1, exp(H0 - H))
  double step_size = 0;    // the one used, jitter included
  double energy = 0;       // Hamiltonian at the draw
  int treedepth = 0;       // doublings completed; NUTS only
  int n_leapfrog = 0;
  bool divergent = false;
};

}  // namespace kernel
}  // namespace skein

#endif
