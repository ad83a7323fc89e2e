// Evaluates the passes by cells of the small group-level terms.
#ifndef SKEIN_REGRESSION_CELL_PASSES_HPP
#define SKEIN_REGRESSION_CELL_PASSES_HPP

#include <algorithm>

#include "kernel_table.hpp"
#include "workspace.hpp"

namespace skein {
namespace regression {

class CellPasses {
 public:
  CellPasses(const Design& design, const WorkspacePlan& plan, const KernelTable& kernels)
      : design_(design), plan_(plan), kernels_(kernels) {}

  // The cells' effects from those of the small terms, which must stand in the workspace.
  void prepare(double* workspace) const {
    for (std::size_t k = 0; k < design_.passes.size(); ++k) {
      const CellPass& pass = design_.passes[k];
      double* effect = workspace + plan_.passes[k].effect;
      std::fill(effect, effect + pass.n_cells, 0.0);
      for (const CellMember& member : pass.members) {
        const double* r = workspace + plan_.groups[member.group].r + member.coefficient;
        const std::size_t stride = design_.groups[member.group].n_coefficients;
        for (std::size_t c = 0; c < pass.n_cells; ++c) effect[c] += r[member.level[c] * stride];
      }
    }
  }

  // Adds the effects to predictor p of a tile.
  void forward(std::size_t p, const Tile& tile, const double* workspace, double* predictor) const {
    for (std::size_t k = 0; k < design_.passes.size(); ++k) {
      const CellPass& pass = design_.passes[k];
      if (pass.predictor != p) continue;
      kernels_.cells_forward(pass.view(design_.layout, tile), column(pass, tile), workspace + plan_.passes[k].effect,
                             predictor);
    }
  }

  // Adds the tile's sums by cell to its strip's `out`; `copies` as in ScratchPlan.
  void backward(const Tile& tile, const double* const* derivatives, double* out, double* copies) const {
    for (std::size_t k = 0; k < design_.passes.size(); ++k) {
      const CellPass& pass = design_.passes[k];
      kernels_.cells_backward(pass.view(design_.layout, tile), column(pass, tile), derivatives[pass.predictor], copies,
                              out + plan_.passes[k].strip);
    }
  }

  // d_r of the small terms from the joined strips.
  void finish(const double* joined, double* workspace) const {
    for (std::size_t g = 0; g < design_.groups.size(); ++g) {
      const GroupDesign& group = design_.groups[g];
      if (group.mode != GroupMode::small) continue;
      double* d_r = workspace + plan_.groups[g].d_r;
      std::fill(d_r, d_r + group.n_levels * group.n_coefficients, 0.0);
    }
    for (std::size_t k = 0; k < design_.passes.size(); ++k) {
      const CellPass& pass = design_.passes[k];
      const double* sums = joined + plan_.passes[k].strip;
      for (const CellMember& member : pass.members) {
        double* d_r = workspace + plan_.groups[member.group].d_r + member.coefficient;
        const std::size_t stride = design_.groups[member.group].n_coefficients;
        for (std::size_t c = 0; c < pass.n_cells; ++c) d_r[member.level[c] * stride] += sums[c];
      }
    }
  }

 private:
  static const double* column(const CellPass& pass, const Tile& tile) {
    return pass.column == nullptr ? nullptr : pass.column + tile.first_row;
  }

  const Design& design_;
  const WorkspacePlan& plan_;
  const KernelTable& kernels_;
};

}  // namespace regression
}  // namespace skein

#endif
