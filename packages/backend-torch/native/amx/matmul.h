// Products of float32 matrices on a matrix unit for bfloat16. With a = a₁ + a₂ and b = b₁ + b₂, a·b ≈ a₁·b₁ + a₁·b₂ + a₂·b₁,
// summed in float32: what is left out is below 2⁻¹⁶ of each product, a hundred times less than TF32 leaves out, at about
// three times the speed of float32 arithmetic. (PyTorch offers the same trade as float32 matmul precision "high".)
#pragma once
#include <ATen/ATen.h>

namespace haste {
namespace amx {

/** Whether there is a matrix unit and the product is large enough for it. */
bool worthPacking(int64_t rows, int64_t depth, int64_t columns);

/**
 * a·b + bias for float32 a [M, K], b [K, N], bias [N], in any layout. Small products, and all where there is no matrix
 * unit, are left to libtorch; of the others an element's error is at most 2⁻¹⁶·Σ|aₖ·bₖ|.
 */
at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias);

}  // namespace amx
}  // namespace haste
