// Regression densities for R: building them row block by row block, and evaluating them at given positions.
#include <Rcpp.h>

#include <memory>
#include <skein/regression/regression.hpp>
#include <string>
#include <vector>

#include "coordinates.h"
#include "density_pointer.h"
#include "spec_from_r.h"

namespace regression = skein::regression;
using skein_r::DensityPointer;

namespace {

// The spec stands at a fixed address: the design builder refers to it until both become a Regression.
struct Builder {
  explicit Builder(regression::Spec given) : spec(std::move(given)), design(spec) {}
  regression::Spec spec;
  regression::DesignBuilder design;
};

// Buffers of one evaluation on the calling thread.
struct Buffers {
  explicit Buffers(const skein::Density& density)
      : workspace(density.workspace_size()), scratch(density.scratch_size()) {
    context.workspace = workspace.data();
    context.scratch = scratch.data();
  }
  skein::util::AlignedArray<double> workspace, scratch;
  skein::EvaluationContext context;
};

regression::Regression& regression_of(SEXP density) {
  DensityPointer pointer(density);
  auto* found = dynamic_cast<regression::Regression*>(pointer.checked_get());
  if (found == nullptr) Rcpp::stop("this density is not a regression");
  return *found;
}

// The data of the matrices in a list, null for NULL. n_rows: their common number of rows, -1 while unknown.
std::vector<const double*> matrix_pointers(const Rcpp::List& matrices, R_xlen_t& n_rows) {
  std::vector<const double*> pointers;
  for (R_xlen_t k = 0; k < matrices.size(); ++k) {
    SEXP matrix = matrices[k];
    pointers.push_back(Rf_isNull(matrix) ? nullptr : REAL(matrix));
    if (Rf_isNull(matrix)) continue;
    if (n_rows >= 0 && n_rows != Rf_nrows(matrix)) Rcpp::stop("blocks of design rows differ in length");
    n_rows = Rf_nrows(matrix);
  }
  return pointers;
}

void check_rows(const Rcpp::NumericMatrix& positions, std::size_t expected) {
  if (static_cast<std::size_t>(positions.nrow()) != expected)
    Rcpp::stop("positions must have %d rows, one a parameter, but have %d", static_cast<int>(expected),
               positions.nrow());
}

}  // namespace

// [[Rcpp::export]]
SEXP regression_builder(Rcpp::List spec) { return Rcpp::XPtr<Builder>(new Builder(spec_from_r(spec))); }

// Rows first_row .. (1-based) of the design: `columns` a list with an n x n_columns matrix for each predictor, `groups`
// a list with an n x M matrix for each group term; NULL where there is nothing to store.
// [[Rcpp::export]]
void regression_rows(SEXP builder, double first_row, Rcpp::List columns, Rcpp::List groups) {
  Rcpp::XPtr<Builder> pointer(builder);
  R_xlen_t n_rows = -1;
  const std::vector<const double*> predictor_columns = matrix_pointers(columns, n_rows);
  const std::vector<const double*> group_columns = matrix_pointers(groups, n_rows);
  if (n_rows > 0)
    pointer->design.add_rows(static_cast<std::size_t>(first_row - 1), static_cast<std::size_t>(n_rows),
                             predictor_columns, group_columns);
}

// Makes the density; the builder is spent.
// [[Rcpp::export]]
SEXP regression_finish(SEXP builder) {
  Rcpp::XPtr<Builder> pointer(builder);
  regression::Design design = pointer->design.finish();
  std::unique_ptr<skein::Density> density(new regression::Regression(std::move(pointer->spec), std::move(design)));
  pointer.release();
  return DensityPointer(density.release());
}

// The means by which each predictor's columns were centred: a list of vectors, empty where they were not.
// [[Rcpp::export]]
Rcpp::List regression_means(SEXP density) {
  const regression::Regression& model = regression_of(density);
  Rcpp::List means;
  for (std::size_t p = 0; p < model.n_predictors(); ++p) means.push_back(Rcpp::wrap(model.means(p)));
  return means;
}

// [[Rcpp::export]]
double density_dimension(SEXP density) {
  return static_cast<double>(DensityPointer(density).checked_get()->dimension());
}

