// Attention on the matrix unit. The arithmetic of products is that of matmul.h; softmax is float32.
#pragma once
#include <ATen/ATen.h>

namespace haste {
namespace amx {

/**
 * out ← softmax(q·kᵀ·d^−½)·v, and lse ← logsumexp of each row of logits. q, out [B, H, T, d]; k, v [B, H, S, d]; lse
 * [B, H, T, 1], dense. The others in any layout (out with dense rows).
 */
void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& out,
               const at::Tensor& lse);

/** Gradients of q, k and v, written to dq, dk, dv: any layout with dense rows. */
void attentionBackward(const at::Tensor& dy, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                       const at::Tensor& out, const at::Tensor& lse, const at::Tensor& dq, const at::Tensor& dk,
                       const at::Tensor& dv);

}  // namespace amx
}  // namespace haste
