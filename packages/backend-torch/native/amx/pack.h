// Operands of a product, cut into tiles. Each float32 becomes two bfloat16, x ≈ high + low: 17 bits of mantissa.
#pragma once
#include <ATen/ATen.h>

#include "tiles.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** The left operand's tiles hold rows; the right operand's hold pairs of terms side by side, as the unit wants them. */
enum class Side { left, right };

/** A matrix [lines, depth] in memory. Lines are rows of a left operand, columns of a right one. */
struct Source {
  const float* data;
  int64_t lines;
  int64_t depth;
  /** Whether the terms of a line are contiguous; otherwise the lines of a term are. */
  bool termsContiguous;
  /** From line to line, or else from term to term. */
  int64_t stride;
};

constexpr int64_t blocksOf(int64_t lines) { return (lines + kBlock - 1) / kBlock; }
constexpr int64_t depthTilesOf(int64_t depth) { return (depth + kDepth - 1) / kDepth; }
/** 16-bit elements of a packed matrix. */
constexpr int64_t packedSize(int64_t lines, int64_t depth) { return blocksOf(lines) * depthTilesOf(depth) * 4 * kTile; }

/**
 * Packs blocks [begin, end) of 32 lines. For every block and every 32 terms: high tiles of lines 0–15 and 16–31, then the
 * low ones. Beyond the edges: zeros.
 */
void pack(const Source& source, Side side, int64_t begin, int64_t end, uint16_t* packed);

/** One block of lines over one tile of terms, [4, 512]. */
void packBlock(const Source& source, Side side, int64_t block, int64_t depthTile, uint16_t* tiles);

inline void pack(const Source& source, Side side, uint16_t* packed) {
  pack(source, side, 0, blocksOf(source.lines), packed);
}

/**
 * Of a left operand's block [32 lines, 32 terms], the same numbers with lines as terms, as a right operand or, transposed
 * once more, as a left one. The numbers are not rounded again.
 */
void turnBlock(const uint16_t* tiles, Side side, uint16_t* turned);

/** A packed matrix of its own. */
class Packed {
 public:
  /** Room for [lines, depth], to be packed. */
  Packed(int64_t lines, int64_t depth);
  /** Packed by all threads. @param matrix [lines, depth], either axis contiguous. */
  Packed(const at::Tensor& matrix, Side side);

  int64_t blocks() const { return blocks_; }
  int64_t depthTiles() const { return depthTiles_; }
  uint16_t* at(int64_t block, int64_t depthTile) const { return data_ + (block * depthTiles_ + depthTile) * 4 * kTile; }

 private:
  int64_t blocks_;
  int64_t depthTiles_;
  at::Tensor storage_;
  uint16_t* data_;
};

}  // namespace amx
}  // namespace haste
#endif
