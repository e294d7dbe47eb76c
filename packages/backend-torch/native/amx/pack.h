// Operands of a product, cut into tiles. Each float32 becomes two bfloat16, x ≈ high + low: 17 bits of mantissa.
#pragma once
#include <ATen/ATen.h>

#include "tiles.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** The left operand's tiles hold rows; the right operand's hold pairs of terms side by side, as the unit wants them. */
enum class Side { left, right };

/**
 * [lines, depth] of float32 as tiles: for every 32 lines and every 32 terms, high tiles of lines 0–15 and 16–31, then the
 * low ones. Lines are rows of the left operand, columns of the right. Beyond the edges: zeros.
 */
class Packed {
 public:
  /** @param matrix [lines, depth], either axis contiguous. Packs in parallel. */
  Packed(const at::Tensor& matrix, Side side);

  int64_t blocks() const { return blocks_; }
  int64_t depthTiles() const { return depthTiles_; }
  const uint16_t* at(int64_t block, int64_t depthTile) const { return data_ + (block * depthTiles_ + depthTile) * 4 * kTile; }

 private:
  int64_t blocks_;
  int64_t depthTiles_;
  at::Tensor storage_;
  uint16_t* data_;
};

}  // namespace amx
}  // namespace haste
#endif
