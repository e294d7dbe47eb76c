// Attention by the fused operators of libtorch's devices. Each has state of its own for its gradient and another signature;
// here they look alike, and give tensors only, so that a step with them can be recorded.
// B batch, H heads, T query tokens, S key tokens, d head size.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <array>
#include <cmath>

#include "version.h"

namespace haste {
namespace {

/** Output, log-sum-exp in the operator's own layout, and the state of its random numbers, of which none is used. */
using Forward = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>;
using Backward = std::tuple<at::Tensor, at::Tensor, at::Tensor>;
using MaybeTensor = c10::optional<at::Tensor>;

#if HASTE_TORCH_AT_LEAST(2, 2)
/** Vector loads of the CUDA operators take this many elements of a head. */
constexpr int64_t kAlignment = 8;
/** Flash attention's longest head. */
constexpr int64_t kLongestHead = 256;

/** Heads with zeros behind them, which change neither logits nor sums. A head of SiT has 64 or 72 elements and stays as it is. */
at::Tensor aligned(const at::Tensor& x) {
  const int64_t excess = x.size(-1) % kAlignment;
  if (excess != 0) return at::constant_pad_nd(x, {0, kAlignment - excess});
  return x.stride(-1) == 1 ? x : x.contiguous();
}

/** Without those zeros again. */
at::Tensor cut(const at::Tensor& x, int64_t d) { return x.size(-1) == d ? x : x.narrow(-1, 0, d); }

/** Flash attention has no float32; the memory-efficient one takes everything else. */
bool byFlash(const at::Tensor& q) {
  const bool half = q.scalar_type() == at::kBFloat16 || q.scalar_type() == at::kHalf;
  return half && q.size(-1) <= kLongestHead;
}

Forward deviceAttention(const at::Tensor& q_, const at::Tensor& k_, const at::Tensor& v_) {
  const int64_t d = q_.size(-1);
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  const at::Tensor q = aligned(q_), k = aligned(k_), v = aligned(v_);
  if (q.is_cpu()) {
    const auto [out, lse] = at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, false, {}, scale);
    return {cut(out, d), lse, at::Tensor(), at::Tensor()};
  }
  if (byFlash(q)) {
    auto all = at::_scaled_dot_product_flash_attention(q, k, v, 0.0, false, false, scale);
    return {cut(std::get<0>(all), d), std::get<1>(all), std::get<6>(all), std::get<7>(all)};
  }
  const auto [out, lse, seed, offset] =
      at::_scaled_dot_product_efficient_attention(q, k, v, {}, /*compute_log_sumexp=*/true, 0.0, false, scale);
  return {cut(out, d), lse, seed, offset};
}

Backward deviceAttentionBackward(const at::Tensor& dy_, const at::Tensor& q_, const at::Tensor& k_, const at::Tensor& v_,
                                 const at::Tensor& out_, const at::Tensor& lse, const MaybeTensor& seed_,
                                 const MaybeTensor& offset_) {
  const int64_t d = q_.size(-1);
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  const at::Tensor dy = aligned(dy_), q = aligned(q_), k = aligned(k_), v = aligned(v_), out = aligned(out_);
  const at::Tensor seed = seed_.value_or(at::Tensor()), offset = offset_.value_or(at::Tensor());
  const auto whole = [&](const auto& gradients) -> Backward {
    return {cut(std::get<0>(gradients), d), cut(std::get<1>(gradients), d), cut(std::get<2>(gradients), d)};
  };
  if (q.is_cpu()) {
    return whole(at::_scaled_dot_product_flash_attention_for_cpu_backward(dy, q, k, v, out, lse, 0.0, false, {}, scale));
  }
  if (byFlash(q)) {
    const at::Tensor dense;  // No sequences of different lengths.
    return whole(at::_scaled_dot_product_flash_attention_backward(dy, q, k, v, out, lse, dense, dense, q.size(2), k.size(2),
                                                                  0.0, false, seed, offset, scale));
  }
  const std::array<bool, 4> wanted{true, true, true, false};
  return whole(at::_scaled_dot_product_efficient_attention_backward(dy, q, k, v, at::Tensor(), out, lse, seed, offset, 0.0,
                                                                    wanted, false, scale));
}
#else
Forward deviceAttention(const at::Tensor&, const at::Tensor&, const at::Tensor&) {
  TORCH_CHECK(false, "haste::device_attention needs libtorch 2.2 or newer.");
}

Backward deviceAttentionBackward(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                 const at::Tensor&, const at::Tensor&, const MaybeTensor&, const MaybeTensor&) {
  TORCH_CHECK(false, "haste::device_attention_backward needs libtorch 2.2 or newer.");
}
#endif

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("device_attention(Tensor q, Tensor k, Tensor v) -> (Tensor, Tensor, Tensor, Tensor)");
  library.def(
      "device_attention_backward(Tensor dy, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Tensor? seed,"
      " Tensor? offset) -> (Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CompositeExplicitAutograd, library) {
  library.impl("device_attention", &deviceAttention);
  library.impl("device_attention_backward", &deviceAttentionBackward);
}

}  // namespace haste
