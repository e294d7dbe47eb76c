// A product of two packed matrices.
#pragma once
#include <algorithm>

#include "block.h"
#include "pack.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** left [rows, depth]·rightᵀ [columns, depth] + bias, into a dense matrix. */
struct Product {
  const Packed& left;
  const Packed& right;
  /** Padded to whole blocks, or null. */
  const float* bias;
  float* out;
  int64_t rows;
  int64_t columns;

  /** All of it, by all threads. */
  void run() const;

  /** One block of rows, whose tiles may be elsewhere than in `left`, by right-hand blocks [begin, end). Within a TileScope. */
  void rowBlock(const uint16_t* tiles, int64_t rowBlock, int64_t begin, int64_t end) const;

 private:
  void edge(const uint16_t* leftTiles, const uint16_t* rightTiles, int64_t terms, Start start, float* target,
            int64_t height, int64_t width) const;
};

/** Right-hand tiles swept over and over for every block of rows: 0.6 MiB, well inside the second cache. */
constexpr int64_t kRightTilesAtOnce = 160;

/** Right-hand blocks that fit into it. */
inline int64_t sweepOf(const Packed& right) { return std::max<int64_t>(1, kRightTilesAtOnce / right.depthTiles()); }

}  // namespace amx
}  // namespace haste
#endif
