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

GroupTerm group_from_r(const Rcpp::List& x) {
  GroupTerm group;
  group.n_levels = Rcpp::as<std::size_t>(x["n_levels"]);
  group.n_coefficients = Rcpp::as<std::size_t>(x["n_coefficients"]);
  group.correlated = Rcpp::as<bool>(x["correlated"]);
  group.intercept_only = Rcpp::as<bool>(x["intercept_only"]);
  group.block_sd = block_number(x["block_sd"]);
  group.block_z = block_number(x["block_z"]);
  group.block_cholesky = block_number(x["block_cholesky"]);
  const Rcpp::IntegerVector index = x["index"];
  group.index.assign(index.begin(), index.end());
  for (std::int32_t& level : group.index) {
    --level;
    if (level < 0 || static_cast<std::size_t>(level) >= group.n_levels)
      throw std::invalid_argument("a group index is out of range");
  }
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
  for (const Rcpp::List group : Rcpp::List(x["groups"])) predictor.groups.push_back(group_from_r(group));
  return predictor;
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
  spec.trials = numbers(x["trials"]);
  spec.weights = numbers(x["weights"]);
  spec.prior_only = Rcpp::as<bool>(x["prior_only"]);
  for (const Rcpp::List one : Rcpp::List(x["predictors"])) spec.predictors.push_back(predictor_from_r(one));
  for (const int number : Rcpp::as<std::vector<int>>(x["dpar_blocks"]))
    spec.dpar_blocks.push_back(static_cast<std::size_t>(number - 1));
  for (const Rcpp::List one : Rcpp::List(x["parameters"])) spec.parameters.push_back(parameter_from_r(one));
  for (const Rcpp::List one : Rcpp::List(x["priors"])) spec.priors.push_back(prior_from_r(one));
  for (const Rcpp::List one : Rcpp::List(x["outputs"])) spec.outputs.push_back(output_from_r(one));
  return spec;
}
