// Inverse links of arrays: vector functions for the usual links, single values for the others.
#ifndef SKEIN_PREDICTION_INVERSE_LINK_HPP
#define SKEIN_PREDICTION_INVERSE_LINK_HPP

#include <cstddef>

#include "../family/link.hpp"
#include "../simd/dispatch.hpp"

namespace skein {
namespace prediction {

// out[i] = inverse link of eta[i], with the bits of family::inverse_link(). `out` may be `eta`.
inline void inverse_link(family::LinkId link, const double* eta, double* out, std::size_t n) {
  using family::LinkId;
  const simd::VectorOperations& operations = simd::vector_operations();
  switch (link) {
    case LinkId::identity:
      for (std::size_t i = 0; i < n; ++i) out[i] = eta[i];
      return;
    case LinkId::log:
      return operations.exp_n(eta, out, n);
    case LinkId::logit:
      return operations.inv_logit_n(eta, out, n);
    case LinkId::probit:
      return operations.std_normal_cdf_n(eta, out, n);
    case LinkId::cauchit:
      return operations.inv_cauchit_n(eta, out, n);
    case LinkId::softplus:
      return operations.log1p_exp_n(eta, out, n);
    default:
      for (std::size_t i = 0; i < n; ++i) out[i] = family::inverse_link(link, eta[i]);
  }
}

}  // namespace prediction
}  // namespace skein

#endif
