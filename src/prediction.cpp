// Predictions for R: draws and a family make a model, then blocks of rows go through it.
#include <Rcpp.h>

#include <cstdint>
#include <string>
#include <vector>

#include <skein/prediction/run.hpp>

namespace prediction = skein::prediction;

namespace {

// The model with the R objects that its pointers lead into.
struct HeldModel {
  prediction::Model model;
  Rcpp::List parts;
};

const double* column(const Rcpp::NumericVector& draws, int number, std::size_t n_draws) {
  if (number <= 0) return nullptr;
  const std::size_t begin = static_cast<std::size_t>(number - 1) * n_draws;
  if (begin + n_draws > static_cast<std::size_t>(draws.size())) Rcpp::stop("a column of draws is out of range");
  return draws.begin() + begin;
}

// Columns up to the last of `draws`, then those of `extra`.
class ColumnFinder {
 public:
  ColumnFinder(const Rcpp::List& parts, std::size_t n_draws)
      : draws_(Rcpp::as<Rcpp::NumericVector>(parts["draws"])),
        extra_(Rcpp::as<Rcpp::NumericVector>(parts["extra"])),
        n_draws_(n_draws),
        n_own_(static_cast<int>(static_cast<std::size_t>(draws_.size()) / n_draws)) {}

  const double* operator()(int number) const {
    return number <= n_own_ ? column(draws_, number, n_draws_) : column(extra_, number - n_own_, n_draws_);
  }

  std::vector<const double*> all(const Rcpp::IntegerVector& numbers) const {
    std::vector<const double*> out;
    out.reserve(static_cast<std::size_t>(numbers.size()));
    for (const int number : numbers) {
      out.push_back((*this)(number));
      if (out.back() == nullptr) Rcpp::stop("a parameter has no draws");
    }
    return out;
  }

 private:
  const Rcpp::NumericVector draws_, extra_;
  const std::size_t n_draws_;
  const int n_own_;
};

const double* values_or_null(SEXP x, std::size_t n, const char* what) {
  if (Rf_isNull(x) || Rf_xlength(x) == 0) return nullptr;
  if (TYPEOF(x) != REALSXP || static_cast<std::size_t>(Rf_xlength(x)) != n)
    Rcpp::stop("%s must be doubles, one a row", what);
  return REAL(x);
}

prediction::Rows rows_from_r(const Rcpp::List& x, const prediction::Model& model) {
  prediction::Rows rows;
  rows.first = static_cast<std::size_t>(Rcpp::as<double>(x["first"]) - 1);
  rows.n = static_cast<std::size_t>(Rcpp::as<double>(x["n"]));
  const Rcpp::List designs = x["designs"], offsets = x["offsets"], levels = x["levels"], groups = x["group_designs"];
  for (std::size_t p = 0; p < model.predictors.size(); ++p) {
    const std::size_t n_columns = model.predictors[p].coefficients.size();
    rows.designs.push_back(n_columns == 0 ? nullptr : values_or_null(designs[p], rows.n * n_columns, "design columns"));
    rows.offsets.push_back(values_or_null(offsets[p], rows.n, "offsets"));
  }
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    const prediction::GroupTerm& group = model.groups[g];
    rows.group_designs.push_back(values_or_null(groups[g], rows.n * group.n_coefficients, "group columns"));
    SEXP index = levels[g];
    if (TYPEOF(index) != INTSXP || static_cast<std::size_t>(Rf_xlength(index)) != rows.n)
      Rcpp::stop("levels must be whole numbers, one a row");
    const int n_levels = static_cast<int>(group.effects.size() / group.n_coefficients);
    for (std::size_t i = 0; i < rows.n; ++i)
      if (INTEGER(index)[i] < 0 || INTEGER(index)[i] >= n_levels) Rcpp::stop("a level is out of range");
    rows.levels.push_back(INTEGER(index));
  }
  const auto values = [&](const char* name) { return values_or_null(x[name], rows.n, name); };
  rows.response = values("response");
  rows.trials = values("trials");
  rows.weights = values("weights");
  rows.rate = values("rate");
  rows.se = values("se");
  rows.censored = values("censored");
  rows.response_upper = values("response_upper");
  rows.truncation_lower = values("truncation_lower");
  rows.truncation_upper = values("truncation_upper");
  rows.se_sigma = Rcpp::as<bool>(x["se_sigma"]);
  return rows;
}

