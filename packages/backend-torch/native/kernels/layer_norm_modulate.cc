// The adaLN step: out = x̂·(1 + scale) + shift with x̂ = (x − mean)·rstd over a row. B batch, T tokens, D width.
#include <torch/library.h>

#include "modulation.h"
#include "parallel.h"

namespace haste {
namespace {

struct Statistics {
  float mean;
  float rstd;
};

/** One row. The second and third pass over it find it in the first cache. */
template <class Out>
HASTE_VECTORS Statistics normalize(const float* x, const float* shift, const float* scale, int64_t D, float eps,
                                   Out* out) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < D; i++) sum += x[i];
  const float mean = sum / static_cast<float>(D);
  float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
  for (int64_t i = 0; i < D; i++) squares += (x[i] - mean) * (x[i] - mean);
  const float rstd = 1.0f / std::sqrt(squares / static_cast<float>(D) + eps);
#pragma omp simd
  for (int64_t i = 0; i < D; i++) store(out[i], (x[i] - mean) * rstd * (1.0f + scale[i]) + shift[i]);
  return {mean, rstd};
}

/**
 * x [B, T, D]; shift and scale [B, D]; all float32. → out [B, T, D], float32 or bfloat16; mean and rstd (of the biased
 * variance) [B, T, 1], float32.
 */
std::tuple<at::Tensor, at::Tensor, at::Tensor> layerNormModulate(const at::Tensor& x_, const at::Tensor& shift_,
                                                                 const at::Tensor& scale_, double eps, bool bf16) {
  const char* op = "haste::layer_norm_modulate";
  checkFloat({op, "x", x_});
  checkDimensions({op, "x", x_}, 3);
  const at::Tensor x_BTD = x_.contiguous();
  const Modulation shift({op, "shift", shift_}, x_BTD), scale({op, "scale", scale_}, x_BTD);
  const int64_t B = x_.size(0), T = x_.size(1), D = x_.size(2);
  const at::Tensor out_BTD = at::empty({B, T, D}, x_.options().dtype(bf16 ? at::kBFloat16 : at::kFloat));
  const at::Tensor mean_BT1 = at::empty({B, T, 1}, x_.options());
  const at::Tensor rstd_BT1 = at::empty({B, T, 1}, x_.options());
  const float* x = x_BTD.data_ptr<float>();
  float* mean = mean_BT1.data_ptr<float>();
  float* rstd = rstd_BT1.data_ptr<float>();
  withElements(out_BTD, [&](auto* out) {
    forRows(B * T, D, [&](int64_t row) {
      const Statistics statistics =
          normalize(x + row * D, shift.ofRow(row), scale.ofRow(row), D, static_cast<float>(eps), out + row * D);
      mean[row] = statistics.mean;
      rstd[row] = statistics.rstd;
    });
  });
  return {out_BTD, mean_BT1, rstd_BT1};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def(
      "layer_norm_modulate(Tensor x, Tensor shift, Tensor scale, float eps, bool bf16) -> (Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("layer_norm_modulate", &layerNormModulate); }

}  // namespace haste
