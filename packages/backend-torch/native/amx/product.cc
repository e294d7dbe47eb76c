#include "product.h"

#ifdef HASTE_AMX
#include <ATen/Parallel.h>

#include <algorithm>

namespace haste {
namespace amx {
namespace {

/** Terms summed before the sums go to memory: a block of 32 lines then takes 32 KiB, and stays in the first cache. */
constexpr int64_t kDepthTilesAtOnce = 8;

void copy(const float* source, int64_t sourceStride, float* target, int64_t targetStride, int64_t height, int64_t width) {
  for (int64_t i = 0; i < height; i++) std::copy_n(source + i * sourceStride, width, target + i * targetStride);
}

}  // namespace

void Product::run() const {
  const int64_t sweep = sweepOf(right);
  at::parallel_for(0, left.blocks(), 1, [&](int64_t begin, int64_t end) {
    const TileScope scope;
    for (int64_t column = 0; column < right.blocks(); column += sweep) {
      const int64_t columnEnd = std::min(column + sweep, right.blocks());
      for (int64_t row = begin; row < end; row++) rowBlock(left.at(row, 0), row, column, columnEnd);
    }
  });
}

void Product::rowBlock(const uint16_t* tiles, int64_t rowBlock, int64_t begin, int64_t end) const {
  const int64_t depth = right.depthTiles();
  const int64_t height = std::min(kBlock, rows - rowBlock * kBlock);
  // Locals, since nothing that is loaded after a block was stored is there before the store is done.
  const int64_t stride = columns;
  const float* const biases = bias;
  float* const row = out + rowBlock * kBlock * stride;
  for (int64_t k = 0; k < depth; k += kDepthTilesAtOnce) {
    const int64_t terms = std::min(kDepthTilesAtOnce, depth - k);
    const uint16_t* rightTiles = right.at(begin, k);
    for (int64_t column = begin * kBlock; column < end * kBlock; column += kBlock, rightTiles += depth * 4 * kTile) {
      const int64_t width = std::min(kBlock, stride - column);
      Start start = k > 0 ? Start{row + column, stride} : biases ? Start{biases + column, 0} : Start{nullptr, 0};
      if (height == kBlock && width == kBlock) {
        multiplyBlock(tiles + k * 4 * kTile, rightTiles, terms, start, row + column, stride);
      } else {
        edge(tiles + k * 4 * kTile, rightTiles, terms, start, row + column, height, width);
      }
    }
  }
}

/** A block that the result ends in: through a whole one. */
void Product::edge(const uint16_t* leftTiles, const uint16_t* rightTiles, int64_t terms, Start start, float* target,
                   int64_t height, int64_t width) const {
  alignas(64) float whole[kBlock * kBlock];
  if (start.stride == columns) {
    copy(start.data, columns, whole, kBlock, height, width);
    start = {whole, kBlock};
  }
  multiplyBlock(leftTiles, rightTiles, terms, start, whole, kBlock);
  copy(whole, kBlock, target, columns, height, width);
}

}  // namespace amx
}  // namespace haste
#endif
