// A user's own struct as a Density: what it must have, and what it may.
#ifndef SKEIN_USER_DENSITY_HPP
#define SKEIN_USER_DENSITY_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "density.hpp"

namespace skein {

namespace detail {

template <class Model, class = void>
struct HasWriteDraw : std::false_type {};

template <class Model>
struct HasWriteDraw<Model, std::void_t<decltype(std::declval<const Model&>().write_draw(
                               std::declval<const double*>(), std::declval<double*>()))>> : std::true_type {};

}  // namespace detail

// Model has, both const and safe to call from several threads at once:
//
//   std::size_t dimension() const;
//   double log_density_gradient(const double* position, double* gradient) const;
//
// on the unconstrained scale, log Jacobians included. It may have, for draws on another scale,
//
//   std::size_t draw_size() const;
//   void write_draw(const double* position, double* out) const;
//
// std::domain_error means that the position is outside the support: the log density is -infinity there. Any other
// exception stops the run.
template <class Model>
class UserDensity final : public Density {
 public:
  explicit UserDensity(Model model) : model_(std::move(model)) {}

  std::size_t dimension() const override { return model_.dimension(); }

  std::size_t draw_size() const override {
    if constexpr (detail::HasWriteDraw<Model>::value)
      return model_.draw_size();
    else
      return model_.dimension();
  }

  std::size_t workspace_size() const override { return 0; }
  std::size_t scratch_size() const override { return 0; }

  void evaluate(Evaluation* batch, std::size_t count, const EvaluationContext&) const override {
    for (std::size_t k = 0; k < count; ++k) {
      try {
        batch[k].log_density = model_.log_density_gradient(batch[k].position, batch[k].gradient);
      } catch (const std::domain_error&) {
        batch[k].log_density = -std::numeric_limits<double>::infinity();
      }
    }
  }

  void write_draw(const double* position, double* out, const EvaluationContext&) const override {
    if constexpr (detail::HasWriteDraw<Model>::value)
      model_.write_draw(position, out);
    else
      std::copy(position, position + model_.dimension(), out);
  }

 private:
  Model model_;
};

// For Rcpp::XPtr<skein::Density>, which takes ownership.
template <class Model>
Density* make_density(Model model) {
  return new UserDensity<Model>(std::move(model));
}

}  // namespace skein

#endif
