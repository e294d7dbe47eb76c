// Σ‖x‖² over all tensors: the square of the global norm.
#include <torch/library.h>

#include "parameters.h"

namespace haste {
namespace {

/** In double: no square overflows, and the loop still waits for memory, not for arithmetic. */
HASTE_VECTORS double squares(const float* x, int64_t count) {
  const int64_t half = count / 2;
  const float* upper = x + half;
  // Two sums, so that an addition need not wait for the one before.
  double sum = 0.0, upperSum = 0.0;
#pragma omp simd reduction(+ : sum, upperSum)
  for (int64_t i = 0; i < half; i++) {
    sum += static_cast<double>(x[i]) * x[i];
    upperSum += static_cast<double>(upper[i]) * upper[i];
  }
  if (count % 2 == 1) sum += static_cast<double>(x[count - 1]) * x[count - 1];
  return sum + upperSum;
}

/** float32 tensors of any shapes, at least one (the dispatcher finds the kernel by them) → scalar. */
at::Tensor sumOfSquares(at::TensorList xs) {
  const Elements elements = Elements::read("haste::sum_of_squares", "xs", xs);
  const std::vector<Piece> pieces = piecesOf(xs);
  std::vector<double> sums(pieces.size());
  forPieces(pieces.size(), 1, [&](int64_t i, int64_t) {
    sums[i] = squares(elements[pieces[i]], pieces[i].count());
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return at::scalar_tensor(static_cast<float>(total), at::kFloat);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("sum_of_squares(Tensor[] xs) -> Tensor"); }
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("sum_of_squares", &sumOfSquares); }

}  // namespace haste
