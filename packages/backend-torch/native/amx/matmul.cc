#include "matmul.h"

#include <torch/library.h>

#include <algorithm>

#include "product.h"

namespace haste {
#ifdef HASTE_AMX
namespace amx {
namespace {

bool oneAxisContiguous(const at::Tensor& x) { return x.stride(0) == 1 || x.stride(1) == 1; }

at::Tensor paddedBias(const c10::optional<at::Tensor>& bias, int64_t columns, int64_t blocks) {
  if (!bias || !bias->defined()) return {};
  if (columns == blocks * kBlock) return bias->contiguous();
  at::Tensor padded = at::zeros({blocks * kBlock}, bias->options());
  padded.narrow(0, 0, columns).copy_(*bias);
  return padded;
}

at::Tensor onMatrixUnit(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
  const Packed left(oneAxisContiguous(a) ? a : a.contiguous(), Side::left);
  const at::Tensor columns = b.t();
  const Packed right(oneAxisContiguous(columns) ? columns : columns.contiguous(), Side::right);
  at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
  const at::Tensor biases = paddedBias(bias, b.size(1), right.blocks());
  const Product product{left, right, biases.defined() ? biases.data_ptr<float>() : nullptr, out.data_ptr<float>(),
                        a.size(0), b.size(1)};
  product.run();
  return out;
}

}  // namespace
}  // namespace amx
#endif

namespace amx {

bool worthPacking(int64_t rows, int64_t depth, int64_t columns) {
#ifdef HASTE_AMX
  const bool large = std::min({rows, depth, columns}) >= kSide && rows * depth * columns >= int64_t{1} << 19;
  return large && amxAvailable();
#else
  return false;
#endif
}

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const c10::optional<at::Tensor>& bias) {
#ifdef HASTE_AMX
  if (worthPacking(a.size(0), a.size(1), b.size(1))) return onMatrixUnit(a, b, bias);
#endif
  return bias && bias->defined() ? at::addmm(*bias, a, b) : at::mm(a, b);
}

}  // namespace amx

TORCH_LIBRARY_FRAGMENT(haste, library) { library.def("amx_available() -> bool", &amxAvailable); }

}  // namespace haste
