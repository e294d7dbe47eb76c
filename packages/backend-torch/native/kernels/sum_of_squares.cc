// Σ‖x‖² over all tensors: the square of the global norm.
#include <torch/library.h>

#include "parameters.h"

namespace haste {
namespace {

/** In double: the loop waits for memory either way, and no square overflows. */
HASTE_VECTORS double squares(const float* x, int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += static_cast<double>(x[i]) * x[i];
  return sum;
}

/** float32 tensors of any shapes, at least one (the dispatcher finds the kernel by them) → scalar. */
at::Tensor sumOfSquares(at::TensorList xs) {
  const Elements elements = Elements::read("haste::sum_of_squares", "xs", xs);
  const std::vector<Piece> pieces = piecesOf(xs);
  std::vector<double> sums(pieces.size());
  forPieces(pieces.size(), 1, [&](int64_t i, int64_t) {
    const Piece& piece = pieces[i];
    sums[i] = squares(elements[piece.tensor] + piece.begin, piece.end - piece.begin);
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return at::scalar_tensor(static_cast<float>(total), at::kFloat);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("sum_of_squares(Tensor[] xs) -> Tensor"); }
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("sum_of_squares", &sumOfSquares); }

}  // namespace haste
