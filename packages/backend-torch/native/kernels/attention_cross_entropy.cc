// HASTE's attention alignment: −mean over heads and query rows of Σ softmax(At)·logsoftmax(As), A = q·kᵀ·d^−½, As the
// student's map and At the teacher's. Its gradient is softmax(As) − softmax(At) times constants, which the loss has in
// hand anyway: both can be had for one forming of the maps.
// A thread takes a head, a band of query rows at a time: of a map, no more than a band is ever in memory.
// N heads of all images, T tokens, d head size of the student, e of the teacher.
#include <torch/library.h>

#include <cmath>
#include <limits>
#include <vector>

#include "check.h"
#include "math.h"
#include "parallel.h"
#include "small_product.h"

namespace haste {
namespace {

/** Query rows at a time: two bands of 256 keys are 128 KiB. */
constexpr int64_t kBand = 64;

HASTE_INLINE float largest(const float* x, int64_t count) {
  float most = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : most)
  for (int64_t i = 0; i < count; i++) most = most < x[i] ? x[i] : most;
  return most;
}

/**
 * The cross entropy of one row: logsumexp(As) − Σ softmax(At)·As.
 * @param student, teacher logits before scaling; student becomes (softmax(As) − softmax(At))·factor, teacher is lost.
 */
HASTE_VECTORS float rowEntropy(float* student, float* teacher, int64_t T, float studentScale, float teacherScale,
                               float factor) {
  const float mostS = largest(student, T);
  const float mostT = largest(teacher, T);
  float sumS = 0.0f, sumT = 0.0f, cross = 0.0f;
#pragma omp simd reduction(+ : sumS, sumT, cross)
  for (int64_t i = 0; i < T; i++) {
    const float below = (student[i] - mostS) * studentScale;
    const float s = exponential(below);
    const float t = exponential((teacher[i] - mostT) * teacherScale);
    sumS += s;
    sumT += t;
    cross += t * below;
    student[i] = s;
    teacher[i] = t;
  }
  const float shareS = factor / sumS;
  const float shareT = factor / sumT;
#pragma omp simd
  for (int64_t i = 0; i < T; i++) student[i] = student[i] * shareS - teacher[i] * shareT;
  return std::log(sumS) - cross / sumT;
}

struct Sizes {
  int64_t N, T, d, e;
};

/** The queries and keys of one head, [T, d] and [T, e], and where their gradients go, [T, d]; null if nobody asks. */
struct Head {
  const float *qs, *ks, *qt, *kt;
  float *dq, *dk;
};

/** The memory of one thread, and what it does with it. */
class Maps {
 public:
  /** @param factor of the gradients of logits. */
  Maps(const Sizes& sizes, float factor)
      : n_(sizes),
        factor_(factor),
        band_(std::min(kBand, n_.T)),
        held_(at::empty({n_.T * (2 * band_ + 3 * n_.d + n_.e)}, at::kFloat)),
        student_(held_.data_ptr<float>()),
        teacher_(student_ + band_ * n_.T),
        teacherKeys_eT_(teacher_ + band_ * n_.T),
        keys_dT_(teacherKeys_eT_ + n_.e * n_.T),
        queries_dT_(keys_dT_ + n_.d * n_.T),
        dk_dT_(queries_dT_ + n_.d * n_.T) {}
  ~Maps() { endProducts(); }
  Maps(const Maps&) = delete;
  Maps& operator=(const Maps&) = delete;

  /** The sum of the cross entropies of a head's rows; its gradient too if asked. */
  double head(const Head& head) {
    transpose({head.ks, n_.T, n_.d, n_.d}, keys_dT_);
    transpose({head.kt, n_.T, n_.e, n_.e}, teacherKeys_eT_);
    if (head.dq) transpose({head.qs, n_.T, n_.d, n_.d}, queries_dT_);
    double sum = 0.0;
    for (int64_t from = 0; from < n_.T; from += band_) sum += band(head, from, std::min(band_, n_.T - from));
    if (head.dk) transpose({dk_dT_, n_.d, n_.T, n_.T}, head.dk);
    return sum;
  }

 private:
  double band(const Head& head, int64_t from, int64_t rows) {
    const int64_t T = n_.T, d = n_.d, e = n_.e;
    const float scale = scaleOf(d), teacherScale = scaleOf(e);
    multiply({head.qs + from * d, rows, d, d}, {keys_dT_, d, T, T}, student_, T, false);
    multiply({head.qt + from * e, rows, e, e}, {teacherKeys_eT_, e, T, T}, teacher_, T, false);
    double sum = 0.0;
    for (int64_t row = 0; row < rows; row++) {
      sum += rowEntropy(student_ + row * T, teacher_ + row * T, T, scale, teacherScale, scale * factor_);
    }
    if (head.dq) {
      multiply({student_, rows, T, T}, {head.ks, T, d, d}, head.dq + from * d, d, false);
      multiply({queries_dT_ + from, d, rows, T}, {student_, rows, T, T}, dk_dT_, T, from > 0);
    }
    return sum;
  }

  static float scaleOf(int64_t size) { return 1.0f / std::sqrt(static_cast<float>(size)); }

