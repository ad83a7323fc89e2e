// The only C++ reader of the field names that R/spec.R writes.
#include "spec_from_r.h"

#include <stdexcept>
#include <string>
#include <vector>

using namespace skein::regression;

namespace {

std::vector<double> numbers(SEXP x) {
  if (Rf_isNull(x)) return {};
  return Rcpp::as<std::vector<double>>(x);
}

std::size_t block_number(SEXP x) {
  const int number = Rcpp::as<int>(x);
  return number <= 0 ? no_block : static_cast<std::size_t>(number - 1);
}

std::vector<std::size_t> element_numbers(SEXP x) {
  std::vector<std::size_t> elements;
  for (const int number : Rcpp::as<std::vector<int>>(x)) elements.push_back(static_cast<std::size_t>(number - 1));
  return elements;
}

Transform transform_of(const std::string& name) {
  if (name == "identity") return Transform::identity;
  if (name == "lower") return Transform::lower;
  if (name == "upper") return Transform::upper;
  if (name == "interval") return Transform::interval;
  if (name == "cholesky_corr") return Transform::cholesky_corr;
  throw std::invalid_argument("unknown transform '" + name + "'");
}

Output::Kind output_kind_of(const std::string& name) {
  if (name == "population_intercept") return Output::Kind::population_intercept;
  if (name == "parameter") return Output::Kind::parameter;
  if (name == "correlation") return Output::Kind::correlation;
  if (name == "group_effects") return Output::Kind::group_effects;
  if (name == "log_prior") return Output::Kind::log_prior;
  throw std::invalid_argument("unknown output '" + name + "'");
}

ParameterBlock parameter_from_r(const Rcpp::List& x) {
  ParameterBlock block;
  block.name = Rcpp::as<std::string>(x["name"]);
  block.size = Rcpp::as<std::size_t>(x["size"]);
  block.transform = transform_of(Rcpp::as<std::string>(x["transform"]));
  block.lower = Rcpp::as<double>(x["lower"]);
  block.upper = Rcpp::as<double>(x["upper"]);
  block.dimension = Rcpp::as<std::size_t>(x["dimension"]);
  block.constant = numbers(x["constant"]);
  return block;
}

Prior prior_from_r(const Rcpp::List& x) {
  Prior prior;
  prior.block = block_number(x["block"]);
  prior.elements = element_numbers(x["elements"]);
  prior.distribution = Rcpp::as<std::string>(x["distribution"]);
  prior.arguments = numbers(x["arguments"]);
  prior.normalizer = Rcpp::as<double>(x["normalizer"]);
  return prior;
}

std::vector<std::size_t> block_numbers(SEXP x) {
  std::vector<std::size_t> blocks;
  for (const int number : Rcpp::as<std::vector<int>>(x))
    if (number > 0) blocks.push_back(static_cast<std::size_t>(number - 1));
  return blocks;
}

// Numbers from 1 to n in R, from 0 here.
std::vector<std::int32_t> index_from_r(SEXP x, std::size_t n, const char* what) {
  const Rcpp::IntegerVector given(x);
  std::vector<std::int32_t> index(given.begin(), given.end());
  for (std::int32_t& one : index) {
    --one;
    if (one < 0 || static_cast<std::size_t>(one) >= n)
      throw std::invalid_argument(std::string(what) + " is out of range");
  }
  return index;
}

GroupTerm group_from_r(const Rcpp::List& x) {
  GroupTerm group;
  group.n_levels = Rcpp::as<std::size_t>(x["n_levels"]);
  group.n_coefficients = Rcpp::as<std::size_t>(x["n_coefficients"]);
  group.correlated = Rcpp::as<bool>(x["correlated"]);
  group.coefficient_predictor = element_numbers(x["coefficient_predictor"]);
  group.coefficient_ones = Rcpp::as<std::vector<bool>>(x["coefficient_ones"]);
  group.n_by = Rcpp::as<std::size_t>(x["n_by"]);
  group.by = index_from_r(x["by"], group.n_by, "a by-level");
  group.block_sd = block_number(x["block_sd"]);
  group.block_z = block_number(x["block_z"]);
  group.block_cholesky = block_numbers(x["block_cholesky"]);
  group.index = index_from_r(x["index"], group.n_levels, "a group index");
  return group;
}

Predictor predictor_from_r(const Rcpp::List& x) {
  Predictor predictor;
  predictor.dpar = Rcpp::as<std::string>(x["dpar"]);
  predictor.link = Rcpp::as<std::string>(x["link"]);
  predictor.n_columns = Rcpp::as<std::size_t>(x["n_columns"]);
  predictor.centred = Rcpp::as<bool>(x["centred"]);
  predictor.block_b = block_number(x["block_b"]);
  predictor.block_intercept = block_number(x["block_intercept"]);
  predictor.offset = numbers(x["offset"]);
  return predictor;
}

void additions_from_r(const Rcpp::List& x, Spec& spec) {
  spec.trials = numbers(x["trials"]);
  spec.weights = numbers(x["weights"]);
  for (const double code : numbers(x["censored"])) spec.censored.push_back(static_cast<std::int8_t>(code));
  spec.response_upper = numbers(x["response_upper"]);
  spec.truncation_lower = numbers(x["truncation_lower"]);
  spec.truncation_upper = numbers(x["truncation_upper"]);
  spec.se = numbers(x["se"]);
  spec.se_sigma = Rcpp::as<bool>(x["se_sigma"]);
  spec.rate = numbers(x["rate"]);
}

Output output_from_r(const Rcpp::List& x) {
  Output output;
  output.kind = output_kind_of(Rcpp::as<std::string>(x["kind"]));
  if (x.containsElementNamed("predictor") && Rcpp::as<int>(x["predictor"]) > 0)
    output.predictor = block_number(x["predictor"]);
  if (x.containsElementNamed("group") && Rcpp::as<int>(x["group"]) > 0) output.group = block_number(x["group"]);
  if (x.containsElementNamed("block")) output.block = block_number(x["block"]);
  if (x.containsElementNamed("elements")) output.elements = element_numbers(x["elements"]);
  return output;
}

}  // namespace

Spec spec_from_r(const Rcpp::List& x) {
  Spec spec;
  spec.family = Rcpp::as<std::string>(x["family"]);
  spec.n_rows = Rcpp::as<std::size_t>(x["n_rows"]);
  spec.response = numbers(x["response"]);
  additions_from_r(x, spec);
  spec.prior_only = Rcpp::as<bool>(x["prior_only"]);
  for (const Rcpp::List one : Rcpp::List(x["predictors"])) spec.predictors.push_back(predictor_from_r(one));
  for (const Rcpp::List one : Rcpp::List(x["groups"])) spec.groups.push_back(group_from_r(one));
  for (const int number : Rcpp::as<std::vector<int>>(x["dpar_blocks"]))
    spec.dpar_blocks.push_back(number > 0 ? static_cast<std::size_t>(number - 1) : no_block);
  for (const Rcpp::List one : Rcpp::List(x["parameters"])) spec.parameters.push_back(parameter_from_r(one));
  for (const Rcpp::List one : Rcpp::List(x["priors"])) spec.priors.push_back(prior_from_r(one));
  for (const Rcpp::List one : Rcpp::List(x["outputs"])) spec.outputs.push_back(output_from_r(one));
  return spec;
}
