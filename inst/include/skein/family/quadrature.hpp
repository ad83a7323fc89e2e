// Gauss-Legendre quadrature of smooth integrands, and what the distribution functions need of it: differences that are
// small against what they are differences of.
#ifndef SKEIN_FAMILY_QUADRATURE_HPP
#define SKEIN_FAMILY_QUADRATURE_HPP

#include "../simd/dispatch.hpp"

namespace skein {
namespace family {
namespace detail {

constexpr int quadrature_points = 20;

// On [0, 1]; exact for polynomials up to degree 39.
constexpr double quadrature_node[quadrature_points] = {
    0.0034357004074525377, 0.018014036361043106, 0.04388278587433705, 0.0804415140888906,  0.1268340467699246,
    0.1819731596367425,    0.24456649902458646,  0.3131469556422902,  0.38610707442917747, 0.46173673943325133,
    0.5382632605667487,    0.6138929255708225,   0.6868530443577098,  0.7554335009754135,  0.8180268403632576,
    0.8731659532300754,    0.9195584859111094,   0.956117214125663,   0.9819859636389568,  0.9965642995925474};
constexpr double quadrature_weight[quadrature_points] = {
    0.008807003569576059, 0.02030071490019347, 0.031336024167054534, 0.04163837078835238, 0.05096505990862022,
    0.059097265980759206, 0.06584431922458832, 0.07104805465919102,  0.07458649323630187, 0.07637669356536292,
    0.07637669356536292,  0.07458649323630187, 0.07104805465919102,  0.06584431922458832, 0.059097265980759206,
    0.05096505990862022,  0.04163837078835238, 0.031336024167054534, 0.02030071490019347, 0.008807003569576059};

inline double quadrature_sum(const double* values) {
  double sum = 0;
  for (int i = 0; i < quadrature_points; ++i) sum += quadrature_weight[i] * values[i];
  return sum;
}

// Mills's ratio m(t) = Phi(-t) / phi(t), t >= 0.
inline double mills_ratio(double t) { return 1 / (t + simd::std_normal_excess_hazard(t)); }

// m(t) - m(t + step), t, step >= 0. Where that cancels, the integral of -m'(s) = 1 - s m(s).
inline double mills_difference(double t, double step) {
  if (!(step < 0.5 * (1 + t))) return mills_ratio(t) - mills_ratio(t + step);
  double points[quadrature_points], excess[quadrature_points];
  for (int i = 0; i < quadrature_points; ++i) points[i] = t + step * quadrature_node[i];
  simd::vector_operations().std_normal_excess_hazard_n(points, excess, quadrature_points);
  for (int i = 0; i < quadrature_points; ++i) excess[i] /= points[i] + excess[i];
  return step * quadrature_sum(excess);
}

// Phi(z) - Phi(z - step), 0 <= step <= 1.
inline double normal_difference(double z, double step) {
  double density[quadrature_points];
  for (int i = 0; i < quadrature_points; ++i) density[i] = z - step * quadrature_node[i];
  simd::vector_operations().std_normal_pdf_n(density, density, quadrature_points);
  return step * quadrature_sum(density);
}

}  // namespace detail
}  // namespace family
}  // namespace skein

#endif
