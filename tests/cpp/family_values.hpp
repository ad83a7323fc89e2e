// Parameter values of every family on the natural scale, for tests of what stands outside the tile kernels.
#ifndef SKEIN_TESTS_FAMILY_VALUES_HPP
#define SKEIN_TESTS_FAMILY_VALUES_HPP

#include <skein/family/tile.hpp>

#include "family_cases.hpp"
#include "family_reference.hpp"

namespace values {

// A family with all its parameters.
struct Setting {
  const skein::family::FamilyInfo* family;
  double mu = 0;
  double dpar[skein::family::max_dpars] = {};
  double trials = 1;
};

inline std::vector<double> of_dpar(const std::string& name) {
  if (name == "nu") return {2.5, 30};
  if (name == "shape") return {0.6, 12};
  if (name == "phi") return {0.7, 25};
  if (name == "zi" || name == "hu") return {0.05, 0.6};
  if (name == "alpha") return {-3, 2};
  if (name == "ndt") return {0.2, 1};
  return {0.4, 2.5};
}

inline std::vector<double> of_mu(const std::string& family) {
  if (cases::is_count(family)) return {0.03, 1.7, 25};
  if (cases::is_probability(family)) return {0.02, 0.4, 0.97};
  const std::string link = skein::family::find_family(family)->links[0];
  return link == "identity" ? std::vector<double>{-1.2, 3} : std::vector<double>{0.4, 7};
}

// Whether responses are whole numbers.
inline bool is_discrete(const std::string& family) {
  return cases::is_count(family) || cases::has_trials(family) || family == "bernoulli";
}

// Calls body(setting) for all combinations of values of all families.
template <class Body>
void for_each_setting(Body body) {
  for (const skein::family::FamilyInfo& family : skein::family::families()) {
    for (const double trials : {1.0, 25.0}) {
      if (!family.has_trials && trials > 1) continue;
      for (const double mu : of_mu(family.name)) {
        Setting setting;
        setting.family = &family;
        setting.mu = mu;
        setting.trials = trials;
        const std::size_t n_dpars = family.dpars.size();
        for (std::size_t which = 0; which < std::size_t(1) << n_dpars; ++which) {
          for (std::size_t k = 0; k < n_dpars; ++k) setting.dpar[k] = of_dpar(family.dpars[k])[which >> k & 1];
          body(setting);
        }
      }
    }
  }
}

// Log density of y, with the derivative by mu (direction 0) or by the parameter direction - 1 beyond it.
inline reference::Dual log_density(const Setting& setting, double y, std::size_t direction = 0) {
  reference::Row row;
  row.response = y;
  row.trials = setting.trials;
  row.predictor = reference::Dual(setting.mu, direction == 0);
  for (std::size_t k = 0; k < 2; ++k) row.dpar[k] = reference::Dual(setting.dpar[k], direction == k + 1);
  return reference::log_density(setting.family->name, "identity", row);
}

}  // namespace values

#endif
