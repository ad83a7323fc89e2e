// What a prediction is made of: posterior draws by parameter, and the rows to predict for.
#ifndef SKEIN_PREDICTION_MODEL_HPP
#define SKEIN_PREDICTION_MODEL_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../family/link.hpp"
#include "../family/registry.hpp"

namespace skein {
namespace prediction {

// The draws of one parameter, one value a draw; not owned.
using Draws = const double*;

// The linear predictor of mu or of a further parameter.
struct Predictor {
  std::size_t dpar = 0;            // 0: mu; k: the family's k-th parameter beyond mu
  family::LinkId link = family::LinkId::identity;
  Draws intercept = nullptr;       // null: none beside the columns
  std::vector<Draws> coefficients; // one a design column
};

// Group-level effects of one predictor: n_coefficients for each level.
struct GroupTerm {
  std::size_t predictor = 0;
  std::size_t n_coefficients = 1;
  std::vector<Draws> effects;      // level by level, coefficients within
};

struct Model {
  const family::FamilyInfo* family = nullptr;
  std::size_t n_draws = 0;
  std::vector<std::uint32_t> draw_ids;  // names of the draws: a random number belongs to its draw's name and its row
  std::vector<Predictor> predictors;    // mu first
  std::vector<GroupTerm> groups;
  std::vector<Draws> dpars;             // of the family's parameters beyond mu, natural scale; null where predicted
  std::uint64_t seed = 0;               // of random draws
  bool rated = false;                   // rows have denominators
};

// A block of rows. Arrays hold one value a row unless said otherwise, and are null where the model has no such thing.
struct Rows {
  std::size_t first = 0;                     // number of the first row among all
  std::size_t n = 0;
  std::vector<const double*> designs;        // a predictor's n x n_columns matrix, column-major
  std::vector<const double*> offsets;        // a predictor's
  std::vector<const std::int32_t*> levels;   // a group term's, 0-based
  std::vector<const double*> group_designs;  // a group term's n x n_coefficients; null means a single column of ones
  const double* response = nullptr;
  const double* trials = nullptr;
  const double* weights = nullptr;
  const double* rate = nullptr;              // multiplies the mean
  const double* se = nullptr;                // known standard errors
  const double* censored = nullptr;          // -1 left, 0 not, 1 right, 2 interval (response, response_upper]
  const double* response_upper = nullptr;
  const double* truncation_lower = nullptr;  // -Inf where open
  const double* truncation_upper = nullptr;
  bool se_sigma = false;                     // sigma is a parameter beside se
};

}  // namespace prediction
}  // namespace skein

#endif
