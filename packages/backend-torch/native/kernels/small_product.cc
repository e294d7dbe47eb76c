#include "small_product.h"

#include <ATen/ATen.h>
#include <ATen/native/CPUBlas.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "simd.h"

namespace haste {
namespace {

/** oneDNN's kernels for blocks, since libtorch 2.6: 190 GFLOP/s where at::mm reaches 150 at [64, 64]·[64, 256]. */
#ifdef CPUBLAS_BRGEMM_F32F32F32
void multiplyBlock(const Matrix& a, const Matrix& b, float* out, int64_t stride, bool add) {
  at::native::cpublas::brgemm(a.rows, b.columns, a.columns, a.stride, b.stride, stride, add, a.data, b.data, out);
}

/** Whether libtorch has them for this processor: it says so only when asked to multiply. */
bool blocksAvailable() {
  static const bool available = [] {
    try {
      const float one = 1.0f;
      float product = 0.0f;
      multiplyBlock({&one, 1, 1, 1}, {&one, 1, 1, 1}, &product, 1, false);
      at::native::cpublas::brgemm_release(false);
      return product == 1.0f;
    } catch (const c10::Error&) {
      return false;
    }
  }();
  return available;
}
#endif

/** A view as a tensor. libtorch takes no constant memory, but only `out` is written. */
at::Tensor tensorOf(const Matrix& x) {
  return at::from_blob(const_cast<float*>(x.data), {x.rows, x.columns}, {x.stride, 1}, at::kFloat);
}

constexpr int64_t kSide = 16;

HASTE_VECTORS void transposeLines(const float* x, int64_t stride, int64_t rows, int64_t columns, float* out,
                                  int64_t outStride) {
  for (int64_t column = 0; column < columns; column++) {
#pragma omp simd
    for (int64_t row = 0; row < rows; row++) out[column * outStride + row] = x[row * stride + column];
  }
}

}  // namespace

void multiply(const Matrix& a, const Matrix& b, float* out, int64_t stride, bool add) {
#ifdef CPUBLAS_BRGEMM_F32F32F32
  if (blocksAvailable()) return multiplyBlock(a, b, out, stride, add);
#endif
  // Threads of a pool do not inherit the mode of the one that called the operator.
  const c10::InferenceMode noGradients;
  at::Tensor product = tensorOf({out, a.rows, b.columns, stride});
  if (add) at::addmm_out(product, product, tensorOf(a), tensorOf(b));
  else at::mm_out(product, tensorOf(a), tensorOf(b));
}

void endProducts() {
#ifdef CPUBLAS_BRGEMM_F32F32F32
  if (blocksAvailable()) at::native::cpublas::brgemm_release(false);
#endif
}

void transpose(const Matrix& x, float* out, int64_t stride) {
  // In strips of rows, so that each line of the result is written while the lines of the source are in the first cache.
  for (int64_t row = 0; row < x.rows; row += kSide) {
    transposeLines(x.data + row * x.stride, x.stride, std::min(kSide, x.rows - row), x.columns, out + row, stride);
  }
}

}  // namespace haste
