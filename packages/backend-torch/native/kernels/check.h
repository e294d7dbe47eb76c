// What the kernels ask of their arguments. Each check throws c10::Error, naming operator, argument and what it got.
#pragma once
#include <ATen/ATen.h>

#include "simd.h"

namespace haste {

/** An argument, and what to call it: "haste::gelu: x". */
struct Argument {
  const char* op;
  const char* name;
  const at::Tensor& tensor;
};

inline void checkFloat(const Argument& x) {
  const at::ScalarType type = x.tensor.scalar_type();
  TORCH_CHECK(type == at::kFloat, x.op, ": ", x.name, " must be float32, not ", type, ".");
}

/** An activation: float32, or bfloat16 where a run stores them so. */
inline void checkActivation(const Argument& x) {
  const at::ScalarType type = x.tensor.scalar_type();
  const bool fits = type == at::kFloat || type == at::kBFloat16;
  TORCH_CHECK(fits, x.op, ": ", x.name, " must be float32 or bfloat16, not ", type, ".");
}

inline void checkShape(const Argument& x, at::IntArrayRef shape, const char* reason) {
  TORCH_CHECK(x.tensor.sizes() == shape, x.op, ": ", x.name, " has shape ", x.tensor.sizes(), ", but ", reason,
              " makes it ", shape, ".");
}

inline void checkDimensions(const Argument& x, int64_t dimensions) {
  TORCH_CHECK(x.tensor.dim() == dimensions, x.op, ": ", x.name, " must have ", dimensions, " axes, but its shape is ",
              x.tensor.sizes(), ".");
}

/** Calls f(pointer) with a pointer to the elements, float* or Half*. */
template <class F>
void withElements(const at::Tensor& x, const F& f) {
  if (x.scalar_type() == at::kBFloat16) f(x.data_ptr<Half>());
  else f(x.data_ptr<float>());
}

/** The elements of a tensor whose type is known to be that of the pointer. */
template <class T>
T* elementsLike(const T*, const at::Tensor& x) {
  return x.data_ptr<T>();
}

}  // namespace haste
