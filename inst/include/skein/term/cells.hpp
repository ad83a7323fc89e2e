// Several group-level terms at once, as the tile kernels see them: the cells of one tile's rows.
#ifndef SKEIN_TERM_CELLS_HPP
#define SKEIN_TERM_CELLS_HPP

#include <cstddef>
#include <cstdint>

namespace skein {
namespace term {

// A cell is a combination of the terms' levels. 8 * cell is a place both in bytes among doubles and in elements among
// eight copies of them, so that no kernel has to multiply.
struct CellTile {
  const std::uint16_t* eightfold = nullptr;  // 8 * cell of each row; padding up to a multiple of 8 repeats a row's
  std::size_t rows = 0;
  const std::uint16_t* touched = nullptr;  // 8 * cell of the cells that occur, each once
  std::size_t n_touched = 0;
};

}  // namespace term
}  // namespace skein

#endif
