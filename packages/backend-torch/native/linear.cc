// A linear layer and its gradient, one call each. N rows (all leading axes), I inputs, O outputs.
#include <ATen/ATen.h>
#include <torch/library.h>

#include "amx/linear_backward.h"
#include "amx/matmul.h"
#include "products.h"

namespace haste {
namespace {

using MaybeTensor = c10::optional<at::Tensor>;

at::Tensor asRows(const at::Tensor& x) { return x.dim() == 2 ? x : x.reshape({-1, x.size(-1)}); }

/** x [..., I]·weightᵀ [O, I] + bias [O]: [..., O]. */
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const MaybeTensor& bias, int64_t product) {
  TORCH_CHECK(x.dim() > 0 && weight.dim() == 2 && x.size(-1) == weight.size(1), "haste::linear: an input of shape ",
              x.sizes(), " and a weight of shape ", weight.sizes(), " do not fit together.");
  const at::Tensor out = multiply(asRows(x), weight.t(), bias, static_cast<Product>(product));
  if (x.dim() == 2) return out;
  std::vector<int64_t> shape(x.sizes().begin(), x.sizes().end());
  shape.back() = weight.size(0);
  return out.view(shape);
}

/**
 * Gradients of x (in dy's dtype), weight and bias (in float32, whatever the activations are).
 * @return the third is undefined without a bias.
 */
std::tuple<at::Tensor, at::Tensor, at::Tensor> linearBackward(const at::Tensor& dy, const at::Tensor& x,
                                                              const at::Tensor& weight, bool withBias, int64_t product) {
  const at::Tensor dy_NO = asRows(dy);
  const at::Tensor x_NI = asRows(x);
  TORCH_CHECK(dy_NO.size(0) == x_NI.size(0) && dy_NO.size(1) == weight.size(0) && x_NI.size(1) == weight.size(1),
              "haste::linear_backward: dy ", dy.sizes(), ", x ", x.sizes(), " and weight ", weight.sizes(),
              " do not fit together.");
  const auto by = static_cast<Product>(product);
  const bool onMatrixUnit = by == Product::matrixUnit && dy.scalar_type() == at::kFloat &&
                            amx::worthPacking(dy_NO.size(0), dy_NO.size(1), x_NI.size(1));
  if (onMatrixUnit) {
    auto gradients = amx::linearBackward(dy_NO.contiguous(), x_NI.contiguous(), weight.contiguous(), withBias);
    std::get<0>(gradients) = std::get<0>(gradients).view(x.sizes());
    return gradients;
  }
  const at::Tensor dx = multiply(dy_NO, weight, {}, by).view(x.sizes());
  const at::Tensor dWeight = multiply(dy_NO.t(), x_NI, {}, by).to(at::kFloat);
  return {dx, dWeight, withBias ? at::sum(dy_NO, {0}, /*keepdim=*/false, at::kFloat) : at::Tensor()};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("linear(Tensor x, Tensor weight, Tensor? bias, int product) -> Tensor");
  library.def("linear_backward(Tensor dy, Tensor x, Tensor weight, bool bias, int product) -> (Tensor, Tensor, Tensor)");
}
// Compositions of libtorch's operators: on every device.
TORCH_LIBRARY_IMPL(haste, CompositeExplicitAutograd, library) {
  library.impl("linear", &linear);
  library.impl("linear_backward", &linearBackward);
}

}  // namespace haste