  Sizes n_;
  float factor_;
  int64_t band_;
  at::Tensor held_;
  float *student_, *teacher_, *teacherKeys_eT_, *keys_dT_, *queries_dT_, *dk_dT_;
};

Sizes sizesOf(const char* op, const at::Tensor& qs, const at::Tensor& ks, const at::Tensor& qt, const at::Tensor& kt) {
  for (const Argument& x : {Argument{op, "qs", qs}, {op, "ks", ks}, {op, "qt", qt}, {op, "kt", kt}}) {
    checkFloat(x);
    checkDimensions(x, 3);
  }
  const Sizes sizes{qs.size(0), qs.size(1), qs.size(2), qt.size(2)};
  checkShape({op, "ks", ks}, qs.sizes(), "qs");
  checkShape({op, "qt", qt}, {sizes.N, sizes.T, sizes.e}, "qs [N, T, d]");
  checkShape({op, "kt", kt}, qt.sizes(), "qt");
  return sizes;
}

/** Undefined where no gradient is asked for. */
struct Gradients {
  at::Tensor qs, ks;
  static Gradients like(const at::Tensor& x) {
    return {at::empty(x.sizes(), x.options()), at::empty(x.sizes(), x.options())};
  }
};

/** The loss; writes the gradients [N, T, d] for dy. */
float crossEntropy(const Sizes& n, const at::Tensor& qs_, const at::Tensor& ks_, const at::Tensor& qt_,
                   const at::Tensor& kt_, float dy, const Gradients& gradients) {
  const at::Tensor qs = qs_.contiguous(), ks = ks_.contiguous(), qt = qt_.contiguous(), kt = kt_.contiguous();
  std::vector<double> sums(n.N);
  const double rows = static_cast<double>(n.N * n.T);
  at::parallel_for(0, n.N, 1, [&](int64_t begin, int64_t end) {
    Maps maps(n, static_cast<float>(dy / rows));
    for (int64_t i = begin; i < end; i++) {
      const auto ofHead = [i](const at::Tensor& x) {
        return x.defined() ? x.data_ptr<float>() + i * x.size(1) * x.size(2) : nullptr;
      };
      sums[i] = maps.head({ofHead(qs), ofHead(ks), ofHead(qt), ofHead(kt), ofHead(gradients.qs), ofHead(gradients.ks)});
    }
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return static_cast<float>(total / rows);
}

/** qs, ks [N, T, d]; qt, kt [N, T, e]; float32 → scalar. */
at::Tensor attentionCrossEntropy(const at::Tensor& qs, const at::Tensor& ks, const at::Tensor& qt,
                                 const at::Tensor& kt) {
  const Sizes sizes = sizesOf("haste::attention_cross_entropy", qs, ks, qt, kt);
  return at::scalar_tensor(crossEntropy(sizes, qs, ks, qt, kt, 1.0f, {}), qs.options());
}

/** dy scalar → gradients of qs and ks, [N, T, d]. */
std::tuple<at::Tensor, at::Tensor> attentionCrossEntropyBackward(const at::Tensor& dy, const at::Tensor& qs,
                                                                 const at::Tensor& ks, const at::Tensor& qt,
                                                                 const at::Tensor& kt) {
  const char* op = "haste::attention_cross_entropy_backward";
  const Sizes sizes = sizesOf(op, qs, ks, qt, kt);
  checkFloat({op, "dy", dy});
  checkShape({op, "dy", dy}, {}, "the loss");
  const Gradients gradients = Gradients::like(qs);
  crossEntropy(sizes, qs, ks, qt, kt, *dy.data_ptr<float>(), gradients);
  return {gradients.qs, gradients.ks};
}

/** The loss, and the gradients of qs and ks for dy = 1. */
std::tuple<at::Tensor, at::Tensor, at::Tensor> attentionCrossEntropyWithGradient(const at::Tensor& qs,
                                                                                 const at::Tensor& ks,
                                                                                 const at::Tensor& qt,
                                                                                 const at::Tensor& kt) {
  const Sizes sizes = sizesOf("haste::attention_cross_entropy_with_gradient", qs, ks, qt, kt);
  const Gradients gradients = Gradients::like(qs);
  const float loss = crossEntropy(sizes, qs, ks, qt, kt, 1.0f, gradients);
  return {at::scalar_tensor(loss, qs.options()), gradients.qs, gradients.ks};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("attention_cross_entropy(Tensor qs, Tensor ks, Tensor qt, Tensor kt) -> Tensor");
  library.def(
      "attention_cross_entropy_backward(Tensor dy, Tensor qs, Tensor ks, Tensor qt, Tensor kt) -> (Tensor, Tensor)");
  library.def(
      "attention_cross_entropy_with_gradient(Tensor qs, Tensor ks, Tensor qt, Tensor kt) -> (Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("attention_cross_entropy", &attentionCrossEntropy);
  library.impl("attention_cross_entropy_backward", &attentionCrossEntropyBackward);
  library.impl("attention_cross_entropy_with_gradient", &attentionCrossEntropyWithGradient);
}

}  // namespace haste
