// Attention that keeps no map: on the matrix unit where products are, else libtorch's flash attention for the CPU.
// B batch, H heads, T query tokens, S key tokens, d head size.
#include <ATen/ATen.h>
#include <torch/library.h>

#include "amx/attention.h"
#include "products.h"
#include "version.h"

namespace haste {
namespace {

struct Heads {
  at::Tensor q, k, v;
};

/** Part i of n of [B, T, n·H·d], as a view [B, H, T, d]. */
at::Tensor partOf(const at::Tensor& packed, int64_t i, int64_t n, int64_t heads) {
  const int64_t B = packed.size(0), T = packed.size(1), d = packed.size(2) / (n * heads);
  return packed.view({B, T, n, heads, d}).select(2, i).transpose(1, 2);
}

/** [B, T, 3·H·d] as three views [B, H, T, d]. */
Heads headsOf(const at::Tensor& qkv, int64_t heads) {
  return {partOf(qkv, 0, 3, heads), partOf(qkv, 1, 3, heads), partOf(qkv, 2, 3, heads)};
}

/** [B, H, T, d] that lies in memory as [B, T, H, d]: merging the heads is then a view. */
at::Tensor emptyHeads(const at::Tensor& like) {
  return at::empty({like.size(0), like.size(2), like.size(1), like.size(3)}, like.options()).transpose(1, 2);
}

using Forward = std::tuple<at::Tensor, at::Tensor>;
using Backward = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

Forward forward(const Heads& x, bool matrixUnit) {
  if (matrixUnit) {
    const at::Tensor out = emptyHeads(x.q);
    const at::Tensor lse = at::empty({x.q.size(0), x.q.size(1), x.q.size(2), 1}, x.q.options());
    amx::attention(x.q, x.k, x.v, out, lse);
    return {out, lse};
  }
#if HASTE_TORCH_AT_LEAST(2, 2)
  const auto [out, lse] = at::_scaled_dot_product_flash_attention_for_cpu(x.q, x.k, x.v);
  return {out, lse.unsqueeze(-1)};
#else
  TORCH_CHECK(false, "haste::attention needs libtorch 2.2 or newer.");
#endif
}

/** Writes the gradients into tensors of the same shapes, of any layout with dense rows. */
void backward(const at::Tensor& dy, const Heads& x, const at::Tensor& out, const at::Tensor& lse, bool matrixUnit,
              const Heads& gradient) {
  if (matrixUnit) {
    amx::attentionBackward(dy, x.q, x.k, x.v, out, lse, gradient.q, gradient.k, gradient.v);
    return;
  }
#if HASTE_TORCH_AT_LEAST(2, 2)
  const auto [dq, dk, dv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
      dy, x.q, x.k, x.v, out, lse.squeeze(-1), /*dropout_p=*/0.0, /*is_causal=*/false);
  gradient.q.copy_(dq);
  gradient.k.copy_(dk);
  gradient.v.copy_(dv);
#endif
}

bool onMatrixUnit(const at::Tensor& x, int64_t product) {
  return static_cast<Product>(product) == Product::matrixUnit && x.scalar_type() == at::kFloat;
}

Forward attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t product) {
  return forward({q, k, v}, onMatrixUnit(q, product));
}

Backward attentionBackward(const at::Tensor& dy, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const at::Tensor& out, const at::Tensor& lse, int64_t product) {
  const Heads gradient{emptyHeads(q), emptyHeads(k), emptyHeads(v)};
  backward(dy, {q, k, v}, out, lse, onMatrixUnit(q, product), gradient);
  return {gradient.q, gradient.k, gradient.v};
}

void checkPacked(const at::Tensor& qkv, int64_t heads) {
  TORCH_CHECK(qkv.dim() == 3 && heads > 0 && qkv.size(2) % (3 * heads) == 0, "haste::packed_attention: a tensor of shape ",
              qkv.sizes(), " does not hold queries, keys and values of ", heads, " heads.");
}

/** [B, T, H·d] seen as [B, H, T, d]. */
at::Tensor apart(const at::Tensor& y, int64_t heads) {
  return y.view({y.size(0), y.size(1), heads, y.size(2) / heads}).transpose(1, 2);
}

Forward packedAttention(const at::Tensor& qkv, int64_t heads, int64_t product) {
  checkPacked(qkv, heads);
  const auto [out, lse] = forward(headsOf(qkv.contiguous(), heads), onMatrixUnit(qkv, product));
  return {out.transpose(1, 2).reshape({qkv.size(0), qkv.size(1), qkv.size(2) / 3}), lse};
}

at::Tensor packedAttentionBackward(const at::Tensor& dy, const at::Tensor& qkv_, const at::Tensor& out,
                                   const at::Tensor& lse, int64_t heads, int64_t product) {
  checkPacked(qkv_, heads);
  const at::Tensor qkv = qkv_.contiguous();
  const at::Tensor gradient = at::empty_like(qkv);
  backward(apart(dy.contiguous(), heads), headsOf(qkv, heads), apart(out.contiguous(), heads), lse,
           onMatrixUnit(qkv, product), headsOf(gradient, heads));
  return gradient;
}

/** Queries and keys of `parts` that lie side by side, as views. */
std::tuple<at::Tensor, at::Tensor> packedQueryKey(const at::Tensor& qkv, int64_t parts, int64_t heads) {
  const bool fit = qkv.dim() == 3 && parts >= 2 && heads > 0 && qkv.size(2) % (parts * heads) == 0;
  TORCH_CHECK(fit, "haste::packed_query_key: a tensor of shape ", qkv.sizes(), " does not hold ", parts, " parts of ",
              heads, " heads.");
  const at::Tensor dense = qkv.contiguous();
  return {partOf(dense, 0, parts, heads), partOf(dense, 1, parts, heads)};
}

/** q, k [B, H, T, d] → [B, T, parts·H·d]. */
at::Tensor packedQueryKeyBackward(const at::Tensor& q, const at::Tensor& k, int64_t parts) {
  TORCH_CHECK(q.dim() == 4 && q.sizes() == k.sizes(), "haste::packed_query_key_backward: q ", q.sizes(), " and k ",
              k.sizes(), " do not fit together.");
  const int64_t B = q.size(0), H = q.size(1), T = q.size(2), d = q.size(3);
  const at::Tensor gradient = at::empty({B, T, parts, H, d}, q.options());
  gradient.select(2, 0).copy_(q.transpose(1, 2));
  gradient.select(2, 1).copy_(k.transpose(1, 2));
  if (parts > 2) gradient.narrow(2, 2, parts - 2).zero_();
  return gradient.view({B, T, parts * H * d});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("packed_query_key(Tensor(a) qkv, int parts, int heads) -> (Tensor(a), Tensor(a))");
  library.def("packed_query_key_backward(Tensor q, Tensor k, int parts) -> Tensor");
  library.def("attention(Tensor q, Tensor k, Tensor v, int product) -> (Tensor, Tensor)");
  library.def(
      "attention_backward(Tensor dy, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, int product)"
      " -> (Tensor, Tensor, Tensor)");
  library.def("packed_attention(Tensor qkv, int heads, int product) -> (Tensor, Tensor)");
  library.def(
      "packed_attention_backward(Tensor dy, Tensor qkv, Tensor out, Tensor lse, int heads, int product) -> Tensor");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("attention", &attention);
  library.impl("attention_backward", &attentionBackward);
  library.impl("packed_attention", &packedAttention);
  library.impl("packed_attention_backward", &packedAttentionBackward);
}
// Views and copies: on every device.
TORCH_LIBRARY_IMPL(haste, CompositeExplicitAutograd, library) {
  library.impl("packed_query_key", &packedQueryKey);
  library.impl("packed_query_key_backward", &packedQueryKeyBackward);
}

}  // namespace haste
