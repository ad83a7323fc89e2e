// The parts of a NUTS trajectory: plain values that name pooled vectors by their handles.
#ifndef SKEIN_KERNEL_TREE_HPP
#define SKEIN_KERNEL_TREE_HPP

#include "point.hpp"

namespace skein {
namespace kernel {
namespace tree {

using Handle = VectorPool::Handle;

// A state of the simulated dynamics. A state's vector holds position and gradient, a momentum's the velocity M^-1 p too
// where the metric stores it: what lives together is counted once.
struct Point {
  Handle state;
  Handle momentum;
};

// Of a state, under its handle: so a candidate for the draw is a handle, and choosing one moves nothing else.
struct Energies {
  double log_density = 0;
  double hamiltonian = 0;
};

// Momenta of neighbouring states: at the ends in the order of building, and their sum over all states.
struct Run {
  Handle begin, end, rho;
};

// A finished subtree. In a subtree of one state all three momenta are one vector, counted once. A weight is the sum of
// exp(-H) over all states in a unit that the whole trajectory shares: plain numbers add without logarithms.
struct Subtree {
  double weight;
  Handle sample;
  Run run;
  int depth;
};

// All states but those of the subtree in the making.
struct Trajectory {
  double weight;
  Handle sample;
  Handle rho;
  int depth;
};

}  // namespace tree
}  // namespace kernel
}  // namespace skein

#endif
