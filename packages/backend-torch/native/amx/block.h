// One block of a product: 32 × 32 sums.
#pragma once
#include "tiles.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** What a block of sums [32, 32] begins with; a stride of 0 repeats one row. Null: zeros. */
struct Start {
  const float* data;
  int64_t stride;
};

/**
 * out [32, 32] ← start + Σ left·right over `depthTiles` packed tiles, as high·low + high·high + low·high. Within a TileScope.
 * @param stride from row to row of out.
 */
void multiplyBlock(const uint16_t* left, const uint16_t* right, int64_t depthTiles, Start start, float* out, int64_t stride);

}  // namespace amx
}  // namespace haste
#endif
