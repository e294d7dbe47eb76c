// Sums of columns: the gradient of a linear layer's bias. N rows, O columns.
#include <torch/library.h>

#include "check.h"
#include "token_sums.h"

namespace haste {
namespace {

template <class T>
HASTE_VECTORS void addRow(const T* x, float* sums, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) sums[i] += load(x[i]);
}

/** Four at a time, so that the sums come from the cache and go there a quarter as often. */
template <class T>
HASTE_VECTORS void addFourRows(const T* x, float* sums, int64_t count) {
  const T *second = x + count, *third = x + 2 * count, *fourth = x + 3 * count;
#pragma omp simd
  for (int64_t i = 0; i < count; i++) sums[i] += (load(x[i]) + load(second[i])) + (load(third[i]) + load(fourth[i]));
}

/** dy [N, O], float32 or bfloat16 → [O], float32. */
at::Tensor biasGradient(const at::Tensor& dy_) {
  checkActivation({"haste::bias_gradient", "dy", dy_});
  checkDimensions({"haste::bias_gradient", "dy", dy_}, 2);
  const at::Tensor dy_NO = dy_.contiguous();
  const int64_t N = dy_.size(0), O = dy_.size(1);
  TokenSums columns(1, N, O);
  withElements(dy_NO, [&](const auto* dy) {
    columns.forPieces([&](int64_t, int64_t begin, int64_t end, float* sums) {
      int64_t row = begin;
      for (; row + 4 <= end; row += 4) addFourRows(dy + row * O, sums, O);
      for (; row < end; row++) addRow(dy + row * O, sums, O);
    });
  });
  return columns.total().view({O});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("bias_gradient(Tensor dy) -> Tensor"); }
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("bias_gradient", &biasGradient); }

}  // namespace haste
