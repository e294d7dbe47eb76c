#include "block.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

HASTE_AMX_TARGET void multiplyBlock(const uint16_t* left, const uint16_t* right, int64_t depthTiles, Start start,
                                    float* out, int64_t stride) {
  if (start.data) {
    const int64_t bytes = start.stride * static_cast<int64_t>(sizeof(float));
    const float* lower = start.data + kSide * start.stride;
    _tile_loadd(0, start.data, bytes); _tile_loadd(1, start.data + kSide, bytes);
    _tile_loadd(2, lower, bytes); _tile_loadd(3, lower + kSide, bytes);
  } else {
    _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3);
  }
  for (int64_t k = 0; k < depthTiles; k++, left += 4 * kTile, right += 4 * kTile) {
    // high·low, high·high, low·high: in this order each step replaces one pair of registers only.
    _tile_loadd(4, left, 64); _tile_loadd(5, left + kTile, 64);
    _tile_loadd(6, right + 2 * kTile, 64); _tile_loadd(7, right + 3 * kTile, 64);
    _tile_dpbf16ps(0, 4, 6); _tile_dpbf16ps(1, 4, 7); _tile_dpbf16ps(2, 5, 6); _tile_dpbf16ps(3, 5, 7);
    _tile_loadd(6, right, 64); _tile_loadd(7, right + kTile, 64);
    _tile_dpbf16ps(0, 4, 6); _tile_dpbf16ps(1, 4, 7); _tile_dpbf16ps(2, 5, 6); _tile_dpbf16ps(3, 5, 7);
    _tile_loadd(4, left + 2 * kTile, 64); _tile_loadd(5, left + 3 * kTile, 64);
    _tile_dpbf16ps(0, 4, 6); _tile_dpbf16ps(1, 4, 7); _tile_dpbf16ps(2, 5, 6); _tile_dpbf16ps(3, 5, 7);
  }
  const int64_t bytes = stride * static_cast<int64_t>(sizeof(float));
  float* lower = out + kSide * stride;
  _tile_stored(0, out, bytes); _tile_stored(1, out + kSide, bytes);
  _tile_stored(2, lower, bytes); _tile_stored(3, lower + kSide, bytes);
}

}  // namespace amx
}  // namespace haste
#endif
