// dy serves two products: as rows in dx = dy·W, and with its rows as the terms of a sum in dW = dyᵀ·x. Splitting it into
// halves costs more than turning tiles that are split already, so each 32 rows of it are read once. Of dyᵀ and x, the
// narrower is the left operand, whose tiles cost a transposition.
#include "linear_backward.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "product.h"

namespace haste {
namespace amx {
#ifdef HASTE_AMX
namespace {

/** Σ over the block's rows, for every output. */
HASTE_AMX_TARGET void sumRows(const float* dy, int64_t rows, int64_t O, float* sums) {
  std::copy_n(dy, O, sums);
  for (int64_t row = 1; row < rows; row++) {
    for (int64_t o = 0; o < O; o++) sums[o] += dy[row * O + o];
  }
}

Source linesOf(const at::Tensor& x) { return {x.data_ptr<float>(), x.size(0), x.size(1), true, x.size(1)}; }
Source termsOf(const at::Tensor& x) { return {x.data_ptr<float>(), x.size(1), x.size(0), false, x.size(1)}; }

}  // namespace

std::tuple<at::Tensor, at::Tensor, at::Tensor> linearBackward(const at::Tensor& dy_NO, const at::Tensor& x_NI,
                                                              const at::Tensor& weight_OI, bool withBias) {
  const int64_t N = dy_NO.size(0), O = dy_NO.size(1), I = x_NI.size(1);
  const Packed weight(weight_OI.t(), Side::right);
  const at::Tensor dx = at::empty({N, I}, dy_NO.options());
  const at::Tensor sums = withBias ? at::empty({blocksOf(N), O}, dy_NO.options()) : at::Tensor();
  const Packed dyAsTerms(O, N), xAsTerms(I, N);
  const at::Tensor dWeight = at::empty({O, I}, dy_NO.options());
  // A weight that fits into the second cache meets each block of rows while its tiles are still warm.
  const bool atOnce = sweepOf(weight) >= weight.blocks();
  const Packed rows(atOnce ? kBlock : N, O);
  const Product product{rows, weight, nullptr, dx.data_ptr<float>(), N, I};
  at::parallel_for(0, blocksOf(N), 1, [&](int64_t begin, int64_t end) {
    const TileScope scope;
    const Packed own(atOnce ? kBlock : 0, O);
    for (int64_t block = begin; block < end; block++) {
      uint16_t* tiles = atOnce ? own.at(0, 0) : rows.at(block, 0);
      for (int64_t o = 0; o < rows.depthTiles(); o++) {
        packBlock(linesOf(dy_NO), Side::left, block, o, tiles + o * 4 * kTile);
        turnBlock(tiles + o * 4 * kTile, Side::left, dyAsTerms.at(o, block));
      }
      for (int64_t i = 0; i < xAsTerms.blocks(); i++) {
        packBlock(termsOf(x_NI), Side::right, i, block, xAsTerms.at(i, block));
      }
      if (atOnce) product.rowBlock(tiles, block, 0, weight.blocks());
      if (withBias) {
        const int64_t count = std::min(kBlock, N - block * kBlock);
        sumRows(dy_NO.data_ptr<float>() + block * kBlock * O, count, O, sums.data_ptr<float>() + block * O);
      }
    }
  });
  if (!atOnce) product.run();
  Product{dyAsTerms, xAsTerms, nullptr, dWeight.data_ptr<float>(), O, I}.run();
  return {dx, dWeight, withBias ? sums.sum(0) : at::Tensor()};
}

#else

std::tuple<at::Tensor, at::Tensor, at::Tensor> linearBackward(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                                              bool) {
  TORCH_CHECK(false, "haste::linear_backward: this processor has no matrix unit.");
}

#endif
}  // namespace amx
}  // namespace haste