// Tasks that each grainsize cuts one gradient's rows into.
// [[Rcpp::export]]
Rcpp::NumericVector regression_tasks(SEXP density, Rcpp::NumericVector grainsize) {
  const regression::Regression& model = regression_of(density);
  Rcpp::NumericVector tasks(grainsize.size());
  for (R_xlen_t i = 0; i < grainsize.size(); ++i)
    tasks[i] = static_cast<double>(model.n_tasks(static_cast<std::size_t>(grainsize[i])));
  return tasks;
}

// Log densities at the columns of `positions`, and gradients if asked for.
// [[Rcpp::export]]
Rcpp::List density_log_prob(SEXP density, Rcpp::NumericMatrix positions, bool gradient, bool jacobian) {
  const regression::Regression& model = regression_of(density);
  const std::size_t dimension = model.dimension();
  check_rows(positions, dimension);
  Buffers buffers(model);
  const int n = positions.ncol();
  Rcpp::NumericVector log_prob(n);
  Rcpp::NumericMatrix gradients(static_cast<int>(dimension), gradient ? n : 0);
  const skein_r::Coordinates coordinates(model);
  std::vector<double> position(dimension), derivatives(dimension);
  for (int k = 0; k < n; ++k) {
    coordinates.to_own(positions.begin() + k * dimension, position.data());
    log_prob[k] =
        model.log_density({position.data(), derivatives.data(), buffers.context.workspace}, buffers.context, jacobian);
    if (gradient) coordinates.to_reference(derivatives.data(), gradients.begin() + k * dimension);
  }
  return Rcpp::List::create(Rcpp::_["log_prob"] = log_prob, Rcpp::_["gradient"] = gradients);
}

// All parameter blocks at a position, constrained, in the reference order.
// [[Rcpp::export]]
Rcpp::NumericVector density_constrain(SEXP density, Rcpp::NumericVector position) {
  const regression::Regression& model = regression_of(density);
  if (static_cast<std::size_t>(position.size()) != model.dimension()) Rcpp::stop("the position has the wrong length");
  Buffers buffers(model);
  Rcpp::NumericVector all(model.parameters().n_all());
  std::vector<double> own(model.dimension());
  skein_r::Coordinates(model).to_own(position.begin(), own.data());
  model.constrain(own.data(), all.begin(), buffers.context);
  return all;
}

// The position of constrained values in the reference order; NaN where a value is NA or out of its bounds.
// [[Rcpp::export]]
Rcpp::NumericVector density_unconstrain(SEXP density, Rcpp::NumericVector values) {
  const regression::Regression& model = regression_of(density);
  if (static_cast<std::size_t>(values.size()) != model.parameters().n_all()) Rcpp::stop("values have the wrong length");
  Rcpp::NumericVector position(model.dimension());
  model.parameters().unconstrain(values.begin(), position.begin());
  return position;
}

// The reported values at the columns of `positions`, draw_size x n.
// [[Rcpp::export]]
Rcpp::NumericMatrix density_draws(SEXP density, Rcpp::NumericMatrix positions) {
  DensityPointer pointer(density);
  const skein::Density& model = *pointer.checked_get();
  check_rows(positions, model.dimension());
  Buffers buffers(model);
  Rcpp::NumericMatrix draws(static_cast<int>(model.draw_size()), positions.ncol());
  const skein_r::Coordinates coordinates(model);
  std::vector<double> position(model.dimension());
  for (int k = 0; k < positions.ncol(); ++k) {
    coordinates.to_own(positions.begin() + k * model.dimension(), position.data());
    model.write_draw(position.data(), draws.begin() + k * model.draw_size(), buffers.context);
  }
  return draws;
}

// The instruction set in force, by name; a name given forces that set for densities built from then on.
// [[Rcpp::export]]
std::string instruction_set_in_force(std::string force = "") {
  using skein::simd::InstructionSet;
  if (force == "baseline") skein::simd::force_instruction_set(InstructionSet::baseline);
  if (force == "avx2") skein::simd::force_instruction_set(InstructionSet::avx2);
  if (force == "avx512") skein::simd::force_instruction_set(InstructionSet::avx512);
  return skein::simd::instruction_set_name(skein::simd::instruction_set());
}
