// Products of float32 matrices on a matrix unit for bfloat16. With a = a₁ + a₂ and b = b₁ + b₂, a·b ≈ a₁·b₁ + a₁·b₂ + a₂·b₁,
// summed in float32: what is left out is below 2⁻¹⁶ of each product, a hundred times less than TF32 leaves out, at about
// three times the speed of float32 arithmetic. (PyTorch offers the same trade as float32 matmul precision "high".)
#include <ATen/ATen.h>
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

}  // namespace

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
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

}  // namespace amx
#endif

namespace {

/** Below this many multiplications a product is not worth packing. */
constexpr int64_t kSmallest = int64_t{1} << 19;

/**
 * a·b + bias for float32 a [M, K], b [K, N], bias [N], in any layout. The matrix unit is used where there is one and the
 * product is large enough; the error of an element is then at most 2⁻¹⁶·Σ|aₖ·bₖ| instead of float32's.
 */
at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0), "haste::matmul: shapes ", a.sizes(), " and ",
              b.sizes(), " do not fit together.");
  const bool withBias = bias && bias->defined();
  TORCH_CHECK(!withBias || (bias->dim() == 1 && bias->size(0) == b.size(1)), "haste::matmul: a bias of shape ",
              withBias ? bias->sizes() : at::IntArrayRef(), " does not fit a result with ", b.size(1), " columns.");
#ifdef HASTE_AMX
  const int64_t smallest = std::min({a.size(0), b.size(0), b.size(1)});
  const bool worthIt = smallest >= amx::kSide && a.size(0) * a.size(1) * b.size(1) >= kSmallest;
  if (worthIt && a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && amxAvailable()) {
    return amx::matmul(a, b, bias);
  }
#endif
  return withBias ? at::addmm(*bias, a, b) : at::mm(a, b);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("matmul(Tensor a, Tensor b, Tensor? bias) -> Tensor");
  library.def("amx_available() -> bool", &amxAvailable);
}
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("matmul", &matmul); }

}  // namespace haste
