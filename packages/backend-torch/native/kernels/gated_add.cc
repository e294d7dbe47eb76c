// The gated residual of adaLN-Zero: x + gate·y, and its gradient. B batch, T tokens, D width.
#include <torch/library.h>

#include "modulation.h"
#include "token_sums.h"

namespace haste {
namespace {

template <class Y>
HASTE_VECTORS void addRow(const float* x, const float* gate, const Y* y, int64_t D, float* out) {
#pragma omp simd
  for (int64_t i = 0; i < D; i++) out[i] = x[i] + gate[i] * load(y[i]);
}

/** One row; adds to the gate's sums over tokens. */
template <class Y>
HASTE_VECTORS void rowGradient(const float* dy, const float* gate, const Y* y, int64_t D, float* dgate, Y* dBranch) {
#pragma omp simd
  for (int64_t i = 0; i < D; i++) {
    dgate[i] += dy[i] * load(y[i]);
    store(dBranch[i], dy[i] * gate[i]);
  }
}

/** x [B, T, D] and gate [B, D], float32; y [B, T, D], float32 or bfloat16. → [B, T, D], float32. */
at::Tensor gatedAdd(const at::Tensor& x_, const at::Tensor& gate_, const at::Tensor& y_) {
  const char* op = "haste::gated_add";
  checkFloat({op, "x", x_});
  checkActivation({op, "y", y_});
  checkDimensions({op, "x", x_}, 3);
  checkShape({op, "y", y_}, x_.sizes(), "x");
  const at::Tensor x_BTD = x_.contiguous(), y_BTD = y_.contiguous();
  const Modulation gate({op, "gate", gate_}, x_BTD);
  const at::Tensor out_BTD = at::empty_like(x_BTD);
  const int64_t D = x_.size(2);
  const float* x = x_BTD.data_ptr<float>();
  float* out = out_BTD.data_ptr<float>();
  withElements(y_BTD, [&](const auto* y) {
    forRows(x_.size(0) * x_.size(1), D, [&](int64_t row) {
      addRow(x + row * D, gate.ofRow(row), y + row * D, D, out + row * D);
    });
  });
  return out_BTD;
}

/** dy [B, T, D], float32. → gradients of gate [B, D], float32, and of y, of its type; that of x is dy itself. */
std::tuple<at::Tensor, at::Tensor> gatedAddBackward(const at::Tensor& dy_, const at::Tensor& gate_,
                                                    const at::Tensor& y_) {
  const char* op = "haste::gated_add_backward";
  checkFloat({op, "dy", dy_});
  checkActivation({op, "y", y_});
  checkDimensions({op, "y", y_}, 3);
  checkShape({op, "dy", dy_}, y_.sizes(), "y");
  const at::Tensor dy_BTD = dy_.contiguous(), y_BTD = y_.contiguous();
  const Modulation gate({op, "gate", gate_}, y_BTD);
  const at::Tensor dBranch_BTD = at::empty_like(y_BTD);
  const int64_t D = y_.size(2);
  TokenSums dgate(y_.size(0), y_.size(1), D);
  const float* dy = dy_BTD.data_ptr<float>();
  withElements(y_BTD, [&](const auto* y) {
    auto* dBranch = elementsLike(y, dBranch_BTD);
    dgate.forPieces([&](int64_t, int64_t begin, int64_t end, float* sums) {
      for (int64_t row = begin; row < end; row++) {
        rowGradient(dy + row * D, gate.ofRow(row), y + row * D, D, sums, dBranch + row * D);
      }
    });
  });
  return {dgate.total(), dBranch_BTD};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("gated_add(Tensor x, Tensor gate, Tensor y) -> Tensor");
  library.def("gated_add_backward(Tensor dy, Tensor gate, Tensor y) -> (Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("gated_add", &gatedAdd);
  library.impl("gated_add_backward", &gatedAddBackward);
}

}  // namespace haste
