// The gradients of a linear layer on the matrix unit.
#pragma once
#include <ATen/ATen.h>

#include <tuple>

namespace haste {
namespace amx {

/**
 * dx = dy·weight, dWeight = dyᵀ·x and, if asked for, dBias = Σ dy, of float32 dy [N, O], x [N, I], weight [O, I], all dense:
 * as exact as matmul.h. dy is read once for all three. For sizes that are worth packing.
 */
std::tuple<at::Tensor, at::Tensor, at::Tensor> linearBackward(const at::Tensor& dy_NO, const at::Tensor& x_NI,
                                                              const at::Tensor& weight_OI, bool withBias);

}  // namespace amx
}  // namespace haste
