// The gradient of layer_norm_modulate.cc. With g = dy·(1 + scale):
// dx = rstd·(g − mean(g) − x̂·mean(g·x̂)) over a row, dshift = Σ dy and dscale = Σ dy·x̂ over tokens.
// B batch, T tokens, D width.
#include <torch/library.h>

#include "modulation.h"
#include "token_sums.h"

namespace haste {
namespace {

/** One row; adds to the sums over tokens. */
template <class Dy>
HASTE_VECTORS void rowGradient(const Dy* dy, const float* x, const float* scale, int64_t D, float mean, float rstd,
                               float* dx, float* dshift, float* dscale) {
  float sum = 0.0f;
  float projection = 0.0f;
#pragma omp simd reduction(+ : sum, projection)
  for (int64_t i = 0; i < D; i++) {
    const float gradient = load(dy[i]);
    const float xHat = (x[i] - mean) * rstd;
    dshift[i] += gradient;
    dscale[i] += gradient * xHat;
    sum += gradient * (1.0f + scale[i]);
    projection += gradient * (1.0f + scale[i]) * xHat;
  }
  const float meanGradient = sum / static_cast<float>(D);
  const float meanProjection = projection / static_cast<float>(D);
#pragma omp simd
  for (int64_t i = 0; i < D; i++) {
    const float xHat = (x[i] - mean) * rstd;
    dx[i] = rstd * (load(dy[i]) * (1.0f + scale[i]) - meanGradient - xHat * meanProjection);
  }
}

/**
 * dy [B, T, D], float32 or bfloat16; the others as layer_norm_modulate took and gave them. → gradients of x [B, T, D],
 * shift and scale [B, D], all float32.
 */
std::tuple<at::Tensor, at::Tensor, at::Tensor> layerNormModulateBackward(
    const at::Tensor& dy_, const at::Tensor& x_, const at::Tensor& scale_, const at::Tensor& mean_,
    const at::Tensor& rstd_) {
  const char* op = "haste::layer_norm_modulate_backward";
  checkDimensions({op, "x", x_}, 3);
  for (const Argument& x : {Argument{op, "x", x_}, {op, "mean", mean_}, {op, "rstd", rstd_}}) checkFloat(x);
  checkActivation({op, "dy", dy_});
  const int64_t B = x_.size(0), T = x_.size(1), D = x_.size(2);
  checkShape({op, "dy", dy_}, x_.sizes(), "x");
  checkShape({op, "mean", mean_}, {B, T, 1}, "x [B, T, D]");
  checkShape({op, "rstd", rstd_}, {B, T, 1}, "x [B, T, D]");
  const at::Tensor dy_BTD = dy_.contiguous(), x_BTD = x_.contiguous();
  const at::Tensor mean_BT1 = mean_.contiguous(), rstd_BT1 = rstd_.contiguous();
  const Modulation scale({op, "scale", scale_}, x_BTD);
  const at::Tensor dx_BTD = at::empty_like(x_BTD);
  TokenSums dshift(B, T, D), dscale(B, T, D);
  const float* x = x_BTD.data_ptr<float>();
  const float* mean = mean_BT1.data_ptr<float>();
  const float* rstd = rstd_BT1.data_ptr<float>();
  float* dx = dx_BTD.data_ptr<float>();
  withElements(dy_BTD, [&](const auto* dy) {
    dshift.forPieces([&](int64_t piece, int64_t begin, int64_t end, float* shiftSums) {
      float* scaleSums = dscale.start(piece);
      for (int64_t row = begin; row < end; row++) {
        const int64_t first = row * D;
        rowGradient(dy + first, x + first, scale.ofRow(row), D, mean[row], rstd[row], dx + first, shiftSums, scaleSums);
      }
    });
  });
  return {dx_BTD, dshift.total(), dscale.total()};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def(
      "layer_norm_modulate_backward(Tensor dy, Tensor x, Tensor scale, Tensor mean, Tensor rstd) -> "
      "(Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("layer_norm_modulate_backward", &layerNormModulateBackward); }

}  // namespace haste
