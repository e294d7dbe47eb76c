// REPA's feature alignment: −mean over tokens of cos(x, z), each norm at least 1e-12 (PyTorch's F.normalize); no
// gradient reaches z. B batch, T tokens, D width.
#include <torch/library.h>

#include <cmath>

#include "check.h"
#include "parallel.h"

namespace haste {
namespace {

constexpr float kSmallestNorm = 1e-12f;

struct Angle {
  /** At least kSmallestNorm. */
  float normX, normZ;
  float cosine;
  /** Whether x is long enough for its own length to be divided by. */
  bool normalized;
};

HASTE_INLINE Angle angleOf(const float* x, const float* z, int64_t D) {
  float xx = 0.0f, zz = 0.0f, xz = 0.0f;
#pragma omp simd reduction(+ : xx, zz, xz)
  for (int64_t i = 0; i < D; i++) {
    xx += x[i] * x[i];
    zz += z[i] * z[i];
    xz += x[i] * z[i];
  }
  const float x2 = std::sqrt(xx), z2 = std::sqrt(zz);
  // Written so that not-a-number stays.
  const float normX = x2 < kSmallestNorm ? kSmallestNorm : x2;
  const float normZ = z2 < kSmallestNorm ? kSmallestNorm : z2;
  return {normX, normZ, xz / normX / normZ, x2 > kSmallestNorm};
}

HASTE_VECTORS float cosine(const float* x, const float* z, int64_t D) { return angleOf(x, z, D).cosine; }

/** dx = (ẑ − x̂·cos)/‖x‖·share; below the floor the divisor is constant, and nothing is projected out. */
HASTE_VECTORS void rowGradient(const float* x, const float* z, int64_t D, float share, float* dx) {
  const Angle angle = angleOf(x, z, D);
  const float ofZ = share / angle.normX / angle.normZ;
  const float ofX = angle.normalized ? share * angle.cosine / angle.normX / angle.normX : 0.0f;
#pragma omp simd
  for (int64_t i = 0; i < D; i++) dx[i] = z[i] * ofZ - x[i] * ofX;
}

void check(const char* op, const at::Tensor& x, const at::Tensor& z) {
  checkFloat({op, "x", x});
  checkFloat({op, "z", z});
  checkDimensions({op, "x", x}, 3);
  checkShape({op, "z", z}, x.sizes(), "x");
}

/** x, z [B, T, D], float32 → scalar. */
at::Tensor negativeCosine(const at::Tensor& x_, const at::Tensor& z_) {
  check("haste::negative_cosine", x_, z_);
  const at::Tensor x_BTD = x_.contiguous(), z_BTD = z_.contiguous();
  const int64_t tokens = x_.size(0) * x_.size(1), D = x_.size(2);
  const at::Tensor cosines = at::empty({tokens}, x_.options());
  const float* x = x_BTD.data_ptr<float>();
  const float* z = z_BTD.data_ptr<float>();
  float* each = cosines.data_ptr<float>();
  forRows(tokens, D, [&](int64_t row) { each[row] = cosine(x + row * D, z + row * D, D); });
  double sum = 0.0;
  for (int64_t row = 0; row < tokens; row++) sum += each[row];
  return at::scalar_tensor(static_cast<float>(-sum / static_cast<double>(tokens)), x_.options());
}

/** dy scalar → the gradient of x [B, T, D]. */
at::Tensor negativeCosineBackward(const at::Tensor& dy, const at::Tensor& x_, const at::Tensor& z_) {
  const char* op = "haste::negative_cosine_backward";
  check(op, x_, z_);
  checkFloat({op, "dy", dy});
  checkShape({op, "dy", dy}, {}, "the loss");
  const at::Tensor x_BTD = x_.contiguous(), z_BTD = z_.contiguous();
  const at::Tensor dx_BTD = at::empty_like(x_BTD);
  const int64_t tokens = x_.size(0) * x_.size(1), D = x_.size(2);
  const float share = -*dy.data_ptr<float>() / static_cast<float>(tokens);
  const float* x = x_BTD.data_ptr<float>();
  const float* z = z_BTD.data_ptr<float>();
  float* dx = dx_BTD.data_ptr<float>();
  forRows(tokens, D, [&](int64_t row) { rowGradient(x + row * D, z + row * D, D, share, dx + row * D); });
  return dx_BTD;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("negative_cosine(Tensor x, Tensor z) -> Tensor");
  library.def("negative_cosine_backward(Tensor dy, Tensor x, Tensor z) -> Tensor");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("negative_cosine", &negativeCosine);
  library.impl("negative_cosine_backward", &negativeCosineBackward);
}

}  // namespace haste
