// GELU, x·Φ(x), and its gradient: Φ exact (erf), or by the tanh approximation, which is a logistic function:
// ½·(1 + tanh u) = logistic(2u). One pass over memory; aten's eager composition of the gradient makes several.
#include <torch/library.h>

#include "check.h"
#include "math.h"
#include "parallel.h"

namespace haste {
namespace {

/** 2u = x·(k + k·0.044715·x²), k = 2·√(2/π). */
constexpr float kLinear = 1.59576912f;
constexpr float kCubic = 0.0713548163f;

struct Tanh {
  static HASTE_INLINE float value(float x) { return x * logistic(x * (kLinear + kCubic * (x * x))).value; }
  static HASTE_INLINE float slope(float x) {
    const float square = x * x;
    const Logistic gate = logistic(x * (kLinear + kCubic * square));
    return gate.value + x * gate.slope * (kLinear + 3.0f * kCubic * square);
  }
};

struct Erf {
  static HASTE_INLINE float value(float x) { return x * normal(x).cumulative; }
  static HASTE_INLINE float slope(float x) {
    const Normal gate = normal(x);
    return gate.cumulative + x * gate.density;
  }
};

template <class Form, class T>
HASTE_VECTORS void forward(const T* x, T* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) store(out[i], Form::value(load(x[i])));
}

template <class Form, class T>
HASTE_VECTORS void backward(const T* dy, const T* x, T* dx, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) store(dx[i], load(dy[i]) * Form::slope(load(x[i])));
}

/** Any shape; float32 or bfloat16, as the result. */
at::Tensor gelu(const at::Tensor& x_, bool tanh) {
  checkActivation({"haste::gelu", "x", x_});
  const at::Tensor x = x_.contiguous();
  const at::Tensor out = at::empty_like(x);
  withElements(x, [&](auto* from) {
    auto* to = elementsLike(from, out);
    forPieces(x.numel(), kPiece, [&](int64_t begin, int64_t end) {
      if (tanh) forward<Tanh>(from + begin, to + begin, end - begin);
      else forward<Erf>(from + begin, to + begin, end - begin);
    });
  });
  return out;
}

/** The gradient of x, of its shape and type. */
at::Tensor geluBackward(const at::Tensor& dy_, const at::Tensor& x_, bool tanh) {
  checkActivation({"haste::gelu_backward", "x", x_});
  checkActivation({"haste::gelu_backward", "dy", dy_});
  checkShape({"haste::gelu_backward", "dy", dy_}, x_.sizes(), "x");
  const at::Tensor x = x_.contiguous();
  const at::Tensor dy = dy_.to(x.scalar_type()).contiguous();
  const at::Tensor dx = at::empty_like(x);
  withElements(x, [&](auto* from) {
    const auto* gradient = elementsLike(from, dy);
    auto* to = elementsLike(from, dx);
    forPieces(x.numel(), kPiece, [&](int64_t begin, int64_t end) {
      if (tanh) backward<Tanh>(gradient + begin, from + begin, to + begin, end - begin);
      else backward<Erf>(gradient + begin, from + begin, to + begin, end - begin);
    });
  });
  return dx;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("gelu(Tensor x, bool tanh) -> Tensor");
  library.def("gelu_backward(Tensor dy, Tensor x, bool tanh) -> Tensor");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("gelu", &gelu);
  library.impl("gelu_backward", &geluBackward);
}

}  // namespace haste