prediction::Quantity quantity_from_r(const Rcpp::List& x) {
  const std::string kind = Rcpp::as<std::string>(x["kind"]);
  prediction::Quantity out;
  if (kind == "linear")
    out.kind = prediction::Kind::linear;
  else if (kind == "parameter")
    out.kind = prediction::Kind::parameter;
  else if (kind == "expected")
    out.kind = prediction::Kind::expected;
  else if (kind == "random")
    out.kind = prediction::Kind::random;
  else if (kind == "log_density")
    out.kind = prediction::Kind::log_density;
  else
    Rcpp::stop("unknown quantity '%s'", kind);
  out.dpar = static_cast<std::size_t>(Rcpp::as<int>(x["dpar"]));
  out.residual = Rcpp::as<bool>(x["residual"]);
  return out;
}

}  // namespace

// parts: family, draws (n_draws values for each variable, one variable after the other), extra (more such columns,
// numbered after those of draws), draw_ids, predictors (list of dpar, link, intercept, coefficients), groups (list of
// predictor, n_coefficients, effects), dpars (0 where predicted), seed, rated. Parameters are given as numbers of
// columns.
// [[Rcpp::export]]
SEXP prediction_model(Rcpp::List parts) {
  Rcpp::XPtr<HeldModel> held(new HeldModel);
  held->parts = parts;
  prediction::Model& model = held->model;
  const std::string family = Rcpp::as<std::string>(parts["family"]);
  model.family = skein::family::find_family(family);
  if (model.family == nullptr) Rcpp::stop("unknown family '%s'", family);
  const Rcpp::IntegerVector ids = parts["draw_ids"];
  model.draw_ids.assign(ids.begin(), ids.end());
  model.n_draws = model.draw_ids.size();
  const ColumnFinder columns(parts, model.n_draws);
  for (const Rcpp::List one : Rcpp::List(parts["predictors"])) {
    prediction::Predictor predictor;
    predictor.dpar = static_cast<std::size_t>(Rcpp::as<int>(one["dpar"]));
    predictor.link = skein::family::find_link(Rcpp::as<std::string>(one["link"]));
    predictor.intercept = columns(Rcpp::as<int>(one["intercept"]));
    predictor.coefficients = columns.all(one["coefficients"]);
    model.predictors.push_back(std::move(predictor));
  }
  for (const Rcpp::List one : Rcpp::List(parts["groups"])) {
    prediction::GroupTerm group;
    group.predictor = static_cast<std::size_t>(Rcpp::as<int>(one["predictor"]) - 1);
    group.n_coefficients = static_cast<std::size_t>(Rcpp::as<int>(one["n_coefficients"]));
    group.effects = columns.all(one["effects"]);
    model.groups.push_back(std::move(group));
  }
  for (const int number : Rcpp::IntegerVector(parts["dpars"])) model.dpars.push_back(columns(number));
  model.seed = static_cast<std::uint64_t>(Rcpp::as<double>(parts["seed"]));
  model.rated = Rcpp::as<bool>(parts["rated"]);
  return held;
}

// A matrix whose elements are not set yet.
// [[Rcpp::export]]
SEXP prediction_matrix(double rows, double columns) {
  Rcpp::NumericVector out(Rf_allocVector(REALSXP, static_cast<R_xlen_t>(rows * columns)));
  out.attr("dim") = Rcpp::IntegerVector::create(static_cast<int>(rows), static_cast<int>(columns));
  return out;
}

// Writes the quantity for a block of rows into `out`, which nobody else may hold yet: draws x all rows, or with
// `summary` (robust, probs) all rows x statistics.
// [[Rcpp::export]]
void prediction_rows(SEXP model, Rcpp::List rows, Rcpp::List quantity, Rcpp::NumericVector out, double n_rows,
                     Rcpp::Nullable<Rcpp::List> summary, int threads) {
  const Rcpp::XPtr<HeldModel> held(model);
  const prediction::Rows block = rows_from_r(rows, held->model);
  prediction::SummaryOptions options;
  prediction::Target target;
  target.out = out.begin();
  target.n_rows = static_cast<std::size_t>(n_rows);
  std::size_t n_each = held->model.n_draws;
  if (summary.isNotNull()) {
    const Rcpp::List given(summary);
    options.robust = Rcpp::as<bool>(given["robust"]);
    options.probs = Rcpp::as<std::vector<double>>(given["probs"]);
    target.summary = &options;
    n_each = options.n_values();
  }
  if (static_cast<std::size_t>(out.size()) != target.n_rows * n_each || block.first + block.n > target.n_rows)
    Rcpp::stop("the results do not fit");
  prediction::predict_rows(held->model, block, quantity_from_r(quantity), target, static_cast<std::size_t>(threads));
}
