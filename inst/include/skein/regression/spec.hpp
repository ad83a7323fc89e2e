// What a regression is made of, as plain data: the input from which regression.hpp builds a Density.
#ifndef SKEIN_REGRESSION_SPEC_HPP
#define SKEIN_REGRESSION_SPEC_HPP

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace skein {
namespace regression {

// How a parameter block is constrained. `cholesky_corr`: lower Cholesky factor of a correlation matrix, stored
// column-major with its zeros; unconstrained it has K (K - 1) / 2 elements (canonical partial correlations).
enum class Transform { identity, lower, upper, interval, cholesky_corr };

struct ParameterBlock {
  std::string name;            // Stan's name in the reference layout: b, Intercept, sigma, sd_1, z_1, L_1
  std::size_t size = 0;        // constrained elements (K * K for cholesky_corr)
  Transform transform = Transform::identity;
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  std::size_t dimension = 0;   // K of cholesky_corr
  std::vector<double> constant;  // empty, or `size` values: NaN where the element is sampled, else its fixed value
};

// Prior on some elements of a block, on the constrained scale.
struct Prior {
  std::size_t block = 0;
  std::vector<std::size_t> elements;   // 0-based within the block
  std::string distribution;            // a name of prior/registry.hpp
  std::vector<double> arguments;
  double normalizer = 0;               // added once: minus log of the mass within the bounds, over all elements
};

constexpr std::size_t no_block = static_cast<std::size_t>(-1);

// (x | g): n_coefficients columns by n_levels levels. The coefficients belong to predictors: those of (x | ID | g) to
// several, so that they correlate across them.
struct GroupTerm {
  std::size_t n_levels = 0;
  std::size_t n_coefficients = 1;
  bool correlated = false;             // z is matrix[M, N] with L; otherwise array[M] vector[N]
  std::vector<std::int32_t> index;     // level of each row, 0-based
  std::vector<std::size_t> coefficient_predictor;  // of each coefficient, 0-based, ascending
  std::vector<bool> coefficient_ones;  // a column of ones: no design values are stored
  std::size_t n_by = 1;  // gr(g, by = ): standard deviations and correlations of their own for each by-level
  std::vector<std::int32_t> by;        // by-level of each level, 0-based; empty if n_by is 1
  std::size_t block_sd = no_block;     // M values for each by-level, one by-level after the other
  std::size_t block_z = no_block;
  std::vector<std::size_t> block_cholesky;  // one a by-level; empty if uncorrelated
};

// The linear predictor of mu or of another distributional parameter.
struct Predictor {
  std::string dpar = "mu";
  std::string link = "identity";
  std::size_t n_columns = 0;           // population-level columns without the centred intercept
  bool centred = false;                // columns are centred by their means and Intercept is its own block
  std::size_t block_b = no_block;
  std::size_t block_intercept = no_block;
  std::vector<double> offset;          // empty or one value a row
};

// A value reported with every draw.
struct Output {
  enum class Kind { population_intercept, parameter, correlation, group_effects, log_prior };
  Kind kind = Kind::parameter;
  std::size_t predictor = 0;           // population_intercept
  std::size_t group = 0;               // group_effects
  std::size_t block = no_block;        // parameter, correlation
  std::vector<std::size_t> elements;   // parameter: which; group_effects: which coefficients; empty means all
};

struct Spec {
  std::string family;
  std::size_t n_rows = 0;
  std::vector<double> response;

  // Addition terms, each empty or one value a row.
  std::vector<double> trials;
  std::vector<double> weights;
  std::vector<std::int8_t> censored;      // -1 left, 0 not, 1 right, 2 interval (response, response_upper]
  std::vector<double> response_upper;     // read where censored is 2
  std::vector<double> truncation_lower, truncation_upper;  // infinite where open
  std::vector<double> se;                 // known standard errors
  bool se_sigma = false;                  // sigma is a parameter beside them: sqrt(se^2 + sigma^2)
  std::vector<double> rate;               // denominators: the mean is mu * rate

  std::vector<Predictor> predictors;      // the first is mu, then predicted parameters in registry order
  std::vector<GroupTerm> groups;
  std::vector<std::size_t> dpar_blocks;   // of all the family's parameters, in registry order; no_block if predicted
  std::vector<ParameterBlock> parameters;
  std::vector<Prior> priors;
  std::vector<Output> outputs;
  bool prior_only = false;                // leave the likelihood out (sample_prior = "only")
};

}  // namespace regression
}  // namespace skein

#endif
