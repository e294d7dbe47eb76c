#include "matmul.h"

#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>

#include "block.h"
#include "pack.h"
#include "tiles.h"

namespace haste {
#ifdef HASTE_AMX
namespace amx {
namespace {

/** Terms summed before the sums go to memory: a block of 32 lines then takes 32 KiB, and stays in the first cache. */
constexpr int64_t kDepthTilesAtOnce = 8;
/** Right-hand tiles swept over and over for every block of rows: 0.6 MiB, well inside the second cache. */
constexpr int64_t kRightTilesAtOnce = 160;

/** One product, its operands packed. */
struct Product {
  const Packed& left;
  const Packed& right;
  /** Padded to whole blocks, or null. */
  const float* bias;
  float* out;
  int64_t rows;
  int64_t columns;

  /** All columns of one block of rows, for right-hand blocks [begin, end). */
  void rowBlock(int64_t rowBlock, int64_t begin, int64_t end) const {
    const int64_t depth = left.depthTiles();
    for (int64_t k = 0; k < depth; k += kDepthTilesAtOnce) {
      const int64_t terms = std::min(kDepthTilesAtOnce, depth - k);
      for (int64_t columnBlock = begin; columnBlock < end; columnBlock++) block(rowBlock, columnBlock, k, terms);
    }
  }

 private:
  void block(int64_t rowBlock, int64_t columnBlock, int64_t k, int64_t terms) const {
    const int64_t row = rowBlock * kBlock;
    const int64_t column = columnBlock * kBlock;
    const From from = k > 0 ? From::sums : bias ? From::bias : From::zero;
    const float* biasBlock = bias ? bias + column : nullptr;
    float* target = out + row * columns + column;
    const int64_t height = std::min(kBlock, rows - row);
    const int64_t width = std::min(kBlock, columns - column);
    if (height == kBlock && width == kBlock) {
      return multiplyBlock(left.at(rowBlock, k), right.at(columnBlock, k), terms, from, biasBlock, target, columns);
    }
    // At the edges of the result: through a whole block of its own.
    alignas(64) float whole[kBlock * kBlock];
    if (from == From::sums) copy(target, columns, whole, kBlock, height, width);
    multiplyBlock(left.at(rowBlock, k), right.at(columnBlock, k), terms, from, biasBlock, whole, kBlock);
    copy(whole, kBlock, target, columns, height, width);
  }

  static void copy(const float* source, int64_t sourceStride, float* target, int64_t targetStride, int64_t height,
                   int64_t width) {
    for (int64_t i = 0; i < height; i++) std::copy_n(source + i * sourceStride, width, target + i * targetStride);
  }
};

bool oneAxisContiguous(const at::Tensor& x) { return x.stride(0) == 1 || x.stride(1) == 1; }

at::Tensor paddedBias(const c10::optional<at::Tensor>& bias, int64_t columns, int64_t blocks) {
  if (!bias || !bias->defined()) return {};
  if (columns == blocks * kBlock) return bias->contiguous();
  at::Tensor padded = at::zeros({blocks * kBlock}, bias->options());
  padded.narrow(0, 0, columns).copy_(*bias);
  return padded;
}

at::Tensor onMatrixUnit(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
  const Packed left(oneAxisContiguous(a) ? a : a.contiguous(), Side::left);
  const at::Tensor columns = b.t();
  const Packed right(oneAxisContiguous(columns) ? columns : columns.contiguous(), Side::right);
  at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
  const at::Tensor biases = paddedBias(bias, b.size(1), right.blocks());
  const Product product{left, right, biases.defined() ? biases.data_ptr<float>() : nullptr, out.data_ptr<float>(),
                        a.size(0), b.size(1)};
  const int64_t sweep = std::max<int64_t>(1, kRightTilesAtOnce / right.depthTiles());
  at::parallel_for(0, left.blocks(), 1, [&](int64_t begin, int64_t end) {
    const TileScope tiles;
    for (int64_t column = 0; column < right.blocks(); column += sweep) {
      const int64_t columnEnd = std::min(column + sweep, right.blocks());
      for (int64_t row = begin; row < end; row++) product.rowBlock(row, column, columnEnd);
    }
  });
  return out;
}

/** Below this many multiplications a product is not worth packing. */
constexpr int64_t kSmallest = int64_t{1} << 19;

}  // namespace
}  // namespace amx
#endif

namespace amx {

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
#ifdef HASTE_AMX
  const int64_t smallest = std::min({a.size(0), b.size(0), b.size(1)});
  const bool worthIt = smallest >= kSide && a.size(0) * a.size(1) * b.size(1) >= kSmallest;
  if (worthIt && amxAvailable()) return onMatrixUnit(a, b, bias);
#endif
  return bias && bias->defined() ? at::addmm(*bias, a, b) : at::mm(a, b);
}

}  // namespace amx

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("amx_available() -> bool", &amxAvailable); }

}  // namespace haste
