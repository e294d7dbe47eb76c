// One AdamW step of all parameters in one pass over memory: seven streams of it, which is all the time this takes.
#include <torch/library.h>

#include <cmath>

#include "parameters.h"

namespace haste {
namespace {

/** Of one step, the same for every element. */
struct Factors {
  float gradScale;
  /** 1 − β₁, β₂, 1 − β₂. */
  float newM, oldV, newV;
  /** √(1 − β₂ᵏ) and eps of the divisor; lr / (1 − β₁ᵏ) of the update, of step k. */
  float rootCorrection, eps, rate;
  /** 1 − lr·weight decay. */
  float decay;
};

Factors factorsOf(double lr, double beta1, double beta2, double eps, double weightDecay, double k,
                  float gradScale) {
  const auto single = [](double x) { return static_cast<float>(x); };
  return {gradScale,
          single(1 - beta1),
          single(beta2),
          single(1 - beta2),
          single(std::sqrt(1 - std::pow(beta2, k))),
          single(eps),
          single(lr / (1 - std::pow(beta1, k))),
          single(1 - lr * weightDecay)};
}

HASTE_VECTORS void update(float* param, const float* grad, float* m, float* v, int64_t count, Factors f) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) {
    const float g = grad[i] * f.gradScale;
    m[i] = m[i] + (g - m[i]) * f.newM;
    v[i] = v[i] * f.oldV + g * g * f.newV;
    param[i] = param[i] * f.decay - m[i] / (std::sqrt(v[i]) / f.rootCorrection + f.eps) * f.rate;
  }
}

float numberOf(const char* name, const at::Tensor& scalar) {
  checkFloat({"haste::adamw_", name, scalar});
  checkShape({"haste::adamw_", name, scalar}, {}, "being one number for all parameters");
  return *scalar.data_ptr<float>();
}

/**
 * torch.optim.AdamW: decoupled decay first, eps outside the root. All float32; params, m and v contiguous, written in
 * place. What changes from step to step is a scalar tensor, so that the call is the same.
 * @param count of this step, from 1.
 * @param gradScale multiplies every gradient first: the factor of clipping.
 */
void adamw(at::TensorList params, at::TensorList grads, at::TensorList m, at::TensorList v, const at::Tensor& lr,
           const at::Tensor& count, double beta1, double beta2, double eps, double weightDecay,
           const c10::optional<at::Tensor>& gradScale) {
  const char* op = "haste::adamw_";
  checkLike(op, "grads", grads, params);
  checkLike(op, "m", m, params);
  checkLike(op, "v", v, params);
  const Elements param = Elements::written(op, "params", params), grad = Elements::read(op, "grads", grads);
  const Elements first = Elements::written(op, "m", m), second = Elements::written(op, "v", v);
  const float scale = gradScale && gradScale->defined() ? numberOf("grad_scale", *gradScale) : 1.0f;
  const Factors factors =
      factorsOf(numberOf("lr", lr), beta1, beta2, eps, weightDecay, numberOf("count", count), scale);
  const std::vector<Piece> pieces = piecesOf(params);
  forPieces(pieces.size(), 1, [&](int64_t i, int64_t) {
    const Piece& piece = pieces[i];
    update(param[piece], grad[piece], first[piece], second[piece], piece.count(), factors);
  });
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def(
      "adamw_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] m, Tensor(c!)[] v, Tensor lr, Tensor count, float beta1, "
      "float beta2, float eps, float weight_decay, Tensor? grad_scale) -> ()");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("adamw_", &adamw); }

}  // namespace haste
