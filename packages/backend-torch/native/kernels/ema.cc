// The moving average of all parameters in one call.
#include <torch/library.h>

#include "parameters.h"

namespace haste {
namespace {

HASTE_VECTORS void average(float* ema, const float* param, int64_t count, float kept, float taken) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) ema[i] = ema[i] * kept + param[i] * taken;
}

/** ema ← ema·decay + params·(1 − decay), for every pair. float32; ema contiguous, written in place. */
void emaUpdate(at::TensorList ema, at::TensorList params, double decay) {
  const char* op = "haste::ema_";
  checkLike(op, "ema", ema, params);
  const Elements averages = Elements::written(op, "ema", ema), current = Elements::read(op, "params", params);
  const std::vector<Piece> pieces = piecesOf(params);
  forPieces(pieces.size(), 1, [&](int64_t i, int64_t) {
    const Piece& piece = pieces[i];
    average(averages[piece], current[piece], piece.count(), static_cast<float>(decay), static_cast<float>(1 - decay));
  });
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("ema_(Tensor(a!)[] ema, Tensor[] params, float decay) -> ()"); }
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("ema_", &emaUpdate); }

}  // namespace haste
