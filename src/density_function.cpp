// A log density and its gradient that are R functions: evaluated on R's main thread only.
#include <Rcpp.h>

#include <algorithm>
#include <memory>
#include <string>

#include "density_pointer.h"

namespace {

class FunctionDensity final : public skein::Density {
 public:
  FunctionDensity(Rcpp::Function evaluate, Rcpp::Function draw, std::size_t dimension, std::size_t draw_size)
      : evaluate_(evaluate), draw_(draw), dimension_(dimension), draw_size_(draw_size) {}

  std::size_t dimension() const override { return dimension_; }
  std::size_t draw_size() const override { return draw_size_; }
  std::size_t workspace_size() const override { return 0; }
  std::size_t scratch_size() const override { return 0; }
  bool main_thread_only() const override { return true; }

  // evaluate(position) in R gives list(log density, gradient), checked there; its errors stop the run.
  void evaluate(skein::Evaluation* batch, std::size_t count, const skein::EvaluationContext&) const override {
    for (std::size_t k = 0; k < count; ++k) {
      const Rcpp::List result = evaluate_(Rcpp::NumericVector(batch[k].position, batch[k].position + dimension_));
      batch[k].log_density = Rcpp::as<double>(result[0]);
      const Rcpp::NumericVector gradient = result[1];
      std::copy(gradient.begin(), gradient.end(), batch[k].gradient);
    }
  }

  void write_draw(const double* position, double* out, const skein::EvaluationContext&) const override {
    const Rcpp::NumericVector draw = draw_(Rcpp::NumericVector(position, position + dimension_));
    std::copy(draw.begin(), draw.end(), out);
  }

 private:
  Rcpp::Function evaluate_, draw_;
  std::size_t dimension_, draw_size_;
};

}  // namespace

// [[Rcpp::export]]
SEXP density_from_functions(Rcpp::Function evaluate, Rcpp::Function draw, double dimension, double draw_size) {
  std::unique_ptr<skein::Density> density(
      new FunctionDensity(evaluate, draw, static_cast<std::size_t>(dimension), static_cast<std::size_t>(draw_size)));
  return skein_r::DensityPointer(density.release());
}
