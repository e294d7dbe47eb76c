// Products of two matrices, by whatever is fastest for float32 on this machine.
#pragma once
#include <ATen/ATen.h>

namespace haste {

/** How float32 products are computed. src/fused/products.ts chooses once a process, so that the bits stay the same. */
enum class Product : int64_t {
  /** aten::mm: MKL on the CPU, cuBLAS on a GPU. */
  plain = 0,
  /** oneDNN's own, for processors on which MKL is slow. */
  oneDnn = 1,
  /** Three products of bfloat16 on the matrix unit (amx/matmul.cc). */
  matrixUnit = 2,
};

/** a [M, K]·b [K, N] + bias [N], all of one dtype; bfloat16 always goes to libtorch's own product. */
at::Tensor multiply(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias, Product product);

}  // namespace haste
