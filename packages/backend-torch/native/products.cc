#include "products.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "amx/matmul.h"

namespace haste {
namespace {

using Pointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const c10::optional<at::Tensor>&, c10::string_view,
                             c10::List<c10::optional<at::Scalar>>, c10::optional<c10::string_view>);

/** x·weightᵀ + bias by oneDNN; libtorch before 2.0 has no such operator. */
c10::optional<c10::OperatorHandle> oneDnnLinear() {
  static const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found;
}

at::Tensor byOneDnn(const c10::OperatorHandle& op, const at::Tensor& a, const at::Tensor& b,
                    const c10::optional<at::Tensor>& bias) {
  torch::jit::Stack stack;
  stack.emplace_back(a);
  stack.emplace_back(b.t());
  stack.emplace_back(bias);
  stack.emplace_back("none");
  stack.emplace_back(c10::List<c10::optional<at::Scalar>>());
  stack.emplace_back("");
  op.callBoxed(stack);
  return std::move(stack[0]).toTensor();
}

}  // namespace

at::Tensor multiply(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias, Product product) {
  const bool float32 = a.scalar_type() == at::kFloat;
  if (float32 && product == Product::matrixUnit) return amx::matmul(a, b, bias);
  if (float32 && product == Product::oneDnn) {
    if (const auto op = oneDnnLinear()) return byOneDnn(*op, a, b, bias);
  }
  return bias && bias->defined() ? at::addmm(*bias, a, b) : at::mm(a, b);
}

}  // namespace haste
