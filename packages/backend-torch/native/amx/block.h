// One block of a product: 32 × 32 sums.
#pragma once
#include "tiles.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** Where a block of sums starts from. */
enum class From { zero, bias, sums };

/**
 * sums [32, 32] ← start + Σ left·right over `depthTiles` packed tiles, as high·low + high·high + low·high. Within a
 * TileScope. `bias` [32] is read only for From::bias.
 */
void multiplyBlock(const uint16_t* left, const uint16_t* right, int64_t depthTiles, From from, const float* bias,
                   float* sums, int64_t stride);

}  // namespace amx
}  // namespace haste
#endif
